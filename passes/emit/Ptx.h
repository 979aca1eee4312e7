// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From kernels in the llvm and nvvm dialects to PTX.
#pragma once

#include "mlir/IR/Operation.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include <string>

namespace mixc {

/// LLVM IR of the kernels of a builtin or gpu module.
llvm::Expected<std::unique_ptr<llvm::Module>> translateKernels(mlir::Operation *module, llvm::LLVMContext &context, llvm::StringRef name);

/// The first instruction of the module that `arch` (sm_80, sm_90a, ...) lacks, as an error.
llvm::Error checkLegal(const llvm::Module &module, llvm::StringRef arch);

/// PTX of the module, optimised. Every function it calls must be in it.
llvm::Expected<std::string> generatePtx(llvm::Module &module, llvm::StringRef arch);

/// One text of two: the first's version and target, which the second's code must suit, and the code of both.
std::string joinPtx(llvm::StringRef first, llvm::StringRef second);

} // namespace mixc
