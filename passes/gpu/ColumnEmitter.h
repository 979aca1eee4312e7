// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Work in which a thread has a column of tokens: sums of log decays to an anchor (EmitSpans.cpp), and unit lower triangular systems
// (EmitSolve.cpp).
#pragma once

#include "MapCode.h"

namespace mixc::gpu {

class ColumnEmitter : protected MapCode {
public:
  explicit ColumnEmitter(KernelState &state) : MapCode(state) {}
  mlir::LogicalResult emit(gpu_tile::SpansOp op);
  mlir::LogicalResult emit(gpu_tile::SolveOp op);

protected:
  /// The spans of a column's tokens, of their decays.
  Values spansOfTokens(llvm::ArrayRef<mlir::Value> decays, int64_t block, int64_t anchor, bool pre);

private:
  mlir::Value stepOf(mlir::Value decay);
  Values spansOf(llvm::ArrayRef<mlir::Value> steps, int64_t anchor, bool pre);
  void eachColumn(int64_t columns, llvm::function_ref<void(mlir::Value)> body);
  void solveColumn(gpu_tile::SolveOp op, Index head, Index column);
};

} // namespace mixc::gpu
