// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A call's sequences where they are not B of T tokens each: packed one behind the other, with states in a pool.
#pragma once

#include "HostTensor.h"
#include <optional>

namespace mixc {

struct Sequences {
  std::vector<int64_t> lengths;    ///< of packed ones, in tokens; empty: none are
  int64_t firstStart = 0;          ///< tokens before the first packed one
  std::vector<int64_t> slots;      ///< the state of each in the pool, negative for padding; empty: their own numbers
  std::vector<int64_t> targets;    ///< the states that they leave, negative for none; empty: those that they take
  std::vector<uint8_t> hasInitial; ///< 0 where one begins with zeros; empty: none does
  /// Where the states go that each has inside the call, keptCount in all, after every keptEvery tokens; negative for none. Empty: none are
  /// kept.
  std::vector<int64_t> kept;
  int64_t keptCount = 0, keptEvery = 0;
  int64_t pool = 0;             ///< states in the pool; 0: one for each sequence
  std::optional<uint64_t> seed; ///< that states are rounded with; none: to nearest

  bool any() const { return !lengths.empty() || !slots.empty() || !targets.empty() || !hasInitial.empty() || !kept.empty(); }
  int64_t tokens() const;
  int64_t longest() const;
  /// lengths.size() + 1 numbers of tokens
  std::vector<int64_t> starts() const;
  /// Numbers of sequences, the longest first.
  std::vector<int64_t> longestFirst() const;
  /// Draws the states of so many sequences from the pool, each once, and those that are kept inside the call.
  void drawSlots(int64_t count, uint64_t seed);
};

/// The sizes of a tensor of the call: those of the call, but for B. `isState`: B counts states.
std::map<std::string, int64_t> sizesOf(mixer::TensorType type, const std::map<std::string, int64_t> &sizes, const Sequences &sequences,
                                       bool isState);
/// Its shape.
std::vector<int64_t> shapeOf(mixer::TensorType type, const std::map<std::string, int64_t> &sizes, const Sequences &sequences, bool isState);

} // namespace mixc
