// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Random arguments for any spec, of a kind that a model would have.
#pragma once

#include "Sequences.h"
#include "mixc/dialect/Mixer.h"
#include <cstdint>

namespace mixc {

/// Standard normal numbers. Arguments that the log decay depends on are given the sign that makes it at most 0, with
/// magnitudes between 0.001 and 1, so that some heads forget within a token and others within a thousand; likewise those
/// that a denominator depends on are made positive.
/// The same spec, shape and seed give the same numbers.
HostTensors randomInputs(mixer::SpecOp spec, const std::map<std::string, int64_t> &shape, uint64_t seed, const Sequences &sequences = {});

} // namespace mixc
