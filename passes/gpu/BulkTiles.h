// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tiles that bulk copies and wgmma can read in shared memory, and the loads and stores that a tensor map can describe.
#pragma once

#include "mixc/dialect/GpuTile.h"

namespace mixc::gpu {

/// One stage of a tile in rows, or panels, of 128 bytes, swizzled, which bulk copies move; none if it cannot be laid out so.
std::optional<gpu_tile::SharedType> bulkTypeOf(mlir::RankedTensorType type);
/// The same of 16-bit elements, which wgmma reads too.
std::optional<gpu_tile::SharedType> operandTypeOf(mlir::RankedTensorType type);
/// The same, with a diagnostic; `sideBySide`: whether tiles of rows may stand side by side, one dimension further out.
mlir::FailureOr<gpu_tile::SharedType> expectOperandType(mlir::RankedTensorType type, bool sideBySide, mlir::Location loc);
/// Whether a bulk copy can fetch the tile.
bool canFetch(tile::KernelOp kernel, tile::LoadOp load);
/// What a store's tile is in shared memory, if a bulk copy can write it back from there.
std::optional<gpu_tile::SharedType> flushedType(tile::KernelOp kernel, tile::StoreOp store);
/// The dimension of a tensor along which its tokens end, of those in which a tile has a limit of the call's own: sizes that are compiled in
/// may be limits as well, where blocks have a part of them each. -1 if there is none.
int64_t limitedTokens(mlir::MemRefType tensor, llvm::ArrayRef<int64_t> dims, llvm::ArrayRef<mlir::OpFoldResult> limits);
/// Whether a product reads the tile as one of its factors.
bool feedsProduct(mlir::Value tile);

} // namespace mixc::gpu
