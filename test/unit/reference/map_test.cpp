// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The elementwise ops, and what a spec is refused for.

#include "Evaluation.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace mixc;
using namespace mixc::test;
using reference::Arrays;
using reference::Sizes;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {
std::string mapSpec(const std::string &map) {
  return "mixer.spec @s(%a: [T], %b: [T]) -> (%y: [T]) {\n%o = mixer.map(%a, %b) " + map + "\nmixer.return %o\n}";
}

/// The value of an expression in a and b.
double valueOf(const std::string &expression, double a, double b = 0) {
  return evaluate(mapSpec("{ (a, b) -> " + expression + " }"), {{"T", 1}, {"N", 16}}, {{"a", {a}}, {"b", {b}}})["y"].at(0);
}

/// The value of a body in MLIR's own syntax; %r is its result.
double valueOfBody(const std::string &ops, double a, double b) {
  return evaluate(mapSpec("body {\n^bb0(%p: f32, %q: f32):\n" + ops + "\nmixer.yield %r : f32\n}"), {{"T", 1}},
                  {{"a", {a}}, {"b", {b}}})["y"]
      .at(0);
}
} // namespace

TEST(Map, Operators) {
  EXPECT_EQ(valueOf("a + b * 2 - a / b", 6, 3), 10);
  EXPECT_EQ(valueOf("-(a - b)", 6, 3), -3);
  EXPECT_EQ(valueOf("let u = a + b in u * u", 1, 2), 9);
  EXPECT_EQ(valueOf("rsqrt(N) * N", 0), 4);
  EXPECT_EQ(valueOf("a + inf", 1), INFINITY);
}

TEST(Map, Comparisons) {
  auto holds = [](const std::string &op, double a, double b) { return valueOf("where(a " + op + " b, 1, 0)", a, b) == 1; };
  EXPECT_TRUE(holds("<", 1, 2) && !holds("<", 2, 2) && !holds("<", 3, 2));
  EXPECT_TRUE(holds("<=", 1, 2) && holds("<=", 2, 2) && !holds("<=", 3, 2));
  EXPECT_TRUE(!holds(">", 1, 2) && !holds(">", 2, 2) && holds(">", 3, 2));
  EXPECT_TRUE(!holds(">=", 1, 2) && holds(">=", 2, 2) && holds(">=", 3, 2));
  EXPECT_TRUE(!holds("==", 1, 2) && holds("==", 2, 2));
  for (const char *op : {"<", "<=", ">", ">=", "=="})
    EXPECT_FALSE(holds(op, NAN, 2)) << op;
}

TEST(Map, Functions) {
  using Function = double (*)(double);
  std::pair<const char *, Function> functions[] = {
      {"exp", std::exp},
      {"exp2", std::exp2},
      {"log", std::log},
      {"log1p", std::log1p},
      {"log2", std::log2},
      {"sqrt", std::sqrt},
      {"rsqrt", [](double a) { return 1 / std::sqrt(a); }},
      {"tanh", std::tanh},
      {"abs", std::fabs},
      {"sigmoid", [](double a) { return 1 / (1 + std::exp(-a)); }},
      {"silu", [](double a) { return a / (1 + std::exp(-a)); }},
      {"softplus", [](double a) { return std::log1p(std::exp(a)); }},
      {"relu", [](double a) { return a > 0 ? a : 0; }},
      {"elu", [](double a) { return a > 0 ? a : std::exp(a) - 1; }},
  };
  for (auto &[name, function] : functions)
    for (double a : {-2.5, -0.25, 0.0, 0.75, 3.0}) {
      double value = valueOf(std::string(name) + "(a)", a), expected = function(a);
      if (std::isnan(expected))
        EXPECT_TRUE(std::isnan(value)) << name << "(" << a << ")";
      else
        EXPECT_DOUBLE_EQ(value, expected) << name << "(" << a << ")";
    }
}

TEST(Map, SoftplusOfLargeNumbers) {
  EXPECT_EQ(valueOf("softplus(a)", 1000), 1000);
  EXPECT_EQ(valueOf("softplus(a)", -1000), 0);
}

TEST(Map, FunctionsOfSeveralOps) {
  EXPECT_EQ(valueOf("sign(a)", -3), -1);
  EXPECT_EQ(valueOf("sign(a)", 0.25), 1);
  EXPECT_EQ(valueOf("sign(a)", 0), 0);
  EXPECT_TRUE(std::isnan(valueOf("sign(a)", NAN)));
  EXPECT_EQ(valueOf("clamp(a, -1, 2)", 3), 2);
  EXPECT_EQ(valueOf("clamp(a, -1, b)", -3, 5), -1);
  EXPECT_EQ(valueOf("pow(a, b)", -2, 3), -8);
  EXPECT_DOUBLE_EQ(valueOf("sin(a) + cos(b)", 1, 2), std::sin(1.0) + std::cos(2.0));
  EXPECT_DOUBLE_EQ(valueOf("sin(a) + cos(b)", 0x1p20, -0x1p20), std::sin(0x1p20) + std::cos(0x1p20));
  EXPECT_TRUE(std::isnan(valueOf("sin(a) + b", 0x1p21, 0)));
  EXPECT_TRUE(std::isnan(valueOf("cos(a) + b", -0x1p21, 0)));
  EXPECT_NEAR(valueOf("gelu(a)", -0.5), -0.25 * std::erfc(0.5 * M_SQRT1_2), 1e-7); // 1/sqrt(2) is f32
}

TEST(Map, MinMaxPassNaNOn) {
  EXPECT_EQ(valueOf("min(a, b)", 1, 2), 1);
  EXPECT_EQ(valueOf("max(a, b)", 1, 2), 2);
  EXPECT_TRUE(std::isnan(valueOf("min(a, b)", NAN, 2)));
  EXPECT_TRUE(std::isnan(valueOf("max(a, b)", 1, NAN)));
}

TEST(Map, BodiesThatNoExpressionStates) {
  EXPECT_EQ(valueOfBody("%r = arith.maxnumf %p, %q : f32", NAN, 2), 2);
  EXPECT_EQ(valueOfBody("%r = math.fma %p, %q, %p : f32", 3, 5), 18);
  EXPECT_EQ(valueOfBody("%r = math.powf %p, %q : f32", 2, 5), 32);
  EXPECT_EQ(valueOfBody("%c = arith.cmpf ult, %p, %q : f32\n%r = arith.uitofp %c : i1 to f32", NAN, 5), 1);
  EXPECT_EQ(valueOfBody("%c = arith.cmpf one, %p, %q : f32\n%r = arith.sitofp %c : i1 to f32", 1, 5), -1);
  std::string notBetween = "%z = arith.constant 0.0 : f32\n%t = arith.constant true\n"
                           "%c = arith.cmpf ogt, %p, %z : f32\n%d = arith.cmpf olt, %p, %q : f32\n"
                           "%e = arith.andi %c, %d : i1\n%n = arith.xori %e, %t : i1\n"
                           "%r = arith.select %n, %p, %z : f32";
  EXPECT_EQ(valueOfBody(notBetween, 3, 5), 0);
  EXPECT_EQ(valueOfBody(notBetween, 6, 5), 6);
}

TEST(Map, BroadcastsByName) {
  std::string spec = R"(mixer.spec @s(%a: [H], %b: [T,H], %c: [H,B]) -> (%y: [B,T,H]) {
    %o = mixer.map(%a, %b, %c) { (a, b, c) -> a + b + c }
    mixer.return %o
  })";
  EXPECT_THAT(evaluate(spec, {{"B", 2}, {"T", 2}, {"H", 2}}, {{"a", {1, 2}}, {"b", {10, 20, 30, 40}}, {"c", {100, 200, 300, 400}}})["y"],
              ElementsAre(111, 322, 131, 342, 211, 422, 231, 442));
}

TEST(Map, EveryHeadReadsItsGroup) {
  // Six heads: two of keys, so that three share one, and three of values, so that two do.
  std::string spec = R"(mixer.spec @s(%k: [K,T], %v: [V], %h: [H]) -> (%m: [T,H], %n: [T,K]) {
    %m = mixer.map(%k, %v, %h) { (k, v, h) -> k + v + h }
    %n = mixer.map(%k) { (k) -> k * K }
    mixer.return %m, %n
  })";
  Arrays results = evaluate(spec, {{"T", 2}, {"H", 6}, {"K", 2}, {"V", 3}},
                            {{"k", {1, 2, 3, 4}}, {"v", {10, 20, 30}}, {"h", {100, 200, 300, 400, 500, 600}}});
  EXPECT_THAT(results["m"], ElementsAre(111, 211, 321, 423, 533, 633, 112, 212, 322, 424, 534, 634));
  EXPECT_THAT(results["n"], ElementsAre(2, 6, 4, 8));
}

TEST(Ops, IndexConstantSum) {
  std::string spec = R"(mixer.spec @s(%a: [N,T]) -> (%i: [T,H], %s: [T]) {
    %h = mixer.index H
    %two = mixer.constant 2.5 : [T]
    %i = mixer.map(%h, %two) { (h, two) -> h + two }
    %s = mixer.sum %a over N
    mixer.return %i, %s
  })";
  Arrays out = evaluate(spec, {{"T", 2}, {"H", 3}, {"N", 3}}, {{"a", {1, 2, 3, 4, 5, 6}}});
  EXPECT_THAT(out["i"], ElementsAre(2.5, 3.5, 4.5, 2.5, 3.5, 4.5));
  EXPECT_THAT(out["s"], ElementsAre(9, 12));
}

TEST(Ops, ResultsHaveTheirOwnOrder) {
  EXPECT_THAT(
      evaluate("mixer.spec @s(%a: [T,H]) -> (%y: [H,T]) { mixer.return %a }", {{"T", 2}, {"H", 3}}, {{"a", {1, 2, 3, 4, 5, 6}}})["y"],
      ElementsAre(1, 4, 2, 5, 3, 6));
}

namespace {
const std::string kGrouped = R"(mixer.spec @s(%x: [B,T,H], %b: [B,T,G]) -> (%y: [B,T,H]) {
  %o, %S = mixer.semiseparable x = %x, b = %b, c = %b
  mixer.return %o
})";
const Sizes kOnes = {{"B", 1}, {"T", 1}, {"H", 1}, {"G", 1}};
} // namespace

TEST(Errors, Arguments) {
  EXPECT_THAT(errorOf(kGrouped, kOnes, {{"x", {1}}}), HasSubstr("expected an array for the argument 'b', got none"));
  EXPECT_THAT(errorOf(kGrouped, kOnes, {{"x", {1, 2}}, {"b", {1}}}), HasSubstr("expected 1 elements for the argument 'x' [B,T,H], got 2"));
}

TEST(Errors, Sizes) {
  Arrays arrays = {{"x", {1}}, {"b", {1}}};
  EXPECT_THAT(errorOf(kGrouped, {{"B", 1}, {"T", 1}, {"H", 1}}, arrays), HasSubstr("expected a size of the dimension G, got none"));
  EXPECT_THAT(errorOf(kGrouped, {{"B", 1}, {"T", -1}, {"H", 1}, {"G", 1}}, arrays),
              HasSubstr("expected a size of at least 0 for the dimension T, got -1"));
  EXPECT_THAT(errorOf(kGrouped, {{"B", 1}, {"T", 1}, {"H", 0}, {"G", 1}}, arrays),
              HasSubstr("expected a size of at least 1 for the dimension H, got 0"));
  EXPECT_THAT(errorOf(kGrouped, {{"B", 1}, {"T", 1}, {"H", 3}, {"G", 2}}, arrays), HasSubstr("expected G to divide H = 3, got G = 2"));
  EXPECT_THAT(errorOf(mapSpec("{ (a, b) -> a * N }"), {{"T", 1}}, {{"a", {1}}, {"b", {1}}}),
              HasSubstr("expected a size of the dimension N, got none"));
  EXPECT_THAT(
      errorOf("mixer.spec @s(%a: [H]) -> (%y: [H]) attributes {sizes = {H = 2 : i64}} { mixer.return %a }", {{"H", 3}}, {{"a", {1, 2, 3}}}),
      HasSubstr("expected H = 2 as the spec binds it, got 3"));
}

TEST(Errors, UnknownOpInABody) {
  EXPECT_THAT(errorOf(mapSpec(R"(body {
    ^bb0(%p: f32, %q: f32):
      %c = arith.cmpf olt, %p, %q : f32
      %d = arith.addi %c, %c : i1
      %r = arith.uitofp %d : i1 to f32
      mixer.yield %r : f32
    })"),
                      {{"T", 1}}, {{"a", {1}}, {"b", {1}}}),
              HasSubstr("'arith.addi' op expected an op that the reference evaluates"));
}
