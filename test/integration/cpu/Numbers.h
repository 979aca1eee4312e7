// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls with guards around every tensor, and their results against the float64 recurrence.
#pragma once

#include "Kernel.h"
#include "Memory.h"
#include "Sequences.h"
#include <gtest/gtest.h>
#include <set>

namespace mixc::test {

/// One call of a kernel. Arguments without a tensor are null.
struct Call {
  int64_t B = 1, T = 1;
  HostTensors inputs;
  int64_t splits = 1;
  std::map<std::string, Layout> layouts = {};
  std::set<std::string> unwanted = {}; ///< results that are null
  int32_t variant = 0;                 ///< of a kernel that has several
  int64_t bands = 1;                   ///< of heads
  bool inPlace = false;                ///< whether final states take the place of their initial ones, where they may
  /// With packed ones B is their number and T the number of all tokens; with a pool, states that are not left stay as they were: all bits
  /// set where the result has memory of its own.
  Sequences sequences = {};
  bool isOrdered = false; ///< whether work begins with the longest sequence
  int32_t indexBytes = 8;
};

/// The seed of all random numbers here: MIXC_TEST_SEED, else 1. Printed by every program and with every failure.
uint64_t seed();

/// Random arguments as the kernel sees them, rounded to their dtypes. q and k of a normalised mixer are positive, as a
/// feature map makes them: its denominator would be close to 0 otherwise.
HostTensors randomArguments(const Kernel &kernel, int64_t B, int64_t T, uint64_t salt = 0);

/// What a call did: the wanted results, and what was wrong: it failed, or touched memory that is not its own.
struct Outcome {
  HostTensors results;
  std::vector<std::string> faults;
  std::string refusal; ///< why a variant for a GPU does not take tensors that lie so; it was not called then
};
Outcome attempt(const Kernel &kernel, const Call &call);

/// The wanted results. Adds a failure for each fault.
HostTensors run(const Kernel &kernel, const Call &call);

using Reference = std::map<std::string, std::vector<double>>;
/// What the kernel's mixer gives in float64. B and T of at least 1.
Reference reference(const Kernel &kernel, const Call &call);

/// Bound of ||result - reference|| / ||reference|| for f32 results.
///
/// All arithmetic on a CPU is f32 with unit roundoff u = 2^-24, whatever the io dtype is. An element is a sum of up to
/// N T products: accumulated in order, rounding errors of both sums add up like a random walk, u sqrt(N + T) with a
/// small factor for the maps around the recurrence. Exponents of decays are kept as whole numbers and fractions, whose
/// rounding adds a few u, whatever the decays.
double tolerance(const Kernel &kernel, int64_t T);

/// Largest relative error of one rounding to the dtype beyond f32.
double roundoff(mixc_dtype dtype);

/// ||values - expected|| / ||expected||; infinite if a value is not finite.
double relativeError(llvm::ArrayRef<float> values, llvm::ArrayRef<double> expected);

/// Adds a failure for each wanted result that is further from the reference than `factor` tolerances; for a bf16 or f16
/// result, which is within d of the reference before it is rounded, than 2 d and the distance of the rounded reference:
/// the nearest number to the result is no further from it than that. Keeps the largest errors of the program, which are
/// printed at its end.
void expectClose(const Kernel &kernel, const Call &call, const HostTensors &results, const Reference &expected, double factor = 1);

/// run and expectClose.
HostTensors check(const Kernel &kernel, const Call &call);

/// Tokens [first, last) of every tensor that has T.
HostTensors sliceTokens(const Kernel &kernel, const HostTensors &tensors, int64_t first, int64_t last);
/// One entry of the batch of every tensor that has B.
HostTensors sliceBatch(const Kernel &kernel, const HostTensors &tensors, int64_t entry);

/// Bitwise.
void expectSame(const HostTensors &left, const HostTensors &right);

} // namespace mixc::test
