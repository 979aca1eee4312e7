// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// GPU kernels of tile programs, and the images that an object embeds.
#pragma once

#include "Goals.h"
#include "Ptxas.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/IR/LLVMContext.h"

namespace mixc {

/// The programs of a spec by what their code is for, each in a module of its own; null: there are none.
struct GpuPrograms {
  mlir::OwningOpRef<mlir::ModuleOp> portable; ///< for sm_80 and everything later
  mlir::OwningOpRef<mlir::ModuleOp> specific; ///< for sm_90a alone

  /// Takes the tile programs of a module apart.
  static GpuPrograms split(mlir::OwningOpRef<mlir::ModuleOp> module);
  /// The opposite, for printing.
  mlir::OwningOpRef<mlir::ModuleOp> join() &&;
};

/// Turns the tile programs into gpu_tile programs. `arch` is the highest one that portable ones must fit.
mlir::LogicalResult lowerToGpuTile(GpuPrograms &programs, const GpuArch &arch);

/// Turns the gpu_tile programs into one gpu.module of NVVM kernels for each module. Fills in how to launch them.
mlir::LogicalResult lowerToNvvm(GpuPrograms &programs, llvm::ArrayRef<TensorInfo> tensors,
                                std::vector<VariantInfo> &variants);

struct GpuPtx {
  std::string portable; ///< for sm_80, which every later GPU runs; empty if no kernel is
  std::string specific; ///< of all kernels for sm_90a; empty if none is for it alone
};
llvm::Expected<GpuPtx> generatePtx(const GpuPrograms &programs);
/// LLVM IR of the kernels, before optimisation.
llvm::Expected<std::string> printKernels(GpuPrograms programs);

/// ptxas for several architectures at once.
class CubinJobs {
public:
  /// Starts one for each architecture that has kernels; none if `ptxas` is empty.
  static llvm::Expected<CubinJobs> start(GpuPtx ptx, llvm::ArrayRef<GpuArch> archs, llvm::StringRef ptxas, unsigned timeoutSeconds);
  /// The cubins, in the order of the architectures, and the PTX for other ones. `notices` gets what ptxas complained
  /// about, `usage` what it said of the kernels of the last architecture. Kernels that spill are compiled again with
  /// more registers.
  llvm::Expected<std::vector<ImageInfo>> finish(std::vector<std::string> &notices, llvm::StringMap<KernelUsage> &usage);

private:
  const std::string &textFor(const GpuArch &arch) const;
  llvm::Error startRuns();

  GpuPtx ptx;
  std::string ptxas;
  unsigned timeoutSeconds = 0;
  std::vector<GpuArch> archs;
  std::vector<std::unique_ptr<PtxasRun>> runs;
};

} // namespace mixc
