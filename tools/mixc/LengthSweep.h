// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the model predicts for other lengths of the call's sequences: the best plan of each algorithm over T.
#pragma once

#include "Explanation.h"

namespace mixc {

struct LengthSweep {
  /// By the algorithms' numbers in `algorithms`.
  struct Sample {
    int64_t length;
    std::vector<double> seconds;
    size_t best;
  };
  /// From this length on another algorithm is the fastest one.
  struct Crossover {
    int64_t length;
    size_t from, to;
  };
  std::vector<mixer::Algorithm> algorithms; ///< those that have a plan, in a fixed order
  std::vector<Sample> samples;              ///< T rises, by factors of at most 1.5
  std::vector<Crossover> crossovers;        ///< T rises; those between two samples that have one best count as none

  std::string name(size_t algorithm) const { return stringifyAlgorithm(algorithms[algorithm]).str(); }
};

/// From one token to 131072, or to four times the call's T where that is more. All plans of the explanation stand for each T.
LengthSweep sweepLengths(const Explanation &explanation);

} // namespace mixc
