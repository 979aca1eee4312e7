// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Blocks of 16 x 16 elements of a fragment: in registers, computed where they are read, or read from shared memory.
#pragma once

#include "FragmentCode.h"

namespace mixc::gpu {

/// The condition of a last `select(condition, value, 0)` before the narrowing, if it depends on the element's position only.
mlir::arith::SelectOp maskOf(gpu_tile::MapOp op);
/// Whether a value of a map's body is an element of an input whose elements ascend.
bool isAscending(gpu_tile::MapOp op, mlir::Value value);
/// The inner matrix of a 16-bit operand, if its rows of eight elements lie in one piece: 1 as it is, 2 transposed, 0 neither.
int matrixForm(gpu_tile::SharedType type, mlir::AffineMap map, unsigned rowDim, unsigned colDim);

class MapCode : protected FragmentCode {
protected:
  using FragmentCode::FragmentCode;

  Values block(mlir::Value fragment, int64_t outer, int64_t row, int64_t col, LoadCache &cache);
  Values mapBlock(gpu_tile::MapOp op, int64_t outer, int64_t row, int64_t col, LoadCache &cache);
  Values blockOfShared(mlir::Value buffer, mlir::AffineMap map, gpu_tile::FragmentType type, int64_t outer, int64_t row, int64_t col);
  Values sharedInput(gpu_tile::MapOp op, unsigned input, int64_t outer, int64_t row, int64_t col, LoadCache &cache);
  mlir::SmallVector<Index> matrixRows(gpu_tile::FragmentType type, mlir::AffineMap map, int64_t outer, int64_t row, int64_t col,
                                      bool transposed);
  mlir::FailureOr<mlir::Value> emitBody(gpu_tile::MapOp op, mlir::ArrayRef<mlir::Value> inputs, mlir::ArrayRef<Index> indices, bool wide);
  bool yieldsNarrowed(gpu_tile::MapOp op);
  mlir::Value pairMask(mlir::arith::SelectOp select, mlir::ArrayRef<Index> low, mlir::ArrayRef<Index> high);
  int64_t outerOf(gpu_tile::FragmentType operand, mlir::AffineMap map, gpu_tile::FragmentType result, int64_t outer);
  int64_t colOf(gpu_tile::FragmentType operand, mlir::AffineMap map, int64_t col);
};

} // namespace mixc::gpu
