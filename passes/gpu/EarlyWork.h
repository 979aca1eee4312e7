// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The products of a loop over chunks that do not depend on what it carries, and can be computed ahead of those that do.
#pragma once

#include "mixc/dialect/Tile.h"

namespace mixc::gpu {

/// What a warpgroup, the role `early`, does ahead of those that carry the state: products that do not depend on it, what is computed from
/// them, and what they are computed from.
struct EarlyWork {
  llvm::SetVector<mlir::Operation *> ops; ///< in the order of the loop
  /// What the others read of it, in shared memory.
  llvm::SetVector<mlir::Value> handedOver;
  /// Elementwise work and loads that the others do again for themselves.
  llvm::DenseSet<mlir::Operation *> repeated;
};

/// What the roles have and can do, as far as the early work depends on it.
struct EarlyFacts {
  /// Tiles that every role finds in shared memory: fetched ones, and small ones that are computed ahead.
  llvm::function_ref<bool(mlir::Value)> isShared;
  /// Whether the early role may load the tile into its registers.
  llvm::function_ref<bool(tile::LoadOp)> canLoad;
  /// Whether a computed tile may lie in shared memory as an operand of products.
  llvm::function_ref<bool(mlir::Value)> canHandOver;
};

EarlyWork findEarlyWork(mlir::scf::ForOp loop, const EarlyFacts &facts);

/// The values that the op and the ops inside it use.
llvm::SetVector<mlir::Value> usedBy(mlir::Operation *op);

} // namespace mixc::gpu
