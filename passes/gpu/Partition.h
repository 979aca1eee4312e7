// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Who does what of a kernel for sm_90a: a function of the kernel, of where its tiles lie and of the plan. All that the lowering to roles
// goes by is decided here and written on the ops, as the attributes gpu_tile.roles and gpu_tile.work (dialect/gpu_tile/WorkAttrs.td).
#pragma once

#include "PrepareKernel.h"

namespace mixc::gpu {

/// Gives the warps of a kernel with a loop over chunks roles, if those of the plan's family have such. Leaves a kernel without such a loop,
/// or without tiles that bulk copies can fetch, as it is. Fails where an op would have no owner, or an owner without its
/// operands.
mlir::LogicalResult assignRoles(tile::KernelOp kernel, const Placement &placement, const KernelPlan &plan);
/// Takes the attributes off a kernel of either dialect.
void eraseRoles(mlir::Operation *kernel);

/// The scalar ops outside of loops that follow from the kernel's arguments. Every role computes them for itself: values that live across
/// all roles would take registers from each.
llvm::SmallVector<mlir::Operation *> scalarsAround(tile::KernelOp kernel);
/// What `ops` need of the ops before the loop, in order.
llvm::SetVector<mlir::Operation *> neededBefore(mlir::scf::ForOp loop, llvm::ArrayRef<mlir::Operation *> ops);

} // namespace mixc::gpu
