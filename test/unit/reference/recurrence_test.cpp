// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each feature of the recurrence on numbers small enough to follow by hand, and the properties that it has for any.

#include "Evaluation.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <cmath>
#include <random>

using namespace mixc;
using namespace mixc::test;
using reference::Arrays;
using testing::DoubleNear;
using testing::ElementsAre;

namespace {
const double kHalf = std::log(0.5), kQuarter = std::log(0.25);
constexpr double kInf = INFINITY;

/// One batch entry, head and column, scalar decay: S_t = exp(g_t) S_{t-1} + x_t.
std::string scalarSpec(const std::string &clauses) {
  return R"(mixer.spec @s(%x: [B,T,H], %g: [B,T,H]) -> (%y: [B,T,H]) {
    %one = mixer.constant 1 : [B,T,H]
    %o, %S = mixer.semiseparable x = %x, b = %one, c = %one, decay = %g)" +
         clauses + R"(
    mixer.return %o
  })";
}

/// The outputs for x = 1, 2, 3 and a decay of one half.
std::vector<double> halving(const std::string &clauses) {
  return evaluate(scalarSpec(clauses), {{"B", 1}, {"T", 3}, {"H", 1}}, {{"x", {1, 2, 3}}, {"g", {kHalf, kHalf, kHalf}}})["y"];
}

/// N = 2, one column, all operands given; the final state is a result.
std::string pairSpec(const std::string &operands) {
  return R"(mixer.spec @s(%x: [B,T,H], %b: [B,T,H,N], %c: [B,T,H,N], %g: [B,T,H,N], %s: [B,T,H], %l: [B,T,H,N],
                         %r: [B,T,H,N], %h0: [B,H,N]) -> (%y: [B,T,H], %hT: [B,H,N]) {
    %o, %S = mixer.semiseparable x = %x, b = %b, c = %c, init = %h0)" +
         operands + R"(
    mixer.return %o, %S
  })";
}

/// One token: x = 1, b = (1, 10), c = (1, 100), h0 = (3, 5).
Arrays oneToken(const std::string &operands) {
  return evaluate(pairSpec(operands), {{"B", 1}, {"T", 1}, {"H", 1}, {"N", 2}},
                  {{"x", {1}},
                   {"b", {1, 10}},
                   {"c", {1, 100}},
                   {"g", {kHalf, kQuarter}},
                   {"s", {kHalf}},
                   {"l", {1, -2}},
                   {"r", {7, 11}},
                   {"h0", {3, 5}}});
}

std::vector<double> randomNumbers(size_t count, unsigned seed) {
  std::mt19937 engine(seed);
  std::vector<double> values(count);
  for (double &value : values)
    value = double(engine()) / 4294967296.0 - 0.5;
  return values;
}
} // namespace

TEST(Recurrence, CausalIncludesTheToken) { EXPECT_THAT(halving(""), ElementsAre(1, 2.5, 4.25)); }

TEST(Recurrence, PreExcludesTheToken) { EXPECT_THAT(halving(", read = pre"), ElementsAre(0, 1, 2.5)); }

TEST(Recurrence, AnticausalStartsAtTheLastToken) {
  EXPECT_THAT(halving(", direction = anticausal"), ElementsAre(2.75, 3.5, 3));
  EXPECT_THAT(halving(", direction = anticausal, read = pre"), ElementsAre(3.5, 3, 0));
}

TEST(Recurrence, BothCountsTheTokenOnce) {
  EXPECT_THAT(halving(", direction = both"), ElementsAre(1 + 3.5, 2.5 + 3, 4.25 + 0));
  EXPECT_THAT(halving(", direction = both, read = pre"), ElementsAre(0 + 3.5, 1 + 3, 2.5 + 0));
}

TEST(Recurrence, NoDecayKeepsTheState) {
  Arrays out = oneToken("");
  EXPECT_THAT(out["hT"], ElementsAre(4, 15));
  EXPECT_THAT(out["y"], ElementsAre(1504));
}

TEST(Recurrence, ScalarDecayIsOfTheWholeState) { EXPECT_THAT(oneToken(", decay = %s")["hT"], ElementsAre(2.5, 12.5)); }

TEST(Recurrence, DiagonalDecayIsOfEachEntry) {
  Arrays out = oneToken(", decay = %g");
  EXPECT_THAT(out["hT"], ElementsAre(2.5, 11.25));
  EXPECT_THAT(out["y"], ElementsAre(DoubleNear(1127.5, 1e-12)));
}

TEST(Recurrence, RankOneReadsTheStateBeforeItsDecay) {
  // r^T S = 7*3 + 11*5 = 76
  EXPECT_THAT(oneToken(", l = %l, r = %r")["hT"], ElementsAre(3 + 76 + 1, 5 - 152 + 10));
  EXPECT_THAT(oneToken(", decay = %g, l = %l, r = %r")["hT"], ElementsAre(1.5 + 76 + 1, 1.25 - 152 + 10));
  EXPECT_THAT(oneToken(", decay = %g, l = %l, r = %r, read = pre")["y"], ElementsAre(503));
}

TEST(Recurrence, DeltaRuleReplacesWhatAKeyHolds) {
  // S_t = (I - k k^T) S_{t-1} + k v^T: the second value of a key takes the first one's place.
  std::string spec = R"(mixer.spec @delta(%v: [B,T,H,P], %k: [B,T,H,N]) -> (%hT: [B,H,N,P]) {
    %m = mixer.map(%k) { (k) -> -k }
    %o, %S = mixer.semiseparable x = %v, b = %k, c = %k, l = %m, r = %k
    mixer.return %S
  })";
  EXPECT_THAT(
      evaluate(spec, {{"B", 1}, {"T", 3}, {"H", 1}, {"N", 2}, {"P", 2}}, {{"v", {1, 2, 3, 4, 5, 6}}, {"k", {1, 0, 0, 1, 1, 0}}})["hT"],
      ElementsAre(5, 6, 3, 4));
}

TEST(Recurrence, MinusInfinityForgetsExactly) {
  auto outputs = [](std::vector<double> x, std::vector<double> g) {
    return evaluate(scalarSpec(""), {{"B", 1}, {"T", 3}, {"H", 1}}, {{"x", x}, {"g", g}})["y"];
  };
  EXPECT_THAT(outputs({1e300, 2, 3}, {0, -kInf, 0}), ElementsAre(1e300, 2, 5));
  EXPECT_THAT(outputs({kInf, 2, 3}, {0, -kInf, 0}), ElementsAre(kInf, 2, 5));
}

TEST(Recurrence, ResetOfOneEntryLeavesTheOthers) {
  std::string spec = R"(mixer.spec @s(%x: [B,T,H], %b: [B,T,H,N], %g: [B,T,H,N]) -> (%hT: [B,H,N]) {
    %o, %S = mixer.semiseparable x = %x, b = %b, c = %b, decay = %g
    mixer.return %S
  })";
  EXPECT_THAT(evaluate(spec, {{"B", 1}, {"T", 2}, {"H", 1}, {"N", 2}}, {{"x", {1, 1}}, {"b", {2, 3, 4, 5}}, {"g", {0, 0, -kInf, 0}}})["hT"],
              ElementsAre(4, 8));
}

TEST(Recurrence, HeadsOfAGroupShareIt) {
  std::string spec = R"(mixer.spec @s(%x: [B,T,H], %b: [B,T,G,N], %c: [T]) -> (%y: [B,T,H]) {
    %bs = mixer.sum %b over N
    %o, %S = mixer.semiseparable x = %x, b = %bs, c = %c
    mixer.return %o
  })";
  // Four heads, two groups: b is 10 for heads 0 and 1, 20 for heads 2 and 3; c is 1, then 2, for all.
  EXPECT_THAT(evaluate(spec, {{"B", 1}, {"T", 2}, {"H", 4}, {"G", 2}, {"N", 2}},
                       {{"x", {1, 2, 3, 4, 1, 1, 1, 1}}, {"b", {4, 6, 9, 11, 4, 6, 9, 11}}, {"c", {1, 2}}})["y"],
              ElementsAre(10, 20, 60, 80, 40, 60, 160, 200));
}

TEST(Recurrence, ATokenUpdatesTheStateSeveralTimes) {
  // s <- (0.5 if the first, else 1) s + l_ts r_ts s + b_ts x_t, y the state after the last update.
  std::string spec = R"(mixer.spec @s(%x: [B,T,H], %b: [B,T,R,H], %l: [B,R,T,H], %g: [B,T,H], %h0: [B,H]) -> (%y: [B,T,H], %hT: [B,H]) {
    %one = mixer.constant 1 : [B,T,H]
    %o, %S = mixer.semiseparable x = %x, b = %b, c = %one, decay = %g, l = %l, r = %one, init = %h0
    mixer.return %o, %S
  })";
  double half = std::log(0.5);
  Arrays results = evaluate(spec, {{"B", 1}, {"T", 2}, {"H", 1}, {"R", 2}},
                            {{"x", {1, 10}}, {"b", {1, 2, 3, 4}}, {"l", {1, 2, 3, 4}}, {"g", {half, half}}, {"h0", {2}}});
  // 2 -> 0.5 * 2 + 1 * 2 + 1 = 4 -> 4 + 3 * 4 + 2 = 18; 18 -> 9 + 2 * 18 + 30 = 75 -> 75 + 4 * 75 + 40 = 415
  EXPECT_THAT(results["y"], ElementsAre(DoubleNear(18, 1e-9), DoubleNear(415, 1e-9)));
  EXPECT_THAT(results["hT"], ElementsAre(DoubleNear(415, 1e-9)));
}

TEST(Recurrence, DimensionsAreFoundByName) {
  // The same numbers under another order of the dimensions, at the arguments and at the results.
  std::string body = R"({
    %o, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g, init = %h0
    mixer.return %o, %S
  })";
  std::string usual = "mixer.spec @s(%x: [B,T,H,P], %b: [B,T,H,N], %c: [B,T,H,N], %g: [B,T,H], %h0: [B,H,N,P]) -> "
                      "(%y: [B,T,H,P], %hT: [B,H,N,P]) " +
                      body;
  std::string other = "mixer.spec @s(%x: [P,H,T,B], %b: [N,H,T,B], %c: [N,H,T,B], %g: [H,T,B], %h0: [P,N,H,B]) -> "
                      "(%y: [P,H,T,B], %hT: [P,N,H,B]) " +
                      body;
  constexpr int64_t B = 2, T = 3, H = 2, N = 3, P = 2;
  reference::Sizes sizes = {{"B", B}, {"T", T}, {"H", H}, {"N", N}, {"P", P}};
  // Axes in the opposite order.
  auto reversed = [](const std::vector<double> &in, std::vector<int64_t> shape) {
    std::vector<double> out(in.size());
    for (size_t i = 0; i < in.size(); ++i) {
      size_t rest = i, to = 0, stride = in.size();
      for (int64_t size : llvm::reverse(shape)) {
        stride /= size;
        to += rest % size * stride;
        rest /= size;
      }
      out[to] = in[i];
    }
    return out;
  };
  std::vector<double> x = randomNumbers(B * T * H * P, 1), b = randomNumbers(B * T * H * N, 2), c = randomNumbers(B * T * H * N, 3),
                      g = randomNumbers(B * T * H, 4), h0 = randomNumbers(B * H * N * P, 5);
  Arrays expected = evaluate(usual, sizes, {{"x", x}, {"b", b}, {"c", c}, {"g", g}, {"h0", h0}});
  // h0's opposite order is [P,N,H,B] as well.
  Arrays out = evaluate(other, sizes,
                        {{"x", reversed(x, {B, T, H, P})},
                         {"b", reversed(b, {B, T, H, N})},
                         {"c", reversed(c, {B, T, H, N})},
                         {"g", reversed(g, {B, T, H})},
                         {"h0", reversed(h0, {B, H, N, P})}});
  EXPECT_EQ(out["y"], reversed(expected["y"], {B, T, H, P}));
  EXPECT_EQ(out["hT"], reversed(expected["hT"], {B, H, N, P}));
}

TEST(Recurrence, AMissingOptionalInitIsZero) {
  std::string spec = R"(mixer.spec @s(%x: [B,T,H], %h0: [B,H] optional) -> (%y: [B,T,H], %hT: [B,H]) {
    %one = mixer.constant 1 : [B,T,H]
    %o, %S = mixer.semiseparable x = %x, b = %one, c = %one, init = %h0
    mixer.return %o, %S
  })";
  reference::Sizes sizes = {{"B", 1}, {"T", 2}, {"H", 1}};
  EXPECT_THAT(evaluate(spec, sizes, {{"x", {1, 2}}})["y"], ElementsAre(1, 3));
  EXPECT_THAT(evaluate(spec, sizes, {{"x", {1, 2}}, {"h0", {10}}})["y"], ElementsAre(11, 13));
}

namespace {
const std::string kFull = R"(mixer.spec @s(%x: [B,T,H,P], %b: [B,T,H,N], %c: [B,T,H,N], %g: [B,T,H,N],
                             %l: [B,T,H,N], %r: [B,T,H,N], %h0: [B,H,N,P]) -> (%y: [B,T,H,P], %hT: [B,H,N,P]) {
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g, l = %l, r = %r, init = %h0
  mixer.return %o, %S
})";
} // namespace

TEST(Recurrence, NoTokensLeaveTheStateAndNoSequencesLeaveNothing) {
  Arrays none = {{"x", {}}, {"b", {}}, {"c", {}}, {"g", {}}, {"s", {}}, {"l", {}}, {"r", {}}, {"h0", {3, 5}}};
  Arrays results = evaluate(pairSpec(", decay = %g, l = %l, r = %r"), {{"B", 1}, {"T", 0}, {"H", 1}, {"N", 2}}, none);
  EXPECT_THAT(results["y"], ElementsAre());
  EXPECT_THAT(results["hT"], ElementsAre(3, 5));
  none["h0"].clear();
  results = evaluate(pairSpec(""), {{"B", 0}, {"T", 4}, {"H", 1}, {"N", 2}}, none);
  EXPECT_THAT(results["y"], ElementsAre());
  EXPECT_THAT(results["hT"], ElementsAre());
}

TEST(Recurrence, AStateHandedOnEqualsTheWhole) {
  constexpr int64_t T = 7, H = 2, N = 3, P = 4, kFirst = 3;
  auto sizes = [&](int64_t tokens) { return reference::Sizes{{"B", 1}, {"T", tokens}, {"H", H}, {"N", N}, {"P", P}}; };
  Arrays whole = {{"x", randomNumbers(T * H * P, 1)}, {"h0", randomNumbers(H * N * P, 2)}};
  unsigned seed = 3;
  for (const char *name : {"b", "c", "g", "l", "r"})
    whole[name] = randomNumbers(T * H * N, seed++);
  auto part = [&](int64_t begin, int64_t end, std::vector<double> h0) {
    Arrays arrays;
    for (auto &[name, values] : whole) {
      int64_t perToken = values.size() / T;
      arrays[name].assign(values.begin() + begin * perToken, values.begin() + end * perToken);
    }
    arrays["h0"] = std::move(h0);
    return arrays;
  };
  Arrays expected = evaluate(kFull, sizes(T), whole);
  Arrays first = evaluate(kFull, sizes(kFirst), part(0, kFirst, whole["h0"]));
  Arrays second = evaluate(kFull, sizes(T - kFirst), part(kFirst, T, first["hT"]));
  EXPECT_EQ(second["hT"], expected["hT"]);
  first["y"].insert(first["y"].end(), second["y"].begin(), second["y"].end());
  EXPECT_EQ(first["y"], expected["y"]);
}

TEST(Recurrence, EqualsTheMatrixItStandsFor) {
  // y_t = sum over s <= t of (c_t . b_s) exp(g_{s+1} + .. + g_t) x_s
  constexpr int64_t T = 9, N = 3, P = 2;
  std::string spec = R"(mixer.spec @s(%x: [B,T,H,P], %b: [B,T,H,N], %c: [B,T,H,N], %g: [B,T,H]) -> (%y: [B,T,H,P]) {
    %o, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g
    mixer.return %o
  })";
  std::vector<double> x = randomNumbers(T * P, 1), b = randomNumbers(T * N, 2), c = randomNumbers(T * N, 3), g = randomNumbers(T, 4),
                      expected(T * P);
  for (int64_t t = 0; t < T; ++t)
    for (int64_t s = 0; s <= t; ++s) {
      double weight = 0, decay = 0;
      for (int64_t n = 0; n < N; ++n)
        weight += c[t * N + n] * b[s * N + n];
      for (int64_t u = s + 1; u <= t; ++u)
        decay += g[u];
      for (int64_t p = 0; p < P; ++p)
        expected[t * P + p] += weight * std::exp(decay) * x[s * P + p];
    }
  Arrays out = evaluate(spec, {{"B", 1}, {"T", T}, {"H", 1}, {"N", N}, {"P", P}}, {{"x", x}, {"b", b}, {"c", c}, {"g", g}});
  EXPECT_LE(relativeError(out["y"], expected), 1e-14);
}

/// The outputs for x = 1, 2, 3, those decays and a mask of one head.
static std::vector<double> masked(const std::string &clauses, const std::vector<double> &mask, double second = kHalf) {
  return evaluate(R"(mixer.spec @s(%x: [B,T,H], %g: [B,T,H], %m: [T]) -> (%y: [B,T,H]) {
    %one = mixer.constant 1 : [B,T,H]
    %o, %S = mixer.semiseparable x = %x, b = %one, c = %one, decay = %g, mask = %m)" +
                      clauses + R"(
    mixer.return %o
  })",
                  {{"B", 1}, {"T", 3}, {"H", 1}}, {{"x", {1, 2, 3}}, {"g", {kHalf, second, kHalf}}, {"m", mask}})["y"];
}

TEST(Mask, OfOnesIsNone) {
  for (const char *clauses : {"", ", read = pre", ", direction = anticausal", ", direction = anticausal, read = pre", ", direction = both",
                              ", direction = both, read = pre"})
    EXPECT_EQ(masked(clauses, {1, 1, 1}), halving(clauses)) << clauses;
}

TEST(Mask, HasANumberForEachDistance) {
  EXPECT_THAT(masked("", {1, 10, 100}), ElementsAre(1, 2 + 5, 3 + 10 + 25));
  EXPECT_THAT(masked(", read = pre", {1, 10, 100}), ElementsAre(0, 10, 20 + 50));
  EXPECT_THAT(masked(", direction = anticausal", {1, 10, 100}), ElementsAre(1 + 10 + 75, 2 + 15, 3));
  EXPECT_THAT(masked(", direction = both", {1, 10, 100}), ElementsAre(1 + 20 + 150, 7 + 30, 38));
}

TEST(Mask, CountsForNothingBehindAReset) { EXPECT_THAT(masked("", {1, 10, NAN}, -kInf), ElementsAre(1, 2, 3 + 10)); }

/// Products of the magnitudes of I and k k^T would double at every token.
TEST(Scales, OfACorrectionAreThoseOfItsStates) {
  constexpr int64_t T = 500;
  test::Spec spec = test::Spec::fromText(R"(mixer.spec @s(%x: [B,T,H], %k: [B,T,H,N]) -> (%y: [B,T,H], %hT: [B,H,N]) {
    %l = mixer.map(%k) { (k) -> -k }
    %o, %S = mixer.semiseparable x = %x, b = %k, c = %k, l = %l, r = %k
    mixer.return %o, %S
  })");
  Arrays arguments = {{"x", randomNumbers(T, 1)}, {"k", {}}};
  for (double angle : randomNumbers(T, 2))
    for (double entry : {std::cos(angle), std::sin(angle)})
      arguments["k"].push_back(entry);
  auto scaled = reference::evaluateWithScales(spec.op(), {{"B", 1}, {"T", T}, {"H", 1}, {"N", 2}}, arguments);
  ASSERT_TRUE(succeeded(scaled));
  for (const char *name : {"y", "hT"})
    for (size_t i = 0; i < scaled->results.at(name).size(); ++i) {
      double result = std::abs(scaled->results.at(name)[i]), root = scaled->roots.at(name)[i], sum = scaled->magnitudes.at(name)[i];
      EXPECT_LE(root, 10 * std::max(result, 1.0));
      EXPECT_LE(root, sum * (1 + 1e-6));
      EXPECT_LE(result, sum * (1 + 1e-6));
    }
}
