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
  /// If not 0: each of so many warps touches its own part of the last dimension only.
  int64_t strips = 0;
  /// A copy into a ring of stages: the loop's own waits and barriers order it with what reads the ring.
  bool intoRing = false;
  bool operator==(const Access &other) const {
    return buffer == other.buffer && writes == other.writes && warpRows == other.warpRows && strips == other.strips && slot == other.slot &&
           intoRing == other.intoRing;
  }
  /// Whether what both touch of a buffer is touched by one warp.
  bool isOfSameWarp(const Access &other) const {
    return (warpRows > 0 && warpRows == other.warpRows) || (strips > 0 && strips == other.strips);
  }
};

/// How many warps put a fragment to shared memory in parts of the last dimension there, one for each; 0 if they do not.
int64_t stripsOf(gpu_tile::FragmentType type, llvm::ArrayRef<int64_t> perm);

/// The buffer of a shared tile, or of a stage of one.
gpu_tile::AllocOp bufferOf(mlir::Value shared);

/// The accesses of one op, those of deferred maps counted where their result is used.
llvm::SmallVector<Access> accessesOf(mlir::Operation *op);

} // namespace mixc::gpu
