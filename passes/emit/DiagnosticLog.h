// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Diagnostics of one context, kept to be emitted in another: what threads say comes in the order of the targets.
#pragma once

#include "mlir/IR/Diagnostics.h"

namespace mixc {

class DiagnosticLog {
public:
  explicit DiagnosticLog(mlir::MLIRContext &from);
  /// Emits what was kept, with the same files, lines and columns.
  void emitIn(mlir::MLIRContext &to) const;

private:
  std::vector<mlir::Diagnostic> diagnostics;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace mixc
