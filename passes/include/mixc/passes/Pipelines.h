// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The compiler's passes in order, as `compile` runs them and as named pipelines of mixer-opt:
//     --mixer-to-tile     a spec to tile programs
//     --mixer-to-cpu      a spec to the LLVM dialect for a CPU
//     --mixer-to-gpu      a spec to kernels in the LLVM and NVVM dialects
#pragma once

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace mixc {

/// From a spec with plans to tile programs beside it.
void buildDecomposePipeline(mlir::OpPassManager &pm);

/// Registers the named pipelines.
void registerPipelines();

} // namespace mixc
