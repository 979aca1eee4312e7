// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A kind of input that is mutated: how a mutant is made and what is done with it.
#pragma once

#include "Random.h"
#include <memory>
#include <string>

namespace mixc::fuzz {

class Kind {
public:
  virtual ~Kind() = default;
  /// Mutant `index` of a run, the same for the same numbers.
  virtual std::string make(Random &random) const = 0;
  /// Hands an input to what is tested, in a process of its own. A rejected input is fine; to crash, to leave the process or to
  /// take long is not.
  virtual void run(const std::string &input) const = 0;
  /// How far the mutants of all children came; empty if that is not counted.
  virtual std::string summary() const { return ""; }
  /// Ending of the files in which inputs are kept.
  virtual const char *ending() const = 0;
  /// Whether inputs are text, which can be shrunk line by line.
  virtual bool isText() const { return true; }
};

/// The files of mixers/ and of test/dialect/mixer.
std::unique_ptr<Kind> makeSpecs();
/// Every .mlir file under test/, as written, in the generic form, and what the passes make of it.
std::unique_ptr<Kind> makeIr();
/// Command lines of mixc, one argument a line.
std::unique_ptr<Kind> makeCommandLines(const std::string &mixc);
/// .npz files, read alone and by mixc run.
std::unique_ptr<Kind> makeArchives(const std::string &mixc);

} // namespace mixc::fuzz
