// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/reference/Rounding.h"
#include <algorithm>
#include <cmath>

using namespace mixc;

uint32_t reference::randomBits(uint64_t place, uint64_t seed) {
  uint32_t counter[2] = {static_cast<uint32_t>(place >> 2), static_cast<uint32_t>(place >> 34) ^ static_cast<uint32_t>(seed >> 32)};
  uint32_t key = static_cast<uint32_t>(seed);
  for (int round = 0; round < 7; ++round) {
    const uint64_t product = uint64_t(0xD256D193) * counter[0];
    counter[0] = static_cast<uint32_t>(product >> 32) ^ key ^ counter[1];
    counter[1] = static_cast<uint32_t>(product);
    key += 0x9E3779B9;
  }
  return counter[place / 2 % 2] >> 16 * (place % 2) & 0xffff;
}

double reference::roundStochastically(float value, mixc_dtype dtype, uint64_t place, uint64_t seed) {
  if (!std::isfinite(value))
    return value;
  const bool isBf16 = dtype == MIXC_BF16;
  constexpr double kParts = 1 << 16;
  int exponent;
  std::frexp(value, &exponent); // value = m 2^exponent with 1/2 <= m < 1
  const double ulp = std::ldexp(1, std::max(exponent - (isBf16 ? 8 : 11), isBf16 ? -133 : -24));
  const double low = std::floor(std::fabs(value) / ulp) * ulp;
  const double rest = std::floor((std::fabs(value) - low) / ulp * kParts);
  const double rounded = rest + randomBits(place, seed) >= kParts ? low + ulp : low;
  return std::copysign(rounded >= std::ldexp(1, isBf16 ? 128 : 16) ? INFINITY : rounded, value);
}
