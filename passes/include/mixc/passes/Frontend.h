// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From a parsed file to the one spec with its sizes, before anything is chosen.
#pragma once

#include "mixc/dialect/Mixer.h"
#include "mixc/passes/Compiler.h"
#include "mixc/passes/Select.h"
#include "mlir/IR/OwningOpRef.h"

namespace mixc {

/// Emits an error about an option, whose text begins with the option's name: "chunk: expected ..". It has the name of a flag, and no
/// place in the file.
void emitOptionError(mlir::MLIRContext *context, const llvm::Twine &text);

/// The spec of that name, or the only one if the name is empty. Emits an error that lists the specs otherwise.
mlir::FailureOr<mixer::SpecOp> findSpec(mlir::ModuleOp module, llvm::StringRef name);

/// A module that holds a copy of the spec and of the tile programs that its file has for it, and nothing else, with name, sizes and dtype
/// from the options, canonicalised.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> bindSpec(mixer::SpecOp spec, const CompileOptions &options);

/// What the options say about the choice of plans; and what of it is about one of several machines.
SelectOptions selectOptions(const CompileOptions &options);
/// B and T that calls of what is compiled with `batchInvariant` choose by, the latter if sequences are packed.
std::pair<int64_t, int64_t> invariantSizes(const CompileOptions &options);
SelectOptions selectOptions(const CompileOptions &options, const Target &target);
/// Emits an error if they do not fit the spec, whose sizes are bound. `onGpu`: whether a GPU is among the machines.
/// A GPU's tiles have dimensions: so have the tensors.
mlir::LogicalResult checkTensors(mixer::SpecOp spec, bool onGpu);
mlir::LogicalResult checkSelectOptions(mixer::SpecOp spec, const SelectOptions &options, bool onGpu);

} // namespace mixc
