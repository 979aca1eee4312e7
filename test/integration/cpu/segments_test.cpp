// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sequences cut into segments, whose states follow from each other by a matrix: every recurrence with a correction.

#include "Numbers.h"
#include <cmath>

using namespace mixc;
using namespace mixc::test;

namespace {

constexpr int64_t kChunk = 16, kBatch = 2;
constexpr int64_t kSplits[] = {1, 2, 3, 5, 8};

struct Corrected {
  const char *name;
  Recipe recipe;
};

void PrintTo(const Corrected &corrected, std::ostream *os) { *os << corrected.name; }

/// A correction beside a decay of entries and a column without P, all of one step or not: each hands on what it has.
const char *const kSideBySide = R"(
mixer.spec @side_by_side(%x: [B,T,H,P] io, %q: [B,T,H,N] io, %k: [B,T,H,N] io, %beta: [B,T,H] io, %g: [B,T,H,N], %h0: [B,H,P,N] optional,
                         %n0: [B,H,N] optional) -> (%y: [B,T,H,P] io, %d: [B,T,H] io, %hT: [B,H,P,N] optional, %nT: [B,H,N] optional) {
  %b = mixer.map(%beta, %k) { (beta, k) -> beta * k }
  %l = mixer.map(%b) { (b) -> -b }
  %one = mixer.constant 1.0 : [B,T,H]
  %u, %S = mixer.semiseparable x = %x, b = %b, c = %q, l = %l, r = %k, init = %h0
  %d, %z = mixer.semiseparable x = %one, b = %b, c = %q, l = %l, r = %k, init = %n0
  %v, %R = mixer.semiseparable x = %x, b = %k, c = %q, decay = %g
  %y = mixer.map(%u, %v) { (u, v) -> u + v }
  mixer.return %y, %d, %S, %z
}
)";

/// Both directions, and a number for each token that is a sum over P: blocks of a transition's columns read all of them.
const char *const kBothWays = R"(
mixer.spec @both_ways(%x: [B,T,H,P] io, %q: [B,T,H,N] io, %k: [B,T,H,N] io, %g: [B,T,H]) -> (%y: [B,T,H,P] io) {
  %s = mixer.sum %x over P
  %beta = mixer.map(%s) { (s) -> 1 / (1 + exp(s)) }
  %b = mixer.map(%beta, %k) { (beta, k) -> beta * k }
  %l = mixer.map(%b) { (b) -> -b }
  %y, %S = mixer.semiseparable x = %x, b = %b, c = %q, decay = %g, l = %l, r = %k, direction = both
  mixer.return %y
}
)";

Recipe sourced(const char *name, const char *source, Sizes sizes, std::string dtype = "f32") {
  Recipe recipe{name, std::move(sizes), std::move(dtype)};
  recipe.source = source;
  return recipe;
}

// N in one slice of a product, in several of 64, 32 and 16 rows, in one with padding; few and many columns.
const Corrected kRecipes[] = {
    {"delta_rule", {"delta_rule", {{"H", 2}, {"N", 64}, {"P", 20}}}},
    {"gated_delta_rule", {"gated_delta_rule", {{"H", 2}, {"N", 72}, {"P", 3}}}},
    {"kda", {"kda", {{"H", 1}, {"N", 128}, {"P", 40}}}},
    {"kda_bf16", {"kda", {{"H", 2}, {"N", 20}, {"P", 16}}, "bf16"}},
    {"kda_v3", {"kda", {{"H", 2}, {"N", 16}, {"P", 72}}, "f16", "v3"}},
    {"rwkv7", {"rwkv7_dplr", {{"H", 2}, {"N", 40}, {"P", 24}}}},
    {"comba", {"comba", {{"H", 2}, {"N", 96}, {"P", 16}}}},
    {"gdn2", {"gdn2", {{"H", 2}, {"N", 160}, {"P", 8}}}},
    {"updates", {"gated_delta_product", {{"H", 2}, {"R", 2}, {"N", 32}, {"P", 20}}}},
    {"side_by_side", sourced("side_by_side", kSideBySide, {{"H", 2}, {"N", 40}, {"P", 20}})},
    {"both_ways", sourced("both_ways", kBothWays, {{"H", 2}, {"N", 80}, {"P", 12}})},
};

class Segments : public testing::TestWithParam<Corrected> {
protected:
  Kernel &kernel() const { return Kernel::get(GetParam().recipe, {mixer::Algorithm::Chunked, kChunk}); }
};

/// A correction feeds errors of a state back into it.
constexpr double kFactor = 4;

TEST_P(Segments, AnyNumber) {
  for (int64_t T : {int64_t(1), 3 * kChunk, 17 * kChunk + 5}) {
    Call call{kBatch, T, randomArguments(kernel(), kBatch, T, /*salt=*/T)};
    const Reference expected = reference(kernel(), call);
    for (int64_t splits : kSplits) {
      call.splits = splits;
      expectClose(kernel(), call, run(kernel(), call), expected, kFactor);
    }
  }
}

/// Without the optional states as well.
TEST_P(Segments, WithoutStates) {
  const int64_t T = 7 * kChunk + 3;
  Call call{kBatch, T, randomArguments(kernel(), kBatch, T), /*splits=*/3};
  for (const char *name : {"h0", "n0"})
    call.inputs.erase(name);
  for (const char *name : {"hT", "nT"})
    call.unwanted.insert(name);
  check(kernel(), call);
}

/// Strong and weak decays, and some that forget all or some entries in the middle of a segment.
TEST_P(Segments, Decays) {
  const int64_t T = 15 * kChunk + 1;
  Call call{1, T, randomArguments(kernel(), 1, T)};
  for (float weak : {-0.001f, -3.0f})
    for (const char *name : {"g", "gk"})
      if (auto found = call.inputs.find(name); found != call.inputs.end()) {
        std::vector<float> &values = found->second.values;
        for (size_t i = 0, row = values.size() / T; i < values.size(); ++i) {
          const size_t token = i / row;
          const bool forgets = token == 5 * kChunk + 3 || (token % 29 == 7 && i % 2);
          values[i] = forgets ? -INFINITY : token % 11 == 4 ? -20.0f : weak;
        }
        const Reference expected = reference(kernel(), call);
        for (int64_t splits : {2, 3, 5}) {
          call.splits = splits;
          expectClose(kernel(), call, run(kernel(), call), expected, kFactor);
        }
      }
}

/// What is not finite leaves no trace before its token, nor in other sequences, and is where one segment has it.
TEST_P(Segments, NotFinite) {
  if (GetParam().recipe.dtype != "f32" || GetParam().recipe.mixer == "both_ways")
    return;
  const int64_t T = 6 * kChunk + 3;
  Call clean{kBatch, T, randomArguments(kernel(), kBatch, T), /*splits=*/3};
  const HostTensors before = run(kernel(), clean);
  for (const std::string &name : kernel().tensorsWith('T')) {
    if (!clean.inputs.count(name))
      continue;
    for (int64_t t : {int64_t(0), 2 * kChunk - 1, 3 * kChunk + 5, T - 1}) {
      Call call = clean;
      std::vector<float> &values = call.inputs.at(name).values;
      const size_t row = values.size() / kBatch / T;
      values[t * row + (7 * t + 3) % row] = t % 2 ? NAN : INFINITY;
      SCOPED_TRACE(name + " is not finite at token " + std::to_string(t));
      const HostTensors after = run(kernel(), call);
      HostTensors left = sliceTokens(kernel(), before, 0, t), right = sliceTokens(kernel(), after, 0, t);
      for (const char *state : {"hT", "nT"}) {
        left.erase(state);
        right.erase(state);
      }
      expectSame(left, right);
      expectSame(sliceBatch(kernel(), before, 1), sliceBatch(kernel(), after, 1));
      call.splits = 1;
      for (auto &[result, whole] : run(kernel(), call))
        for (size_t i = 0; i < whole.values.size(); ++i)
          if (std::isfinite(whole.values[i]) != std::isfinite(after.at(result).values[i])) {
            ADD_FAILURE() << result << "[" << i << "]: expected " << whole.values[i] << ", got " << after.at(result).values[i];
            break;
          }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Segments, testing::ValuesIn(kRecipes), [](auto info) { return std::string(info.param.name); });

} // namespace
