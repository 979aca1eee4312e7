// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Running sums and maxima: lengths around their tiles, pieces of a sequence that hand them on, segments, values that are not finite, and
// the mLSTM against loops that are written here.

#include "Numbers.h"
#include <cmath>

using namespace mixc;
using namespace mixc::test;

namespace {

const Recipe kRecipes[] = {
    {"mlstm", {{"H", 2}, {"N", 16}, {"P", 20}}},
    {"mlstm", {{"H", 3}, {"N", 20}, {"P", 16}}, "bf16"},
    {"mlstm", {{"H", 1}, {"N", 16}, {"P", 3}}, "f16", "v3"},
    {"rotary", {{"H", 2}, {"N", 16}, {"P", 16}}},
    {"rotary", {{"H", 2}, {"N", 20}, {"P", 3}}, "bf16"},
    {"mamba3", {{"H", 2}, {"R", 2}, {"N", 16}, {"P", 16}, {"L", 1}}},
    {"mamba3", {{"H", 1}, {"R", 2}, {"N", 20}, {"P", 3}, {"L", 1}}, "bf16"},
    {"running", {{"H", 4}, {"G", 2}, {"N", 16}, {"P", 16}, {"L", 2}}},
    {"running", {{"H", 4}, {"G", 4}, {"N", 3}, {"P", 5}, {"L", 1}}, "bf16"},
    {"running", {{"H", 2}, {"G", 1}, {"N", 40}, {"P", 16}, {"L", 1}}, "f16", "v3"},
    {"running_backwards", {{"H", 2}, {"N", 16}, {"P", 16}}},
    {"running_before", {{"H", 2}, {"N", 16}, {"P", 16}, {"L", 1}}},
    {"running_before", {{"H", 1}, {"N", 20}, {"P", 3}, {"L", 2}}, "bf16"},
    {"running_around", {{"H", 2}, {"N", 16}, {"P", 16}}},
};

bool goesBackwards(const Recipe &recipe) { return recipe.mixer == "running_backwards" || recipe.mixer == "running_around"; }

/// A kernel of running values takes tiles of 256 tokens, with N of 32.
constexpr int64_t kChunk = 16, kTile = 256, kLength = kTile + 2 * kChunk + 9;

constexpr std::pair<const char *, const char *> kHandedOn[] = {{"hT", "h0"}, {"h2T", "h20"}, {"CT", "C0"}, {"nT", "n0"},
                                                               {"mT", "m0"}, {"zT", "z0"},   {"sT", "s0"}, {"uT", "u0"},
                                                               {"xT", "x0"}, {"rT", "r0"},   {"BT", "B0"}, {"B2T", "B20"}};

std::vector<Plan> plansOf(const Recipe &recipe) {
  auto G = recipe.sizes.find("G");
  return plansFor(recipe, kChunk, G == recipe.sizes.end() ? 1 : recipe.sizes.at("H") / G->second);
}

class Running : public testing::TestWithParam<Recipe> {
protected:
  template <typename Test> void forEachPlan(Test test) {
    for (const Plan &plan : plansOf(GetParam()))
      test(Kernel::get(GetParam(), plan));
  }
};

HostTensor moved(const HostTensor &from, const Kernel &kernel, const std::string &result, const std::string &argument) {
  auto dimsOf = [&](const std::string &name) -> std::string {
    const mixc_spec_desc *desc = kernel.descriptor();
    for (const mixc_tensor_desc &tensor : llvm::ArrayRef(desc->tensors, desc->n_tensors))
      if (name == tensor.name)
        return tensor.dims;
    return "";
  };
  const std::string out = dimsOf(argument), in = dimsOf(result);
  HostTensor to = from;
  for (size_t d = 0; d < out.size(); ++d)
    to.shape[d] = from.shape[in.find(out[d])];
  for (size_t i = 0; i < to.values.size(); ++i) {
    std::vector<int64_t> index(out.size());
    for (size_t d = out.size(), rest = i; d-- > 0; rest /= to.shape[d])
      index[d] = rest % to.shape[d];
    int64_t place = 0;
    for (size_t d = 0; d < in.size(); ++d)
      place = place * from.shape[d] + index[out.find(in[d])];
    to.values[i] = from.values[place];
  }
  return to;
}

TEST_P(Running, LengthsAroundTheTile) {
  forEachPlan([](Kernel &kernel) {
    for (int64_t T : {int64_t(1), kChunk - 1, kChunk + 1, int64_t(32), int64_t(33), kTile - 1, kTile, kTile + 1, kLength}) {
      SCOPED_TRACE(T);
      check(kernel, {2, T, randomArguments(kernel, 2, T, /*salt=*/T)});
    }
  });
}

/// Null pointers stand for zeros, and what is not wanted is not written.
TEST_P(Running, WithoutWhatIsOptional) {
  forEachPlan([](Kernel &kernel) {
    Call call{2, kChunk + 1, randomArguments(kernel, 2, kChunk + 1)};
    for (auto [result, argument] : kHandedOn)
      call.inputs.erase(argument);
    check(kernel, call);
    if (goesBackwards(kernel.recipe()))
      return;
    for (auto [result, argument] : kHandedOn)
      call.unwanted.insert(result);
    check(kernel, call);
  });
}

/// What is handed on after no tokens is what came.
TEST_P(Running, OfNoTokens) {
  forEachPlan([](Kernel &kernel) {
    Call call{1, 0, randomArguments(kernel, 1, 0)};
    HostTensors results = run(kernel, call);
    for (auto [result, argument] : kHandedOn)
      if (results.count(result) && call.inputs.count(argument)) {
        EXPECT_EQ(moved(results.at(result), kernel, result, argument).values, call.inputs.at(argument).values)
            << result << ", " << kernel.plan().text();
      }
  });
}

TEST_P(Running, InSeveralSegments) {
  forEachPlan([](Kernel &kernel) {
    Call call{2, kLength, randomArguments(kernel, 2, kLength)};
    call.splits = 3;
    check(kernel, call);
  });
}

TEST_P(Running, PartsAreTheWhole) {
  if (goesBackwards(GetParam()))
    return;
  forEachPlan([](Kernel &kernel) {
    Call call{2, kLength, randomArguments(kernel, 2, kLength)};
    HostTensors whole = run(kernel, call);
    for (std::vector<int64_t> cuts : {std::vector<int64_t>{1}, {2, 3}, {kTile}, {kLength - 1}, {5, 7, kTile + 3}}) {
      HostTensors handed;
      int64_t from = 0;
      cuts.push_back(kLength);
      for (int64_t to : cuts) {
        Call part{call.B, to - from, sliceTokens(kernel, call.inputs, from, to)};
        for (auto &[name, tensor] : handed)
          part.inputs[name] = tensor;
        HostTensors results = run(kernel, part), there = sliceTokens(kernel, whole, from, to);
        for (auto [result, argument] : kHandedOn)
          if (results.count(result) && call.inputs.count(argument))
            handed[argument] = moved(results.at(result), kernel, result, argument);
        for (auto &[name, tensor] : there) {
          if (name.back() == 'T' && to != kLength)
            continue;
          std::vector<double> exact(tensor.values.begin(), tensor.values.end());
          double bound = 4 * (tolerance(kernel, kLength) + roundoff(name.back() == 'T' ? MIXC_F32 : kernel.ioType()));
          EXPECT_LE(relativeError(results.at(name).values, exact), bound)
              << name << ", " << kernel.plan().text() << ", tokens " << from << " to " << to;
        }
        from = to;
      }
    }
  });
}

/// Results of tokens before `t` have the same bits whatever comes from `t` on, NaN too.
TEST_P(Running, Causality) {
  if (goesBackwards(GetParam()))
    return;
  forEachPlan([](Kernel &kernel) {
    Call call{1, kLength, randomArguments(kernel, 1, kLength)}, changed = call;
    const int64_t t = kChunk + 2;
    for (const std::string &name : kernel.tensorsWith('T'))
      if (call.inputs.count(name)) {
        std::vector<float> &values = changed.inputs.at(name).values;
        const std::vector<int64_t> &shape = changed.inputs.at(name).shape;
        size_t at = std::find(shape.begin(), shape.end(), kLength) - shape.begin();
        int64_t inner = 1;
        for (size_t d = at + 1; d < shape.size(); ++d)
          inner *= shape[d];
        for (size_t i = 0; i < values.size(); ++i)
          if (int64_t(i) / inner % kLength >= t)
            values[i] = NAN;
      }
    HostTensors before = sliceTokens(kernel, run(kernel, call), 0, t), after = sliceTokens(kernel, run(kernel, changed), 0, t);
    for (auto [result, argument] : kHandedOn) {
      before.erase(result);
      after.erase(result);
    }
    expectSame(before, after);
  });
}

INSTANTIATE_TEST_SUITE_P(All, Running, testing::ValuesIn(kRecipes), [](auto info) {
  return info.param.mixer + "_" + info.param.dtype + info.param.level + "_" + std::to_string(info.index);
});

//===--- The mLSTM, as its paper has it ---===//

constexpr int64_t kHeads = 2, kRows = 16, kColumns = 16;

Recipe mlstm() { return {"mlstm", {{"H", kHeads}, {"N", kRows}, {"P", kColumns}}}; }

/// Eq. 19 to 27 of arXiv 2405.04517 with the stabiliser of eq. 15, from C = 0, n = 0 and m as the call has it: [T, H, P].
std::vector<double> loops(const Call &call) {
  const int64_t T = call.T;
  std::vector<double> h(T * kHeads * kColumns);
  auto at = [&](const char *name, int64_t row, int64_t size = 1, int64_t i = 0) -> double {
    return call.inputs.at(name).values[row * size + i];
  };
  for (int64_t head = 0; head < kHeads; ++head) {
    std::vector<double> C(kRows * kColumns), n(kRows);
    double m = call.inputs.count("m0") ? at("m0", head) : 0;
    for (int64_t t = 0; t < T; ++t) {
      const int64_t row = t * kHeads + head;
      const double i = at("i", row), f = -std::log1p(std::exp(-at("f", row))), next = std::max(f + m, i);
      const double decay = f + m == -INFINITY ? 0 : std::exp(f + m - next), input = i == -INFINITY ? 0 : std::exp(i - next);
      m = next;
      double scale = 0;
      for (int64_t r = 0; r < kRows; ++r) {
        n[r] = decay * n[r] + input * at("k", row, kRows, r);
        scale += n[r] * at("q", row, kRows, r) / std::sqrt(double(kRows));
        for (int64_t p = 0; p < kColumns; ++p) {
          double &entry = C[r * kColumns + p];
          entry = decay * entry + input * at("k", row, kRows, r) * at("v", row, kColumns, p);
          h[row * kColumns + p] += entry * at("q", row, kRows, r) / std::sqrt(double(kRows));
        }
      }
      for (int64_t p = 0; p < kColumns; ++p)
        h[row * kColumns + p] /= std::max(std::abs(scale), std::exp(-m));
    }
  }
  return h;
}

template <typename Change> void compareWithLoops(Change change) {
  for (const Plan &plan : plansOf(mlstm())) {
    Kernel &kernel = Kernel::get(mlstm(), plan);
    Call call{1, kLength, randomArguments(kernel, 1, kLength)};
    for (const char *name : {"C0", "n0", "m0"})
      call.inputs.erase(name);
    change(call);
    HostTensors results = run(kernel, call);
    EXPECT_LE(relativeError(results.at("h").values, loops(call)), 4 * tolerance(kernel, kLength)) << plan.text();
  }
}

TEST(Mlstm, IsWhatItsLoopsSay) {
  compareWithLoops([](Call &) {});
}

/// Without the maximum, exp(i) would be infinite.
TEST(Mlstm, TakesLargeGates) {
  compareWithLoops([](Call &call) {
    for (float &i : call.inputs.at("i").values)
      i *= 200;
    for (float &f : call.inputs.at("f").values)
      f *= 20;
  });
}

/// Input gates that are shut from the start leave m at -inf; a forget gate that is shut forgets. Neither makes NaN.
TEST(Mlstm, TakesGatesThatAreShut) {
  compareWithLoops([](Call &call) {
    call.inputs["m0"] = {{1, kHeads}, std::vector<float>(kHeads, -INFINITY)};
    for (int64_t t = 0; t < 5; ++t)
      for (int64_t head = 0; head < kHeads; ++head)
        call.inputs.at("i").values[t * kHeads + head] = -INFINITY;
    for (int64_t t : {int64_t(9), kChunk, kTile + 1})
      call.inputs.at("f").values[t * kHeads] = -INFINITY;
    call.inputs.at("i").values[kChunk * kHeads] = -INFINITY;
  });
}

/// NaN in a gate reaches the tokens up to the next one whose forget gate is shut.
TEST(Mlstm, ForgetsNan) {
  for (const Plan &plan : plansOf(mlstm())) {
    Kernel &kernel = Kernel::get(mlstm(), plan);
    Call call{1, kLength, randomArguments(kernel, 1, kLength)};
    const int64_t from = 20, to = 50;
    call.inputs.at("f").values[to * kHeads] = -INFINITY;
    HostTensors expected = run(kernel, call);
    call.inputs.at("i").values[from * kHeads] = NAN;
    HostTensors results = run(kernel, call);
    for (int64_t t = 0; t < kLength; ++t)
      for (int64_t j = 0; j < kHeads * kColumns; ++j) {
        float value = results.at("h").values[t * kHeads * kColumns + j], other = expected.at("h").values[t * kHeads * kColumns + j];
        if (j >= kColumns || t < from)
          EXPECT_EQ(value, other) << t << ", " << j << ", " << plan.text();
        else if (t < to)
          EXPECT_TRUE(std::isnan(value)) << t << ", " << j << ", " << plan.text();
        else
          EXPECT_NEAR(value, other, 1e-5) << t << ", " << j << ", " << plan.text();
      }
  }
}

/// A sum of many terms is as exact as its result is rounded.
TEST(RunningSum, KeepsWhatIsRounded) {
  Recipe recipe{"rotary", {{"H", 1}, {"N", 16}, {"P", 1}}};
  Kernel &kernel = Kernel::get(recipe, plansOf(recipe).front());
  const int64_t T = 100000;
  Call call{1, T, randomArguments(kernel, 1, T)};
  for (const char *name : {"q", "q2", "k", "k2", "v"})
    call.inputs.at(name).values.assign(call.inputs.at(name).values.size(), 1);
  std::vector<double> sums(16);
  for (size_t i = 0; i < call.inputs.at("turn").values.size(); ++i)
    sums[i % 16] += call.inputs.at("turn").values[i] = 0.1f * float(1 + i % 16);
  call.inputs.erase("z0");
  std::vector<float> last = run(kernel, call).at("zT").values;
  for (int64_t n = 0; n < 16; ++n)
    EXPECT_EQ(last[n], float(sums[n])) << n;
}

} // namespace
