// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Drawn specs that are linked in, each with a call whose results were computed in float64 (test/integration/specs/Pack.h):
//
//     cuda_specs [--device cuda|cpu] [--only TEXT] [--data DIR] [--verbose]
//
// Every variant for the device, from tensors that lie as they like and ones with gaps. DIR (default: specs) has the calls and the specs.
// Ends with the worst share of a bound and `N passed, N failed, N refused`; a variant may refuse tensors that are not aligned. Status 1
// if one failed, 77 without a GPU.

#include "DrawnSpecs.h"
#include "Driver.h"
#include "Problem.h"
#include "mixc/npz/Npz.h"
#include <cmath>
#include <cstdio>
#include <cstring>

namespace {

using namespace mixc::bench;

struct Options {
  int32_t device = MIXC_DEVICE_CUDA;
  const char *only = "";
  std::string data = "specs";
  bool verbose = false;
};

struct Tally {
  int passed = 0, failed = 0, refused = 0;
  double worst = 0; ///< share of a bound
  std::string where;
};

std::vector<int64_t> numbersOf(const mixc::npz::Archive &archive, const char *name) {
  const std::vector<double> values = archive.at(name).toDoubles();
  return {values.begin(), values.end()};
}

Problem problemOf(const Entry &entry, const mixc::npz::Archive &archive) {
  const std::vector<int64_t> sizes = numbersOf(archive, "sizes"), told = numbersOf(archive, "sequences"),
                             initial = numbersOf(archive, "has_initial");
  Problem problem(*entry.desc, sizes[0], sizes[1],
                  {numbersOf(archive, "starts"), numbersOf(archive, "source"), numbersOf(archive, "target"),
                   std::vector<uint8_t>(initial.begin(), initial.end()), told[0], told[1], static_cast<int32_t>(told[2])});
  for (HostTensor &tensor : problem.tensors) {
    auto found = archive.find(tensor.name);
    tensor.present = tensor.isResult || found != archive.end();
    if (tensor.isResult || !tensor.present)
      continue;
    const std::vector<double> values = found->second.toDoubles();
    tensor.values.assign(values.begin(), values.end());
  }
  return problem;
}

/// The largest error of a result, as a share of its bound; infinite where something is not finite.
double shareOf(const Problem &problem, const Call &call, const mixc::npz::Archive &archive, int32_t operand) {
  const double bound = archive.at("bounds").toDoubles()[operand];
  double worst = 0;
  for (size_t i = 0; i < problem.tensors.size(); ++i) {
    if (!problem.tensors[i].isResult)
      continue;
    const std::vector<double> expected = archive.at(problem.tensors[i].name).toDoubles();
    const double scale = archive.at(problem.tensors[i].name + ".scales").toDoubles()[operand];
    const std::vector<float> got = call.read(i);
    double difference = 0;
    for (size_t j = 0; j < got.size(); ++j)
      if (!std::isnan(expected[j]) || !std::isnan(got[j])) // as before where nothing is written
        difference += (got[j] - expected[j]) * (got[j] - expected[j]);
    const double error = std::sqrt(difference) / (scale > 0 ? scale : 1);
    worst = std::isfinite(error) ? std::max(worst, error / bound) : INFINITY;
  }
  return worst;
}

void check(const Entry &entry, int32_t variant, int64_t pad, const mixc::npz::Archive &archive, const Options &options, Tally &tally) {
  const Problem problem = problemOf(entry, archive);
  Call call(problem, {options.device, pad});
  mixc_plan plan{};
  plan.variant = variant;
  plan.splits = entry.desc->variants[variant].max_splits == 1 ? 0 : int64_t(archive.at("splits").toDoubles()[0]);
  std::printf("%s, %s, pad %d", entry.name, entry.desc->variants[variant].name, int(pad));
  std::fflush(stdout); // what hangs or crashes is the last line
  mixc_status status = call.plan(plan);
  if (status.code != MIXC_OK) {
    tally.refused += 1;
    std::printf(options.verbose ? ": refused, %s\n" : "\r%60s\r", options.verbose ? status.message : "");
    return;
  }
  call.poison();
  status = call.run(plan);
  if (status.code == MIXC_OK && options.device == MIXC_DEVICE_CUDA)
    synchronize();
  const double share = status.code == MIXC_OK ? shareOf(problem, call, archive, entry.desc->variants[variant].cost.operand) : INFINITY;
  const bool good = share <= 1;
  (good ? tally.passed : tally.failed) += 1;
  if (good && share >= tally.worst) {
    tally.worst = share;
    tally.where = std::string(entry.name) + ", " + entry.desc->variants[variant].name;
  }
  if (good && !options.verbose)
    std::printf("\r%60s\r", "");
  else
    std::printf(": %s, %.2f of its bound, B=%lld T=%lld splits=%lld %s\n", good ? "pass" : "FAIL", share, (long long)problem.batch,
                (long long)problem.length, (long long)plan.splits, status.code == MIXC_OK ? "" : status.message);
}

} // namespace

int main(int argc, char **argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    auto value = [&](const char *flag) { return std::strcmp(argv[i], flag) == 0 && i + 1 < argc ? argv[++i] : nullptr; };
    if (const char *device = value("--device"))
      options.device = std::strcmp(device, "cpu") == 0 ? MIXC_DEVICE_CPU : MIXC_DEVICE_CUDA;
    else if (const char *only = value("--only"))
      options.only = only;
    else if (const char *data = value("--data"))
      options.data = data;
    else if (std::strcmp(argv[i], "--verbose") == 0)
      options.verbose = true;
    else
      return std::fprintf(stderr, "usage: cuda_specs [--device cuda|cpu] [--only TEXT] [--data DIR] [--verbose]\n"), 2;
  }
  if (options.device == MIXC_DEVICE_CUDA)
    openDevice();
  Tally tally;
  for (const Entry &entry : entries) {
    if (!std::strstr(entry.name, options.only))
      continue;
    mixc::npz::Archive archive;
    std::string error;
    if (!mixc::npz::readFile(options.data + "/" + entry.name + ".npz", archive, error))
      return std::fprintf(stderr, "--data: %s\n", error.c_str()), 2;
    for (int32_t v = 0; v < entry.desc->n_variants; ++v)
      if (entry.desc->variants[v].device == options.device)
        for (int64_t pad : {0, 3})
          check(entry, v, pad, archive, options, tally);
  }
  std::printf("worst %.2f of its bound: %s\n%d passed, %d failed, %d refused\n", tally.worst, tally.where.c_str(), tally.passed,
              tally.failed, tally.refused);
  return tally.failed || !tally.passed ? 1 : 0;
}
