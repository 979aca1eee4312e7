// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A spec written by hand: the running sum  h_t = h_{t-1} + x_t,  y_t = h_t  over [B,T,4], with C kernels in place of
// compiled ones, so that conditions, grids, splits, buffers and scratch of the runtime are tested on real numbers.

#ifndef MIXC_TEST_UNIT_RUNTIME_TOYSPEC_H
#define MIXC_TEST_UNIT_RUNTIME_TOYSPEC_H

#include "mixc/runtime/descriptor.h"

#include <cstdlib>
#include <cstring>
#include <vector>

namespace toy {

constexpr int64_t P = 4, chunk = 4, rows = 8;
constexpr int64_t scratchBytes = 100;

enum Tensor { X, H0, Y, HT, numTensors };
enum Variant { scan, quadratic, numVariants };

// View of the kernels' parameter list.
struct Params {
  explicit Params(const int64_t *p) : B(p[0]), T(p[1]), splits(p[2]), span(p[3]), p(p) {}
  float *x(int64_t b, int64_t t, int64_t i) const { return at(10, {b, t, i}); }
  float *h0(int64_t b, int64_t i) const { return at(14, {b, i}); }
  float *y(int64_t b, int64_t t, int64_t i) const { return at(17, {b, t, i}); }
  float *hT(int64_t b, int64_t i) const { return at(21, {b, i}); }
  float *sums(int64_t b, int64_t s, int64_t i) const { return at(24, {b, s, i}); }   // of each segment
  float *starts(int64_t b, int64_t s, int64_t i) const { return at(28, {b, s, i}); } // state before each segment
  int64_t end(int64_t s) const { return (s + 1) * span < T ? (s + 1) * span : T; }

  int64_t B, T, splits, span;

private:
  float *at(int64_t first, std::vector<int64_t> index) const {
    if (!p[first])
      return nullptr;
    int64_t offset = 0;
    for (size_t d = 0; d < index.size(); ++d)
      offset += index[d] * p[first + 1 + static_cast<int64_t>(d)];
    return reinterpret_cast<float *>(p[first]) + offset;
  }
  const int64_t *p;
};

// Block b: what h0 holds, at the place of hT.
inline void copyStates(const int64_t *params, int64_t b, void *) {
  Params p(params);
  for (int64_t i = 0; i < P; ++i)
    if (p.h0(b, i) && p.hT(b, i))
      *p.hT(b, i) = *p.h0(b, i);
}

// Writes all of the scratch, so that memory checkers see a wrong address or two threads on the same one.
inline float *useScratch(void *scratch, int64_t block) {
  std::memset(scratch, static_cast<int>(block & 0xff), scratchBytes);
  float *state = static_cast<float *>(scratch);
  std::fill(state, state + P, 0.0f);
  return state;
}

// Block (b, s): the segment's sum from a zero start.
inline void segmentSums(const int64_t *params, int64_t block, void *scratch) {
  Params p(params);
  int64_t b = block / p.splits, s = block % p.splits;
  float *state = useScratch(scratch, block);
  for (int64_t t = s * p.span; t < p.end(s); ++t)
    for (int64_t i = 0; i < P; ++i)
      state[i] += *p.x(b, t, i);
  for (int64_t i = 0; i < P; ++i)
    *p.sums(b, s, i) = state[i];
}

// Block b: the state before each segment.
inline void scanSegments(const int64_t *params, int64_t b, void *) {
  Params p(params);
  for (int64_t i = 0; i < P; ++i) {
    float state = p.h0(b, i) ? *p.h0(b, i) : 0;
    for (int64_t s = 0; s < p.splits; ++s) {
      *p.starts(b, s, i) = state;
      state += *p.sums(b, s, i);
    }
  }
}

// Block (b, s): outputs, and the final state in the last segment.
inline void outputs(const int64_t *params, int64_t block, void *scratch) {
  Params p(params);
  int64_t b = block / p.splits, s = block % p.splits;
  float *state = useScratch(scratch, block);
  for (int64_t i = 0; i < P; ++i) {
    const float *start = p.splits > 1 ? p.starts(b, s, i) : p.h0(b, i);
    state[i] = start ? *start : 0;
    for (int64_t t = s * p.span; t < p.end(s); ++t)
      *p.y(b, t, i) = state[i] += *p.x(b, t, i);
    if (s == p.splits - 1 && p.hT(b, i))
      *p.hT(b, i) = state[i];
  }
}

// Block (b, r): every output of the row block from all tokens before it.
inline void quadraticRows(const int64_t *params, int64_t block, void *) {
  Params p(params);
  int64_t blocks = (p.T + rows - 1) / rows, b = block / blocks, r = block % blocks;
  for (int64_t t = r * rows; t < p.T && t < (r + 1) * rows; ++t)
    for (int64_t i = 0; i < P; ++i) {
      float sum = p.h0(b, i) ? *p.h0(b, i) : 0;
      for (int64_t s = 0; s <= t; ++s)
        sum += *p.x(b, s, i);
      *p.y(b, t, i) = sum;
    }
}

// Block b: the final state alone.
inline void quadraticState(const int64_t *params, int64_t b, void *) {
  Params p(params);
  for (int64_t i = 0; i < P; ++i) {
    float sum = p.h0(b, i) ? *p.h0(b, i) : 0;
    for (int64_t t = 0; t < p.T; ++t)
      sum += *p.x(b, t, i);
    *p.hT(b, i) = sum;
  }
}

inline mixc_machine makeMachine(mixc_device_kind kind, int32_t units) {
  mixc_machine m = {};
  m.name = "toy";
  m.copy_bandwidth = 1e11;
  m.unit_bandwidth = 1e10;
  m.matrix_rate_f32 = m.matrix_rate_tf32 = m.matrix_rate_half = 1e10;
  m.scalar_rate = m.special_rate = 1e9;
  m.launch_latency = 1e-6;
  m.memory_latency = 1e-7;
  m.kind = kind;
  m.units = units;
  return m;
}

inline mixc_tensor_desc makeTensor(const char *name, const char *dims, bool isResult, bool optional) {
  mixc_tensor_desc t = {};
  t.name = name;
  t.dims = dims;
  t.rank = static_cast<int32_t>(std::strlen(dims));
  for (int32_t d = 0; d < t.rank; ++d)
    t.sizes[d] = dims[d] == 'B' ? MIXC_DIM_B : dims[d] == 'T' ? MIXC_DIM_T : P;
  t.dtype = MIXC_F32;
  t.is_result = isResult;
  t.optional = optional;
  return t;
}

inline mixc_launch_desc makeLaunch(const char *symbol, mixc_cpu_kernel kernel, bool timesSplits, int32_t when) {
  mixc_launch_desc l = {};
  l.symbol = symbol;
  l.cpu[MIXC_CPU_V3] = kernel;
  l.blocks = 1;
  l.times_batch = 1;
  l.times_splits = timesSplits;
  l.when = when;
  l.state_results = uint64_t(1) << HT;
  l.scratch_bytes = kernel == segmentSums || kernel == outputs ? scratchBytes : 0;
  l.threads = 32;
  return l;
}

// The descriptor and all that it points to. Members may be changed before the first call.
struct Spec {
  explicit Spec(mixc_device_kind kind = MIXC_DEVICE_CPU) {
    tensors = {makeTensor("x", "BTP", false, false), makeTensor("h0", "BP", false, true), makeTensor("y", "BTP", true, false),
               makeTensor("hT", "BP", true, true)};
    tensors[H0].slots = tensors[HT].slots = 1;
    scanLaunches = {makeLaunch("toy_sums", segmentSums, true, MIXC_WHEN_SPLIT),
                    makeLaunch("toy_scan", scanSegments, false, MIXC_WHEN_SPLIT),
                    makeLaunch("toy_outputs", outputs, true, MIXC_WHEN_ALWAYS)};
    quadraticLaunches = {makeLaunch("toy_rows", quadraticRows, false, MIXC_WHEN_ALWAYS),
                         makeLaunch("toy_state", quadraticState, false, MIXC_WHEN_STATE)};
    quadraticLaunches[0].rows = rows;
    mixc_buffer_desc segments = {{MIXC_DIM_B, MIXC_DIM_SPLITS, P}, 3, 1};
    buffers = {segments, segments};
    variants.resize(numVariants);
    fill(variants[scan], "scan4", "scan", kind, scanLaunches, buffers, 16);
    fill(variants[quadratic], "quadratic", "quadratic", kind, quadraticLaunches, {}, 1);
    variants[scan].cost.scalar_token = P;
    variants[scan].cost.launches = 1;
    variants[scan].cost.split_launches = 3;
    variants[scan].cost.split_work = 1;
    variants[scan].cost.step_latency = 1e-6;
    variants[quadratic].cost.scalar_pair = P;
    variants[quadratic].cost.rows = rows;
    variants[quadratic].cost.launches = 1;
    machine = makeMachine(kind, 4);
    desc.abi_version = MIXC_ABI_VERSION;
    desc.name = "toy";
    desc.n_tensors = numTensors;
    desc.n_args = Y;
    desc.n_variants = numVariants;
    desc.tensors = tensors.data();
    desc.variants = variants.data();
    (kind == MIXC_DEVICE_CPU ? desc.cpu_machine : desc.cuda_machine) = &machine;
    desc.cache = &cache;
  }
  Spec(const Spec &) = delete;
  ~Spec() { std::free(cache); }

  // hT may take the place of h0, which is copied before. Of the scan alone.
  void copyBefore() {
    tensors[HT].in_place = H0 + 1;
    tensors[HT].copied = 1;
    scanLaunches.insert(scanLaunches.begin(), makeLaunch("toy_copy", copyStates, false, MIXC_WHEN_COPIED));
    variants[scan].launches = scanLaunches.data();
    variants[scan].n_launches = static_cast<int32_t>(scanLaunches.size());
  }

  // Columns become heads, of which a call may have any number, in bands of two.
  void freeHeads() {
    desc.heads = 2;
    desc.free_heads = 1;
    for (mixc_tensor_desc &tensor : tensors) {
      tensor.banded = tensor.rank;
      tensor.sizes[tensor.rank - 1] = 2;
    }
    for (mixc_buffer_desc &buffer : buffers) {
      buffer.banded = buffer.rank;
      buffer.sizes[buffer.rank - 1] = 2;
    }
    for (std::vector<mixc_launch_desc> *launches : {&scanLaunches, &quadraticLaunches})
      for (mixc_launch_desc &launch : *launches)
        launch.times_bands = 1;
  }

  std::vector<mixc_tensor_desc> tensors;
  std::vector<mixc_launch_desc> scanLaunches, quadraticLaunches;
  std::vector<mixc_buffer_desc> buffers;
  std::vector<mixc_variant_desc> variants;
  std::vector<mixc_image_desc> images;
  mixc_machine machine = {};
  mixc_spec_desc desc = {};
  void *cache = nullptr;

private:
  static void fill(mixc_variant_desc &v, const char *name, const char *algorithm, mixc_device_kind kind,
                   const std::vector<mixc_launch_desc> &launches, const std::vector<mixc_buffer_desc> &buffers, int64_t maxSplits) {
    v.name = name;
    v.algorithm = algorithm;
    v.launches = launches.data();
    v.n_launches = static_cast<int32_t>(launches.size());
    v.buffers = buffers.data();
    v.n_buffers = static_cast<int32_t>(buffers.size());
    v.chunk = chunk;
    v.max_splits = maxSplits;
    v.device = kind;
    v.arch = 80;
    v.cost.blocks = v.cost.blocks_per_unit = 1;
    v.cost.chunk = chunk;
  }
};

// Tensors of a call, contiguous unless changed; the values of x are small integers, so that sums are exact.
struct Call {
  Call(int64_t B, int64_t T) : x(size(B * T)), h0(size(B)), y(size(B * T), -1), hT(size(B), -1) {
    for (size_t i = 0; i < x.size(); ++i)
      x[i] = static_cast<float>(i * 7 % 11) - 5;
    for (size_t i = 0; i < h0.size(); ++i)
      h0[i] = static_cast<float>(i % 13);
    args.B = B;
    args.T = T;
    args.tensors[X].data = x.data();
    args.tensors[H0].data = h0.data();
    args.tensors[Y].data = y.data();
    args.tensors[HT].data = hT.data();
  }
  Call(const Call &) = delete;

  std::vector<float> expectedY() const {
    std::vector<float> out(x.size());
    for (int64_t b = 0; b < args.B; ++b)
      for (int64_t i = 0; i < P; ++i) {
        float state = args.tensors[H0].data ? h0[static_cast<size_t>(b * P + i)] : 0;
        for (int64_t t = 0; t < args.T; ++t) {
          size_t at = static_cast<size_t>((b * args.T + t) * P + i);
          out[at] = state += x[at];
        }
      }
    return out;
  }
  std::vector<float> expectedState() const {
    std::vector<float> out = args.tensors[H0].data ? h0 : std::vector<float>(h0.size());
    for (size_t at = 0; at < x.size(); ++at)
      out[at / static_cast<size_t>(args.T * P) * P + at % P] += x[at];
    return out;
  }

  std::vector<float> x, h0, y, hT;
  mixc_args args = {};

private:
  static size_t size(int64_t rows) { return static_cast<size_t>(rows * P); }
};

} // namespace toy

#endif // MIXC_TEST_UNIT_RUNTIME_TOYSPEC_H
