// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where the parts of a mixer.semiseparable stand in its text.
#pragma once

#include "mixc/dialect/Mixer.h"

namespace mixc::mixer {

/// The place of `name = ...`, for x, b, c, decay, keep, l, r, init, mask, read and direction; the op's own if it was not parsed from there.
mlir::Location entryLocation(SemiseparableOp op, llvm::StringRef name);

} // namespace mixc::mixer
