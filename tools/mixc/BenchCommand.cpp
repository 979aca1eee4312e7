// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Session.h"
#include "Table.h"
#include "mixc/passes/OutputFile.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Process.h"
#include <chrono>

using namespace llvm;
using namespace mixc;

static constexpr StringRef kUsage =
    R"(usage: mixc bench SPEC --shape=B=..,T=..,.. [flags]

Times every algorithm that the spec has, each with one segment and with as many as the cost model would take. A star marks
the plan that a call takes on its own; `best` is a time over the shortest one.
)";

static constexpr StringRef kNotes = R"(Times are medians over calls after warm-up, by the clock of the device; `spread` is half the distance of the quartiles.

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
} // namespace

/// A line on stderr, for runs that would else be silent for long.
static void showProgress(Clock::time_point start, size_t at, size_t count, const Measurement &measurement) {
  if (Clock::now() - start > std::chrono::seconds(1))
    errs() << formatv("mixc bench: {0} of {1}: {2}, {3} splits\n", at + 1, count, measurement.variant,
                      measurement.plan.splits);
}

/// Variants of the device with the splits to measure: those given, else one and the cost model's choice.
static Expected<std::vector<Measurement>> listCases(Session &session, ArrayRef<int64_t> splitsGiven) {
  const mixc_spec_desc *spec = session.descriptor();
  Expected<mixc_plan> chosen = session.execution().plan(-1, 0);
  if (!chosen)
    return chosen.takeError();
  SmallVector<int64_t> wanted(splitsGiven);
  if (wanted.empty())
    wanted = {1, 0, chosen->splits};
  std::vector<Measurement> cases;
  for (int32_t v = 0; v < spec->n_variants; ++v) {
    if (spec->variants[v].device != session.device().id().kind)
      continue;
    for (int64_t splits : wanted) {
      Expected<mixc_plan> plan = session.execution().plan(v, splits);
      if (!plan)
        return plan.takeError();
      auto same = [&](const Measurement &other) {
        return other.plan.variant == v && other.plan.splits == plan->splits;
      };
      if (llvm::any_of(cases, same))
        continue;
      bool isChosen = v == chosen->variant && plan->splits == chosen->splits;
      cases.push_back({spec->variants[v].name, spec->variants[v].algorithm, *plan, isChosen, {}});
    }
  }
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

static std::string toJson(Session &session, ArrayRef<Measurement> cases) {
  json::Object sizes;
  for (auto &[dim, size] : session.sizes())
    sizes[dim] = size;
  json::Array rows;
  for (const Measurement &measurement : cases)
    rows.push_back(json::Object{{"variant", measurement.variant},
                                {"algorithm", measurement.algorithm},
                                {"splits", measurement.plan.splits},
                                {"chosen", measurement.chosen},
                                {"median_seconds", measurement.median()},
                                {"least_seconds", measurement.seconds.front()},
                                {"spread_seconds", measurement.spread()},
                                {"calls", static_cast<int64_t>(measurement.seconds.size())},
                                {"predicted_seconds", measurement.plan.seconds}});
  json::Object root{{"spec", session.info().name},
                    {"dtype", session.info().dtype},
                    {"sizes", std::move(sizes)},
                    {"device", session.device().description},
                    {"measurements", std::move(rows)}};
  return formatv("{0:2}\n", json::Value(std::move(root))).str();
}

static Error parseSplits(StringRef text, std::vector<int64_t> &splits) {
  SmallVector<StringRef> parts;
  text.split(parts, ',');
  for (StringRef part : parts) {
    int64_t number;
    if (part.trim().getAsInteger(10, number) || number < 1)
      return createStringError("--splits: expected integers above 0, as in --splits=1,2,4, got '" + text + "'");
    splits.push_back(number);
  }
  return Error::success();
}

int mixc::benchCommand(Arguments args) {
  SessionOptions options;
  CommandLine line{kUsage, kNotes};
  std::vector<int64_t> splits;
  std::string jsonPath;
  bool asJson = false;
  int64_t repeat = 0;
  line.flags.addInteger("--repeat", "calls to time for each plan; default: as many as a second holds, 3 to 100", 1,
                        repeat);
  line.flags.add({"--splits", "N,..", "segments of T to measure; default: 1 and the cost model's choice",
                  [&](StringRef text) { return parseSplits(text, splits); }});
  line.flags.add({"--json", "[FILE]", "write JSON: to the file beside the table, or instead of it", [&](StringRef path) {
                    asJson = true;
                    jsonPath = path.str();
                    return Error::success();
                  }});
  addSessionFlags(line.flags, options);
  if (std::optional<int> code = line.parse(args))
    return *code;
  options.compile.allAlgorithms = true;
  ExitCode code = kOk;
  std::unique_ptr<Session> session = Session::open(line.spec, options, code);
  if (!session)
    return code;
  Expected<std::vector<Measurement>> cases = listCases(*session, splits);
  if (!cases)
    return fail(kFailed, cases.takeError());
  Clock::time_point start = Clock::now();
  for (size_t i = 0; i < cases->size(); ++i) {
    showProgress(start, i, cases->size(), (*cases)[i]);
    if (Error error = measure(*session, (*cases)[i], repeat))
      return fail(kFailed, std::move(error));
  }
  if (!asJson || !jsonPath.empty())
    printTable(*session, *cases);
  if (asJson)
    if (Error error = writeFile(jsonPath.empty() ? "-" : jsonPath, toJson(*session, *cases)))
      return fail(kFailed, std::move(error));
  return kOk;
}
