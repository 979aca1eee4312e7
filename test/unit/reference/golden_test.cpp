// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Results of the published implementations of the mixers, from inputs rounded to bf16.

#include "Evaluation.h"
#include "mixc/npz/Npz.h"
#include "gtest/gtest.h"
#include <filesystem>

using namespace mixc;
using namespace mixc::test;

namespace {
/// Mixers that have a spec and a golden file of the same name.
std::vector<std::string> mixersWithGolden() {
  std::vector<std::string> names;
  for (auto &entry : std::filesystem::directory_iterator(MIXC_GOLDEN_DIR)) {
    std::string name = entry.path().stem().string();
    if (entry.path().extension() == ".npz" && std::filesystem::exists(std::string(MIXC_MIXERS_DIR) + "/" + name + ".mlir"))
      names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Golden : public testing::TestWithParam<std::string> {};
} // namespace

TEST_P(Golden, IsReproduced) {
  Spec spec = Spec::fromFile(std::string(MIXC_MIXERS_DIR) + "/" + GetParam() + ".mlir");
  npz::Archive golden;
  std::string error;
  ASSERT_TRUE(npz::readFile(std::string(MIXC_GOLDEN_DIR) + "/" + GetParam() + ".npz", golden, error)) << error;

  reference::Sizes sizes;
  reference::Arrays arguments;
  mixer::SpecOp op = spec.op();
  for (unsigned i = 0; i < op.getNumArgs(); ++i) {
    std::string name = op.getArgName(i).str();
    if (!golden.count(name)) {
      ASSERT_TRUE(op.isArgOptional(i)) << name;
      continue;
    }
    ASSERT_EQ(golden[name].shape.size(), op.getArgType(i).getRank()) << name;
    for (auto [dim, size] : llvm::zip(op.getArgType(i).getDims(), golden[name].shape))
      ASSERT_EQ(sizes.emplace(dim.str(), size).first->second, size) << name << " " << dim.str();
    arguments[name] = golden[name].toDoubles();
  }

  std::optional<reference::Arrays> results = spec.evaluate(sizes, arguments, error);
  ASSERT_TRUE(results) << error;
  unsigned compared = 0;
  for (auto &[name, values] : *results) {
    if (!golden.count(name))
      continue;
    EXPECT_LE(relativeError(values, golden[name].toDoubles()), 1e-5) << name;
    ++compared;
  }
  EXPECT_GE(compared, 1u);
}

INSTANTIATE_TEST_SUITE_P(Mixers, Golden, testing::ValuesIn(mixersWithGolden()), [](const auto &info) { return info.param; });
