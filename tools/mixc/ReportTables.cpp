// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The tables of a report that belong to no picture.

#include "Report.h"
#include "ReportHtml.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace llvm;
using namespace mixc;

static std::string timeCell(double seconds) { return dataHtml(seconds, durationText(seconds)); }

/// Counts and sizes whole, rates by their exponents.
static std::string numberText(double number) {
  return formatv("{0}", format(number == std::floor(number) && number < 1e9 ? "%.0f" : "%.6g", number));
}

std::string mixc::measuredHtml(const MeasuredCall &measured) {
  std::string made = "<h3>Measured</h3>\n";
  if (measured.device.empty())
    return made + "<p>Not measured: " + escapeHtml(measured.why) + "</p>\n";
  HtmlTable table("On " + measured.device + ": medians of calls, and half the distance of their quartiles",
                  {"variant", "segments", "predicted", "measured", "spread", "calls", "measured over predicted"});
  for (const MeasuredCall::Row &row : measured.rows)
    table.add({escapeHtml(row.variant), std::to_string(row.splits), timeCell(row.predicted), timeCell(row.median), timeCell(row.spread),
               std::to_string(row.calls), formatv("{0:f2}", row.median / row.predicted)},
              row.chosen ? "chosen" : "");
  made += table.str();
  for (auto &[variant, why] : measured.skipped)
    made += "<p>" + escapeHtml(variant) + " was left out: " + escapeHtml(why) + "</p>\n";
  return made;
}

std::string mixc::candidatesHtml(const Explanation &explanation) {
  HtmlTable table("Every candidate, by its time", {"plan", "heads", "segments", "time", "memory", "work", "wave", "launch", "why"}, {8});
  for (const PlanRow &row : explanation.rows) {
    const mixc_cost_terms &terms = row.prediction.terms;
    std::vector<std::string> cells{escapeHtml(planName(row.candidate.plan)), std::to_string(row.candidate.plan.getHeads())};
    if (row.fits()) {
      cells.push_back(std::to_string(row.prediction.splits));
      for (double seconds : {terms.total, terms.memory, terms.work, terms.quantisation, terms.launch})
        cells.push_back(timeCell(seconds));
    }
    cells.resize(8);
    cells.push_back(escapeHtml(row.why));
    table.add(std::move(cells), row.chosen ? "chosen" : "");
  }
  return formatv("<details><summary>Every candidate ({0})</summary>\n", explanation.rows.size()).str() + table.str() + "</details>\n";
}

std::string mixc::machineHtml(const Target &target) {
  HtmlTable table("Rates are of one unit, but for copy_bandwidth; SI units", {"number", "value"});
  Expected<json::Value> numbers = json::parse(printTarget(target));
  if (!numbers) { // what printTarget writes is JSON
    consumeError(numbers.takeError());
    return "";
  }
  const json::Object &object = *numbers->getAsObject();
  std::string source;
  if (std::optional<StringRef> text = object.getString("source"))
    source = "<p>" + escapeHtml(*text) + "</p>\n";
  for (const json::Object::value_type *entry : sortedElements(object))
    if (std::optional<double> number = entry->second.getAsNumber())
      table.add({escapeHtml(StringRef(entry->first)), dataHtml(*number, numberText(*number))});
  return "<details><summary>The machine's numbers</summary>\n" + source + table.str() + "</details>\n";
}
