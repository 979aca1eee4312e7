// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ChunkMath.h"
#include "ScanDecay.h"
#include "TransitionChunk.h"

using namespace mlir;

namespace mixc {

std::unique_ptr<RecurrenceChunk> makeChunk(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, const Recurrence &recurrence,
                                           TokenScope &tokens, const Lag &before) {
  if (recurrence.isPlain())
    return std::make_unique<ChunkMath>(b, values, program, recurrence, tokens, before);
  return std::make_unique<TransitionChunk>(b, values, program, recurrence, tokens, before);
}

//===--- Lags and decays ---===//

bool inLogSteps(const ProgramBuilder &program, const Recurrence &recurrence) {
  return program.plan.getAssociative() && recurrence.isPlain() && recurrence.read == mixer::Read::Post;
}

bool hasLag(const ProgramBuilder &program, const Recurrence &recurrence) {
  // A scan multiplies entries of their own by two numbers instead.
  if (program.plan.getAlgorithm() == mixer::Algorithm::Scan)
    return recurrence.decay && !recurrence.decaysEntries() && !program.shape.headsAsColumns && !program.shape.oneToken &&
           !givenFactor(recurrence).value;
  return recurrence.decays() && program.shape.operand.isF32();
}

Lag noLag(TileBuilder &b, const ProgramBuilder &program, const Recurrence &recurrence) {
  SmallVector<Axis> axes = recurrence.decayAxes();
  if (program.plan.getAlgorithm() != mixer::Algorithm::Scan && !recurrence.isPlain())
    axes.pop_back(); // TransitionChunk keeps the last token's alone
  return {b.zeros(axes), b.zeros(axes)};
}

Value atLeastTiny(TileBuilder &b, Value factor) {
  Value tiny = b.number(0x1p-126), less = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, factor, tiny);
  return arith::SelectOp::create(b, less, tiny, factor);
}

Tile withoutLag(TileBuilder &b, const ProgramBuilder &program, const Column &column, const Tile &state, const Lag &lag) {
  if (!lag)
    return state;
  return b.generic(stateAxes(program, column), b.getF32Type(), {state, lag.lag.at(Axis::T, b.shape.chunk - 1)},
                   [](TileBuilder &b, ValueRange v) { return arith::MulFOp::create(b, v[0], math::Exp2Op::create(b, v[1])); });
}

/// The product of two decays, `isSigned` if they may be negative: 0 only where one of them is.
static Value decayOver(TileBuilder &b, Value first, Value second, bool isSigned) {
  Value both = arith::AndIOp::create(b, b.isNotZero(first), b.isNotZero(second)), product = arith::MulFOp::create(b, first, second);
  if (!isSigned)
    return b.zeroUnless(both, atLeastTiny(b, product));
  Value size = atLeastTiny(b, math::AbsFOp::create(b, product));
  Value isNegative = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, product, b.number(0));
  return b.zeroUnless(both, arith::SelectOp::create(b, isNegative, arith::NegFOp::create(b, size), size));
}

Tile withoutLag(TileBuilder &b, const Recurrence &recurrence, const Tile &decay, const Lag &lag) {
  if (!lag)
    return decay;
  return b.generic(decay.names(), b.getF32Type(), {decay, lag.lag.at(Axis::T, b.shape.chunk - 1)},
                   [&](TileBuilder &b, ValueRange v) { return decayOver(b, v[0], math::Exp2Op::create(b, v[1]), bool(recurrence.keep)); });
}

Tile noDecay(TileBuilder &b, const Recurrence &recurrence) {
  SmallVector<Axis> axes = recurrence.decayAxes();
  return b.generic(ArrayRef(axes).drop_back(), b.getF32Type(), {}, [](TileBuilder &b, ValueRange) { return b.number(1); });
}

Tile timesOver(TileBuilder &b, const Recurrence &recurrence, const Tile &passed, const Tile &whole) {
  return b.generic(passed.names(), b.getF32Type(), {passed, whole},
                   [&](TileBuilder &b, ValueRange v) { return decayOver(b, v[0], v[1], bool(recurrence.keep)); });
}

Value keptOver(TileBuilder &b, Value value, Value decay) {
  return b.zeroUnless(b.isNotZero(decay), arith::MulFOp::create(b, value, decay));
}

//===--- What loops carry ---===//

SmallVector<Tile> flatten(ArrayRef<States> states) {
  SmallVector<Tile> all;
  for (const States &own : states) {
    llvm::append_range(all, own.tiles);
    if (own.lag)
      all.append({own.lag.lag, own.lag.low});
  }
  return all;
}

std::vector<States> statesOf(const ProgramBuilder &program, ArrayRef<Tile> carried) {
  std::vector<States> states;
  auto take = [&](size_t count) {
    ArrayRef<Tile> taken = carried.take_front(count);
    carried = carried.drop_front(count);
    return taken;
  };
  for (const Recurrence &recurrence : program.recurrences()) {
    States &own = states.emplace_back(States{SmallVector<Tile>(take(recurrence.columns.size())), {}});
    if (hasLag(program, recurrence)) {
      ArrayRef<Tile> lag = take(2);
      own.lag = {lag[0], lag[1]};
    }
  }
  return states;
}

std::vector<States> initialStates(TileBuilder &b, const ProgramBuilder &program, function_ref<Tile(const Column &)> stateOf) {
  std::vector<States> states;
  for (const Recurrence &recurrence : program.recurrences()) {
    States &own = states.emplace_back();
    for (const Column &column : recurrence.columns)
      own.tiles.push_back(stateOf(column));
    if (hasLag(program, recurrence))
      own.lag = noLag(b, program, recurrence);
  }
  return states;
}

} // namespace mixc
