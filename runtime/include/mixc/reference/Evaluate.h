// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a spec means, in float64: every op evaluated as its formula is written, the recurrence token by token. It shares
// nothing with the lowerings, so that they can be judged by it, and handles every form that the dialect has.
#pragma once

#include "mixc/dialect/Mixer.h"
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace mixc::reference {

/// A size for each dimension that the spec uses: "B", "T", "H", ...
using Sizes = std::map<std::string, int64_t>;
/// Contiguous arrays by name, their dimensions in the order that the spec's argument or result has.
using Arrays = std::map<std::string, std::vector<double>>;

/// All results of the spec. An optional argument may be missing, it is zeros then; arrays that the spec does not name
/// are ignored. Emits an error on the spec or on one of its ops if a size or an argument is missing or has not as many
/// elements as its dimensions say, or for an op in a map's body that it does not know.
mlir::FailureOr<Arrays> evaluate(mixer::SpecOp spec, const Sizes &sizes, const Arrays &arguments);

/// A log decay that is less than the bound that the spec declares for it.
struct BrokenBound {
  double decay, bound;
};

/// Results, and what their rounding errors are to be measured by: an element of y or of a final state is a sum of terms, each a product
/// c b x times decays, and may be much smaller than they are. With a correction, which keeps what it adds up from growing, its terms are
/// those of c and the state. For a result that is computed from y, how much it changes with y.
struct ScaledResults {
  Arrays results;
  Arrays roots;      ///< root of the sum of the terms' squares: what independent errors of the terms add up to
  Arrays magnitudes; ///< sum of the terms' magnitudes: what bounds the errors of adding them
  /// The largest log decay of all ops and tokens; minus infinity without a decay. Above 0 a state grows.
  double largestDecay;
  /// The least one below its bound, if there is one.
  std::optional<BrokenBound> broken;
};
mlir::FailureOr<ScaledResults> evaluateWithScales(mixer::SpecOp spec, const Sizes &sizes, const Arrays &arguments);

} // namespace mixc::reference
