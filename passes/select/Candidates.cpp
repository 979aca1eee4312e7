// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The plans that are considered for a spec and a machine.

#include "mixc/passes/Family.h"
#include "mixc/passes/Forms.h"
#include "mixc/passes/Select.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace mixc {
namespace {

/// The type that matrix products take: that of `io` tensors on a GPU, f32 on a CPU.
Type operandType(mixer::SpecOp spec, const Target &target) {
  const Type io = spec.getIoType();
  return target.isGpu() && io ? io : Float32Type::get(spec.getContext());
}

} // namespace

/// What a plan costs, if it fits.
static Candidate countCandidate(mixer::SpecOp spec, const SpecFacts &facts, mixer::AlgorithmAttr plan, const Target &target) {
  Candidate candidate{plan, {}, 1, ""};
  if (llvm::Expected<PlanCost> counted = planCost(spec, facts, plan, target)) {
    candidate.cost = counted->cost;
    candidate.maxSplits = counted->maxSplits;
  } else {
    candidate.rejected = llvm::toString(counted.takeError());
  }
  return candidate;
}

SmallVector<Candidate> listGivenPlans(mixer::SpecOp spec, const SpecFacts &facts, const Target &target) {
  SmallVector<Candidate> candidates;
  for (auto plan : spec.getPlansAttr().getAsRange<mixer::AlgorithmAttr>()) {
    const Family *family = findFamily(plan.getFamily());
    if (family && !family->runsOn(target))
      candidates.push_back({plan, {}, 1, llvm::formatv("its code is for {0} alone", family->getArch())});
    else
      candidates.push_back(countCandidate(spec, facts, plan, target));
  }
  return candidates;
}

SmallVector<Candidate> listCandidates(mixer::SpecOp spec, const SpecFacts &facts, const Target &target, const SelectOptions &options) {
  SmallVector<mixer::Algorithm> algorithms;
  for (mixer::Algorithm algorithm : {mixer::Algorithm::Chunked, mixer::Algorithm::Scan, mixer::Algorithm::Quadratic})
    if ((!options.algorithm || *options.algorithm == algorithm) && !findMissingForm(spec, algorithm))
      algorithms.push_back(algorithm);
  SmallVector<Candidate> candidates;
  auto take = [&](mixer::AlgorithmAttr plan) {
    candidates.push_back(countCandidate(spec, facts, plan, target));
    return candidates.back().rejected.empty();
  };
  for (const Family *family : familiesFor(target))
    family->listPlans({facts, target, options, algorithms, operandType(spec, target)}, take);
  return candidates;
}

Prediction predict(const Candidate &candidate, const Target &target, int64_t batch, int64_t length) {
  Prediction prediction;
  prediction.splits = mixc_cost_best_splits(&target.machine, &candidate.cost, batch, length, candidate.maxSplits, nullptr);
  mixc_cost_evaluate(&target.machine, &candidate.cost, batch, length, prediction.splits, &prediction.terms);
  return prediction;
}

std::string explainPrediction(const Candidate &candidate, const Prediction &prediction) {
  if (!candidate.rejected.empty())
    return "does not fit: " + candidate.rejected;
  const mixc_cost_terms &t = prediction.terms;
  // Only what bounds the time: the other side is hidden behind it.
  llvm::SmallVector<std::pair<double, const char *>> parts{{t.launch, "launches"},
                                                           {t.quantisation, "an unfilled machine and serial steps"}};
  if (t.bound_by_memory)
    parts.push_back({t.memory, "memory"});
  else
    parts.append({{t.matrix, "matrix products"},
                  {t.shared, "operands from shared memory"},
                  {t.special, "exponentials"},
                  {t.scalar, "elementwise work"}});
  const auto *most = &parts[0];
  for (const auto &part : parts)
    if (part.first > most->first)
      most = &part;
  return llvm::formatv("mostly {0}: {1:f1} of {2:f1} us", most->second, most->first * 1e6, t.total * 1e6);
}

} // namespace mixc
