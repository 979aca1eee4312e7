// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Specs that are drawn, through every algorithm that they have, against the float64 recurrence:
//
//     random_specs --seed=7 --count=3000              so many specs; or as many as --seconds=60 allow
//     random_specs --seed=7 --first=123 --count=1     one of them again
//     random_specs ... --print                        only their text
//     random_specs ... --device=cuda                  on this machine's GPU instead of its CPU
//
// Each is compiled for this machine and called twice, by drawn calls (Calls.h says what of, and how errors are bounded). One that fails is
// printed whole. A variant for a GPU may refuse tensors that are not aligned.

#include "Calls.h"
#include "Generator.h"
#include "Numbers.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/PrettyStackTrace.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>

using namespace llvm;
using namespace mixc;
using namespace mixc::calls;

static constexpr int kCallsOfOne = 2;
/// B T H N P of a call, which the reference takes one by one; T where states grow.
static constexpr int64_t kMostSteps = 1 << 21, kMostGrowing = 1024;

namespace {
struct Tally {
  std::map<std::string, std::pair<double, std::string>> worst; ///< by dtype and algorithm: the share of the bound, and where
  uint64_t calls = 0, refused = 0;
};
} // namespace

static Error callVariant(test::Kernel &kernel, const Callee &callee, const DrawnCall &drawn, const reference::ScaledResults &reference,
                         Random &random, const std::string &where, Tally &tally) {
  test::Call call{drawn.sizes.at("B"), drawn.sizes.at("T"), drawn.inputs, drawn.splits};
  call.variant = drawn.variant;
  call.inPlace = drawn.inPlace;
  call.sequences = drawn.sequences;
  call.indexBytes = drawn.indexBytes;
  for (const mixc_tensor_desc &tensor : ArrayRef(callee.desc->tensors, callee.desc->n_tensors)) {
    if (drawn.strided)
      call.layouts[tensor.name] = kernel.recipe().device ? test::randomLayoutOfRows(tensor, random) : test::randomLayout(tensor, random);
    if (tensor.is_result && tensor.optional && !drawn.states)
      call.unwanted.insert(tensor.name);
  }
  test::Outcome outcome = test::attempt(kernel, call);
  std::string text = std::string(callee.desc->variants[drawn.variant].name) + ", " + drawn.text + ": ";
  if (!outcome.faults.empty())
    return createStringError(text + join(outcome.faults, "; "));
  tally.refused += !outcome.refusal.empty();
  if (!outcome.refusal.empty())
    return Error::success();
  Verdict verdict = judge(callee, drawn, reference, outcome.results);
  ++tally.calls;
  auto &worst = tally.worst[callee.dtype + " " + StringRef(callee.desc->variants[drawn.variant].name).rtrim("0123456789").str()];
  if (worst.first <= verdict.share())
    worst = {verdict.share(), where + ": " + text + verdict.text()};
  return verdict.share() > 1 ? createStringError(text + verdict.text()) : Error::success();
}

static int64_t mostSteps(const DrawnSpec &spec) {
  return spec.grows ? std::min(kMostSteps, kMostGrowing * stepsOfToken(spec)) : kMostSteps;
}

/// All that fails.
static Error check(const DrawnSpec &spec, Device *device, Random &random, const std::string &where, Tally &tally) {
  const int64_t chunks[] = {0, 0, 16, 32, 64};
  const char *const levels[] = {"", "", "", "", "", "", "", "v3"};
  test::Recipe recipe{spec.name, spec.sizes, spec.dtype, pick(random, levels)};
  recipe.source = spec.text;
  recipe.device = device;
  const int64_t drawnChunk = pick(random, chunks), chunk = device ? 0 : drawnChunk; // families for GPUs have chunks of their own
  Expected<std::unique_ptr<test::Kernel>> kernel = test::Kernel::makeAll(recipe, chunk);
  if (!kernel)
    return kernel.takeError();
  Callee callee{spec.name,       recipe.text(),    spec.dtype, (*kernel)->spec(), (*kernel)->descriptor(),
                mostSteps(spec), spec.isQuadratic, spec.grows};
  Error failures = Error::success();
  for (int i = 0; i < kCallsOfOne; ++i) {
    DrawnCall call = draw(callee, random);
    call.sizes.insert(spec.sizes.begin(), spec.sizes.end()); // of dimensions that constants alone have
    Expected<reference::ScaledResults> reference = referenceOf(callee, call);
    if (!reference)
      return joinErrors(std::move(failures), reference.takeError());
    for (call.variant = 0; call.variant < callee.desc->n_variants; ++call.variant)
      failures = joinErrors(std::move(failures), callVariant(**kernel, callee, call, *reference, random, where, tally));
  }
  return failures;
}

namespace {
struct Work {
  Options options;
  bool print = false;
  std::unique_ptr<Device> device; ///< null: the CPU
};
} // namespace

/// Nothing, with a message, if something is wrong.
static std::optional<Work> parseWork(int argc, char **argv) {
  std::optional<Options> options = parseOptions(argc, argv);
  if (!options)
    return std::nullopt;
  Work work{*options};
  for (StringRef arg : options->others) {
    if (arg == "--print") {
      work.print = true;
    } else if (arg.consume_front("--device=")) {
      if (!openMachine(arg, work.device))
        return std::nullopt;
    } else {
      errs() << "random_specs: expected --seed, --first, --count, --seconds with a number, --print or --device=cpu|cuda, got '" << arg
             << "'\n";
      return std::nullopt;
    }
  }
  return work;
}

/// Checks the spec of that number; whether it failed.
static bool workOn(const Work &work, uint64_t index, Tally &tally) {
  std::seed_seq sequence{work.options.seed, work.options.seed >> 32, index, index >> 32, uint64_t('s')};
  Random random(sequence);
  DrawnSpec spec = drawSpec("drawn" + std::to_string(index), random);
  std::string shape;
  for (auto &[dim, size] : spec.sizes)
    shape += (shape.empty() ? "" : ",") + dim + "=" + std::to_string(size);
  std::string where = formatv("random_specs --seed={0} --first={1} --count=1", work.options.seed, index);
  std::string text = formatv("// {0}\n// --shape={1} --dtype={2}\n{3}", where, shape, spec.dtype, spec.text);
  PrettyStackTraceString trace(text.c_str());
  if (work.print) {
    outs() << text;
    return false;
  }
  Error error = check(spec, work.device.get(), random, where, tally);
  if (!error)
    return false;
  outs() << "FAIL " << toString(std::move(error)) << "\n" << text;
  return true;
}

int main(int argc, char **argv) {
  sys::PrintStackTraceOnErrorSignal(argv[0]);
  std::optional<Work> work = parseWork(argc, argv);
  if (!work)
    return 2;
  auto start = std::chrono::steady_clock::now();
  auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  outs() << "random_specs: --seed=" << work->options.seed << "\n";
  outs().flush();
  Tally tally;
  uint64_t done = 0, failed = 0;
  for (; done < work->options.count && seconds() < work->options.seconds; ++done) {
    failed += workOn(*work, work->options.first + done, tally);
    outs().flush();
  }
  for (auto &[kind, worst] : tally.worst)
    outs() << formatv("worst in {0}, {1:f2} of its bound: {2}\n", kind, worst.first, worst.second);
  outs() << formatv("random_specs: {0} specs, {1} calls in {2:f0} s, {3} refused, {4} failed\n", done, tally.calls, seconds(),
                    tally.refused, failed);
  return failed || !done;
}
