// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A scan with a correction. The sums u = r^T S of a token are over the state before it, which is in memory, in the first-level cache for
// some vectors of columns. Each row is read and written once a token: what is added up of it is y of this token and u of the next.
//
//     u = r[0]^T S
//     for q:  for n:  S[n] = decay S[n] + l[q, n] u + b[q, n] x[q];   y[q] += c[q, n] S[n];   u' += r[q + 1, n] S[n]

#include "ScanNest.h"

using namespace mlir;

namespace mixc::cpu {

/// The state starts as init. Without l, that is -b: b (x - u).
void KernelEmitter::scanCorrected(ScanNest &nest) {
  const int64_t n = nest.state.size(1), rows = lanesFor(n, 4), vectors = nest.vectors;
  /// y of the columns, unless it is across them, and u of the next token.
  const int64_t sumsOfColumns = nest.across ? vectors : 2 * vectors;
  const SmallVector<Value> zeros(sumsOfColumns, f32(0, nest.lanes));
  /// Sums over all rows: body(first row, row, sums), and `after` those of a block.
  auto sumOverRows = [&](int64_t count, function_ref<void(Value, int64_t, MutableArrayRef<Value>)> body,
                         function_ref<void(Value)> after = nullptr) {
    auto blocks = scf::ForOp::create(*this, index(0), index(n), index(rows), ArrayRef(zeros).take_front(count));
    InsertionGuard guard(*this);
    setInsertionPointToStart(blocks.getBody());
    SmallVector<Value> sums(blocks.getRegionIterArgs());
    for (int64_t row = 0; row < rows; ++row)
      body(blocks.getInductionVar(), row, sums);
    if (after)
      after(blocks.getInductionVar());
    scf::YieldOp::create(*this, sums);
    return SmallVector<Value>(blocks.getResults());
  };
  auto add = [&](Value &sum, Value factor, Value value) { sum = vector::FMAOp::create(*this, factor, value, sum); };

  Value zero = index(0), last = index(nest.tokens - 1);
  SmallVector<Value> first = sumOverRows(vectors, [&](Value at, int64_t row, MutableArrayRef<Value> us) {
    Value r = readEntry(nest, nest.r, zero, at, row, 0);
    for (int64_t v = 0; v < vectors; ++v)
      add(us[v], r, readState(nest, nest.state, at, row, v));
  });
  auto tokens = scf::ForOp::create(*this, zero, index(nest.tokens), index(1), first);
  if (nest.isRescaled())
    loop(n, rows, [&](Value at) {
      for (int64_t row = 0; row < rows; ++row)
        for (int64_t v = 0; v < vectors; ++v)
          writeState(nest, wholeState(nest, readState(nest, nest.state, at, row, v), index(nest.tokens), at, row), at, row, v);
    });
  InsertionGuard guard(*this);
  setInsertionPointToStart(tokens.getBody());
  Value q = tokens.getInductionVar(), next = arith::MinSIOp::create(*this, arith::AddIOp::create(*this, q, index(1)), last);
  SmallVector<Value> us(tokens.getRegionIterArgs()), x, columns;
  for (int64_t v = 0; v < vectors; ++v) {
    if (nest.across)
      columns.push_back(readColumns(nest, nest.c.tile, q, v));
    x.push_back(readX(nest, q, v));
    if (!nest.l)
      x.back() = arith::SubFOp::create(*this, x.back(), us[v]);
  }
  SmallVector<Type> types(sumsOfColumns, x[0].getType());
  SmallVector<Value> sums = emitStep(nest, q, types, [&](const RowDecay &ofHead) {
    SmallVector<Value> rowSums(rows);
    auto addRow = [&](Value at, int64_t row, MutableArrayRef<Value> sums) {
      Value b = readEntry(nest, nest.b, q, at, row, 0), c = nest.across ? Value() : readEntry(nest, nest.c, q, at, row, 0),
            r = readEntry(nest, nest.r, next, at, row, 0);
      Value l = nest.l ? readEntry(nest, nest.l, q, at, row, 0) : Value();
      RowDecay decay = readDecay(nest, q, at, row, ofHead, 0);
      rowSums[row] = nest.across ? f32(0, nest.lanes) : Value();
      for (int64_t v = 0; v < vectors; ++v) {
        Value before = readState(nest, nest.state, at, row, v);
        if (!nest.undecayed)
          before = wholeState(nest, before, q, at, row);
        SmallVector<std::pair<Value, Value>> products{{b, x[v]}};
        if (l)
          products.push_back({l, us[v]});
        Value after = nextState(decay, before, products);
        writeState(nest, after, at, row, v);
        add(nest.across ? rowSums[row] : sums[v], nest.across ? columns[v] : c, nest.pre ? before : after);
        add(sums[sumsOfColumns - vectors + v], r, after);
      }
    };
    return sumOverRows(sumsOfColumns, addRow, [&](Value at) {
      if (nest.across)
        addRowSums(nest, q, at, rowSums);
    });
  });
  for (int64_t v = 0; !nest.across && v < vectors; ++v)
    write(sums[v], nest.y, v * nest.lanes, nest.y.strides, {q, nest.h, nest.p}, 1);
  scf::YieldOp::create(*this, ArrayRef(sums).take_back(vectors));
}

} // namespace mixc::cpu
