// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Text as a module, as the tools read it. A context costs more than most mutants: all modules of a process share one.
#pragma once

#include "mixc/dialect/TextLimits.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"

namespace mixc::fuzz {

/// A module whose diagnostics are formatted, and go nowhere.
class Module {
public:
  Module(llvm::StringRef text, mlir::MLIRContext &context) : handler(sources, &context, llvm::nulls()) {
    sources.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBufferCopy(text, "input.mlir"), llvm::SMLoc());
    if (!mixc::findBeyondLimit(text)) // which the tools refuse
      module = mlir::parseSourceFile<mlir::ModuleOp>(sources, &context);
  }
  explicit operator bool() { return bool(module); }
  mlir::ModuleOp get() { return *module; }

  bool run(llvm::StringRef pipeline) {
    mlir::PassManager pm(module->getContext());
    return succeeded(mlir::parsePassPipeline(pipeline, pm, llvm::nulls())) && succeeded(pm.run(*module));
  }
  std::string print(mlir::OpPrintingFlags flags) {
    std::string text;
    llvm::raw_string_ostream os(text);
    module->print(os, flags);
    return text;
  }

private:
  llvm::SourceMgr sources;
  mlir::SourceMgrDiagnosticHandler handler;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

} // namespace mixc::fuzz
