// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The terms of a plan as bars over its time: launch first, memory and work side by side behind it, then the wave.

#include "Report.h"
#include "ReportHtml.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace mixc;

static constexpr double kWidth = 760, kLabels = 96, kValues = 96, kRow = 26;

namespace {
struct Bar {
  Term term;
  double start;
  StringRef style;
};
} // namespace

/// Where each bar begins. On a CPU the parts of work follow each other; on a GPU special and scalar operations run beside products.
static std::vector<Bar> placeBars(const PlanRow &row, const Target &target) {
  const mixc_cost_terms &t = row.prediction.terms;
  std::vector<Bar> bars;
  double part = t.launch;
  for (Term &term : termsOf(row, target)) {
    Bar bar{std::move(term), 0, "bar"};
    const std::string &name = bar.term.name;
    if (bar.term.depth > 0) {
      const bool beside = target.isGpu() && name != "matrix" && name != "shared";
      bar.start = beside ? t.launch : part;
      bar.style = "part";
      part += bar.term.seconds;
    } else if (name == "memory" || name == "work") {
      bar.start = t.launch;
      const bool longer = name == "memory" ? t.memory >= t.work : t.work > t.memory;
      bar.style = longer ? "bar" : "hidden";
    } else if (name == "wave") {
      bar.start = t.launch + std::max(t.memory, t.work);
      bar.style = "extra";
    } else {
      bar.style = "extra";
    }
    bars.push_back(std::move(bar));
  }
  return bars;
}

static std::string picture(ArrayRef<Bar> bars, double total, StringRef id) {
  const double height = kRow * static_cast<double>(bars.size()) + 30, scale = (kWidth - kLabels - kValues) / total;
  std::string made = formatv("<svg viewBox=\"0 0 {0} {1}\" role=\"img\" aria-labelledby=\"{2}-terms-title {2}-terms-text\">\n"
                             "<title id=\"{2}-terms-title\">What the time of the chosen plan is made of</title>\n"
                             "<desc id=\"{2}-terms-text\">A bar for each term, along the time of the call; the table below has the "
                             "numbers.</desc>\n",
                             kWidth, height, id);
  double top = 4;
  for (const Bar &bar : bars) {
    const double start = kLabels + bar.start * scale, width = bar.term.seconds * scale;
    const double inset = bar.term.depth > 0 ? 6 : 3;
    made += formatv("<text x=\"{0}\" y=\"{1:f1}\">{2}</text>", 4 + 14 * bar.term.depth, top + 17, escapeHtml(bar.term.name));
    made += formatv("<rect class=\"{0}\" x=\"{1:f2}\" y=\"{2:f1}\" width=\"{3:f2}\" height=\"{4:f1}\"/>", bar.style, start, top + inset,
                    std::max(width, bar.term.seconds > 0 ? 1.0 : 0.0), kRow - 2 * inset);
    made += formatv("<text class=\"quiet\" text-anchor=\"end\" x=\"{0}\" y=\"{1:f1}\">{2}</text>\n", kWidth - 4, top + 17,
                    escapeHtml(durationText(bar.term.seconds)));
    top += kRow;
  }
  made +=
      formatv("<line class=\"grid\" x1=\"{0}\" y1=\"4\" x2=\"{0}\" y2=\"{1}\"/><line class=\"here\" x1=\"{2}\" y1=\"4\" x2=\"{2}\" "
              "y2=\"{1}\"/>\n<text class=\"quiet\" x=\"{0}\" y=\"{3}\">0</text><text text-anchor=\"end\" x=\"{2}\" y=\"{3}\">{4}</text>\n",
              kLabels, top, kWidth - kValues, top + 18, escapeHtml(durationText(total) + " in all"));
  return made + "</svg>\n";
}

std::string mixc::termsHtml(const PlanRow &row, const Target &target, StringRef id) {
  const std::vector<Bar> bars = placeBars(row, target);
  std::string made =
      formatv("<h3 id=\"{0}-terms\">What the time is made of: {1}</h3>\n<figure>\n", id, escapeHtml(planName(row.candidate.plan)));
  made += picture(bars, row.seconds(), id);
  made += "<figcaption>Time runs to the right. Memory and work go on at once, and the longer one counts; the shorter one is "
          "grey.</figcaption>\n"
          "</figure>\n";
  HtmlTable table("total = launch + the longer of memory and work + wave", {"term", "time", "share", "what"}, {3});
  for (const Bar &bar : bars)
    table.add({escapeHtml(bar.term.name), dataHtml(bar.term.seconds, durationText(bar.term.seconds)),
               formatv("{0:f0} %", 100 * bar.term.seconds / row.seconds()), escapeHtml(bar.term.what)},
              bar.term.depth > 0 ? "sub" : "");
  table.add({"total", dataHtml(row.seconds(), durationText(row.seconds())), "", escapeHtml(row.why)});
  return made + table.str();
}
