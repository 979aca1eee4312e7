// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The object file: CPU kernels, embedded GPU images, the descriptor and the API functions.
#pragma once

#include "mixc/passes/Compiler.h"
#include "llvm/IR/Module.h"

namespace mixc {

/// "v3" or "v4" behind a separator.
std::string cpuSuffix(mixc_cpu_level level, llvm::StringRef separator);
/// Name of a CPU kernel in the module: one for each level.
std::string cpuSymbol(llvm::StringRef symbol, mixc_cpu_level level);

/// Adds the descriptor (hidden), the images and the four API functions of the spec to a module that holds the CPU
/// kernels, if any, under their `cpuSymbol`s.
void addInterface(llvm::Module &module, const SpecInfo &info);

} // namespace mixc
