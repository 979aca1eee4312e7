// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Work in which a thread has a column of tokens: sums of log decays to an anchor (EmitSpans.cpp), and unit lower triangular systems
// (EmitSolve.cpp).
#pragma once

#include "SharedCode.h"

namespace mixc::gpu {

class ColumnEmitter : SharedCode {
public:
  explicit ColumnEmitter(KernelState &state) : SharedCode(state) {}
  mlir::LogicalResult emit(gpu_tile::SpansOp op);
  mlir::LogicalResult emit(gpu_tile::SolveOp op);

private:
  void eachColumn(int64_t columns, llvm::function_ref<void(mlir::Value)> body);
  void solveColumn(gpu_tile::SolveOp op, Index head, Index column);
};

} // namespace mixc::gpu
