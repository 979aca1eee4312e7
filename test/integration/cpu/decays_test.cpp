// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Decays at their limits: near 1 for many tokens, where an error that is the same at every token would add up, and strong ones before
// weak ones, where the bits of the weak ones must not be lost.

#include "Numbers.h"
#include <cmath>
#include <random>

using namespace mixc;
using namespace mixc::test;

namespace {

constexpr double kBound = 5e-6; ///< of ||y - ref|| / ||ref||, up to 16384 tokens
const Recipe kGla{"simple_gla", {{"H", 1}, {"N", 16}, {"P", 16}}};

std::vector<Plan> plansOf(bool quadratic) {
  std::vector<Plan> plans = {{mixer::Algorithm::Scan, 16}, {mixer::Algorithm::Scan, 1}};
  for (int64_t chunk : {16, 32, 128})
    plans.push_back({mixer::Algorithm::Chunked, chunk});
  if (quadratic)
    plans.push_back({mixer::Algorithm::Quadratic, 64});
  return plans;
}

void expectWithin(double bound, const HostTensors &results, const Reference &expected) {
  for (auto &[name, tensor] : results)
    EXPECT_LE(relativeError(tensor.values, expected.at(name)), bound) << name;
}

/// Calls that the algorithms share, and their reference.
void checkAll(const Call &call, bool quadratic, double bound) {
  Reference expected = reference(Kernel::get(kGla, plansOf(false)[0]), call);
  for (const Plan &plan : plansOf(quadratic))
    for (int64_t splits : {1, 3}) {
      if (splits > 1 && plan.algorithm != mixer::Algorithm::Chunked)
        continue;
      Kernel &kernel = Kernel::get(kGla, plan);
      Call own = call;
      own.splits = splits;
      SCOPED_TRACE(plan.text() + ", " + std::to_string(splits) + " splits");
      expectWithin(bound, run(kernel, own), expected);
    }
}

Call callOf(int64_t T, uint64_t salt) { return {1, T, randomArguments(Kernel::get(kGla, plansOf(false)[0]), 1, T, salt)}; }

TEST(Decays, NearOneDoNotDrift) {
  uint64_t salt = 0;
  for (float g : {-1e-9f, -4e-9f, -1e-8f, -1e-7f, -1e-6f, -1e-5f, -1e-4f, -1e-3f, -0.0316f, -1.0f, -20.0f})
    for (bool oneSign : {false, true}) {
      Call call = callOf(16384, ++salt);
      std::fill(call.inputs.at("g").values.begin(), call.inputs.at("g").values.end(), g);
      if (oneSign)
        for (auto &[name, tensor] : call.inputs)
          if (name != "g")
            for (float &value : tensor.values)
              value = std::fabs(value);
      SCOPED_TRACE("g = " + std::to_string(g) + (oneSign ? ", inputs of one sign" : ""));
      checkAll(call, /*quadratic=*/g == -1e-8f || g == -1e-4f, kBound);
    }
}

/// The bound grows with T.
TEST(Decays, NearOneOverManyTokens) {
  Call call = callOf(65536, 1);
  std::fill(call.inputs.at("g").values.begin(), call.inputs.at("g").values.end(), -1e-6f);
  checkAll(call, /*quadratic=*/false, 4 * kBound);
}

TEST(Decays, OfEveryStrengthInOneSequence) {
  std::mt19937_64 random(seed());
  for (uint64_t round = 1; round <= 6; ++round) {
    Call call = callOf(2048, round);
    std::uniform_real_distribution<double> exponent(-9, 1.3);
    for (float &g : call.inputs.at("g").values)
      g = -float(std::pow(10, exponent(random)));
    checkAll(call, /*quadratic=*/true, kBound);
  }
}

/// Every token of its own, not only all together: none loses its bits to sums that strong decays have made large.
TEST(Decays, WeakOnesAfterStrongOnesKeepTheirBits) {
  for (float strong : {-30.0f, -100.0f, -103.0f}) {
    Call call = callOf(256, 1);
    std::vector<float> &g = call.inputs.at("g").values;
    for (size_t t = 0; t < g.size(); ++t)
      g[t] = t % 128 < 60 ? strong : -0.001f;
    Reference expected = reference(Kernel::get(kGla, plansOf(false)[0]), call);
    for (const Plan &plan : plansOf(true)) {
      HostTensors results = run(Kernel::get(kGla, plan), call);
      expectWithin(2e-6, results, expected);
      const std::vector<float> &o = results.at("o").values;
      for (int64_t t = 0; t < call.T; ++t)
        EXPECT_LE(relativeError(llvm::ArrayRef(o).slice(t * 16, 16), llvm::ArrayRef(expected.at("o")).slice(t * 16, 16)), 2e-5)
            << "token " << t << ", g = " << strong << ", " << plan.text();
    }
  }
}

/// Step sizes of Mamba-2 that are large at some tokens: its decays are products of two arguments.
TEST(Decays, OfMamba2) {
  Recipe recipe{"mamba2", {{"H", 4}, {"G", 1}, {"N", 32}, {"P", 16}}};
  std::mt19937_64 random(seed());
  for (const Plan &plan : plansFor(recipe, 32, /*heads=*/2)) {
    Kernel &kernel = Kernel::get(recipe, plan);
    for (bool uniform : {false, true}) {
      Call call{1, 1024, randomArguments(kernel, 1, 1024)};
      call.inputs.at("A").values = {-16, -8, -3, -1};
      std::fill(call.inputs.at("dt_bias").values.begin(), call.inputs.at("dt_bias").values.end(), 0.0f);
      for (float &dt : call.inputs.at("dt").values) {
        double draw = double(random() % 1000) / 1000;
        dt = uniform ? float(-7 + 13 * draw) : draw < 0.3 ? 6.0f : -7.0f;
      }
      SCOPED_TRACE(plan.text() + (uniform ? ", uniform" : ""));
      expectWithin(kBound, run(kernel, call), reference(kernel, call));
    }
  }
}

} // namespace
