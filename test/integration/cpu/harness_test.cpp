// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The numeric tests can fail: each kind of fault that they look for is noticed.

#include "Numbers.h"
#include <cmath>
#include <gtest/gtest-spi.h>

using namespace mixc;
using namespace mixc::test;

namespace {

const mixc_tensor_desc kTensor = {"x", "BTH", {MIXC_DIM_B, MIXC_DIM_T, 3}, MIXC_F32, 3, 0, 0};
const std::vector<int64_t> kShape = {2, 5, 3};

std::vector<float> counted() {
  std::vector<float> values(30);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = i;
  return values;
}

TEST(Memory, KeepsElementsInEveryLayout) {
  const Layout layouts[] = {{}, {"HTB"}, {"TBH", 2, {{'T', 5}, {'H', 1}}}, {"", 1, {}, "TH"}};
  for (const Layout &layout : layouts) {
    PlacedTensor tensor(kTensor, kShape, layout);
    tensor.write(counted());
    EXPECT_EQ(tensor.read(), counted());
    EXPECT_TRUE(tensor.guardsAreIntact());
  }
}

TEST(Memory, StridesAreThoseOfTheLayout) {
  mixc_tensor tensor = PlacedTensor(kTensor, kShape, {"HTB", 2, {{'T', 1}}, "H"}).argument(); // B 2, T 2 * 2 + 1
  EXPECT_EQ(tensor.strides[0], 2);
  EXPECT_EQ(tensor.strides[1], 5);
  EXPECT_EQ(tensor.strides[2], -25);
}

TEST(Memory, NoticesWritesOutsideOfElements) {
  for (int64_t offset : {-1, 3, 7}) { // before the tensor, between tokens
    PlacedTensor tensor(kTensor, kShape, {"", 1, {{'T', 1}}});
    tensor.write(counted());
    static_cast<float *>(tensor.argument().data)[offset] = 0;
    EXPECT_FALSE(tensor.guardsAreIntact()) << offset;
  }
}

TEST(MemoryDeathTest, EndsWithTheLastElement) {
  PlacedTensor tensor(kTensor, kShape, {});
  auto *data = static_cast<volatile float *>(tensor.argument().data);
  EXPECT_TRUE(std::isnan(data[-1]));
  EXPECT_DEATH((void)data[30], "");
}

TEST(RelativeError, IsThatOfTheNorms) {
  EXPECT_DOUBLE_EQ(relativeError({3, 4}, {3, 5}), 1 / std::sqrt(34));
  EXPECT_DOUBLE_EQ(relativeError({2, 0}, {0, 0}), 2);
  EXPECT_TRUE(std::isinf(relativeError({NAN, 1}, {1, 1})));
  EXPECT_TRUE(std::isinf(relativeError({INFINITY, 1}, {1, 1})));
}

/// Errors as small as one wrong token, a forgotten last bit of the format, or a result that is missing.
TEST(Comparison, NoticesSmallErrors) {
  static Kernel &kernel = Kernel::get({"simple_gla", {{"H", 2}, {"N", 16}, {"P", 3}}}, {mixer::Algorithm::Scan, 16});
  static Call call{1, 50, randomArguments(kernel, 1, 50)};
  static Reference expected = reference(kernel, call);
  static HostTensors results = run(kernel, call);
  expectClose(kernel, call, results, expected);
  for (float &value : results.at("hT").values)
    value *= 1.00001f;
  EXPECT_NONFATAL_FAILURE(expectClose(kernel, call, results, expected), "hT");
  results = run(kernel, call);
  results.at("o").values[49 * 6] += 0.001f;
  EXPECT_NONFATAL_FAILURE(expectClose(kernel, call, results, expected), "o, simple_gla");
}

TEST(Comparison, NoticesASingleBit) {
  static HostTensors left = {{"y", {{2}, {0.0f, 1.0f}}}}, right = {{"y", {{2}, {-0.0f, 1.0f}}}};
  expectSame(left, left);
  EXPECT_NONFATAL_FAILURE(expectSame(left, right), "y differs");
}

/// Other arguments give other results: the comparisons of calls compare something.
TEST(Calls, DependOnEveryArgument) {
  Kernel &kernel = Kernel::get({"mamba2", {{"H", 2}, {"G", 1}, {"N", 16}, {"P", 3}}}, {mixer::Algorithm::Scan, 16});
  Call call{1, 20, randomArguments(kernel, 1, 20)};
  HostTensors results = run(kernel, call);
  for (auto &[name, tensor] : call.inputs) {
    Call changed = call;
    changed.inputs.at(name).values.back() *= 1.5f;
    EXPECT_NE(run(kernel, changed).at("y").values, results.at("y").values) << name;
  }
}

} // namespace
