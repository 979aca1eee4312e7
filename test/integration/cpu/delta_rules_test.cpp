// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Delta rules that are long and hard: keys of length 1, steps up to 2 (a reflection, which forgets nothing), decays from none to a reset.
// MIXC_TEST_TOKENS sets the length of the sequences; errors are relative to the result.

#include "Numbers.h"
#include <cmath>
#include <cstdlib>
#include <random>

using namespace mixc;
using namespace mixc::test;

namespace {

int64_t tokens() {
  const char *text = std::getenv("MIXC_TEST_TOKENS");
  return text ? std::strtoll(text, nullptr, 10) : 2048;
}

Recipe recipeOf(const std::string &mixer, const std::string &dtype) { return {mixer, {{"H", 1}, {"N", 32}, {"P", 16}}, dtype}; }

const std::vector<Plan> kChunked = {{mixer::Algorithm::Chunked, 16}, {mixer::Algorithm::Chunked, 64}};
const Plan kScan = {mixer::Algorithm::Scan, 16};

/// Keys of length 1, before they are rounded to the dtype.
Call callOf(const Kernel &kernel, int64_t T, uint64_t salt) {
  Call call{1, T, randomArguments(kernel, 1, T, salt)};
  std::vector<float> &keys = call.inputs.at("k").values;
  const int64_t N = kernel.size("N");
  for (size_t at = 0; at < keys.size(); at += N) {
    double squares = 0;
    for (int64_t n = 0; n < N; ++n)
      squares += double(keys[at + n]) * keys[at + n];
    for (int64_t n = 0; n < N; ++n)
      keys[at + n] /= std::sqrt(squares);
  }
  return call;
}

/// As the kernel sees them.
void round(const Kernel &kernel, Call &call) {
  for (const mixc_tensor_desc &tensor : llvm::ArrayRef(kernel.descriptor()->tensors, kernel.descriptor()->n_args))
    if (auto found = call.inputs.find(tensor.name); found != call.inputs.end()) {
      auto dtype = static_cast<mixc_dtype>(tensor.dtype);
      found->second.values = decode(encode(found->second.values, dtype), dtype);
    }
}

double bound(const std::string &dtype) { return dtype == "bf16" ? 1e-2 : dtype == "f16" ? 4e-3 : 2e-5; }

class DeltaRules : public testing::TestWithParam<const char *> {
protected:
  /// The scan within the dtype's bound, the chunked form too, and where `near`, within three times the scan's error instead.
  void checkAll(const std::string &mixer, llvm::function_ref<void(Call &)> change, const std::string &what, bool near = false) {
    Recipe recipe = recipeOf(mixer, GetParam());
    Kernel &scan = Kernel::get(recipe, kScan);
    Call call = callOf(scan, tokens(), /*salt=*/what.size());
    change(call);
    round(scan, call);
    Reference expected = reference(scan, call);
    HostTensors byScan = run(scan, call);
    double worst = 0, ofScan = 0;
    for (auto &[name, tensor] : byScan) {
      double own = relativeError(tensor.values, expected.at(name));
      if (!near)
        EXPECT_LE(own, bound(GetParam())) << name;
      ofScan = std::max(ofScan, own);
      for (const Plan &plan : kChunked)
        for (int64_t splits : {1, 3, 8}) {
          Call cut = call;
          cut.splits = splits;
          double error = relativeError(run(Kernel::get(recipe, plan), cut).at(name).values, expected.at(name));
          EXPECT_LE(error, near ? 3 * own : bound(GetParam())) << name << ", " << plan.text() << ", " << splits << " splits";
          worst = std::max(worst, error);
        }
    }
    std::printf("%s, %s, %s, T=%lld: scan %.1e, chunked %.1e\n", mixer.c_str(), GetParam(), what.c_str(), static_cast<long long>(tokens()),
                ofScan, worst);
  }
};

void setSteps(Call &call, double least, double most) {
  std::mt19937_64 random(seed());
  for (float &beta : call.inputs.at("beta").values)
    beta = least + (most - least) * (double(random() >> 11) * 0x1p-53);
}

/// Log decays by token, of heads or of entries.
void setDecays(Call &call, llvm::function_ref<float(int64_t token)> decayOf) {
  for (const char *name : {"g", "gk"})
    if (auto found = call.inputs.find(name); found != call.inputs.end())
      for (size_t i = 0, row = found->second.values.size() / call.T; i < found->second.values.size(); ++i)
        found->second.values[i] = decayOf(i / row);
}

TEST_P(DeltaRules, StepsOfEverySize) {
  checkAll("delta_rule", [](Call &call) { setSteps(call, 0, 2); }, "steps 0 to 2");
}

/// Nothing is forgotten: errors of all tokens stay.
TEST_P(DeltaRules, Reflections) {
  checkAll("delta_rule", [](Call &call) { setSteps(call, 2, 2); }, "steps of 2", /*near=*/true);
}

TEST_P(DeltaRules, ConstantDecays) {
  for (float g : {-5.0f, -0.01f, -20.0f})
    for (const char *mixer : {"gated_delta_rule", "kda"})
      checkAll(
          mixer,
          [&](Call &call) {
            setSteps(call, 0, 2);
            setDecays(call, [&](int64_t) { return g; });
          },
          "decays of " + std::to_string(g));
}

TEST_P(DeltaRules, ResetsInsideChunks) {
  for (const char *mixer : {"gated_delta_rule", "kda"})
    checkAll(
        mixer,
        [&](Call &call) {
          setSteps(call, 0, 2);
          setDecays(call, [](int64_t token) { return token % 37 == 5 ? -INFINITY : -0.01f; });
        },
        "resets");
}

/// In kda, entries of their own.
TEST_P(DeltaRules, MixedDecays) {
  const float steps[] = {-5, -0.01f, -20, -INFINITY, 0};
  for (const char *mixer : {"gated_delta_rule", "kda"})
    checkAll(
        mixer,
        [&](Call &call) {
          setSteps(call, 0, 2);
          std::mt19937_64 random(seed());
          setDecays(call, [&](int64_t) { return steps[random() % 40 ? random() % 2 * 4 : random() % 5]; });
        },
        "mixed decays");
}

INSTANTIATE_TEST_SUITE_P(All, DeltaRules, testing::Values("bf16", "f32"), [](auto info) { return std::string(info.param); });

} // namespace
