// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Final states, last tokens and running values that take the place of the initial ones: the same bits as in memory of their own, however T
// is cut.

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
    std::vector<std::pair<std::string, std::string>> pairs; // of arguments and results
    const mixc_spec_desc *desc = kernel.descriptor();
    for (const mixc_tensor_desc &tensor : llvm::ArrayRef(desc->tensors, desc->n_tensors))
      if (tensor.is_result && tensor.slots) { // a normaliser is not in place: "n0" and "nT"
        const std::string name = tensor.name;
        pairs.push_back({tensor.in_place ? desc->tensors[tensor.in_place - 1].name : name.substr(0, name.size() - 1) + "0", name});
      }
    step.inPlace = true;
    for (int64_t t = 0; t < kTokens; ++t) {
      HostTensors now = sliceTokens(kernel, call.inputs, t, t + 1);
      for (const auto &[argument, result] : pairs)
        now[argument] = step.inputs[argument];
      step.inputs = now;
      HostTensors after = run(kernel, step);
      for (const auto &[argument, result] : pairs)
        step.inputs[argument] = after.at(result);
    }
    for (const auto &[argument, result] : pairs) {
      const std::vector<float> &expected = whole.at(result).values;
      EXPECT_LE(relativeError(step.inputs.at(argument).values, std::vector<double>(expected.begin(), expected.end())),
                2 * tolerance(kernel, kTokens))
          << result;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, InPlace,
    testing::Values(NamedRecipe{"mamba2", {"mamba2", {{"H", 4}, {"G", 2}, {"N", 16}, {"P", 20}}}},
                    NamedRecipe{"gla", {"gla", {{"H", 2}, {"N", 16}, {"P", 16}}, "bf16"}},
                    NamedRecipe{"gated_delta_rule", {"gated_delta_rule", {{"H", 2}, {"N", 20}, {"P", 33}}}},
                    NamedRecipe{"kda", {"kda", {{"H", 2}, {"N", 48}, {"P", 16}}}},
                    NamedRecipe{"keep", {"keep", {{"H", 4}, {"G", 2}, {"N", 16}, {"P", 20}}}},
                    NamedRecipe{"block", {"mamba2_block", {{"H", 4}, {"G", 1}, {"N", 16}, {"P", 20}, {"W", 4}, {"L", 3}}}},
                    NamedRecipe{"more_than_is_read", {"previous", {{"H", 4}, {"G", 2}, {"N", 16}, {"P", 16}, {"L", 5}}, "bf16"}},
                    NamedRecipe{"conv_columns", {"conv_columns", {{"H", 33}, {"N", 16}, {"W", 4}, {"L", 3}}}},
                    NamedRecipe{"running_before", {"running_before", {{"H", 3}, {"N", 16}, {"P", 16}, {"L", 1}}}},
                    NamedRecipe{"mlstm", {"mlstm", {{"H", 2}, {"N", 16}, {"P", 16}}}},
                    NamedRecipe{"corrected_rows", {"in_place_rows", {{"H", 3}, {"P", 20}}}},
                    NamedRecipe{"without_rows", {"keep_alone", {{"H", 3}, {"N", 16}}}}),
    [](auto info) { return info.param.name; });

} // namespace
