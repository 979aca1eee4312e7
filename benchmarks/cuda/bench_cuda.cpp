// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Times the compiled specs that are linked in, on the GPU:
//
//     bench_cuda [--json FILE] [--only TEXT] [--no-check]
//
// A row per shape and variant: median time with the L2 cache flushed before every call, and from a CUDA graph without flushing; the
// floor (every tensor moved once at the copy bandwidth measured in the same run); their ratio; predicted time; relative error
// against the float64 recurrence on four heads.

#include "Driver.h"
#include "Problem.h"
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#define SPEC(name, mixer, batch, length) extern "C" const mixc_spec_desc name##_descriptor;
#include "bench_specs.inc"
#undef SPEC

namespace {

using namespace mixc::bench;

struct Entry {
  const char *name, *mixer;
  int64_t batch, length;
  const mixc_spec_desc *desc;
};

const Entry entries[] = {
#define SPEC(name, mixer, batch, length) {#name, mixer, batch, length, &name##_descriptor},
#include "bench_specs.inc"
#undef SPEC
};

struct Options {
  const char *json = nullptr, *only = nullptr;
  bool check = true;
};

std::string shapeText(const Problem &problem) {
  int64_t sizes[6] = {problem.batch, problem.length, 1, 1, 1, 1};
  const char *const letters = "BTHPNG";
  for (const HostTensor &tensor : problem.tensors)
    for (int i = 2; i < 6; ++i)
      sizes[i] = std::max(sizes[i], tensor.size(letters[i]));
  // b and c with a head of their own are as many groups as heads.
  const HostTensor *k = problem.find("k");
  if (k)
    sizes[5] = k->size('H');
  std::string text;
  for (int64_t size : sizes)
    text += (text.empty() ? "" : ", ") + std::to_string(size);
  return text;
}

/// The dtype of the io tensors.
const char *dtypeName(const Problem &problem) {
  for (const HostTensor &tensor : problem.tensors)
    if (tensor.dtype != MIXC_F32)
      return tensor.dtype == MIXC_BF16 ? "bf16" : "f16";
  return "f32";
}

class Report {
public:
  explicit Report(const Options &options) {
    if (options.json && !(file = std::fopen(options.json, "w"))) {
      std::fprintf(stderr, "--json: expected a writable file, got '%s'\n", options.json);
      std::exit(2);
    }
    bandwidth = copyBandwidth();
    std::printf("%s, copy %.2f TB/s\n%-26s %-34s %-5s %-26s %6s %9s %9s %9s %7s %9s %9s\n", deviceName().c_str(), bandwidth * 1e-12,
                "mixer", "B, T, H, P, N, G", "dtype", "variant", "splits", "ms", "graph ms", "floor ms", "ratio", "predicted", "error");
    if (file)
      std::fprintf(file, "{\"device\": \"%s\", \"copy_bandwidth\": %.6g, \"rows\": [", deviceName().c_str(), bandwidth);
  }
  ~Report() {
    if (!file)
      return;
    std::fprintf(file, "\n]}\n");
    std::fclose(file);
  }

  void add(const Entry &entry, const Problem &problem, const mixc_plan &plan, double plain, double graph, double error) {
    const std::string shape = shapeText(problem);
    const mixc_variant_desc &variant = problem.desc.variants[plan.variant];
    const double floor = problem.bytes() / bandwidth;
    std::printf("%-26s %-34s %-5s %-26s %6lld %9.4f %9.4f %9.4f %7.2f %9.4f %9.2e\n", entry.mixer, shape.c_str(), dtypeName(problem),
                variant.name, static_cast<long long>(plan.splits), plain * 1e3, graph * 1e3, floor * 1e3, graph / floor, plan.seconds * 1e3,
                error);
    std::fflush(stdout);
    if (!file)
      return;
    std::fprintf(file,
                 "%s\n{\"spec\": \"%s\", \"kernel\": \"%s\", \"shape\": [%s], \"dtype\": \"%s\", \"variant\": \"%s\", \"splits\": %lld, "
                 "\"ms\": %.6g, "
                 "\"graph_ms\": %.6g, \"floor_ms\": %.6g, \"predicted_ms\": %.6g, \"error\": %s}",
                 first ? "" : ",", entry.name, entry.mixer, shape.c_str(), dtypeName(problem), variant.name,
                 static_cast<long long>(plan.splits), plain * 1e3, graph * 1e3, floor * 1e3, plan.seconds * 1e3,
                 std::isfinite(error) ? std::to_string(error).c_str() : "null");
    std::fflush(file);
    first = false;
  }

private:
  std::FILE *file = nullptr;
  double bandwidth = 0;
  bool first = true;
};

/// False, after a message, if the call failed.
bool succeeded(const mixc_status &status, const char *name) {
  if (status.code == MIXC_OK)
    return true;
  std::fprintf(stderr, "%s: %s\n", name, status.message);
  return false;
}

bool measure(const Entry &entry, const Options &options, Report &report) {
  Problem problem(*entry.desc, entry.batch, entry.length);
  problem.randomize(1);
  Call call(problem, {});
  bool good = true;
  for (int32_t v = 0; v < entry.desc->n_variants; ++v) {
    if (entry.desc->variants[v].device != MIXC_DEVICE_CUDA)
      continue;
    mixc_plan plan{};
    plan.variant = v;
    const mixc_status planned = call.plan(plan);
    if (planned.code == MIXC_UNSUPPORTED)
      continue;
    call.poison();
    if (!succeeded(planned, entry.name) || !succeeded(call.run(plan), entry.name)) {
      good = false;
      continue;
    }
    synchronize();
    const double error = options.check ? checkHeads(problem, call, entry.length > 50000 ? 2 : 4).y : NAN;
    auto run = [&] {
      if (!succeeded(call.run(plan), entry.name))
        std::exit(1);
    };
    const double plain = timePlain(run);
    report.add(entry, problem, plan, plain, timeGraph(run), error);
    // Twice the bound of bf16 results: a row with a larger error is no measurement.
    if (options.check && !(error < 1.2e-2)) {
      std::fprintf(stderr, "%s: expected an error below 1.2e-2, got %g\n", entry.name, error);
      good = false;
    }
  }
  return good;
}

Options parse(int argc, char **argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    if (!std::strcmp(argv[i], "--json") && i + 1 < argc)
      options.json = argv[++i];
    else if (!std::strcmp(argv[i], "--only") && i + 1 < argc)
      options.only = argv[++i];
    else if (!std::strcmp(argv[i], "--no-check"))
      options.check = false;
    else {
      std::fprintf(stderr, "usage: bench_cuda [--json FILE] [--only TEXT] [--no-check]   --only: specs whose name holds TEXT\n");
      for (const Entry &entry : entries)
        std::fprintf(stderr, "  %s\n", entry.name);
      std::exit(2);
    }
  }
  return options;
}

} // namespace

int main(int argc, char **argv) {
  const Options options = parse(argc, argv);
  openDevice();
  Report report(options);
  bool good = true;
  for (const Entry &entry : entries)
    if (!options.only || std::strstr(entry.name, options.only))
      good &= measure(entry, options, report);
  return good ? 0 : 1;
}
