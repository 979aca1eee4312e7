// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the runtime's cost model (mixc/runtime/cost.h) needs of a plan: coefficients that are counted from its tile program.
#pragma once

#include "mixc/dialect/Mixer.h"
#include "mixc/dialect/Tile.h"
#include "mixc/passes/Target.h"
#include "mlir/Pass/Pass.h"
#include "llvm/ADT/SmallVector.h"

namespace mixc {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "mixc/passes/CostPasses.h.inc"

/// What the cost of a spec depends on, besides the plan. Counts are per token of one sequence, all heads together.
struct SpecFacts {
  int64_t heads = 1, groups = 1, n = 1, p = 1;
  int64_t columns = 1;               ///< of the state: P, and one for each x without P
  int64_t recurrences = 1;           ///< with b, c and transitions of their own
  bool decays = false;               ///< a decay, for each head or for each entry of the state
  bool decaysEntries = false;        ///< for each entry
  bool corrects = false;             ///< a rank-1 correction
  bool bothDirections = false;       ///< two passes over the tokens
  bool sumsColumns = false;          ///< a sum over P: a block has all columns
  bool plain = true;                 ///< all steps are S -> a S + u with a number a for each head, read after the step
  int64_t ioBytes = 4;               ///< of an element of an `io` tensor
  int64_t tilesIn = 0, tilesOut = 0; ///< arguments and results over tokens and P
  /// Bytes of each argument and result over tokens, one that a call may leave out, or without tokens, 0.
  llvm::SmallVector<double> bytesToken;
  double bytesSequence = 0; ///< initial and final states, without those that a call may leave out

  int64_t headsPerGroup() const { return heads / groups; }
};

/// Sizes must be bound. Emits a diagnostic on the spec otherwise.
mlir::FailureOr<SpecFacts> collectFacts(mixer::SpecOp spec);

/// Coefficients of the cost model for the program of a plan.
mixc_cost programCost(const SpecFacts &facts, tile::ProgramOp program, mixer::AlgorithmAttr plan, const Target &target);

/// Largest number of splits of the program; 1 if T cannot be cut.
int64_t maxSplits(tile::ProgramOp program);

struct PlanCost {
  mixc_cost cost{};
  int64_t maxSplits = 1;
};
/// Both for a plan alone, of which a program is made and dropped; the error says why there is none.
llvm::Expected<PlanCost> planCost(mixer::SpecOp spec, const SpecFacts &facts, mixer::AlgorithmAttr plan, const Target &target);

/// Shared memory that a block of the plan takes on a GPU, in bytes; the working set of a core on a CPU.
int64_t planBytes(const SpecFacts &facts, mixer::AlgorithmAttr plan);

} // namespace mixc
