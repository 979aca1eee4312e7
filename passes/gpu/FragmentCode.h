// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which element of a tile a register of a thread holds.
#pragma once

#include "SharedCode.h"

namespace mixc::gpu {

class FragmentCode : protected SharedCode {
protected:
  using SharedCode::SharedCode;

  mlir::SmallVector<mlir::Type> registerTypes(gpu_tile::FragmentType type);
  /// Elements that a thread has of other fragments than mma ones.
  size_t elementCount(gpu_tile::FragmentType type);
  /// Whether registers hold pairs of 16-bit elements, the first one in the lower half: those of pieces, as they are loaded. Taken apart
  /// where they are used, they are not waited for before, where branches around loads end.
  static bool holdsPairs(gpu_tile::FragmentType type);
  Values elementsOf(gpu_tile::FragmentType type, mlir::ArrayRef<mlir::Value> registers);
  Values registersOf(gpu_tile::FragmentType type, mlir::ArrayRef<mlir::Value> elements);

  // Of mma fragments.
  mlir::Value rowGroup(gpu_tile::MmaAttr layout);
  mlir::Value colPart(gpu_tile::MmaAttr layout);
  /// Indices of the first element of a block: rows and columns inside the block not yet added.
  mlir::SmallVector<Index> blockOrigin(gpu_tile::FragmentType type, int64_t outer, int64_t row, int64_t col);
  mlir::SmallVector<Index> elementIndices(gpu_tile::FragmentType type, int64_t outer, int64_t row, int64_t col, unsigned element);
  Index laneRow() { return {div(lane, 4), 0, 7}; }

  // Of lanes and linear fragments.
  mlir::SmallVector<Index> registerIndices(gpu_tile::FragmentType type, size_t reg, mlir::Value &valid);
  int64_t lanesPerRow(gpu_tile::FragmentType type);
  int64_t rowsPerWarp(gpu_tile::FragmentType type);
  int64_t rowsOf(gpu_tile::FragmentType type);

  // Of pieces fragments: registers are those of rows, of a row's pieces, of a piece, the last one fastest.
  /// The thread's group of lanes and its number there, and how many groups there are.
  mlir::Value groupOfLanes(gpu_tile::PiecesAttr layout);
  mlir::Value laneOfRow(gpu_tile::PiecesAttr layout);
  int64_t groupsOfLanes(gpu_tile::PiecesAttr layout) const { return threads / layout.getLanes(); }
  int64_t registersOfRow(gpu_tile::FragmentType type) const;
  /// Without a row of its own a thread has the last row's indices; `withRow` then is false.
  mlir::SmallVector<Index> pieceIndices(gpu_tile::FragmentType type, size_t reg, mlir::Value &withRow, mlir::Value &withPiece);

  // Of columns fragments.
  /// Columns that a thread has.
  int64_t columnsPerThread(gpu_tile::FragmentType type) const;
  /// The register of an operand that the map reads for a register of the result; the same one in other layouts.
  size_t registerOf(gpu_tile::FragmentType operand, mlir::AffineMap map, gpu_tile::FragmentType result, size_t reg) const;
};

} // namespace mixc::gpu
