// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which elements of a tensor a kernel's loads and stores may have in common.
#pragma once

#include "mixc/dialect/Tile.h"

namespace mixc::gpu {

/// The tensor that a load or store goes to, in whatever direction.
mlir::Value tensorOf(mlir::Value memref);
/// Whether each iteration of the loop, which holds the store, writes elements of its own, as far as offsets tell.
bool movesOn(tile::StoreOp store, mlir::scf::ForOp loop);

/// Whether the load may read what the same kernel has stored: it then runs ahead of nothing, and other threads may have stored it. What is
/// read and then written, in iterations that have elements of their own, is not meant.
bool mayReadStored(tile::LoadOp load);
/// The loads and the other stores of the tensor that may have elements in common with the store.
llvm::SmallVector<mlir::Operation *> othersOf(tile::StoreOp store);

} // namespace mixc::gpu
