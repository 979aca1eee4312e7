// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// NaN and infinity in one element of one argument: they reach what the recurrence says they reach, and nothing else. Earlier tokens,
// other batch entries and, after a reset, later tokens have the bits of a call without them.

#include "Numbers.h"
#include <cmath>
#include <random>

using namespace mixc;
using namespace mixc::test;

namespace {

constexpr int64_t kChunk = 16, kLength = 2 * kChunk + 7, kBatch = 2;

const Recipe kRecipes[] = {
    {"mamba2", {{"H", 4}, {"G", 2}, {"N", 16}, {"P", 20}}},
    {"mamba2", {{"H", 2}, {"G", 1}, {"N", 5}, {"P", 16}}, "bf16"},
    {"mamba2_gated", {{"H", 2}, {"G", 1}, {"N", 16}, {"P", 16}}, "f16"},
    {"simple_gla", {{"H", 2}, {"N", 16}, {"P", 3}}},
    {"simple_gla", {{"H", 2}, {"N", 16}, {"P", 16}}, "bf16"},
    {"retention", {{"H", 2}, {"N", 20}, {"P", 16}}, "f16"},
    {"linear_attn", {{"H", 2}, {"N", 16}, {"P", 16}}},
    {"linear_attn_normalized", {{"H", 2}, {"N", 16}, {"P", 16}}},
    {"cumprodsum", {{"H", 3}}},
};

std::vector<Plan> plansOf(const Recipe &recipe) {
  int64_t heads = recipe.mixer == "mamba2" ? 2 : 1;
  std::vector<Plan> plans = plansFor(recipe, kChunk, heads);
  plans.push_back({mixer::Algorithm::Chunked, 2 * kChunk, heads});
  return plans;
}

/// The element at a token (0 for a tensor without T) of the first batch entry, and of a head and column drawn from a number.
size_t elementAt(const Kernel &kernel, const std::string &name, const HostTensor &tensor, int64_t t, uint64_t draw) {
  std::string dims;
  const mixc_spec_desc *desc = kernel.descriptor();
  for (const mixc_tensor_desc &candidate : llvm::ArrayRef(desc->tensors, desc->n_tensors))
    if (name == candidate.name)
      dims = candidate.dims;
  size_t at = 0;
  for (auto [dim, size] : llvm::zip_equal(dims, tensor.shape)) {
    at = at * size + (dim == 'B' ? 0 : dim == 'T' ? t : draw % size);
    draw /= 3;
  }
  return at;
}

std::vector<std::string> argumentsOf(const Call &call) {
  std::vector<std::string> names;
  for (auto &[name, tensor] : call.inputs)
    names.push_back(name);
  return names;
}

/// Finite where the reference is, and not where it is not.
void expectSamePattern(const HostTensors &results, const Reference &expected) {
  for (auto &[name, tensor] : results) {
    const std::vector<double> &exact = expected.at(name);
    for (size_t i = 0; i < exact.size(); ++i)
      if (std::isfinite(exact[i]) != std::isfinite(tensor.values[i])) {
        ADD_FAILURE() << name << "[" << i << "]: expected " << exact[i] << ", got " << tensor.values[i];
        break;
      }
  }
}

class NotFinite : public testing::TestWithParam<Recipe> {};

TEST_P(NotFinite, Causality) {
  for (const Plan &plan : plansOf(GetParam())) {
    Kernel &kernel = Kernel::get(GetParam(), plan);
    Call clean{kBatch, kLength, randomArguments(kernel, kBatch, kLength)};
    HostTensors before = run(kernel, clean);
    for (const std::string &name : kernel.tensorsWith('T')) {
      if (!clean.inputs.count(name))
        continue;
      for (int64_t t = 0; t < kLength; ++t) {
        Call call = clean;
        HostTensor &tensor = call.inputs.at(name);
        tensor.values[elementAt(kernel, name, tensor, t, t)] = t % 2 ? NAN : INFINITY;
        SCOPED_TRACE(name + " is not finite at t = " + std::to_string(t) + ", " + kernel.plan().text());
        HostTensors after = run(kernel, call);
        HostTensors left = sliceTokens(kernel, before, 0, t), right = sliceTokens(kernel, after, 0, t);
        left.erase("hT");
        right.erase("hT");
        expectSame(left, right);
        expectSame(sliceBatch(kernel, before, 1), sliceBatch(kernel, after, 1));
        if (t % 5 == 0)
          expectSamePattern(after, reference(kernel, call));
      }
    }
  }
}

/// A state that is not finite is read, and reaches every token.
TEST_P(NotFinite, InitialState) {
  for (const Plan &plan : plansOf(GetParam())) {
    Kernel &kernel = Kernel::get(GetParam(), plan);
    Call call{kBatch, kLength, randomArguments(kernel, kBatch, kLength)};
    if (!call.inputs.count("h0"))
      return;
    HostTensor &state = call.inputs.at("h0");
    state.values[elementAt(kernel, "h0", state, 0, 7)] = NAN;
    SCOPED_TRACE(kernel.plan().text());
    expectSamePattern(run(kernel, call), reference(kernel, call));
  }
}

INSTANTIATE_TEST_SUITE_P(All, NotFinite, testing::ValuesIn(kRecipes), [](auto info) { return info.param.mixer + "_" + info.param.dtype; });

/// A mixer whose decay is an argument, and what forgets.
struct Gated {
  Recipe recipe;
  const char *decay;
  float forget;
};

const Gated kGated[] = {
    {{"simple_gla", {{"H", 2}, {"N", 16}, {"P", 20}}}, "g", -INFINITY},
    {{"simple_gla", {{"H", 2}, {"N", 3}, {"P", 1}}, "bf16"}, "g", -1e4f},
    {{"cumprodsum", {{"H", 3}}}, "a", 0},
};

class Forgetting : public testing::TestWithParam<Gated> {};

/// What is not finite before a reset, in any argument, leaves results from the reset on as they were. The reset is in every head, or in
/// that of the element alone: others then have what the reference says.
TEST_P(Forgetting, ResetsForget) {
  std::mt19937_64 random(seed());
  for (const Plan &plan : plansOf(GetParam().recipe)) {
    Kernel &kernel = Kernel::get(GetParam().recipe, plan);
    for (int64_t reset : {int64_t(1), int64_t(5), kChunk - 1, kChunk, kChunk + 6, kLength - 1})
      for (int64_t before : {int64_t(1), int64_t(4), reset}) {
        if (before > reset)
          continue;
        Call clean{kBatch, kLength, randomArguments(kernel, kBatch, kLength), /*splits=*/1 + reset % 2};
        HostTensor &decay = clean.inputs.at(GetParam().decay); // [B,T,H]
        int64_t heads = decay.shape[2], only = before % 2 ? -1 : int64_t(random() % heads);
        for (int64_t h = 0; h < heads; ++h)
          if (only < 0 || h == only)
            decay.values[reset * heads + h] = GetParam().forget;
        HostTensors expected = sliceTokens(kernel, run(kernel, clean), reset, kLength);
        for (const std::string &name : argumentsOf(clean)) {
          Call call = clean;
          HostTensor &tensor = call.inputs.at(name);
          tensor.values[elementAt(kernel, name, tensor, reset - before, random())] = before % 3 ? NAN : INFINITY;
          SCOPED_TRACE(name + " is not finite " + std::to_string(before) + " before a reset at " + std::to_string(reset) +
                       (only < 0 ? "" : " of head " + std::to_string(only)) + ", " + kernel.plan().text());
          HostTensors after = run(kernel, call);
          expectSamePattern(after, reference(kernel, call));
          if (only >= 0)
            continue;
          HostTensors rest = sliceTokens(kernel, after, reset, kLength);
          for (auto &[result, values] : rest) {
            std::vector<double> exact(expected.at(result).values.begin(), expected.at(result).values.end());
            EXPECT_LE(relativeError(values.values, exact), roundoff(kernel.ioType()) + 1e-6) << result;
          }
        }
      }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Forgetting, testing::ValuesIn(kGated),
                         [](auto info) { return info.param.recipe.mixer + "_" + info.param.recipe.dtype; });

/// With read = pre the token of the reset still reads what it forgets, and the next one does not.
TEST(ForgettingBefore, TheNextToken) {
  std::mt19937_64 random(seed());
  const Recipe recipe{"read_before", {{"H", 2}, {"N", 16}, {"P", 20}}};
  for (const Plan &plan : plansOf(recipe)) {
    Kernel &kernel = Kernel::get(recipe, plan);
    for (int64_t reset : {int64_t(0), int64_t(5), kChunk - 1, kChunk, kLength - 2})
      for (int64_t before : {int64_t(0), int64_t(1), int64_t(4)})
        for (const char *name : {"v", "k", "h0"}) {
          Call call{kBatch, kLength, randomArguments(kernel, kBatch, kLength), /*splits=*/1 + reset % 2};
          HostTensor &decay = call.inputs.at("g"), &tensor = call.inputs.at(name);
          for (int64_t h = 0; h < decay.shape[2]; ++h)
            decay.values[reset * decay.shape[2] + h] = -INFINITY;
          tensor.values[elementAt(kernel, name, tensor, std::max<int64_t>(0, reset - before), random())] = before % 2 ? NAN : INFINITY;
          SCOPED_TRACE(std::string(name) + " is not finite " + std::to_string(before) + " before a reset at " + std::to_string(reset) +
                       ", " + kernel.plan().text());
          expectSamePattern(run(kernel, call), reference(kernel, call));
        }
  }
}

} // namespace
