// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The choice of algorithm: candidates for a spec and a machine, what the cost model predicts for each, and the plans
// that are worth compiling.
#pragma once

#include "mixc/passes/Cost.h"
#include "mixc/passes/SelectOptions.h"
#include <string>

namespace mixc {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "mixc/passes/SelectPasses.h.inc"

/// One way to compute the spec on a machine.
struct Candidate {
  mixer::AlgorithmAttr plan;
  mixc_cost cost{};
  int64_t maxSplits = 1;
  std::string rejected; ///< why the machine cannot run it; empty if it can
  int64_t bands = 1;    ///< of heads, which the cost is of one of
};

/// What is wrong with the options for such a spec, beginning with the option's name and a colon; empty if nothing. `onGpu`: whether a
/// GPU is among the machines.
std::string problemOf(const SelectOptions &options, const SpecFacts &facts, bool onGpu);

/// The same of options that choose what the spec's own plans, if it has any, have chosen already.
std::string problemOfGiven(mixer::SpecOp spec, const SelectOptions &options);

/// All candidates that `options` leaves, those that are rejected included, in a fixed order.
mlir::SmallVector<Candidate> listCandidates(mixer::SpecOp spec, const SpecFacts &facts, const Target &target, const SelectOptions &options);

/// The plans that the spec has, for a machine.
mlir::SmallVector<Candidate> listGivenPlans(mixer::SpecOp spec, const SpecFacts &facts, const Target &target);

struct Prediction {
  int64_t splits = 1;
  mixc_cost_terms terms{};
};
Prediction predict(const Candidate &candidate, const Target &target, int64_t batch, int64_t length);

/// One sentence: what takes the time, or why the candidate is not taken.
std::string explainPrediction(const Candidate &candidate, const Prediction &prediction);

/// The plans to compile, best first: one if `options` holds B and T, else those that a dispatcher needs over the usual B and T, of each
/// family at most as many as `options` says. Emits a diagnostic if there is none.
mlir::FailureOr<mlir::SmallVector<Candidate>> selectPlans(mixer::SpecOp spec, const Target &target, const SelectOptions &options);

} // namespace mixc
