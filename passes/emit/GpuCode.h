// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// GPU kernels of tile programs, down to PTX.
#pragma once

#include "Goals.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/IR/LLVMContext.h"

namespace mixc {

/// The oldest architecture of the family, whose PTX is kept for all others, and the one with kernels of its own.
inline constexpr GpuArch kBaseArch{80, false}, kSpecificArch{90, true};

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
mlir::LogicalResult lowerToNvvm(GpuPrograms &programs, llvm::ArrayRef<TensorInfo> tensors, std::vector<VariantInfo> &variants);

struct GpuPtx {
  std::string portable; ///< for sm_80, which every later GPU runs; empty if no kernel is
  std::string specific; ///< of all kernels for sm_90a; empty if none is for it alone
};
llvm::Expected<GpuPtx> generatePtx(const GpuPrograms &programs);
/// LLVM IR of the kernels, before optimisation.
llvm::Expected<std::string> printKernels(GpuPrograms programs);

} // namespace mixc
