// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One GPU through the CUDA driver, which is looked for when it is needed.
#pragma once

#include "Device.h"

namespace mixc {

llvm::Expected<std::unique_ptr<Device>> openCudaDevice(int ordinal);

/// What a GPU's driver says of it, and how long copies and kernels took.
struct CudaNumbers {
  std::string name;
  int multiprocessors = 0;
  int64_t sharedBytes = 0, cacheBytes = 0;
  size_t copiedBytes = 0;            ///< in each run
  std::vector<double> copySeconds;   ///< of copies within its memory
  std::vector<double> launchSeconds; ///< from one empty kernel to the next
};
/// The error has the code no_such_device where there is no driver or GPU.
llvm::Expected<CudaNumbers> measureCuda(int ordinal);

} // namespace mixc
