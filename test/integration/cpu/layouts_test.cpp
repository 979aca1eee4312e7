// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tensors that are not contiguous, absent or far apart in memory.

#include "Numbers.h"

using namespace mixc;
using namespace mixc::test;

namespace {

const Recipe kMamba{"mamba2", {{"H", 4}, {"G", 2}, {"N", 16}, {"P", 20}}};
const Recipe kMambaBf16{"mamba2", {{"H", 4}, {"G", 2}, {"N", 16}, {"P", 20}}, "bf16"};
const Recipe kGla{"simple_gla", {{"H", 2}, {"N", 16}, {"P", 20}}};
constexpr int64_t kChunk = 16;

class Layouts : public testing::TestWithParam<std::tuple<Recipe, int>> {
protected:
  Kernel &kernel() const {
    const Recipe &recipe = std::get<0>(GetParam());
    return Kernel::get(recipe, plansFor(recipe, kChunk)[std::get<1>(GetParam())]);
  }
};

TEST_P(Layouts, AnyOrderAndStrides) {
  std::mt19937_64 random(seed());
  const mixc_spec_desc *desc = kernel().descriptor();
  for (int round = 0; round < 6; ++round) {
    Call call{2, 2 * kChunk + 5, randomArguments(kernel(), 2, 2 * kChunk + 5, round), 1 + round % 3};
    for (const mixc_tensor_desc &tensor : llvm::ArrayRef(desc->tensors, desc->n_tensors))
      call.layouts[tensor.name] = randomLayout(tensor, random);
    check(kernel(), call);
  }
}

/// One tensor at a time, so that an error names it.
TEST_P(Layouts, TokensInnermost) {
  const mixc_spec_desc *desc = kernel().descriptor();
  Call call{2, kChunk + 3, randomArguments(kernel(), 2, kChunk + 3)};
  Reference expected = reference(kernel(), call);
  for (const mixc_tensor_desc &tensor : llvm::ArrayRef(desc->tensors, desc->n_tensors)) {
    std::string order = tensor.dims;
    std::rotate(order.begin(), order.begin() + 1, order.end());
    call.layouts = {{tensor.name, Layout{order}}};
    SCOPED_TRACE(std::string(tensor.name) + " as " + order);
    expectClose(kernel(), call, run(kernel(), call), expected);
  }
}

/// The same numbers for every head, stored once.
TEST_P(Layouts, RepeatedArgument) {
  bool isMamba = kernel().recipe().mixer == "mamba2";
  std::string name = isMamba ? "x" : "k";
  char dim = isMamba ? 'P' : 'H';
  Call call{1, kChunk + 3, randomArguments(kernel(), 1, kChunk + 3)};
  HostTensor &tensor = call.inputs.at(name);
  int64_t columns = isMamba ? tensor.shape[3] : tensor.shape[2] * tensor.shape[3], kept = isMamba ? 1 : tensor.shape[3];
  for (size_t i = 0; i < tensor.values.size(); ++i)
    tensor.values[i] = tensor.values[i / columns * columns + i % columns % kept];
  call.layouts[name].repeated = dim;
  check(kernel(), call);
}

TEST_P(Layouts, AbsentTensors) {
  int64_t T = 2 * kChunk + 5;
  std::string y = kernel().recipe().mixer == "mamba2" ? "y" : "o";
  Call call{2, T, randomArguments(kernel(), 2, T), 2};
  HostTensors whole = check(kernel(), call);
  call.unwanted = {"hT"};
  expectSame({{y, whole.at(y)}}, run(kernel(), call));

  std::fill(call.inputs.at("h0").values.begin(), call.inputs.at("h0").values.end(), 0.0f);
  HostTensors fromZeros = run(kernel(), call);
  call.inputs.erase("h0");
  expectSame(fromZeros, run(kernel(), call));
  call.unwanted.clear();
  check(kernel(), call);
}

/// Tokens 2^30 elements apart, states 2^33: offsets that need 64 bits, in elements and in bytes.
TEST_P(Layouts, HugeStrides) {
  int64_t T = 2 * kChunk + 3;
  Call call{2, T, randomArguments(kernel(), 2, T), 2};
  const mixc_spec_desc *desc = kernel().descriptor();
  for (const mixc_tensor_desc &tensor : llvm::ArrayRef(desc->tensors, desc->n_tensors)) {
    llvm::StringRef dims(tensor.dims);
    if (!dims.contains('B'))
      continue;
    char dim = dims.contains('T') ? 'T' : 'H';
    Layout &layout = call.layouts[tensor.name] = Layout{"", 1, {{dim, int64_t(1) << (dim == 'T' ? 30 : 33)}}};
    layout.sparse = true;
    if (!PlacedTensor(tensor, {2, T, 4, 20}, layout).hasMemory())
      GTEST_SKIP() << "the system gives no sparse memory";
  }
  check(kernel(), call);
}

std::string nameOf(const testing::TestParamInfo<Layouts::ParamType> &info) {
  const char *const names[] = {"chunked", "scan", "quadratic"};
  const Recipe &recipe = std::get<0>(info.param);
  return recipe.mixer + "_" + recipe.dtype + "_" + names[std::get<1>(info.param)];
}

INSTANTIATE_TEST_SUITE_P(All, Layouts, testing::Combine(testing::Values(kMamba, kMambaBf16, kGla), testing::Values(0, 1, 2)), nameOf);

} // namespace
