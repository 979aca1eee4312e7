// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   u = S^T r                       with a correction
//   S <- (factor + excess) S + l u^T + b x^T
//   y = S^T c                       with read = pre before the update; S c where c is over P

#include "TokenStep.h"
#include "ScanDecay.h"

using namespace mlir;

namespace mixc {
namespace {

class TokenStep {
public:
  TokenStep(TileBuilder &b, SpecValues &values, const Recurrence &recurrence, TokenScope &tokens)
      : b(b), values(values), recurrence(recurrence), tokens(tokens),
        decay(withKept(b, values, recurrence, tokens, scanDecay(b, values, recurrence, tokens))), bRows(rows(recurrence.b)),
        l(recurrence.l && !recurrence.erasesB() ? rows(recurrence.l) : Tile()), r(recurrence.r ? rows(recurrence.r) : Tile()) {}

  void run(const Column &column, Tile state, TokenResult &result) {
    Tile x = values.evaluate({mixer::SemiseparableOp(column.op).getX(), {}}, {Axis::T, Axis::H, column.axis()}, b.getF32Type(), tokens);
    Tile y;
    if (recurrence.read == mixer::Read::Pre)
      y = read(state, column);
    for (int64_t update = 0; update < b.shape.updates; ++update)
      state = next(state, x, update);
    if (recurrence.read == mixer::Read::Post)
      y = read(state, column);
    // Where tokens have several updates, their tiles have a row for each.
    SmallVector<Axis> axes = {Axis::T, Axis::H, column.resultAxis()};
    result.ys.push_back(b.generic(axes, b.getF32Type(), {y}, [](TileBuilder &, ValueRange v) { return v[0]; }));
    result.states.push_back(state);
  }

private:
  /// b, c, l or r: [t, n], or [t, h, n] where heads of the block have their own.
  Tile rows(Value value) {
    SmallVector<Axis> axes = {Axis::T, Axis::N};
    if (b.shape.heads > 1 && typeOf(value).hasDim("H"))
      axes = {Axis::T, Axis::H, Axis::N};
    return values.evaluate({value, {}}, axes, b.getF32Type(), tokens,
                           [&](TileBuilder &b, Value v) { return b.zeroBeyondRows(v, typeOf(value)); });
  }

  /// The sums over `axis` of the state times the operand.
  Tile sum(const Tile &state, const Tile &operand, Axis axis) {
    Tile product = b.generic(state.names(), b.getF32Type(), {state, operand},
                             [](TileBuilder &b, ValueRange v) { return arith::MulFOp::create(b, v[0], v[1]); });
    return b.reduce(product, axis, 0, [](TileBuilder &b, Value sum, Value v) { return arith::AddFOp::create(b, sum, v); });
  }

  Tile read(const Tile &state, const Column &column) {
    if (!recurrence.isReadAlongP())
      return sum(state, rows(recurrence.c).at(Axis::T, 0), Axis::N);
    SmallVector<Axis> axes = {Axis::T, Axis::H, Axis::P};
    Tile c = values.evaluate({recurrence.c, {}}, axes, b.getF32Type(), tokens,
                             [&](TileBuilder &b, Value v) { return b.zeroFrom(v, Axis::P, b.index(b.shape.p)); });
    return sum(state, c.at(Axis::T, 0), Axis::P);
  }

  Tile next(const Tile &state, const Tile &x, int64_t update) {
    SmallVector<Tile> inputs = {state, bRows.at(Axis::T, update), x.at(Axis::T, update)};
    auto add = [&](const Tile &tile) -> int64_t {
      if (!tile)
        return -1;
      inputs.push_back(tile);
      return int64_t(inputs.size()) - 1;
    };
    const bool decays = bool(decay.factor) && update == 0;
    const int64_t factor = decays ? add(decay.factor.at(Axis::T, 0)) : -1;
    const int64_t excess = decays && decay.excess ? add(decay.excess.at(Axis::T, 0)) : -1;
    const int64_t u = r ? add(sum(state, r.at(Axis::T, update), Axis::N)) : -1;
    const int64_t lRow = l ? add(l.at(Axis::T, update)) : -1;
    return b.generic(state.names(), b.getF32Type(), inputs, [&](TileBuilder &b, ValueRange v) {
      Value own = v[2];
      if (u >= 0 && lRow < 0)
        own = arith::SubFOp::create(b, own, v[u]);
      Value added = arith::MulFOp::create(b, v[1], own);
      if (lRow >= 0)
        added = math::FmaOp::create(b, v[lRow], v[u], added);
      if (factor < 0)
        return Value(arith::AddFOp::create(b, v[0], added));
      // A decay of 0 forgets the entry, NaN too, and whatever the excess is.
      Value keeps = b.isNotZero(v[factor]);
      if (excess < 0)
        return Value(math::FmaOp::create(b, b.zeroUnless(keeps, v[0]), v[factor], added));
      if (recurrence.keep || recurrence.decaysEntries()) {
        Value decayed = math::FmaOp::create(b, v[0], v[factor], math::FmaOp::create(b, v[0], v[excess], added));
        return Value(arith::SelectOp::create(b, keeps, decayed, added));
      }
      return addChange(b, b.zeroUnless(keeps, v[0]), added, v[factor], b.zeroUnless(keeps, v[excess]));
    });
  }

  /// (factor + excess) state + added, where the factor is a power of two or 0. Beside a factor of 1 the excess is what the state changes
  /// by, to all its bits; beside another one, which leaves little of the state after a few tokens, the rounded sum of both will do. Then an
  /// entry takes one product with the decay, as its numbers are the head's.
  static Value addChange(TileBuilder &b, Value state, Value added, Value factor, Value excess) {
    Value isOne = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, factor, b.number(1));
    Value times = arith::SelectOp::create(b, isOne, excess, arith::AddFOp::create(b, factor, excess));
    Value change = math::FmaOp::create(b, state, times, added);
    return arith::SelectOp::create(b, isOne, arith::AddFOp::create(b, state, change), change);
  }

  TileBuilder &b;
  SpecValues &values;
  const Recurrence &recurrence;
  TokenScope &tokens;
  ScanDecay decay;
  Tile bRows, l, r;
};

} // namespace

TokenResult stepToken(TileBuilder &b, SpecValues &values, const Recurrence &recurrence, TokenScope &tokens, ArrayRef<Tile> states) {
  TokenStep step(b, values, recurrence, tokens);
  TokenResult result;
  for (auto [column, state] : llvm::zip(recurrence.columns, states))
    step.run(column, state, result);
  return result;
}

} // namespace mixc
