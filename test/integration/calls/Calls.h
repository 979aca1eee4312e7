// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Random calls against the float64 recurrence, each a function of a seed and its number alone. Programs say where the mixers come from
// and how they are called; their flags:
//
//     --seed=7 --count=3000              so many calls; or as many as --seconds=60 allow
//     --seed=7 --first=123 --count=1     one of them again
//
// An error is ||result - reference|| over the norms of its terms, as `mixc run --check` has it, and bounded as there; in f32,
// without products of tf32, the bound grows with T beyond 16384 tokens; with them it is that of f16.
#pragma once

#include "Device.h"
#include "Draw.h"
#include "mixc/reference/Evaluate.h"

namespace mixc::calls {

/// Mixers, and what runs them.
class Machine {
public:
  virtual ~Machine() = default;
  /// The mixer of a call. It stays until the next one is asked for.
  virtual llvm::Expected<const Callee *> callee(uint64_t seed, uint64_t index) = 0;
  /// Makes a call of that mixer; all results that there are. Sets the variant that it calls, and adds to the call's text what it chooses
  /// itself.
  virtual llvm::Expected<HostTensors> call(DrawnCall &call, Random &random) = 0;
};

struct Options {
  uint64_t seed = std::random_device()(), first = 0, count = UINT64_MAX / 2, seconds = 0;
  std::vector<llvm::StringRef> others; ///< what is left to the program
};
/// Nothing, with a message, if a number is none.
std::optional<Options> parseOptions(int argc, char **argv);
/// What --device=NAME names; null for the CPU. False, with a message, if there is none.
bool openMachine(llvm::StringRef name, std::unique_ptr<Device> &device);

/// The result of a call that is furthest from the reference, by its bound.
struct Verdict {
  std::string result;
  double error = 0, bound = 1;

  double share() const;
  std::string text() const;
};

/// What a call should give.
llvm::Expected<reference::ScaledResults> referenceOf(const Callee &callee, const DrawnCall &call);
Verdict judge(const Callee &callee, const DrawnCall &call, const reference::ScaledResults &reference, const HostTensors &results);

/// Makes the calls; prints each that fails, and the worst of each dtype and plan with what repeats it. Whether all were fine.
bool run(Machine &machine, const Options &options, llvm::StringRef program);

} // namespace mixc::calls
