// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a scan reads across the columns of its state, which are in the lanes of a warp.

#include "ScanEmitter.h"
#include "Shuffle.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// The sum over all lanes of each number: of number i in every lane whose own number is i modulo 32, of numbers 32 .. in a second value,
/// and so on. Two numbers become one in each step: a lane adds up one of them for itself and for the lane that adds up the other one.
Values ScanEmitter::sumsOfLanes(Values sums) {
  auto plus = [&](Value left, Value right) -> Value { return arith::AddFOp::create(b, left, right); };
  for (int64_t distance = 1; distance < 32; distance *= 2) {
    auto fromOther = [&](Value v) { return shuffle(b, NVVM::ShflKind::bfly, v, i32(distance), 31); };
    Values next;
    if (sums.size() == 1)
      next.push_back(plus(sums[0], fromOther(sums[0])));
    Value isUpper = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, arith::AndIOp::create(b, lane, i32(distance)), i32(0));
    for (size_t i = 0; sums.size() > 1 && i < sums.size(); i += 2) {
      Value even = sums[i], odd = i + 1 < sums.size() ? sums[i + 1] : f32(0);
      Value own = arith::SelectOp::create(b, isUpper, odd, even), others = arith::SelectOp::create(b, isUpper, even, odd);
      next.push_back(plus(own, fromOther(others)));
    }
    sums = std::move(next);
  }
  return sums;
}

// partials[0,q,h,n] = sum over p of c[q,h,p] S
void ScanEmitter::storeRowSums(ScanOp op, const ScanPlace &at, ArrayRef<Value> states, Index token, const HeadPlace &head) {
  auto contract = arith::FastMathFlagsAttr::get(b.getContext(), arith::FastMathFlags::contract);
  Values sums(at.rowsPerHead, f32(0));
  for (int64_t k = 0; k < at.perRow; ++k) {
    Value c = loadShared(op.getC(), {token, head.index, {at.column[k], 0}});
    if (at.columnValid[k]) // lanes past the last column have its state
      c = arith::SelectOp::create(b, at.columnValid[k], c, f32(0));
    for (int64_t r = 0; r < at.rowsPerHead; ++r)
      sums[r] = arith::AddFOp::create(b, sums[r], arith::MulFOp::create(b, c, states[r * at.perRow + k], contract), contract);
  }
  sums = sumsOfLanes(sums);
  for (size_t i = 0; i < sums.size(); ++i) {
    const int64_t first = 32 * i, rows = std::min<int64_t>(32, at.rowsPerHead - first);
    Value valid = head.valid;
    if (rows < 32) {
      Value hasRow = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, lane, i32(rows));
      valid = valid ? arith::AndIOp::create(b, valid, hasRow).getResult() : hasRow;
    }
    Index row{at.row0 ? add(at.row0, lane) : lane, first};
    ifValid(valid, [&] { storeShared(sums[i], op.getPartials(), {{Value(), 0, 0}, token, head.index, row}); });
  }
}
