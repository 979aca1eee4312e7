// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where a compiled spec runs: memory, calls and clocks of the CPU or of one GPU.
#pragma once

#include "mixc/runtime/descriptor.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>

namespace mixc {

class Device {
public:
  virtual ~Device() = default;
  /// Memory that lives as long as the device, 256-byte aligned; null for 0 bytes.
  virtual llvm::Expected<void *> allocate(size_t bytes) = 0;
  /// Before the device goes; null is nothing.
  virtual void release(void *memory) = 0;
  virtual llvm::Error upload(void *to, const void *from, size_t bytes) = 0;
  virtual llvm::Error download(void *to, const void *from, size_t bytes) = 0;
  /// Bytes that can still be allocated.
  virtual llvm::Expected<uint64_t> availableBytes() = 0;
  /// Enqueues or makes one call.
  virtual mixc_status call(const mixc_spec_desc *desc, const mixc_plan *plan, const void *args, void *workspace, size_t bytes) = 0;
  /// Makes one call and waits for it; a failure of a kernel shows here. Returns its seconds by the device's clock.
  virtual llvm::Expected<double> time(llvm::function_ref<mixc_status()> call) = 0;

  mixc_device id() const { return device; }
  /// "CPU, x86-64-v4, 2 threads" or "NVIDIA H100 80GB HBM3 (sm_90)".
  std::string description;
  /// The --target that fits: x86-64 or sm_NN.
  std::string target;

protected:
  mixc_device device{};
};

/// cpu, cuda or cuda:N. The error names the flag.
llvm::Expected<mixc_device> parseDevice(llvm::StringRef name);
/// The error has the code no_such_device where there is none.
llvm::Expected<std::unique_ptr<Device>> openDevice(mixc_device device);

/// An error with the status's message, success if it is ok. Its code is invalid_argument, not_enough_memory or no_such_device where the
/// status says so.
llvm::Error toError(mixc_status status);

} // namespace mixc
