// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A compiled spec with data: arrays for every tensor of its descriptor, random or given, on the host and where the call
// wants them, and the float64 recurrence of the scalar-decay mixers to check results against.
#pragma once

#include "mixc/runtime/descriptor.h"
#include <cstdint>
#include <string>
#include <vector>

namespace mixc::bench {

struct HostTensor {
  std::string name, dims;
  std::vector<int64_t> sizes;
  mixc_dtype dtype = MIXC_F32;
  bool isResult = false, optional = false;
  bool present = true;
  std::vector<float> values; ///< contiguous; already rounded to dtype

  int64_t count() const;
  /// Size of a dimension, 1 where absent.
  int64_t size(char dim) const;
};

/// How tensors lie in memory: rows (the last dimension) are `pad` elements longer than they need to be.
struct Placement {
  int32_t device = MIXC_DEVICE_CUDA;
  int64_t pad = 0;
};

class Problem {
public:
  Problem(const mixc_spec_desc &desc, int64_t batch, int64_t length);

  /// Realistic random values by the tensors' names. The same seed gives the same values.
  void randomize(uint64_t seed);
  HostTensor *find(const std::string &name);
  const HostTensor *find(const std::string &name) const;

  /// Bytes of all tensors that are present, each once.
  double bytes() const;

  const mixc_spec_desc &desc;
  int64_t batch, length;
  std::vector<HostTensor> tensors;
};

/// A problem's tensors in memory, ready to be called with.
class Call {
public:
  Call(const Problem &problem, Placement placement);
  ~Call();
  Call(const Call &) = delete;
  Call &operator=(const Call &) = delete;

  /// What would run: variant and splits are kept if set (variant >= 0, splits > 0).
  mixc_status plan(mixc_plan &plan);
  /// Enqueues the plan (CUDA) or runs it (CPU).
  mixc_status run(const mixc_plan &plan);
  /// Results are filled with NaN, so that what is not written shows.
  void poison();
  /// A tensor's values as they are now.
  std::vector<float> read(size_t tensor) const;

private:
  std::vector<uint8_t> encode(size_t tensor) const;
  void *allocate(size_t bytes) const;
  void release(void *memory) const;
  void copyIn(void *to, const void *from, size_t bytes) const;

  const Problem &problem;
  Placement placement;
  mixc_args args{};
  std::vector<size_t> sizes;
  void *workspace = nullptr;
  size_t workspaceBytes = 0;
};

/// The float64 recurrence of one head of one sequence: y [T,P] and the state after the last token [N,P]. Knows the mixers
/// of this project by their tensors' names and the spec's name.
struct HeadResult {
  std::vector<double> y, state;
};
HeadResult evaluateHead(const Problem &problem, int64_t batch, int64_t head);

/// Squared error and norm, summed over what is added.
struct Error {
  double difference = 0, norm = 0;
  void add(double got, double expected);
  /// ||got - expected|| / ||expected||; NaN counts as infinite.
  double relative() const;
};

/// Errors of y (first) and of the final state (second, 0 if absent) of some heads against evaluateHead, over several threads.
struct ResultErrors {
  double y = 0, state = 0;
};
ResultErrors checkHeads(const Problem &problem, const Call &call, int64_t heads);

} // namespace mixc::bench
