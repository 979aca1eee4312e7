// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// States of 16 bits that are rounded stochastically: bit for bit what the seed and an element's place say, whatever the plan, and on
// the average what was rounded.

#include "Numbers.h"
#include "mixc/reference/Rounding.h"
#include <cmath>

using namespace mixc;
using namespace mixc::test;

namespace {

constexpr int64_t kHeads = 2, kRows = 4, kColumns = 20, kElements = kHeads * kRows * kColumns;

/// y = S^T q with S_t = S_{t-1} + k v^T: sums without rounding errors, where k has one 1.
Recipe recipe(const std::string &dtype, const std::string &layout = "B,H,N,P") {
  Recipe made{"rounding " + layout, {{"H", kHeads}, {"N", kRows}, {"P", kColumns}}};
  made.source = "mixer.spec @rounding(%v: [B,T,H,P], %k: [B,T,H,N], %q: [B,T,H,N], %h0: [" + layout +
                "] optional) -> (%y: [B,T,H,P], %hT: [" + layout +
                "] optional) {\n  %y, %S = mixer.semiseparable x = %v, b = %k, c = %q, init = %h0\n  mixer.return %y, %S\n}";
  made.stateDtype = dtype;
  made.stochastic = true;
  return made;
}

mixc_dtype typeOf(const std::string &dtype) { return dtype == "bf16" ? MIXC_BF16 : MIXC_F16; }

/// One token that adds `v`, drawn, to the first row of each state.
Call step(const Kernel &kernel, int64_t B, const HostTensor &states) {
  Call call{B, 1, randomArguments(kernel, B, 1)};
  std::vector<float> &keys = call.inputs["k"].values;
  for (size_t i = 0; i < keys.size(); ++i)
    keys[i] = i % kRows == 0;
  call.inputs["h0"] = states;
  return call;
}

HostTensor zeros(int64_t B) { return {{B, kHeads, kRows, kColumns}, std::vector<float>(B * kElements)}; }

/// The place of an element in the result, which is the spec's sixth tensor.
uint64_t placeOf(int64_t element) { return uint64_t(element) + (uint64_t(5) << 48); }

class Rounding : public testing::TestWithParam<const char *> {};

TEST_P(Rounding, FollowsFromSeedAndPlaceWhateverThePlan) {
  const Recipe made = recipe(GetParam());
  for (const Plan &plan : plansFor(made, 16)) {
    Kernel &kernel = Kernel::get(made, plan);
    Call call = step(kernel, 3, zeros(3));
    call.sequences.seed = 0x123456789abcdef0;
    const HostTensor states = run(kernel, call).at("hT");
    call.sequences.seed.reset();
    const HostTensor nearest = run(kernel, call).at("hT");
    int64_t differ = 0;
    for (int64_t i = 0; i < 3 * kElements; ++i) {
      const int64_t column = i % kColumns, row = i / kColumns % kRows, head = i / (kColumns * kRows);
      const float exact = row == 0 ? call.inputs["v"].values[head * kColumns + column] : 0;
      ASSERT_EQ(states.values[i], reference::roundStochastically(exact, typeOf(GetParam()), placeOf(i), 0x123456789abcdef0))
          << plan.text() << ", element " << i;
      differ += states.values[i] != nearest.values[i];
    }
    EXPECT_GT(differ, 0) << plan.text(); // without a seed, to the nearest number
    EXPECT_EQ(decode(encode(nearest.values, typeOf(GetParam())), typeOf(GetParam())), nearest.values);
  }
}

/// Where a state lies in a pool is what counts, at the end of a sequence and inside.
TEST_P(Rounding, OfStatesInAPool) {
  Recipe made = recipe(GetParam());
  made.keepsStates = true;
  for (const Plan &plan : {Plan{mixer::Algorithm::Scan, 1}, Plan{mixer::Algorithm::Chunked, 16}}) {
    Kernel &kernel = Kernel::get(made, plan);
    const int64_t tokens = 2 * plan.chunk;
    Call call{1, tokens, randomArguments(kernel, 1, tokens)};
    for (auto &[name, tensor] : call.inputs)
      for (size_t i = 0; i < tensor.values.size(); ++i) // multiples of 1/64: all sums are exact
        tensor.values[i] = name == "k" ? i % kRows == 0 : std::round(64 * tensor.values[i]) / 64 + 1.0f / 4096;
    call.inputs["h0"] = zeros(4);
    call.sequences.pool = 4;
    call.sequences.slots = {0};
    call.sequences.targets = {3};
    call.sequences.kept = {2, -1};
    call.sequences.keptCount = 2;
    call.sequences.keptEvery = plan.chunk;
    call.sequences.seed = 7;
    const HostTensor states = run(kernel, call).at("hT");
    for (auto [place, count] : {std::pair<int64_t, int64_t>(2, plan.chunk), {3, tokens}})
      for (int64_t head = 0; head < kHeads; ++head)
        for (int64_t column = 0; column < kColumns; ++column) {
          double sum = 0;
          for (int64_t t = 0; t < count; ++t)
            sum += call.inputs["v"].values[(t * kHeads + head) * kColumns + column];
          const int64_t element = (place * kHeads + head) * kRows * kColumns + column;
          ASSERT_EQ(states.values[element],
                    reference::roundStochastically(static_cast<float>(sum), typeOf(GetParam()), placeOf(element), 7))
              << plan.text() << ", state " << place << ", element " << element;
        }
  }
}

/// Strides do not matter, but the order of the dimensions in which the spec has them does.
TEST_P(Rounding, IsThatOfTheSpecsOrder) {
  const Plan plan{mixer::Algorithm::Scan, 1};
  Kernel &kernel = Kernel::get(recipe(GetParam()), plan), &other = Kernel::get(recipe(GetParam(), "B,H,P,N"), plan);
  Call call = step(kernel, 2, zeros(2));
  call.sequences.seed = 3;
  const HostTensors rows = run(kernel, call);
  Layout apart;
  apart.order = "PHNB";
  apart.inner = 2;
  call.layouts["hT"] = apart;
  expectSame(run(kernel, call), rows);
  call.layouts.clear();
  call.inputs["h0"] = {{2, kHeads, kColumns, kRows}, std::vector<float>(2 * kElements)};
  const HostTensor columns = run(other, call).at("hT");
  for (int64_t i = 0; i < 2 * kElements; i += kRows) {
    const int64_t head = i / (kRows * kColumns), column = i / kRows % kColumns;
    ASSERT_EQ(columns.values[i],
              reference::roundStochastically(call.inputs["v"].values[head * kColumns + column], typeOf(GetParam()), placeOf(i), 3));
  }
}

TEST_P(Rounding, LeavesWhatTheTypeHas) {
  Kernel &kernel = Kernel::get(recipe(GetParam()), {mixer::Algorithm::Scan, 1});
  Call call = step(kernel, 1, zeros(1));
  call.sequences.seed = 99;
  std::vector<float> &v = call.inputs["v"].values;
  const float largest = typeOf(GetParam()) == MIXC_BF16 ? 3.3895314e38f : 65504.0f;
  const float values[] = {0.0f, -0.0f, 1.0f, -1.5f, 0.25f, NAN, -NAN, INFINITY, -INFINITY, largest, -largest};
  std::copy(std::begin(values), std::end(values), v.begin());
  const std::vector<float> left = run(kernel, call).at("hT").values;
  for (auto [i, value] : llvm::enumerate(values))
    EXPECT_TRUE(std::isnan(value) ? std::isnan(left[i]) : left[i] == value) << value << " becomes " << left[i];
}

TEST_P(Rounding, IsRightOnTheAverage) {
  Kernel &kernel = Kernel::get(recipe(GetParam()), {mixer::Algorithm::Scan, 1});
  constexpr int kSeeds = 4000;
  Call call = step(kernel, 1, zeros(1));
  std::vector<float> &v = call.inputs["v"].values;
  for (size_t i = 0; i < v.size(); ++i) // numbers of all magnitudes; of f16, those below its normal ones too
    v[i] = static_cast<float>((i % 2 ? 1 : -1) * (1 + i / double(v.size())) * std::ldexp(1, 2 - int(i)));
  std::vector<double> sums(v.size());
  for (int seed = 0; seed < kSeeds; ++seed) {
    call.sequences.seed = seed;
    const std::vector<float> left = run(kernel, call).at("hT").values;
    for (size_t i = 0; i < v.size(); ++i)
      sums[i] += left[i / kColumns * kRows * kColumns + i % kColumns];
  }
  for (size_t i = 0; i < v.size(); ++i) {
    int exponent;
    std::frexp(v[i], &exponent);
    const double ulp = typeOf(GetParam()) == MIXC_BF16 ? std::ldexp(1, exponent - 8) : std::ldexp(1, std::max(exponent - 11, -24));
    // Standard deviation of the mean of numbers that are off by an ulp at most.
    EXPECT_LE(std::fabs(sums[i] / kSeeds - v[i]), 5 * ulp / 2 / std::sqrt(kSeeds)) << v[i];
  }
}

/// 1,000 tokens one by one, each of which adds less than half an ulp.
TEST_P(Rounding, KeepsSmallUpdates) {
  Kernel &kernel = Kernel::get(recipe(GetParam()), {mixer::Algorithm::Scan, 1});
  const float update = typeOf(GetParam()) == MIXC_BF16 ? 1.0f / 1024 : 1.0f / 8192;
  constexpr int kTokens = 1000;
  for (bool stochastic : {true, false}) {
    HostTensor states = zeros(1);
    for (int64_t head = 0; head < kHeads; ++head)
      std::fill_n(states.values.begin() + head * kRows * kColumns, kColumns, 1.0f);
    for (int token = 0; token < kTokens; ++token) {
      Call call = step(kernel, 1, states);
      std::fill(call.inputs["v"].values.begin(), call.inputs["v"].values.end(), update);
      if (stochastic)
        call.sequences.seed = 1000 + token;
      states = run(kernel, call).at("hT");
    }
    double mean = 0;
    for (int64_t head = 0; head < kHeads; ++head)
      for (int64_t column = 0; column < kColumns; ++column)
        mean += double(states.values[head * kRows * kColumns + column]) / (kHeads * kColumns);
    if (stochastic)
      EXPECT_NEAR(mean, 1 + kTokens * update, 0.1 * kTokens * update);
    else
      EXPECT_NEAR(mean, 1, 1e-9);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Rounding, testing::Values("bf16", "f16"), [](auto info) { return std::string(info.param); });

} // namespace
