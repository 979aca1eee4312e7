// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Segments of recurrences that mix the entries of a state (a correction of rank 1). What a run of tokens makes of the state S before it is
// then
//
//   S' = A S + C                         A [n, m], C the state that the tokens leave of zero
//
// A follows the recurrence as C does, without x and from the identity: it is a state of N columns, which blocks of their own compute as
// others do those of P. Runs follow each other by S'' = A' S' + C', a product for each, exact but for rounding: nothing is cut off, and
// what a reset forgets has a factor of 0 in A.
//
// The other transitions, a number for each head or for each entry of the state, are in SegmentPieces.h: computed where C is, and combined
// elementwise.
#pragma once

#include "Recurrence.h"

namespace mixc {

/// Adds the kernels @transitions (A of the segments' pieces) and @join (the states at the segments' starts) for those of the program's
/// recurrences that mix entries.
void addMatrixKernels(ProgramBuilder &program);

/// Whether @join leaves a copy of the column's initial state where the first segment starts.
bool joinsCopyInit(const Column &column);

/// Whether this block's piece is the first of the first segment: it starts from the initial state, and its A is not needed.
mlir::Value isFirstPiece(TileBuilder &b);

} // namespace mixc
