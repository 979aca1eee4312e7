// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "EvaluateSequences.h"

using namespace llvm;
using namespace mixc;

namespace {
/// What one sequence has of a tensor: an index along B, and tokens.
struct Place {
  int64_t batch, first, count;
};
} // namespace

/// body(element of the tensor, element of the part) for each element of the part.
static void eachElement(mixer::TensorType type, ArrayRef<int64_t> shape, const Place &place, function_ref<void(int64_t, int64_t)> body) {
  const int64_t batch = type.indexOf("B"), tokens = type.indexOf("T"), rank = static_cast<int64_t>(shape.size());
  std::vector<int64_t> sizes(shape), at(shape.size(), 0);
  for (int64_t d = 0; d < rank; ++d)
    sizes[d] = d == batch ? 1 : d == tokens ? place.count : shape[d];
  const int64_t elements = elementsOf(sizes);
  for (int64_t part = 0; part < elements; ++part) {
    int64_t whole = 0, rest = part;
    for (int64_t d = rank - 1; d >= 0; --d, rest /= sizes[d + 1])
      at[d] = rest % sizes[d];
    for (int64_t d = 0; d < rank; ++d)
      whole = whole * shape[d] + at[d] + (d == batch ? place.batch : d == tokens ? place.first : 0);
    body(whole, part);
  }
}

FailureOr<reference::ScaledResults> mixc::evaluateSequences(mixer::SpecOp spec, const std::map<std::string, int64_t> &sizes,
                                                            const Sequences &sequences, const reference::Arrays &arguments,
                                                            const HostTensors &before) {
  reference::ScaledResults all{{}, {}, {}, -std::numeric_limits<double>::infinity(), std::nullopt};
  for (auto &[name, result] : before) {
    all.results[name].assign(result.values.begin(), result.values.end());
    all.roots[name].assign(result.values.size(), 0);
    all.magnitudes[name].assign(result.values.size(), 0);
  }
  const std::vector<int64_t> starts = sequences.starts();
  // The first tokens of a sequence; its results, or its states alone, which go to `target`.
  auto evaluateFirst = [&](int64_t b, int64_t tokens, int64_t target, bool statesAlone) -> LogicalResult {
    const int64_t source = sequences.slots.empty() ? b : sequences.slots[b];
    const bool isFresh = !sequences.hasInitial.empty() && !sequences.hasInitial[b];
    auto placeOf = [&](mixer::TensorType type, bool isState, int64_t state) -> Place {
      if (sequences.lengths.empty() || !type.hasDim("T"))
        return {isState ? state : b, 0, tokens};
      return {0, type.hasDim("B") ? starts[b] : 0, tokens};
    };
    std::map<std::string, int64_t> own = sizes;
    own["B"] = 1;
    own["T"] = tokens;
    reference::Arrays parts;
    for (unsigned i = 0; i < spec.getNumArgs(); ++i) {
      auto found = arguments.find(spec.getArgName(i).str());
      if (found == arguments.end())
        continue;
      mixer::TensorType type = spec.getArgType(i);
      std::vector<double> &part = parts[found->first];
      part.resize(elementsOf(shapeOf(type, own)));
      if (isFresh && spec.isInitialState(i))
        continue; // zeros
      eachElement(type, shapeOf(type, sizes, sequences, spec.isInitialState(i)), placeOf(type, spec.isInitialState(i), source),
                  [&](int64_t whole, int64_t at) { part[at] = found->second[whole]; });
    }
    FailureOr<reference::ScaledResults> ofOne = reference::evaluateWithScales(spec, own, parts);
    if (failed(ofOne))
      return failure();
    for (unsigned i = 0; i < spec.getNumOutputs(); ++i) {
      const std::string name = spec.getResultName(i).str();
      mixer::TensorType type = spec.getResultType(i);
      if (spec.isFinalState(i) ? target < 0 : statesAlone)
        continue;
      auto scatter = [&](reference::Arrays &to, const reference::Arrays &from) {
        auto found = from.find(name);
        if (found != from.end())
          eachElement(type, shapeOf(type, sizes, sequences, spec.isFinalState(i)), placeOf(type, spec.isFinalState(i), target),
                      [&](int64_t whole, int64_t at) { to[name][whole] = found->second[at]; });
      };
      scatter(all.results, ofOne->results);
      scatter(all.roots, ofOne->roots);
      scatter(all.magnitudes, ofOne->magnitudes);
    }
    all.largestDecay = std::max(all.largestDecay, ofOne->largestDecay);
    if (ofOne->broken && (!all.broken || ofOne->broken->decay < all.broken->decay))
      all.broken = ofOne->broken;
    return success();
  };
  for (int64_t b = 0; b < sizes.at("B"); ++b) {
    const int64_t source = sequences.slots.empty() ? b : sequences.slots[b],
                  target = sequences.targets.empty() ? source : sequences.targets[b],
                  length = sequences.lengths.empty() ? sizes.at("T") : sequences.lengths[b];
    if (source < 0)
      continue;
    for (int64_t k = 0; k < sequences.keptCount && (k + 1) * sequences.keptEvery <= length; ++k)
      if (failed(evaluateFirst(b, (k + 1) * sequences.keptEvery, sequences.kept[b * sequences.keptCount + k], /*statesAlone=*/true)))
        return failure();
    if (failed(evaluateFirst(b, length, target, /*statesAlone=*/false)))
      return failure();
  }
  return all;
}
