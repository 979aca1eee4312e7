// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a block of a portable plan takes of a unit: shared memory, registers, threads.
#pragma once

#include "mixc/passes/Facts.h"
#include "mixc/passes/Target.h"

namespace mixc {
int64_t portableBytes(const SpecFacts &facts, mixer::AlgorithmAttr plan);
int64_t portableBlocksPerUnit(const SpecFacts &facts, mixer::AlgorithmAttr plan, const Target &target);
} // namespace mixc
