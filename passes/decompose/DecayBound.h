// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is known of the size of a recurrence's decays: what the spec says, and what follows from how they are computed.
#pragma once

#include "mixc/dialect/Mixer.h"

namespace mixc {

/// The number that no logarithm of the op's decays is less than; minus infinity where none is known.
double decayBound(mixer::SemiseparableOp op);

} // namespace mixc
