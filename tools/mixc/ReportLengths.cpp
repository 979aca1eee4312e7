// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Report.h"
#include "ReportChart.h"
#include "ReportHtml.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace llvm;
using namespace mixc;

/// "1", "64", "4 Ki", "128 Ki", "1 Mi": powers of two are short that way.
static std::string lengthTick(double length) {
  static constexpr StringRef units[] = {"", " Ki", " Mi", " Gi", " Ti", " Pi", " Ei"};
  unsigned unit = 0;
  for (; length >= 1024 && unit + 1 < std::size(units); ++unit)
    length /= 1024;
  return formatv("{0}{1}", format("%.6g", length), units[unit]);
}

static std::string secondsTick(double seconds) {
  for (auto [unit, factor] : {std::pair{"s", 1.0}, {"ms", 1e3}, {"us", 1e6}, {"ns", 1e9}})
    if (seconds * factor >= 0.999)
      return formatv("{0} {1}", format("%.6g", seconds * factor), unit);
  return formatv("{0} s", format("%.0e", seconds));
}

/// The fastest plan of an algorithm that was measured; null where none was.
static const MeasuredCall::Row *fastest(const MeasuredCall *measured, StringRef algorithm) {
  const MeasuredCall::Row *best = nullptr;
  for (const MeasuredCall::Row &row : measured ? ArrayRef(measured->rows) : ArrayRef<MeasuredCall::Row>())
    if (row.algorithm == algorithm && (!best || row.median < best->median))
      best = &row;
  return best;
}

static LogChart::Axis timeAxis(const LengthSweep &sweep) {
  double low = INFINITY, high = 0;
  for (const LengthSweep::Sample &sample : sweep.samples)
    for (double seconds : sample.seconds) {
      low = std::min(low, seconds);
      high = std::max(high, seconds);
    }
  return {"predicted time", std::pow(10, std::floor(std::log10(low) + 1e-9)), std::pow(10, std::ceil(std::log10(high) - 1e-9)), 10,
          secondsTick};
}

static std::string picture(const LengthSweep &sweep, int64_t length, const MeasuredCall *measured, StringRef id) {
  const LogChart::Axis x{"T, tokens of a sequence", 1, static_cast<double>(sweep.samples.back().length), 2, lengthTick};
  LogChart chart((id + "-lengths").str(), "Predicted time of each algorithm over T",
                 "A line for each algorithm, both axes logarithmic; numbered lines across are where another algorithm becomes the fastest. "
                 "The tables below have the numbers.",
                 x, timeAxis(sweep));
  chart.here(static_cast<double>(length), "this call");
  for (size_t i = 0; i < sweep.algorithms.size(); ++i) {
    const unsigned series = seriesOf(sweep.algorithms[i]);
    std::vector<LogChart::Point> points;
    for (const LengthSweep::Sample &sample : sweep.samples)
      points.push_back({static_cast<double>(sample.length), sample.seconds[i]});
    chart.line(series, points);
    chart.legend(series, sweep.name(i));
    if (const MeasuredCall::Row *row = fastest(measured, sweep.name(i)))
      chart.measured(series, {static_cast<double>(length), row->median});
  }
  for (auto [number, crossover] : enumerate(sweep.crossovers))
    chart.crossing(static_cast<double>(crossover.length), number + 1);
  return chart.str();
}

static std::string crossoverTable(const LengthSweep &sweep) {
  if (sweep.crossovers.empty())
    return formatv("<p>{0} is the fastest for every T.</p>\n", sweep.name(sweep.samples.front().best));
  HtmlTable table("Where another algorithm becomes the fastest", {"", "from T on", "algorithm", "before"}, {2, 3});
  for (auto [number, crossover] : enumerate(sweep.crossovers))
    table.add({std::to_string(number + 1), dataHtml(static_cast<double>(crossover.length), std::to_string(crossover.length)),
               sweep.name(crossover.to), sweep.name(crossover.from)});
  return table.str();
}

static std::string timesTable(const LengthSweep &sweep) {
  std::vector<std::string> header{"T"};
  for (size_t i = 0; i < sweep.algorithms.size(); ++i)
    header.push_back(sweep.name(i));
  header.push_back("fastest");
  HtmlTable table("Predicted times", header, {static_cast<unsigned>(header.size() - 1)});
  for (const LengthSweep::Sample &sample : sweep.samples) {
    if (sample.length & (sample.length - 1))
      continue;
    std::vector<std::string> cells{std::to_string(sample.length)};
    for (double seconds : sample.seconds)
      cells.push_back(dataHtml(seconds, durationText(seconds)));
    cells.push_back(sweep.name(sample.best));
    table.add(std::move(cells));
  }
  return "<details><summary>Times at powers of two</summary>\n" + table.str() + "</details>\n";
}

std::string mixc::lengthsHtml(const Explanation &explanation, const MeasuredCall *measured, StringRef id) {
  const LengthSweep sweep = sweepLengths(explanation);
  const bool marks = measured && !measured->rows.empty();
  std::string made = formatv("<h3 id=\"{0}-over-t\">Over T, with B = {1}</h3>\n<figure>\n", id, explanation.sizes.at("B"));
  made += picture(sweep, explanation.sizes.at("T"), marks ? measured : nullptr, id);
  made += "<figcaption>The fastest plan of each algorithm; numbers stand where another algorithm becomes the fastest.";
  if (marks)
    made += " Hollow marks are measured.";
  return made + "</figcaption>\n</figure>\n" + crossoverTable(sweep) + timesTable(sweep);
}
