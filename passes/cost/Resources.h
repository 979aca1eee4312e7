// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "mixc/passes/Cost.h"

namespace mixc {
/// Blocks of a plan that a unit holds at once.
int32_t blocksPerUnit(const SpecFacts &facts, mixer::AlgorithmAttr plan, const Target &target);
} // namespace mixc
