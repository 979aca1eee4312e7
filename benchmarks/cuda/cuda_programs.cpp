// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tile programs that are linked in, on the GPU, against the same programs on the CPU, which tile_programs compares with its interpreter:
//
//     cuda_programs [--only TEXT] [--verbose]
//
// Every GPU variant of every program, on random tensors of two sequences: the largest difference of a result, relative to its largest
// element. The bound adds to a few roundings of 16-bit operands how far the CPU's results move when the arguments do by as much.
// Ends with `N passed, N failed`; status 1 if one failed, 77 without a GPU.

#include "Driver.h"
#include "Problem.h"
#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>

#define SPEC(name) extern "C" const mixc_spec_desc name##_descriptor;
#include "specs.inc"
#undef SPEC

namespace {

using namespace mixc::bench;

struct Entry {
  const char *name;
  const mixc_spec_desc *desc;
};

const Entry entries[] = {
#define SPEC(name) {#name, &name##_descriptor},
#include "specs.inc"
#undef SPEC
};

using Results = std::vector<std::vector<float>>;

constexpr int64_t kBatch = 2, kLength = 200;
/// A few roundings to bf16, or to TF32; relative to the largest element.
constexpr double kBound = 1e-2, kOperandRounding = 1.0 / 256; // less would be rounded away

/// Arguments from -1 to 1; with `moved`, each up or down by the rounding of an operand.
Problem draw(const Entry &entry, double moved) {
  Problem problem(*entry.desc, kBatch, kLength);
  std::mt19937 random(1);
  for (HostTensor &tensor : problem.tensors) {
    tensor.present = true; // optional ones too
    tensor.values.resize(static_cast<size_t>(tensor.count()));
    for (float &value : tensor.values) {
      const float drawn = static_cast<float>(random()) / 2147483648.0f - 1;
      value = drawn * static_cast<float>(1 + (random() % 2 ? moved : -moved));
    }
  }
  return problem;
}

/// What a variant gives; empty if it does not run here, which `why` tells.
Results run(const Problem &problem, int32_t device, int32_t variant, std::string &why) {
  Call call(problem, {device, 0});
  mixc_plan plan{};
  plan.variant = variant;
  plan.splits = 1;
  mixc_status status = call.plan(plan);
  call.poison();
  if (status.code == MIXC_OK)
    status = call.run(plan);
  if (status.code != MIXC_OK) {
    why = status.message;
    return {};
  }
  if (device == MIXC_DEVICE_CUDA)
    synchronize();
  Results results;
  for (size_t i = 0; i < problem.tensors.size(); ++i)
    if (problem.tensors[i].isResult)
      results.push_back(call.read(i));
  return results;
}

/// NaN is what nobody has written: equal where both have it.
double largestDifference(const Results &got, const Results &expected) {
  double worst = 0;
  for (size_t r = 0; r < expected.size(); ++r) {
    double difference = 0, scale = 0;
    for (size_t i = 0; i < expected[r].size(); ++i) {
      const double a = got[r][i], b = expected[r][i];
      if (std::isnan(a) && std::isnan(b))
        continue;
      if (!(std::fabs(a - b) < INFINITY))
        return INFINITY;
      difference = std::max(difference, std::fabs(a - b));
      scale = std::max(scale, std::fabs(b));
    }
    worst = std::max(worst, scale > 0 ? difference / scale : difference);
  }
  return worst;
}

} // namespace

int main(int argc, char **argv) {
  const char *only = "";
  bool verbose = false;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--only") == 0 && i + 1 < argc)
      only = argv[++i];
    else if (std::strcmp(argv[i], "--verbose") == 0)
      verbose = true;
    else
      return std::fprintf(stderr, "usage: cuda_programs [--only TEXT] [--verbose]\n"), 2;
  }
  openDevice();
  int passed = 0, failed = 0;
  for (const Entry &entry : entries) {
    if (!std::strstr(entry.name, only))
      continue;
    const Problem problem = draw(entry, 0);
    std::string why;
    int32_t cpu = 0;
    while (cpu < entry.desc->n_variants && entry.desc->variants[cpu].device != MIXC_DEVICE_CPU)
      ++cpu;
    const Results expected = run(problem, MIXC_DEVICE_CPU, cpu, why);
    const Results moved = run(draw(entry, kOperandRounding), MIXC_DEVICE_CPU, cpu, why);
    for (int32_t v = 0; v < entry.desc->n_variants; ++v) {
      if (entry.desc->variants[v].device != MIXC_DEVICE_CUDA)
        continue;
      std::printf("%s, %s", entry.name, entry.desc->variants[v].name);
      std::fflush(stdout); // what hangs or crashes is the last line
      const Results got = run(problem, MIXC_DEVICE_CUDA, v, why);
      const bool ran = !got.empty() && !expected.empty();
      const double error = ran ? largestDifference(got, expected) : INFINITY;
      const double bound = kBound + (ran ? 8 * largestDifference(moved, expected) : 0);
      const bool good = error <= bound;
      (good ? passed : failed) += 1;
      if (good && !verbose)
        std::printf("\r%60s\r", "");
      else
        std::printf(": %s, error %.2e, bound %.2e %s\n", good ? "pass" : "FAIL", error, bound, ran ? "" : why.c_str());
    }
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed || !passed ? 1 : 0;
}
