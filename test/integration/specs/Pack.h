// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A drawn spec for a machine without a compiler: its object, and a call of it with what the recurrence gives.
#pragma once

#include "Generator.h"
#include "llvm/Support/Error.h"

namespace mixc::calls {

/// Writes NAME.o, NAME.mlir and NAME.npz into the folder, which benchmarks/cuda/cuda_specs.cpp reads. The archive has the arguments, and
/// for each result its float64 values (as f32; NaN where nothing is written) and `NAME.scales`: what the error is divided by, for each
/// MIXC_OPERAND_*; `bounds`, the largest error for each; `sizes`, B and T; `splits`; `starts`, `source`, `target` and `has_initial` as
/// mixc_sequences has them, empty where they are null; `sequences`, its slots, longest, and the bytes of an index.
llvm::Error packSpec(const DrawnSpec &spec, const std::vector<std::string> &targets, Random &random, const std::string &folder);

} // namespace mixc::calls
