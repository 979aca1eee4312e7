// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is said of a spec besides the verifier's errors.
#pragma once

#include "mixc/dialect/Mixer.h"
#include "mlir/IR/Diagnostics.h"
#include <optional>
#include <string>

namespace mixc::mixer {

/// What to say instead of MLIR's diagnostic and its notes if that is of the syntax around ops, which MLIR itself parses: its words are of
/// dialects, operations in quotes and SSA values. Else nothing. `text` is the file from the diagnostic's place on.
std::optional<std::string> explainParserError(const mlir::Diagnostic &diagnostic, llvm::StringRef text);

/// A warning at each argument that nothing uses: callers would fill it in for nothing, and a name may be mistyped.
void warnOfUnusedArguments(SpecOp spec);

} // namespace mixc::mixer
