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
    rowsOfB = operand(recurrence.factoredB.base, {Axis::T, Axis::N}, /*maskState=*/true).renamed(Axis::T, Axis::S);
  return rowsOfB;
}

Tile ChunkMath::operandC() { return operand(recurrence.factoredC.base, {Axis::T, Axis::N}, /*maskState=*/true); }

Tile ChunkMath::operandX(const Column &column) {
  Tile &made = xs[column.op];
  if (!made)
    made = operand(column.x.base, {Axis::T, Axis::H, column.axis()}, /*maskState=*/false).renamed(Axis::T, Axis::S);
  return made;
}

//===--- Factors ---===//

/// Per token and head; either may be null, which stands for 1.
Tile ChunkMath::product(const Tile &left, const Tile &right) {
  if (!left || !right)
    return left ? left : right;
  return b.generic({Axis::H, Axis::T}, b.getF32Type(), {left, right},
                   [](TileBuilder &b, ValueRange v) { return arith::MulFOp::create(b, v[0], v[1]); });
}

Tile ChunkMath::product(ArrayRef<Expr> factors) {
  Tile result;
  for (const Expr &factor : factors)
    result = product(result, values.evaluate(factor, {Axis::H, Axis::T}, b.getF32Type(), tokens,
                                             [&](TileBuilder &b, Value v) { return b.zeroFrom(v, Axis::T, tokens.valid); }));
  return result;
}

Tile ChunkMath::scaleIn(const Column &column) {
  Tile &made = scalesIn[column.op];
  if (!made)
    made = product(product(recurrence.factoredB.scales), product(column.x.scales));
  return made;
}

Tile ChunkMath::scaleOut() {
  if (!outScale)
    outScale = product(recurrence.factoredC.scales);
  return outScale;
}

Tile ChunkMath::toEnd(const Column &column) {
  Tile factor = scaleIn(column);
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
  SmallVector<Tile> inputs = {scores};
  if (Tile in = scaleIn(column))
    inputs.push_back(in.renamed(Axis::T, Axis::S));
  if (Tile out = scaleOut())
    inputs.push_back(out);
  unsigned decay = inputs.size();
  if (fromStart)
    inputs.append({sums, resets, sums.renamed(Axis::T, Axis::S), resets.renamed(Axis::T, Axis::S)});
  return b.generic({Axis::H, Axis::T, Axis::S}, b.shape.operand, inputs, [&](TileBuilder &b, ValueRange v) {
    Value weight = v[0];
    for (Value factor : v.slice(1, decay - 1))
      weight = arith::MulFOp::create(b, weight, factor);
    if (fromStart)
      weight = arith::MulFOp::create(b, weight, decayBetween(b, v[decay], v[decay + 1], v[decay + 2], v[decay + 3]));
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
  if (!rowScale)
    rowScale = product(fromStart, scaleOut());
  if (!rowScale)
    return y;
  return b.generic({Axis::H, column.axis(), Axis::T}, b.getF32Type(), {y, rowScale},
                   [](TileBuilder &b, ValueRange v) { return arith::MulFOp::create(b, v[0], v[1]); });
}

} // namespace mixc
