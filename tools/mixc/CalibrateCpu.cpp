// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A CPU's numbers: rates by loops that do one thing, what a launch takes and what products reach by kernels.

#include "Calibration.h"
#include "CalibrationLoops.h"
#include "Memory.h"
#include "Session.h"
#include "mixc/passes/HostCode.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;
using namespace mixc;

static constexpr unsigned kLaunches = 500, kProducts = 400;

/// Times of calls of a shipped spec's plan by one algorithm, with what the plan costs.
static Expected<Runs> timeCalls(StringRef spec, const char *algorithm, Shape shape, unsigned count, mixc_cost &cost) {
  SessionOptions options;
  options.compile.algorithm = algorithm;
  options.compile.shape = std::move(shape);
  ExitCode code = kOk;
  std::unique_ptr<Session> session = Session::open(spec, options, code);
  if (!session)
    return createStringError("expected '" + spec + "', which comes with mixc, to run here; the reason is above");
  Expected<mixc_plan> plan = session->plan(-1, 1);
  if (!plan)
    return plan.takeError();
  cost = session->descriptor()->variants[plan->variant].cost;
  Runs runs;
  for (unsigned i = 0; i < count + count / 10 + 1; ++i) {
    Expected<double> seconds = session->execution().call(*plan);
    if (!seconds)
      return seconds.takeError();
    if (i > count / 10) // after warm-up
      runs.values.push_back(*seconds);
  }
  return runs;
}

/// The rate of products with which the model predicts the time that a kernel takes which does little else; at most that of multiply-adds.
static double productRate(const mixc_machine &machine, const mixc_cost &cost, int64_t length, double seconds) {
  mixc_cost_terms terms;
  mixc_cost_evaluate(&machine, &cost, 1, length, 1, &terms);
  const double products = seconds - (terms.total - terms.matrix);
  return machine.matrix_rate_f32 * std::min(1.0, terms.matrix / std::max(products, terms.matrix));
}

/// By chunks of one head, which one core computes alone: others that use the machine leave it one more often than all.
static Expected<Figure> calibrateProducts(const mixc_machine &machine, const Figure &peak) {
  constexpr int64_t length = 1024;
  mixc_cost cost;
  Expected<Runs> seconds =
      timeCalls("linear_attn", "chunked", {{"B", 1}, {"T", length}, {"H", 1}, {"N", 128}, {"P", 128}}, kProducts, cost);
  if (!seconds)
    return seconds.takeError();
  mixc_machine core = machine;
  core.units = 1;
  core.matrix_rate_f32 = peak.value;
  const std::string how = formatv("products of a chunked kernel; multiply-adds alone reach {0}", format("%.4g", peak.value));
  Figure figure = bestTime("matrix_rate_f32", *seconds, how);
  figure.value = productRate(core, cost, length, figure.value);
  return figure;
}

/// Of the cache of that level which the first CPU uses, as Linux says; `otherwise` where it does not.
static int64_t cacheBytes(unsigned level, int64_t otherwise) {
  for (unsigned index = 0; index < 8; ++index) {
    const std::string directory = formatv("/sys/devices/system/cpu/cpu0/cache/index{0}/", index);
    auto read = [&](const char *name) -> std::string {
      ErrorOr<std::unique_ptr<MemoryBuffer>> file = MemoryBuffer::getFileAsStream(directory + name);
      return file ? (*file)->getBuffer().trim().str() : "";
    };
    int64_t kilobytes = 0;
    if (read("level") == std::to_string(level) && !StringRef(read("size")).rtrim("K").getAsInteger(10, kilobytes) && kilobytes > 0)
      return kilobytes << 10;
  }
  return otherwise;
}

/// That of one unit.
static Figure perUnit(Figure figure, double units) {
  figure.value /= units;
  return figure;
}

Expected<std::vector<Figure>> mixc::calibrateCpu(Target &target) {
  mixc_machine &machine = target.machine;
  machine.units = mixc_num_threads();
  machine.shared_bytes = cacheBytes(2, machine.shared_bytes);
  machine.cache_bytes = cacheBytes(3, machine.cache_bytes);
  // Several times what the caches hold, as far as there is memory.
  const size_t large = std::min<uint64_t>(std::max<uint64_t>(256 << 20, 4 * machine.cache_bytes), availableMemory() / 4);
  mixc_cost cost;
  Expected<Runs> launches =
      timeCalls("linear_attn", "scan", {{"B", 1}, {"T", 1}, {"H", 4 * machine.units}, {"N", 16}, {"P", 16}}, kLaunches, cost);
  if (!launches)
    return launches.takeError();
  Expected<std::unique_ptr<CalibrationLoops>> loops = CalibrationLoops::compile();
  if (!loops)
    return loops.takeError();
  const unsigned threads = machine.units;
  const double units = machine.units;
  const Runs all = (*loops)->copies(threads, large), one = (*loops)->copies(1, large), chase = (*loops)->dependentLoads(large);
  if (all.values.empty() || one.values.empty() || chase.values.empty())
    return createStringError(make_error_code(std::errc::not_enough_memory), formatv("expected {0} bytes of memory, got none", large).str());
  std::vector<Figure> figures{
      knownFigure("units", units, "CPUs that this process may use, or MIXC_NUM_THREADS"),
      bestRate("copy_bandwidth", all, "copies of memory by all cores, read plus written"),
      bestRate("unit_bandwidth", one, "the same by one core"),
      perUnit(bestRate("shared_bandwidth", (*loops)->cacheLoads(threads), "loads from the first-level cache"), units),
      perUnit(bestRate("scalar_rate", (*loops)->stateUpdates(threads), "updates of a state in the first-level cache"), units),
      perUnit(bestRate("special_rate", (*loops)->exponentials(threads), "exponentials of vectors"), units),
      bestTime("launch_latency", *launches, "calls of one token of few heads"),
      bestTime("memory_latency", chase, "loads that depend on each other, from all over memory"),
      knownFigure("shared_bytes", static_cast<double>(machine.shared_bytes), "second-level cache, as the system says"),
      knownFigure("cache_bytes", static_cast<double>(machine.cache_bytes), "last-level cache, as the system says")};
  setFigures(target, figures);
  const Figure peak = perUnit(bestRate("", (*loops)->multiplyAdds(threads), ""), units);
  Expected<Figure> products = calibrateProducts(machine, peak);
  if (!products)
    return products.takeError();
  for (const char *key : {"matrix_rate_f32", "matrix_rate_tf32", "matrix_rate_half"}) { // a CPU multiplies in f32
    Figure same = *products;
    same.key = key;
    figures.push_back(std::move(same));
  }
  setFigures(target, figures);
  target.source =
      formatv("mixc calibrate, {0} core{1} with {2}", machine.units, machine.units == 1 ? "" : "s", hostLanes() == 16 ? "AVX-512" : "AVX2");
  return figures;
}
