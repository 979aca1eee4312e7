// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Scans whose lanes run over heads of one column each: numbers of heads that fill no block and no vector, what a head has of its own and
// what heads share, and heads that must not see each other.

#include "Numbers.h"
#include <cmath>

using namespace mixc;
using namespace mixc::test;

namespace {

struct OfHeads {
  const char *name;
  Recipe recipe;
  int64_t heads, chunk = 16;
};

void PrintTo(const OfHeads &shape, std::ostream *os) { *os << shape.name; }

const OfHeads kShapes[] = {
    // Decays of each entry, shared b and c; arrays that end in T.
    {"mamba1", {"mamba1_selective_scan", {{"H", 33}, {"N", 16}}}, 16},
    {"mamba1_three", {"mamba1_selective_scan", {{"H", 3}, {"N", 5}}}, 4},
    {"mamba1_bf16", {"mamba1_selective_scan", {{"H", 70}, {"N", 16}}, "bf16"}, 64, 8},
    {"mamba1_v3", {"mamba1_selective_scan", {{"H", 20}, {"N", 8}}, "f32", "v3"}, 16},
    // Factors that are given; arrays that end in H.
    {"cumprodsum", {"cumprodsum", {{"H", 1000}}}, 64},
    {"cumprodsum_odd", {"cumprodsum", {{"H", 33}}}, 32},
    {"cumprodsum_f16", {"cumprodsum", {{"H", 3}}, "f16"}, 4},
    // b, c and a decay of each head, with its state at the start.
    {"simple_gla", {"simple_gla", {{"H", 20}, {"N", 4}, {"P", 1}}}, 16},
    {"retention", {"retention", {{"H", 5}, {"N", 3}, {"P", 1}}}, 8},
    {"gla", {"gla", {{"H", 33}, {"N", 20}, {"P", 1}}}, 16},
    {"gla_bf16", {"gla", {{"H", 9}, {"N", 3}, {"P", 1}}, "bf16"}, 16},
    // Corrections, the state before the token, a normaliser, groups, other directions.
    {"kda", {"kda", {{"H", 10}, {"N", 5}, {"P", 1}}}, 4},
    {"gated_delta_rule", {"gated_delta_rule", {{"H", 17}, {"N", 16}, {"P", 1}}}, 16},
    {"delta_rule", {"delta_rule", {{"H", 3}, {"N", 8}, {"P", 1}}, "f16"}, 2},
    {"rwkv6", {"rwkv6", {{"H", 6}, {"N", 7}, {"P", 1}}}, 8},
    {"linear_attn_normalized", {"linear_attn_normalized", {{"H", 5}, {"N", 4}, {"P", 1}}}, 4},
    {"mamba2", {"mamba2", {{"H", 12}, {"G", 3}, {"N", 6}, {"P", 1}}}, 4},
    {"mamba2_gated", {"mamba2_gated", {{"H", 5}, {"G", 1}, {"N", 6}, {"P", 1}}}, 4},
    {"anticausal", {"anticausal", {{"H", 7}, {"G", 1}, {"N", 3}, {"P", 1}}}, 4},
    {"bidirectional", {"bidirectional", {{"H", 7}, {"N", 3}, {"P", 1}}}, 4},
};

class Heads : public testing::TestWithParam<OfHeads> {
protected:
  Kernel &kernel() const { return Kernel::get(GetParam().recipe, {mixer::Algorithm::Scan, GetParam().chunk, GetParam().heads}); }
};

TEST_P(Heads, LengthsAroundTheChunk) {
  for (int64_t T : {int64_t(1), GetParam().chunk - 1, GetParam().chunk, GetParam().chunk + 1, 3 * GetParam().chunk + 5})
    check(kernel(), {2, T, randomArguments(kernel(), 2, T, /*salt=*/T)});
}

TEST_P(Heads, ManyTokens) {
  if (GetParam().recipe.sizes.at("H") <= 33)
    check(kernel(), {1, 4096, randomArguments(kernel(), 1, 4096)});
}

/// A state handed on is the state: y of [0, t) and of [t, T) from there.
TEST_P(Heads, CutInTwo) {
  const int64_t T = 2 * GetParam().chunk + 3;
  Call call{2, T, randomArguments(kernel(), 2, T)};
  if (!call.inputs.count("h0") || GetParam().recipe.mixer == "anticausal")
    return;
  for (int64_t t : {int64_t(1), GetParam().chunk, T - 1}) {
    HostTensors first = run(kernel(), {2, t, sliceTokens(kernel(), call.inputs, 0, t)});
    Call rest{2, T - t, sliceTokens(kernel(), call.inputs, t, T)};
    rest.inputs["h0"] = first.at("hT");
    expectClose(kernel(), rest, run(kernel(), rest), reference(kernel(), rest));
    Reference whole = reference(kernel(), call);
    EXPECT_LE(relativeError(run(kernel(), rest).at("hT").values, whole.at("hT")), 1e-4);
  }
}

/// Elements of a tensor that belong to a head, by its number; none where it has no heads.
std::vector<size_t> elementsOfHead(const Kernel &kernel, const std::string &name, const HostTensor &tensor, int64_t head) {
  std::string dims;
  const mixc_spec_desc *desc = kernel.descriptor();
  for (const mixc_tensor_desc &candidate : llvm::ArrayRef(desc->tensors, desc->n_tensors))
    if (name == candidate.name)
      dims = candidate.dims;
  std::vector<size_t> elements;
  const size_t at = dims.find('H');
  if (at == std::string::npos)
    return elements;
  int64_t inner = 1;
  for (size_t d = at + 1; d < dims.size(); ++d)
    inner *= tensor.shape[d];
  for (size_t i = 0; i < tensor.values.size(); ++i)
    if (int64_t(i) / inner % tensor.shape[at] == head)
      elements.push_back(i);
  return elements;
}

/// What is not finite in a head stays there: the other heads' results are the same bits.
TEST_P(Heads, DoNotSeeEachOther) {
  const int64_t T = 2 * GetParam().chunk + 3, heads = GetParam().recipe.sizes.at("H");
  Call clean{1, T, randomArguments(kernel(), 1, T)};
  HostTensors before = run(kernel(), clean);
  for (int64_t head : {int64_t(0), heads / 2, heads - 1})
    for (auto &[name, tensor] : clean.inputs) {
      std::vector<size_t> elements = elementsOfHead(kernel(), name, tensor, head);
      if (elements.empty())
        continue;
      Call call = clean;
      call.inputs.at(name).values[elements[elements.size() / 2]] = head % 2 ? NAN : INFINITY;
      HostTensors after = run(kernel(), call);
      SCOPED_TRACE(name + " is not finite in head " + std::to_string(head));
      bool reached = false;
      for (auto &[result, values] : after) {
        std::vector<float> expected = before.at(result).values, got = values.values;
        for (size_t i : elementsOfHead(kernel(), result, values, head)) {
          reached |= !std::isfinite(got[i]);
          expected[i] = got[i] = 0;
        }
        EXPECT_EQ(expected, got) << result;
      }
      EXPECT_TRUE(reached || (name != "x" && name != "v" && name != "u"));
    }
}

INSTANTIATE_TEST_SUITE_P(All, Heads, testing::ValuesIn(kShapes), [](auto info) { return std::string(info.param.name); });

/// Decays near 1 do not drift, of a head and of each entry.
TEST(HeadsDecays, NearOne) {
  for (const char *mixer : {"simple_gla", "gla"})
    for (float g : {-1e-9f, -1e-8f, -1e-7f, -1e-6f, -1e-4f, -0.0316f}) {
      Kernel &kernel = Kernel::get({mixer, {{"H", 8}, {"N", 4}, {"P", 1}}}, {mixer::Algorithm::Scan, 16, 8});
      Call call{1, 16384, randomArguments(kernel, 1, 16384)};
      std::vector<float> &decays = call.inputs.at(mixer == std::string("gla") ? "gk" : "g").values;
      std::fill(decays.begin(), decays.end(), g);
      Reference expected = reference(kernel, call);
      for (auto &[name, tensor] : run(kernel, call))
        EXPECT_LE(relativeError(tensor.values, expected.at(name)), 5e-6) << name << ", " << mixer << ", g = " << g;
    }
}

/// A factor that the caller gives is the one that is multiplied: no logarithm between them rounds it.
TEST(HeadsDecays, GivenFactors) {
  Kernel &kernel = Kernel::get({"cumprodsum", {{"H", 8}}}, {mixer::Algorithm::Scan, 16, 8});
  Call call{1, 16384, randomArguments(kernel, 1, 16384)};
  for (float a : {1.0f, std::nextafter(1.0f, 0.0f), 1 - 1e-5f}) {
    std::fill(call.inputs.at("a").values.begin(), call.inputs.at("a").values.end(), a);
    Reference expected = reference(kernel, call);
    for (auto &[name, tensor] : run(kernel, call))
      EXPECT_LE(relativeError(tensor.values, expected.at(name)), 5e-6) << name << ", a = " << a;
  }
}

} // namespace
