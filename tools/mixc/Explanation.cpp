// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Explanation.h"
#include "mixc/passes/Forms.h"
#include "mixc/passes/Frontend.h"
#include "mixc/passes/Shape.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>
#include <map>

using namespace llvm;
using namespace mixc;

const PlanRow *Explanation::bestOther() const {
  for (const PlanRow *row : bestOfAlgorithms())
    if (chosen() && row->algorithm() != chosen()->algorithm())
      return row;
  return nullptr;
}

std::vector<const PlanRow *> Explanation::bestOfAlgorithms() const {
  std::vector<const PlanRow *> best;
  for (const PlanRow &row : rows) // by time
    if (row.fits() && none_of(best, [&](const PlanRow *other) { return other->algorithm() == row.algorithm(); }))
      best.push_back(&row);
  llvm::sort(
      best, [](const PlanRow *a, const PlanRow *b) { return std::pair(a->seconds(), a->position) < std::pair(b->seconds(), b->position); });
  return best;
}

/// What one call does: per token, per pair of tokens and per sequence.
static void countWork(PlanRow &row, double batch, int64_t length) {
  const mixc_cost &cost = row.candidate.cost;
  double tokens = batch * length, pairs = batch * length * (length + 1) / 2;
  row.flops = (cost.matrix_token + cost.scalar_token) * tokens + (cost.matrix_pair + cost.scalar_pair) * pairs;
  row.bytes = cost.bytes_token * tokens + cost.bytes_pair * pairs + cost.bytes_sequence * batch;
  if (row.prediction.splits > 1)
    row.bytes += cost.bytes_split * batch * row.prediction.splits;
}

/// Tensors that a plan does not read, such as those of another kernel's, are in no floor.
static Floor findFloor(const std::vector<PlanRow> &rows, const SpecFacts &facts, const Target &target, const SelectOptions &call) {
  Floor floor;
  double tensors = 0;
  for (double bytes : facts.bytesToken)
    tensors += bytes;
  floor.bytes = double(call.batch) * facts.bands * (tensors * call.length + facts.bytesSequence);
  floor.work = INFINITY;
  for (const PlanRow &row : rows) {
    if (!row.fits())
      continue;
    floor.bytes = std::min(floor.bytes, row.bytes);
    if (row.prediction.terms.work < floor.work) {
      floor.work = row.prediction.terms.work;
      floor.leastWork = planName(row.candidate.plan);
    }
  }
  floor.memory = floor.bytes / target.machine.copy_bandwidth;
  return floor;
}

/// Chunks of bf16 with a decay for each entry of the state take one product for their scores where a bound allows it.
static bool usesBound(const PlanRow *row, const SpecFacts &facts, double bound) {
  return row && row->algorithm() == mixer::Algorithm::Chunked && facts.decaysEntries && row->candidate.plan.getOperand().isBF16() &&
         isWithinRange(bound, row->candidate.plan.getChunk() * facts.updates);
}

static std::vector<DecayNote> findDecays(mixer::SpecOp spec, const SpecFacts &facts, const PlanRow *chosen) {
  std::vector<DecayNote> notes;
  unsigned number = 0;
  spec.walk([&](mixer::SemiseparableOp op) {
    ++number;
    const DecayBound bound = decayBound(op);
    if (!std::isfinite(bound.best()))
      return;
    auto argument = dyn_cast<mlir::BlockArgument>(op.getDecay());
    std::string name = argument ? spec.getArgName(argument.getArgNumber()).str() : "of recurrence " + std::to_string(number);
    notes.push_back({name, bound, usesBound(chosen, facts, bound.best())});
  });
  return notes;
}

static mlir::FailureOr<std::vector<PlanRow>> predictRows(mixer::SpecOp spec, const SpecFacts &facts, const Target &target,
                                                         const SelectOptions &select) {
  const bool given = static_cast<bool>(spec.getPlansAttr());
  mlir::FailureOr<mlir::SmallVector<Candidate>> plans = given ? listGivenPlans(spec, facts, target) : selectPlans(spec, target, select);
  if (failed(plans))
    return mlir::failure();
  // Of the plans that are compiled, the one that a call with these sizes takes.
  auto seconds = [&](const Candidate &plan) {
    return plan.rejected.empty() ? predict(plan, target, select.batch, select.length).terms.total : INFINITY;
  };
  const Candidate *taken =
      std::min_element(plans->begin(), plans->end(), [&](const auto &a, const auto &b) { return seconds(a) < seconds(b); });
  std::vector<PlanRow> rows;
  for (Candidate &candidate : given ? *plans : listCandidates(spec, facts, target, select)) {
    PlanRow row;
    row.position = rows.size();
    row.prediction = predict(candidate, target, select.batch, select.length);
    row.chosen = candidate.plan == taken->plan && candidate.rejected.empty();
    row.why = explainPrediction(candidate, row.prediction);
    row.candidate = std::move(candidate);
    countWork(row, double(select.batch) * facts.bands, select.length);
    rows.push_back(std::move(row));
  }
  llvm::sort(rows, [](const PlanRow &a, const PlanRow &b) {
    return std::tuple(!a.chosen, !a.fits(), a.seconds(), a.position) < std::tuple(!b.chosen, !b.fits(), b.seconds(), b.position);
  });
  return rows;
}

/// Why the chosen plan's algorithm is the only one that has a plan.
static std::string whyAlone(mixer::SpecOp spec, const Explanation &explanation, const SelectOptions &select) {
  if (spec.getPlansAttr())
    return "the spec's own plans have none of another";
  if (select.algorithm)
    return ("--algorithm=" + stringifyAlgorithm(*select.algorithm) + " leaves out the others").str();
  std::map<std::string, std::vector<std::string>> reasons; // and the algorithms that each is of
  for (mixer::Algorithm algorithm : {mixer::Algorithm::Chunked, mixer::Algorithm::Scan, mixer::Algorithm::Quadratic}) {
    if (algorithm == explanation.chosen()->algorithm())
      continue;
    auto row = find_if(explanation.rows, [&](const PlanRow &other) { return other.algorithm() == algorithm; });
    std::string reason = "no plan for these sizes and flags on this machine";
    if (std::optional<MissingForm> missing = findMissingForm(spec, algorithm))
      reason = missing->text;
    else if (row != explanation.rows.end())
      reason = row->why;
    reasons[reason].push_back(stringifyAlgorithm(algorithm).str());
  }
  std::vector<std::string> lines;
  for (auto &[reason, algorithms] : reasons)
    lines.push_back(join(algorithms, ", ") + ": " + reason);
  return join(lines, "; ");
}

mlir::FailureOr<Explanation> mixc::explainSpec(mixer::SpecOp spec, const Target &target, const CompileOptions &options) {
  mlir::FailureOr<SpecFacts> facts = collectFacts(spec);
  if (failed(facts))
    return mlir::failure();
  const SelectOptions select = selectOptions(options, target);
  mlir::FailureOr<std::vector<PlanRow>> rows = predictRows(spec, *facts, target, select);
  if (failed(rows))
    return mlir::failure();
  Explanation made;
  made.target = target;
  made.spec = spec.getSymName().str();
  made.rows = std::move(*rows);
  made.floor = findFloor(made.rows, *facts, target, select);
  made.decays = findDecays(spec, *facts, made.chosen());
  if (made.chosen() && !made.bestOther())
    made.alone = whyAlone(spec, made, select);
  return made;
}
