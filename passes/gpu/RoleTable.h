// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The warps and registers of a kernel's roles: which warps make decays and factors, which copy, which carry the state.
#pragma once

#include "mixc/dialect/GpuTile.h"

namespace mixc::gpu {

constexpr int64_t kLanes = 32, kWarpgroup = 4;

/// What the table depends on.
struct RoleNeeds {
  int64_t parts, stages, teams, chunk;
  bool vectors, early, flush;
  /// Whether roles leave registers to others.
  bool rebalance;
  /// Registers of a thread of `compute` that hold what the loop carries.
  int64_t stateRegisters;
};

llvm::SmallVector<gpu_tile::RoleAttr> roleTable(mlir::MLIRContext *context, const RoleNeeds &needs);

/// Registers of a thread of a part that hold what the loop carries.
int64_t stateRegisters(mlir::scf::ForOp loop);

} // namespace mixc::gpu
