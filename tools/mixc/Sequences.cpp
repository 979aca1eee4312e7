// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Sequences.h"
#include <algorithm>
#include <numeric>
#include <random>

using namespace llvm;
using namespace mixc;

int64_t Sequences::tokens() const { return std::accumulate(lengths.begin(), lengths.end(), int64_t(0)); }

int64_t Sequences::longest() const { return lengths.empty() ? 0 : *std::max_element(lengths.begin(), lengths.end()); }

std::vector<int64_t> Sequences::starts() const {
  std::vector<int64_t> starts{0};
  for (int64_t length : lengths)
    starts.push_back(starts.back() + length);
  return starts;
}

std::vector<int64_t> Sequences::longestFirst() const {
  std::vector<int64_t> order(lengths.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return lengths[a] > lengths[b]; });
  return order;
}

void Sequences::drawSlots(int64_t count, uint64_t seed) {
  std::vector<int64_t> all(pool);
  std::iota(all.begin(), all.end(), 0);
  std::mt19937_64 engine(seed);
  for (int64_t i = 0; i < count; ++i) // the standard library's shuffles differ between implementations
    std::swap(all[i], all[i + static_cast<int64_t>(engine() % static_cast<uint64_t>(pool - i))]);
  slots.assign(all.begin(), all.begin() + count);
}

std::vector<int64_t> mixc::shapeOf(mixer::TensorType type, const std::map<std::string, int64_t> &sizes, const Sequences &sequences,
                                   bool isState) {
  std::map<std::string, int64_t> own = sizes;
  if (isState && !sequences.slots.empty())
    own["B"] = sequences.pool;
  else if (!sequences.lengths.empty() && type.hasDim("T"))
    own["B"] = 1;
  return shapeOf(type, own);
}

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
                                                            const HostTensors &results) {
  reference::ScaledResults all{{}, {}, {}, -std::numeric_limits<double>::infinity(), std::nullopt};
  for (auto &[name, result] : results) {
    all.results[name].assign(result.values.begin(), result.values.end());
    all.roots[name].assign(result.values.size(), 0);
    all.magnitudes[name].assign(result.values.size(), 0);
  }
  const std::vector<int64_t> starts = sequences.starts();
  for (int64_t b = 0; b < sizes.at("B"); ++b) {
    const int64_t length = sequences.lengths.empty() ? sizes.at("T") : sequences.lengths[b];
    auto placeOf = [&](mixer::TensorType type, bool isState) -> Place {
      if (sequences.lengths.empty() || !type.hasDim("T"))
        return {isState && !sequences.slots.empty() ? sequences.slots[b] : b, 0, length};
      return {0, type.hasDim("B") ? starts[b] : 0, length};
    };
    std::map<std::string, int64_t> own = sizes;
    own["B"] = 1;
    own["T"] = length;
    reference::Arrays parts;
    for (unsigned i = 0; i < spec.getNumArgs(); ++i) {
      auto found = arguments.find(spec.getArgName(i).str());
      if (found == arguments.end())
        continue;
      mixer::TensorType type = spec.getArgType(i);
      std::vector<double> &part = parts[found->first];
      part.resize(elementsOf(shapeOf(type, own)));
      eachElement(type, shapeOf(type, sizes, sequences, spec.isInitialState(i)), placeOf(type, spec.isInitialState(i)),
                  [&](int64_t whole, int64_t at) { part[at] = found->second[whole]; });
    }
    FailureOr<reference::ScaledResults> ofOne = reference::evaluateWithScales(spec, own, parts);
    if (failed(ofOne))
      return failure();
    for (unsigned i = 0; i < spec.getNumOutputs(); ++i) {
      const std::string name = spec.getResultName(i).str();
      mixer::TensorType type = spec.getResultType(i);
      auto scatter = [&](reference::Arrays &to, const reference::Arrays &from) {
        auto found = from.find(name);
        if (found != from.end())
          eachElement(type, shapeOf(type, sizes, sequences, spec.isFinalState(i)), placeOf(type, spec.isFinalState(i)),
                      [&](int64_t whole, int64_t at) { to[name][whole] = found->second[at]; });
      };
      scatter(all.results, ofOne->results);
      scatter(all.roots, ofOne->roots);
      scatter(all.magnitudes, ofOne->magnitudes);
    }
    all.largestDecay = std::max(all.largestDecay, ofOne->largestDecay);
    if (ofOne->broken && (!all.broken || ofOne->broken->decay < all.broken->decay))
      all.broken = ofOne->broken;
  }
  return all;
}
