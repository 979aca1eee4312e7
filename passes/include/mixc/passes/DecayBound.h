// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is known of the size of a recurrence's decays: what the spec says, and what follows from how they are computed.
#pragma once

#include "mixc/dialect/Mixer.h"
#include <algorithm>
#include <cmath>

namespace mixc {

/// Numbers that no logarithm of an op's decays is less than; minus infinity where none is known.
struct DecayBound {
  double declared = -INFINITY; ///< the spec says so
  double found = -INFINITY;    ///< it follows from how they are computed

  double best() const { return std::max(declared, found); }
};
DecayBound decayBound(mixer::SemiseparableOp op);

/// The factors of a chunk of so many steps reach from 2^-r to 2^r, about its middle; this is r.
double halfRange(double bound, int64_t steps);
/// Whether bf16 has that range, so that one product computes the chunk's scores.
bool isWithinRange(double bound, int64_t steps);

} // namespace mixc
