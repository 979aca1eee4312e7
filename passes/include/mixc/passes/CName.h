// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names that the generated header declares in C and C++.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <string>

namespace mixc {

/// Words that neither C nor C++ takes as an identifier, and macros that compilers predefine (`linux`).
bool isCKeyword(llvm::StringRef name);

/// Whether a member of a struct of the header may not have that name: a keyword, or what the headers that it includes declare or define.
bool isTakenMemberName(llvm::StringRef name);

/// Why `name` cannot be what the symbols, types and constants of a header begin with, as "a C identifier, got '1a'", to be
/// read after "expected"; empty if it can.
std::string whyNotCName(llvm::StringRef name);

} // namespace mixc
