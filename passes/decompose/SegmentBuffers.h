// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The buffers in which blocks hand states to each other: by segment, and by piece of one.
#pragma once

#include "Recurrence.h"

namespace mixc {

mlir::Value bufferOf(TileBuilder &b, unsigned number);

/// The place of this block's heads among those of all pieces.
mlir::Value headOf(TileBuilder &b, mlir::Value piece);

Tile loadSegment(TileBuilder &b, const ProgramBuilder &program, const Column &column, mlir::Value segment, mlir::Value piece);
/// With `once`, a state that does not depend on the column of P is written by the blocks of the first ones only.
void storeSegment(TileBuilder &b, const ProgramBuilder &program, const Column &column, mlir::Value segment, mlir::Value piece,
                  const Tile &state, bool once = false);

/// Visits the columns of all recurrences in order, each with its tile of `tiles`.
template <typename Visit> void eachColumn(const ProgramBuilder &program, llvm::ArrayRef<Tile> tiles, Visit visit) {
  for (const Recurrence &recurrence : program.recurrences())
    for (const Column &column : recurrence.columns) {
      visit(column, tiles.front());
      tiles = tiles.drop_front();
    }
}

} // namespace mixc
