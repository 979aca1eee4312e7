// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The CPU kernels of a spec, compiled on a thread of their own beside those for GPUs.
#pragma once

#include "DiagnosticLog.h"
#include "Goals.h"
#include "mixc/dialect/Mixer.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include <thread>

namespace mixc {

/// Works on a copy of the spec in a context of its own, from which nothing but the results below leaves.
class CpuJob {
public:
  /// `spec` has its sizes. All arguments must outlive the job.
  CpuJob(mixer::SpecOp spec, const Goals &goals, const CompileOptions &options);
  ~CpuJob();
  CpuJob(const CpuJob &) = delete;

  /// Waits until it is done, and emits its diagnostics in the spec's context.
  mlir::LogicalResult finish();

  // What it leaves, once it is finished.
  CompileError error = CompileError::Failed; ///< if it failed
  std::vector<VariantInfo> variants;
  std::string text;                     ///< of the level that the options stop at, if it is one of this device
  llvm::LLVMContext llvmContext;
  std::unique_ptr<llvm::Module> module; ///< at EmitLevel::Llvm the kernels; at EmitLevel::Object declarations, and their assembly

private:
  void run();
  mlir::LogicalResult compile();
  mlir::LogicalResult fail(CompileError reason);
  mlir::LogicalResult fail(llvm::Error reason);

  mlir::MLIRContext &source;
  const Goals &goals;
  const CompileOptions &options;
  mlir::MLIRContext context;
  DiagnosticLog log;
  mlir::OwningOpRef<mlir::ModuleOp> copy;
  bool succeeded = false;
  std::thread thread;
};

} // namespace mixc
