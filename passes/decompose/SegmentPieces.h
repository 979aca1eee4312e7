// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pieces of segments: runs of whole chunks whose own states are computed apart, by blocks of less work than those of whole segments. The
// plan says into how many a segment is cut (`pieces`).
#pragma once

#include "Recurrence.h"

namespace mixc {

/// The tokens of this block's piece of the segment [begin, end): whole chunks.
std::pair<mlir::Value, mlir::Value> pieceBounds(TileBuilder &b, mlir::Value begin, mlir::Value end);

/// A piece's own states, and its decays. Those of the last segment are not needed.
void buildPiece(TileBuilder &b, SpecValues &values, const ProgramBuilder &program);

/// state = decay state + own of a piece
void addPiece(TileBuilder &b, const ProgramBuilder &program, mlir::Value segment, mlir::Value piece, llvm::MutableArrayRef<Tile> states);

} // namespace mixc
