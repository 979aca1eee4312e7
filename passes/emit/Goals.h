// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What --target asks for.
#pragma once

#include "mixc/passes/Compiler.h"
#include "mixc/passes/Target.h"

namespace mixc {

struct Goals {
  std::optional<Target> cpu;     ///< machine that the CPU variants are chosen for
  std::optional<Target> gpu;     ///< machine that the GPU variants are chosen for: the highest architecture named
  std::vector<int> cubins;       ///< architectures to run ptxas for, 80, 90, ..., ascending
};

/// The error names the target.
llvm::Expected<Goals> resolveGoals(const CompileOptions &options);

} // namespace mixc
