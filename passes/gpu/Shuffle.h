// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Values of the other lanes of a warp.
#pragma once

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mixc::gpu {

/// A number of 32 or 64 bits; `clamp` is PTX's operand c.
mlir::Value shuffle(mlir::ImplicitLocOpBuilder &b, mlir::NVVM::ShflKind kind, mlir::Value v, mlir::Value by, int64_t clamp);

} // namespace mixc::gpu
