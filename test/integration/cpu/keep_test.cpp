// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Factors of the state that may be negative or 0, beside decays and alone.

#include "Numbers.h"
#include <cmath>

using namespace mixc;
using namespace mixc::test;

namespace {

const NamedRecipe kRecipes[] = {
    {"groups", {"keep", {{"H", 4}, {"G", 2}, {"N", 16}, {"P", 20}}}, 2},
    {"bf16", {"keep", {{"H", 2}, {"G", 1}, {"N", 20}, {"P", 16}}, "bf16"}},
    {"f16", {"keep", {{"H", 2}, {"G", 2}, {"N", 16}, {"P", 3}}, "f16"}},
    {"columns", {"keep", {{"H", 12}, {"G", 1}, {"N", 4}, {"P", 1}}}, 4},
    {"alone", {"keep_alone", {{"H", 3}, {"N", 16}}}},
    {"alone_v3", {"keep_alone", {{"H", 2}, {"N", 16}}, "bf16", "v3"}},
    {"others", {"keep_others", {{"H", 2}, {"N", 16}, {"P", 16}}}},
    {"others_bf16", {"keep_others", {{"H", 2}, {"N", 20}, {"P", 16}}, "bf16"}},
    {"delta", {"keep_delta", {{"H", 2}, {"N", 16}, {"P", 16}}}},
    {"delta_bf16", {"keep_delta", {{"H", 1}, {"N", 20}, {"P", 16}}, "bf16"}},
    {"updates", {"keep_updates", {{"H", 2}, {"R", 2}, {"N", 16}, {"P", 16}}}},
};

constexpr int64_t kChunk = 16, kLength = 3 * kChunk + 5;

class Keep : public testing::TestWithParam<NamedRecipe> {
protected:
  template <typename Test> void forEachPlan(Test test) {
    for (const Plan &plan : plansFor(GetParam().recipe, kChunk, GetParam().heads))
      test(Kernel::get(GetParam().recipe, plan));
  }
};

TEST_P(Keep, LengthsAroundTheChunk) {
  forEachPlan([](Kernel &kernel) {
    for (int64_t T : {int64_t(1), kChunk - 1, kChunk, kChunk + 1, kLength})
      check(kernel, {2, T, randomArguments(kernel, 2, T, /*salt=*/T)});
  });
}

TEST_P(Keep, InSeveralSegments) {
  forEachPlan([](Kernel &kernel) {
    Call call{2, 2 * kLength, randomArguments(kernel, 2, 2 * kLength)};
    for (int64_t splits : {2, 5}) {
      call.splits = splits;
      check(kernel, call);
    }
  });
}

TEST_P(Keep, CutInTwo) {
  forEachPlan([](Kernel &kernel) {
    Call call{2, kLength, randomArguments(kernel, 2, kLength)};
    Reference whole = reference(kernel, call);
    for (int64_t t : {int64_t(1), kChunk + 3}) {
      HostTensors first = run(kernel, {2, t, sliceTokens(kernel, call.inputs, 0, t)});
      Call rest{2, kLength - t, sliceTokens(kernel, call.inputs, t, kLength)};
      rest.inputs["h0"] = first.at("hT");
      HostTensors second = run(kernel, rest);
      expectClose(kernel, rest, second, reference(kernel, rest));
      EXPECT_LE(relativeError(second.at("hT").values, whole.at("hT")), 2 * tolerance(kernel, kLength) + 2 * roundoff(kernel.ioType()))
          << kernel.plan().text() << ", t = " << t;
    }
  });
}

/// What is kept of the state over a token is all that there is of it: 0 forgets what cannot be computed with.
TEST_P(Keep, ZeroForgetsNaN) {
  if (GetParam().recipe.mixer != "keep")
    return;
  forEachPlan([](Kernel &kernel) {
    const int64_t forgets = kChunk + 3;
    Call call{1, kLength, randomArguments(kernel, 1, kLength)};
    const int64_t heads = kernel.size("H");
    for (int64_t h = 0; h < heads; ++h)
      call.inputs.at("k").values[forgets * heads + h] = 0;
    HostTensors clean = run(kernel, call);
    for (float &value : call.inputs.at("h0").values)
      value = NAN;
    HostTensors after = run(kernel, call);
    for (auto [name, from] : {std::pair("y", forgets), {"hT", int64_t(0)}}) {
      std::vector<float> kept = sliceTokens(kernel, clean, from, kLength).at(name).values;
      double error =
          relativeError(sliceTokens(kernel, after, from, kLength).at(name).values, std::vector<double>(kept.begin(), kept.end()));
      EXPECT_LE(error, tolerance(kernel, kLength) + (name[0] == 'y' ? roundoff(kernel.ioType()) : 0))
          << name << ", " << kernel.plan().text();
    }
  });
}

INSTANTIATE_TEST_SUITE_P(All, Keep, testing::ValuesIn(kRecipes), [](auto info) { return info.param.name; });

/// Against a loop that is written here, in float64.
TEST(KeepLoop, IsWhatItSays) {
  Recipe recipe{"keep_alone", {{"H", 3}, {"N", 16}}};
  const int64_t T = kLength, H = 3, N = 16;
  for (const Plan &plan : plansFor(recipe, kChunk)) {
    Kernel &kernel = Kernel::get(recipe, plan);
    Call call{1, T, randomArguments(kernel, 1, T)};
    HostTensors results = run(kernel, call);
    auto in = [&](const char *name) -> const std::vector<float> & { return call.inputs.at(name).values; };
    std::vector<double> y(T * H), state(in("h0").begin(), in("h0").end());
    int64_t negative = 0;
    for (int64_t t = 0; t < T; ++t) {
      double kept = std::cos(2.0 * in("k")[t]);
      negative += kept < 0;
      for (int64_t h = 0; h < H; ++h)
        for (int64_t n = 0; n < N; ++n) {
          double &entry = state[h * N + n];
          entry = kept * entry + double(in("b")[(t * H + h) * N + n]) * in("x")[t * H + h];
          y[t * H + h] += entry * in("c")[(t * H + h) * N + n];
        }
    }
    ASSERT_GT(negative, T / 4);
    EXPECT_LE(relativeError(results.at("y").values, y), tolerance(kernel, T)) << plan.text();
    EXPECT_LE(relativeError(results.at("hT").values, state), tolerance(kernel, T)) << plan.text();
  }
}

} // namespace
