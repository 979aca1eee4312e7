// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "DiagnosticLog.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"
#include "mlir/IR/MLIRContext.h"

using namespace mlir;
using namespace mixc;

DiagnosticLog::DiagnosticLog(MLIRContext &from)
    : handler(&from, [this](Diagnostic &diagnostic) { diagnostics.push_back(std::move(diagnostic)); }) {}

/// The first file, line and column that the location knows.
static Location transfer(Location location, MLIRContext &to) {
  if (auto file = location->findInstanceOf<FileLineColLoc>())
    return FileLineColLoc::get(&to, file.getFilename().getValue(), file.getLine(), file.getColumn());
  return UnknownLoc::get(&to);
}

void DiagnosticLog::emitIn(MLIRContext &to) const {
  for (const Diagnostic &diagnostic : diagnostics) {
    InFlightDiagnostic copy = to.getDiagEngine().emit(transfer(diagnostic.getLocation(), to), diagnostic.getSeverity());
    copy << diagnostic.str();
    for (const Diagnostic &note : diagnostic.getNotes())
      copy.attachNote(transfer(note.getLocation(), to)) << note.str();
  }
}
