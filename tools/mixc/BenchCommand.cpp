// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Measurement.h"
#include "Table.h"
#include "mixc/passes/OutputFile.h"
#include "mixc/runtime/limits.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

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

constexpr int64_t kMostRepeats = 1000000;

static double shortest(ArrayRef<Measurement> cases) {
  double best = cases.front().median();
  for (const Measurement &measurement : cases)
    best = std::min(best, measurement.median());
  return best;
}

static void printTable(Session &session, ArrayRef<Measurement> cases) {
  outs() << session.info().name << " " << sizesText(session.sizes()) << ", " << session.typesText() << ", on "
         << session.device().description << "\n";
  Table table({"", "variant", "segments", "median ms", "spread ms", "calls", "predicted ms", "best"});
  table.leftAlign({1});
  for (const Measurement &measurement : cases)
    table.add({measurement.chosen ? "*" : "", measurement.variant, std::to_string(measurement.plan.splits),
               formatv("{0:f4}", measurement.median() * 1e3).str(), formatv("{0:f4}", measurement.spread() * 1e3).str(),
               std::to_string(measurement.seconds.size()), formatv("{0:f4}", measurement.plan.seconds * 1e3).str(),
               formatv("{0:f2}x", measurement.median() / shortest(cases)).str()});
  table.print(outs());
}

static std::string toJson(Session &session, const MeasuredCases &cases) {
  json::Object sizes;
  for (auto &[dim, size] : session.sizes())
    sizes[dim] = size;
  json::Array rows, skipped;
  for (const MeasuredCases::Skipped &other : cases.skipped)
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
      return createStringError("--segments: expected integers from 1 to " + Twine(MIXC_MAX_SPLITS) + ", as in --segments=1,2,4, got '" +
                               text + "'");
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
  MeasureOptions bench;
  line.flags.addInteger("--repeat", "calls to time for each plan; default: as many as a second holds, 3 to 100", 1, kMostRepeats,
                        bench.repeat);
  line.flags.addSwitch("--all", "measure plans too that are predicted to take more than 100 times as long as the best", bench.slow);
  line.flags.add({"--segments", "N,..", "segments of T to measure; default: 1 and the cost model's choice",
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
  Expected<MeasuredCases> cases = listCases(*session, bench);
  if (!cases)
    return fail(cases.takeError());
  if (Error error = measureCases(*session, *cases, bench))
    return fail(std::move(error));
  if (!asJson || !jsonPath.empty())
    printTable(*session, cases->measured);
  if (!asJson)
    return kOk;
  Error error = output->write(0, toJson(*session, *cases));
  if (!error)
    error = output->commit();
  return error ? fail(kFailed, std::move(error)) : kOk;
}
