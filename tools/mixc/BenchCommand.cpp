// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Session.h"
#include "Table.h"
#include "mixc/passes/OutputFile.h"
#include "mixc/runtime/limits.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Process.h"
#include <chrono>
#include <cmath>

using namespace llvm;
using namespace mixc;

static constexpr StringRef kUsage =
    R"(usage: mixc bench SPEC --shape=B=..,T=..,.. [flags]

Times every algorithm that the spec has, each with one segment and with as many as the cost model would take; with
--algorithm=NAME that one, with --algorithm=auto the plan that a call takes. A star marks that plan; `best` is a time over the shortest one. What cannot run
here, and what is predicted to take more than 100 times as long as the best, is skipped, with a line that says so.
)";

static constexpr StringRef kNotes =
    R"(Times are medians over calls after warm-up, by the clock of the device; `spread` is half the distance of the quartiles.

examples
  mixc bench mamba2 --shape=B=1,T=4096,H=24,P=64,N=128,G=1
  mixc bench mamba2 --shape=B=8,T=4096,H=80,P=64,N=128,G=1 --dtype=bf16 --device=cuda --json=mamba2.json
)";

namespace {
struct Measurement {
  std::string variant, algorithm;
  mixc_plan plan;
  bool chosen = false;
  std::vector<double> seconds; ///< sorted

  double quantile(double share) const { return seconds[static_cast<size_t>(share * (seconds.size() - 1) + 0.5)]; }
  double median() const { return quantile(0.5); }
  double spread() const { return (quantile(0.75) - quantile(0.25)) / 2; }
};

using Clock = std::chrono::steady_clock;
constexpr int64_t kMostRepeats = 1000000;
} // namespace

/// A line on stderr, for runs that would else be silent for long.
static void showProgress(Clock::time_point start, size_t at, size_t count, const Measurement &measurement) {
  if (Clock::now() - start > std::chrono::seconds(1))
    errs() << formatv("mixc bench: {0} of {1}: {2}, {3} splits\n", at + 1, count, measurement.variant, measurement.plan.splits);
}

namespace {
/// What is measured, and what is not.
struct Cases {
  std::vector<Measurement> measured;
  struct Skipped {
    std::string variant, why;
  };
  std::vector<Skipped> skipped;

  void skip(StringRef variant, const Twine &why) {
    errs() << "mixc bench: skipped " << variant << ": " << why << "\n";
    skipped.push_back({variant.str(), why.str()});
  }
};

/// What the command line says of the cases.
struct BenchOptions {
  std::vector<int64_t> splits; ///< empty: one, and the cost model's choice
  bool onlyChosen = false;     ///< the variant that a call takes
  bool slow = false;           ///< those too that are predicted to be very slow
};
} // namespace

/// How many times the best prediction a plan may take.
static constexpr double kMostTimesSlower = 100;

/// The plans of a variant. One that cannot run is left out.
static void listVariant(Session &session, int32_t v, const mixc_plan &chosen, const BenchOptions &options, Cases &cases) {
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

/// Variants of the device with the splits to measure.
static Expected<Cases> listCases(Session &session, const BenchOptions &options) {
  Expected<mixc_plan> chosen = session.plan(-1, 0);
  if (!chosen)
    return chosen.takeError();
  Cases cases;
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

static double shortest(ArrayRef<Measurement> cases) {
  double best = cases.front().median();
  for (const Measurement &measurement : cases)
    best = std::min(best, measurement.median());
  return best;
}

static void printTable(Session &session, ArrayRef<Measurement> cases) {
  outs() << session.info().name << " " << sizesText(session.sizes()) << ", " << session.info().dtype << ", on "
         << session.device().description << "\n";
  Table table({"", "variant", "splits", "median ms", "spread ms", "calls", "predicted ms", "best"});
  table.leftAlign({1});
  for (const Measurement &measurement : cases)
    table.add({measurement.chosen ? "*" : "", measurement.variant, std::to_string(measurement.plan.splits),
               formatv("{0:f4}", measurement.median() * 1e3).str(), formatv("{0:f4}", measurement.spread() * 1e3).str(),
               std::to_string(measurement.seconds.size()), formatv("{0:f4}", measurement.plan.seconds * 1e3).str(),
               formatv("{0:f2}x", measurement.median() / shortest(cases)).str()});
  table.print(outs());
}

static std::string toJson(Session &session, const Cases &cases) {
  json::Object sizes;
  for (auto &[dim, size] : session.sizes())
    sizes[dim] = size;
  json::Array rows, skipped;
  for (const Cases::Skipped &other : cases.skipped)
    skipped.push_back(json::Object{{"variant", other.variant}, {"why", other.why}});
  for (const Measurement &measurement : cases.measured)
    rows.push_back(json::Object{{"variant", measurement.variant},
                                {"algorithm", measurement.algorithm},
                                {"splits", measurement.plan.splits},
                                {"chosen", measurement.chosen},
                                {"median_seconds", measurement.median()},
                                {"least_seconds", measurement.seconds.front()},
                                {"spread_seconds", measurement.spread()},
                                {"calls", static_cast<int64_t>(measurement.seconds.size())},
                                {"predicted_seconds", measurement.plan.seconds}});
  json::Object root{{"spec", session.info().name},     {"dtype", session.info().dtype},
                    {"sizes", std::move(sizes)},       {"device", session.device().description},
                    {"measurements", std::move(rows)}, {"skipped", std::move(skipped)}};
  return formatv("{0:2}\n", json::Value(std::move(root))).str();
}

static Error parseSplits(StringRef text, std::vector<int64_t> &splits) {
  SmallVector<StringRef> parts;
  text.split(parts, ',');
  for (StringRef part : parts) {
    int64_t number;
    if (part.trim().getAsInteger(10, number) || number < 1 || number > MIXC_MAX_SPLITS)
      return createStringError("--splits: expected integers from 1 to " + Twine(MIXC_MAX_SPLITS) + ", as in --splits=1,2,4, got '" + text +
                               "'");
    splits.push_back(number);
  }
  return Error::success();
}

int mixc::benchCommand(Arguments args) {
  SessionOptions options;
  CommandLine line{kUsage, kNotes};
  std::string jsonPath;
  bool asJson = false;
  options.compile.algorithm = ""; // not given: every one
  int64_t repeat = 0;
  BenchOptions bench;
  line.flags.addInteger("--repeat", "calls to time for each plan; default: as many as a second holds, 3 to 100", 1, kMostRepeats, repeat);
  line.flags.addSwitch("--all", "measure plans too that are predicted to take more than 100 times as long as the best", bench.slow);
  line.flags.add({"--splits", "N,..", "segments of T to measure; default: 1 and the cost model's choice",
                  [&](StringRef text) { return parseSplits(text, bench.splits); }});
  line.flags.add({"--json", "[FILE]", "write JSON: to the file beside the table, or instead of it", [&](StringRef path) {
                    asJson = true;
                    jsonPath = path.str();
                    return Error::success();
                  }});
  addSessionFlags(line.flags, options);
  if (std::optional<int> code = line.parse(args))
    return *code;
  if (Error error = checkSessionFlags(line.flags))
    return fail(kBadInput, std::move(error));
  bench.onlyChosen = options.compile.algorithm == "auto";
  if (options.compile.algorithm.empty()) {
    options.compile.algorithm = "auto";
    options.compile.allAlgorithms = true;
  }
  std::vector<std::string> files;
  if (asJson)
    files.push_back(jsonPath.empty() ? "-" : jsonPath);
  Expected<OutputFiles> output = OutputFiles::open(files);
  if (!output)
    return fail(kBadInput, "--json: " + toString(output.takeError()));
  ExitCode code = kOk;
  std::unique_ptr<Session> session = Session::open(line.spec, options, code);
  if (!session)
    return code;
  Expected<Cases> cases = listCases(*session, bench);
  if (!cases)
    return fail(cases.takeError());
  Clock::time_point start = Clock::now();
  for (size_t i = 0; i < cases->measured.size(); ++i) {
    showProgress(start, i, cases->measured.size(), cases->measured[i]);
    if (Error error = measure(*session, cases->measured[i], repeat))
      return fail(std::move(error));
  }
  if (!asJson || !jsonPath.empty())
    printTable(*session, cases->measured);
  if (!asJson)
    return kOk;
  Error error = output->write(0, toJson(*session, *cases));
  if (!error)
    error = output->commit();
  return error ? fail(kFailed, std::move(error)) : kOk;
}
