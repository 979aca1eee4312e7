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

/// A decay, of which what counts as a reset is minus infinity.
Value ColumnEmitter::stepOf(Value decay) {
  Value reset = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, decay, f32(tile::kResetThreshold));
  return arith::SelectOp::create(b, reset, f32(-INFINITY), decay);
}

/// The spans of a block's tokens, from the anchor to the right, and from the token before it to the left.
Values ColumnEmitter::spansOf(ArrayRef<Value> steps, int64_t anchor, bool pre) {
  const int64_t block = steps.size();
  Values spans(block);
  Value sum = f32(0);
  for (int64_t t = anchor; t < block; ++t) {
    Value next = !pre || t + 1 < block ? Value(arith::AddFOp::create(b, sum, steps[t])) : sum;
    spans[t] = pre ? sum : next;
    sum = next;
  }
  sum = f32(0);
  for (int64_t t = anchor - 1; t >= 0; --t) {
    spans[t] = sum;
    if (t > 0)
      sum = arith::AddFOp::create(b, sum, steps[t]);
  }
  return spans;
}

// All steps of a largest block are read before the first span is written: reads would wait for writes.
LogicalResult ColumnEmitter::emit(SpansOp op) {
  ArrayRef<int64_t> shape = cast<SharedType>(op.getInput().getType()).getShape();
  const int64_t together = *llvm::max_element(op.getBlocks());
  eachColumn(shape[1], [&](Value column) {
    for (int64_t first = 0; first < shape[0]; first += together) {
      Values steps;
      for (int64_t t = first; t < first + together; ++t)
        steps.push_back(stepOf(loadShared(op.getInput(), {{Value(), t}, {column, 0}})));
      for (auto [level, block, anchor] : llvm::enumerate(op.getBlocks(), op.getAnchors()))
        for (int64_t begin = 0; begin < together; begin += block)
          for (auto [t, span] : llvm::enumerate(spansOf(ArrayRef(steps).slice(begin, block), anchor, op.getPre())))
            storeShared(span, op.getSpans(), {{Value(), int64_t(level)}, {Value(), first + begin + int64_t(t)}, {column, 0}});
    }
  });
  return success();
}

Values ColumnEmitter::spansOfTokens(ArrayRef<Value> decays, int64_t block, int64_t anchor, bool pre) {
  Values steps = llvm::map_to_vector(decays, [&](Value decay) { return stepOf(decay); }), spans;
  for (size_t begin = 0; begin < steps.size(); begin += block)
    llvm::append_range(spans, spansOf(ArrayRef(steps).slice(begin, block), anchor, pre));
  return spans;
}
