// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From a tile.kernel to a gpu_tile.kernel, and what follows when its ops are there.
#pragma once

#include "PrepareKernel.h"

namespace mixc::gpu {

/// Rewrites a kernel, whose warps have the roles that `assignRoles` wrote on it or none, with buffers at no offset yet. Roles have the
/// barriers of their warps; a kernel without does not.
mlir::LogicalResult convertKernel(tile::KernelOp source, gpu_tile::KernelOp dest, const Placement &placement, const KernelPlan &plan);

/// Reports where a role waits for what no other one tells it, or reads what nobody writes, or writes without a fence what bulk copies or
/// wgmma read.
mlir::LogicalResult checkChannels(gpu_tile::KernelOp kernel);
/// Places buffers in shared memory; buffers that live at the same time lie apart. Returns the bytes used.
int64_t planSharedMemory(gpu_tile::KernelOp kernel, int64_t budget);
/// The same, after putting the ops of a kernel without roles, and of roles with memory of their own, in an order that needs fewer barriers,
/// so far as no fewer blocks fit a multiprocessor for it.
int64_t orderAndPlanMemory(gpu_tile::KernelOp kernel, int64_t budget);
/// Whether the role's groups have shared memory of their own, in which buffers share places.
bool hasOwnMemory(gpu_tile::RoleOp role);
/// Blocks that fit a multiprocessor, which has a kilobyte more than one block may use and keeps one for each.
inline int64_t blocksPerUnit(int64_t bytes, int64_t budget) {
  constexpr int64_t kMostBlocks = 32; // that a multiprocessor holds, however small they are
  return std::min(kMostBlocks, (budget + 1024) / (bytes + 1024));
}
/// Inserts barriers where one of the warps that run the block could read, or overwrite, what another wrote, or reads, since the last
/// one.
void insertBarriers(mlir::Block &block, int64_t warps);
/// Moves what a role with memory of its own computes in registers behind the barriers that it stands before: what is made for memory that
/// has to be free first waits in few registers.
void workBehindBarriers(gpu_tile::RoleOp role);
/// Moves what one thread of the role's last warp does beside a solve, in which the first warp alone has work.
void workInIdleWarps(gpu_tile::RoleOp role);

} // namespace mixc::gpu
