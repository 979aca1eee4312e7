// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the files have in common that write a kernel whose warps have roles: Specialise.cpp, RoleLoops.cpp, HelperRoles.cpp and
// ComputeRoles.cpp.
#pragma once

#include "KernelConverter.h"

namespace mixc::gpu {

constexpr int64_t kLanes = 32, kWarpgroup = 4, kMostRegistersOfThread = 240;
/// Registers of a thread that computes with the state, besides those of the state.
constexpr int64_t kComputeRegisters = 120;

/// What `ops` need of the ops before the loop, in order.
llvm::SetVector<mlir::Operation *> neededBefore(mlir::scf::ForOp loop, llvm::ArrayRef<mlir::Operation *> ops);

/// Registers of a thread that hold what the loop carries.
int64_t stateRegisters(mlir::scf::ForOp loop);

} // namespace mixc::gpu
