// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ChunkMath.h"

using namespace mlir;

namespace mixc {

static Value zeroOf(TileBuilder &b) { return arith::ConstantOp::create(b, b.getF32FloatAttr(0)); }

static Value isEqual(TileBuilder &b, Value left, Value right) {
  return arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, left, right);
}

/// exp2(to - from) where both have seen the same resets, 0 elsewhere.
static Value decayBetween(TileBuilder &b, Value to, Value toResets, Value from, Value fromResets) {
  Value factor = math::Exp2Op::create(b, arith::SubFOp::create(b, to, from));
  return arith::SelectOp::create(b, isEqual(b, toResets, fromResets), factor, zeroOf(b));
}

ChunkMath::ChunkMath(TileBuilder &b, SpecValues &values, const Recurrence &recurrence, TokenScope &tokens)
    : b(b), values(values), recurrence(recurrence), tokens(tokens) {
  Tile decay = decayTile(b, values, recurrence, tokens);
  if (!decay)
    return;
  auto cumsum = tile::CumsumOp::create(b, decay.value.getType(), decay.value.getType(), decay.value);
  sums = Tile(cumsum.getSums(), {Axis::H, Axis::T});     // [h, t]
  resets = Tile(cumsum.getResets(), {Axis::H, Axis::T}); // [h, t]
  fromStart = b.generic({Axis::H, Axis::T}, b.getF32Type(), {sums, resets}, [](TileBuilder &b, ValueRange v) {
    return arith::SelectOp::create(b, isEqual(b, v[1], zeroOf(b)), math::Exp2Op::create(b, v[0]), zeroOf(b));
  });
}

//===--- Operands ---===//

/// A matrix operand: an argument as loaded where its type fits, else computed and set to zero where padding
/// would add to a product.
Tile ChunkMath::operand(Expr expr, ArrayRef<Axis> axes, bool maskState) {
  if (Tile tile = values.loadedArgument(expr, axes, b.shape.operand, tokens))
    return tile;
  return values.evaluate(expr, axes, b.shape.operand, tokens, [&](TileBuilder &b, Value v) {
    v = b.zeroFrom(v, Axis::T, tokens.valid);
    return maskState && b.shape.n < b.shape.nTile ? b.zeroFrom(v, Axis::N, b.index(b.shape.n)) : v;
  });
}

Tile ChunkMath::operandB() {
  if (!rowsOfB)
    rowsOfB = operand({recurrence.b, {}}, {Axis::T, Axis::N}, /*maskState=*/true).renamed(Axis::T, Axis::S);
  return rowsOfB;
}

Tile ChunkMath::operandC() { return operand({recurrence.c, {}}, {Axis::T, Axis::N}, /*maskState=*/true); }

Tile ChunkMath::operandX(const Column &column) {
  Tile &made = xs[column.op];
  if (!made)
    made = operand(column.x.base, {Axis::T, Axis::H, column.axis()}, /*maskState=*/false).renamed(Axis::T, Axis::S);
  return made;
}

Tile ChunkMath::scale(const Column &column) {
  Tile &made = scales[column.op];
  if (made)
    return made;
  for (const Expr &factor : column.x.scales) {
    Tile one = values.evaluate(factor, {Axis::H, Axis::T}, b.getF32Type(), tokens,
                               [&](TileBuilder &b, Value v) { return b.zeroFrom(v, Axis::T, tokens.valid); });
    made = !made ? one : b.generic({Axis::H, Axis::T}, b.getF32Type(), {made, one}, [](TileBuilder &b, ValueRange v) {
      return arith::MulFOp::create(b, v[0], v[1]);
    });
  }
  return made;
}

//===--- Factors ---===//

Tile ChunkMath::toEnd(const Column &column) {
  Tile factor = scale(column);
  if (!fromStart)
    return factor ? factor.renamed(Axis::T, Axis::S) : factor;
  Tile &made = ends[column.op];
  if (made)
    return made;
  int64_t last = b.shape.chunk - 1;
  Tile s = sums.renamed(Axis::T, Axis::S), r = resets.renamed(Axis::T, Axis::S);
  SmallVector<Tile> inputs = {sums.at(Axis::T, last), resets.at(Axis::T, last), s, r};
  if (factor)
    inputs.push_back(factor.renamed(Axis::T, Axis::S));
  made = b.generic({Axis::H, Axis::S}, b.getF32Type(), inputs, [](TileBuilder &b, ValueRange v) {
    Value decay = decayBetween(b, v[0], v[1], v[2], v[3]);
    return v.size() == 5 ? arith::MulFOp::create(b, decay, v[4]).getResult() : decay;
  });
  return made;
}

Tile ChunkMath::diagonalWeights(const Tile &scores, const Column &column) {
  Tile factor = scale(column);
  SmallVector<Tile> inputs = {scores};
  if (factor)
    inputs.push_back(factor.renamed(Axis::T, Axis::S));
  if (fromStart)
    inputs.append({sums, resets, sums.renamed(Axis::T, Axis::S), resets.renamed(Axis::T, Axis::S)});
  unsigned first = factor ? 2 : 1;
  return b.generic({Axis::H, Axis::T, Axis::S}, b.shape.operand, inputs, [&](TileBuilder &b, ValueRange v) {
    Value weight = v[0];
    if (factor)
      weight = arith::MulFOp::create(b, weight, v[1]);
    if (fromStart)
      weight = arith::MulFOp::create(b, weight, decayBetween(b, v[first], v[first + 1], v[first + 2], v[first + 3]));
    Value causal =
        arith::CmpIOp::create(b, arith::CmpIPredicate::ule, b.position(Axis::S), b.position(Axis::T));
    return arith::SelectOp::create(b, causal, weight, zeroOf(b));
  });
}

//===--- Products ---===//

Tile ChunkMath::nextState(const Tile &state, const Column &column) {
  Axis p = column.axis();
  Tile x = operandX(column), end = toEnd(column);
  if (end)
    x = b.generic({Axis::S, Axis::H, p}, b.shape.operand, {x, end},
                  [](TileBuilder &b, ValueRange v) { return arith::MulFOp::create(b, v[0], v[1]); });
  Tile decayed = state;
  if (fromStart)
    decayed = b.generic({Axis::H, p, Axis::N}, b.getF32Type(), {state, fromStart.at(Axis::T, b.shape.chunk - 1)},
                        [](TileBuilder &b, ValueRange v) { return arith::MulFOp::create(b, v[0], v[1]); });
  return b.contract({Axis::H, p, Axis::N}, x, operandB(), decayed);
}

Tile ChunkMath::weighted(const Tile &weights, const Column &column, Tile acc) {
  return b.contract({Axis::H, column.axis(), Axis::T}, operandX(column), weights, acc);
}

Tile ChunkMath::readState(const Tile &state, const Column &column) {
  return b.contract({Axis::H, column.axis(), Axis::T}, b.cast(state, b.shape.operand), operandC());
}

Tile ChunkMath::scaleRows(const Tile &y, const Column &column) {
  if (!fromStart)
    return y;
  return b.generic({Axis::H, column.axis(), Axis::T}, b.getF32Type(), {y, fromStart},
                   [](TileBuilder &b, ValueRange v) { return arith::MulFOp::create(b, v[0], v[1]); });
}

} // namespace mixc
