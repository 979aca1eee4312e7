// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What holds for every transition, read and direction, whatever the numbers: causality, NaN and infinity included, a sequence cut in two,
// the choice of the chunk, resets. properties_test and not_finite_test ask the same of mixers.

#include "Numbers.h"
#include <cmath>
#include <random>

using namespace mixc;
using namespace mixc::test;

namespace {

constexpr int64_t kChunk = 16, kLength = 2 * kChunk + 7, kBatch = 2;

struct Form {
  const char *name;
  bool decays, ofEntries, corrects, bounded;
  std::string read, direction;
  bool alongP = false; ///< c is over P

  bool isBackwards() const { return direction == "anticausal"; }
  bool isBoth() const { return direction == "both"; }
  /// One of two forms of each transition that have each read and direction once: what kernels of their own are compiled for.
  bool isPlain() const { return read == "post" ? direction == "causal" : direction == "anticausal"; }
  std::string text() const { return std::string(name) + (alongP ? "_along_p_" : "_") + read + "_" + direction; }
};

void PrintTo(const Form &form, std::ostream *os) { *os << form.text(); }

std::vector<Form> allForms() {
  const Form transitions[] = {{"scalar", true, false, false, false},           {"entries", true, true, false, false},
                              {"correction", false, false, true, false},       {"scalar_correction", true, false, true, false},
                              {"entries_correction", true, true, true, false}, {"bounded", true, true, false, true},
                              {"bounded_correction", true, true, true, true}};
  std::vector<Form> forms;
  for (Form form : transitions)
    for (auto [read, direction] : {std::pair("post", "causal"), std::pair("pre", "causal"), std::pair("post", "anticausal"),
                                   std::pair("pre", "anticausal"), std::pair("post", "both"), std::pair("pre", "both")}) {
      form.read = read;
      form.direction = direction;
      forms.push_back(form);
    }
  for (Form form : llvm::ArrayRef(transitions).take_front(5))
    for (auto [read, direction] : {std::pair("post", "causal"), std::pair("pre", "anticausal")}) {
      form.read = read;
      form.direction = direction;
      form.alongP = true;
      forms.push_back(form);
    }
  return forms;
}

constexpr float kDecayBound = -5;

/// A recurrence of that form and nothing around it; where it corrects, a delta rule. Of bounds, operands of 16 bits make use.
Recipe recipeOf(const Form &form) {
  const std::string dtype = form.bounded ? "bf16" : "f32";
  std::string arguments = std::string("%x: [B,T,H,P] io, %c: [B,T,H,") + (form.alongP ? "P" : "N") + "] io, %k: [B,T,H,N] io", body,
              operands = "x = %x, c = %c";
  if (form.decays) {
    arguments += form.ofEntries ? ", %g: [B,T,H,N]" : ", %g: [B,T,H]";
    operands += form.bounded ? ", decay = %g >= -5" : ", decay = %g";
  }
  if (form.corrects) {
    arguments += ", %beta: [B,T,H] io";
    body += "  %b = mixer.map(%beta, %k) { (beta, k) -> beta * k }\n  %l = mixer.map(%b) { (b) -> -b }\n";
    if (form.decays)
      body += "  %r = mixer.map(%g, %k) { (g, k) -> exp(g) * k }\n";
    operands += form.decays ? ", l = %l, r = %r" : ", l = %l, r = %k";
  }
  operands += form.corrects ? ", b = %b" : ", b = %k";
  if (!form.isBoth()) {
    arguments += ", %h0: [B,H,N,P] optional";
    operands += ", init = %h0";
  }
  std::string results = form.alongP ? "%y: [B,T,H,N] io" : "%y: [B,T,H,P] io";
  results += form.isBoth() ? "" : ", %hT: [B,H,N,P] optional";
  Recipe recipe{form.text(), {{"H", 2}, {"N", 20}, {"P", 16}}, dtype};
  recipe.source = "mixer.spec @" + form.text() + "(" + arguments + ") -> (" + results + ") {\n" + body + "  %y, %S = mixer.semiseparable " +
                  operands + ", read = " + form.read + ", direction = " + form.direction + "\n  mixer.return %y" +
                  (form.isBoth() ? "" : ", %S") + "\n}\n";
  return recipe;
}

/// A correction feeds errors of a state back into it.
double factorOf(const Form &form) { return form.corrects ? 4 : 1; }

/// Tokens whose results do not depend on what comes at token t.
HostTensors before(const Kernel &kernel, const Form &form, HostTensors tensors, int64_t t) {
  tensors.erase("hT");
  return form.isBackwards() ? sliceTokens(kernel, tensors, t + 1, kLength) : sliceTokens(kernel, tensors, 0, t);
}

/// Tokens from t on, in the order in which they are visited.
HostTensors from(const Kernel &kernel, const Form &form, const HostTensors &tensors, int64_t t) {
  return form.isBackwards() ? sliceTokens(kernel, tensors, 0, t + 1) : sliceTokens(kernel, tensors, t, kLength);
}

class Transitions : public testing::TestWithParam<Form> {
protected:
  template <typename Test> void forEachPlan(Test test) {
    Recipe recipe = recipeOf(GetParam());
    for (const Plan &plan : plansFor(recipe, kChunk)) {
      if (GetParam().bounded && plan.algorithm != mixer::Algorithm::Chunked)
        continue; // makes no use of bounds
      SCOPED_TRACE(plan.text());
      test(Kernel::get(recipe, plan));
    }
  }
  static Call randomCall(const Kernel &kernel, uint64_t salt = 0) {
    return {kBatch, kLength, randomArguments(kernel, kBatch, kLength, salt)};
  }
};

/// Results before a token are the same bits whatever comes from it on: other numbers, a decay that forgets, or one element that is not
/// finite. Those of other sequences are, too; and what is not finite is so where the recurrence says it.
TEST_P(Transitions, Causality) {
  const Form &form = GetParam();
  forEachPlan([&](Kernel &kernel) {
    Call clean = randomCall(kernel);
    HostTensors expected = run(kernel, clean), others = randomArguments(kernel, kBatch, kLength, /*salt=*/1);
    for (int64_t t = 0; t < kLength; ++t) {
      if (form.isBoth())
        break;
      Call changed = clean;
      for (const std::string &name : kernel.tensorsWith('T'))
        if (auto found = changed.inputs.find(name); found != changed.inputs.end()) {
          std::vector<float> &values = found->second.values;
          for (size_t i = 0, row = values.size() / kBatch / kLength; i < values.size(); ++i)
            if (int64_t token = i / row % kLength; form.isBackwards() ? token <= t : token >= t)
              values[i] = others.at(name).values[i];
        }
      SCOPED_TRACE("other numbers from token " + std::to_string(t));
      expectSame(before(kernel, form, expected, t), before(kernel, form, run(kernel, changed), t));
      if (!form.decays)
        continue;
      Call forgets = clean;
      std::vector<float> &decays = forgets.inputs.at("g").values;
      const size_t row = decays.size() / kBatch / kLength;
      decays[t * row + (7 * t + 3) % row] = form.bounded ? kDecayBound : t % 2 ? -30 : -INFINITY;
      expectSame(before(kernel, form, expected, t), before(kernel, form, run(kernel, forgets), t));
    }
    for (const std::string &name : kernel.tensorsWith('T')) {
      if (!clean.inputs.count(name))
        continue;
      for (int64_t t = 0; t < kLength; ++t) {
        Call call = clean;
        std::vector<float> &values = call.inputs.at(name).values;
        const size_t row = values.size() / kBatch / kLength;
        values[t * row + (7 * t + 3) % row] = t % 2 ? NAN : INFINITY;
        SCOPED_TRACE(name + " is not finite at token " + std::to_string(t));
        HostTensors results = run(kernel, call);
        if (!form.isBoth())
          expectSame(before(kernel, form, expected, t), before(kernel, form, results, t));
        expectSame(sliceBatch(kernel, expected, 1), sliceBatch(kernel, results, 1));
        if (t % 5 == 0)
          for (auto &[result, exact] : reference(kernel, call))
            for (size_t i = 0; i < exact.size(); ++i)
              if (std::isfinite(exact[i]) != std::isfinite(results.at(result).values[i])) {
                ADD_FAILURE() << result << "[" << i << "]: expected " << exact[i] << ", got " << results.at(result).values[i];
                break;
              }
      }
    }
  });
}

/// The tokens that are visited first, then the others from the state that the first have left, are the whole sequence.
TEST_P(Transitions, CutInTwo) {
  const Form &form = GetParam();
  if (form.isBoth())
    return; // without states
  forEachPlan([&](Kernel &kernel) {
    Call call = randomCall(kernel);
    HostTensors whole = check(kernel, call);
    for (int64_t t : {int64_t(1), kChunk, kChunk + 7, kLength - 1}) {
      SCOPED_TRACE("cut at token " + std::to_string(t));
      HostTensors left = sliceTokens(kernel, call.inputs, 0, t), right = sliceTokens(kernel, call.inputs, t, kLength);
      Call first{kBatch, t, left}, second{kBatch, kLength - t, right};
      if (form.isBackwards())
        std::swap(first, second);
      second.inputs["h0"] = run(kernel, first).at("hT");
      HostTensors results = run(kernel, second), tail;
      tail = form.isBackwards() ? sliceTokens(kernel, whole, 0, t) : sliceTokens(kernel, whole, t, kLength);
      for (auto &[name, values] : results) {
        std::vector<double> together(tail.at(name).values.begin(), tail.at(name).values.end());
        EXPECT_LE(relativeError(values.values, together), 2 * factorOf(form) * tolerance(kernel, kLength)) << name;
      }
    }
  });
}

TEST_P(Transitions, ChunkDoesNotMatter) {
  const Form &form = GetParam();
  if (!form.isPlain())
    return;
  Recipe recipe = recipeOf(form);
  std::vector<Plan> plans;
  for (int64_t chunk : {16, 64})
    for (auto algorithm : {mixer::Algorithm::Chunked, mixer::Algorithm::Quadratic})
      plans.push_back({algorithm, chunk});
  plans.push_back({mixer::Algorithm::Scan, 16});
  eraseWithoutForm(plans, recipe);
  Kernel &any = Kernel::get(recipe, plans.front());
  Call call = randomCall(any);
  Reference expected = reference(any, call);
  for (const Plan &plan : plans)
    for (int64_t splits : {1, 3}) {
      call.splits = splits;
      expectClose(Kernel::get(recipe, plan), call, run(Kernel::get(recipe, plan), call), expected, factorOf(form));
    }
}

/// The causal result, and the anti-causal one without the token itself.
TEST_P(Transitions, BothIsTheSumOfTwo) {
  Form form = GetParam();
  if (!form.isBoth())
    return;
  forEachPlan([&](Kernel &kernel) {
    Form causal = form, anticausal = form;
    causal.direction = "causal";
    anticausal.direction = "anticausal";
    anticausal.read = "pre";
    Call call = randomCall(kernel);
    HostTensors together = run(kernel, call), first = run(Kernel::get(recipeOf(causal), kernel.plan()), call),
                second = run(Kernel::get(recipeOf(anticausal), kernel.plan()), call);
    std::vector<double> sum;
    for (auto [a, b] : llvm::zip_equal(first.at("y").values, second.at("y").values))
      sum.push_back(double(a) + b);
    const double rounding = form.bounded ? 0x1p-8 : 0; // of the results to bf16
    EXPECT_LE(relativeError(together.at("y").values, sum), 2 * factorOf(form) * tolerance(kernel, kLength) + rounding);
  });
}

/// A token at which all entries are reset forgets all of what was before, however large: what follows is the result of a sequence that
/// begins there. A read before the step still sees it.
TEST_P(Transitions, ResetsForget) {
  const Form &form = GetParam();
  if (!form.decays || form.bounded || form.isBoth())
    return;
  forEachPlan([&](Kernel &kernel) {
    for (int64_t reset : {int64_t(1), int64_t(5), kChunk - 1, kChunk, kChunk + 6, kLength - 2}) {
      SCOPED_TRACE("reset at token " + std::to_string(reset));
      Call call = randomCall(kernel);
      call.splits = 1 + reset % 2;
      auto forEachToken = [&](const std::string &name, auto visit) {
        std::vector<float> &values = call.inputs.at(name).values;
        for (size_t i = 0, row = values.size() / kBatch / kLength; i < values.size(); ++i)
          visit(int64_t(i / row % kLength), values[i]);
      };
      forEachToken("g", [&](int64_t t, float &g) { g = t == reset ? -INFINITY : g; });
      expectClose(kernel, call, run(kernel, call), reference(kernel, call), factorOf(form));
      forEachToken("x", [&](int64_t t, float &x) { x = (form.isBackwards() ? t > reset : t < reset) ? std::ldexp(x, 90) : x; });
      for (float &value : call.inputs.at("h0").values)
        value = std::ldexp(value, 90);
      HostTensors after = from(kernel, form, run(kernel, call), reset);
      Call fresh{kBatch, form.isBackwards() ? reset + 1 : kLength - reset, from(kernel, form, call.inputs, reset)};
      fresh.inputs.erase("h0");
      Reference expected = reference(kernel, fresh);
      if (form.read == "pre") // the token of the reset itself
        for (int64_t b = 0, row = after.at("y").values.size() / kBatch, width = row / fresh.T; b < kBatch; ++b)
          for (int64_t i = 0; i < width; ++i)
            after.at("y").values[b * row + (form.isBackwards() ? row - width : 0) + i] = 0;
      expectClose(kernel, fresh, after, expected, factorOf(form));
    }
  });
}

/// What is not finite before a token at which all entries are reset leaves no trace from it on. With a read before the step it does in the
/// chunked form (docs/numerics.md), in the scan at the token itself.
TEST_P(Transitions, ResetsForgetWhatIsNotFinite) {
  const Form &form = GetParam();
  if (!form.decays || form.bounded || form.isBoth() || form.corrects)
    return;
  forEachPlan([&](Kernel &kernel) {
    const bool isPre = form.read == "pre";
    if (isPre && kernel.plan().algorithm != mixer::Algorithm::Scan)
      return;
    const int64_t forward = form.isBackwards() ? -1 : 1;
    for (int64_t reset : {int64_t(5), kChunk, kChunk + 6, kLength - 6})
      for (int64_t distance : {1, 4}) {
        Call clean = randomCall(kernel);
        std::vector<float> &g = clean.inputs.at("g").values;
        for (size_t i = 0, row = g.size() / kBatch / kLength; i < g.size(); ++i)
          if (int64_t(i / row % kLength) == reset)
            g[i] = -INFINITY;
        HostTensors expected = from(kernel, form, run(kernel, clean), reset + (isPre ? forward : 0));
        for (auto &[name, tensor] : clean.inputs) {
          Call call = clean;
          std::vector<float> &values = call.inputs.at(name).values;
          const size_t row = name == "h0" ? values.size() / kBatch : values.size() / kBatch / kLength;
          values[(name == "h0" ? 0 : (reset - forward * distance) * row) + 5 % row] = distance > 1 ? NAN : INFINITY;
          SCOPED_TRACE(name + " is not finite " + std::to_string(distance) + " before a reset at " + std::to_string(reset));
          for (auto &[result, rest] : from(kernel, form, run(kernel, call), reset + (isPre ? forward : 0))) {
            std::vector<double> exact(expected.at(result).values.begin(), expected.at(result).values.end());
            EXPECT_LE(relativeError(rest.values, exact), 1e-6) << result;
          }
        }
      }
  });
}

/// What is not finite before such a token stays with a correction, which reads what the decay forgets, whatever the chunk.
TEST_P(Transitions, CorrectionsReadWhatIsForgotten) {
  const Form &form = GetParam();
  if (!form.decays || form.bounded || !form.corrects || form.isBoth())
    return;
  forEachPlan([&](Kernel &kernel) {
    for (int64_t reset : {int64_t(5), kChunk, kChunk + 6})
      for (std::string name : {"x", "k"}) {
        Call call = randomCall(kernel);
        std::vector<float> &g = call.inputs.at("g").values, &values = call.inputs.at(name).values;
        for (size_t i = 0, row = g.size() / kBatch / kLength; i < g.size(); ++i)
          if (int64_t(i / row % kLength) == reset)
            g[i] = -INFINITY;
        const size_t row = values.size() / kBatch / kLength;
        values[(reset + (form.isBackwards() ? 3 : -3)) * row + 5] = reset % 2 ? NAN : INFINITY;
        SCOPED_TRACE(name + " is not finite before a reset at " + std::to_string(reset));
        Reference exact = reference(kernel, call);
        for (auto &[result, got] : run(kernel, call))
          for (auto [expected, value] : llvm::zip_equal(exact.at(result), got.values))
            ASSERT_EQ(std::isfinite(expected), std::isfinite(value)) << result;
      }
  });
}

/// c and r that are the same rows, each read with its own decays.
TEST_P(Transitions, ReadByTheKeys) {
  const Form &form = GetParam();
  if (form.alongP || !form.isPlain())
    return; // c is no key along P
  Recipe recipe = recipeOf(form);
  recipe.mixer += "_by_keys";
  const std::string from = "c = %c";
  recipe.source.replace(recipe.source.find(from), from.size(), "c = %k");
  for (const Plan &plan : plansFor(recipe, kChunk)) {
    if (form.bounded && plan.algorithm != mixer::Algorithm::Chunked)
      continue;
    Kernel &kernel = Kernel::get(recipe, plan);
    Call call = randomCall(kernel);
    expectClose(kernel, call, run(kernel, call), reference(kernel, call), factorOf(form));
  }
}

/// Decays of all sizes, in each entry its own, also several resets in a chunk.
TEST_P(Transitions, DecaysOfEverySize) {
  const Form &form = GetParam();
  if (!form.decays)
    return;
  const float steps[] = {0, -1e-5f, -0.01f, -0.5f, -3, -20, -80, -103.9f, -104.1f, -1e3f, -1e4f, -3e38f, -INFINITY};
  std::mt19937_64 random(seed());
  forEachPlan([&](Kernel &kernel) {
    for (int round = 0; round < 4; ++round) {
      Call call = randomCall(kernel, round);
      call.splits = 1 + round % 3;
      for (float &g : call.inputs.at("g").values) {
        g = steps[random() % std::size(steps)];
        if (form.bounded) // the last rounds: all of them at the bound
          g = round > 1 ? kDecayBound : std::max(g, kDecayBound);
      }
      expectClose(kernel, call, run(kernel, call), reference(kernel, call), factorOf(form));
    }
  });
}

/// r = exp(decay) k in all of a token's updates: the decay acts before the first one alone, and all of them read with it.
TEST(Updates, DecaysInEachCorrection) {
  for (std::string decays : {"[B,T,H]", "[B,T,H,N]"}) {
    Recipe recipe{"updates" + std::to_string(decays.size()), {{"H", 2}, {"R", 2}, {"N", 16}, {"P", 16}}};
    recipe.source = "mixer.spec @updates(%q: [B,T,H,N] io, %k: [B,T,R,H,N] io, %v: [B,T,R,H,P] io, %g: " + decays +
                    ", %beta: [B,T,R,H]) -> (%o: [B,T,H,P] io) {\n"
                    "  %b = mixer.map(%k, %beta) { (k, beta) -> 0.1 * beta * k }\n"
                    "  %l = mixer.map(%b) { (b) -> -b }\n"
                    "  %r = mixer.map(%k, %g) { (k, g) -> exp(g) * k }\n"
                    "  %o, %S = mixer.semiseparable x = %v, b = %b, c = %q, decay = %g, l = %l, r = %r\n"
                    "  mixer.return %o\n}\n";
    for (const Plan &plan : plansFor(recipe, kChunk)) {
      Kernel &kernel = Kernel::get(recipe, plan);
      SCOPED_TRACE(plan.text());
      Call call{kBatch, kLength, randomArguments(kernel, kBatch, kLength)};
      expectClose(kernel, call, run(kernel, call), reference(kernel, call), 4);
    }
  }
}

/// States of other sizes: for each, two of the transitions, by the seed; five seeds are all.
TEST(Sizes, OfStates) {
  const std::pair<int64_t, int64_t> sizes[] = {{1, 1},   {1, 256},  {256, 16}, {16, 192}, {48, 1},  {64, 80},
                                               {96, 48}, {128, 96}, {80, 128}, {192, 64}, {32, 32}, {256, 256}};
  std::vector<Form> forms;
  for (const Form &form : allForms())
    if (form.read == "post" && form.direction == "causal")
      forms.push_back(form);
  for (auto [i, size] : llvm::enumerate(sizes))
    for (uint64_t number : {i + seed(), i + seed() + 2}) {
      const Form &form = forms[number % forms.size()];
      Recipe recipe = recipeOf(form);
      recipe.dtype = number % 2 && !form.bounded ? "f32" : "bf16";
      recipe.sizes["N"] = size.first;
      recipe.sizes["P"] = size.second;
      for (const Plan &plan : plansFor(recipe, kChunk)) {
        std::unique_ptr<Kernel> kernel = Kernel::make(recipe, plan);
        for (int64_t T : {1, 17, 45}) {
          Call call{1, T, randomArguments(*kernel, 1, T)};
          expectClose(*kernel, call, run(*kernel, call), reference(*kernel, call), factorOf(form));
        }
      }
    }
}

INSTANTIATE_TEST_SUITE_P(All, Transitions, testing::ValuesIn(allForms()), [](auto info) { return info.param.text(); });

} // namespace
