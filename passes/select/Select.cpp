// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/passes/Select.h"
#include "mixc/dialect/GpuTile.h"
#include "mixc/passes/Family.h"
#include "mixc/passes/Forms.h"
#include "mixc/runtime/limits.h"
#include "mlir/Pass/Pass.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>
#include <functional>
#include <numeric>
#include <tuple>

using namespace mlir;

namespace mixc {
#define GEN_PASS_DEF_MIXERSELECT
#include "mixc/passes/SelectPasses.h.inc"

namespace {

// Where nothing else is asked for: each costs time to compile and bytes. Of families for one architecture fewer, whose plans are for many
// tokens, and beside which there are portable ones.
constexpr unsigned kMaxCpuPlans = 3, kMaxGpuPlans = 4, kMaxSpecialPlans = 2;
// Sets of up to so many plans are the best of all sets; more plans are added to such a set one by one.
constexpr unsigned kMaxExactSet = 3;
// Plans are added until no call takes this much longer than with the best of all plans.
constexpr double kTolerated = 1.1;
constexpr mixer::Algorithm kAlgorithms[] = {mixer::Algorithm::Chunked, mixer::Algorithm::Scan, mixer::Algorithm::Quadratic};

// A CPU may have more cores than the machine that was described; the dispatcher counts them.
constexpr int32_t kManyCores = 16;

struct Shape {
  int64_t batch, length;
  int32_t units;
};

/// The usual B and T, on few and many cores, or those that are known.
SmallVector<Shape> shapesFor(const SelectOptions &options, const Target &target) {
  SmallVector<Shape> shapes;
  SmallVector<int64_t> batches{1, 4, 16, 64}, lengths;
  if (options.batch)
    batches = {options.batch};
  for (int64_t length = 1; length <= 131072; length *= 2)
    lengths.push_back(length);
  if (options.length)
    lengths = {options.length};
  SmallVector<int32_t> units{target.machine.units};
  if (!target.isGpu() && !(options.batch && options.length) && kManyCores > target.machine.units)
    units.push_back(kManyCores);
  for (int64_t batch : batches)
    for (int64_t length : lengths)
      for (int32_t count : units)
        shapes.push_back({batch, length, count});
  return shapes;
}

/// seconds[candidate][shape]
using Times = SmallVector<SmallVector<double>>;

Times predictAll(ArrayRef<Candidate> candidates, const Target &target, ArrayRef<Shape> shapes) {
  Times times;
  for (const Candidate &candidate : candidates) {
    times.emplace_back();
    for (const Shape &shape : shapes) {
      Target machine = target;
      machine.machine.units = shape.units;
      times.back().push_back(predict(candidate, machine, shape.batch, shape.length).terms.total);
    }
  }
  return times;
}

/// The times that a dispatcher over `chosen` reaches.
SmallVector<double> reach(const Times &times, ArrayRef<unsigned> chosen) {
  SmallVector<double> reached(times.front().size(), INFINITY);
  for (unsigned index : chosen)
    for (auto [best, time] : llvm::zip(reached, times[index]))
      best = std::min(best, time);
  return reached;
}

double sumOfLogs(ArrayRef<double> times) {
  double sum = 0;
  for (double time : times)
    sum += std::log(time);
  return sum;
}

/// The `count` candidates with the smallest product of reached times; the first such set in lexicographic order.
SmallVector<unsigned> bestSet(const Times &times, unsigned count) {
  SmallVector<unsigned> best, current;
  double least = INFINITY;
  std::function<void(unsigned)> extend = [&](unsigned from) {
    if (current.size() == count) {
      if (const double sum = sumOfLogs(reach(times, current)); sum < least) {
        least = sum;
        best = current;
      }
      return;
    }
    for (unsigned i = from; i < times.size(); ++i) {
      current.push_back(i);
      extend(i + 1);
      current.pop_back();
    }
  };
  extend(0);
  return best;
}

/// How many times longer a call takes than the `best`, where that is the most.
double worstLoss(const Times &times, ArrayRef<unsigned> chosen, ArrayRef<double> best) {
  double worst = 1;
  for (auto [time, least] : llvm::zip(reach(times, chosen), best))
    worst = std::max(worst, time / least);
  return worst;
}

/// The set and the candidate that helps most where it loses most.
SmallVector<unsigned> extendSet(const Times &times, ArrayRef<unsigned> set, ArrayRef<double> best) {
  SmallVector<unsigned> extended;
  double least = INFINITY;
  for (unsigned i = 0; i < times.size(); ++i) {
    SmallVector<unsigned> larger(set);
    larger.push_back(i);
    if (const double worst = worstLoss(times, larger, best); worst < least) {
      least = worst;
      extended = std::move(larger);
    }
  }
  return extended;
}

/// The fewest candidates, at most `limit`, with which no call takes much longer than with all of them; the one that carries
/// the long shapes first.
SmallVector<unsigned> coverShapes(const Times &times, unsigned limit) {
  const SmallVector<double> best = reach(times, llvm::to_vector(llvm::seq<unsigned>(0, times.size())));
  SmallVector<unsigned> chosen = bestSet(times, 1);
  for (unsigned count = 2; count <= std::min<unsigned>(limit, times.size()) && worstLoss(times, chosen, best) >= kTolerated; ++count)
    chosen = count <= kMaxExactSet ? bestSet(times, count) : extendSet(times, chosen, best);
  auto seconds = [&](unsigned index) { return std::accumulate(times[index].begin(), times[index].end(), 0.0); };
  llvm::sort(chosen, [&](unsigned a, unsigned b) { return std::pair(seconds(a), a) < std::pair(seconds(b), b); });
  return chosen;
}

/// Best first, over the given shapes; rejected ones are left out.
SmallVector<Candidate> choose(SmallVector<Candidate> candidates, const Target &target, ArrayRef<Shape> shapes, unsigned limit) {
  llvm::erase_if(candidates, [](const Candidate &candidate) { return !candidate.rejected.empty(); });
  SmallVector<Candidate> chosen;
  if (candidates.empty())
    return chosen;
  for (unsigned index : coverShapes(predictAll(candidates, target, shapes), limit))
    chosen.push_back(candidates[index]);
  return chosen;
}

} // namespace

/// 16-bit operands multiply without rounding, and a CPU multiplies in f32: there is nothing to choose.
static std::string precisionProblem(const SelectOptions &options, const SpecFacts &facts, bool onGpu) {
  if (options.precision && onGpu && facts.ioBytes < 4)
    return "precision: expected io tensors of f32 (--dtype=f32), got a 16-bit type, whose products are exact";
  if (options.precision == mixer::Precision::TF32 && !onGpu)
    return "precision: expected f32 without a GPU among the targets, got tf32: a CPU multiplies in f32";
  return "";
}

std::string problemOf(const SelectOptions &options, const SpecFacts &facts, bool onGpu) {
  const std::tuple<const char *, int64_t, int64_t> numbers[] = {{"batch", options.batch, MIXC_MAX_LENGTH},
                                                                {"length", options.length, MIXC_MAX_LENGTH},
                                                                {"chunk", options.chunk, MIXC_MAX_CHUNK},
                                                                {"heads", options.heads, MIXC_MAX_SIZE},
                                                                {"variants", options.variants, kMaxVariants}};
  for (auto [name, number, most] : numbers)
    if (number < 0 || number > most)
      return llvm::formatv("{0}: expected 0 to {1}, got {2}", name, most, number);
  if (options.algorithm != mixer::Algorithm::Scan && options.chunk % 16)
    return llvm::formatv("chunk: expected a multiple of 16, got {0}", options.chunk);
  if (options.heads && facts.headsPerGroup() % options.heads)
    return llvm::formatv("heads: expected a divisor of the {0} heads that share b and c, got {1}", facts.headsPerGroup(), options.heads);
  return precisionProblem(options, facts, onGpu);
}

std::string problemOfGiven(mixer::SpecOp spec, const SelectOptions &options) {
  if (!spec.getPlansAttr())
    return "";
  const std::pair<const char *, bool> choices[] = {{"algorithm", options.algorithm.has_value()},
                                                   {"chunk", options.chunk != 0},
                                                   {"heads", options.heads != 0},
                                                   {"variants", options.variants != 0}};
  for (auto [name, isGiven] : choices)
    if (isGiven)
      return llvm::formatv("{0}: expected none beside the plans of '{1}', which say it; leave it out, or change the plans", name,
                           spec.getSymName());
  for (auto plan : spec.getPlansAttr().getAsRange<mixer::AlgorithmAttr>())
    if (bool chosen = plan.getOperand().isF32() && plan.getAlgorithm() != mixer::Algorithm::Scan;
        chosen && options.precision && plan.getPrecision() != *options.precision)
      return llvm::formatv("precision: expected {0} as in the spec's {1}, got {2}; leave it out, or change the plan",
                           stringifyPrecision(plan.getPrecision()), plan, stringifyPrecision(*options.precision));
  return "";
}

/// One that computes the spec, too, where one is asked for.
static std::optional<mixer::Algorithm> otherAlgorithm(mixer::SpecOp spec, std::optional<mixer::Algorithm> asked) {
  for (mixer::Algorithm algorithm : kAlgorithms)
    if (asked && algorithm != *asked && !findMissingForm(spec, algorithm))
      return algorithm;
  return std::nullopt;
}

FailureOr<SmallVector<Candidate>> selectPlans(mixer::SpecOp spec, const Target &target, const SelectOptions &options) {
  if (failed(checkForms(spec, options.algorithm)))
    return failure();
  FailureOr<SpecFacts> facts = collectFacts(spec);
  if (failed(facts))
    return failure();
  if (const std::string problem = problemOf(options, *facts, target.isGpu()); !problem.empty())
    return spec.emitOpError(problem), failure();

  const SmallVector<Shape> shapes = shapesFor(options, target);
  const SmallVector<Candidate> listed = listCandidates(spec, *facts, target, options);
  auto ofFamily = [&](const Family *family) {
    SmallVector<Candidate> some;
    llvm::copy_if(listed, std::back_inserter(some), [&](const Candidate &candidate) { return &familyOf(candidate.plan) == family; });
    return some;
  };
  auto limitFor = [&](unsigned usual) {
    return options.variants ? static_cast<unsigned>(options.variants) : options.algorithm || options.all ? 1 : usual;
  };
  // A plan of a special family may want aligned tensors: there is always a portable one beside the best of each.
  SmallVector<Candidate> chosen;
  for (const Family *family : familiesFor(target))
    if (family->getName() != kPortableFamily)
      llvm::append_range(chosen, choose(ofFamily(family), target, shapes, limitFor(kMaxSpecialPlans)));
  const SmallVector<Candidate> candidates = ofFamily(findFamily(kPortableFamily));
  if (options.all) {
    for (mixer::Algorithm algorithm : kAlgorithms) {
      SmallVector<Candidate> some;
      llvm::copy_if(candidates, std::back_inserter(some),
                    [&](const Candidate &candidate) { return candidate.plan.getAlgorithm() == algorithm; });
      llvm::append_range(chosen, choose(some, target, shapes, 1));
    }
  } else {
    llvm::append_range(chosen, choose(candidates, target, shapes, limitFor(target.isGpu() ? kMaxGpuPlans : kMaxCpuPlans)));
  }
  // Only the plan that takes tokens one by one keeps states after any number of them.
  auto takesTokens = [](const Candidate &candidate) {
    return candidate.plan.getAlgorithm() == mixer::Algorithm::Scan && candidate.plan.getChunk() == 1;
  };
  if (spec.getKeepStates() && !options.variants && llvm::none_of(chosen, takesTokens)) {
    SmallVector<Candidate> some;
    llvm::copy_if(candidates, std::back_inserter(some), takesTokens);
    llvm::append_range(chosen, choose(some, target, shapes, 1));
  }
  if (chosen.empty()) {
    InFlightDiagnostic diagnostic = options.chunk ? spec.emitError("chunk: expected one of which a plan fits ")
                                                        << target.name << ", got " << options.chunk
                                                        << "; take a smaller one, or leave it out"
                                                  : spec.emitError("expected a plan that fits ") << target.name << ", got none";
    if (std::optional<mixer::Algorithm> other = options.chunk ? std::nullopt : otherAlgorithm(spec, options.algorithm))
      diagnostic << " of " << stringifyAlgorithm(*options.algorithm) << "; leave the algorithm out, or take " << stringifyAlgorithm(*other);
    for (const Candidate &candidate : candidates)
      diagnostic.attachNote() << candidate.plan << ": " << candidate.rejected;
    return failure();
  }
  return chosen;
}

namespace {
struct SelectPass : impl::MixerSelectBase<SelectPass> {
  using MixerSelectBase::MixerSelectBase;

  LogicalResult parseOptions(SelectOptions &parsed) {
    parsed.all = algorithm == "all";
    if (algorithm != "auto" && !parsed.all) {
      parsed.algorithm = mixer::symbolizeAlgorithm(algorithm);
      if (!parsed.algorithm)
        return getOperation().emitOpError("algorithm: expected auto, quadratic, scan, chunked or all, got ") << algorithm;
    }
    parsed.batch = batch;
    parsed.length = length;
    parsed.chunk = chunk;
    parsed.heads = heads;
    parsed.variants = variants;
    if (!precision.empty()) {
      parsed.precision = mixer::symbolizePrecision(precision);
      if (!parsed.precision)
        return getOperation().emitOpError("precision: expected tf32 or f32, got ") << precision;
    }
    return success();
  }

  /// Plans that the spec has are kept.
  LogicalResult checkGiven(mixer::SpecOp spec, const SelectOptions &options) {
    for (auto plan : spec.getPlansAttr().getAsRange<mixer::AlgorithmAttr>())
      if (const std::string problem = mixc::problemOf(plan); !problem.empty())
        return spec.emitOpError("plans: ") << problem;
    if (const std::string problem = problemOfGiven(spec, options); !problem.empty())
      return spec.emitOpError(problem);
    return success();
  }

  void runOnOperation() override {
    mixer::SpecOp spec = getOperation();
    SelectOptions options;
    if (failed(parseOptions(options)))
      return signalPassFailure();
    llvm::Expected<Target> machine = loadTarget(target);
    if (!machine) {
      spec.emitOpError("target: ") << llvm::toString(machine.takeError());
      return signalPassFailure();
    }
    const bool given = static_cast<bool>(spec.getPlansAttr());
    if (given && failed(checkGiven(spec, options)))
      return signalPassFailure();
    if (!given) {
      FailureOr<SmallVector<Candidate>> plans = selectPlans(spec, *machine, options);
      if (failed(plans))
        return signalPassFailure();
      SmallVector<Attribute> attrs;
      for (const Candidate &candidate : *plans)
        attrs.push_back(candidate.plan);
      spec.setPlansAttr(ArrayAttr::get(&getContext(), attrs));
    }
    spec.setTargetAttr(targetToAttr(&getContext(), *machine));
  }
};
} // namespace
} // namespace mixc
