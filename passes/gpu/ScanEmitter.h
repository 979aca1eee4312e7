// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Recurrences, token by token.
#pragma once

#include "MapCode.h"

namespace mixc::gpu {

class ScanEmitter : MapCode {
public:
  explicit ScanEmitter(KernelState &state) : MapCode(state) {}
  mlir::LogicalResult emit(gpu_tile::ScanOp op);

private:
  /// What the warps know of the state's rows and of its columns in their lanes.
  struct ScanPlace {
    int64_t rowsPerHead, perRow; ///< of a warp; registers of a row
    mlir::Value row0, share;     ///< first row in its head, null where it is 0; number of the warp among those of a head
    Values column;               ///< of every 32 lanes
    llvm::SmallVector<mlir::Value> columnValid;
  };
  /// One of the heads of a warp.
  struct HeadPlace {
    int64_t number; ///< among those of the warp
    Index index;
    mlir::Value valid; ///< null where there are as many heads as places for them
  };
  void scanSequential(gpu_tile::ScanOp op);
  mlir::Value inputOf(gpu_tile::MapOp map, unsigned input, mlir::ArrayRef<Index> indices);
  void loadFixedInputs(gpu_tile::ScanOp op, const ScanPlace &at, mlir::ArrayRef<HeadPlace> heads);
  mlir::Value entryOf(mlir::Value operand, mlir::ArrayRef<Index> indices, mlir::ArrayRef<int64_t> place);
  Values loadRows(const ScanPlace &at, mlir::Value rows, Index token, const HeadPlace &head);
  Values loadDecays(const ScanPlace &at, mlir::Value decays, Index token, const HeadPlace &head);
  mlir::Value sumOfRows(mlir::ArrayRef<mlir::Value> factors, mlir::ArrayRef<mlir::Value> states, const ScanPlace &at, int64_t k);
  Values correctionOf(gpu_tile::ScanOp op, const ScanPlace &at, mlir::ArrayRef<mlir::Value> states, Index token, const HeadPlace &head);
  Values decayRows(gpu_tile::ScanOp op, const ScanPlace &at, mlir::MutableArrayRef<mlir::Value> states, Index token, const HeadPlace &head);
  void scanAssociative(gpu_tile::ScanOp op);

  // EmitRowSums.cpp
  Values sumsOfLanes(Values sums);
  void storeRowSums(gpu_tile::ScanOp op, const ScanPlace &at, mlir::ArrayRef<mlir::Value> states, Index token, const HeadPlace &head);

  /// Elements of deferred maps' inputs that do not depend on the token, loaded before the tokens: by map, input, head of the warp, row and
  /// column of the lane.
  LoadCache fixed;
};

} // namespace mixc::gpu
