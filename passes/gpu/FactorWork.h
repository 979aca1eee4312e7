// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The tiles of a loop over chunks that do not depend on what it carries, and that the rest of it reads.
#pragma once

#include "mixc/dialect/Tile.h"

namespace mixc::gpu {

/// What teams of warps, the role `factors`, do ahead of those that carry the state.
struct FactorWork {
  llvm::SetVector<mlir::Operation *> ops; ///< in the order of the loop
  /// What the others read of it, in shared memory.
  llvm::SetVector<mlir::Value> handedOver;
};

/// `isFetched`: tiles that every role finds in shared memory; `isFromBehind`: ops that read what an earlier loop leaves.
FactorWork findFactorWork(mlir::scf::ForOp loop, llvm::function_ref<bool(mlir::Value)> isFetched,
                          llvm::function_ref<bool(tile::LoadOp)> isSmall, llvm::function_ref<bool(mlir::Operation *)> isFromBehind);

} // namespace mixc::gpu
