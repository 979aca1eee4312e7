// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Final states that take the place of the initial ones: the same bits as in memory of their own, however T is cut.

#include "Numbers.h"

using namespace mixc;
using namespace mixc::test;

namespace {

constexpr int64_t kChunk = 16;

class InPlace : public testing::TestWithParam<NamedRecipe> {};

TEST_P(InPlace, GivesTheSameBits) {
  for (const Plan &plan : plansFor(GetParam().recipe, kChunk)) {
    Kernel &kernel = Kernel::get(GetParam().recipe, plan);
    const mixc_spec_desc *desc = kernel.descriptor();
    EXPECT_TRUE(
        llvm::any_of(llvm::ArrayRef(desc->tensors, desc->n_tensors), [](const mixc_tensor_desc &tensor) { return tensor.in_place; }));
    for (int64_t T : {int64_t(0), int64_t(1), 5 * kChunk + 3})
      for (int64_t splits : {1, 2, 3}) {
        Call call{2, T, randomArguments(kernel, 2, T), splits};
        HostTensors apart = run(kernel, call);
        call.inPlace = true;
        expectSame(run(kernel, call), apart);
      }
  }
}

// Token by token, each from where the one before has left the state: what a decoder does.
TEST_P(InPlace, StepsGoOn) {
  constexpr int64_t kTokens = 4;
  for (const Plan &plan : plansFor(GetParam().recipe, kChunk)) {
    SCOPED_TRACE(plan.text());
    Kernel &kernel = Kernel::get(GetParam().recipe, plan);
    Call call{1, kTokens, randomArguments(kernel, 1, kTokens)};
    HostTensors whole = run(kernel, call);
    Call step{1, 1, sliceTokens(kernel, call.inputs, 0, 1)};
    step.inPlace = true;
    for (int64_t t = 0; t < kTokens; ++t) {
      HostTensors now = sliceTokens(kernel, call.inputs, t, t + 1);
      if (t > 0)
        now["h0"] = step.inputs["h0"];
      step.inputs = now;
      HostTensors after = run(kernel, step);
      step.inputs["h0"] = after.at("hT");
    }
    const HostTensor &last = step.inputs.at("h0");
    EXPECT_LE(relativeError(last.values, std::vector<double>(whole.at("hT").values.begin(), whole.at("hT").values.end())),
              2 * tolerance(kernel, kTokens));
  }
}

INSTANTIATE_TEST_SUITE_P(All, InPlace,
                         testing::Values(NamedRecipe{"mamba2", {"mamba2", {{"H", 4}, {"G", 2}, {"N", 16}, {"P", 20}}}},
                                         NamedRecipe{"gla", {"gla", {{"H", 2}, {"N", 16}, {"P", 16}}, "bf16"}},
                                         NamedRecipe{"gated_delta_rule", {"gated_delta_rule", {{"H", 2}, {"N", 20}, {"P", 33}}}},
                                         NamedRecipe{"kda", {"kda", {{"H", 2}, {"N", 48}, {"P", 16}}}},
                                         NamedRecipe{"keep", {"keep", {{"H", 4}, {"G", 2}, {"N", 16}, {"P", 20}}}},
                                         NamedRecipe{"corrected_rows", {"in_place_rows", {{"H", 3}, {"P", 20}}}},
                                         NamedRecipe{"without_rows", {"keep_alone", {{"H", 3}, {"N", 16}}}}),
                         [](auto info) { return info.param.name; });

} // namespace
