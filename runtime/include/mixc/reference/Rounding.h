// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Stochastic rounding as tile.stochastic_round says it, in float64.
#pragma once

#include "mixc/runtime/descriptor.h"

namespace mixc::reference {

/// 16 bits of Philox with 2 words of 32 bits and 7 rounds.
uint32_t randomBits(uint64_t place, uint64_t seed);
/// One of the two numbers of the type, bf16 or f16, that are next to the value.
double roundStochastically(float value, mixc_dtype dtype, uint64_t place, uint64_t seed);

} // namespace mixc::reference
