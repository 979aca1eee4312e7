// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Numbers for distances of tokens (mask), beside decays, resets and factors of any sign, in every direction.

#include "Numbers.h"
#include <cmath>

using namespace mixc;
using namespace mixc::test;

namespace {

const NamedRecipe kRecipes[] = {
    {"attention", {"toeplitz_attention", {{"H", 3}, {"N", 20}, {"P", 16}}}},
    {"attention_bf16", {"toeplitz_attention", {{"H", 2}, {"N", 16}, {"P", 20}}, "bf16"}},
    {"groups", {"masked", {{"H", 4}, {"G", 2}, {"N", 16}, {"P", 20}}}, 2},
    {"groups_bf16", {"masked", {{"H", 4}, {"G", 1}, {"N", 20}, {"P", 16}}, "bf16"}, 4},
    {"one_head", {"masked", {{"H", 1}, {"G", 1}, {"N", 3}, {"P", 1}}, "f16"}},
    {"backwards", {"masked_backwards", {{"H", 4}, {"G", 2}, {"N", 16}, {"P", 16}}}},
    {"backwards_bf16", {"masked_backwards", {{"H", 2}, {"G", 2}, {"N", 16}, {"P", 3}}, "bf16"}},
    {"both", {"masked_both", {{"H", 6}, {"N", 16}, {"P", 20}}}, 3},
    {"both_v3", {"masked_both", {{"H", 2}, {"N", 16}, {"P", 16}}, "f16", "v3"}},
    {"signs", {"masked_signs", {{"H", 3}, {"N", 16}}}},
};

constexpr int64_t kChunk = 16, kLength = 3 * kChunk + 5;

class Mask : public testing::TestWithParam<NamedRecipe> {
protected:
  Kernel &kernel() const { return Kernel::get(GetParam().recipe, plansFor(GetParam().recipe, kChunk, GetParam().heads).front()); }
};

/// It has no state, which the other algorithms carry.
TEST_P(Mask, IsQuadratic) {
  std::vector<Plan> plans = plansFor(GetParam().recipe, kChunk, GetParam().heads);
  ASSERT_EQ(plans.size(), 1u);
  EXPECT_EQ(plans.front().algorithm, mixer::Algorithm::Quadratic);
}

TEST_P(Mask, LengthsAroundTheChunk) {
  for (int64_t T : {int64_t(0), int64_t(1), int64_t(2), kChunk - 1, kChunk, kChunk + 1, kLength})
    check(kernel(), {2, T, randomArguments(kernel(), 2, T, /*salt=*/T)});
}

TEST_P(Mask, ChunkDoesNotMatter) {
  Call call{1, kLength, randomArguments(kernel(), 1, kLength)};
  Reference expected = reference(kernel(), call);
  for (int64_t chunk : {32, 48, 64}) {
    Plan plan = kernel().plan();
    plan.chunk = chunk;
    Kernel &other = Kernel::get(GetParam().recipe, plan);
    expectClose(other, call, run(other, call), expected);
  }
}

TEST_P(Mask, AnyOrderAndStrides) {
  std::mt19937_64 random(seed());
  const mixc_spec_desc *desc = kernel().descriptor();
  for (int round = 0; round < 4; ++round) {
    Call call{2, 2 * kChunk + 5, randomArguments(kernel(), 2, 2 * kChunk + 5, round)};
    for (const mixc_tensor_desc &tensor : llvm::ArrayRef(desc->tensors, desc->n_tensors))
      call.layouts[tensor.name] = randomLayout(tensor, random);
    if (round == 3) // from the last distance on
      call.layouts["m"] = Layout{"", 1, {}, "T"};
    check(kernel(), call);
  }
}

/// Distances 2^30 elements apart: offsets that need 64 bits.
TEST_P(Mask, FarApart) {
  Call call{1, kChunk + 3, randomArguments(kernel(), 1, kChunk + 3)};
  Layout &layout = call.layouts["m"] = Layout{"", 1, {{'T', int64_t(1) << 30}}};
  layout.sparse = true;
  for (const mixc_tensor_desc &tensor : llvm::ArrayRef(kernel().descriptor()->tensors, kernel().descriptor()->n_tensors))
    if (std::string(tensor.name) == "m" && !PlacedTensor(tensor, call.inputs.at("m").shape, layout).hasMemory())
      GTEST_SKIP() << "the system gives no sparse memory";
  check(kernel(), call);
}

TEST_P(Mask, RepeatedCallsGiveTheSameBits) {
  Call call{2, kLength, randomArguments(kernel(), 2, kLength)};
  HostTensors first = run(kernel(), call);
  for (int i = 0; i < 3; ++i)
    expectSame(first, run(kernel(), call));
}

/// The elements of the mask at a distance, for all sequences and heads.
void setAtDistance(const Kernel &kernel, Call &call, int64_t distance, float value) {
  std::string dims;
  for (const mixc_tensor_desc &tensor : llvm::ArrayRef(kernel.descriptor()->tensors, kernel.descriptor()->n_tensors))
    if (std::string(tensor.name) == "m")
      dims = tensor.dims;
  HostTensor &mask = call.inputs.at("m");
  int64_t inner = 1;
  for (size_t d = dims.size(); dims[--d] != 'T';)
    inner *= mask.shape[d];
  for (size_t i = 0; i < mask.values.size(); ++i)
    if (int64_t(i) / inner % call.T == distance)
      mask.values[i] = value;
}

/// NaN at a distance reaches the pairs that far apart, and no others.
TEST_P(Mask, NotFiniteAtADistance) {
  Call clean{1, kLength, randomArguments(kernel(), 1, kLength)};
  for (int64_t distance : {int64_t(0), int64_t(1), kChunk - 1, kChunk, kChunk + 6, kLength - 1}) {
    Call call = clean;
    setAtDistance(kernel(), call, distance, distance % 2 ? NAN : INFINITY);
    SCOPED_TRACE("distance " + std::to_string(distance));
    Reference expected = reference(kernel(), call);
    for (auto &[name, tensor] : run(kernel(), call))
      for (size_t i = 0; i < tensor.values.size(); ++i)
        ASSERT_EQ(std::isfinite(tensor.values[i]), std::isfinite(expected.at(name)[i])) << name << "[" << i << "]";
  }
}

INSTANTIATE_TEST_SUITE_P(All, Mask, testing::ValuesIn(kRecipes), [](auto info) { return info.param.name; });

const Recipe kMasked{"masked", {{"H", 2}, {"G", 1}, {"N", 16}, {"P", 20}}};

Kernel &masked() { return Kernel::get(kMasked, plansFor(kMasked, kChunk, 2).front()); }

/// Results of tokens before `t` are the same bits whatever is at t.
TEST(MaskCausality, NotFinite) {
  Call clean{1, kLength, randomArguments(masked(), 1, kLength)};
  HostTensors before = run(masked(), clean);
  for (const char *name : {"x", "b", "c", "g", "m"})
    for (int64_t t = 0; t < kLength; ++t) {
      Call call = clean;
      HostTensor &tensor = call.inputs.at(name);
      tensor.values[tensor.values.size() / kLength * t + t % 2] = t % 3 ? NAN : INFINITY;
      SCOPED_TRACE(std::string(name) + " is not finite at t = " + std::to_string(t));
      HostTensors after = run(masked(), call);
      expectSame(sliceTokens(masked(), before, 0, t), sliceTokens(masked(), after, 0, t));
    }
}

/// Pairs with a reset between them count as nothing, whatever their tokens and the mask hold.
TEST(MaskResets, Forget) {
  for (int64_t reset : {int64_t(1), int64_t(5), kChunk - 1, kChunk, kChunk + 6, kLength - 1}) {
    Call call{1, kLength, randomArguments(masked(), 1, kLength)};
    for (int64_t h = 0; h < 2; ++h)
      call.inputs.at("g").values[reset * 2 + h] = -INFINITY;
    check(masked(), call);
    HostTensors expected = sliceTokens(masked(), run(masked(), call), reset, kLength);
    for (const char *name : {"x", "b", "c"}) {
      HostTensor &tensor = call.inputs.at(name);
      tensor.values[tensor.values.size() / kLength * (reset - 1)] = NAN;
    }
    for (int64_t distance = kLength - reset; distance < kLength; ++distance) // of tokens before it alone
      setAtDistance(masked(), call, distance, NAN);
    SCOPED_TRACE("reset at " + std::to_string(reset));
    HostTensors after = sliceTokens(masked(), run(masked(), call), reset, kLength);
    for (auto &[name, tensor] : after) {
      std::vector<double> exact(expected.at(name).values.begin(), expected.at(name).values.end());
      EXPECT_LE(relativeError(tensor.values, exact), 1e-6) << name;
    }
  }
}

/// A mask that is not given is one of zeros.
TEST(MaskAbsent, IsZero) {
  Recipe recipe{"masked_backwards", {{"H", 2}, {"G", 1}, {"N", 16}, {"P", 16}}};
  Kernel &kernel = Kernel::get(recipe, plansFor(recipe, kChunk).front());
  Call call{1, kLength, randomArguments(kernel, 1, kLength)};
  call.inputs.erase("m");
  HostTensors results = run(kernel, call);
  for (float value : results.at("y").values)
    ASSERT_EQ(value, 0);
}

/// Against a loop that is written here, in float64.
TEST(MaskLoop, IsWhatItSays) {
  Recipe recipe{"toeplitz_attention", {{"H", 2}, {"N", 16}, {"P", 3}}};
  const int64_t T = kLength, H = 2, N = 16, P = 3;
  Kernel &kernel = Kernel::get(recipe, plansFor(recipe, kChunk).front());
  Call call{1, T, randomArguments(kernel, 1, T)};
  auto in = [&](const char *name) -> const std::vector<float> & { return call.inputs.at(name).values; };
  std::vector<double> o(T * H * P);
  for (int64_t h = 0; h < H; ++h)
    for (int64_t t = 0; t < T; ++t)
      for (int64_t s = 0; s <= t; ++s) {
        double score = 0;
        for (int64_t n = 0; n < N; ++n)
          score += double(in("q")[(t * H + h) * N + n]) * in("k")[(s * H + h) * N + n];
        for (int64_t p = 0; p < P; ++p)
          o[(t * H + h) * P + p] += in("m")[h * T + t - s] * score / std::sqrt(N) * in("v")[(s * H + h) * P + p];
      }
  EXPECT_LE(relativeError(run(kernel, call).at("o").values, o), tolerance(kernel, T));
}

} // namespace
