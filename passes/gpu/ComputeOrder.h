// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The order in which the role `compute` does its part of a chunk, and which fetched tiles it keeps in registers.
#pragma once

#include "TileTypes.h"

namespace mixc::gpu {

struct ComputeOrder {
  /// All ops of the loop's body; the role leaves out those of others.
  llvm::SmallVector<mlir::Operation *> ops;
  /// Rows of products that are packed while products are under way that do not need them.
  llvm::DenseSet<mlir::Value> ahead;
};

/// `ownTiles`: how many tiles of a chunk each part has alone.
ComputeOrder orderComputing(mlir::scf::ForOp loop, const TileTypes &types, size_t ownTiles);

/// Lets `types` hold the staged tiles that are a product's rows and that elementwise work reads too: reading them once spares the bandwidth
/// of shared memory, which is what limits a part alone.
void holdRows(mlir::scf::ForOp loop, const llvm::SetVector<mlir::Operation *> &early, TileTypes &types);

} // namespace mixc::gpu
