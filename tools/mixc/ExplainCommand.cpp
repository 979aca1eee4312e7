// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Commands.h"
#include "Table.h"
#include "mixc/passes/Family.h"
#include "mixc/passes/Forms.h"
#include "mixc/passes/Frontend.h"
#include "mixc/passes/Shape.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include <cmath>

using namespace llvm;
using namespace mixc;

static constexpr StringRef kUsage =
    R"(usage: mixc explain SPEC --shape=B=..,T=..,H=..,.. [flags]

Prints what the cost model predicts for every plan on a machine. The plan marked with a star is the one that is taken.
Of a spec that has plans, those alone.

  plan     algorithm, tokens at a time (of a chunk, of a block of rows, of a step of the scan's loop), what else tells plans apart
  heads    heads that a block of the kernel computes      splits  segments that T is cut into, which run in parallel
  GFLOP    arithmetic of the call, in 10^9 operations     MB      bytes to and from memory, in 10^6, without optional tensors
  memory   time to move these bytes                       matrix  time of matrix products
  shared   time to load the products' operands from shared memory (GPU) or the first-level cache (CPU)
  special  time of exponentials and the like              scalar  time of all other arithmetic
  work     what matrix, shared, special and scalar take together: on a CPU their sum; on a GPU the longest of matrix +
           shared, special and scalar, and a share of the others, as blocks that run on one multiprocessor hide each other
  wave     what is added because the last blocks do not fill the machine, and because steps wait for each other
  launch   time to launch the kernels

  total = launch + max(memory, work) + wave

`mostly` names the largest of launch, memory or work, and wave; of work, the largest of matrix + shared, special and scalar.
)";

static constexpr StringRef kNotes = R"(examples
  mixc explain mamba2 --shape=B=1,T=4096,H=24,P=64,N=128,G=1 --target=x86-64
  mixc explain mamba2 --shape=B=8,T=4096,H=80,P=64,N=128,G=1 --dtype=bf16 --target=h100
)";

namespace {
struct Row {
  Candidate candidate;
  Prediction prediction;
  size_t position = 0; ///< in the order of the candidates
  bool chosen = false;
  double flops = 0, bytes = 0;
  std::string why;
};
} // namespace

/// What one call does: per token, per pair of tokens and per sequence.
static void countWork(Row &row, int64_t batch, int64_t length) {
  const mixc_cost &cost = row.candidate.cost;
  double tokens = double(batch) * length, pairs = double(batch) * length * (length + 1) / 2;
  row.flops = (cost.matrix_token + cost.scalar_token) * tokens + (cost.matrix_pair + cost.scalar_pair) * pairs;
  row.bytes = cost.bytes_token * tokens + cost.bytes_pair * pairs + cost.bytes_sequence * batch;
  if (row.prediction.splits > 1)
    row.bytes += cost.bytes_split * batch * row.prediction.splits;
}

static mlir::FailureOr<std::vector<Row>> predictRows(mixer::SpecOp spec, const Target &target, const CompileOptions &options) {
  mlir::FailureOr<SpecFacts> facts = collectFacts(spec);
  if (failed(facts))
    return mlir::failure();
  SelectOptions select = selectOptions(options, target);
  const bool given = static_cast<bool>(spec.getPlansAttr());
  mlir::FailureOr<mlir::SmallVector<Candidate>> plans = given ? listGivenPlans(spec, *facts, target) : selectPlans(spec, target, select);
  if (failed(plans))
    return mlir::failure();
  // Of the plans that are compiled, the one that a call with these sizes takes.
  auto seconds = [&](const Candidate &plan) {
    return plan.rejected.empty() ? predict(plan, target, select.batch, select.length).terms.total : INFINITY;
  };
  const Candidate *taken =
      std::min_element(plans->begin(), plans->end(), [&](const auto &a, const auto &b) { return seconds(a) < seconds(b); });
  std::vector<Row> rows;
  for (Candidate &candidate : given ? *plans : listCandidates(spec, *facts, target, select)) {
    Row row;
    row.position = rows.size();
    row.prediction = predict(candidate, target, select.batch, select.length);
    row.chosen = candidate.plan == taken->plan && candidate.rejected.empty();
    row.why = explainPrediction(candidate, row.prediction);
    row.candidate = std::move(candidate);
    countWork(row, select.batch, select.length);
    rows.push_back(std::move(row));
  }
  llvm::sort(rows, [](const Row &a, const Row &b) {
    bool rejectedA = !a.candidate.rejected.empty(), rejectedB = !b.candidate.rejected.empty();
    return std::tuple(!a.chosen, rejectedA, a.prediction.terms.total, a.position) <
           std::tuple(!b.chosen, rejectedB, b.prediction.terms.total, b.position);
  });
  return rows;
}

/// "chunked 64", "chunked 64, tf32", "chunked 64, sm_90a, 2 parts, 3 stages", "chunked 16, sm_90a, 1 part of 128 columns, 2 teams, 4
/// stages"
static std::string planName(mixer::AlgorithmAttr plan) {
  std::string name = stringifyAlgorithm(plan.getAlgorithm()).str();
  if (plan.getAssociative())
    name += " associative";
  name += " " + std::to_string(plan.getChunk());
  if (plan.getPrecision() != mixer::Precision::F32)
    name += ", " + stringifyPrecision(plan.getPrecision()).str();
  auto count = [&](const char *what, int64_t number) { name += formatv(", {0} {1}{2}", number, what, number > 1 ? "s" : ""); };
  if (plan.getFamily() == kPortableFamily)
    return name;
  name += ", " + plan.getFamily().str();
  count("part", plan.getParts());
  if (plan.getTeams() > 0) {
    name += formatv(" of {0} columns", plan.getPblock());
    count("team", plan.getTeams());
  }
  count("stage", plan.getStages());
  if (!plan.getRebalance())
    name += ", registers of launch";
  return name;
}

static std::string microseconds(double seconds) { return formatv("{0:f1}", seconds * 1e6).str(); }

static void printRows(const std::vector<Row> &rows, const Target &target) {
  outs() << target.name << " (" << target.arch << "), times in us\n";
  Table table({"", "plan", "heads", "splits", "GFLOP", "MB", "memory", "matrix", "shared", "special", "scalar", "work", "wave", "launch",
               "total", "why"});
  table.leftAlign({1, 15});
  for (const Row &row : rows) {
    mixer::AlgorithmAttr plan = row.candidate.plan;
    std::vector<std::string> cells = {row.chosen ? "*" : "", planName(plan), std::to_string(plan.getHeads())};
    if (row.candidate.rejected.empty()) {
      const mixc_cost_terms &terms = row.prediction.terms;
      llvm::append_values(cells, std::to_string(row.prediction.splits), formatv("{0:f3}", row.flops / 1e9).str(),
                          formatv("{0:f1}", row.bytes / 1e6).str());
      for (double seconds : {terms.memory, terms.matrix, terms.shared, terms.special, terms.scalar, terms.work, terms.quantisation,
                             terms.launch, terms.total})
        cells.push_back(microseconds(seconds));
    }
    cells.resize(15);
    cells.push_back(row.why);
    table.add(std::move(cells));
  }
  table.print(outs());
}

static json::Object rowsToJson(const std::vector<Row> &rows, const Target &target) {
  json::Array candidates;
  for (const Row &row : rows) {
    const mixc_cost_terms &terms = row.prediction.terms;
    std::string plan;
    raw_string_ostream(plan) << row.candidate.plan;
    candidates.push_back(json::Object{{"plan", plan},
                                      {"algorithm", stringifyAlgorithm(row.candidate.plan.getAlgorithm())},
                                      {"chosen", row.chosen},
                                      {"rejected", !row.candidate.rejected.empty()},
                                      {"splits", row.prediction.splits},
                                      {"flops", row.flops},
                                      {"bytes", row.bytes},
                                      {"memory_seconds", terms.memory},
                                      {"matrix_seconds", terms.matrix},
                                      {"shared_seconds", terms.shared},
                                      {"special_seconds", terms.special},
                                      {"scalar_seconds", terms.scalar},
                                      {"work_seconds", terms.work},
                                      {"quantisation_seconds", terms.quantisation},
                                      {"launch_seconds", terms.launch},
                                      {"seconds", terms.total},
                                      {"why", row.why}});
  }
  return json::Object{{"machine", target.name}, {"arch", target.arch}, {"candidates", std::move(candidates)}};
}

static Expected<std::vector<Target>> loadTargets(ArrayRef<std::string> names) {
  std::vector<Target> targets;
  for (const std::string &name : names) {
    Expected<Target> target = loadTarget(name);
    if (!target)
      return createStringError("--target: " + toString(target.takeError()));
    targets.push_back(std::move(*target));
  }
  return targets;
}

int mixc::explainCommand(Arguments args) {
  CompileOptions options;
  CommandLine line{kUsage, kNotes};
  bool asJson = false;
  line.flags.addSwitch("--json", "print JSON instead of tables", asJson);
  addCommonFlags(line.flags, options, {"x86-64,h100", "B (batch) and T (length) are those of the call that is predicted"});
  if (std::optional<int> code = line.parse(args))
    return *code;
  std::unique_ptr<SpecFile> file = SpecFile::open(line.spec);
  if (!file)
    return kBadInput;
  mlir::FailureOr<mixer::SpecOp> found = findSpec(file->module(), options.spec);
  if (failed(found))
    return kBadInput;
  Expected<Shape> complete = completeShape(*found, options.shape, "BT");
  if (!complete)
    return fail(kBadInput, "--" + toString(complete.takeError()));
  mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> bound = bindSpec(*found, options);
  if (failed(bound))
    return kBadInput;
  mixer::SpecOp spec = *(*bound)->getOps<mixer::SpecOp>().begin();
  if (failed(checkForms(spec, selectOptions(options).algorithm)))
    return kNoAlgorithm;
  if (options.targets.empty())
    options.targets = {"x86-64", "h100"};
  Expected<std::vector<Target>> targets = loadTargets(options.targets);
  if (!targets)
    return fail(kBadInput, targets.takeError());
  const bool onGpu = llvm::any_of(*targets, std::mem_fn(&Target::isGpu));
  if (failed(checkTensors(spec, onGpu)) || failed(checkSelectOptions(spec, selectOptions(options), onGpu)))
    return kBadInput;
  json::Array all;
  for (const Target &target : *targets) {
    mlir::FailureOr<std::vector<Row>> rows = predictRows(spec, target, options);
    if (failed(rows))
      return kBadInput;
    if (asJson)
      all.push_back(rowsToJson(*rows, target));
    else
      printRows(*rows, target);
  }
  if (asJson)
    outs() << formatv("{0:2}\n", json::Value(std::move(all)));
  return kOk;
}
