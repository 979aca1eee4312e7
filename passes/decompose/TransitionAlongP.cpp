// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A chunk's y where c is over the state's columns, and y over its rows:
//
//   y_t = D(t) S c_t + sum_{s<=t} D(t,s) (b_s (x_s . c_t) + l_s (u_s . c_t))          read = pre: t-1 for t, and s < t
//
// Rows of b and l are what a product adds up here, with the pairs' numbers x_s . c_t as weights. Decays of entries are in the rows and in
// what is made of them: of each size of blocks whose halves a pair's tokens lie in, a product.

#include "TransitionChunk.h"

using namespace mlir;

namespace mixc {

/// c as [t, h, p].
Tile TransitionChunk::operandAlongP() {
  SmallVector<Axis> axes = {Axis::T, Axis::H, Axis::P};
  if (Tile tile = values.loadedArgument(recurrence.factoredC.base, axes, b.shape.operand, tokens))
    return tile;
  return values.evaluate(recurrence.factoredC.base, axes, b.shape.operand, tokens, [&](TileBuilder &, Value v) { return zeroOutside(v); });
}

/// acc + the rows times the weights, of the tokens that `choose` says; rows that are not finite reach the tokens from theirs on alone.
Tile TransitionChunk::addRows(const Tile &rows, const Tile &weights, Tile acc, function_ref<Value()> choose) {
  const bool pre = recurrence.read == mixer::Read::Pre;
  Tile operand = b.generic({Axis::S, Axis::H, Axis::N}, b.shape.operand, {rows.renamed(Axis::T, Axis::S)},
                           [&](TileBuilder &b, ValueRange v) { return choose ? b.zeroUnless(choose(), v[0]) : v[0]; });
  auto guard =
      tile::GuardOp::create(b, operand.value.getType(), acc.value.getType(), operand.value, acc.value, pre ? Value() : resets.value, pre);
  operand.value = guard.getFinite();
  acc.value = guard.getGuarded();
  return b.contract({Axis::H, Axis::N, Axis::T}, operand, weights, acc);
}

/// The pairs' numbers that `choose` says, with the scale of the term's tokens: an operand [h, t, s], 0 elsewhere, and where `resets` tells
/// of one in between.
static Tile weightsOf(TileBuilder &b, const Tile &pairs, const Tile &scale, const Tile &resets, function_ref<Value()> choose) {
  SmallVector<Tile> inputs = {pairs};
  if (scale)
    inputs.push_back(scale.renamed(Axis::T, Axis::S));
  const size_t factors = inputs.size();
  if (resets)
    inputs.append({resets, resets.renamed(Axis::T, Axis::S)});
  return b.generic({Axis::H, Axis::T, Axis::S}, b.shape.operand, inputs, [&](TileBuilder &b, ValueRange v) {
    Value weight = factors == 1 ? v[0] : Value(arith::MulFOp::create(b, v[0], v[1])), chosen = choose();
    if (resets)
      chosen = arith::AndIOp::create(b, chosen, arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, v[factors], v[factors + 1]));
    return b.zeroUnless(chosen, weight);
  });
}

/// y with what tokens add to their own.
Tile TransitionChunk::addDiagonal(const Tile &rows, const Tile &pairs, const Tile &scale, Tile y) {
  SmallVector<Tile> inputs = {y, rows, pairs.renamed(Axis::S, Axis::T)};
  if (scale)
    inputs.push_back(scale);
  return b.generic(y.names(), b.getF32Type(), inputs, [](TileBuilder &b, ValueRange v) {
    Value product = arith::MulFOp::create(b, v[1], v[2]);
    if (v.size() == 4)
      product = arith::MulFOp::create(b, product, v[3]);
    return arith::AddFOp::create(b, v[0], product);
  });
}

/// y with what pairs in the two halves of blocks of 2, 4, 8, .. tokens add.
Tile TransitionChunk::addHalves(const Tile &rows, const Tile &pairs, const Tile &scale, Tile y) {
  const bool pre = recurrence.read == mixer::Read::Pre;
  const SmallVector<Tile> rowSpans = levelsOf(halvings(pre)), columnSpans = levelsOf(halvings(/*pre=*/false));
  for (auto [level, spans] : llvm::enumerate(llvm::zip(rowSpans, columnSpans))) {
    const Power ofRows = power(std::get<0>(spans), signs(pre)), ofColumns = power(std::get<1>(spans), signs(/*pre=*/false));
    const int64_t bit = level, half = int64_t(1) << bit;
    Tile weights = weightsOf(b, pairs, scale, pre ? Tile() : resets, [&]() -> Value {
      Value together = inOneBlock(2 * half),
            isBefore = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, b.position(Axis::S), b.position(Axis::T));
      Value apart =
          arith::CmpIOp::create(b, arith::CmpIPredicate::eq, inOneBlock(half), arith::ConstantOp::create(b, b.getBoolAttr(false)));
      return arith::AndIOp::create(b, isBefore, arith::AndIOp::create(b, together, apart));
    });
    auto isInHalf = [&](Axis tokens, int64_t later) -> Value {
      Value number = arith::ShRUIOp::create(b, b.position(tokens), b.index(bit));
      return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, arith::AndIOp::create(b, number, b.index(1)), b.index(later));
    };
    // Of tokens in the other half these are powers with decays of later tokens; after a reset, with those of tokens that it forgets. What
    // is not finite of a token's own decays is so in what it reads of the state.
    Tile sums = addRows(scaled(rows, ofColumns), weights, b.zeros({Axis::H, Axis::N, Axis::T}), [&] { return isInHalf(Axis::S, 0); });
    Tile decayed = timesPower(sums, ofRows, sums.names(), b.getF32Type());
    y = b.generic(y.names(), b.getF32Type(), {y, decayed, sums}, [&](TileBuilder &b, ValueRange v) {
      Value adds = arith::AndIOp::create(b, isInHalf(Axis::T, 1), b.isNotZero(v[2]));
      return arith::AddFOp::create(b, v[0], b.zeroUnless(adds, v[1]));
    });
  }
  return y;
}

/// y with what a term's tokens add; pairs are its values times c, [h, t, s].
Tile TransitionChunk::addRowsOf(const Term &term, const Tile &pairs, Tile y) {
  const bool pre = recurrence.read == mixer::Read::Pre;
  auto isWithin = [&](arith::CmpIPredicate predicate) -> Value {
    return arith::CmpIOp::create(b, predicate, b.position(Axis::S), b.position(Axis::T));
  };
  if (!recurrence.decaysEntries()) {
    const Reader reader{{}, pre, /*strict=*/pre};
    Tile decayed = timesDecaysOfHeads(pairs.at(Axis::H, 0), reader);
    return addRows(scaled(term.rows, {}),
                   weightsOf(b, decayed, term.scale, pre ? Tile() : resets, [&] { return isWithin(arith::CmpIPredicate::ule); }), y);
  }
  return addHalves(term.rows, pairs, term.scale, pre ? y : addDiagonal(term.rows, pairs, term.scale, y));
}

Tile TransitionChunk::outputAlongP(const Tile &state, const Column &column) {
  const bool pre = recurrence.read == mixer::Read::Pre;
  Tile c = operandAlongP();
  Tile y = b.contract({Axis::H, Axis::N, Axis::T}, b.cast(state, b.shape.operand), c);
  if (decay) {
    const Power fromStart = power(spans(0, pre), signs(pre), before.lag);
    y = timesPower(y, fromStart, y.names(), b.getF32Type());
  }
  for (const Term &term : termsOf(state, column))
    y = addRowsOf(term, b.contract({Axis::H, Axis::T, Axis::S}, c, term.values), y);
  Tile scale = scaleOf(recurrence.factoredC.scales);
  return !scale ? y : b.generic(y.names(), b.getF32Type(), {y, scale}, [](TileBuilder &b, ValueRange v) {
    return arith::MulFOp::create(b, v[0], v[1]);
  });
}

} // namespace mixc
