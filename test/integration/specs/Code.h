// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Compiled code as text that depends on names only where they are mapped.
#pragma once

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include <string>
#include <vector>

namespace mixc::test {

using MapName = llvm::function_ref<std::string(llvm::StringRef)>;

/// What is in an object's sections that are loaded, one line for a section's bytes and one for each relocation. Strings are mapped as
/// they are referred to.
std::vector<std::string> describeObject(llvm::StringRef object, MapName mapSymbol, MapName mapString);

/// Tile programs or PTX by line, their symbols mapped.
std::vector<std::string> describeText(llvm::StringRef text, MapName mapSymbol);

} // namespace mixc::test
