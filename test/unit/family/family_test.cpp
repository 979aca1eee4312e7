// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The form has room: mixers with diagonal decay, rank-1 transitions, read = pre and permuted arguments, stated as specs,
// mean what their published implementations compute.

#include "mixc/npz/Npz.h"
#include "mixc/reference/Evaluate.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace mixc;

namespace {
double relativeError(const std::vector<double> &values, const std::vector<double> &expected) {
  double difference = 0, norm = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    difference += (values[i] - expected[i]) * (values[i] - expected[i]);
    norm += expected[i] * expected[i];
  }
  return std::sqrt(difference / norm);
}

class Family : public testing::TestWithParam<const char *> {};
} // namespace

TEST_P(Family, ReproducesItsGolden) {
  std::string name = GetParam(), error;
  npz::Archive golden;
  ASSERT_TRUE(npz::readFile(std::string(MIXC_GOLDEN_DIR) + "/" + name + ".npz", golden, error)) << error;
  mlir::DialectRegistry registry;
  registry.insert<mixer::MixerDialect>();
  mlir::MLIRContext context(registry);
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(std::string(MIXC_FAMILY_DIR) + "/" + name + ".mlir", &context);
  ASSERT_TRUE(module);
  auto spec = *module->getOps<mixer::SpecOp>().begin();

  reference::Sizes sizes;
  reference::Arrays arguments;
  for (unsigned i = 0; i < spec.getNumArgs(); ++i) {
    std::string arg = spec.getArgName(i).str();
    if (!golden.count(arg)) {
      ASSERT_TRUE(spec.isArgOptional(i)) << arg;
      continue;
    }
    ASSERT_EQ(golden[arg].shape.size(), spec.getArgType(i).getRank()) << arg;
    for (auto [dim, size] : llvm::zip(spec.getArgType(i).getDims(), golden[arg].shape))
      ASSERT_EQ(sizes.emplace(dim.str(), size).first->second, size) << arg << " " << dim.str();
    arguments[arg] = golden[arg].toDoubles();
  }
  auto results = reference::evaluate(spec, sizes, arguments);
  ASSERT_TRUE(mlir::succeeded(results));
  // Every one of these files holds the output and the final state.
  ASSERT_EQ(results->size(), 2u);
  for (auto &[result, values] : *results) {
    ASSERT_TRUE(golden.count(result)) << result;
    std::vector<double> expected = golden[result].toDoubles();
    ASSERT_EQ(values.size(), expected.size()) << result;
    EXPECT_LE(relativeError(values, expected), 1e-5) << result;
  }
}

INSTANTIATE_TEST_SUITE_P(Mixers, Family,
                         testing::Values("gla", "rwkv6", "delta_rule", "gated_delta_rule", "kda", "comba", "gdn2", "rwkv7_dplr",
                                         "mamba1_selective_scan"),
                         [](const auto &info) { return std::string(info.param); });
