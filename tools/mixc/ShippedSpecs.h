// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The specs that come with mixc: share/mixc/mixers/NAME.mlir beside the directory of this program.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <string>
#include <vector>

namespace mixc {

/// The directory that they lie in.
std::string shippedDirectory();

/// Their names, sorted.
std::vector<std::string> shippedSpecs();

/// The file to read for a SPEC of the command line: itself, or that of the shipped spec of that name.
std::string resolveSpec(llvm::StringRef given);

} // namespace mixc
