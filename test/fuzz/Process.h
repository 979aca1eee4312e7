// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Limits on processes, and other programs run under them.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mixc::fuzz {

/// Processor seconds after which an input counts as hung; of a program, all threads together: two of mixc compile for every target.
constexpr int kSeconds = 20;
#ifdef MIXC_SANITIZED
constexpr int kProgramSeconds = 120;
#else
constexpr int kProgramSeconds = 40;
#endif

/// Bounds memory and the size of files, and has the process end with the one that started it.
void limitProcess();

/// Ends this process with SIGPROF once it has used kSeconds from now.
void startClock();

/// Runs a program in the current directory, its output discarded but for what it says on standard error. Leaves this process as
/// the program left its own if it crashed, hung, reported an error of a sanitizer or returned more than `largestCode`.
void runProgram(const std::vector<std::string> &args, int largestCode);

/// "signal 11 (Segmentation fault)" for a status of waitpid; empty if the process ended with 0.
std::string describeStatus(int status);

/// Numbers that all children add to.
class Tally {
public:
  explicit Tally(size_t size);
  ~Tally();
  Tally(const Tally &) = delete;
  void count(size_t which) { ++numbers[which]; }
  uint64_t operator[](size_t which) const { return numbers[which]; }

private:
  size_t size;
  std::atomic<uint64_t> *numbers; ///< in shared memory
};

bool writeFile(const std::string &path, const std::string &text);
std::string readFile(const std::string &path);

} // namespace mixc::fuzz
