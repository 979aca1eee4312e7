// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An explanation as a page: one file of HTML with its pictures and its style in it, which needs nothing else.
#pragma once

#include "Commands.h"
#include "Explanation.h"
#include "LengthSweep.h"

namespace mixc {

/// Measured times of a call on the machine at hand.
struct MeasuredCall {
  struct Row {
    std::string variant, algorithm;
    int64_t splits;
    bool chosen;
    double predicted, median, spread; ///< s
    size_t calls;
  };
  std::string device; ///< what it ran on; empty: it was not measured
  std::string why;    ///< why it was not
  std::vector<Row> rows;
  std::vector<std::pair<std::string, std::string>> skipped; ///< variants that were left out, and why
};

/// Times the call on the machine's kind of device by the plans of every algorithm, as `mixc bench` does. `options` have it as their only
/// target. Where there is no such device the result says so; null where something else is wrong, which has been printed and which `code`
/// stands for.
std::optional<MeasuredCall> measureCall(llvm::StringRef path, const CompileOptions &options, const Target &target,
                                        llvm::ArrayRef<int64_t> lengths, ExitCode &code);

/// What the page says of one machine.
struct ReportPart {
  const Explanation &explanation;
  std::optional<MeasuredCall> measured; ///< null: none was asked for
};

/// The page. The same text for the same parts.
std::string reportPage(llvm::ArrayRef<ReportPart> parts);

// Its sections, as HTML. `id` begins the names of what is in it.

/// What each algorithm does and how fast, below what the machine can do.
std::string rooflineHtml(const Explanation &explanation, llvm::StringRef id);
/// Predicted times over T, with measured ones of the call.
std::string lengthsHtml(const Explanation &explanation, const MeasuredCall *measured, llvm::StringRef id);
/// What the chosen plan's time is made of.
std::string termsHtml(const PlanRow &row, const Target &target, llvm::StringRef id);
std::string measuredHtml(const MeasuredCall &measured);
/// Every candidate, and the machine's numbers.
std::string candidatesHtml(const Explanation &explanation);
std::string machineHtml(const Target &target);

/// The number of an algorithm's colour.
unsigned seriesOf(mixer::Algorithm algorithm);

} // namespace mixc
