// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is going on, in one line of a terminal that each stage writes over.
#pragma once

#include "mixc/passes/Compiler.h"
#include "mlir/IR/Diagnostics.h"
#include <mutex>

namespace mixc {

/// Draws on stderr while it lives, if that is a terminal; else it does nothing. The first diagnostic of the context ends it.
class Progress {
public:
  explicit Progress(mlir::MLIRContext &context);
  ~Progress();

  /// What to set as CompileOptions::progress.
  void report(llvm::StringRef target, llvm::StringRef stage);

private:
  void erase();

  std::mutex lock;
  std::vector<std::pair<std::string, std::string>> stages; ///< by target, in the order in which they began
  bool active;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace mixc
