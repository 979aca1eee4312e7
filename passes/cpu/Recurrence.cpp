// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tile.cumsum, tile.lag, and tile.scan with a block of state rows in registers over all tokens of the tile:
//
//     for h, for p by vectors, for a block of rows n:
//       s[r] = init[h, n + r, p]
//       for q:  s[r] = decay[h, q] * s[r] + b[q, n + r] * x[q, h, p];   y[q, h, p] += c[q, n + r] * s[r]
//       state[h, n + r, p] = s[r]
//
// An associative scan of single numbers (N = P = 1) runs along the tokens instead, a vector of them in log steps.

#include "KernelEmitter.h"

using namespace mlir;

namespace mixc::cpu {

//===--- cumsum and lag ---===//

/// body(indices) for each row along the last dimension of a tile; the last index is null.
void KernelEmitter::eachRow(const Tile &tile, function_ref<void(SmallVector<Value> &)> body) {
  int64_t last = tile.type.getRank() - 1;
  SmallVector<Value> ivs(last + 1);
  std::function<void(int64_t)> level = [&](int64_t dim) {
    if (dim == last)
      return body(ivs);
    loop(tile.size(dim), 1, [&](Value iv) {
      ivs[dim] = iv;
      level(dim + 1);
    });
  };
  level(0);
}

void KernelEmitter::emitCumsum(tile::CumsumOp op) {
  Tile input = buffers.lookup(op.getInput()), sums = buffers.lookup(op.getSums()), resets = buffers.lookup(op.getResets());
  int64_t last = input.type.getRank() - 1;
  eachRow(input, [&](SmallVector<Value> &ivs) {
    Value zero = scalar(0, getF64Type()), none = scalar(0, getF32Type());
    auto loop = scf::ForOp::create(*this, index(0), index(input.size(last)), index(1), ValueRange{zero, none});
    InsertionGuard guard(*this);
    setInsertionPointToStart(loop.getBody());
    ivs[last] = loop.getInductionVar();
    Value x = readElement(input, ivs);
    Value isReset = arith::CmpFOp::create(*this, arith::CmpFPredicate::OLT, x, scalar(tile::kResetThreshold, getF32Type()));
    Value sum = arith::AddFOp::create(*this, loop.getRegionIterArg(0), convert(x, getF64Type()));
    sum = arith::SelectOp::create(*this, isReset, zero, sum);
    Value count =
        arith::AddFOp::create(*this, loop.getRegionIterArg(1), arith::SelectOp::create(*this, isReset, scalar(1, getF32Type()), none));
    writeElement(sum, sums, ivs);
    writeElement(count, resets, ivs);
    scf::YieldOp::create(*this, ValueRange{sum, count});
  });
}

// The lag after a step, in f64, is what the next step starts from: its level is the whole numbers that have been taken out so far.
void KernelEmitter::emitLag(tile::LagOp op) {
  Tile input = buffers.lookup(op.getInput()), before = buffers.lookup(op.getBefore()), beforeLow = buffers.lookup(op.getBeforeLow());
  Type f64 = getF64Type(), f32 = getF32Type();
  int64_t last = input.type.getRank() - 1;
  auto add = [&](Value a, Value b) -> Value { return arith::AddFOp::create(*this, a, b); };
  eachRow(input, [&](SmallVector<Value> &ivs) {
    ivs[last] = index(input.size(last) - 1);
    Value start = add(convert(readElement(before, ivs), f64), convert(readElement(beforeLow, ivs), f64));
    Value none = scalar(0, f32), zero = scalar(0, f64);
    auto loop = scf::ForOp::create(*this, index(0), index(input.size(last)), index(1), ValueRange{start, none, none});
    InsertionGuard guard(*this);
    setInsertionPointToStart(loop.getBody());
    ivs[last] = loop.getInductionVar();
    Value x = readElement(input, ivs);
    Value isReset = arith::CmpFOp::create(*this, arith::CmpFPredicate::OLT, x, scalar(tile::kResetThreshold, f32));
    Value sum = arith::SelectOp::create(*this, isReset, zero, add(loop.getRegionIterArg(0), convert(x, f64)));
    Value whole = math::FloorOp::create(*this, arith::NegFOp::create(*this, sum)), lag = add(sum, whole);
    Value step = arith::TruncFOp::create(*this, f32, whole);
    Value level = arith::SelectOp::create(*this, isReset, none, add(loop.getRegionIterArg(1), step));
    Value count = add(loop.getRegionIterArg(2), arith::SelectOp::create(*this, isReset, scalar(1, f32), none));
    Value rounded = arith::TruncFOp::create(*this, f32, lag);
    auto result = [&](Value tile, function_ref<Value()> element) {
      if (!tile.use_empty())
        writeElement(element(), buffers.lookup(tile), ivs);
    };
    result(op.getLag(), [&] { return rounded; });
    result(op.getLow(), [&] { return arith::SubFOp::create(*this, lag, convert(rounded, f64)).getResult(); });
    result(op.getLevel(), [&] { return level; });
    result(op.getResets(), [&] { return count; });
    result(op.getFactor(), [&]() -> Value {
      Value factor = math::Exp2Op::create(*this, arith::NegFOp::create(*this, step));
      return arith::SelectOp::create(*this, isReset, none, factor);
    });
    scf::YieldOp::create(*this, ValueRange{lag, level, count});
  });
}

//===--- scan ---===//

static SmallVector<int64_t> stridesOf(const Tile &tile) {
  SmallVector<int64_t> strides = tile.strides;
  strides.resize(tile.type.getRank()); // a splat has none
  return strides;
}

struct KernelEmitter::ScanNest {
  std::optional<Tile> decay;
  Tile x, b, c, init, y, state;
  int64_t lanes, tokens;
  Value h, p;
};

bool scansTokens(tile::ScanOp op) {
  auto state = cast<RankedTensorType>(op.getState().getType());
  return op.getAssociative() && state.getDimSize(1) == 1 && state.getDimSize(2) == 1;
}

void KernelEmitter::emitScan(tile::ScanOp op) {
  ScanNest nest;
  if (op.getDecay())
    nest.decay = buffers.lookup(op.getDecay());
  nest.x = placeOf(op.getXMutable());
  nest.init = placeOf(op.getInitMutable());
  nest.b = buffers.lookup(op.getB());
  nest.c = buffers.lookup(op.getC());
  nest.y = buffers.lookup(op.getY());
  nest.state = buffers.lookup(op.getState());
  nest.tokens = nest.y.size(0);
  if (scansTokens(op))
    return loop(nest.y.size(1), 1, [&](Value h) {
      nest.h = h;
      scanTokens(nest);
    });
  nest.lanes = lanesFor(nest.y.size(2), vectorWidth);
  int64_t n = nest.state.size(1), rows = lanesFor(n, vectorWidth >= 16 ? 16 : 8);
  loop(nest.y.size(1), 1, [&](Value h) {
    loop(nest.y.size(2), nest.lanes, [&](Value p) {
      nest.h = h;
      nest.p = p;
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

/// One block of state rows, through all tokens. The first block (no `firstRow`) starts y, the others add to it.
void KernelEmitter::scanBlock(ScanNest &nest, Value firstRow, int64_t rows) {
  auto at = [&](const Tile &tile, int64_t row, int64_t rowDim, ValueRange ivs, int64_t along) {
    SmallVector<int64_t> strides = stridesOf(tile);
    return read(tile, rowDim < 0 ? 0 : row * strides[rowDim], strides, ivs, along, nest.lanes);
  };
  SmallVector<Value> states;
  for (int64_t row = 0; row < rows; ++row)
    states.push_back(at(nest.init, row, 1, {nest.h, firstRow, nest.p}, 1));
  auto loop = scf::ForOp::create(*this, index(0), index(nest.tokens), index(1), states);
  {
    InsertionGuard guard(*this);
    setInsertionPointToStart(loop.getBody());
    Value q = loop.getInductionVar();
    Value x = at(nest.x, 0, -1, {q, nest.h, nest.p}, 1);
    Value decay = nest.decay ? at(*nest.decay, 0, -1, {nest.h, q}, 0) : Value();
    // A factor of 0 forgets the state, NaN too.
    Value keeps = decay ? arith::CmpFOp::create(*this, arith::CmpFPredicate::UNE, decay, f32(0, nest.lanes)).getResult() : Value();
    // Two sums: the chain of additions is half as long.
    Value sums[2] = {firstRow ? at(nest.y, 0, -1, {q, nest.h, nest.p}, 1) : f32(0, nest.lanes), f32(0, nest.lanes)};
    for (int64_t row = 0; row < rows; ++row) {
      Value state = loop.getRegionIterArg(row);
      if (decay)
        state = arith::SelectOp::create(*this, keeps, arith::MulFOp::create(*this, state, decay), f32(0, nest.lanes));
      states[row] = vector::FMAOp::create(*this, at(nest.b, row, 1, {q, firstRow}, 0), x, state);
      Value &sum = sums[row % 2];
      sum = vector::FMAOp::create(*this, at(nest.c, row, 1, {q, firstRow}, 0), states[row], sum);
    }
    Value y = rows == 1 ? sums[0] : arith::AddFOp::create(*this, sums[0], sums[1]);
    write(y, nest.y, 0, nest.y.strides, {q, nest.h, nest.p}, 1);
    scf::YieldOp::create(*this, states);
  }
  for (int64_t row = 0; row < rows; ++row)
    write(loop.getResult(row), nest.state, row * nest.state.strides[1], nest.state.strides, {nest.h, firstRow, nest.p}, 1);
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
