// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Values of tokens before: sequences shorter than what is read before their tokens, pieces of a sequence that hand their last tokens on,
// and a Mamba-2 block against loops that are written here.

#include "Numbers.h"
#include <cmath>

using namespace mixc;
using namespace mixc::test;

namespace {

const Recipe kRecipes[] = {
    {"mamba2_block", {{"H", 4}, {"G", 2}, {"N", 16}, {"P", 20}, {"W", 4}, {"L", 3}}},
    {"mamba2_block", {{"H", 2}, {"G", 1}, {"N", 20}, {"P", 16}, {"W", 4}, {"L", 5}}, "bf16"},
    {"mamba2_block", {{"H", 2}, {"G", 2}, {"N", 16}, {"P", 3}, {"W", 1}, {"L", 1}}, "f16"},
    {"previous", {{"H", 4}, {"G", 2}, {"N", 20}, {"P", 16}, {"L", 3}}},
    {"previous", {{"H", 2}, {"G", 1}, {"N", 16}, {"P", 32}, {"L", 15}}, "bf16"},
    {"previous", {{"H", 2}, {"G", 1}, {"N", 16}, {"P", 8}, {"L", 4}}, "f32", "v3"},
    {"conv_columns", {{"H", 20}, {"N", 8}, {"W", 4}, {"L", 4}}},
    {"conv_columns", {{"H", 9}, {"N", 3}, {"W", 3}, {"L", 2}}, "bf16"},
    {"previous_updates", {{"H", 2}, {"R", 2}, {"N", 16}, {"P", 16}, {"L", 3}}},
};

constexpr int64_t kChunk = 16, kLength = 2 * kChunk + 9;

/// What a call hands on, and what the next one takes it as.
constexpr std::pair<const char *, const char *> kHandedOn[] = {{"hT", "h0"}, {"xT", "x0"}, {"BT", "B0"},
                                                               {"CT", "C0"}, {"bT", "b0"}, {"aT", "a0"}};

class Tokens : public testing::TestWithParam<Recipe> {
protected:
  template <typename Test> void forEachPlan(Test test) {
    std::vector<Plan> plans = plansFor(GetParam(), kChunk, GetParam().mixer == "conv_columns" ? 1 : GetParam().sizes.at("H") / groups());
    if (GetParam().mixer == "conv_columns")
      plans.push_back({mixer::Algorithm::Scan, /*chunk=*/2, /*heads=*/16}); // lanes run over heads
    for (const Plan &plan : plans)
      test(Kernel::get(GetParam(), plan));
  }
  static HostTensors random(const Kernel &kernel, int64_t B, int64_t T) { return randomArguments(kernel, B, T, /*salt=*/T); }

private:
  int64_t groups() const {
    auto found = GetParam().sizes.find("G");
    return found == GetParam().sizes.end() ? GetParam().sizes.at("H") : found->second;
  }
};

/// Results of the parts [0, cuts[0]), [cuts[0], cuts[1]), ..: those over tokens one behind the other, the others of the last part.
HostTensors inParts(const Kernel &kernel, const Call &call, std::vector<int64_t> cuts) {
  HostTensors handed, all;
  cuts.push_back(call.T);
  int64_t from = 0;
  for (int64_t to : cuts) {
    Call part{call.B, to - from, sliceTokens(kernel, call.inputs, from, to)};
    for (auto &[name, tensor] : handed)
      part.inputs[name] = tensor;
    HostTensors results = run(kernel, part);
    for (auto [result, argument] : kHandedOn)
      if (results.count(result))
        handed[argument] = results.at(result);
    for (auto &[name, tensor] : results)
      all[name + "@" + std::to_string(from)] = tensor;
    from = to;
  }
  return all;
}

TEST_P(Tokens, ShorterThanWhatIsReadBefore) {
  forEachPlan([](Kernel &kernel) {
    for (int64_t T : {1, 2, 3, 4, 5}) {
      SCOPED_TRACE(T);
      check(kernel, {2, T, random(kernel, 2, T)});
    }
  });
}

TEST_P(Tokens, LengthsAroundTheChunk) {
  forEachPlan([](Kernel &kernel) {
    for (int64_t T : {kChunk - 1, kChunk, kChunk + 1, kLength}) {
      SCOPED_TRACE(T);
      check(kernel, {2, T, random(kernel, 2, T)});
    }
  });
}

/// Null pointers stand for zeros, and what is not wanted is not written.
TEST_P(Tokens, WithoutTokensBefore) {
  forEachPlan([](Kernel &kernel) {
    Call call{2, 5, random(kernel, 2, 5)};
    for (auto [result, argument] : kHandedOn)
      call.inputs.erase(argument);
    check(kernel, call);
    for (auto [result, argument] : kHandedOn)
      call.unwanted.insert(result);
    check(kernel, call);
  });
}

/// The last tokens of an empty sequence are those that it came with.
TEST_P(Tokens, OfNoTokens) {
  forEachPlan([](Kernel &kernel) {
    Call call{1, 0, random(kernel, 1, 0)};
    HostTensors results = run(kernel, call);
    for (auto [result, argument] : kHandedOn)
      if (results.count(result) && call.inputs.count(argument)) {
        EXPECT_EQ(results.at(result).values, call.inputs.at(argument).values) << result << ", " << kernel.plan().text();
      }
  });
}

TEST_P(Tokens, InSeveralSegments) {
  forEachPlan([](Kernel &kernel) {
    Call call{2, kLength, random(kernel, 2, kLength)};
    call.splits = 3;
    check(kernel, call);
  });
}

/// A token at a time, or cut anywhere: every part is what the whole is there.
TEST_P(Tokens, PartsAreTheWhole) {
  forEachPlan([](Kernel &kernel) {
    Call call{2, kLength, random(kernel, 2, kLength)};
    HostTensors whole = run(kernel, call);
    std::vector<int64_t> each;
    for (int64_t t = 1; t < kLength; ++t)
      each.push_back(t);
    for (const std::vector<int64_t> &cuts : {std::vector<int64_t>{1}, {2, 3}, {kChunk}, {kLength - 1}, {5, 7, kChunk + 3}, each}) {
      HostTensors parts = inParts(kernel, call, cuts);
      int64_t from = 0;
      for (size_t i = 0; i <= cuts.size(); ++i) {
        int64_t to = i < cuts.size() ? cuts[i] : kLength;
        HostTensors there = sliceTokens(kernel, whole, from, to);
        std::vector<std::string> compared = kernel.tensorsWith('T');
        if (to == kLength)
          for (auto [result, argument] : kHandedOn)
            compared.push_back(result);
        for (const std::string &name : compared) {
          auto expected = there.find(name);
          if (expected == there.end())
            continue;
          std::vector<double> exact(expected->second.values.begin(), expected->second.values.end());
          double error = relativeError(parts.at(name + "@" + std::to_string(from)).values, exact);
          bool isMoved = name != "hT" && name.back() == 'T';
          EXPECT_LE(error, isMoved ? 0 : 2 * (tolerance(kernel, kLength) + roundoff(name == "hT" ? MIXC_F32 : kernel.ioType())))
              << name << ", " << kernel.plan().text() << ", tokens " << from << " to " << to << " of " << cuts.size() + 1 << " parts";
        }
        from = to;
      }
    }
  });
}

/// Results of tokens before `t` are the same bits whatever comes from `t` on.
TEST_P(Tokens, Causality) {
  forEachPlan([](Kernel &kernel) {
    Call call{1, kLength, randomArguments(kernel, 1, kLength)}, changed = call;
    const int64_t t = kChunk + 2;
    HostTensors others = randomArguments(kernel, 1, kLength, /*salt=*/1);
    HostTensors before = sliceTokens(kernel, run(kernel, call), 0, t);
    for (const std::string &name : kernel.tensorsWith('T'))
      if (call.inputs.count(name)) { // the first tokens of the one, the rest of the other, along T wherever it stands
        std::vector<float> &values = changed.inputs.at(name).values;
        const std::vector<float> &other = others.at(name).values;
        const std::vector<int64_t> &shape = changed.inputs.at(name).shape;
        size_t at = std::find(shape.begin(), shape.end(), kLength) - shape.begin();
        int64_t inner = 1;
        for (size_t d = at + 1; d < shape.size(); ++d)
          inner *= shape[d];
        for (size_t i = 0; i < values.size(); ++i)
          if (int64_t(i) / inner % kLength >= t)
            values[i] = other[i];
      }
    HostTensors after = sliceTokens(kernel, run(kernel, changed), 0, t);
    for (auto [result, argument] : kHandedOn) {
      before.erase(result);
      after.erase(result);
    }
    expectSame(before, after);
  });
}

INSTANTIATE_TEST_SUITE_P(All, Tokens, testing::ValuesIn(kRecipes), [](auto info) {
  return info.param.mixer + "_" + info.param.dtype + info.param.level + "_" + std::to_string(info.index);
});

//===--- A block of Mamba-2, written as a model's code is ---===//

double silu(double x) { return x / (1 + std::exp(-x)); }

struct Block {
  const HostTensors &in;
  int64_t T, H, G, N, P, W, L;
  float at(const char *name, std::initializer_list<int64_t> index) const {
    const HostTensor &tensor = in.at(name);
    int64_t place = 0, d = 0;
    for (int64_t i : index)
      place = place * tensor.shape[d++] + i;
    return tensor.values[place];
  }
  /// silu of the convolution of a channel, [rows, columns] wide.
  double convolved(const char *x, const char *before, const char *w, const char *bias, int64_t t, int64_t row, int64_t column) const {
    double sum = at(bias, {row, column});
    for (int64_t i = 0; i < W; ++i) {
      int64_t token = t - (W - 1 - i);
      sum += double(at(w, {row, column, i})) * (token < 0 ? at(before, {0, L + token, row, column}) : at(x, {0, token, row, column}));
    }
    return silu(sum);
  }
};

TEST(Mamba2Block, IsWhatItsLoopsSay) {
  Recipe recipe{"mamba2_block", {{"H", 4}, {"G", 2}, {"N", 16}, {"P", 16}, {"W", 4}, {"L", 3}}};
  for (const Plan &plan : plansFor(recipe, kChunk, 2)) {
    Kernel &kernel = Kernel::get(recipe, plan);
    const int64_t T = kLength, H = 4, G = 2, N = 16, P = 16;
    Call call{1, T, randomArguments(kernel, 1, T)};
    HostTensors results = run(kernel, call);
    Block block{call.inputs, T, H, G, N, P, 4, 3};
    std::vector<double> y, states, squares(T * G); // of all heads of a group
    y.resize(T * H * P);
    for (int64_t h = 0; h < H; ++h) {
      const int64_t g = h / (H / G);
      std::vector<double> state(P * N);
      for (int64_t i = 0; i < P * N; ++i)
        state[i] = call.inputs.at("h0").values[h * P * N + i];
      for (int64_t t = 0; t < T; ++t) {
        double dt = std::log1p(std::exp(double(block.at("dt", {0, t, h})) + block.at("dt_bias", {h})));
        double decay = std::exp(dt * block.at("A", {h}));
        for (int64_t p = 0; p < P; ++p) {
          double x = block.convolved("x", "x0", "wx", "bx", t, h, p), sum = 0;
          for (int64_t n = 0; n < N; ++n) {
            double &entry = state[p * N + n];
            entry = decay * entry + dt * x * block.convolved("B", "B0", "wB", "bB", t, g, n);
            sum += entry * block.convolved("C", "C0", "wC", "bC", t, g, n);
          }
          double &out = y[(t * H + h) * P + p];
          out = (sum + block.at("D", {h}) * x) * silu(block.at("z", {0, t, h, p}));
          squares[t * G + g] += out * out;
        }
      }
      states.insert(states.end(), state.begin(), state.end());
    }
    for (int64_t t = 0; t < T; ++t)
      for (int64_t h = 0; h < H; ++h)
        for (int64_t p = 0; p < P; ++p)
          y[(t * H + h) * P + p] *= block.at("norm", {h, p}) / std::sqrt(squares[t * G + h / (H / G)] / (H / G * P) + 1e-5);
    EXPECT_LE(relativeError(results.at("y").values, y), tolerance(kernel, T)) << plan.text();
    EXPECT_LE(relativeError(results.at("hT").values, states), tolerance(kernel, T)) << plan.text();
    for (auto [result, argument] : {std::pair("xT", "x"), {"BT", "B"}, {"CT", "C"}})
      EXPECT_EQ(results.at(result).values, sliceTokens(kernel, call.inputs, T - 3, T).at(argument).values) << result;
  }
}

/// A number for each token of documents one behind the other, the same in every sequence.
HostTensor numbersOf(llvm::ArrayRef<float> names, llvm::ArrayRef<int64_t> lengths, int64_t B) {
  HostTensor numbers{{B, 0}, {}};
  for (int64_t b = 0; b < B; ++b)
    for (auto [name, length] : llvm::zip_equal(names, lengths))
      numbers.values.insert(numbers.values.end(), length, name);
  numbers.shape[1] = numbers.values.size() / B;
  return numbers;
}

// Also where another document is not finite, where a number comes back, and where a call begins inside one.
TEST(Documents, AreAsEachAlone) {
  constexpr int64_t kBatch = 2, kSpoilt = 3;
  const Recipe recipe{"documents", {{"H", 4}, {"G", 2}, {"N", 16}, {"P", 20}, {"W", 3}, {"L", 2}}};
  const std::vector<int64_t> lengths{5, 1, 2 * kChunk + 3, 2, kChunk - 1, 1, 1, kChunk};
  const HostTensor numbers = numbersOf({0, 1, 0, 3, 2, 4, 2, 4}, lengths, kBatch); // some come back behind a document of one token
  const int64_t T = numbers.shape[1];
  std::vector<Plan> plans = plansFor(recipe, kChunk, /*heads=*/2);
  plans.push_back({mixer::Algorithm::Scan, 1});
  for (const Plan &plan : plans)
    for (int64_t splits : {1, 3}) {
      SCOPED_TRACE(plan.text());
      Kernel &kernel = Kernel::get(recipe, plan);
      HostTensors inputs = randomArguments(kernel, kBatch, T);
      inputs["doc"] = numbers;
      for (const char *before : {"x0", "doc0", "h0"})
        inputs.erase(before);
      const HostTensors clean = inputs;
      for (int64_t b = 0; b < kBatch; ++b)
        for (int64_t t = 0; t < T; ++t)
          if (numbers.values[t] == kSpoilt)
            std::fill_n(inputs.at("x").values.begin() + (b * T + t) * 4 * 20, 4 * 20, NAN);
      HostTensors all = run(kernel, {kBatch, T, inputs, splits});
      int64_t first = 0;
      for (auto [number, length] : llvm::enumerate(lengths)) {
        Call alone{kBatch, length, sliceTokens(kernel, clean, first, first + length)};
        HostTensors own = sliceTokens(kernel, all, first, first + length);
        first += length;
        if (number == kSpoilt)
          continue;
        SCOPED_TRACE("document " + std::to_string(number));
        std::fill(alone.inputs.at("doc").values.begin(), alone.inputs.at("doc").values.end(), 0.0f); // as the zeros before it
        HostTensors y;
        y["y"] = own.at("y");
        if (first == T)
          y["hT"] = own.at("hT");
        expectClose(kernel, alone, y, reference(kernel, alone));
      }
      // Two calls, of which the second one goes on inside a document.
      const int64_t cut = 5 + 1 + kChunk + 4;
      Call rest{kBatch, T - cut, sliceTokens(kernel, clean, cut, T)};
      HostTensors begun = run(kernel, {kBatch, cut, sliceTokens(kernel, clean, 0, cut), splits});
      for (auto [argument, result] : {std::pair("x0", "xT"), {"doc0", "docT"}, {"h0", "hT"}})
        rest.inputs[argument] = begun.at(result);
      const Call whole{kBatch, T, clean};
      HostTensors expected = sliceTokens(kernel, run(kernel, whole), cut, T);
      const std::vector<float> &values = expected.at("y").values;
      EXPECT_LE(relativeError(run(kernel, rest).at("y").values, std::vector<double>(values.begin(), values.end())),
                2 * tolerance(kernel, T));
    }
}

} // namespace
