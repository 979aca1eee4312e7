// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The C header and the JSON manifest of a compiled spec.
#pragma once

#include "mixc/passes/Compiler.h"

namespace mixc {

std::string writeHeader(const SpecInfo &info);
std::string writeManifest(const SpecInfo &info);

} // namespace mixc
