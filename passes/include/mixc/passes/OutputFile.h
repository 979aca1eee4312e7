// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Files that are either complete or not there.
#pragma once

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"

namespace mixc {

/// Writes a file as a whole: into a temporary file beside it, then renamed. "-" is standard output; devices and pipes
/// are written directly. The error names the path.
llvm::Error writeFile(llvm::StringRef path, llvm::StringRef bytes);

/// The same for a file that something else writes: `write` gets the path of the temporary file.
llvm::Error replaceFile(llvm::StringRef path, llvm::function_ref<llvm::Error(llvm::StringRef)> write);

} // namespace mixc
