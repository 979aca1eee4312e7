// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Times of a session's plans on its device: which are measured, and how.
#pragma once

#include "Session.h"

namespace mixc {

struct Measurement {
  std::string variant, algorithm;
  mixc_plan plan;
  bool chosen = false;
  std::vector<double> seconds; ///< sorted

  double quantile(double share) const { return seconds[static_cast<size_t>(share * (seconds.size() - 1) + 0.5)]; }
  double median() const { return quantile(0.5); }
  /// Half the distance of the quartiles.
  double spread() const { return (quantile(0.75) - quantile(0.25)) / 2; }
};

/// What is measured, and what is not.
struct MeasuredCases {
  std::vector<Measurement> measured;
  struct Skipped {
    std::string variant, why;
  };
  std::vector<Skipped> skipped;

  /// Says so on stderr, too.
  void skip(llvm::StringRef variant, const llvm::Twine &why);
};

struct MeasureOptions {
  std::vector<int64_t> splits; ///< empty: one, and the cost model's choice
  bool onlyChosen = false;     ///< the variant that a call takes
  bool slow = false;           ///< those too that are predicted to be very slow
  int64_t repeat = 0;          ///< calls to time for each plan; 0: as many as a second holds, 3 to 100
};

/// Variants of the device with the splits to measure. One that cannot run is skipped, and one that is predicted to take more than 100
/// times as long as the best.
llvm::Expected<MeasuredCases> listCases(Session &session, const MeasureOptions &options);

/// Times every case. Where that takes long, lines on stderr say how far it is.
llvm::Error measureCases(Session &session, MeasuredCases &cases, const MeasureOptions &options);

} // namespace mixc
