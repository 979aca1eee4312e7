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
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> lowerToCpu(mlir::ModuleOp module, llvm::ArrayRef<mixc_cpu_level> levels,
                                                              std::vector<VariantInfo> &variants);

/// LLVM IR of what lowerToCpu returned, every kernel internal and compiled for its own level.
llvm::Expected<std::unique_ptr<llvm::Module>> translateCpu(mlir::ModuleOp module, llvm::LLVMContext &context, llvm::StringRef name);

/// Kernels of one level, whose code is there before what refers to them is known.
struct CpuAssembly {
  std::vector<std::string> kernels;
  std::string text; ///< defines them as local symbols; its labels are those of the spec and the level
};

/// Optimises the kernels of a module, which is called like their spec, all of one level, and generates their code.
llvm::Expected<CpuAssembly> assembleCpu(llvm::Module &module, mixc_cpu_level level);
/// Makes it part of a module.
void addAssembly(llvm::Module &module, const CpuAssembly &assembly);

} // namespace mixc
