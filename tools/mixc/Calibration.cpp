// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Calibration.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include <cstdlib>

using namespace llvm;
using namespace mixc;

/// To three digits.
static double roundedTo3(double value) { return std::strtod(formatv("{0}", format("%.3g", value)).str().c_str(), nullptr); }

double Runs::least() const { return *std::min_element(values.begin(), values.end()); }
double Runs::most() const { return *std::max_element(values.begin(), values.end()); }
double Runs::median() const {
  std::vector<double> sorted = values;
  llvm::sort(sorted);
  return sorted[sorted.size() / 2];
}

Figure mixc::bestRate(StringRef key, const Runs &rates, StringRef how) {
  return {key.str(), rates.most(), 1 - rates.median() / rates.most(), how.str()};
}

Figure mixc::bestTime(StringRef key, const Runs &seconds, StringRef how) {
  return {key.str(), seconds.least(), seconds.median() / seconds.least() - 1, how.str()};
}

void mixc::setFigures(Target &target, ArrayRef<Figure> figures) {
  for (const Figure &figure : figures)
    setNumber(target, figure.key, figure.spread < 0 ? figure.value : roundedTo3(figure.value));
}

Figure mixc::knownFigure(StringRef key, double value, StringRef how) { return {key.str(), value, -1, how.str()}; }
