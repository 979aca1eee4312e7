// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "mixc/passes/Family.h"

namespace mixc {
/// Code for every CPU, and for every GPU from sm_80 on, whose warps all do the same.
std::unique_ptr<Family> makePortableFamily();
/// Code for sm_90a alone: TMA, wgmma, warps with roles.
std::unique_ptr<Family> makeSm90aFamily();
} // namespace mixc
