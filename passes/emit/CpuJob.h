// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The CPU kernels of a spec, compiled on threads of their own beside those for GPUs.
#pragma once

#include "CpuCode.h"
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
  /// Compiles for these levels, at EmitLevel::Object for one. `spec` has its sizes. All arguments must outlive the job.
  CpuJob(mixer::SpecOp spec, const Goals &goals, const CompileOptions &options, std::vector<mixc_cpu_level> levels);
  ~CpuJob();
  CpuJob(const CpuJob &) = delete;

  /// Waits until it is done.
  mlir::LogicalResult finish();
  /// Emits its diagnostics in the spec's context.
  void emitDiagnostics() const { log.emitIn(source); }

  // What it leaves, once it is finished.
  CompileError error = CompileError::Failed; ///< if it failed
  std::vector<VariantInfo> variants;
  std::string text; ///< of the level that the options stop at, if it is one of this device
  llvm::LLVMContext llvmContext;
  std::unique_ptr<llvm::Module> module; ///< at EmitLevel::Llvm
  CpuAssembly assembly;                 ///< at EmitLevel::Object

private:
  void run();
  mlir::LogicalResult compile();
  mlir::LogicalResult fail(CompileError reason);
  mlir::LogicalResult fail(llvm::Error reason);

  mlir::MLIRContext &source;
  const Goals &goals;
  const CompileOptions &options;
  std::vector<mixc_cpu_level> levels;
  std::string name; ///< in reports
  mlir::MLIRContext context;
  DiagnosticLog log;
  mlir::OwningOpRef<mlir::ModuleOp> copy;
  bool succeeded = false;
  std::thread thread;
};

} // namespace mixc
