// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Measurement.h"
#include "Table.h"
#include "llvm/Support/FormatVariadic.h"
#include <chrono>
#include <cmath>

using namespace llvm;
using namespace mixc;

using Clock = std::chrono::steady_clock;

void MeasuredCases::skip(StringRef variant, const Twine &why) {
  errs() << "mixc " << commandName << ": skipped " << variant << ": " << why << "\n";
  skipped.push_back({variant.str(), why.str()});
}

/// How many times the best prediction a plan may take.
static constexpr double kMostTimesSlower = 100;

/// The plans of a variant. One that cannot run is left out.
static void listVariant(Session &session, int32_t v, const mixc_plan &chosen, const MeasureOptions &options, MeasuredCases &cases) {
  const mixc_variant_desc &variant = session.descriptor()->variants[v];
  SmallVector<int64_t> wanted(options.splits.begin(), options.splits.end());
  if (wanted.empty())
    wanted = {1, 0, chosen.splits};
  for (int64_t splits : wanted) {
    Expected<mixc_plan> plan = session.plan(v, splits);
    if (!plan)
      return cases.skip(variant.name, toString(plan.takeError()));
    if (!options.splits.empty())
      noteSplits(session, splits, *plan);
    auto same = [&](const Measurement &other) { return other.plan.variant == v && other.plan.splits == plan->splits; };
    if (llvm::none_of(cases.measured, same))
      cases.measured.push_back({variant.name, variant.algorithm, *plan, v == chosen.variant && plan->splits == chosen.splits, {}});
  }
}

Expected<MeasuredCases> mixc::listCases(Session &session, const MeasureOptions &options) {
  Expected<mixc_plan> chosen = session.plan(-1, 0);
  if (!chosen)
    return chosen.takeError();
  MeasuredCases cases;
  for (int32_t v = 0; v < session.descriptor()->n_variants; ++v)
    if (session.descriptor()->variants[v].device == session.device().id().kind && (!options.onlyChosen || v == chosen->variant))
      listVariant(session, v, *chosen, options, cases);
  double limit = options.slow ? INFINITY : kMostTimesSlower * chosen->seconds;
  llvm::erase_if(cases.measured, [&](const Measurement &measurement) {
    bool isSlow = !measurement.chosen && measurement.plan.seconds > limit;
    if (isSlow)
      cases.skip(measurement.variant,
                 formatv("predicted {0:f3} ms, more than {1:f0} times the {2:f3} ms of the best; --all measures it too",
                         measurement.plan.seconds * 1e3, kMostTimesSlower, chosen->seconds * 1e3));
    return isSlow;
  });
  if (cases.measured.empty())
    return createStringError(make_error_code(std::errc::no_such_device), "expected a plan that runs here, got none");
  return cases;
}

/// Calls until there are enough for a median, within about a second, but at least three. `repeat` 0: up to 100.
static Error measure(Session &session, Measurement &measurement, int64_t repeat) {
  constexpr int warmUps = 2, least = 3, most = 100;
  constexpr double budget = 1.0;
  double total = 0;
  for (int i = 0; i < warmUps; ++i) {
    Expected<double> seconds = session.execution().call(measurement.plan);
    if (!seconds)
      return seconds.takeError();
    if (*seconds > budget)
      break;
  }
  auto isEnough = [&] {
    int64_t count = measurement.seconds.size();
    return repeat ? count >= repeat : count >= most || (count >= least && total > budget);
  };
  while (!isEnough()) {
    Expected<double> seconds = session.execution().call(measurement.plan);
    if (!seconds)
      return seconds.takeError();
    measurement.seconds.push_back(*seconds);
    total += *seconds;
  }
  llvm::sort(measurement.seconds);
  return Error::success();
}

/// A line on stderr, for runs that would else be silent for long.
static void showProgress(Clock::time_point start, size_t at, size_t count, const Measurement &measurement) {
  if (Clock::now() - start > std::chrono::seconds(1))
    errs() << formatv("mixc {4}: {0} of {1}: {2}, {3}\n", at + 1, count, measurement.variant, counted(measurement.plan.splits, "segment"),
                      commandName);
}

Error mixc::measureCases(Session &session, MeasuredCases &cases, const MeasureOptions &options) {
  Clock::time_point start = Clock::now();
  for (size_t i = 0; i < cases.measured.size(); ++i) {
    showProgress(start, i, cases.measured.size(), cases.measured[i]);
    if (Error error = measure(session, cases.measured[i], options.repeat))
      return error;
  }
  return Error::success();
}
