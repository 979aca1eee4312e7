// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What operations of a kernel the CPU lowering knows, and the form it brings them to first.
#pragma once

#include "mixc/dialect/Tile.h"

namespace mixc::cpu {

/// sum over the reduction loops of a product of two tiles.
bool isContraction(mlir::linalg::LinalgOp op);

/// One element of each result from one element of each operand.
bool isParallel(mlir::linalg::LinalgOp op);

/// Sums over the reduction loops of what elementwise work makes of the elements of a tile, and of others.
bool isSum(mlir::linalg::LinalgOp op);
/// That tile.
mlir::Value sumOperand(mlir::linalg::LinalgOp op);

/// Whether the two operations, neighbours, may be done row by row of the tile that one of them sums.
bool rowsGoTogether(mlir::linalg::LinalgOp before, mlir::linalg::LinalgOp op);

/// Whether an operation hands its operand on under another type, with more or fewer dimensions of one element.
bool isRenaming(mlir::Operation *op);

/// Brings tile-valued arith and math operations and named linalg operations to linalg.generic, fuses chains of
/// elementwise operations.
mlir::LogicalResult normalise(tile::KernelOp kernel);

/// Cuts a scan's loop over tokens in two, of which the first has whole tiles alone.
void cutWholeTiles(tile::KernelOp kernel);

/// Moves what places of final tiles depend on to before the loops that carry them.
void bringStoresAhead(tile::KernelOp kernel);

/// Moves elementwise work on a tile to the sums of the same tile before or after it.
void bringRowsTogether(tile::KernelOp kernel);

/// Emits a diagnostic for the first operation that has no lowering.
mlir::LogicalResult checkSupported(tile::KernelOp kernel);

/// The address of an operand's element as a function of the loops: constant + sum of coefficients * loop, in elements.
struct LinearAccess {
  llvm::SmallVector<int64_t> coefficients;
  int64_t constant = 0;
};

/// Fails for expressions that are not linear in the loops.
mlir::FailureOr<LinearAccess> linearise(mlir::AffineMap map, llvm::ArrayRef<int64_t> strides);

/// Whether a scan runs along vectors of tokens; else along vectors of P.
bool scansTokens(tile::ScanOp op);

/// Whether a scan takes the decays that each row of its state has of its own, which all columns share, out of the loop over tokens. One
/// across the columns does not.
bool rescalesRows(tile::ScanOp op);

/// Of what such a scan has of its own for an operand: b, c, l and r scaled; in the place of decays, their products before each
/// token and after the last; in that of x, which tokens are anchors. Null for others.
mlir::RankedTensorType rescaledType(tile::ScanOp op, mlir::OpOperand &operand);

/// A tile's element is zero where its index along `column` is above that along `row`.
struct Triangle {
  int64_t row, column;
};

/// Recognises a tile that a select on the two indices has masked.
std::optional<Triangle> zeroAboveDiagonal(mlir::Value tile);

} // namespace mixc::cpu
