// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Specs that are drawn: every transition, read and direction, tensors with and without each dimension, maps and sums around the recurrence.
#pragma once

#include "Draw.h"

namespace mixc::calls {

struct DrawnSpec {
  std::string name, text, dtype;
  std::map<std::string, int64_t> sizes; ///< H, and the others that it has
  bool grows = false;                   ///< states may, by a little at each token
  bool isQuadratic = false;             ///< has no other form
};

/// H N P, and R: steps of the recurrence for one token.
int64_t stepsOfToken(const DrawnSpec &spec);

/// A spec that the compiler takes.
DrawnSpec drawSpec(const std::string &name, Random &random);

} // namespace mixc::calls
