// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sums of log decays to an anchor: a thread has a column of tokens.

#include "ColumnEmitter.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// body(column) for the columns that are dealt out to the block's threads.
void ColumnEmitter::eachColumn(int64_t columns, function_ref<void(Value)> body) {
  for (int64_t first = 0; first < columns; first += threads) {
    Value column = first ? add(thread, i32(first)) : thread;
    Value valid = first + threads > columns ? less(arith::CmpIPredicate::ult, column, i32(columns)) : Value();
    ifValid(valid, [&] { body(column); });
  }
}

LogicalResult ColumnEmitter::emit(SpansOp op) {
  ArrayRef<int64_t> shape = cast<SharedType>(op.getInput().getType()).getShape();
  int64_t block = op.getBlock(), anchor = op.getAnchor();
  eachColumn(shape[1], [&](Value column) {
    auto step = [&](int64_t t) -> Value {
      Value x = loadShared(op.getInput(), {{Value(), t}, {column, 0}});
      Value reset = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, x, f32(tile::kResetThreshold));
      return arith::SelectOp::create(b, reset, f32(-INFINITY), x);
    };
    auto write = [&](int64_t t, Value sum) { storeShared(sum, op.getSpans(), {{Value(), t}, {column, 0}}); };
    for (int64_t first = 0; first < shape[0]; first += block) {
      Value sum = f32(0);
      for (int64_t t = first + anchor; t < first + block; ++t) {
        if (op.getPre())
          write(t, sum);
        if (!op.getPre() || t + 1 < first + block)
          sum = arith::AddFOp::create(b, sum, step(t));
        if (!op.getPre())
          write(t, sum);
      }
      sum = f32(0);
      for (int64_t t = first + anchor - 1; t >= first; --t) {
        write(t, sum);
        if (t > first)
          sum = arith::AddFOp::create(b, sum, step(t));
      }
    }
  });
  return success();
}
