// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ReportChart.h"
#include "ReportHtml.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace llvm;
using namespace mixc;

// In units of the picture, which is scaled to the page.
static constexpr double kWidth = 760, kHeight = 430, kLeft = 84, kRight = 744, kTop = 56, kBottom = 372;
// At most so many ticks have a text.
static constexpr double kMostTicks = 9;

static double positive(double value) { return std::max(value, 1e-300); }

LogChart::LogChart(StringRef id, StringRef title, StringRef description, Axis x, Axis y)
    : id(id.str()), title(title.str()), description(description.str()), x(std::move(x)), y(std::move(y)), legendAt(kLeft),
      lastCrossing(-INFINITY) {}

static double along(const LogChart::Axis &axis, double value) {
  return std::log(positive(value) / axis.low) / std::log(axis.high / axis.low);
}
double LogChart::px(double value) const { return kLeft + along(x, value) * (kRight - kLeft); }
double LogChart::py(double value) const { return kBottom - along(y, value) * (kBottom - kTop); }

static std::string path(const std::vector<std::pair<double, double>> &points) {
  std::string text;
  for (auto [x, y] : points)
    text += formatv("{0}{1:f1} {2:f1}", text.empty() ? "M" : " L", x, y);
  return text;
}

void LogChart::line(unsigned series, ArrayRef<Point> points) {
  std::vector<Point> at;
  for (auto [a, b] : points)
    at.push_back({px(a), py(b)});
  body += formatv("<path class=\"series s{0}\" d=\"{1}\"/>\n", series, path(at));
}

void LogChart::roof(ArrayRef<Point> points) {
  std::vector<Point> at;
  for (auto [a, b] : points)
    at.push_back({px(a), py(b)});
  body += formatv("<path class=\"roof\" d=\"{0}\"/>\n", path(at));
}

std::string LogChart::shape(unsigned series, double a, double b, StringRef classes) const {
  switch (series) {
  case 0:
    return formatv("<circle class=\"{0}\" cx=\"{1:f1}\" cy=\"{2:f1}\" r=\"5\"/>\n", classes, a, b);
  case 1:
    return formatv("<rect class=\"{0}\" x=\"{1:f1}\" y=\"{2:f1}\" width=\"9\" height=\"9\"/>\n", classes, a - 4.5, b - 4.5);
  default:
    return formatv("<path class=\"{0}\" d=\"M{1:f1} {2:f1} l6 6 l-6 6 l-6 -6 Z\"/>\n", classes, a, b - 6);
  }
}

void LogChart::mark(unsigned series, Point at) { over += shape(series, px(at.first), py(at.second), "m" + std::to_string(series)); }

void LogChart::measured(unsigned series, Point at) {
  over += shape(series, px(at.first), py(at.second), "measured s" + std::to_string(series));
}

void LogChart::label(Point at, StringRef text) {
  over += formatv("<text class=\"quiet\" text-anchor=\"end\" x=\"{0:f1}\" y=\"{1:f1}\">{2}</text>\n", px(at.first) - 6, py(at.second) - 6,
                  escapeHtml(text));
}

void LogChart::crossing(double at, unsigned number) {
  constexpr double kApart = 22;
  const double place = px(at);
  crossingRow = place - lastCrossing < kApart ? crossingRow + 1 : 0;
  lastCrossing = place;
  const double row = kTop + 14 + 22 * (crossingRow % 4);
  body += formatv("<line class=\"cross\" x1=\"{0:f1}\" y1=\"{1}\" x2=\"{0:f1}\" y2=\"{2}\"/>\n", place, kTop, kBottom);
  over += formatv(
      "<circle class=\"disc\" cx=\"{0:f1}\" cy=\"{1:f1}\" r=\"9\"/><text text-anchor=\"middle\" x=\"{0:f1}\" y=\"{2:f1}\">{3}</text>\n",
      place, row, row + 4, number);
}

void LogChart::here(double at, StringRef text) {
  const double place = px(at);
  const bool left = place > (kLeft + kRight) / 2;
  over += formatv("<line class=\"here\" x1=\"{0:f1}\" y1=\"{1}\" x2=\"{0:f1}\" y2=\"{2}\"/><text text-anchor=\"{3}\" x=\"{4:f1}\" "
                  "y=\"{5:f1}\">{6}</text>\n",
                  place, kTop, kBottom, left ? "end" : "start", place + (left ? -5 : 5), kBottom - 8, escapeHtml(text));
}

void LogChart::legend(unsigned series, StringRef text) {
  const double middle = kTop - 34;
  legends += formatv("<path class=\"series s{0}\" d=\"M{1:f1} {2} h30\"/>", series, legendAt, middle);
  legends += shape(series, legendAt + 15, middle, "m" + std::to_string(series));
  legends += formatv("<text x=\"{0:f1}\" y=\"{1}\">{2}</text>\n", legendAt + 37, middle + 4, escapeHtml(text));
  legendAt += 52 + 6.6 * static_cast<double>(text.size());
}

/// Powers of the base within the axis, of which some have a text.
static std::vector<double> ticksOf(const LogChart::Axis &axis) {
  const double decades = std::log(axis.high / axis.low) / std::log(axis.base);
  const double step = std::max(1.0, std::ceil(decades / kMostTicks));
  std::vector<double> ticks;
  for (double power = std::ceil(std::log(axis.low) / std::log(axis.base) - 1e-9);; power += step) {
    const double value = std::pow(axis.base, power);
    if (value > axis.high * (1 + 1e-9))
      return ticks;
    ticks.push_back(value);
  }
}

std::string LogChart::grid() const {
  std::string made;
  for (double value : ticksOf(x))
    made += formatv("<line class=\"grid\" x1=\"{0:f1}\" y1=\"{1}\" x2=\"{0:f1}\" y2=\"{2}\"/><text class=\"quiet\" text-anchor=\"middle\" "
                    "x=\"{0:f1}\" y=\"{3}\">{4}</text>\n",
                    px(value), kTop, kBottom, kBottom + 18, escapeHtml(x.tick(value)));
  for (double value : ticksOf(y))
    made += formatv("<line class=\"grid\" x1=\"{0}\" y1=\"{1:f1}\" x2=\"{2}\" y2=\"{1:f1}\"/><text class=\"quiet\" text-anchor=\"end\" "
                    "x=\"{3}\" y=\"{4:f1}\">{5}</text>\n",
                    kLeft, py(value), kRight, kLeft - 8, py(value) + 4, escapeHtml(y.tick(value)));
  made += formatv("<text text-anchor=\"middle\" x=\"{0}\" y=\"{1}\">{2}</text>\n", (kLeft + kRight) / 2, kBottom + 42, escapeHtml(x.name));
  made += formatv("<text text-anchor=\"middle\" transform=\"translate(16 {0}) rotate(-90)\">{1}</text>\n", (kTop + kBottom) / 2,
                  escapeHtml(y.name));
  return made;
}

std::string LogChart::str() const {
  std::string made =
      formatv("<svg viewBox=\"0 0 {0} {1}\" role=\"img\" aria-labelledby=\"{2}-title {2}-text\">\n<title id=\"{2}-title\">{3}</title>\n"
              "<desc id=\"{2}-text\">{4}</desc>\n",
              kWidth, kHeight, id, escapeHtml(title), escapeHtml(description));
  made += formatv("<clipPath id=\"{0}-plot\"><rect x=\"{1}\" y=\"{2}\" width=\"{3}\" height=\"{4}\"/></clipPath>\n", id, kLeft, kTop,
                  kRight - kLeft, kBottom - kTop);
  made += grid() + formatv("<g clip-path=\"url(#{0}-plot)\">\n", id).str() + body + "</g>\n";
  made +=
      formatv("<rect class=\"frame\" x=\"{0}\" y=\"{1}\" width=\"{2}\" height=\"{3}\"/>\n", kLeft, kTop, kRight - kLeft, kBottom - kTop);
  return made + over + legends + "</svg>\n";
}
