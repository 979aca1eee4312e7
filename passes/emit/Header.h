// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The C header of a compiled spec, and the JSON manifest of one or several.
#pragma once

#include "mixc/passes/Compiler.h"

namespace mixc {

std::string writeHeader(const SpecInfo &info);
/// Of one spec, an object that says it all; of several, one with a list of these, `specs`.
std::string writeManifest(llvm::ArrayRef<SpecInfo> specs);

} // namespace mixc
