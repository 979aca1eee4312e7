// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An explanation in words and tables.

#include "Explanation.h"
#include "Table.h"
#include "mixc/passes/Family.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace llvm;
using namespace mixc;

std::string mixc::planName(mixer::AlgorithmAttr plan) {
  std::string name = stringifyAlgorithm(plan.getAlgorithm()).str();
  if (plan.getAssociative())
    name += " associative";
  name += " " + std::to_string(plan.getChunk());
  if (plan.getPrecision() != mixer::Precision::F32)
    name += ", " + stringifyPrecision(plan.getPrecision()).str();
  auto count = [&](const char *what, int64_t number) { name += formatv(", {0} {1}{2}", number, what, number > 1 ? "s" : ""); };
  if (plan.getFamily() == kPortableFamily) {
    if (plan.getOperand().isF32() && plan.getStages() > 1) // of 16 bits all plans have as many
      count("stage", plan.getStages());
    return name;
  }
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

std::string mixc::durationText(double seconds) {
  if (seconds < 1e-3)
    return formatv("{0:f1} us", seconds * 1e6);
  if (seconds < 1)
    return formatv("{0:f2} ms", seconds * 1e3);
  return formatv("{0:f2} s", seconds);
}

std::string mixc::bytesText(double bytes) { return formatv("{0:f1} MB", bytes / 1e6); }

static std::string rateText(double rate, StringRef unit) { return formatv("{0} G{1}", format("%.4g", rate / 1e9), unit); }
static std::string percentText(double share) { return formatv("{0:f0} %", share * 100); }

std::string mixc::machineText(const Target &target) {
  return formatv("{0} ({1}), {2}", target.name, target.arch, counted(target.machine.units, target.isGpu() ? "multiprocessor" : "core"));
}

std::string mixc::decayText(const DecayNote &note) {
  std::string text = "decay " + note.name + ":";
  auto add = [&](StringRef what, double bound) {
    if (std::isfinite(bound))
      text += formatv("{0} {1} >= {2}", text.back() == ':' ? "" : ",", what, format("%.6g", bound));
  };
  add("declared", note.bound.declared);
  add("found", note.bound.found);
  return text + (note.used ? "; the plan takes one product for the scores of a chunk" : "; the plan does not need it");
}

std::vector<std::string> mixc::verdict(const Explanation &explanation) {
  const PlanRow *chosen = explanation.chosen();
  const std::string machine = machineText(explanation.target);
  if (!chosen)
    return {machine + ": no plan of the spec fits"};
  const mixer::AlgorithmAttr plan = chosen->candidate.plan;
  std::vector<std::string> lines{formatv("{0}: {1} is taken, {2} a block, {3}: {4}", machine, planName(plan),
                                         counted(plan.getHeads(), "head"), counted(chosen->prediction.splits, "segment"),
                                         durationText(chosen->seconds()))};
  if (const PlanRow *other = explanation.bestOther())
    lines.push_back(formatv("{0:f2} times as fast as the best plan of another algorithm, {1}: {2}", other->seconds() / chosen->seconds(),
                            planName(other->candidate.plan), durationText(other->seconds())));
  else
    lines.push_back("no other algorithm to compare with: " + explanation.alone);
  const Floor &floor = explanation.floor;
  const std::string what = floor.isMemory() ? formatv("every tensor moved once, {0} at {1}", bytesText(floor.bytes),
                                                      rateText(explanation.target.machine.copy_bandwidth, "B/s"))
                                                  .str()
                                            : "the least arithmetic of any plan, that of " + floor.leastWork;
  lines.push_back(formatv("the floor is {0}, {1} of that time: {2}", durationText(floor.seconds()),
                          percentText(floor.seconds() / chosen->seconds()), what));
  return lines;
}

std::vector<Term> mixc::termsOf(const PlanRow &row, const Target &target) {
  const mixc_cost_terms &t = row.prediction.terms;
  const double latency = target.machine.launch_latency;
  const int64_t launches = latency > 0 ? std::llround(t.launch / latency) : 0;
  return {{"launch", t.launch, 0, launches ? counted(launches, target.isGpu() ? "kernel" : "parallel loop") : "no latency of its own"},
          {"memory", t.memory, 0, bytesText(row.bytes) + " at " + rateText(target.machine.copy_bandwidth, "B/s")},
          {"work", t.work, 0, "the sum of the next four"},
          {"matrix", t.matrix, 1, "products of matrices"},
          {"shared", t.shared, 1, target.isGpu() ? "their operands, out of shared memory" : "their operands, out of the first-level cache"},
          {"special", t.special, 1, "exponentials and the like"},
          {"scalar", t.scalar, 1, "all other arithmetic"},
          {"wave", t.quantisation, 0, "an unfilled machine, and steps that wait for each other"}};
}

static std::string microseconds(double seconds) { return formatv("{0:f1}", seconds * 1e6).str(); }

static void printTerms(const PlanRow &row, const Target &target, raw_ostream &os) {
  Table table({"term", "us", "share", "what"});
  table.leftAlign({0, 3});
  for (const Term &term : termsOf(row, target))
    table.add(
        {std::string(2 * term.depth, ' ') + term.name, microseconds(term.seconds), percentText(term.seconds / row.seconds()), term.what});
  table.add({"total", microseconds(row.seconds()), "", "launch + the longer of memory and work + wave; " + row.why});
  table.print(os);
}

static void printRows(const Explanation &explanation, raw_ostream &os) {
  os << "every candidate, times in us\n";
  Table table({"", "plan", "heads", "segments", "GFLOP", "MB", "memory", "matrix", "shared", "special", "scalar", "work", "wave", "launch",
               "total", "why"});
  table.leftAlign({1, 15});
  for (const PlanRow &row : explanation.rows) {
    mixer::AlgorithmAttr plan = row.candidate.plan;
    std::vector<std::string> cells = {row.chosen ? "*" : "", planName(plan), std::to_string(plan.getHeads())};
    if (row.fits()) {
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
  table.print(os);
}

void mixc::printExplanation(const Explanation &explanation, bool all, raw_ostream &os) {
  for (const std::string &line : verdict(explanation))
    os << line << "\n";
  if (const PlanRow *chosen = explanation.chosen())
    printTerms(*chosen, explanation.target, os);
  for (const DecayNote &note : explanation.decays)
    os << decayText(note) << "\n";
  if (all)
    return printRows(explanation, os);
  const size_t fitting = count_if(explanation.rows, std::mem_fn(&PlanRow::fits)), others = explanation.rows.size() - fitting;
  os << counted(fitting, "plan") << " considered" << (others ? ", " + std::to_string(others) + " more that do not fit" : "")
     << "; --all lists them\n";
}
