// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Problem.h"
#include "Driver.h"
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <thread>

namespace mixc::bench {
namespace {

size_t elementBytes(mixc_dtype dtype) { return dtype == MIXC_F32 ? 4 : 2; }

uint16_t toBf16(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  if (std::isnan(value))
    return 0x7fc0;
  return static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

float fromBf16(uint16_t half) {
  const uint32_t bits = static_cast<uint32_t>(half) << 16;
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}

void encodeElement(mixc_dtype dtype, float value, uint8_t *out) {
  if (dtype == MIXC_F32) {
    std::memcpy(out, &value, 4);
  } else if (dtype == MIXC_BF16) {
    const uint16_t half = toBf16(value);
    std::memcpy(out, &half, 2);
  } else {
    const _Float16 half = static_cast<_Float16>(value);
    std::memcpy(out, &half, 2);
  }
}

float decodeElement(mixc_dtype dtype, const uint8_t *in) {
  if (dtype == MIXC_F32) {
    float value;
    std::memcpy(&value, in, 4);
    return value;
  }
  uint16_t bits;
  std::memcpy(&bits, in, 2);
  if (dtype == MIXC_BF16)
    return fromBf16(bits);
  _Float16 half;
  std::memcpy(&half, &bits, 2);
  return static_cast<float>(half);
}

float rounded(mixc_dtype dtype, float value) {
  uint8_t bytes[4];
  encodeElement(dtype, value, bytes);
  return decodeElement(dtype, bytes);
}

/// Runs body(begin, end) over parts of 0 .. count on all cores.
template <typename Body> void parallel(int64_t count, Body body) {
  const int64_t threads = std::max<int64_t>(1, std::min<int64_t>(std::thread::hardware_concurrency(), count));
  std::vector<std::thread> workers;
  for (int64_t i = 0; i < threads; ++i)
    workers.emplace_back([=] { body(count * i / threads, count * (i + 1) / threads); });
  for (std::thread &worker : workers)
    worker.join();
}

uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// Uniform in (0, 1), from a counter.
double uniform(uint64_t seed, uint64_t i) { return (static_cast<double>(mix(seed ^ mix(i)) >> 11) + 0.5) / 9007199254740992.0; }

double normal(uint64_t seed, uint64_t i) {
  return std::sqrt(-2 * std::log(uniform(seed, 2 * i))) * std::cos(6.283185307179586 * uniform(seed, 2 * i + 1));
}

/// Values as a model has them: decays below one, keys of length about one.
double randomValue(const HostTensor &tensor, uint64_t seed, uint64_t i) {
  if (tensor.name == "A")
    return -std::exp(2.7 * uniform(seed, i));
  if (tensor.name == "dt_bias")
    return uniform(seed, i) - 4;
  if (tensor.name == "g")
    return -std::log1p(std::exp(-normal(seed, i)));
  if (tensor.name == "a")
    return 0.9 + 0.1 * uniform(seed, i);
  const double value = normal(seed, i);
  // A normaliser must not vanish, so its feature maps are positive.
  if (tensor.name == "q" || tensor.name == "k")
    return std::fabs(value) / std::sqrt(static_cast<double>(tensor.size('N')));
  return value;
}

std::vector<int64_t> stridesOf(const HostTensor &tensor, int64_t pad) {
  std::vector<int64_t> strides(tensor.sizes.size(), 1);
  for (size_t i = tensor.sizes.size(); i-- > 1;)
    strides[i - 1] = strides[i] * tensor.sizes[i] + (i + 1 == tensor.sizes.size() ? pad : 0);
  return strides;
}

/// Calls body(contiguous index, offset in memory) for every element.
template <typename Body> void forEachElement(const HostTensor &tensor, const std::vector<int64_t> &strides, Body body) {
  const int64_t rowLength = tensor.sizes.empty() ? 1 : tensor.sizes.back();
  parallel(tensor.count() / std::max<int64_t>(1, rowLength), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      int64_t offset = 0, rest = row;
      for (size_t i = tensor.sizes.size(); i-- > 1;) {
        offset += rest % tensor.sizes[i - 1] * strides[i - 1];
        rest /= tensor.sizes[i - 1];
      }
      for (int64_t column = 0; column < rowLength; ++column)
        body(row * rowLength + column, offset + column);
    }
  });
}

} // namespace

int64_t HostTensor::count() const {
  int64_t count = 1;
  for (int64_t size : sizes)
    count *= size;
  return count;
}

int64_t HostTensor::size(char dim) const {
  const size_t at = dims.find(dim);
  return at == std::string::npos ? 1 : sizes[at];
}

Problem::Problem(const mixc_spec_desc &desc, int64_t batch, int64_t length) : desc(desc), batch(batch), length(length) {
  for (int32_t i = 0; i < desc.n_tensors; ++i) {
    const mixc_tensor_desc &from = desc.tensors[i];
    HostTensor tensor;
    tensor.name = from.name;
    tensor.dims = from.dims;
    tensor.dtype = static_cast<mixc_dtype>(from.dtype);
    tensor.isResult = from.is_result;
    tensor.optional = from.optional;
    tensor.present = !from.optional;
    for (int32_t d = 0; d < from.rank; ++d)
      tensor.sizes.push_back(from.sizes[d] == MIXC_DIM_B ? batch : from.sizes[d] == MIXC_DIM_T ? length : from.sizes[d]);
    tensors.push_back(std::move(tensor));
  }
}

void Problem::randomize(uint64_t seed) {
  for (size_t i = 0; i < tensors.size(); ++i) {
    HostTensor &tensor = tensors[i];
    if (tensor.isResult || !tensor.present)
      continue;
    tensor.values.resize(static_cast<size_t>(tensor.count()));
    const uint64_t own = mix(seed + 1000 * i);
    parallel(tensor.count(), [&](int64_t begin, int64_t end) {
      for (int64_t e = begin; e < end; ++e)
        tensor.values[static_cast<size_t>(e)] =
            rounded(tensor.dtype, static_cast<float>(randomValue(tensor, own, static_cast<uint64_t>(e))));
    });
  }
}

HostTensor *Problem::find(const std::string &name) {
  for (HostTensor &tensor : tensors)
    if (tensor.name == name)
      return &tensor;
  return nullptr;
}

const HostTensor *Problem::find(const std::string &name) const { return const_cast<Problem *>(this)->find(name); }

double Problem::bytes() const {
  double bytes = 0;
  for (const HostTensor &tensor : tensors)
    if (tensor.present)
      bytes += static_cast<double>(tensor.count()) * static_cast<double>(elementBytes(tensor.dtype));
  return bytes;
}

void *Call::allocate(size_t bytes) const {
  if (placement.device == MIXC_DEVICE_CUDA)
    return deviceAllocate(bytes);
  return std::aligned_alloc(64, (bytes + 127) / 64 * 64);
}

std::vector<uint8_t> Call::encode(size_t i) const {
  const HostTensor &tensor = problem.tensors[i];
  const size_t width = elementBytes(tensor.dtype);
  std::vector<uint8_t> bytes(sizes[i], 0xff);
  if (!tensor.values.empty())
    forEachElement(tensor, stridesOf(tensor, placement.pad), [&](int64_t index, int64_t offset) {
      encodeElement(tensor.dtype, tensor.values[static_cast<size_t>(index)], bytes.data() + static_cast<size_t>(offset) * width);
    });
  return bytes;
}

void Call::release(void *memory) const {
  if (placement.device == MIXC_DEVICE_CUDA)
    deviceFree(memory);
  else
    std::free(memory);
}

void Call::copyIn(void *to, const void *from, size_t bytes) const {
  if (placement.device == MIXC_DEVICE_CUDA)
    copyToDevice(to, from, bytes);
  else
    std::memcpy(to, from, bytes);
}

Call::Call(const Problem &problem, Placement placement) : problem(problem), placement(placement) {
  args.B = problem.batch;
  args.T = problem.length;
  for (size_t i = 0; i < problem.tensors.size(); ++i) {
    const HostTensor &tensor = problem.tensors[i];
    const std::vector<int64_t> strides = stridesOf(tensor, placement.pad);
    int64_t last = 0;
    for (size_t d = 0; d < strides.size(); ++d)
      last += (tensor.sizes[d] - 1) * strides[d];
    sizes.push_back(tensor.present && tensor.count() > 0 ? static_cast<size_t>(last + 1) * elementBytes(tensor.dtype) : 0);
    if (!tensor.present)
      continue;
    std::copy(strides.begin(), strides.end(), args.tensors[i].strides);
    args.tensors[i].data = allocate(sizes[i]);
    if (tensor.isResult)
      continue;
    const std::vector<uint8_t> bytes = encode(i);
    copyIn(args.tensors[i].data, bytes.data(), bytes.size());
  }
}

Call::~Call() {
  for (size_t i = 0; i < problem.tensors.size(); ++i)
    release(args.tensors[i].data);
  release(workspace);
}

mixc_status Call::plan(mixc_plan &plan) {
  const mixc_status status = mixc_spec_plan(&problem.desc, placement.device, &args, &plan);
  if (status.code == MIXC_OK && plan.workspace_bytes > workspaceBytes) {
    release(workspace);
    workspaceBytes = plan.workspace_bytes;
    workspace = allocate(workspaceBytes);
  }
  return status;
}

mixc_status Call::run(const mixc_plan &plan) {
  if (placement.device == MIXC_DEVICE_CUDA)
    return mixc_spec_run_cuda_with(&problem.desc, &plan, &args, workspace, workspaceBytes, stream());
  return mixc_spec_run_cpu_with(&problem.desc, &plan, &args, workspace, workspaceBytes);
}

void Call::poison() {
  for (size_t i = 0; i < problem.tensors.size(); ++i)
    if (problem.tensors[i].isResult && sizes[i]) {
      if (placement.device == MIXC_DEVICE_CUDA)
        fillDevice(args.tensors[i].data, 0xff, sizes[i], stream());
      else
        std::memset(args.tensors[i].data, 0xff, sizes[i]);
    }
}

std::vector<float> Call::read(size_t i) const {
  const HostTensor &tensor = problem.tensors[i];
  std::vector<uint8_t> bytes(sizes[i]);
  if (placement.device == MIXC_DEVICE_CUDA)
    copyToHost(bytes.data(), args.tensors[i].data, bytes.size());
  else
    std::memcpy(bytes.data(), args.tensors[i].data, bytes.size());
  std::vector<float> values(static_cast<size_t>(tensor.count()));
  const size_t width = elementBytes(tensor.dtype);
  forEachElement(tensor, stridesOf(tensor, placement.pad), [&](int64_t index, int64_t offset) {
    values[static_cast<size_t>(index)] = decodeElement(tensor.dtype, bytes.data() + static_cast<size_t>(offset) * width);
  });
  return values;
}

} // namespace mixc::bench
