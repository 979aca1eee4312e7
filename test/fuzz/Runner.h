// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs mutants in forked children, many in each. A child that ends early has met a failure; the next one goes on behind it.
#pragma once

#include "Kind.h"
#include <chrono>
#include <functional>
#include <optional>
#include <sys/types.h>
#include <vector>

namespace mixc::fuzz {

struct Failure {
  uint64_t index = 0;
  std::string what; ///< "signal 11 (Segmentation fault)"
  std::string input;
  std::string log; ///< what was written to standard error
};

class Runner {
public:
  using Clock = std::chrono::steady_clock;

  Runner(const Kind &kind, uint64_t seed, unsigned jobs);
  ~Runner();
  Runner(const Runner &) = delete;

  /// Mutants from `first` on until `count` have run or it is `deadline`; returns how many have. `report` returns whether to go
  /// on.
  uint64_t run(uint64_t first, uint64_t count, Clock::time_point deadline, const std::function<bool(const Failure &)> &report);
  /// One input, in a child of its own.
  std::optional<Failure> check(const std::string &input);

private:
  struct Slot;   // what a child says of itself, in shared memory
  struct Worker; // a child and its slot
  void start(Worker &worker, const std::function<void()> &body);
  void startBatch(Worker &worker);
  uint64_t stop(Worker &worker);
  bool runOne(Worker &worker, const std::string &input);
  std::optional<Failure> poll(Worker &worker);

  const Kind &kind;
  uint64_t seed;
  std::string scratch; ///< a directory; each child has its own below
  std::vector<std::unique_ptr<Worker>> workers;
};

} // namespace mixc::fuzz
