// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An object of no more than so many bytes.
#pragma once

#include "CompileInputs.h"

namespace mixc {

/// Compiles the specs into one object, with fewer and fewer variants until it has at most `maxBytes`; 0: as they are. What keeps it from
/// that has been printed.
CompileResult compileWithin(llvm::MutableArrayRef<ChosenSpec> chosen, const CompileOptions &options, int64_t maxBytes);

} // namespace mixc
