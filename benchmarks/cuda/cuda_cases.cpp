// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Numeric tests of the compiled specs that are linked in, every variant of each:
//
//     cuda_cases [--device cuda|cpu] [--golden DIR] [--only TEXT] [--seed N] [--verbose] [--list]
//
// --only: the specs whose name holds TEXT; --list: their names alone.
// Goldens: inputs and results from DIR. Random data: several lengths, layouts and splits, against the float64 recurrence; exact
// resets; lengths, layouts and splits drawn from a seed (that of a spec's first draw is printed; --seed gives another one); a
// second run must give the same bits. Ends with `N passed, N failed`; status 1 if one failed, 77 without a GPU.

#include "Driver.h"
#include "Problem.h"
#include "mixc/npz/Npz.h"
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>

#define SPEC(name, mixer, kind) extern "C" const mixc_spec_desc name##_descriptor;
#include "case_specs.inc"
#undef SPEC

namespace {

using namespace mixc::bench;

enum class Kind { golden, random, drawn, halved, racing };

struct Entry {
  const char *name, *mixer;
  Kind kind;
  const mixc_spec_desc *desc;
};

const Entry entries[] = {
#define SPEC(name, mixer, kind) {#name, mixer, Kind::kind, &name##_descriptor},
#include "case_specs.inc"
#undef SPEC
};

struct Options {
  int32_t device = MIXC_DEVICE_CUDA;
  std::string golden = "golden";
  const char *only = nullptr;
  uint64_t seed = 1;
  bool verbose = false, list = false;
};

/// What is allowed for a dtype, and in what the variant multiplies f32: ||got - expected|| / ||expected||.
double boundOf(const Problem &problem, const mixc_variant_desc &variant) {
  mixc_dtype narrowest = MIXC_F32;
  for (const HostTensor &tensor : problem.tensors)
    if (tensor.dtype != MIXC_F32)
      narrowest = tensor.dtype;
  if (narrowest == MIXC_F32)
    return variant.cost.operand == MIXC_OPERAND_TF32 ? 1e-3 : 5e-6;
  return 6e-3;
}

class Runner {
public:
  explicit Runner(const Options &options) : options(options) {}

  /// Runs every variant of the problem with the splits given (0: as the cost model says) and judges each by `errorOf`.
  template <typename ErrorOf>
  void run(const Problem &problem, Placement placement, int64_t splits, const std::string &what, ErrorOf errorOf) {
    placement.device = options.device;
    Call call(problem, placement);
    bool any = false;
    for (int32_t v = 0; v < problem.desc.n_variants; ++v) {
      if (problem.desc.variants[v].device != options.device || (splits > 1 && problem.desc.variants[v].max_splits == 1))
        continue;
      mixc_plan plan{};
      plan.variant = v;
      plan.splits = splits;
      const std::string name = what + ", " + problem.desc.variants[v].name;
      mixc_status status = call.plan(plan);
      any |= status.code == MIXC_OK;
      if (status.code == MIXC_UNSUPPORTED || status.code == MIXC_INVALID_ARGUMENT)
        continue;
      judge(problem, call, plan, status, name, errorOf);
    }
    if (!any && splits == 0)
      record(false, what + ": expected a variant that runs here, got none");
  }

  /// Runs every variant of two problems of the same shape and judges each pair of calls by `errorOf`, which gives 0 for a good one.
  template <typename ErrorOf> void runPair(const Problem &left, const Problem &right, const std::string &what, ErrorOf errorOf) {
    Placement placement{options.device, 0};
    Call a(left, placement), b(right, placement);
    for (int32_t v = 0; v < left.desc.n_variants; ++v) {
      if (left.desc.variants[v].device != options.device)
        continue;
      mixc_plan plan{};
      plan.variant = v;
      mixc_status status = a.plan(plan);
      if (status.code == MIXC_OK)
        status = b.plan(plan);
      const std::string name = what + ", " + left.desc.variants[v].name;
      if (status.code == MIXC_UNSUPPORTED || status.code == MIXC_INVALID_ARGUMENT)
        continue;
      a.poison();
      b.poison();
      if (status.code == MIXC_OK)
        status = a.run(plan);
      if (status.code == MIXC_OK)
        status = b.run(plan);
      settle();
      const double error = status.code == MIXC_OK ? errorOf(a, b) : 1;
      record(error == 0, name + ": " + (status.code == MIXC_OK ? "difference " + std::to_string(error) : status.message));
    }
  }

  /// Fails if no plan since the last call halved blocks.
  void expectHalved(const std::string &what) {
    if (!halved)
      record(false, what + ": expected a plan that halves blocks, got none; is this a GPU of 132 multiprocessors?");
    halved = 0;
  }

  int finish() const {
    std::printf("%d passed, %d failed\n", passed, failed);
    return failed || !passed ? 1 : 0;
  }

private:
  template <typename ErrorOf>
  void judge(const Problem &problem, Call &call, const mixc_plan &plan, mixc_status status, const std::string &name, ErrorOf errorOf) {
    call.poison();
    if (status.code == MIXC_OK)
      status = call.run(plan);
    if (status.code != MIXC_OK)
      return record(false, name + ": " + status.message);
    settle();
    const double error = errorOf(call), bound = boundOf(problem, problem.desc.variants[plan.variant]);
    halved += plan.halved > 0;
    char text[160];
    std::snprintf(text, sizeof text, ": error %.2e, bound %.0e, %lld splits, %lld halved", error, bound,
                  static_cast<long long>(plan.splits), static_cast<long long>(plan.halved));
    record(error <= bound, name + text);
    const std::vector<std::vector<float>> first = results(problem, call);
    call.poison();
    status = call.run(plan);
    settle();
    if (status.code != MIXC_OK || !sameBits(first, results(problem, call)))
      record(false, name + ": expected the same bits from a second run, got others");
  }

  void settle() const {
    if (options.device == MIXC_DEVICE_CUDA)
      synchronize();
  }

  static std::vector<std::vector<float>> results(const Problem &problem, const Call &call) {
    std::vector<std::vector<float>> all;
    for (size_t i = 0; i < problem.tensors.size(); ++i)
      if (problem.tensors[i].isResult && problem.tensors[i].present)
        all.push_back(call.read(i));
    return all;
  }

  static bool sameBits(const std::vector<std::vector<float>> &a, const std::vector<std::vector<float>> &b) {
    for (size_t i = 0; i < a.size(); ++i)
      if (std::memcmp(a[i].data(), b[i].data(), a[i].size() * sizeof(float)) != 0)
        return false;
    return true;
  }

  void record(bool good, const std::string &text) {
    (good ? passed : failed) += 1;
    if (!good || options.verbose)
      std::printf("%s %s\n", good ? "pass" : "FAIL", text.c_str());
    std::fflush(stdout);
  }

  const Options &options;
  int passed = 0, failed = 0, halved = 0;
};

void runGolden(const Entry &entry, const Options &options, Runner &runner) {
  mixc::npz::Archive arrays;
  std::string error;
  const std::string path = options.golden + "/" + entry.mixer + ".npz";
  if (!mixc::npz::readFile(path, arrays, error)) {
    std::fprintf(stderr, "--golden: %s\n", error.c_str());
    std::exit(2);
  }
  int64_t batch = 1, length = 1;
  for (const HostTensor &tensor : Problem(*entry.desc, 1, 1).tensors)
    if (const size_t at = tensor.dims.find('T'); at != std::string::npos && arrays.count(tensor.name)) {
      batch = arrays[tensor.name].shape[tensor.dims.find('B')];
      length = arrays[tensor.name].shape[at];
    }
  Problem problem(*entry.desc, batch, length);
  std::vector<std::vector<double>> expected(problem.tensors.size());
  for (size_t i = 0; i < problem.tensors.size(); ++i) {
    HostTensor &tensor = problem.tensors[i];
    const auto found = arrays.find(tensor.name);
    tensor.present = found != arrays.end();
    if (!tensor.present)
      continue;
    expected[i] = found->second.toDoubles();
    if (!tensor.isResult)
      tensor.values.assign(expected[i].begin(), expected[i].end());
  }
  for (int64_t splits : {0, 2})
    runner.run(problem, {}, splits, std::string("golden ") + entry.name, [&](const Call &call) {
      double worst = 0;
      for (size_t i = 0; i < problem.tensors.size(); ++i) {
        if (!problem.tensors[i].isResult || !problem.tensors[i].present)
          continue;
        Error sum;
        const std::vector<float> got = call.read(i);
        for (size_t e = 0; e < got.size(); ++e)
          sum.add(got[e], expected[i][e]);
        worst = std::max(worst, sum.relative());
      }
      return worst;
    });
}

/// Sixteen resets in one chunk and one elsewhere, where the mixer takes g as an argument.
bool addResets(Problem &problem) {
  HostTensor *g = problem.find("g");
  if (!g || problem.length < 40)
    return false;
  const int64_t heads = g->size('H');
  for (int64_t t = 8; t < problem.length; t = t < 38 ? t + 2 : t + 61)
    for (int64_t h = 0; h < heads; ++h)
      g->values[static_cast<size_t>(t * heads + h)] = h % 2 ? -1e4f : -std::numeric_limits<float>::infinity();
  return true;
}

struct Case {
  int64_t batch, length, pad, splits;
  bool states;
};

void runCase(const Entry &entry, const Case &c, bool resets, uint64_t seed, Runner &runner) {
  Problem problem(*entry.desc, c.batch, c.length);
  for (HostTensor &tensor : problem.tensors)
    tensor.present = !tensor.optional || c.states;
  problem.randomize(seed);
  if (resets && !addResets(problem))
    return;
  char what[200];
  std::snprintf(what, sizeof what, "random %s, seed %llu, B %lld T %lld pad %lld%s", entry.name, static_cast<unsigned long long>(seed),
                static_cast<long long>(c.batch), static_cast<long long>(c.length), static_cast<long long>(c.pad), resets ? " resets" : "");
  runner.run(problem, {MIXC_DEVICE_CUDA, c.pad}, c.splits, what, [&](const Call &call) {
    const ResultErrors errors = checkHeads(problem, call, 8);
    return std::max(errors.y, errors.state);
  });
}

/// Index of an element of the first batch entry at token t; the other dimensions are drawn.
size_t elementAt(const HostTensor &tensor, int64_t t, uint64_t draw) {
  int64_t at = 0;
  for (size_t d = 0; d < tensor.sizes.size(); ++d) {
    const int64_t size = tensor.sizes[d];
    at = at * size + (tensor.dims[d] == 'B' ? 0 : tensor.dims[d] == 'T' ? t : static_cast<int64_t>(draw % static_cast<uint64_t>(size)));
    draw = draw * 7 / 3;
  }
  return static_cast<size_t>(at);
}

/// Results of tokens [first, last) of every batch entry, or of all tokens of every entry but the first.
std::vector<float> part(const Problem &problem, const Call &call, size_t result, int64_t first, int64_t last, bool others) {
  const HostTensor &tensor = problem.tensors[result];
  const std::vector<float> all = call.read(result);
  const size_t t = tensor.dims.find('T');
  int64_t inner = 1, perEntry = tensor.count() / problem.batch;
  for (size_t d = t + 1; d < tensor.sizes.size(); ++d)
    inner *= tensor.sizes[d];
  std::vector<float> some;
  for (int64_t i = others ? perEntry : 0; i < tensor.count(); ++i) {
    const int64_t token = t == std::string::npos ? -1 : i / inner % problem.length;
    if (others || (token >= first && token < last))
      some.push_back(all[static_cast<size_t>(i)]);
  }
  return some;
}

bool same(const std::vector<float> &a, const std::vector<float> &b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// One element that is not finite: earlier tokens and other batch entries keep their bits; after a reset, where the decay is an
/// argument, so do later tokens, up to rounding.
void runNotFinite(const Entry &entry, uint64_t seed, Runner &runner) {
  for (int round = 0; round < 4; ++round, ++seed) {
    std::mt19937_64 generator(seed);
    auto below = [&](int64_t n) { return static_cast<int64_t>(generator() % static_cast<uint64_t>(n)); };
    Problem clean(*entry.desc, 2, 90 + below(100));
    clean.randomize(seed);
    const int64_t t = below(clean.length - 20), reset = t + 1 + below(19);
    HostTensor *g = clean.find("g");
    const bool resets = g && round % 2;
    if (resets)
      for (int64_t h = 0; h < g->size('H'); ++h)
        g->values[static_cast<size_t>(reset * g->size('H') + h)] = -std::numeric_limits<float>::infinity();
    for (const HostTensor &chosen : clean.tensors) {
      if (chosen.isResult || chosen.dims.find('T') == std::string::npos)
        continue;
      Problem spoiled = clean;
      HostTensor &tensor = *spoiled.find(chosen.name);
      tensor.values[elementAt(tensor, t, generator())] = round < 2 ? NAN : INFINITY;
      runner.runPair(clean, spoiled,
                     "not finite " + std::string(entry.name) + ", " + chosen.name + " at " + std::to_string(t) +
                         (resets ? " before a reset at " + std::to_string(reset) : "") + ", seed " + std::to_string(seed),
                     [&](const Call &before, const Call &after) {
                       for (size_t i = 0; i < clean.tensors.size(); ++i) {
                         if (!clean.tensors[i].isResult || !clean.tensors[i].present)
                           continue;
                         if (!same(part(clean, before, i, 0, t, false), part(clean, after, i, 0, t, false)) ||
                             !same(part(clean, before, i, 0, 0, true), part(clean, after, i, 0, 0, true)))
                           return 1.0;
                         if (!resets)
                           continue;
                         Error error;
                         const std::vector<float> a = part(clean, before, i, reset, clean.length, false),
                                                  b = part(clean, after, i, reset, clean.length, false);
                         for (size_t e = 0; e < a.size(); ++e)
                           error.add(b[e], a[e]);
                         if (!a.empty() && !(error.relative() < 4e-3))
                           return error.relative();
                       }
                       return 0.0;
                     });
    }
  }
}

void runRandom(const Entry &entry, Runner &runner) {
  const Case cases[] = {{1, 1, 0, 0, true},   {2, 17, 8, 0, true},  {1, 64, 0, 0, false},  {3, 131, 0, 0, true},
                        {1, 300, 3, 0, true}, {2, 517, 0, 3, true}, {1, 1000, 8, 5, false}};
  for (const Case &c : cases)
    for (bool resets : {false, true})
      runCase(entry, c, resets, static_cast<uint64_t>(c.length), runner);
}

/// Enough chunks that half a wave of them is worth a launch, the last one not full.
void runHalved(const Entry &entry, Runner &runner) {
  for (const Case &c : {Case{1, 1100, 0, 0, true}, Case{2, 1989, 8, 0, false}}) {
    runCase(entry, c, /*resets=*/false, 1, runner);
    runner.expectHalved(entry.name);
  }
}

void runDrawn(const Entry &entry, uint64_t seed, Runner &runner) {
  constexpr int draws = 3;
  for (const char *c = entry.name; *c; ++c)
    seed = seed * 31 + static_cast<unsigned char>(*c);
  seed %= 1000000007;
  std::printf("%s: seeds %llu to %llu\n", entry.name, static_cast<unsigned long long>(seed),
              static_cast<unsigned long long>(seed + draws - 1));
  for (int i = 0; i < draws; ++i, ++seed) {
    std::mt19937_64 generator(seed);
    auto below = [&](uint64_t n) { return static_cast<int64_t>(generator() % n); };
    const int64_t most[] = {3, 70, 200, 900};
    const int64_t pads[] = {0, 8, 16, 3}, splits[] = {0, 0, 2, 4};
    Case c;
    c.batch = 1 + below(3);
    c.length = 1 + below(static_cast<uint64_t>(most[below(4)]));
    c.pad = pads[below(4)];
    c.splits = splits[below(4)];
    c.states = below(2) == 0;
    runCase(entry, c, /*resets=*/false, seed, runner);
  }
}

void runRacing(const Entry &entry, Runner &runner) { runCase(entry, {2, 300, 0, 0, true}, /*resets=*/false, 1, runner); }

Options parse(int argc, char **argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    if (!std::strcmp(argv[i], "--device") && i + 1 < argc && !std::strcmp(argv[i + 1], "cpu"))
      options.device = MIXC_DEVICE_CPU, ++i;
    else if (!std::strcmp(argv[i], "--device") && i + 1 < argc && !std::strcmp(argv[i + 1], "cuda"))
      ++i;
    else if (!std::strcmp(argv[i], "--golden") && i + 1 < argc)
      options.golden = argv[++i];
    else if (!std::strcmp(argv[i], "--only") && i + 1 < argc)
      options.only = argv[++i];
    else if (!std::strcmp(argv[i], "--seed") && i + 1 < argc)
      options.seed = std::strtoull(argv[++i], nullptr, 10);
    else if (!std::strcmp(argv[i], "--verbose"))
      options.verbose = true;
    else if (!std::strcmp(argv[i], "--list"))
      options.list = true;
    else {
      std::fprintf(stderr, "usage: cuda_cases [--device cuda|cpu] [--golden DIR] [--only TEXT] [--seed N] [--verbose] [--list]\n");
      std::exit(2);
    }
  }
  return options;
}

} // namespace

int main(int argc, char **argv) {
  const Options options = parse(argc, argv);
  if (options.list) {
    for (const Entry &entry : entries)
      if (!options.only || std::strstr(entry.name, options.only))
        std::printf("%s\n", entry.name);
    return 0;
  }
  if (options.device == MIXC_DEVICE_CUDA)
    openDevice();
  Runner runner(options);
  for (const Entry &entry : entries) {
    // Kernels with a race, whose results may be anything, run where they are asked for.
    if (entry.kind == Kind::racing ? !options.only || std::strcmp(entry.name, options.only) != 0
                                   : options.only && !std::strstr(entry.name, options.only))
      continue;
    if (entry.kind == Kind::golden)
      runGolden(entry, options, runner);
    if (entry.kind == Kind::golden || entry.kind == Kind::random)
      runRandom(entry, runner);
    if (entry.kind == Kind::halved)
      runHalved(entry, runner);
    if (entry.kind == Kind::drawn)
      runDrawn(entry, options.seed, runner);
    if (entry.kind != Kind::racing && entry.kind != Kind::halved)
      runNotFinite(entry, options.seed, runner);
    if (entry.kind == Kind::racing)
      runRacing(entry, runner);
  }
  return runner.finish();
}
