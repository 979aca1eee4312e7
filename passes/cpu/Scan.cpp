// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tile.scan with a block of state rows in registers over all tokens of the tile:
//
//     for h, for p by vectors, for a block of rows n:
//       s[r] = init[h, n + r, p]
//       for q:  s[r] = decay[h, q] * s[r] + b[q, n + r] * x[q, h, p];   y[q, h, p] += c[q, n + r] * s[r]
//       state[h, n + r, p] = s[r]
//
// With a correction every token needs all rows twice: they stay in memory then, in the first-level cache for a vector of columns.
// An associative scan of single numbers (N = P = 1) runs along the tokens instead, a vector of them in log steps.

#include "KernelEmitter.h"

using namespace mlir;

namespace mixc::cpu {

static SmallVector<int64_t> stridesOf(const Tile &tile) {
  SmallVector<int64_t> strides = tile.strides;
  strides.resize(tile.type.getRank()); // a splat has none
  return strides;
}

struct KernelEmitter::ScanNest {
  std::optional<Tile> decay, l, r;
  Tile x, b, c, init, y, state;
  bool pre;
  int64_t lanes, tokens;
  Value h, p;
};

bool scansTokens(tile::ScanOp op) {
  auto state = cast<RankedTensorType>(op.getState().getType());
  return op.getAssociative() && state.getDimSize(1) == 1 && state.getDimSize(2) == 1;
}

void KernelEmitter::emitScan(tile::ScanOp op) {
  ScanNest nest;
  auto tileOf = [&](Value value) { return value ? std::optional(buffers.lookup(value)) : std::nullopt; };
  nest.decay = tileOf(op.getDecay());
  nest.l = tileOf(op.getL());
  nest.r = tileOf(op.getR());
  nest.x = placeOf(op.getXMutable());
  nest.init = placeOf(op.getInitMutable());
  nest.b = buffers.lookup(op.getB());
  nest.c = buffers.lookup(op.getC());
  nest.y = buffers.lookup(op.getY());
  nest.state = buffers.lookup(op.getState());
  nest.pre = op.getPre();
  nest.tokens = nest.y.size(0);
  if (scansTokens(op))
    return loop(nest.y.size(1), 1, [&](Value h) {
      nest.h = h;
      scanTokens(nest);
    });
  nest.lanes = lanesFor(nest.y.size(2), vectorWidth);
  int64_t n = nest.state.size(1), rows = lanesFor(n, vectorWidth >= 16 ? 16 : 8);
  if (nest.l)
    copy(nest.init, nest.state);
  loop(nest.y.size(1), 1, [&](Value h) {
    loop(nest.y.size(2), nest.lanes, [&](Value p) {
      nest.h = h;
      nest.p = p;
      if (nest.l)
        return scanCorrected(nest);
      scanBlock(nest, {}, rows);
      if (n == rows)
        return;
      auto rest = scf::ForOp::create(*this, index(rows), index(n), index(rows));
      InsertionGuard guard(*this);
      setInsertionPointToStart(rest.getBody());
      scanBlock(nest, rest.getInductionVar(), rows);
    });
  });
}

/// Of the head and the columns that the nest is at: lanes of a row of the state, or of x or y.
Value KernelEmitter::readState(const ScanNest &nest, const Tile &tile, Value firstRow, int64_t row) {
  SmallVector<int64_t> strides = stridesOf(tile);
  return read(tile, row * strides[1], strides, {nest.h, firstRow, nest.p}, strides[2], nest.lanes);
}

/// An entry of b, c, l or r at token q, in all lanes.
Value KernelEmitter::readEntry(const ScanNest &nest, const Tile &tile, Value q, Value firstRow, int64_t row) {
  SmallVector<int64_t> strides = stridesOf(tile);
  if (tile.type.getRank() == 3)
    return read(tile, row * strides[2], strides, {q, nest.h, firstRow}, 0, nest.lanes);
  return read(tile, row * strides[1], strides, {q, firstRow}, 0, nest.lanes);
}

Value KernelEmitter::readColumns(const ScanNest &nest, const Tile &tile, Value q) {
  SmallVector<int64_t> strides = stridesOf(tile);
  return read(tile, 0, strides, {q, nest.h, nest.p}, strides[2], nest.lanes);
}

/// What the decay at token q leaves of a row of the state. A factor of 0 forgets it, NaN too.
Value KernelEmitter::decayRow(const ScanNest &nest, Value state, Value q, Value firstRow, int64_t row) {
  if (!nest.decay)
    return state;
  SmallVector<int64_t> strides = stridesOf(*nest.decay);
  Value decay = nest.decay->type.getRank() == 3 ? read(*nest.decay, row * strides[1], strides, {nest.h, firstRow, q}, 0, nest.lanes)
                                                : read(*nest.decay, 0, strides, {nest.h, q}, 0, nest.lanes);
  Value zero = f32(0, nest.lanes), keeps = arith::CmpFOp::create(*this, arith::CmpFPredicate::UNE, decay, zero);
  return arith::SelectOp::create(*this, keeps, arith::MulFOp::create(*this, state, decay), zero);
}

/// One block of state rows, through all tokens. The first block (no `firstRow`) starts y, the others add to it.
void KernelEmitter::scanBlock(ScanNest &nest, Value firstRow, int64_t rows) {
  SmallVector<Value> states;
  for (int64_t row = 0; row < rows; ++row)
    states.push_back(readState(nest, nest.init, firstRow, row));
  auto loop = scf::ForOp::create(*this, index(0), index(nest.tokens), index(1), states);
  {
    InsertionGuard guard(*this);
    setInsertionPointToStart(loop.getBody());
    Value q = loop.getInductionVar();
    Value x = readColumns(nest, nest.x, q);
    // Two sums: the chain of additions is half as long.
    Value sums[2] = {firstRow ? readColumns(nest, nest.y, q) : f32(0, nest.lanes), f32(0, nest.lanes)};
    for (int64_t row = 0; row < rows; ++row) {
      Value before = loop.getRegionIterArg(row), left = decayRow(nest, before, q, firstRow, row);
      states[row] = vector::FMAOp::create(*this, readEntry(nest, nest.b, q, firstRow, row), x, left);
      Value &sum = sums[row % 2], seen = nest.pre ? before : states[row];
      sum = vector::FMAOp::create(*this, readEntry(nest, nest.c, q, firstRow, row), seen, sum);
    }
    Value y = rows == 1 ? sums[0] : arith::AddFOp::create(*this, sums[0], sums[1]);
    write(y, nest.y, 0, nest.y.strides, {q, nest.h, nest.p}, 1);
    scf::YieldOp::create(*this, states);
  }
  for (int64_t row = 0; row < rows; ++row)
    write(loop.getResult(row), nest.state, row * nest.state.strides[1], nest.state.strides, {nest.h, firstRow, nest.p}, 1);
}

/// All rows, token by token: u = r^T S first, then the step. The state starts as init.
void KernelEmitter::scanCorrected(ScanNest &nest) {
  int64_t n = nest.state.size(1), rows = lanesFor(n, 8);
  auto tokens = scf::ForOp::create(*this, index(0), index(nest.tokens), index(1));
  InsertionGuard guard(*this);
  setInsertionPointToStart(tokens.getBody());
  Value q = tokens.getInductionVar(), zero = f32(0, nest.lanes);
  /// The sums of body(first row, row, sum) over all rows, in two chains.
  auto sumOverRows = [&](function_ref<Value(Value, int64_t, Value)> body) -> Value {
    auto blocks = scf::ForOp::create(*this, index(0), index(n), index(rows), ValueRange{zero, zero});
    {
      InsertionGuard guard(*this);
      setInsertionPointToStart(blocks.getBody());
      SmallVector<Value> sums(blocks.getRegionIterArgs());
      for (int64_t row = 0; row < rows; ++row)
        sums[row % 2] = body(blocks.getInductionVar(), row, sums[row % 2]);
      scf::YieldOp::create(*this, sums);
    }
    return arith::AddFOp::create(*this, blocks.getResult(0), blocks.getResult(1));
  };
  Value u = sumOverRows([&](Value first, int64_t row, Value sum) -> Value {
    return vector::FMAOp::create(*this, readEntry(nest, *nest.r, q, first, row), readState(nest, nest.state, first, row), sum);
  });
  Value x = readColumns(nest, nest.x, q);
  Value y = sumOverRows([&](Value first, int64_t row, Value sum) -> Value {
    Value before = readState(nest, nest.state, first, row);
    Value after = decayRow(nest, before, q, first, row);
    after = vector::FMAOp::create(*this, readEntry(nest, *nest.l, q, first, row), u, after);
    after = vector::FMAOp::create(*this, readEntry(nest, nest.b, q, first, row), x, after);
    write(after, nest.state, row * nest.state.strides[1], nest.state.strides, {nest.h, first, nest.p}, 1);
    return vector::FMAOp::create(*this, readEntry(nest, nest.c, q, first, row), nest.pre ? before : after, sum);
  });
  write(y, nest.y, 0, nest.y.strides, {q, nest.h, nest.p}, 1);
}

/// All tokens of a head, for N = P = 1. (a, u) stands for the step S -> a S + u, or S -> u where a is 0; after the steps s = 1, 2, 4,
/// .. lane i holds the composition of the steps i - 2s + 1 .. i of the vector.
void KernelEmitter::scanTokens(ScanNest &nest) {
  int64_t lanes = lanesFor(nest.tokens, vectorWidth);
  Value ones = f32(1, lanes), zeros = f32(0, lanes);
  auto step = [&](Value a, Value state, Value u) -> Value {
    Value keeps = arith::CmpFOp::create(*this, arith::CmpFPredicate::UNE, a, zeros);
    return arith::SelectOp::create(*this, keeps, vector::FMAOp::create(*this, a, state, u), u);
  };
  auto at = [&](const Tile &tile, int64_t tokenDim, ValueRange ivs) {
    SmallVector<int64_t> strides = stridesOf(tile);
    return read(tile, 0, strides, ivs, strides[tokenDim], lanes);
  };
  Value zero = index(0);
  Value init = vector::ExtractOp::create(*this, read(nest.init, 0, stridesOf(nest.init), {nest.h, zero, zero}, 0, 1), 0);
  auto loop = scf::ForOp::create(*this, zero, index(nest.tokens), index(lanes), ValueRange{init});
  {
    InsertionGuard guard(*this);
    setInsertionPointToStart(loop.getBody());
    Value q = loop.getInductionVar();
    Value a = nest.decay ? at(*nest.decay, 1, {nest.h, q}) : ones;
    Value u = arith::MulFOp::create(*this, at(nest.b, 0, {q, zero}), at(nest.x, 0, {q, nest.h, zero}));
    for (int64_t distance = 1; distance < lanes; distance *= 2) {
      SmallVector<int64_t> earlier;
      for (int64_t lane = 0; lane < lanes; ++lane)
        earlier.push_back(lane < distance ? lanes : lane - distance);
      Value before = vector::ShuffleOp::create(*this, u, zeros, earlier);
      u = step(a, before, u);
      a = step(a, vector::ShuffleOp::create(*this, a, ones, earlier), zeros);
    }
    Value state = step(a, splat(loop.getRegionIterArg(0), lanes), u);
    Value y = arith::MulFOp::create(*this, at(nest.c, 0, {q, zero}), state);
    write(y, nest.y, 0, nest.y.strides, {q, nest.h, zero}, nest.y.strides[0]);
    scf::YieldOp::create(*this, ValueRange{vector::ExtractOp::create(*this, state, lanes - 1)});
  }
  write(splat(loop.getResult(0), 1), nest.state, 0, nest.state.strides, {nest.h, zero, zero}, 1);
}

} // namespace mixc::cpu
