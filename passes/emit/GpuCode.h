// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// GPU kernels of tile programs, and the images that an object embeds.
#pragma once

#include "Goals.h"
#include "Ptxas.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/IR/LLVMContext.h"

namespace mixc {

/// Turns the tile programs of the module into gpu_tile programs.
mlir::LogicalResult lowerToGpuTile(mlir::ModuleOp module, int arch);

/// Turns the gpu_tile programs into one gpu.module of NVVM kernels. Fills in how to launch them.
mlir::LogicalResult lowerToNvvm(mlir::ModuleOp module, std::vector<VariantInfo> &variants);

/// PTX of the kernels for sm_80, which every later GPU runs.
llvm::Expected<std::string> generatePtx(mlir::ModuleOp module);
/// LLVM IR of the kernels, before optimisation.
llvm::Expected<std::string> printKernels(mlir::ModuleOp module);

/// ptxas for several architectures at once.
class CubinJobs {
public:
  /// Starts them all; none if there is no ptxas.
  static llvm::Expected<CubinJobs> start(llvm::StringRef ptx, llvm::ArrayRef<int> archs, const CompileOptions &options);
  bool hasPtxas() const { return found; }
  /// The cubins, in the order of the architectures. `notices` gets what ptxas complained about, `usage` what it said of
  /// the kernels of the last architecture.
  llvm::Expected<std::vector<ImageInfo>> finish(std::vector<std::string> &notices, llvm::StringMap<KernelUsage> &usage);

private:
  bool found = false;
  std::vector<int> archs;
  std::vector<std::unique_ptr<PtxasRun>> runs;
};

} // namespace mixc
