// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A loaded spec with its tensors on a device, ready to be called.
#pragma once

#include "Device.h"
#include "HostTensor.h"
#include "Loader.h"
#include "Sequences.h"

namespace mixc {

class Execution {
public:
  /// Copies the arguments to the device, rounded to their dtypes, and makes room for every result. An argument without a
  /// tensor is passed as null. `inPlace`: final states take the place of the initial ones, where they may. `spec` and `device` must outlive
  /// the result.
  static llvm::Expected<std::unique_ptr<Execution>> create(const mixc_spec_desc *spec, Device &device, const HostTensors &inputs,
                                                           const std::map<std::string, int64_t> &sizes, bool inPlace = false,
                                                           const Sequences &sequences = {});

  /// What a call would do, with a forced variant (or -1) and number of splits (or 0).
  llvm::Expected<mixc_plan> plan(int32_t variant, int64_t splits);
  /// Bytes of workspace that calls have needed so far.
  size_t reservedBytes() const { return workspaceBytes; }
  /// One call, complete on return. Returns its seconds, by the device's clock.
  llvm::Expected<double> call(const mixc_plan &plan);
  /// Every result, as f32.
  llvm::Expected<HostTensors> results();

private:
  Execution(const mixc_spec_desc *spec, Device &device) : spec(spec), device(device) {}
  llvm::Error place(int32_t tensor, const HostTensors &inputs);
  llvm::Error placeSequences(const Sequences &given);
  std::vector<int64_t> shapeOfTensor(const mixc_tensor_desc &desc) const;
  /// Workspace of at least that size, kept for later calls.
  llvm::Error reserve(size_t bytes);

  const mixc_spec_desc *spec;
  Device &device;
  mixc_args args{};
  mixc_sequences sequences{};
  std::vector<std::vector<int64_t>> shapes; ///< of each tensor
  bool inPlace = false;
  void *workspace = nullptr;
  size_t workspaceBytes = 0;
};

/// The arguments as the device sees them: rounded to their dtypes, in f32 again.
HostTensors roundInputs(const mixc_spec_desc *spec, HostTensors inputs);

} // namespace mixc
