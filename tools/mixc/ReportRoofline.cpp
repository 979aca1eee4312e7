// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Report.h"
#include "ReportChart.h"
#include "ReportHtml.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>
#include <map>

using namespace llvm;
using namespace mixc;

/// Four digits, and all before the point.
static std::string giga(double rate) { return formatv("{0}", format(rate < 1e12 ? "%.4g" : "%.0f", rate / 1e9)); }

/// Flat roofs by what they are: products in the types that the plans multiply in, and all other arithmetic.
static std::map<std::string, double> roofsOf(const Explanation &explanation) {
  const mixc_machine &machine = explanation.target.machine;
  const double units = machine.units;
  std::map<std::string, double> roofs{{"other arithmetic", units * machine.scalar_rate}};
  for (const PlanRow *row : explanation.bestOfAlgorithms())
    switch (row->candidate.cost.operand) {
    case MIXC_OPERAND_HALF:
      roofs["products of 16 bits"] = units * machine.matrix_rate_half;
      break;
    case MIXC_OPERAND_TF32:
      roofs["products in tf32"] = units * machine.matrix_rate_tf32;
      break;
    case MIXC_OPERAND_SPLIT:
      roofs["products of f32 in three of tf32"] = units * machine.matrix_rate_tf32 / 3;
      break;
    default:
      if (row->algorithm() != mixer::Algorithm::Scan) // which has no products
        roofs["products in f32"] = units * machine.matrix_rate_f32;
    }
  return roofs;
}

static double intensity(const PlanRow &row) { return row.flops / std::max(row.bytes, 1.0); }
static double rate(const PlanRow &row) { return row.flops / row.seconds(); }

static double powerOfTen(double value, bool up) {
  const double power = std::log10(value);
  return std::pow(10, up ? std::ceil(power) : std::floor(power));
}

static std::string picture(const Explanation &explanation, ArrayRef<const PlanRow *> plans, StringRef id) {
  const double bandwidth = explanation.target.machine.copy_bandwidth;
  const std::map<std::string, double> roofs = roofsOf(explanation);
  double peak = 0, left = INFINITY, right = 0, bottom = INFINITY;
  for (auto &[name, roof] : roofs)
    peak = std::max(peak, roof);
  for (const PlanRow *row : plans) {
    left = std::min(left, intensity(*row));
    right = std::max(right, intensity(*row));
    bottom = std::min(bottom, rate(*row));
  }
  const double ridge = peak / bandwidth;
  const double low = powerOfTen(std::min(left, ridge) / 3, false), high = powerOfTen(std::max(right, ridge) * 3, true);
  auto plain = [](double value) -> std::string { return formatv("{0}", format("%.6g", value)); };
  LogChart chart(
      (id + "-roofline").str(), "Roofline",
      "Operations a second over operations a byte, both axes logarithmic: what memory and arithmetic allow as lines, the best plan "
      "of each algorithm as marks. The table below has the numbers.",
      {"operations a byte", low, high, 10, plain},
      {"10^9 operations a second", powerOfTen(bottom / 2, false), peak * 3, 10, [](double rate) { return giga(rate); }});
  for (auto &[name, roof] : roofs) {
    chart.roof({{roof / bandwidth, roof}, {high, roof}});
    chart.label({high, roof}, name + ", " + giga(roof));
  }
  chart.roof({{low, low * bandwidth}, {ridge, peak}});
  chart.label({ridge * 0.5, peak * 0.5}, "memory, " + giga(bandwidth) + " GB/s");
  for (const PlanRow *row : plans) {
    chart.mark(seriesOf(row->algorithm()), {intensity(*row), rate(*row)});
    chart.legend(seriesOf(row->algorithm()), stringifyAlgorithm(row->algorithm()));
  }
  return chart.str();
}

std::string mixc::rooflineHtml(const Explanation &explanation, StringRef id) {
  std::vector<const PlanRow *> plans = explanation.bestOfAlgorithms();
  erase_if(plans, [](const PlanRow *row) { return row->flops <= 0; });
  if (plans.empty())
    return "";
  std::string made = formatv("<h3 id=\"{0}-roof\">Below the roof</h3>\n<figure>\n", id);
  made += picture(explanation, plans, id);
  made += "<figcaption>The best plan of each algorithm at this call. One that does more operations stands higher and need not be "
          "faster.</figcaption>\n</figure>\n";
  HtmlTable table("What the plans do and how fast",
                  {"plan", "10^9 operations", "MB", "operations a byte", "10^9 operations a second", "time"});
  for (const PlanRow *row : plans)
    table.add({escapeHtml(planName(row->candidate.plan)), dataHtml(row->flops, formatv("{0:f3}", row->flops / 1e9).str()),
               dataHtml(row->bytes, formatv("{0:f1}", row->bytes / 1e6).str()),
               dataHtml(intensity(*row), formatv("{0:f2}", intensity(*row)).str()), dataHtml(rate(*row), giga(rate(*row))),
               dataHtml(row->seconds(), durationText(row->seconds()))},
              row->chosen ? "chosen" : "");
  return made + table.str();
}
