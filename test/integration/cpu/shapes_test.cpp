// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sizes: lengths around the chunk, sizes of the state that fill no vector, groups, heads of a block, splits.

#include "Numbers.h"

using namespace mixc;
using namespace mixc::test;

namespace {

struct Shape {
  const char *name;
  Recipe recipe;
  int64_t chunk;
  int64_t heads;
};

void PrintTo(const Shape &shape, std::ostream *os) { *os << shape.name; }

const Shape kShapes[] = {
    {"mamba2", {"mamba2", {{"H", 4}, {"G", 2}, {"N", 16}, {"P", 20}}}, 16, 2},
    {"mamba2_bf16", {"mamba2", {{"H", 4}, {"G", 4}, {"N", 20}, {"P", 100}}, "bf16"}, 32, 1},
    {"mamba2_f16", {"mamba2", {{"H", 6}, {"G", 3}, {"N", 3}, {"P", 16}}, "f16"}, 16, 2},
    {"mamba2_three_heads", {"mamba2", {{"H", 3}, {"G", 1}, {"N", 100}, {"P", 3}}}, 32, 3},
    {"mamba2_one_column", {"mamba2", {{"H", 1}, {"G", 1}, {"N", 256}, {"P", 1}}}, 16, 1},
    {"mamba2_gated_one_row", {"mamba2_gated", {{"H", 4}, {"G", 1}, {"N", 1}, {"P", 256}}}, 16, 4},
    {"simple_gla", {"simple_gla", {{"H", 2}, {"N", 100}, {"P", 20}}}, 32, 1},
    {"simple_gla_large", {"simple_gla", {{"H", 1}, {"N", 256}, {"P", 256}}}, 64, 1},
    {"simple_gla_scalar_bf16", {"simple_gla", {{"H", 3}, {"N", 1}, {"P", 1}}, "bf16"}, 16, 1},
    {"retention", {"retention", {{"H", 3}, {"N", 20}, {"P", 16}}}, 16, 1},
    {"linear_attn", {"linear_attn", {{"H", 2}, {"N", 3}, {"P", 100}}}, 32, 1},
    {"linear_attn_normalized", {"linear_attn_normalized", {{"H", 2}, {"N", 16}, {"P", 20}}}, 16, 1},
    {"linear_attn_normalized_odd", {"linear_attn_normalized", {{"H", 1}, {"N", 20}, {"P", 3}}, "f16"}, 32, 1},
    {"mapped", {"mapped", {{"H", 2}, {"N", 3}, {"P", 20}}}, 32, 1},
    {"mapped_bf16", {"mapped", {{"H", 1}, {"N", 20}, {"P", 3}}, "bf16"}, 16, 1},
    {"heads", {"heads", {{"H", 8}, {"G", 4}, {"Q", 2}, {"K", 1}, {"V", 4}, {"N", 16}, {"P", 20}}}, 16, 2},
    {"heads_of_one_key", {"heads", {{"H", 6}, {"G", 6}, {"Q", 3}, {"K", 2}, {"V", 1}, {"N", 20}, {"P", 3}}, "bf16"}, 32, 1},
    {"cumprodsum", {"cumprodsum", {{"H", 5}}}, 16, 1},
    {"cumprodsum_bf16", {"cumprodsum", {{"H", 1}}, "bf16"}, 32, 1},
};

class Shapes : public testing::TestWithParam<Shape> {
protected:
  std::vector<Plan> plans() const { return plansFor(GetParam().recipe, GetParam().chunk, GetParam().heads); }
  Kernel &kernel(const Plan &plan) const { return Kernel::get(GetParam().recipe, plan); }

  /// All plans on the same arguments.
  void checkAll(int64_t B, int64_t T, int64_t splits = 1) {
    Kernel &any = kernel(plans().front());
    Call call{B, T, randomArguments(any, B, T, /*salt=*/100 * B + T), splits};
    Reference expected = reference(any, call);
    for (const Plan &plan : plans())
      expectClose(kernel(plan), call, run(kernel(plan), call), expected);
  }
};

TEST_P(Shapes, LengthsAroundTheChunk) {
  int64_t Q = GetParam().chunk;
  for (int64_t T : {int64_t(1), int64_t(2), int64_t(13), Q - 1, Q, Q + 1, 3 * Q + 5})
    checkAll(1, T);
}

TEST_P(Shapes, BatchOfThree) { checkAll(3, 2 * GetParam().chunk + 3); }

/// A forced number of splits is lowered to that of the chunks, and to 1 where the plan cannot split.
TEST_P(Shapes, Splits) {
  for (int64_t splits : {2, 3, 100})
    checkAll(2, 5 * GetParam().chunk + 7, splits);
}

/// Without tokens the state is carried over as it is.
TEST_P(Shapes, NoTokens) {
  for (const Plan &plan : plans()) {
    Call call{3, 0, randomArguments(kernel(plan), 3, 0)};
    HostTensors results = run(kernel(plan), call);
    if (!call.inputs.count("h0"))
      continue;
    EXPECT_EQ(results.at("hT").values, call.inputs.at("h0").values) << plan.text();
    call.inputs.erase("h0");
    std::vector<float> fromNothing = run(kernel(plan), call).at("hT").values;
    EXPECT_EQ(fromNothing, std::vector<float>(fromNothing.size(), 0.0f)) << plan.text();
  }
}

TEST_P(Shapes, NoSequences) {
  for (const Plan &plan : plans())
    for (int64_t T : {0, 5})
      run(kernel(plan), {0, T, randomArguments(kernel(plan), 0, T)});
}

INSTANTIATE_TEST_SUITE_P(All, Shapes, testing::ValuesIn(kShapes), [](auto info) { return std::string(info.param.name); });

} // namespace
