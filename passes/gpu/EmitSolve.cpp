// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Unit lower triangular systems by forward substitution: a thread has a column of the right side, and 16 tokens of it in registers.

#include "ColumnEmitter.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// Tokens of a block, and solved ones whose factors are read together.
constexpr int64_t kTokens = 16, kTogether = 2;

/// A loop that carries the values; `body` gives what they are after an iteration.
static SmallVector<Value> loopOver(ImplicitLocOpBuilder &b, Value end, Value step, ArrayRef<Value> values,
                                   function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  Value zero = arith::ConstantIntOp::create(b, 0, 32);
  auto loop = scf::ForOp::create(b, zero, end, step, values);
  OpBuilder::InsertionGuard guard(b);
  if (!loop.getBody()->empty())
    loop.getBody()->back().erase();
  b.setInsertionPointToEnd(loop.getBody());
  scf::YieldOp::create(b, body(loop.getInductionVar(), loop.getRegionIterArgs()));
  return SmallVector<Value>(loop.getResults().begin(), loop.getResults().end());
}

void ColumnEmitter::solveColumn(SolveOp op, Index head, Index column) {
  int64_t tokens = cast<SharedType>(op.getSums().getType()).getShape()[1];
  loopOver(b, i32(tokens), i32(kTokens), {}, [&](Value first, ValueRange) {
    Values sums;
    for (int64_t r = 0; r < kTokens; ++r)
      sums.push_back(loadShared(op.getSums(), {head, {first, r}, column}));
    auto factor = [&](int64_t row, Index s) { return loadShared(op.getMatrix(), {head, {first, row}, s}); };
    if (tokens > kTokens)
      sums = loopOver(b, first, i32(kTogether), sums, [&](Value s, ValueRange carried) {
        Values next(carried);
        for (int64_t u = 0; u < kTogether; ++u) {
          Value x = loadShared(op.getResult(), {{s, u}, head, column});
          for (int64_t r = 0; r < kTokens; ++r)
            next[r] = fma(factor(r, {s, u}), x, next[r]);
        }
        return next;
      });
    // Written last: reads of the matrix, four at a time, would not pass a write.
    for (int64_t s = 0; s < kTokens; ++s)
      for (int64_t r = s + 1; r < kTokens; ++r)
        sums[r] = fma(factor(r, {first, s}), sums[s], sums[r]);
    for (int64_t s = 0; s < kTokens; ++s)
      storeShared(sums[s], op.getResult(), {{first, s}, head, column});
    return Values();
  });
}

LogicalResult ColumnEmitter::emit(SolveOp op) {
  ArrayRef<int64_t> shape = cast<SharedType>(op.getSums().getType()).getShape();
  eachColumn(shape[0] * shape[2], [&](Value number) {
    bool oneHead = shape[0] == 1;
    Index head{oneHead ? Value() : div(number, shape[2]), 0}, column{oneHead ? number : rem(number, shape[2]), 0};
    solveColumn(op, head, column);
  });
  return success();
}
