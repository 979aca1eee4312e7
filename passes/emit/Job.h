// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A part of a compilation that goes on beside others.
#pragma once

#include "DiagnosticLog.h"
#include "mixc/passes/Compiler.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/ThreadPool.h"
#include <atomic>
#include <future>

namespace mixc {

/// Works on a copy of a module in a context of its own, from which nothing but its results leaves: so it may run on any thread.
class Job {
public:
  /// `name` is that in reports. The options and the module's context must outlive the job.
  Job(mlir::ModuleOp module, std::string name, const CompileOptions &options);
  virtual ~Job() = default;
  Job(const Job &) = delete;

  /// Queues it; it does nothing if one of those that share `failed` has failed before it begins. The pool must not outlive the job.
  void start(llvm::DefaultThreadPool &pool, std::atomic<bool> &failed);
  /// Waits until it is done.
  mlir::LogicalResult finish();
  /// Whether it did not do nothing.
  bool hasBegun() const { return begun; }
  /// Emits its diagnostics in the module's context.
  void emitDiagnostics() const { log.emitIn(source); }

  CompileError error = CompileError::Failed; ///< if it failed

protected:
  /// What it does with the copy.
  virtual mlir::LogicalResult compile(mlir::OwningOpRef<mlir::ModuleOp> copy) = 0;
  void report(llvm::StringRef stage) const { options.report(name, stage); }
  mlir::LogicalResult fail(CompileError reason);
  mlir::LogicalResult fail(llvm::Error reason);

  const CompileOptions &options;

private:
  void run(std::atomic<bool> &failed);

  mlir::MLIRContext &source;
  std::string name;
  mlir::MLIRContext context;
  DiagnosticLog log;
  mlir::OwningOpRef<mlir::ModuleOp> copy; ///< until it is compiled
  mlir::LocationAttr location;            ///< of it
  bool begun = false, succeeded = false;
  std::shared_future<void> done;
};

} // namespace mixc
