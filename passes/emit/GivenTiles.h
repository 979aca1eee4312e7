// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tile programs that stand beside a spec in its file: they carry it out, nothing is chosen or decomposed.
#pragma once

#include "mixc/dialect/Mixer.h"
#include "mixc/dialect/Tile.h"
#include "mixc/passes/Compiler.h"

namespace mixc {

/// Copies the programs of `spec` to the module of `copy`, whose name they then have.
void copyPrograms(mixer::SpecOp spec, mixer::SpecOp copy);

bool hasPrograms(mlir::ModuleOp module);

/// Whether the kernels take the spec's tensors, as they are with the sizes that it has now, then the program's buffers, their products
/// have the precision of the plan, and the options leave nothing to choose; reports where not.
mlir::LogicalResult checkPrograms(mlir::ModuleOp module, mixer::SpecOp spec, const CompileOptions &options);

} // namespace mixc
