// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What of a loop's iteration can be done while earlier iterations are under way: it follows from the counter and from what lies outside
// of the loop.
#pragma once

#include "TileTypes.h"

namespace mixc::gpu {

/// Collects what computes `value` inside the loop; false if that needs more than the counter.
bool collectSlice(mlir::Value value, mlir::scf::ForOp loop, llvm::SetVector<mlir::Operation *> &slice);

struct AheadWork {
  /// Loads that go through shared memory; loads of small tiles.
  mlir::SmallVector<tile::LoadOp> staged, small;
  /// The scalars that all this needs.
  llvm::SetVector<mlir::Operation *> slice;
  /// The small loads, and the small tiles that are computed from them alone.
  llvm::SetVector<mlir::Operation *> chain;
};

/// The loads; the chain is not yet known.
AheadWork loadsAhead(mlir::scf::ForOp loop, const Placement &placement);
/// `mayTake` says of an op's result whether the chain may have it.
void findChain(AheadWork &ahead, mlir::scf::ForOp loop, const TileTypes &types, llvm::function_ref<bool(mlir::Value)> mayTake);

} // namespace mixc::gpu
