// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Decays from 0 to minus infinity: a step that forgets everything forgets all of it, and nothing gives NaN.

#include "Numbers.h"
#include <cmath>
#include <random>

using namespace mixc;
using namespace mixc::test;

namespace {

constexpr int64_t kChunk = 32, kLength = 3 * kChunk + 5;

/// A mixer whose decay is an argument, and the value of that argument that forgets.
struct Gated {
  Recipe recipe;
  const char *decay;
  float forget;
  const char *input; ///< what is remembered
};

void PrintTo(const Gated &gated, std::ostream *os) { PrintTo(gated.recipe, os); }

const Gated kGated[] = {
    {{"simple_gla", {{"H", 2}, {"N", 16}, {"P", 20}}}, "g", -INFINITY, "v"},
    {{"simple_gla", {{"H", 2}, {"N", 3}, {"P", 1}}, "bf16"}, "g", -INFINITY, "v"},
    {{"cumprodsum", {{"H", 3}}}, "a", 0, "x"},
};

class Resets : public testing::TestWithParam<Gated> {
protected:
  template <typename Test> void forEachPlan(Test test) {
    for (const Plan &plan : plansFor(GetParam().recipe, kChunk))
      test(Kernel::get(GetParam().recipe, plan));
  }

  /// Sets the decay of every head at a token.
  static void setDecay(Call &call, const std::string &name, int64_t t, float value) {
    HostTensor &decay = call.inputs.at(name); // [B,T,H]
    int64_t heads = decay.shape[2];
    for (int64_t b = 0; b < call.B; ++b)
      for (int64_t h = 0; h < heads; ++h)
        decay.values[(b * call.T + t) * heads + h] = value;
  }

  /// With resets at `tokens`, and everything before the last of them as large as can be: results from there on are those
  /// of a sequence that begins there.
  void checkResets(const std::vector<int64_t> &tokens) {
    forEachPlan([&](Kernel &kernel) {
      Call call{2, kLength, randomArguments(kernel, 2, kLength), 2};
      for (int64_t t : tokens)
        setDecay(call, GetParam().decay, t, GetParam().forget);
      expectClose(kernel, call, run(kernel, call), reference(kernel, call));

      int64_t last = tokens.back();
      HostTensor &input = call.inputs.at(GetParam().input);
      int64_t row = input.values.size() / 2 / kLength;
      for (int64_t b = 0; b < 2; ++b)
        for (int64_t i = 0; i < last * row; ++i)
          input.values[b * kLength * row + i] = std::ldexp(input.values[b * kLength * row + i], 90);
      for (float &value : call.inputs.at("h0").values)
        value = std::ldexp(value, 90);
      HostTensors after = sliceTokens(kernel, run(kernel, call), last, kLength);
      Call fresh{2, kLength - last, sliceTokens(kernel, call.inputs, last, kLength)};
      fresh.inputs.erase("h0");
      SCOPED_TRACE("fresh from " + std::to_string(last));
      expectClose(kernel, fresh, after, reference(kernel, fresh));
    });
  }
};

TEST_P(Resets, OneInAChunk) {
  for (int64_t t : {int64_t(0), int64_t(1), kChunk - 1, kChunk, kChunk + 9, kLength - 1})
    checkResets({t});
}

TEST_P(Resets, SixteenInAChunk) {
  std::vector<int64_t> tokens;
  for (int64_t i = 0; i < 16; ++i)
    tokens.push_back(kChunk + 2 * i);
  checkResets(tokens);
}

TEST_P(Resets, EveryToken) {
  std::vector<int64_t> tokens;
  for (int64_t t = 0; t < kLength; ++t)
    tokens.push_back(t);
  checkResets(tokens);
}

INSTANTIATE_TEST_SUITE_P(All, Resets, testing::ValuesIn(kGated),
                         [](auto info) { return info.param.recipe.mixer + "_" + info.param.recipe.dtype; });

/// The same step everywhere, from no decay to one that forgets.
TEST(StrongDecays, AreUniform) {
  for (const Plan &plan : plansFor(kGated[0].recipe, kChunk)) {
    Kernel &kernel = Kernel::get(kGated[0].recipe, plan);
    for (float g : {-0.0f, -1e-7f, -1e-3f, -1.0f, -10.0f, -50.0f, -100.0f, -103.9f, -104.1f, -1e4f, -3e38f}) {
      Call call{1, kLength, randomArguments(kernel, 1, kLength)};
      std::fill(call.inputs.at("g").values.begin(), call.inputs.at("g").values.end(), g);
      SCOPED_TRACE("g = " + std::to_string(g));
      check(kernel, call);
    }
  }
}

/// Steps of all sizes in one chunk. Sums of log2 decays reach 150 a token (a larger step counts as a reset).
TEST(StrongDecays, AreMixed) {
  const float steps[] = {0, -1e-5f, -0.01f, -0.5f, -3, -20, -80, -103.9f, -104.1f, -1e3f, -1e4f, -3e38f, -INFINITY};
  std::mt19937_64 random(seed());
  for (const Plan &plan : plansFor(kGated[0].recipe, kChunk)) {
    Kernel &kernel = Kernel::get(kGated[0].recipe, plan);
    for (int round = 0; round < 8; ++round) {
      Call call{2, kLength, randomArguments(kernel, 2, kLength, round), 1 + round % 3};
      for (float &g : call.inputs.at("g").values)
        g = steps[random() % std::size(steps)];
      check(kernel, call);
    }
  }
}

/// Through the maps of a spec: dt A of Mamba-2 down to -1e4 a step, and overflowing to minus infinity.
TEST(StrongDecays, ThroughMaps) {
  Recipe recipe{"mamba2", {{"H", 4}, {"G", 2}, {"N", 16}, {"P", 20}}};
  for (const Plan &plan : plansFor(recipe, kChunk, /*heads=*/2)) {
    Kernel &kernel = Kernel::get(recipe, plan);
    Call call{1, kLength, randomArguments(kernel, 1, kLength)};
    call.inputs.at("A").values = {0, -1e-3f, -1e4f, -3.4e38f};
    std::fill(call.inputs.at("dt").values.begin(), call.inputs.at("dt").values.end(), 2.0f);
    std::fill(call.inputs.at("dt_bias").values.begin(), call.inputs.at("dt_bias").values.end(), 0.0f);
    check(kernel, call);
  }
}

} // namespace
