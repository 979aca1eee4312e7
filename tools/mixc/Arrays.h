// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Host tensors from and to npz files.
#pragma once

#include "HostTensor.h"
#include "mixc/npz/Npz.h"
#include "mixc/passes/OutputFile.h"

namespace mixc {

/// The selected arrays of the file, or all of them, as f32.
llvm::Expected<HostTensors> readArrays(llvm::StringRef path, npz::Selection *selection = nullptr);
/// Into the first of the files.
llvm::Error writeArrays(OutputFiles &file, const HostTensors &tensors);

} // namespace mixc
