// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An explanation for other programs: every candidate, whatever the text shows.

#include "Explanation.h"
#include <cmath>

using namespace llvm;
using namespace mixc;

static json::Object rowToJson(const PlanRow &row) {
  const mixc_cost_terms &terms = row.prediction.terms;
  std::string plan;
  raw_string_ostream(plan) << row.candidate.plan;
  return json::Object{{"plan", plan},
                      {"name", planName(row.candidate.plan)},
                      {"algorithm", stringifyAlgorithm(row.algorithm())},
                      {"chosen", row.chosen},
                      {"rejected", !row.fits()},
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
                      {"why", row.why}};
}

static json::Object decayToJson(const DecayNote &note) {
  json::Object made{{"decay", note.name}, {"used", note.used}};
  if (std::isfinite(note.bound.declared))
    made["declared"] = note.bound.declared;
  if (std::isfinite(note.bound.found))
    made["found"] = note.bound.found;
  return made;
}

json::Object mixc::explanationToJson(const Explanation &explanation) {
  json::Object sizes;
  for (auto &[dim, size] : explanation.sizes)
    sizes[dim] = size;
  json::Array candidates, decays;
  for (const PlanRow &row : explanation.rows)
    candidates.push_back(rowToJson(row));
  for (const DecayNote &note : explanation.decays)
    decays.push_back(decayToJson(note));
  const Floor &floor = explanation.floor;
  json::Object made{{"machine", explanation.target.name}, {"arch", explanation.target.arch}, {"spec", explanation.spec},
                    {"dtype", explanation.dtype},         {"sizes", std::move(sizes)},       {"decays", std::move(decays)},
                    {"candidates", std::move(candidates)}};
  if (const PlanRow *chosen = explanation.chosen()) {
    made["floor_bytes"] = floor.bytes;
    made["floor_seconds"] = floor.seconds();
    made["floor_share"] = floor.seconds() / chosen->seconds();
    if (const PlanRow *other = explanation.bestOther())
      made["best_other"] = json::Object{{"name", planName(other->candidate.plan)}, {"seconds", other->seconds()}};
  }
  return made;
}
