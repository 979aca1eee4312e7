// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which shared memory an op of a kernel touches.
#pragma once

#include "mixc/dialect/GpuTile.h"

namespace mixc::gpu {

struct Access {
  gpu_tile::AllocOp buffer;
  bool writes = false;
  /// If not 0: every row is touched by the warp that owns this one of so many rows only.
  int64_t warpRows = 0;
  /// The stage, for a buffer of several: two stages that are named apart inside an iteration are not the same.
  mlir::Value slot = {};
  bool operator==(const Access &other) const {
    return buffer == other.buffer && writes == other.writes && warpRows == other.warpRows && slot == other.slot;
  }
};

/// The buffer of a shared tile, or of a stage of one.
gpu_tile::AllocOp bufferOf(mlir::Value shared);

/// The accesses of one op, those of deferred maps counted where their result is used. Copies into a ring of stages are left out:
/// the loop's own waits and barriers order them.
llvm::SmallVector<Access> accessesOf(mlir::Operation *op);

} // namespace mixc::gpu
