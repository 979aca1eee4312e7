// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Elementwise work, and moving fragments to shared memory.
#pragma once

#include "MapCode.h"

namespace mixc::gpu {

class MapEmitter : MapCode {
public:
  explicit MapEmitter(KernelState &state) : MapCode(state) {}
  mlir::LogicalResult emit(gpu_tile::MapOp op);
  mlir::LogicalResult emit(gpu_tile::PutOp op);

private:
  mlir::LogicalResult emitElements(gpu_tile::MapOp op);
  mlir::Value allEqual(gpu_tile::MapOp op);
  void putBlock(gpu_tile::PutOp op, int64_t outer, int64_t row, int64_t col, LoadCache &cache);

  // Maps below the diagonal (EmitCausal.cpp).
  /// A product of inputs and of exp2(sum of the row - sum of the column), by their numbers.
  struct CausalMap {
    mlir::SmallVector<unsigned> ofRows, ofColumns, others;
    unsigned sumOfRow = 0, sumOfColumn = 0;
  };
  std::optional<CausalMap> causalMapOf(gpu_tile::MapOp op);
  Values inputBlock(gpu_tile::MapOp op, unsigned input, int64_t outer, int64_t row, int64_t col, LoadCache &cache);
  Values factoredBlock(gpu_tile::MapOp op, const CausalMap &causal, int64_t outer, int64_t row, int64_t col, LoadCache &cache,
                       LoadCache &factors);
  void emitCausalRows(gpu_tile::MapOp op, const CausalMap &causal, int64_t group, Values &result);
  Values emitCausal(gpu_tile::MapOp op, const CausalMap &causal, int64_t begin, int64_t end);
};

} // namespace mixc::gpu
