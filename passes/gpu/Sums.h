// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sums of tiles along dimensions that threads add up where they have the tile, in kernels of elementwise work: its tiles lie in pieces.
#pragma once

#include "mixc/dialect/GpuTile.h"

namespace mixc::gpu {

/// Whether `gpu_tile.sum` computes the reduction, by so many warps. Others are written out term by term.
bool isSum(mlir::linalg::GenericOp op, int64_t warps);

/// Whether the kernel has such sums.
bool hasSums(tile::KernelOp kernel, int64_t warps);

/// The dimensions that a reduction sums.
llvm::SmallVector<int64_t> summedDims(mlir::linalg::GenericOp op);

/// The pieces that a tile of a kernel with sums lies in; null where a single row is so long that not every group of lanes should have it.
gpu_tile::PiecesAttr piecesFor(mlir::RankedTensorType type);

} // namespace mixc::gpu
