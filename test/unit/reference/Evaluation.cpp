// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Evaluation.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"
#include <cmath>

namespace mixc::test {
using namespace mlir;

static std::unique_ptr<MLIRContext> makeContext() {
  auto context = std::make_unique<MLIRContext>();
  context->loadDialect<mixer::MixerDialect, arith::ArithDialect, math::MathDialect>();
  return context;
}

Spec Spec::fromText(const std::string &text) {
  Spec spec;
  spec.context = makeContext();
  spec.module = parseSourceString<ModuleOp>(text, spec.context.get());
  EXPECT_TRUE(spec.module) << text;
  return spec;
}

Spec Spec::fromFile(const std::string &path) {
  Spec spec;
  spec.context = makeContext();
  spec.module = parseSourceFile<ModuleOp>(path, spec.context.get());
  EXPECT_TRUE(spec.module) << path;
  return spec;
}

mixer::SpecOp Spec::op() { return *module->getOps<mixer::SpecOp>().begin(); }

std::optional<reference::Arrays> Spec::evaluate(const reference::Sizes &sizes, const reference::Arrays &arguments, std::string &error) {
  ScopedDiagnosticHandler handler(context.get(), [&](Diagnostic &diagnostic) {
    error += diagnostic.str();
    return success();
  });
  FailureOr<reference::Arrays> results = reference::evaluate(op(), sizes, arguments);
  if (failed(results))
    return std::nullopt;
  return std::move(*results);
}

reference::Arrays evaluate(const std::string &text, const reference::Sizes &sizes, const reference::Arrays &arguments) {
  std::string error;
  std::optional<reference::Arrays> results = Spec::fromText(text).evaluate(sizes, arguments, error);
  EXPECT_TRUE(results) << error;
  return results.value_or(reference::Arrays());
}

std::string errorOf(const std::string &text, const reference::Sizes &sizes, const reference::Arrays &arguments) {
  std::string error;
  EXPECT_FALSE(Spec::fromText(text).evaluate(sizes, arguments, error));
  return error;
}

double relativeError(const std::vector<double> &values, const std::vector<double> &expected) {
  EXPECT_EQ(values.size(), expected.size());
  double difference = 0, norm = 0;
  for (size_t i = 0; i < std::min(values.size(), expected.size()); ++i) {
    difference += (values[i] - expected[i]) * (values[i] - expected[i]);
    norm += expected[i] * expected[i];
  }
  return std::sqrt(difference / norm);
}

} // namespace mixc::test
