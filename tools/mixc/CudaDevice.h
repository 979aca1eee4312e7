// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One GPU through the CUDA driver, which is looked for when it is needed.
#pragma once

#include "Device.h"

namespace mixc {

llvm::Expected<std::unique_ptr<Device>> openCudaDevice(int ordinal);

} // namespace mixc
