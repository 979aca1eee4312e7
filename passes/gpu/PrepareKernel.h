// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What comes before a kernel is placed: its ops in the forms that have a placement, and what the plan says of it.
#pragma once

#include "Placement.h"
#include "mixc/passes/Family.h"

namespace mixc::gpu {

struct KernelPlan {
  const Family &family;
  /// Warps that share a tile, those of the block or of each part of it; chunks under way, and their tokens; parts; teams, and the warps of
  /// one, which share what it computes.
  int64_t warps, stages, chunk, parts, teams, teamWarps;
  /// Whether roles leave registers to others.
  bool rebalance;
};

/// Fails where the kernel holds what has no placement, or the plan asks for what `arch` has not.
mlir::FailureOr<KernelPlan> prepareKernel(tile::KernelOp kernel, mixer::AlgorithmAttr plan, llvm::StringRef arch);

} // namespace mixc::gpu
