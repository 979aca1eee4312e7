// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The y of a scan that reads its state across the columns: a number for each row, to which every block of columns adds.

#include "ScanNest.h"

using namespace mlir;

namespace mixc::cpu {

/// For all tokens of the head that the nest is at.
void KernelEmitter::clearRowSums(const ScanNest &nest) {
  const int64_t n = nest.y.size(2), lanes = lanesFor(n, vectorWidth);
  loop(nest.tokens, 1,
       [&](Value q) { loop(n, lanes, [&](Value row) { write(f32(0, lanes), nest.y, 0, nest.y.strides, {q, nest.h, row}, 1); }); });
}

/// Adds the lanes of each row's sum to y, row by row from the first one on. Vectors become fewer while there are several of them, then
/// shorter: sums of neighbouring lanes, of two vectors side by side, keep the order of the rows.
void KernelEmitter::addRowSums(const ScanNest &nest, Value q, Value firstRow, SmallVector<Value> sums) {
  auto neighbours = [&](Value left, Value right) -> Value {
    SmallVector<int64_t> even, odd;
    const int64_t lanes = cast<VectorType>(left.getType()).getDimSize(0) * (right ? 2 : 1);
    for (int64_t lane = 0; lane < lanes; lane += 2) {
      even.push_back(lane);
      odd.push_back(lane + 1);
    }
    right = right ? right : left;
    return arith::AddFOp::create(*this, vector::ShuffleOp::create(*this, left, right, even),
                                 vector::ShuffleOp::create(*this, left, right, odd));
  };
  for (int64_t lanes = nest.lanes; lanes > 1; lanes /= 2) { // of a row
    SmallVector<Value> next;
    for (size_t i = 0; i < sums.size(); i += 2)
      next.push_back(neighbours(sums[i], sums.size() > 1 ? sums[i + 1] : Value()));
    sums = std::move(next);
  }
  int64_t row = 0;
  for (Value sum : sums) {
    const int64_t lanes = cast<VectorType>(sum.getType()).getDimSize(0);
    Value before = read(nest.y, row, nest.y.strides, {q, nest.h, firstRow}, 1, lanes);
    write(arith::AddFOp::create(*this, before, sum), nest.y, row, nest.y.strides, {q, nest.h, firstRow}, 1);
    row += lanes;
  }
}

} // namespace mixc::cpu
