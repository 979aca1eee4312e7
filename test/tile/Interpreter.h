// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a tile program means, in float64: every op as its description says, one element after the other. It shares nothing with the
// lowerings, so that they can be judged by it. Rounding to 16 bits is part of a program and done; the rest is not rounded.
#pragma once

#include "mixc/dialect/Tile.h"
#include <cstdint>
#include <vector>

namespace mixc::test {

/// A tensor of the program's spec or a workspace buffer: contiguous, row by row.
struct Memory {
  std::vector<int64_t> shape;
  std::vector<double> values; ///< empty: an optional tensor that is absent
};

struct Launch {
  int64_t batch, length, splits = 1, span = 0; ///< span: tokens per split; 0: all
};

/// Runs the program's kernels on tensors (arguments, then results) in place. Emits an error on an op that it does not know.
mlir::LogicalResult interpret(tile::ProgramOp program, const Launch &launch, std::vector<Memory> &tensors);

} // namespace mixc::test
