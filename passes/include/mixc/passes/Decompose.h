// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Passes that turn a spec and a plan into a tile program.
#pragma once

#include "mixc/dialect/Mixer.h"
#include "mixc/dialect/Tile.h"
#include "mlir/Pass/Pass.h"

namespace mixc {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "mixc/passes/DecomposePasses.h.inc"
} // namespace mixc
