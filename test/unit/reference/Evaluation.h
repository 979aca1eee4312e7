// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Parses specs and evaluates them, for the tests.
#pragma once

#include "mixc/reference/Evaluate.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace mixc::test {

/// A file with one spec.
class Spec {
public:
  static Spec fromText(const std::string &text);
  static Spec fromFile(const std::string &path);

  mixer::SpecOp op();
  /// The results, or none and the text of the error.
  std::optional<reference::Arrays> evaluate(const reference::Sizes &sizes, const reference::Arrays &arguments, std::string &error);

private:
  std::unique_ptr<mlir::MLIRContext> context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

/// The results of a spec that must not fail.
reference::Arrays evaluate(const std::string &text, const reference::Sizes &sizes, const reference::Arrays &arguments);
/// The error of a spec that must fail.
std::string errorOf(const std::string &text, const reference::Sizes &sizes, const reference::Arrays &arguments);

/// ||values - expected|| / ||expected||
double relativeError(const std::vector<double> &values, const std::vector<double> &expected);

} // namespace mixc::test
