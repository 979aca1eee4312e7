// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls of a compiled mixer that are drawn: lengths, decays, signs, layouts, and values for every argument.
#pragma once

#include "Sequences.h"
#include <random>

namespace mixc::calls {

/// Its numbers are the same everywhere.
using Random = std::mt19937_64;
/// 0 to count - 1.
int64_t below(Random &random, int64_t count);
double uniform(Random &random, double least, double most);
template <typename Range> auto &pick(Random &random, Range &range) { return range[below(random, std::size(range))]; }

/// A compiled mixer, as far as calls of it need to know it.
struct Callee {
  std::string mixer; ///< of mixers/, whose names of arguments are known here
  std::string text;  ///< with sizes and plan, for messages
  std::string dtype; ///< of io tensors
  mixer::SpecOp spec;
  const mixc_spec_desc *desc;
  int64_t mostSteps;        ///< B T H N P of a call, which the reference takes one by one
  bool isQuadratic = false; ///< its work grows with the square of T
  bool grows = false;       ///< states may, and what was rounded with them
};

struct DrawnCall {
  std::map<std::string, int64_t> sizes; ///< all of them
  int64_t splits = 1;                   ///< 0: as the cost model says
  bool states = true;                   ///< whether the optional tensors are there
  bool strided = false;                 ///< whether tensors have gaps and orders of their own
  bool inPlace = false;                 ///< whether final states take the place of initial ones
  Sequences sequences;                  ///< where they are not B of T tokens
  int32_t indexBytes = 8;               ///< of what tells them apart
  HostTensors inputs;                   ///< rounded to their dtypes
  std::string text;                     ///< all that, but for the values
  int32_t variant = 0;                  ///< of the mixer's, that is called
};

DrawnCall draw(const Callee &callee, Random &random);

} // namespace mixc::calls
