// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Measures the numbers of a machine description on the machine at hand.
#pragma once

#include "Commands.h"
#include "mixc/passes/Target.h"
#include <string>
#include <vector>

namespace mixc {

/// What repeated runs gave: seconds, or something by the second.
struct Runs {
  std::vector<double> values;

  double least() const;
  double most() const;
  double median() const;
};

/// A number of the description, and how it was found.
struct Figure {
  std::string key;
  double value = 0;
  /// How far the median of the runs is from the value, the best of them, as a share of it; negative: it was not measured.
  double spread = -1;
  std::string how;
};

/// The best of runs: others that use the machine can only make it slower.
Figure bestRate(llvm::StringRef key, const Runs &rates, llvm::StringRef how);
Figure bestTime(llvm::StringRef key, const Runs &seconds, llvm::StringRef how);
/// One that was read or taken over.
Figure knownFigure(llvm::StringRef key, double value, llvm::StringRef how);

/// Writes them into the description, rounded to what is worth saying.
void setFigures(Target &target, llvm::ArrayRef<Figure> figures);

/// Measures and writes the numbers into `target`, which begins as the description that the rest is taken from. The error has the code
/// no_such_device where there is no such machine here.
llvm::Expected<std::vector<Figure>> calibrateCpu(Target &target);
llvm::Expected<std::vector<Figure>> calibrateCuda(Target &target);

} // namespace mixc
