// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Objects of a mixer: what its users have, and every plan that there is.
#pragma once

#include "Commands.h"
#include "Grid.h"
#include "Loader.h"

namespace mixc::regret {

/// An object to compile: of a chunk, or what a compilation without B and T gives.
struct Job {
  const Mixer *mixer;
  int64_t chunk = 0;
  bool all = false; ///< every algorithm, in this chunk
  std::string path; ///< where it is written
};

/// The jobs of a mixer: the users' object first.
std::vector<Job> jobsFor(const Mixer &mixer, llvm::StringRef directory);
/// Compiles them, by so many processes at once. What does not compile leaves no file.
void compileAll(llvm::ArrayRef<Job> jobs, llvm::StringRef target, unsigned processes);
/// Null if there is no object, or none that loads.
std::unique_ptr<LoadedSpec> load(const Job &job);

} // namespace mixc::regret
