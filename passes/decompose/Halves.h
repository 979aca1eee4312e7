// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Halves: where a last wave of blocks would be short, the work of some blocks is cut in two along T. The first half hands the state to the
// second by a flag. How many blocks, the runtime says (mixc_cost_halved); which numbers they have, TileBuilder::wholeBlock, in this file.
#pragma once

#include "Recurrence.h"

namespace mixc {

/// First token of this block's half of T, and the one after its last; `begin` and `end` where it is not halved.
std::pair<mlir::Value, mlir::Value> halfBounds(TileBuilder &b, mlir::Value begin, mlir::Value end);

/// Makes the flags of a batch entry ready.
void clearFlags(TileBuilder &b, const ProgramBuilder &program);
/// In the block of a second half: until the first one's state is there.
void awaitFirstHalf(TileBuilder &b, const ProgramBuilder &program);
/// In the block of a first half: its state is there.
void releaseSecondHalf(TileBuilder &b, const ProgramBuilder &program);

} // namespace mixc
