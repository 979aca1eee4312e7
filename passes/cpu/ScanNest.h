// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where the loops of a scan are, and what they read.
#pragma once

#include "KernelEmitter.h"

namespace mixc::cpu {

llvm::SmallVector<int64_t> stridesOf(const Tile &tile);

/// An operand: a tile, or the elementwise operation that computes it where it is read.
struct KernelEmitter::ScanEntries {
  Tile tile;
  mlir::linalg::LinalgOp computed;
  llvm::SmallVector<Operand> inputs;
  /// Of each input that does not depend on the token, the vectors of a block's rows, read before the tokens.
  llvm::SmallVector<llvm::SmallVector<mlir::Value>> fixed;
  explicit operator bool() const { return tile.type != nullptr; }
};

struct KernelEmitter::ScanNest {
  ScanEntries x, decay, excess, b, c, l, r;
  Tile init, y, state;
  Tile anchors;            ///< where operands are rescaled: whether a token's step is done as it stands, on whole states
  Tile whole, wholeExcess; ///< what rows are multiplied by to be whole before such a token, and after the last one
  bool pre, across;        ///< y of the state before the token; over rows
  bool ofColumns = false;  ///< whether the columns have some entries of their own
  bool undecayed = false;  ///< whether the decay of the token is known to be 1, or taken out
  int64_t lanes, vectors, rows, tokens;
  mlir::Value h, p;

  bool isRescaled() const { return anchors.isBuffer(); }
};

} // namespace mixc::cpu
