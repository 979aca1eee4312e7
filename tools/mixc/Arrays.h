// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Host tensors from and to npz files, and through the float64 evaluator.
#pragma once

#include "HostTensor.h"
#include "mixc/npz/Npz.h"
#include "mixc/passes/OutputFile.h"

namespace mixc {

/// The selected arrays of the file, or all of them, as f32.
llvm::Expected<HostTensors> readArrays(llvm::StringRef path, npz::Selection *selection = nullptr);
/// Into the first of the files.
llvm::Error writeArrays(OutputFiles &file, const HostTensors &tensors);

/// What the spec computes, by result name, in float64. Emits a diagnostic on failure.
using ReferenceResults = std::map<std::string, std::vector<double>>;
mlir::FailureOr<ReferenceResults> evaluateReference(mixer::SpecOp spec, const HostTensors &inputs,
                                                    const std::map<std::string, int64_t> &sizes);

} // namespace mixc
