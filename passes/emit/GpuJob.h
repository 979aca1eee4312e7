// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// GPU kernels of tile programs, from the programs to images.
#pragma once

#include "Cubins.h"
#include "Goals.h"
#include "Job.h"

namespace mixc {

class GpuJob : public Job {
public:
  /// Compiles the module's programs, whose variants these are: at EmitLevel::Object those of one, at the other levels all. `ptxas` is
  /// empty where there is none. All arguments must outlive the job.
  GpuJob(mlir::ModuleOp programs, std::vector<VariantInfo> variants, llvm::ArrayRef<TensorInfo> tensors, const Goals &goals,
         const CompileOptions &options, llvm::StringRef ptxas);

  // What it leaves, once it is finished.
  std::vector<VariantInfo> variants; ///< with how to launch them
  std::string text;                  ///< of the level that the options stop at
  GpuImages images;                  ///< at EmitLevel::Object, each of all its variants

private:
  mlir::LogicalResult compile(mlir::OwningOpRef<mlir::ModuleOp> copy) override;
  mlir::LogicalResult compilePtx(GpuPtx ptx);
  mlir::LogicalResult stopWith(llvm::Expected<std::string> text);

  llvm::ArrayRef<TensorInfo> tensors;
  const Goals &goals;
  llvm::StringRef ptxas;
};

} // namespace mixc
