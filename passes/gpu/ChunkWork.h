// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the attributes gpu_tile.roles and gpu_tile.work say of a kernel, role by role.
#pragma once

#include "AheadWork.h"

namespace mixc::gpu {

/// A loop over chunks.
struct ChunkWork {
  mlir::scf::ForOp loop;
  /// The scalars around it, of every role.
  mlir::SmallVector<mlir::Operation *> scalars;
  /// What `fetch` copies, and `vectors` computes, and the scalars of the loop that they and `flush` need.
  AheadWork ahead;
  mlir::SmallVector<tile::LoadOp> fetched;
  mlir::SmallVector<tile::StoreOp> flushed;
  /// What `vectors` does before the loop.
  mlir::SmallVector<mlir::Operation *> vectorsBefore;
  /// Scalars of the loop that `early` needs; what it does once for all parts, and for each part.
  mlir::SmallVector<mlir::Operation *> earlyScalars, earlyOnce, earlyOfPart;
  /// What `factors` does before the loop; scalars of the loop that it needs; what it does once for all parts, and for each part.
  mlir::SmallVector<mlir::Operation *> factorsBefore, factorScalars, factorsOnce, factorsOfPart;
  /// What `compute` does before the loop, behind the one before, in it, and behind the last one, in its order.
  mlir::SmallVector<mlir::Operation *> computeBefore, compute, computeAfter;
  /// Tiles that `vectors`, `early` and `factors` hand over.
  mlir::SmallVector<mlir::Value> vectorsOut, earlyOut, factorsOut;
};

/// Who of `factors` and `compute` reads a fetched tile.
mlir::SmallVector<gpu_tile::Role, 2> readersOf(tile::LoadOp load);

/// That of all loops, in order.
std::vector<ChunkWork> readChunkWork(tile::KernelOp kernel);

/// One stage of a tile that is handed over.
gpu_tile::SharedType sharedForm(mlir::Value tile);

} // namespace mixc::gpu
