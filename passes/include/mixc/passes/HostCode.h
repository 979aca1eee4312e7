// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions compiled as CPU kernels are, for the machine that this program runs on.
#pragma once

#include "llvm/Support/Error.h"
#include <string>

namespace mixc {

/// Lanes of f32 that kernels compute with on this machine: 16 with AVX-512 (unless $MIXC_CPU is v3), else 8.
int64_t hostLanes();

/// An object file of the functions of a module, given as text of the dialects that CPU kernels are lowered through (func, scf, arith, math,
/// vector, llvm). A function is a symbol of its name; its arguments are passed as in C.
llvm::Expected<std::string> compileHostCode(llvm::StringRef text);

} // namespace mixc
