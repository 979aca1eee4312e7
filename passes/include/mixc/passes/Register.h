// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Everything that the tools which read IR know: mixer-opt, mixer-lsp-server, mixer-reduce.
#pragma once

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Support/LLVM.h"
#include "llvm/Support/MemoryBufferRef.h"

namespace mixc {

/// The project's dialects and the upstream ones that its passes use, with their extensions.
void registerAllDialects(mlir::DialectRegistry &registry);

/// The project's passes and pipelines, and upstream's general ones (canonicalize, cse, ...).
void registerAllPasses();

/// Prints an error at the place, and fails, where a text of IR goes beyond what the parser can follow (mixc/dialect/TextLimits.h).
mlir::LogicalResult checkTextLimits(llvm::MemoryBufferRef text);

} // namespace mixc
