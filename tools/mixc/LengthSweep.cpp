// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "LengthSweep.h"
#include "mixc/runtime/limits.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace llvm;
using namespace mixc;

static LengthSweep::Sample sampleAt(const Explanation &explanation, ArrayRef<mixer::Algorithm> algorithms, int64_t length) {
  const int64_t batch = explanation.sizes.at("B");
  LengthSweep::Sample sample{length, std::vector<double>(algorithms.size(), INFINITY), 0};
  for (const PlanRow &row : explanation.rows) {
    if (!row.fits())
      continue;
    double &least = sample.seconds[find(algorithms, row.algorithm()) - algorithms.begin()];
    least = std::min(least, predict(row.candidate, explanation.target, batch, length).terms.total);
  }
  sample.best = std::min_element(sample.seconds.begin(), sample.seconds.end()) - sample.seconds.begin();
  return sample;
}

LengthSweep mixc::sweepLengths(const Explanation &explanation) {
  LengthSweep sweep;
  for (mixer::Algorithm algorithm : {mixer::Algorithm::Chunked, mixer::Algorithm::Scan, mixer::Algorithm::Quadratic})
    if (any_of(explanation.rows, [&](const PlanRow &row) { return row.fits() && row.algorithm() == algorithm; }))
      sweep.algorithms.push_back(algorithm);
  const int64_t length = explanation.sizes.at("T");
  const int64_t last = std::max<int64_t>(131072, std::min(length, MIXC_MAX_LENGTH / 4) * 4);
  for (int64_t power = 1;; power *= 2) {
    sweep.samples.push_back(sampleAt(explanation, sweep.algorithms, power));
    if (power > last / 2) // the next one might be none
      break;
    if (power >= 2)
      sweep.samples.push_back(sampleAt(explanation, sweep.algorithms, power / 2 * 3));
  }
  for (size_t i = 1; i < sweep.samples.size(); ++i) {
    const LengthSweep::Sample &before = sweep.samples[i - 1];
    LengthSweep::Sample after = sweep.samples[i];
    int64_t same = before.length;
    while (after.best != before.best && after.length - same > 1) {
      LengthSweep::Sample middle = sampleAt(explanation, sweep.algorithms, same + (after.length - same) / 2);
      if (middle.best == before.best)
        same = middle.length;
      else
        after = std::move(middle);
    }
    if (after.best != before.best)
      sweep.crossovers.push_back({after.length, before.best, after.best});
  }
  return sweep;
}
