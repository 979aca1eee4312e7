// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// States at the starts of segments, for plans that cut T into `splits` segments that run in parallel, or that halve the work of
// some blocks along T: second halves then run after first ones.
#pragma once

#include "Recurrence.h"

namespace mixc {

/// Adds the kernels @states (the own final state of every segment's pieces, and their decays) and @combine (a scan over them that leaves
/// the state at each segment's start); where a recurrence mixes entries, @transitions and @join as well (SegmentMatrices.h). All are
/// launched only where splits > 1. Then @clear, which makes the flags of halves ready, where blocks are halved.
void addSegmentKernels(ProgramBuilder &program);

/// The state at this block's segment start: the initial state without splits, the workspace's with them and for second halves.
Tile loadSegmentState(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, const Column &column);

/// Hands the state at the end of this block's segment on: to the block of the second half, or to the caller.
void storeStates(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, llvm::ArrayRef<Tile> states);

/// First token of this block's segment, or half, and the one after its last.
std::pair<mlir::Value, mlir::Value> segmentBounds(TileBuilder &b);

/// Whether this block's segment is the last one.
mlir::Value isLastSegment(TileBuilder &b);

/// The states of all columns that a loop over chunks carried, without their lag.
llvm::SmallVector<Tile> settled(TileBuilder &b, const ProgramBuilder &program, llvm::ArrayRef<Tile> carried);
/// Behind a chunk of these steps, with what the loop carries then: the states and last tokens that the call keeps inside.
void keepStates(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, const TokenScope &steps, llvm::ArrayRef<Tile> carried);
/// Writes those that the caller asks for, and the last tokens of arguments.
void storeFinalStates(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, llvm::ArrayRef<Tile> states);

/// The states of all columns, and the decays of all recurrences over all their tokens where asked for: null where there are none.
struct StatesAndDecays {
  llvm::SmallVector<Tile> states, decays;
};
/// The states after all tokens, walking the chunks from `init`; no outputs. Where a recurrence mixes entries, there is no decay.
StatesAndDecays runStates(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, mlir::Value begin, mlir::Value end,
                          llvm::function_ref<Tile(const Column &)> init, bool withDecays);

} // namespace mixc
