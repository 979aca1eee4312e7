// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A picture with two logarithmic axes, as inline SVG. Series differ in colour, dashes and the shape of their marks.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace mixc {

class LogChart {
public:
  struct Axis {
    std::string name; ///< what it shows, with the unit
    double low, high;
    double base; ///< ticks are powers of it
    std::function<std::string(double)> tick;
  };
  using Point = std::pair<double, double>;
  /// Series have colours and marks of their own, as many as there are algorithms.
  static constexpr unsigned kSeries = 3;

  /// `id` is unique on the page; `title` and `description` are for those who do not see the picture.
  LogChart(llvm::StringRef id, llvm::StringRef title, llvm::StringRef description, Axis x, Axis y);

  void line(unsigned series, llvm::ArrayRef<Point> points);
  /// A line that belongs to no series.
  void roof(llvm::ArrayRef<Point> points);
  void mark(unsigned series, Point at);
  /// A hollow mark.
  void measured(unsigned series, Point at);
  /// A text that ends at a point, above it.
  void label(Point at, llvm::StringRef text);
  /// A vertical line across, with a number at its top; the numbers keep apart.
  void crossing(double x, unsigned number);
  /// A vertical line across, with a text at its bottom.
  void here(double x, llvm::StringRef text);
  void legend(unsigned series, llvm::StringRef text);

  std::string str() const;

private:
  double px(double x) const;
  double py(double y) const;
  std::string shape(unsigned series, double x, double y, llvm::StringRef classes) const;
  std::string grid() const;
  std::string id, title, description;
  Axis x, y;
  std::string body, over, legends;
  double legendAt, lastCrossing;
  unsigned crossingRow = 0;
};

} // namespace mixc
