// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What holds for every mixer here whatever its numbers: causality, a sequence cut in two, the choice of the chunk,
// repetition, independence of the batch's entries.

#include "Numbers.h"
#include <cmath>

using namespace mixc;
using namespace mixc::test;

namespace {

constexpr int64_t kChunk = 32, kLength = 3 * kChunk + 11;

const Recipe kRecipes[] = {
    {"mamba2", {{"H", 4}, {"G", 2}, {"N", 16}, {"P", 20}}},
    {"mamba2_gated", {{"H", 2}, {"G", 1}, {"N", 20}, {"P", 16}}, "bf16"},
    {"simple_gla", {{"H", 2}, {"N", 16}, {"P", 3}}, "f16"},
    {"retention", {{"H", 2}, {"N", 20}, {"P", 16}}},
    {"linear_attn_normalized", {{"H", 2}, {"N", 16}, {"P", 16}}},
    {"cumprodsum", {{"H", 3}}},
    {"gla", {{"H", 2}, {"N", 20}, {"P", 16}}},
    {"rwkv6", {{"H", 2}, {"N", 16}, {"P", 3}}, "bf16"},
    {"delta_rule", {{"H", 2}, {"N", 16}, {"P", 20}}},
    {"gated_delta_rule", {{"H", 2}, {"N", 16}, {"P", 16}}},
    {"kda", {{"H", 2}, {"N", 20}, {"P", 16}}, "f16"},
    {"rwkv7_dplr", {{"H", 2}, {"N", 16}, {"P", 16}}},
};

class Properties : public testing::TestWithParam<Recipe> {
protected:
  template <typename Test> void forEachPlan(Test test) {
    int64_t heads = GetParam().mixer.rfind("mamba2", 0) == 0 ? 2 : 1;
    for (const Plan &plan : plansFor(GetParam(), kChunk, heads))
      test(Kernel::get(GetParam(), plan));
  }
  static Call randomCall(const Kernel &kernel, int64_t B, uint64_t salt = 0) {
    return {B, kLength, randomArguments(kernel, B, kLength, salt)};
  }
};

/// Results of tokens before `t` are the same bits whatever comes from `t` on.
TEST_P(Properties, Causality) {
  forEachPlan([](Kernel &kernel) {
    Call call = randomCall(kernel, 1);
    HostTensors before = run(kernel, call);
    for (int64_t t : {int64_t(1), kChunk - 1, kChunk, kChunk + 3, kLength - 1}) {
      Call changed = call;
      HostTensors others = randomArguments(kernel, 1, kLength, /*salt=*/t);
      for (const std::string &name : kernel.tensorsWith('T'))
        if (auto found = changed.inputs.find(name); found != changed.inputs.end()) {
          std::vector<float> &values = found->second.values;
          int64_t kept = values.size() / kLength * t;
          std::copy(others.at(name).values.begin() + kept, others.at(name).values.end(), values.begin() + kept);
        }
      HostTensors after = run(kernel, changed);
      HostTensors left = sliceTokens(kernel, before, 0, t), right = sliceTokens(kernel, after, 0, t);
      left.erase("hT");
      right.erase("hT");
      SCOPED_TRACE(kernel.plan().text() + ", t = " + std::to_string(t));
      expectSame(left, right);
    }
  });
}

/// y of [0, t), then y of [t, T) from the state at t, are y of [0, T).
TEST_P(Properties, CutInTwo) {
  forEachPlan([](Kernel &kernel) {
    Call call = randomCall(kernel, 2);
    Reference expected = reference(kernel, call);
    if (!expected.count("hT"))
      return;
    HostTensors whole = run(kernel, call);
    for (int64_t t : {int64_t(1), kChunk, kChunk + 7, kLength - 1}) {
      HostTensors first = run(kernel, {2, t, sliceTokens(kernel, call.inputs, 0, t)});
      Call rest{2, kLength - t, sliceTokens(kernel, call.inputs, t, kLength)};
      rest.inputs["h0"] = first.at("hT");
      HostTensors second = run(kernel, rest);
      expectClose(kernel, rest, second, reference(kernel, rest));
      HostTensors tail = sliceTokens(kernel, whole, t, kLength);
      for (auto &[name, values] : second) {
        std::vector<double> together(tail.at(name).values.begin(), tail.at(name).values.end());
        mixc_dtype dtype = name == "hT" ? MIXC_F32 : kernel.ioType();
        EXPECT_LE(relativeError(values.values, together), 2 * (tolerance(kernel, kLength) + roundoff(dtype)))
            << name << ", " << kernel.plan().text() << ", t = " << t;
      }
    }
  });
}

TEST_P(Properties, ChunkDoesNotMatter) {
  std::vector<Plan> plans;
  for (int64_t chunk : {16, 32, 64, 128})
    plans.push_back({mixer::Algorithm::Chunked, chunk});
  for (int64_t chunk : {16, 64})
    plans.push_back({mixer::Algorithm::Quadratic, chunk});
  eraseWithoutForm(plans, GetParam());
  for (int64_t chunk : {1, 7})
    plans.push_back({mixer::Algorithm::Scan, chunk});
  Kernel &any = Kernel::get(GetParam(), plans.front());
  Call call = randomCall(any, 1);
  Reference expected = reference(any, call);
  for (const Plan &plan : plans)
    expectClose(Kernel::get(GetParam(), plan), call, run(Kernel::get(GetParam(), plan), call), expected);
}

TEST_P(Properties, RepeatedCallsGiveTheSameBits) {
  forEachPlan([](Kernel &kernel) {
    Call call = randomCall(kernel, 3);
    call.splits = 3;
    HostTensors first = run(kernel, call);
    for (int i = 0; i < 5; ++i)
      expectSame(first, run(kernel, call));
  });
}

TEST_P(Properties, BatchEntriesAreIndependent) {
  forEachPlan([](Kernel &kernel) {
    Call call = randomCall(kernel, 3);
    HostTensors together = run(kernel, call);
    for (int64_t entry = 0; entry < 3; ++entry)
      expectSame(sliceBatch(kernel, together, entry), run(kernel, {1, kLength, sliceBatch(kernel, call.inputs, entry)}));
  });
}

INSTANTIATE_TEST_SUITE_P(All, Properties, testing::ValuesIn(kRecipes), [](auto info) { return info.param.mixer + "_" + info.param.dtype; });

} // namespace
