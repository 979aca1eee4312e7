// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include <cstdint>
#include <string>

namespace mixc {

/// The loops of a calibration as MLIR, with vectors of so many lanes: functions (memory, bytes, rounds) named multiply_add, exponential,
/// state_update, cache_load, copy and dependent_load. A round of multiply_add has 12 multiply-adds of a vector, one of exponential 6
/// exponentials of a vector, one of the others passes over all of the memory; dependent_load does one load a round.
std::string calibrationLoopText(int64_t lanes);

} // namespace mixc
