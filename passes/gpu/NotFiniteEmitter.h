// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// NaN and infinity where a matrix product would spread them too far.
#pragma once

#include "MapCode.h"

namespace mixc::gpu {

class NotFiniteEmitter : MapCode {
public:
  explicit NotFiniteEmitter(KernelState &state) : MapCode(state) {}
  mlir::LogicalResult emit(gpu_tile::NotFiniteOp op);
  mlir::LogicalResult emit(gpu_tile::GuardOp op);
  mlir::LogicalResult emit(gpu_tile::SinceResetOp op);

private:
  mlir::Value finiteOrZero(mlir::Value x);
  Values elementsOfBlock(mlir::Value fragment, int64_t block);
  Values firstNotFinite(gpu_tile::GuardOp op);
  Values finiteInRegisters(gpu_tile::GuardOp op);
  Values guardedFrom(gpu_tile::GuardOp op, mlir::ArrayRef<mlir::Value> first);
  Values finiteOf(gpu_tile::GuardOp op);
  Values guardedSums(gpu_tile::GuardOp op);
  mlir::Value resetsUpTo(gpu_tile::GuardOp op, const Index &head, const Index &token);
  mlir::Value anyReset(mlir::Value resets);
  Values eachElementOf(gpu_tile::FragmentType type, mlir::ValueRange values,
                       llvm::function_ref<mlir::Value(mlir::Value, mlir::ArrayRef<Index>)> body);
  mlir::Value isFinite(mlir::Value x);
  mlir::Value anyOfWarp(mlir::ArrayRef<mlir::Value> values, mlir::Type element);
  Values overTokens(int64_t tokens, mlir::ArrayRef<mlir::Value> values, llvm::function_ref<Values(mlir::Value, mlir::ValueRange)> body);
};

} // namespace mixc::gpu
