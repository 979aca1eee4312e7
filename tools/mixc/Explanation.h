// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the cost model says of one call on one machine: every plan with its terms, the one that is taken, and what no plan can be below.
// `mixc explain` prints it as text, as JSON and as a page.
#pragma once

#include "mixc/passes/Compiler.h"
#include "mixc/passes/DecayBound.h"
#include "mixc/passes/Select.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

namespace mixc {

/// A plan with what it does in the call and how long that takes.
struct PlanRow {
  Candidate candidate;
  Prediction prediction;
  size_t position = 0; ///< in the order of the candidates
  bool chosen = false;
  double flops = 0, bytes = 0;
  std::string why;

  bool fits() const { return candidate.rejected.empty(); }
  double seconds() const { return prediction.terms.total; }
  mixer::Algorithm algorithm() const { return candidate.plan.getAlgorithm(); }
};

/// What no plan of the call is below: the time to move every tensor once, or to do the least work that a plan has.
struct Floor {
  double bytes = 0;
  double memory = 0, work = 0; ///< s
  std::string leastWork;       ///< name of the plan that has it

  bool isMemory() const { return memory >= work; }
  double seconds() const { return std::max(memory, work); }
};

/// What is known of a recurrence's decays.
struct DecayNote {
  std::string name;  ///< of the argument, or which recurrence's it is
  DecayBound bound;  ///< one of its two numbers is finite
  bool used = false; ///< by the plan that is taken
};

struct Explanation {
  Target target;
  std::string spec, dtype;
  std::map<std::string, int64_t> sizes;
  std::vector<PlanRow> rows; ///< the chosen one first, then by time; those that do not fit are last
  Floor floor;
  std::vector<DecayNote> decays;
  std::string alone; ///< why no plan of another algorithm fits; empty where one does

  /// Null where no plan of the spec's own fits.
  const PlanRow *chosen() const { return !rows.empty() && rows.front().chosen ? &rows.front() : nullptr; }
  /// The fastest plan of an algorithm that is not the chosen one's; null where there is none.
  const PlanRow *bestOther() const;
  /// The fastest plan of each algorithm that has one, the fastest first.
  std::vector<const PlanRow *> bestOfAlgorithms() const;
};

/// `spec` has its sizes and dtype; B and T are those of the options. Emits a diagnostic where no plan can be listed.
mlir::FailureOr<Explanation> explainSpec(mixer::SpecOp spec, const Target &target, const CompileOptions &options);

/// "chunked 64", "chunked 32, tf32, 3 stages", "chunked 64, sm_90a, 2 parts, 3 stages", "chunked 16, sm_90a, 1 part of 128 columns, 2
/// teams, 4 stages"
std::string planName(mixer::AlgorithmAttr plan);
/// "12.3 us", "19.01 ms", "4.200 s"
std::string durationText(double seconds);
/// "692.1 MB"
std::string bytesText(double bytes);
/// "h100 (sm_90a), 132 multiprocessors"
std::string machineText(const Target &target);
/// "decay of recurrence 1: declared >= -5, found >= -8; chunks of 16 tokens take it: one product for their scores"
std::string decayText(const DecayNote &note);
/// The three lines that say which plan is taken, how far it is ahead, and how near to the floor.
std::vector<std::string> verdict(const Explanation &explanation);

/// One of the terms that a prediction is made of.
struct Term {
  std::string name;
  double seconds;
  unsigned depth;   ///< 1: a part of `work`
  std::string what; ///< what takes the time
};
/// The terms of a plan, in the order of the help; the total is not among them.
std::vector<Term> termsOf(const PlanRow &row, const Target &target);

/// Verdict and terms; with `all` the table of every candidate behind them.
void printExplanation(const Explanation &explanation, bool all, llvm::raw_ostream &os);
llvm::json::Object explanationToJson(const Explanation &explanation);

} // namespace mixc
