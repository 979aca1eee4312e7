// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ChunkMath.h"

using namespace mlir;

namespace mixc {

static Value isEqual(TileBuilder &b, Value left, Value right) { return arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, left, right); }

//===--- Exponents ---===//

/// Of ChunkMath::at's elements: those of one place.
namespace {
struct Exponent {
  Value fraction, resets, whole; ///< whole is null where the exponent is one number
};
} // namespace

static Exponent takeExponent(ValueRange elements, bool lag, unsigned number) {
  unsigned first = number * (lag ? 3 : 2);
  return {elements[first], elements[first + 1], lag ? elements[first + 2] : Value()};
}

/// to - from
static Value difference(TileBuilder &b, const Exponent &to, const Exponent &from) {
  Value result = arith::SubFOp::create(b, to.fraction, from.fraction);
  if (to.whole)
    result = arith::AddFOp::create(b, result, arith::SubFOp::create(b, from.whole, to.whole));
  return result;
}

/// value exp2(to - from) where both have seen the same resets, 0 elsewhere; a null value stands for 1.
static Value decayed(TileBuilder &b, Value value, const Exponent &to, const Exponent &from) {
  Value factor = math::Exp2Op::create(b, difference(b, to, from));
  return b.zeroUnless(isEqual(b, to.resets, from.resets), value ? arith::MulFOp::create(b, value, factor).getResult() : factor);
}

ChunkMath::ChunkMath(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, const Recurrence &recurrence, TokenScope &tokens,
                     const Lag &before)
    : b(b), values(values), recurrence(recurrence), tokens(tokens), before(before) {
  Tile decay = decayTile(b, values, recurrence, tokens, recurrence.decayAxes());
  if (!decay)
    return;
  auto tile = [](Value value) { return Tile(value, {Axis::H, Axis::T}); };
  if (recurrence.keep)
    signs = signsFromStart(b, values, recurrence, tokens, /*pre=*/false);
  const bool lagging = hasLag(program, recurrence);
  if (lagging && !before)
    this->before = noLag(b, program, recurrence);
  auto sum = [&](const Tile &decay, Lag &after) -> Exponents {
    if (!lagging) {
      auto cumsum = tile::CumsumOp::create(b, decay.value.getType(), decay.value.getType(), decay.value);
      return {tile(cumsum.getSums()), {}, tile(cumsum.getResets())};
    }
    auto op = tile::LagOp::create(b, decay.value, this->before.lag.value, this->before.low.value);
    after = {tile(op.getLag()), tile(op.getLow())};
    return {tile(op.getLag()), tile(op.getLevel()), tile(op.getResets())};
  };
  cum = sum(decay, lag);
  Lag none;
  seen = isPre() ? sum(decaysBefore(), none) : cum;
}

/// Of the tokens before, none before the chunk's first.
Tile ChunkMath::decaysBefore() {
  TokenScope before(tokens.first, tokens.valid);
  before.earlier = 1;
  Tile decay = decayTile(b, values, recurrence, before, recurrence.decayAxes());
  return b.generic({Axis::H, Axis::T}, b.getF32Type(), {decay}, [](TileBuilder &b, ValueRange v) {
    Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, b.position(Axis::T), b.index(0));
    return arith::SelectOp::create(b, isFirst, b.number(0), v[0]);
  });
}

/// The inputs of a generic that make an exponent: that of the chunk's last token, or of every token along `axis`.
SmallVector<Tile> ChunkMath::at(const Exponents &e, bool last, Axis axis) const {
  SmallVector<Tile> inputs;
  for (const Tile &tile : {e.fraction, e.resets, e.whole})
    if (tile)
      inputs.push_back(last ? tile.at(Axis::T, b.shape.chunk - 1) : tile.renamed(Axis::T, axis));
  return inputs;
}

//===--- Operands ---===//

/// A matrix operand: an argument as loaded where its type fits, else computed and set to zero where padding
/// would add to a product.
Tile ChunkMath::operand(Expr expr, ArrayRef<Axis> axes, bool maskState) {
  if (Tile tile = values.loadedArgument(expr, axes, b.shape.operand, tokens))
    return tile;
  return values.evaluate(expr, axes, b.shape.operand, tokens, [&](TileBuilder &b, Value v) {
    v = b.zeroFrom(v, Axis::T, tokens.valid);
    return maskState ? b.zeroBeyondRows(v, typeOf(expr.value)) : v;
  });
}

Tile ChunkMath::operandB() {
  if (!rowsOfB)
    rowsOfB = operand(recurrence.factoredB.base, {Axis::T, Axis::N}, /*maskState=*/true).renamed(Axis::T, Axis::S);
  return rowsOfB;
}

Tile ChunkMath::operandC() {
  if (!rowsOfC)
    rowsOfC = operand(recurrence.factoredC.base, {Axis::T, Axis::N}, /*maskState=*/true);
  return rowsOfC;
}

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
    made = product(product(product(recurrence.factoredB.scales), product(column.x.scales)), signs);
  return made;
}

/// The same with the sign at the chunk's end.
Tile ChunkMath::scaleInToEnd(const Column &column) {
  Tile in = scaleIn(column);
  return signs ? product(in, signs.at(Axis::T, b.shape.chunk - 1)) : in;
}

Tile ChunkMath::scaleOut() {
  if (!outScale)
    outScale = product(product(recurrence.factoredC.scales), signs);
  return outScale;
}

/// From the chunk's start to each token, or to the last one.
Tile ChunkMath::powerOf(const Exponents &exponents, bool last) {
  SmallVector<Axis> axes = {Axis::H, Axis::T};
  return b.generic(ArrayRef(axes).drop_back(last), b.getF32Type(), at(exponents, last, Axis::T), [](TileBuilder &b, ValueRange v) {
    Value exponent = v.size() == 3 ? arith::SubFOp::create(b, v[0], v[2]).getResult() : v[0];
    return arith::SelectOp::create(b, isEqual(b, v[1], b.number(0)), math::Exp2Op::create(b, exponent), b.number(0));
  });
}

Tile ChunkMath::fromStart() {
  if (!fromStartMade && recurrence.decays())
    fromStartMade = powerOf(seen, /*last=*/false);
  return fromStartMade;
}

Tile ChunkMath::whole() {
  if (!recurrence.decays())
    return {};
  Tile size = !lag ? isPre() ? powerOf(cum, /*last=*/true) : fromStart().at(Axis::T, b.shape.chunk - 1)
                   : b.generic({Axis::H}, b.getF32Type(), at(cum, /*last=*/true, Axis::T), [](TileBuilder &b, ValueRange v) {
                       Value factor = math::Exp2Op::create(b, arith::NegFOp::create(b, v[2]));
                       return b.zeroUnless(isEqual(b, v[1], b.number(0)), atLeastTiny(b, factor));
                     });
  if (!signs)
    return size;
  return b.generic({Axis::H}, b.getF32Type(), {size, signs.at(Axis::T, b.shape.chunk - 1)},
                   [](TileBuilder &b, ValueRange v) { return arith::MulFOp::create(b, v[0], v[1]); });
}

// With a lag, U' = 2^-lag' S' takes exp2(cum_Q - cum_s - lag') = exp2(-fraction_s + whole_s - whole_Q).
Tile ChunkMath::toEnd(const Column &column) {
  Tile factor = scaleInToEnd(column);
  if (!recurrence.decays())
    return factor ? factor.renamed(Axis::T, Axis::S) : factor;
  Tile &made = ends[column.op];
  if (made)
    return made;
  SmallVector<Tile> inputs = at(cum, /*last=*/true, Axis::S);
  inputs.append(at(cum, /*last=*/false, Axis::S));
  unsigned exponents = inputs.size();
  if (factor)
    inputs.push_back(factor.renamed(Axis::T, Axis::S));
  bool lagging = bool(lag);
  made = b.generic({Axis::H, Axis::S}, b.getF32Type(), inputs, [&](TileBuilder &b, ValueRange v) {
    Exponent end = takeExponent(v, lagging, 0), from = takeExponent(v, lagging, 1);
    if (lagging)
      end.fraction = b.number(0);
    return decayed(b, v.size() > exponents ? v.back() : Value(), end, from);
  });
  return made;
}

Tile ChunkMath::maskAt(Tile &made, Value distance) {
  if (!made)
    made = values.atDistances(recurrence.mask, distance);
  return made;
}

Tile ChunkMath::diagonalWeights(const Tile &scores, const Column &column) {
  SmallVector<Tile> inputs = {scores};
  if (Tile in = scaleIn(column))
    inputs.push_back(in.renamed(Axis::T, Axis::S));
  if (Tile out = scaleOut())
    inputs.push_back(out);
  if (recurrence.mask)
    inputs.push_back(maskAt(ownMaskMade, b.index(0)));
  unsigned decay = inputs.size();
  bool decays = recurrence.decays(), lagging = bool(lag);
  if (decays) {
    inputs.append(at(seen, /*last=*/false, Axis::T));
    inputs.append(at(cum, /*last=*/false, Axis::S));
  }
  const auto reaches = isPre() ? arith::CmpIPredicate::ult : arith::CmpIPredicate::ule;
  return b.generic({Axis::H, Axis::T, Axis::S}, b.shape.operand, inputs, [&](TileBuilder &b, ValueRange v) {
    Value weight = v[0];
    for (Value factor : v.slice(1, decay - 1))
      weight = arith::MulFOp::create(b, weight, factor);
    Value below = arith::CmpIOp::create(b, reaches, b.position(Axis::S), b.position(Axis::T));
    if (decays) {
      Exponent to = takeExponent(v.drop_front(decay), lagging, 0), from = takeExponent(v.drop_front(decay), lagging, 1);
      weight = decayed(b, weight, to, from);
    }
    return arith::SelectOp::create(b, below, weight, b.number(0));
  });
}

/// Whether tokens of this chunk reach a later one's rows: no reset after them, here or in between.
static Value reaches(TileBuilder &b, Value last, Value own, Value passed) {
  return arith::AndIOp::create(b, isEqual(b, last, own), b.isNotZero(passed));
}

// in_s exp2(cum_Q - cum_s) passed. With a lag, passed lags behind by that before this chunk, and cum_Q and cum_s each contain it once:
// exp2(fraction_Q - fraction_s + before + whole_s - whole_Q).
Tile ChunkMath::farFactors(const Column &column, const Passed &passed) {
  SmallVector<Tile> factors;
  unsigned exponents = 0;
  bool lagging = bool(lag);
  if (recurrence.decays()) {
    factors = at(cum, /*last=*/true, Axis::S);
    factors.append(at(cum, /*last=*/false, Axis::S));
    exponents = factors.size();
    factors.push_back(passed.decay);
    if (lagging)
      factors.push_back(before.lag.at(Axis::T, b.shape.chunk - 1));
  }
  size_t decays = factors.size();
  if (Tile in = scaleInToEnd(column))
    factors.push_back(in.renamed(Axis::T, Axis::S));
  if (factors.empty())
    return {};
  return b.generic({Axis::H, Axis::S}, b.getF32Type(), factors, [&](TileBuilder &b, ValueRange v) {
    if (!exponents)
      return v[0];
    Exponent end = takeExponent(v, lagging, 0), from = takeExponent(v, lagging, 1);
    Value exponent = difference(b, end, from);
    if (lagging)
      exponent = arith::AddFOp::create(b, exponent, v[exponents + 1]);
    Value factor = arith::MulFOp::create(b, math::Exp2Op::create(b, exponent), v[exponents]);
    if (v.size() > decays)
      factor = arith::MulFOp::create(b, factor, v.back());
    return b.zeroUnless(reaches(b, end.resets, from.resets, v[exponents]), factor);
  });
}

// scores[t,s] farFactors[h,s], and those of the mask.
Tile ChunkMath::farWeights(const Tile &scores, const Column &column, const Passed &passed) {
  SmallVector<Tile> inputs = {scores};
  if (Tile factors = farFactors(column, passed))
    inputs.push_back(factors);
  if (recurrence.mask)
    inputs.push_back(maskAt(farMaskMade, passed.distance));
  size_t factors = inputs.size();
  if (factors == 1)
    return b.cast(scores, b.shape.operand);
  if (recurrence.decays())
    inputs.append({cum.resets.at(Axis::T, b.shape.chunk - 1), cum.resets.renamed(Axis::T, Axis::S), passed.decay});
  return b.generic({Axis::H, Axis::T, Axis::S}, b.shape.operand, inputs, [&](TileBuilder &b, ValueRange v) {
    Value weight = v[0];
    for (Value factor : v.slice(1, factors - 1))
      weight = arith::MulFOp::create(b, weight, factor);
    return v.size() == factors ? weight : b.zeroUnless(reaches(b, v[factors], v[factors + 1], v[factors + 2]), weight);
  });
}

//===--- Products ---===//

Tile ChunkMath::ownWeights(const Column &column) {
  if (!scoresMade)
    scoresMade = b.contract({Axis::T, Axis::S}, operandC(), operandB()); // [t, s]
  return diagonalWeights(scoresMade, column);
}

Tile ChunkMath::output(const Tile &state, const Column &column) {
  Tile weights = ownWeights(column);                                             // [h, t, s]
  return weighted(weights, column, scaleRows(readState(state, column), column)); // [h, p, t]
}

Tile ChunkMath::finished(const Tile &read, const Column &column) {
  Tile weights = ownWeights(column); // [h, t, s]
  return weighted(weights, column, scaleRows(read, column));
}

Tile ChunkMath::addFar(const Tile &rows, const Column &column, const Passed &passed, Tile acc) {
  if (!farScoresMade)
    farScoresMade = b.contract({Axis::T, Axis::S}, rows, operandB()); // [t, s]
  return weightedFar(farWeights(farScoresMade, column, passed), column, passed.decay, acc);
}

Tile ChunkMath::nextState(const Tile &state, const Column &column) {
  Axis p = column.axis();
  Tile x = operandX(column), end = toEnd(column), decayed = state;
  auto scaled = [&](const Tile &tile, const Tile &scale, ArrayRef<Axis> axes, Type elem) {
    return b.generic(axes, elem, {tile, scale}, [](TileBuilder &b, ValueRange v) { return arith::MulFOp::create(b, v[0], v[1]); });
  };
  if (end)
    x = scaled(x, end, {Axis::S, Axis::H, p}, b.shape.operand);
  if (recurrence.decays())
    decayed = scaled(state, whole(), {Axis::H, p, Axis::N}, b.getF32Type());
  Tile next = b.contract({Axis::H, p, Axis::N}, x, operandB(), decayed);
  if (recurrence.decays()) // NaN that a factor of 0 was to forget
    next.value = tile::SinceResetOp::create(b, next.value.getType(), next.value, operandX(column).value, end.value, operandB().value,
                                            cum.resets.value);
  return next;
}

Tile ChunkMath::weighted(const Tile &weights, const Column &column, Tile acc) {
  Tile x = operandX(column);
  auto guard = tile::GuardOp::create(b, x.value.getType(), acc.value.getType(), x.value, acc.value, cum.resets.value, isPre());
  x.value = guard.getFinite();
  acc.value = guard.getGuarded();
  return b.contract({Axis::H, column.axis(), Axis::T}, x, weights, acc);
}

Tile ChunkMath::weightedFar(const Tile &weights, const Column &column, const Tile &passed, Tile acc) {
  Tile x = operandX(column);
  if (recurrence.decays())
    x = b.generic({Axis::S, Axis::H, column.axis()}, b.shape.operand,
                  {x, cum.resets.at(Axis::T, b.shape.chunk - 1), cum.resets.renamed(Axis::T, Axis::S), passed},
                  [](TileBuilder &b, ValueRange v) { return b.zeroUnless(reaches(b, v[1], v[2], v[3]), v[0]); });
  return b.contract({Axis::H, column.axis(), Axis::T}, x, weights, acc);
}

Tile ChunkMath::readState(const Tile &state, const Column &column) {
  return b.contract({Axis::H, column.axis(), Axis::T}, b.cast(state, b.shape.operand), operandC());
}

Tile ChunkMath::scaleRows(const Tile &y, const Column &column) {
  if (!rowScale)
    rowScale = product(fromStart(), scaleOut());
  if (!rowScale)
    return y;
  return b.generic({Axis::H, column.axis(), Axis::T}, b.getF32Type(), {y, rowScale},
                   [](TileBuilder &b, ValueRange v) { return arith::MulFOp::create(b, v[0], v[1]); });
}

} // namespace mixc
