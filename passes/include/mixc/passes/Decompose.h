// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Passes that turn a spec and a plan into a tile program.
#pragma once

#include "mixc/dialect/Mixer.h"
#include "mixc/dialect/Tile.h"
#include "mlir/Pass/Pass.h"

namespace mixc {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "mixc/passes/DecomposePasses.h.inc"

/// Adds the tile program of one plan of the spec beside it. Emits a diagnostic where the plan cannot compute it.
mlir::LogicalResult decomposePlan(mixer::SpecOp spec, mixer::AlgorithmAttr plan);
} // namespace mixc
