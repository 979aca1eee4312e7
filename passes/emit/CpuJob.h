// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The CPU kernels of a spec.
#pragma once

#include "CpuCode.h"
#include "Goals.h"
#include "Job.h"
#include "mixc/dialect/Mixer.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"

namespace mixc {

class CpuJob : public Job {
public:
  /// Compiles for these levels, at EmitLevel::Object for one. `spec` has its sizes. All arguments must outlive the job.
  CpuJob(mixer::SpecOp spec, const Goals &goals, const CompileOptions &options, std::vector<mixc_cpu_level> levels);

  // What it leaves, once it is finished.
  std::vector<VariantInfo> variants;
  std::string text; ///< of the level that the options stop at, if it is one of this device
  llvm::LLVMContext llvmContext;
  std::unique_ptr<llvm::Module> module; ///< at EmitLevel::Llvm
  CpuAssembly assembly;                 ///< at EmitLevel::Object

private:
  mlir::LogicalResult compile(mlir::OwningOpRef<mlir::ModuleOp> copy) override;

  const Goals &goals;
  std::vector<mixc_cpu_level> levels;
};

} // namespace mixc
