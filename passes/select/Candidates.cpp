// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The plans that are considered for a spec and a machine.

#include "mixc/passes/Family.h"
#include "mixc/passes/Forms.h"
#include "mixc/passes/Select.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

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
  Candidate candidate{plan, {}, 1, "", facts.bands};
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
  // Bands cost what sequences do.
  batch = std::min<uint64_t>(llvm::SaturatingMultiply<uint64_t>(batch, candidate.bands), INT64_MAX);
  prediction.splits = mixc_cost_best_splits(&target.machine, &candidate.cost, batch, length, candidate.maxSplits, nullptr);
  mixc_cost_evaluate(&target.machine, &candidate.cost, batch, length, prediction.splits, &prediction.terms);
  return prediction;
}

namespace {
/// A summand of a time.
struct Part {
  double seconds;
  std::string name;
};
} // namespace

static Part largest(ArrayRef<Part> parts) {
  return *std::max_element(parts.begin(), parts.end(), [](const Part &a, const Part &b) { return a.seconds < b.seconds; });
}

std::string explainPrediction(const Candidate &candidate, const Prediction &prediction) {
  if (!candidate.rejected.empty())
    return "does not fit: " + candidate.rejected;
  const mixc_cost_terms &t = prediction.terms;
  const Part inWork = largest({{t.matrix + t.shared, "matrix products"}, {t.special, "exponentials"}, {t.scalar, "elementwise work"}});
  const Part side = t.memory >= t.work ? Part{t.memory, "memory"} : Part{t.work, std::string("work, chiefly ") + inWork.name};
  const Part most = largest({side, {t.launch, "launches"}, {t.quantisation, "an unfilled machine and serial steps"}});
  return llvm::formatv("mostly {0}: {1:f1} of {2:f1} us", most.name, most.seconds * 1e6, t.total * 1e6);
}

} // namespace mixc
