// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Comparisons that compare nothing.
#pragma once

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace mixc {

/// Whether the op is an arith.cmpf whose result is the same whatever its operands. MLIR's canonicalization ends the process at one of a
/// number that was an integer, so that no body may have any.
inline bool isConstantComparison(mlir::Operation &op) {
  auto compare = llvm::dyn_cast<mlir::arith::CmpFOp>(op);
  return compare && (compare.getPredicate() == mlir::arith::CmpFPredicate::AlwaysFalse ||
                     compare.getPredicate() == mlir::arith::CmpFPredicate::AlwaysTrue);
}

} // namespace mixc
