// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every golden file through every algorithm and dtype, at both x86-64 levels.

#include "Arrays.h"
#include "Execution.h"
#include "Numbers.h"

using namespace mixc;
using namespace mixc::test;

namespace {

/// What the project promises for these files, looser than what the number formats allow.
double promised(llvm::StringRef dtype) { return dtype == "f32" ? 5e-6 : dtype == "bf16" ? 6e-3 : 2e-3; }

struct Golden {
  Recipe recipe;
  HostTensors arrays;
  int64_t T;
};

Golden readGolden(const std::string &mixer) {
  llvm::Expected<HostTensors> arrays = readArrays(MIXC_GOLDEN_DIR "/" + mixer + ".npz");
  if (!arrays)
    llvm::report_fatal_error(arrays.takeError());
  Golden golden{{mixer, {}}, std::move(*arrays), 0};
  if (golden.arrays.count("u") && golden.arrays.count("delta")) { // Mamba-1: [B,H,T] and [H,N]
    golden.T = golden.arrays.at("u").shape[2];
    golden.recipe.sizes = {{"H", golden.arrays.at("A").shape[0]}, {"N", golden.arrays.at("A").shape[1]}};
    return golden;
  }
  bool isMamba = golden.arrays.count("x");
  const std::vector<int64_t> &values = golden.arrays.at(isMamba ? "x" : "v").shape; // [B,T,H,P]
  const std::vector<int64_t> &keys = golden.arrays.at(isMamba ? "B" : "k").shape;   // [B,T,H|G,N]
  golden.T = values[1];
  size_t heads = values.size() - 2; // [B,T,R,H,P] where a token has several updates
  golden.recipe.sizes = {{"H", values[heads]}, {"P", values[heads + 1]}, {"N", keys[heads + 1]}};
  if (heads > 2)
    golden.recipe.sizes["R"] = values[2];
  if (isMamba)
    golden.recipe.sizes["G"] = keys[2];
  return golden;
}

Call callFor(const Kernel &kernel, const Golden &golden) {
  Call call{1, golden.T, {}};
  for (const mixc_tensor_desc &tensor : llvm::ArrayRef(kernel.descriptor()->tensors, kernel.descriptor()->n_args))
    if (auto found = golden.arrays.find(tensor.name); found != golden.arrays.end())
      call.inputs.insert(*found);
  call.inputs = roundInputs(kernel.descriptor(), std::move(call.inputs));
  return call;
}

void checkGolden(const std::string &mixer, const std::string &dtype, const std::string &level = "") {
  Golden golden = readGolden(mixer);
  golden.recipe.dtype = dtype;
  golden.recipe.level = level;
  for (const Plan &plan : plansFor(golden.recipe, 64)) {
    Kernel &kernel = Kernel::get(golden.recipe, plan);
    Call call = callFor(kernel, golden);
    HostTensors results = check(kernel, call);
    for (auto &[name, result] : results) {
      auto file = golden.arrays.find(name);
      // The arguments in the files are bf16 numbers: f16 has other ones.
      if (file == golden.arrays.end() || dtype == "f16")
        continue;
      std::vector<double> expected(file->second.values.begin(), file->second.values.end());
      EXPECT_LE(relativeError(result.values, expected), promised(dtype)) << name << ", " << plan.text();
    }
  }
}

class Goldens : public testing::TestWithParam<std::tuple<const char *, const char *>> {};

TEST_P(Goldens, AgreeWithFileAndRecurrence) { checkGolden(std::get<0>(GetParam()), std::get<1>(GetParam())); }

INSTANTIATE_TEST_SUITE_P(All, Goldens,
                         testing::Combine(testing::Values("mamba2", "mamba2_gated", "retention", "simple_gla", "linear_attn_normalized",
                                                          "gla", "delta_rule", "gated_delta_rule", "gated_delta_product", "kda", "comba",
                                                          "gdn2", "rwkv6", "rwkv7_dplr", "mamba1_selective_scan"),
                                          testing::Values("f32", "bf16", "f16")),
                         [](auto info) { return std::string(std::get<0>(info.param)) + "_" + std::get<1>(info.param); });

TEST(Levels, CodeForV3AgreesToo) {
  checkGolden("mamba2", "f32", "v3");
  checkGolden("simple_gla", "bf16", "v3");
  checkGolden("mamba2_gated", "f16", "v3");
}

/// The promises hold for what the tests above require.
TEST(Tolerance, IsTighterThanThePromise) {
  Golden golden = readGolden("mamba2");
  Kernel &kernel = Kernel::get(golden.recipe, plansFor(golden.recipe, 64)[0]);
  double before = tolerance(kernel, golden.T);
  EXPECT_LE(before, promised("f32"));
  EXPECT_LE(2 * before + roundoff(MIXC_BF16), promised("bf16"));
  EXPECT_LE(2 * before + roundoff(MIXC_F16), promised("f16"));
}

} // namespace
