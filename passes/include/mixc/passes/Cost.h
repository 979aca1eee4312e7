// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the runtime's cost model (mixc/runtime/cost.h) needs of a plan: coefficients that are counted from its tile program.
#pragma once

#include "mixc/dialect/Tile.h"
#include "mixc/passes/Facts.h"
#include "mixc/passes/Target.h"
#include "mlir/Pass/Pass.h"

namespace mixc {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "mixc/passes/CostPasses.h.inc"

struct ProgramCost {
  mixc_cost cost{};
  std::string misfit; ///< why a block does not fit a GPU, as its family says; empty if it does
};
/// Coefficients of the cost model for the program of a plan, which is lowered once to find out what its blocks take of a GPU. The error
/// says why it cannot be lowered.
llvm::Expected<ProgramCost> programCost(const SpecFacts &facts, tile::ProgramOp program, mixer::AlgorithmAttr plan, const Target &target);

/// Largest number of splits of the program; 1 if T cannot be cut.
int64_t maxSplits(tile::ProgramOp program);

struct PlanCost {
  mixc_cost cost{};
  int64_t maxSplits = 1;
};
/// Both for a plan alone, of which a program is made and dropped; the error says why there is none.
llvm::Expected<PlanCost> planCost(mixer::SpecOp spec, const SpecFacts &facts, mixer::AlgorithmAttr plan, const Target &target);

} // namespace mixc
