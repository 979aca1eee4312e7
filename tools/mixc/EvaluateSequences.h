// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The reference of a call whose sequences are packed, or have states in a pool.
#pragma once

#include "Sequences.h"
#include "mixc/reference/Evaluate.h"

namespace mixc {

/// What the spec makes of each of the sequences by itself, as arrays of the call's shapes. What none of them gives, such as states of the
/// pool that no sequence leaves, is as `before` has it.
mlir::FailureOr<reference::ScaledResults> evaluateSequences(mixer::SpecOp spec, const std::map<std::string, int64_t> &sizes,
                                                            const Sequences &sequences, const reference::Arrays &arguments,
                                                            const HostTensors &before);

} // namespace mixc
