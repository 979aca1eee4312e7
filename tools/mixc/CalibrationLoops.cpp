// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "CalibrationLoops.h"
#include "CalibrationLoopText.h"
#include "mixc/passes/HostCode.h"
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <numeric>
#include <random>
#include <thread>

using namespace llvm;
using namespace mixc;

// Short ones, of which some are between two turns of other programs.
static constexpr double kRunSeconds = 0.003;
static constexpr unsigned kRuns = 41;
// Of loops in the first-level cache and in registers; the former is at least 32 KiB.
static constexpr size_t kStateBytes = 32 << 10, kLoadedBytes = 16 << 10, kRegisterBytes = 4 << 10;
static constexpr size_t kLineBytes = 64;

namespace {
/// Those who wait go on at once when the last one comes.
class StartLine {
public:
  explicit StartLine(unsigned count) : missing(count) {}
  void wait() {
    std::unique_lock<std::mutex> lock(mutex);
    if (--missing == 0)
      all.notify_all();
    all.wait(lock, [&] { return missing == 0; });
  }

private:
  std::mutex mutex;
  std::condition_variable all;
  unsigned missing;
};

/// Memory in whole lines, for one thread.
class Lines {
public:
  explicit Lines(size_t bytes) : data(static_cast<float *>(std::aligned_alloc(kLineBytes, bytes))) {
    if (data)
      std::fill(data, data + bytes / sizeof(float), 0.5f);
  }
  Lines(Lines &&other) : data(std::exchange(other.data, nullptr)) {}
  ~Lines() { std::free(data); }
  float *data;
};
} // namespace

static double secondsOf(function_ref<void()> work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Expected<std::unique_ptr<CalibrationLoops>> CalibrationLoops::compile() {
  const int64_t lanes = hostLanes();
  Expected<std::string> object = compileHostCode(calibrationLoopText(lanes));
  if (!object)
    return object.takeError();
  Expected<std::unique_ptr<LoadedObject>> code = LoadedObject::load(*object, "calibration");
  if (!code)
    return code.takeError();
  std::unique_ptr<CalibrationLoops> loops(new CalibrationLoops);
  loops->code = std::move(*code);
  loops->lanes = static_cast<double>(lanes);
  for (auto [loop, name] : {std::pair{&loops->multiplyAdd, "multiply_add"},
                            {&loops->exponential, "exponential"},
                            {&loops->stateUpdate, "state_update"},
                            {&loops->cacheLoad, "cache_load"},
                            {&loops->copy, "copy"},
                            {&loops->dependentLoad, "dependent_load"}}) {
    Expected<void *> address = loops->code->find(name);
    if (!address)
      return address.takeError();
    *loop = reinterpret_cast<Loop>(*address);
  }
  return loops;
}

/// So many rounds take about kRunSeconds.
static int64_t roundsFor(function_ref<void(int64_t)> run) {
  for (int64_t rounds = 1;; rounds *= 4)
    if (const double seconds = secondsOf([&] { run(rounds); }); seconds > kRunSeconds / 8)
      return std::max<int64_t>(1, static_cast<int64_t>(static_cast<double>(rounds) * kRunSeconds / seconds));
}

Runs CalibrationLoops::rates(Loop loop, unsigned threads, size_t bytes, double operationsOfRound) const {
  std::vector<Lines> memory;
  for (unsigned i = 0; i < threads; ++i)
    memory.emplace_back(bytes);
  if (any_of(memory, [](const Lines &lines) { return !lines.data; }))
    return {};
  const int64_t rounds = roundsFor([&](int64_t count) { loop(memory[0].data, static_cast<int64_t>(bytes), count); });
  Runs runs;
  for (unsigned run = 0; run < kRuns; ++run) {
    StartLine start(threads);
    std::vector<double> seconds(threads);
    std::vector<std::thread> all;
    for (unsigned i = 0; i < threads; ++i)
      all.emplace_back([&, i] {
        start.wait();
        seconds[i] = secondsOf([&] { loop(memory[i].data, static_cast<int64_t>(bytes), rounds); });
      });
    for (std::thread &thread : all)
      thread.join();
    double rate = 0;
    for (double one : seconds)
      rate += operationsOfRound * static_cast<double>(rounds) / one;
    runs.values.push_back(rate);
  }
  return runs;
}

// What a round does is said in CalibrationLoopText.h.

Runs CalibrationLoops::multiplyAdds(unsigned threads) const { return rates(multiplyAdd, threads, kRegisterBytes, 2 * 12 * lanes); }

Runs CalibrationLoops::exponentials(unsigned threads) const { return rates(exponential, threads, kRegisterBytes, 6 * lanes); }

Runs CalibrationLoops::stateUpdates(unsigned threads) const {
  constexpr double kOperations = 3; // two update an entry, one reads it
  return rates(stateUpdate, threads, kStateBytes, kOperations * kStateBytes / sizeof(float));
}

Runs CalibrationLoops::cacheLoads(unsigned threads) const { return rates(cacheLoad, threads, kLoadedBytes, kLoadedBytes); }

Runs CalibrationLoops::copies(unsigned threads, size_t bytes) const {
  const size_t each = bytes / threads / 4096 * 4096;
  return rates(copy, threads, each, static_cast<double>(each));
}

Runs CalibrationLoops::dependentLoads(size_t bytes) const {
  const size_t count = bytes / kLineBytes;
  Lines memory(count * kLineBytes);
  if (!memory.data)
    return {};
  std::vector<uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin() + 1, order.end(), std::mt19937_64(1));
  auto line = [&](size_t i) { return reinterpret_cast<void **>(reinterpret_cast<char *>(memory.data) + order[i % count] * kLineBytes); };
  for (size_t i = 0; i < count; ++i)
    *line(i) = line(i + 1);
  // Each run goes on where the one before has ended: its lines are not in the cache yet.
  const int64_t rounds = roundsFor([&](int64_t rounds) { dependentLoad(memory.data, 0, rounds); });
  Runs runs;
  for (unsigned run = 0; run < kRuns; ++run)
    runs.values.push_back(secondsOf([&] { dependentLoad(memory.data, 0, rounds); }) / static_cast<double>(rounds));
  return runs;
}
