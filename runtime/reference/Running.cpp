// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// mixer.running, row by row along T.

#include "Ops.h"
#include <cmath>
#include <limits>

namespace mixc::reference {
using namespace mlir;

/// NaN if one of them is.
static double larger(double a, double b) { return std::isnan(a) || a > b ? a : b; }

RunningResults evaluateRunning(mixer::RunningOp op, const Tensor &input, std::optional<Tensor> decay, std::optional<Tensor> init,
                               const Sizes &sizes) {
  constexpr double kNothing = -std::numeric_limits<double>::infinity();
  const bool isSum = op.getKind() == mixer::RunningKind::Sum;
  mixer::TensorType last = op.getLast().getType();
  RunningResults out;
  out.values.resize(elementsOf(input.type, sizes));
  out.before.resize(out.values.size());
  const int64_t step = strideOf(input.type, "T", sizes), decayStep = decay ? strideOf(decay->type, "T", sizes) : 0;
  for (Walk walk(last, {input.type, decay ? decay->type : last, init ? init->type : last}, sizes); !walk.done(); walk.next()) {
    double m = init ? init->values[walk.offset(2)] : isSum ? 0 : kNothing;
    for (int64_t t = 0; t < sizeOf("T", sizes); ++t) {
      const int64_t at = walk.offset(0) + t * step;
      const double x = input.values[at], g = decay ? decay->values[walk.offset(1) + t * decayStep] : 0;
      out.before[at] = m;
      m = isSum ? m + x : g == kNothing ? x : larger(m + g, x);
      out.values[at] = m;
    }
    out.last.push_back(m);
  }
  return out;
}

} // namespace mixc::reference
