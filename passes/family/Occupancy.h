// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <algorithm>
#include <cstdint>

namespace mixc {

/// Registers of a thread of a block that multiplies, beside those of its states.
constexpr int64_t kOtherRegisters = 112;

/// Blocks of a portable GPU kernel that the registers of a multiprocessor, and its threads, have room for. A thread has its share of the
/// state that a loop carries, and others.
inline int64_t blocksByRegisters(int64_t threads, int64_t stateElements, int64_t otherRegisters = kOtherRegisters) {
  constexpr int64_t kMostRegisters = 255, kUnitRegisters = 65536, kUnitThreads = 2048;
  const int64_t registers = std::min(kMostRegisters, otherRegisters + stateElements / threads);
  return std::max<int64_t>(1, std::min(kUnitRegisters / (threads * registers), kUnitThreads / threads));
}

} // namespace mixc
