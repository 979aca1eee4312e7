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
  std::vector<int64_t> starts{firstStart};
  for (int64_t length : lengths)
    starts.push_back(starts.back() + length);
  return starts;
}

std::vector<int64_t> Sequences::longestFirst() const {
  std::vector<int64_t> order(lengths.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](int64_t a, int64_t b) { return std::pair(-lengths[a], a) < std::pair(-lengths[b], b); });
  return order;
}

void Sequences::drawSlots(int64_t count, uint64_t seed) {
  std::vector<int64_t> all(pool);
  std::iota(all.begin(), all.end(), 0);
  std::mt19937_64 engine(seed);
  const int64_t drawn = count * (1 + keptCount);
  for (int64_t i = 0; i < drawn; ++i) // the standard library's shuffles differ between implementations
    std::swap(all[i], all[i + static_cast<int64_t>(engine() % static_cast<uint64_t>(pool - i))]);
  slots.assign(all.begin(), all.begin() + count);
  kept.assign(all.begin() + count, all.begin() + drawn);
}

std::map<std::string, int64_t> mixc::sizesOf(mixer::TensorType type, const std::map<std::string, int64_t> &sizes,
                                             const Sequences &sequences, bool isState) {
  std::map<std::string, int64_t> own = sizes;
  if (isState && sequences.pool > 0)
    own["B"] = sequences.pool;
  else if (!sequences.lengths.empty() && type.hasDim("T"))
    own["B"] = 1;
  return own;
}

std::vector<int64_t> mixc::shapeOf(mixer::TensorType type, const std::map<std::string, int64_t> &sizes, const Sequences &sequences,
                                   bool isState) {
  return shapeOf(type, sizesOf(type, sizes, sequences, isState));
}
