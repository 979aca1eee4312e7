// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The choice of algorithm: candidates for a spec and a machine, what the cost model predicts for each, and the plans
// that are worth compiling.
#pragma once

#include "mixc/passes/Target.h"
#include "mlir/Pass/Pass.h"
#include <optional>
#include <string>

namespace mixc {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "mixc/passes/SelectPasses.h.inc"

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
  double bytesToken = 0;             ///< arguments and results over tokens
  double bytesState = 0;             ///< the share of bytesToken that the state needs: x, b and decay
  double bytesPairs = 0;             ///< what a row block of the quadratic algorithm reads again of every earlier token
  double bytesShared = 0;            ///< b and c, if all heads share them: every block reads them for itself
  double bytesSequence = 0;          ///< initial and final states, without those that a call may leave out
  double states = 0;                 ///< initial and final states: none, one or both
  double scalarMaps = 0;             ///< elementwise work around the recurrence
  double specialMaps = 0;

  int64_t headsPerGroup() const { return heads / groups; }
};

/// Sizes must be bound. Emits a diagnostic on the spec otherwise.
mlir::FailureOr<SpecFacts> collectFacts(mixer::SpecOp spec);

/// One way to compute the spec on a machine.
struct Candidate {
  mixer::AlgorithmAttr plan;
  mixc_cost cost{};
  int64_t maxSplits = 1;
  std::string rejected; ///< why the machine cannot run it; empty if it can
};

struct SelectOptions {
  std::optional<mixer::Algorithm> algorithm; ///< null: the cost model decides
  bool all = false;                          ///< one plan for each algorithm that the transition has
  int64_t chunk = 0;                         ///< tokens of a chunk; 0: the cost model decides
  int64_t heads = 0;                         ///< heads of a block; 0: the cost model decides
  int64_t batch = 0, length = 0;             ///< 0: not known
  /// Of products of f32 operands; null: tf32 on a GPU. A CPU has f32 alone.
  std::optional<mixer::Precision> precision;
};

/// What is wrong with the options for such a spec, beginning with the option's name and a colon; empty if nothing. `onGpu`: whether a
/// GPU is among the machines.
std::string problemOf(const SelectOptions &options, const SpecFacts &facts, bool onGpu);

/// Coefficients of the cost model for a plan.
mixc_cost planCost(const SpecFacts &facts, mixer::AlgorithmAttr plan, const Target &target);

/// Shared memory that a block of the plan takes on a GPU, in bytes; the working set of a core on a CPU.
int64_t planBytes(const SpecFacts &facts, mixer::AlgorithmAttr plan);

/// All candidates that `options` leaves, those that are rejected included, in a fixed order.
mlir::SmallVector<Candidate> listCandidates(mixer::SpecOp spec, const SpecFacts &facts, const Target &target, const SelectOptions &options);

struct Prediction {
  int64_t splits = 1;
  mixc_cost_terms terms{};
};
Prediction predict(const Candidate &candidate, const Target &target, int64_t batch, int64_t length);

/// One sentence: what takes the time, or why the candidate is not taken.
std::string explainPrediction(const Candidate &candidate, const Prediction &prediction);

/// Largest number of splits of the plan; 1 if it cannot be split.
int64_t maxSplits(const SpecFacts &facts, mixer::AlgorithmAttr plan);

/// The plans to compile, best first: one if `options` holds B and T or forces the algorithm, else those (at most three)
/// that a dispatcher needs over the usual B and T. Emits a diagnostic if there is none.
mlir::FailureOr<mlir::SmallVector<Candidate>> selectPlans(mixer::SpecOp spec, const Target &target, const SelectOptions &options);

} // namespace mixc
