// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the descriptor says about a spec and its tile programs, read from the IR before it is lowered.
#pragma once

#include "mixc/dialect/Mixer.h"
#include "mixc/dialect/Tile.h"
#include "mixc/passes/Compiler.h"
#include "mixc/passes/Family.h"

namespace mixc {

/// Name, tensors, sizes and dtype of a spec with bound sizes. What a state is follows from the spec as it was declared: with sizes it may
/// turn out that nothing of one is read, as by a convolution of one tap. Emits an error where the runtime's limits are exceeded.
mlir::FailureOr<SpecInfo> describeSpec(mixer::SpecOp spec, mixer::SpecOp declared);

/// One variant for each tile program of the module, which were decomposed from the plans of `spec` for `target`.
mlir::FailureOr<std::vector<VariantInfo>> describePrograms(mlir::ModuleOp module, mixer::SpecOp spec, const Target &target);

/// Whether code of the plan is for one architecture alone.
inline bool isArchSpecific(mixer::AlgorithmAttr plan) { return !familyOf(plan).getArch().empty(); }

MachineInfo describeMachine(const Target &target);

} // namespace mixc
