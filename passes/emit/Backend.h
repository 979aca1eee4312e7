// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LLVM's back ends: from a module to optimised code.
#pragma once

#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"
#include <string>

namespace mixc {

inline constexpr const char kX86Triple[] = "x86_64-unknown-linux-gnu";
inline constexpr const char kNvptxTriple[] = "nvptx64-nvidia-cuda";

/// A target machine at -O3, position independent.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createTargetMachine(llvm::StringRef triple, llvm::StringRef cpu,
                                                                         llvm::StringRef features);

/// Runs passes, in the notation of `opt -passes`. Sets the module's triple and data layout.
void optimise(llvm::Module &module, llvm::TargetMachine &machine, llvm::StringRef passes);

/// Assembly or object code; sets triple and data layout. A "cannot select" of the back end is returned as an error; the process goes on.
llvm::Expected<std::string> generateCode(llvm::Module &module, llvm::TargetMachine &machine, llvm::CodeGenFileType type);

std::string printModule(llvm::Module &module);

} // namespace mixc
