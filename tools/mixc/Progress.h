// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is going on, in one line of a terminal that each stage writes over.
#pragma once

#include "mixc/passes/Compiler.h"
#include "mlir/IR/Diagnostics.h"
#include <memory>
#include <mutex>

namespace mixc {

/// Draws on stderr while it lives, if that is a terminal; else it does nothing. The first diagnostic of one of the contexts ends it.
class Progress {
public:
  explicit Progress(llvm::ArrayRef<mlir::MLIRContext *> contexts);
  ~Progress();

  /// What to set as CompileOptions::progress.
  void report(llvm::StringRef target, llvm::StringRef stage);

private:
  void erase();

  std::mutex lock;
  std::vector<std::pair<std::string, std::string>> stages; ///< by target, in the order in which they began
  bool active;
  std::vector<std::unique_ptr<mlir::ScopedDiagnosticHandler>> handlers;
};

} // namespace mixc
