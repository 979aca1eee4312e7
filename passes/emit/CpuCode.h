// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CPU kernels of tile programs as LLVM IR, one copy for each level.
#pragma once

#include "mixc/passes/Compiler.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/IR/Module.h"

namespace mixc {

/// Levels to compile: both, or the one that this machine (or $MIXC_CPU) would run.
std::vector<mixc_cpu_level> cpuLevels(bool hostOnly);

/// Lowers the tile programs of `module` for each level, to the LLVM dialect. Fills in scratch sizes.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> lowerToCpu(mlir::ModuleOp module,
                                                              llvm::ArrayRef<mixc_cpu_level> levels,
                                                              std::vector<VariantInfo> &variants);

/// LLVM IR of what lowerToCpu returned, every kernel internal and compiled for its own level.
llvm::Expected<std::unique_ptr<llvm::Module>> translateCpu(mlir::ModuleOp module, llvm::LLVMContext &context,
                                                           llvm::StringRef name);

/// Optimises the kernels and generates their code, before what refers to them is known: a module with their assembly, and
/// declarations of them.
llvm::Expected<std::unique_ptr<llvm::Module>> assembleCpu(llvm::Module &module);

} // namespace mixc
