// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "TransitionChunk.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace mixc {

static bool isSame(const Expr &a, const Expr &b) { return a.value == b.value && a.scalar == b.scalar; }

static Value isMinusInfinity(TileBuilder &b, Value exponent) {
  return arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, exponent, b.number(-INFINITY));
}

/// value 2^exponent, and nothing, NaN neither, where that is 0 after a reset.
static Value timesPower(TileBuilder &b, Value value, Value exponent) {
  Value product = arith::MulFOp::create(b, value, math::Exp2Op::create(b, exponent));
  return arith::SelectOp::create(b, isMinusInfinity(b, exponent), b.number(0), product);
}

TransitionChunk::TransitionChunk(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, const Recurrence &recurrence,
                                 TokenScope &tokens, const Lag &before)
    : b(b), values(values), recurrence(recurrence), tokens(tokens), before(before) {
  if (recurrence.l)
    factoredL = factorTokenScale(recurrence.l, "N", /*signs=*/true);
  if (!recurrence.decay)
    return;
  SmallVector<Axis> axes = {Axis::T, recurrence.decaysEntries() ? Axis::N : Axis::H};
  decay = values.evaluate({recurrence.decay, {}}, axes, b.getF32Type(), tokens,
                          [&](TileBuilder &b, Value g) { return log2Decay(b, g, tokens); });
  if (!recurrence.l)
    countResets();
  if (hasLag(program, recurrence))
    advanceLag();
}

//===--- Decays ---===//

/// Tokens that all entries of a head forget. A correction reads what its decay forgets.
void TransitionChunk::countResets() {
  Tile rows;
  if (recurrence.decaysEntries()) { // counts the entries that a token does not forget, which a product adds up
    Tile kept = b.generic({Axis::T, Axis::N}, b.shape.operand, {decay}, [](TileBuilder &b, ValueRange v) {
      Value forgets = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, v[0], b.number(tile::kResetThreshold));
      return arith::SelectOp::create(b, forgets, b.number(0), b.number(1));
    });
    Tile ones = b.generic({Axis::S, Axis::N}, b.shape.operand, {}, [&](TileBuilder &b, ValueRange) {
      return b.shape.n < b.shape.nTile ? b.zeroFrom(b.number(1), Axis::N, b.index(b.shape.n)) : b.number(1);
    });
    Tile counts = b.contract({Axis::T, Axis::S}, kept, ones);
    rows = b.generic({Axis::H, Axis::T}, b.getF32Type(), {counts.at(Axis::S, 0)}, [](TileBuilder &b, ValueRange v) {
      return arith::SelectOp::create(b, b.isNotZero(v[0]), b.number(0), b.number(-INFINITY));
    });
  } else {
    rows = b.generic({Axis::H, Axis::T}, b.getF32Type(), {decay}, [](TileBuilder &, ValueRange v) { return v[0]; });
  }
  auto cumsum = tile::CumsumOp::create(b, rows.value.getType(), rows.value.getType(), rows.value);
  resets = Tile(cumsum.getResets(), {Axis::H, Axis::T});
}

Tile TransitionChunk::spans(int64_t block, int64_t anchor, bool pre) {
  Tile &made = spansMade[{block, anchor, pre}];
  if (made)
    return made;
  made = Tile(tile::SpansOp::create(b, decay.value, block, anchor, pre), decay.names());
  if (resets && !pre && block == b.shape.chunk && (anchor == 0 || anchor == block))
    made = afterResets(made, anchor == block);
  return made;
}

/// A span over a token that all entries forget is minus infinity, NaN or not.
Tile TransitionChunk::afterResets(const Tile &spans, bool toEnd) {
  Tile own = resets.at(Axis::H, 0);
  SmallVector<Tile> inputs = {spans, own};
  if (toEnd)
    inputs.push_back(own.at(Axis::T, b.shape.chunk - 1));
  return b.generic(spans.names(), b.getF32Type(), inputs, [](TileBuilder &b, ValueRange v) {
    Value last = v.size() == 2 ? v[1] : v[2], first = v.size() == 2 ? b.number(0) : v[1];
    Value forgets = arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, last, first);
    return arith::SelectOp::create(b, forgets, b.number(-INFINITY), v[0]);
  });
}

// The lag after the chunk is the lag before plus the chunk's decay, less its whole part. Rounding errors of the sum are kept apart (the
// two-sum of Knuth), so that none of a decay is lost, however small it is beside the lag.
void TransitionChunk::advanceLag() {
  Tile total = spans(b.shape.chunk, 0, /*pre=*/false).at(Axis::T, b.shape.chunk - 1);
  struct Sum {
    Value sum, low, level;
  };
  auto add = [](TileBuilder &b, ValueRange v) -> Sum { // lag, low, total
    auto plus = [&](Value x, Value y) -> Value { return arith::AddFOp::create(b, x, y); };
    auto minus = [&](Value x, Value y) -> Value { return arith::SubFOp::create(b, x, y); };
    Value sum = plus(v[0], v[2]), ofTotal = minus(sum, v[0]);
    Value error = plus(minus(v[0], minus(sum, ofTotal)), minus(v[2], ofTotal)), low = plus(v[1], error);
    return {sum, low, math::FloorOp::create(b, arith::NegFOp::create(b, plus(sum, low)))};
  };
  SmallVector<Axis> axes = before.lag.names();
  SmallVector<Tile> inputs = {before.lag, before.low, total};
  auto make = [&](function_ref<Value(TileBuilder &, const Sum &)> body) {
    return b.generic(axes, b.getF32Type(), inputs, [&](TileBuilder &b, ValueRange v) {
      return arith::SelectOp::create(b, isMinusInfinity(b, v[2]), b.number(0), body(b, add(b, v)));
    });
  };
  lag.lag = make([](TileBuilder &b, const Sum &s) { return arith::AddFOp::create(b, s.sum, s.level); });
  lag.low = make([](TileBuilder &, const Sum &s) { return s.low; });
  wholeMade = make([](TileBuilder &b, const Sum &s) { return atLeastTiny(b, math::Exp2Op::create(b, arith::NegFOp::create(b, s.level))); });
}

Tile TransitionChunk::whole() {
  if (!recurrence.decay || wholeMade)
    return wholeMade;
  Tile total = spans(b.shape.chunk, 0, /*pre=*/false).at(Axis::T, b.shape.chunk - 1);
  SmallVector<Axis> axes = recurrence.decayAxes();
  wholeMade = b.generic(ArrayRef(axes).drop_back(), b.getF32Type(), {total}, [](TileBuilder &b, ValueRange v) {
    return arith::SelectOp::create(b, isMinusInfinity(b, v[0]), b.number(0), atLeastTiny(b, math::Exp2Op::create(b, v[0])));
  });
  return wholeMade;
}

Tile TransitionChunk::scaled(const Tile &rows, const Tile &exponent, const Tile &lag, bool negativeLag, const Tile &scale) {
  SmallVector<Tile> inputs = {rows};
  auto read = [&](const Tile &tile) {
    if (tile)
      inputs.push_back(tile.at(Axis::H, 0));
    return bool(tile);
  };
  bool decays = read(exponent), lags = read(lag), scales = read(scale);
  return b.generic(rows.names(), b.shape.operand, inputs, [&](TileBuilder &b, ValueRange v) {
    Value value = v[0];
    if (scales)
      value = arith::MulFOp::create(b, value, v.back());
    if (!decays)
      return value;
    Value power = v[1];
    if (lags)
      power = negativeLag ? Value(arith::SubFOp::create(b, power, v[2])) : Value(arith::AddFOp::create(b, power, v[2]));
    return timesPower(b, value, power);
  });
}

Tile TransitionChunk::fromStart(const Tile &rows, bool pre) {
  if (!decay)
    return scaled(rows, {}, {}, false);
  return scaled(rows, spans(b.shape.chunk, 0, pre), before.lag, /*negativeLag=*/false);
}

Tile TransitionChunk::toEnd(const Term &term) {
  Tile scale = term.scale ? term.scale.renamed(Axis::T, Axis::S) : Tile();
  if (!decay)
    return scaled(term.rows, {}, {}, false, scale);
  return scaled(term.rows, spans(b.shape.chunk, b.shape.chunk, false).renamed(Axis::T, Axis::S), lag.lag, /*negativeLag=*/true, scale);
}

//===--- Scores ---===//

/// Whether t and s lie in one block of so many tokens, a power of two.
static Value inOneBlock(TileBuilder &b, int64_t block) {
  Value shift = b.index(llvm::Log2_64(block));
  Value row = arith::ShRUIOp::create(b, b.position(Axis::T), shift), column = arith::ShRUIOp::create(b, b.position(Axis::S), shift);
  return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, row, column);
}

/// Of values for blocks of 2, 4, 8, .. tokens, that of the smallest which has both t and s.
static Value ofSmallestBlock(TileBuilder &b, ValueRange levels) {
  Value chosen = levels.back();
  for (int64_t level = int64_t(levels.size()) - 2; level >= 0; --level)
    chosen = arith::SelectOp::create(b, inOneBlock(b, int64_t(2) << level), levels[level], chosen);
  return chosen;
}

/// The value for s < t, that of the diagonal for s = t, 0 elsewhere.
static Value lowerTriangle(TileBuilder &b, Value below, Value diagonal) {
  Value t = b.position(Axis::T), s = b.position(Axis::S);
  Value rest = b.zeroUnless(arith::CmpIOp::create(b, arith::CmpIPredicate::eq, s, t), diagonal);
  return arith::SelectOp::create(b, arith::CmpIOp::create(b, arith::CmpIPredicate::ult, s, t), below, rest);
}

Tile TransitionChunk::chooseLevel(ArrayRef<Tile> levels, const Tile &diagonal, bool pre) {
  SmallVector<Tile> inputs(levels);
  const bool forgets = resets && !pre; // NaN that a factor of 0 was to forget
  if (forgets)
    inputs.append({resets.at(Axis::H, 0), resets.at(Axis::H, 0).renamed(Axis::T, Axis::S)});
  if (!pre)
    inputs.push_back(diagonal);
  return b.generic({Axis::T, Axis::S}, b.getF32Type(), inputs, [&](TileBuilder &b, ValueRange v) {
    Value below = ofSmallestBlock(b, v.take_front(levels.size()));
    if (forgets)
      below = b.zeroUnless(arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, v[levels.size()], v[levels.size() + 1]), below);
    return lowerTriangle(b, below, pre ? b.number(0) : v.back());
  });
}

// The factors of a head multiply the scores: those of the smallest block with both tokens.
Tile TransitionChunk::scoresOfHeads(const Tile &rows, const Tile &cols, bool pre) {
  Tile all = b.contract({Axis::T, Axis::S}, scaled(rows, {}, {}, false), scaled(cols, {}, {}, false)); // [t, s]
  SmallVector<Tile> inputs = {all};
  unsigned levels = 0;
  for (int64_t half = 1; decay && half < b.shape.chunk; half *= 2, ++levels)
    inputs.push_back(spans(2 * half, half, pre).at(Axis::H, 0));
  for (int64_t half = 1; decay && half < b.shape.chunk; half *= 2)
    inputs.push_back(spans(2 * half, half, false).at(Axis::H, 0).renamed(Axis::T, Axis::S));
  return b.generic({Axis::T, Axis::S}, b.getF32Type(), inputs, [&](TileBuilder &b, ValueRange v) {
    Value below = v[0];
    if (levels) {
      Value row = ofSmallestBlock(b, v.slice(1, levels)), column = ofSmallestBlock(b, v.slice(1 + levels, levels));
      below = timesPower(b, below, arith::AddFOp::create(b, row, column));
    }
    return lowerTriangle(b, below, pre ? b.number(0) : v[0]);
  });
}

Tile TransitionChunk::scores(const Tile &rows, const Tile &cols, bool pre) {
  Tile &made = scoresMade[{rows.value.getAsOpaquePointer(), cols.value.getAsOpaquePointer(), pre}];
  if (made)
    return made;
  if (!recurrence.decaysEntries())
    return made = scoresOfHeads(rows, cols, pre);
  SmallVector<Tile> levels;
  for (int64_t half = 1; half < b.shape.chunk; half *= 2) {
    Tile left = scaled(rows, spans(2 * half, half, pre), {}, false);
    Tile right = scaled(cols, spans(2 * half, half, false).renamed(Axis::T, Axis::S), {}, false);
    levels.push_back(b.contract({Axis::T, Axis::S}, left, right)); // [t, s]
  }
  Tile diagonal;
  if (!pre)
    diagonal = b.contract({Axis::T, Axis::S}, scaled(rows, {}, {}, false), scaled(cols, {}, {}, false));
  return made = chooseLevel(levels, diagonal, pre);
}

//===--- Operands ---===//

/// A tile [t, n] as it is loaded, or in f32; zero past the last token and in padding.
Tile TransitionChunk::rowsOf(const Factored &factored) {
  Tile &made = rowsMade[factored.base.scalar ? factored.base.scalar : factored.base.value];
  if (made)
    return made;
  if (Tile tile = values.loadedArgument(factored.base, {Axis::T, Axis::N}, b.shape.operand, tokens))
    return made = tile;
  return made = values.evaluate(factored.base, {Axis::T, Axis::N}, b.getF32Type(), tokens, [&](TileBuilder &b, Value v) {
    v = b.zeroFrom(v, Axis::T, tokens.valid);
    return b.zeroBeyondRows(v, typeOf(factored.base.value));
  });
}

Tile TransitionChunk::rowsOf(Value value) { return rowsOf(Factored{{value, {}}, {}}); }

/// Per head and token; null where it is 1.
Tile TransitionChunk::scaleOf(ArrayRef<Expr> scales, bool negative) {
  Tile product;
  auto multiply = [&](const Tile &next) {
    product = !product ? next : b.generic({Axis::H, Axis::T}, b.getF32Type(), {product, next}, [](TileBuilder &b, ValueRange v) {
      return arith::MulFOp::create(b, v[0], v[1]);
    });
  };
  for (const Expr &scale : scales)
    multiply(values.evaluate(scale, {Axis::H, Axis::T}, b.getF32Type(), tokens,
                             [&](TileBuilder &b, Value v) { return b.zeroFrom(v, Axis::T, tokens.valid); }));
  if (negative)
    multiply(b.generic({Axis::H, Axis::T}, b.getF32Type(), {}, [](TileBuilder &b, ValueRange) { return b.number(-1); }));
  return product;
}

Tile TransitionChunk::operandX(const Column &column) {
  SmallVector<Axis> axes = {Axis::T, Axis::H, column.axis()};
  Tile x = values.loadedArgument(column.x.base, axes, b.shape.operand, tokens);
  if (!x)
    x = values.evaluate(column.x.base, axes, b.shape.operand, tokens,
                        [&](TileBuilder &b, Value v) { return b.zeroFrom(v, Axis::T, tokens.valid); });
  return x.renamed(Axis::T, Axis::S);
}

//===--- Terms ---===//

static SmallVector<Expr> scalesOf(const Factored &first, const Factored &second) {
  SmallVector<Expr> scales(first.scales);
  llvm::append_range(scales, second.scales);
  return scales;
}

const TransitionChunk::Terms &TransitionChunk::termsOf(const Tile &state, const Column &column) {
  auto found = termsMade.find(column.op);
  if (found != termsMade.end())
    return found->second;
  Terms terms;
  if (recurrence.l)
    terms = correctedTerms(state, column);
  else
    terms.push_back({recurrence.b, rowsOf(recurrence.factoredB).renamed(Axis::T, Axis::S), operandX(column),
                     scaleOf(scalesOf(recurrence.factoredB, column.x))});
  return termsMade[column.op] = terms;
}

/// x scale + u scale, an operand.
static Tile sumOfTerms(TileBuilder &b, const Column &column, const Tile &x, const Tile &xScale, const Tile &u, const Tile &uScale) {
  SmallVector<Tile> inputs = {x, u};
  for (const Tile &scale : {xScale, uScale})
    if (scale)
      inputs.push_back(scale.renamed(Axis::T, Axis::S));
  return b.generic({Axis::S, Axis::H, column.axis()}, b.shape.operand, inputs, [&](TileBuilder &b, ValueRange v) {
    Value left = v[0], right = v[1];
    if (xScale)
      left = arith::MulFOp::create(b, left, v[2]);
    if (uScale)
      right = arith::MulFOp::create(b, right, v.back());
    return arith::AddFOp::create(b, left, right);
  });
}

TransitionChunk::Terms TransitionChunk::correctedTerms(const Tile &state, const Column &column) {
  Tile rRows = rowsOf(recurrence.r), x = operandX(column);
  Factored factoredB = factorTokenScale(recurrence.b, "N", /*signs=*/true);
  bool shared = isSame(factoredB.base, factoredL.base);
  Tile bRows = rowsOf(factoredB).renamed(Axis::T, Axis::S), lRows = rowsOf(factoredL).renamed(Axis::T, Axis::S);
  Tile bScale = scaleOf(scalesOf(factoredB, column.x), factoredB.negative), lScale = scaleOf(factoredL.scales, factoredL.negative);
  Tile bScores = scores(rRows, bRows, /*pre=*/true), lScores = shared ? bScores : scores(rRows, lRows, /*pre=*/true);
  Tile u = correction(state, column, rRows, bScores, lScores, bScale, lScale);
  if (shared)
    return {{recurrence.b, bRows, sumOfTerms(b, column, x, bScale, u, lScale), {}}};
  Tile operand = b.generic({Axis::S, Axis::H, column.axis()}, b.shape.operand, {u}, [](TileBuilder &, ValueRange v) { return v[0]; });
  return {{recurrence.b, bRows, x, bScale}, {recurrence.l, lRows, operand, lScale}};
}

// (I - A) U = R S + M X
Tile TransitionChunk::correction(const Tile &state, const Column &column, const Tile &rRows, const Tile &bScores, const Tile &lScores,
                                 const Tile &bScale, const Tile &lScale) {
  Term input{recurrence.b, {}, operandX(column), bScale};
  Tile sums = addTerm(bScores, input, readState(rRows, state, /*pre=*/true, column), /*pre=*/true, column); // [h, p, t]
  SmallVector<Tile> inputs = {lScores};
  if (lScale)
    inputs.push_back(lScale.renamed(Axis::T, Axis::S));
  Tile matrix = b.generic({Axis::H, Axis::T, Axis::S}, b.getF32Type(), inputs,
                          [](TileBuilder &b, ValueRange v) { return v.size() == 1 ? v[0] : Value(arith::MulFOp::create(b, v[0], v[1])); });
  SmallVector<Axis> axes = {Axis::S, Axis::H, column.axis()};
  auto solve = tile::SolveOp::create(b, b.tileType(axes, b.getF32Type()), matrix.value, sums.value);
  return Tile(solve.getResult(), axes);
}

//===--- Results ---===//

Tile TransitionChunk::addTerm(const Tile &scores, const Term &term, Tile acc, bool pre, const Column &column) {
  SmallVector<Tile> inputs = {scores};
  if (term.scale)
    inputs.push_back(term.scale.renamed(Axis::T, Axis::S));
  Tile weights = b.generic({Axis::H, Axis::T, Axis::S}, b.shape.operand, inputs, [](TileBuilder &b, ValueRange v) {
    if (v.size() == 1)
      return v[0];
    Value inside = arith::CmpIOp::create(b, arith::CmpIPredicate::ule, b.position(Axis::S), b.position(Axis::T));
    return b.zeroUnless(inside, arith::MulFOp::create(b, v[0], v[1]));
  });
  Tile x = term.values;
  auto guard = tile::GuardOp::create(b, x.value.getType(), acc.value.getType(), x.value, acc.value, pre ? Value() : resets.value, pre);
  x.value = guard.getFinite();
  acc.value = guard.getGuarded();
  return b.contract({Axis::H, column.axis(), Axis::T}, x, weights, acc);
}

/// (rows D S) as [h, p, t]
Tile TransitionChunk::readState(const Tile &rows, const Tile &state, bool pre, const Column &column) {
  return b.contract({Axis::H, column.axis(), Axis::T}, b.cast(state, b.shape.operand), fromStart(rows, pre));
}

Tile TransitionChunk::output(const Tile &state, const Column &column) {
  bool pre = recurrence.read == mixer::Read::Pre;
  Tile cRows = rowsOf(recurrence.c);
  const Terms &terms = termsOf(state, column);
  Tile y = readState(cRows, state, pre, column);
  for (const Term &term : terms)
    y = addTerm(scores(cRows, term.rows, pre), term, y, pre, column);
  return y;
}

Tile TransitionChunk::nextState(const Tile &state, const Column &column) {
  Axis p = column.axis();
  Tile next = state;
  if (recurrence.decay)
    next = b.generic({Axis::H, p, Axis::N}, b.getF32Type(), {state, whole()},
                     [](TileBuilder &b, ValueRange v) { return keptOver(b, v[0], v[1]); });
  for (const Term &term : termsOf(state, column)) {
    Tile end = toEnd(term);
    next = b.contract({Axis::H, p, Axis::N}, term.values, end, next);
    if (resets) { // NaN that a factor of 0 was to forget; then there is one term
      Tile ones = b.generic({Axis::H, Axis::S}, b.getF32Type(), {}, [](TileBuilder &b, ValueRange) { return b.number(1); });
      next.value = tile::SinceResetOp::create(b, next.value.getType(), next.value, term.values.value, ones.value, end.value, resets.value);
    }
  }
  return next;
}

} // namespace mixc
