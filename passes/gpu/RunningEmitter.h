// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sums and maxima of all tokens so far, along the last dimension.
#pragma once

#include "FragmentCode.h"

namespace mixc::gpu {

class RunningEmitter : FragmentCode {
public:
  explicit RunningEmitter(KernelState &state) : FragmentCode(state) {}
  mlir::LogicalResult emit(gpu_tile::RunningSumOp op);
  mlir::LogicalResult emit(gpu_tile::RunningMaxOp op);

private:
  mlir::Value inRow(int64_t first, int64_t elements, mlir::Value value, mlir::Value otherwise);
  mlir::Value shiftedUp(mlir::Value value, mlir::Value first);
  mlir::Value select(mlir::Value condition, mlir::Value yes, mlir::Value no);
};

} // namespace mixc::gpu
