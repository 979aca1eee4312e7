// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Who does what of a loop over chunks whose warps have roles: a function of the loop and of what the roles can hand to each other.
#pragma once

#include "mixc/dialect/Tile.h"

namespace mixc::gpu {

/// What a warpgroup does ahead of those that carry the state: products that do not depend on it, what is computed from them, and what
/// they are computed from.
struct EarlyWork {
  llvm::SetVector<mlir::Operation *> ops; ///< in the order of the loop
  /// What the others read of it, in shared memory.
  llvm::SetVector<mlir::Value> handedOver;
  /// Elementwise work and loads that the others do again for themselves.
  llvm::DenseSet<mlir::Operation *> repeated;
};

/// What the roles have and can do, as far as the partition depends on it.
struct PartitionFacts {
  /// Tiles that every role finds in shared memory: fetched ones, and small ones that are computed ahead.
  llvm::function_ref<bool(mlir::Value)> isShared;
  /// Whether the early role may load the tile into its registers.
  llvm::function_ref<bool(tile::LoadOp)> canLoad;
  /// Whether a computed tile may lie in shared memory as an operand of products.
  llvm::function_ref<bool(mlir::Value)> canHandOver;
};

EarlyWork findEarlyWork(mlir::scf::ForOp loop, const PartitionFacts &facts);

/// The values that the op and the ops inside it use.
llvm::SetVector<mlir::Value> usedBy(mlir::Operation *op);
/// Whether a product reads the tile as one of its factors.
bool feedsProduct(mlir::Value tile);

} // namespace mixc::gpu
