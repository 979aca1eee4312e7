// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From a parsed file to the one spec with its sizes, before anything is chosen.
#pragma once

#include "mixc/dialect/Mixer.h"
#include "mixc/passes/Compiler.h"
#include "mlir/IR/OwningOpRef.h"

namespace mixc {

/// The spec of that name, or the only one if the name is empty. Emits an error that lists the specs otherwise.
mlir::FailureOr<mixer::SpecOp> findSpec(mlir::ModuleOp module, llvm::StringRef name);

/// A module that holds a copy of the spec and nothing else, with sizes and dtype from the options, canonicalised.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> bindSpec(mixer::SpecOp spec, const CompileOptions &options);

} // namespace mixc
