// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "TransitionChunk.h"
#include "mixc/passes/DecayBound.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace mixc {

static bool isSame(const Expr &a, const Expr &b) { return a.value == b.value && a.scalar == b.scalar; }

static Value isMinusInfinity(TileBuilder &b, Value exponent) {
  return arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, exponent, b.number(-INFINITY));
}

static Tile filled(TileBuilder &b, ArrayRef<Axis> axes, double value) {
  return b.generic(axes, b.getF32Type(), {}, [&](TileBuilder &b, ValueRange) { return b.number(value); });
}

/// 2^exponent; without a correction, whose products forget nothing, never so small that it looks like a reset's.
Value TransitionChunk::powerOf(Value exponent) {
  Value power = math::Exp2Op::create(b, exponent);
  return recurrence.l ? power : atLeastTiny(b, power);
}

TransitionChunk::TransitionChunk(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, const Recurrence &recurrence,
                                 TokenScope &tokens, const Lag &before)
    : b(b), values(values), recurrence(recurrence), tokens(tokens), before(before) {
  if (recurrence.l)
    factoredL = factorTokenScale(recurrence.l, "N", /*signs=*/true);
  if (!recurrence.decays())
    return;
  SmallVector<Axis> axes = {Axis::T, recurrence.decaysEntries() ? Axis::N : Axis::H};
  decay = decayTile(b, values, recurrence, tokens, axes, [&](TileBuilder &b, Value g) {
    return isWithinRange() ? b.zeroFrom(g, Axis::N, b.index(b.shape.n)) : g; // padding keeps no bound
  });
  if (!recurrence.l && !isWithinRange())
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

/// From a chunk's start (`anchor` 0) to its tokens, or from these to its end.
Tile TransitionChunk::spans(int64_t anchor, bool pre) {
  Tile &made = spansMade[{anchor, pre}];
  if (!made) {
    made = spansOf(b.shape.chunk, anchor, pre).at(Axis::L, 0);
    if (resets && !pre)
      made = afterResets(made, anchor > 0);
  }
  return made;
}

Tile TransitionChunk::spansOf(ArrayRef<int64_t> blocks, ArrayRef<int64_t> anchors, bool pre) {
  auto type = cast<RankedTensorType>(decay.value.getType());
  SmallVector<int64_t> shape{int64_t(blocks.size()), type.getDimSize(0), type.getDimSize(1)};
  SmallVector<Axis> axes{Axis::L};
  llvm::append_range(axes, decay.names());
  return Tile(tile::SpansOp::create(b, RankedTensorType::get(shape, b.getF32Type()), decay.value, blocks, anchors, pre), axes);
}

/// To the middle of blocks of 2, 4, 8, .. tokens: one tile [l, t, n] or [l, t, h] where others make the factors, who then have one product
/// for all of them, else one tile for each, which takes less memory.
const SmallVector<Tile> &TransitionChunk::halvings(bool pre) {
  SmallVector<Tile> &made = halvingsMade[pre];
  if (!made.empty())
    return made;
  SmallVector<int64_t> blocks, anchors;
  for (int64_t half = 1; half < b.shape.chunk; half *= 2) {
    blocks.push_back(2 * half);
    anchors.push_back(half);
  }
  if (b.shape.factorsAhead)
    made.push_back(spansOf(blocks, anchors, pre));
  else
    for (auto [block, anchor] : llvm::zip(blocks, anchors))
      made.push_back(spansOf(block, anchor, pre).at(Axis::L, 0));
  return made;
}

/// A span over a token that all entries forget is minus infinity, NaN or not.
Tile TransitionChunk::afterResets(const Tile &spans, bool toEnd) {
  Tile own = resets.at(Axis::H, 0);
  SmallVector<Tile> inputs = {spans, own};
  if (toEnd)
    inputs.push_back(own.at(Axis::T, b.shape.chunk - 1));
  return b.generic(spans.freeNames(), b.getF32Type(), inputs, [](TileBuilder &b, ValueRange v) {
    Value last = v.size() == 2 ? v[1] : v[2], first = v.size() == 2 ? b.number(0) : v[1];
    Value forgets = arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, last, first);
    return arith::SelectOp::create(b, forgets, b.number(-INFINITY), v[0]);
  });
}

// The lag after the chunk is the lag before plus the chunk's decay, less its whole part. Rounding errors of the sum are kept apart (the
// two-sum of Knuth), so that none of a decay is lost, however small it is beside the lag.
void TransitionChunk::advanceLag() {
  Tile total = spans(0, /*pre=*/false).at(Axis::T, b.shape.chunk - 1);
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
  wholeMade = withSign(
      make([](TileBuilder &b, const Sum &s) { return atLeastTiny(b, math::Exp2Op::create(b, arith::NegFOp::create(b, s.level))); }));
}

Tile TransitionChunk::whole() {
  if (!recurrence.decays() || wholeMade)
    return wholeMade;
  Tile total = spans(0, /*pre=*/false).at(Axis::T, b.shape.chunk - 1);
  SmallVector<Axis> axes = recurrence.decayAxes();
  wholeMade = withSign(b.generic(ArrayRef(axes).drop_back(), b.getF32Type(), {total}, [](TileBuilder &b, ValueRange v) {
    return arith::SelectOp::create(b, isMinusInfinity(b, v[0]), b.number(0), atLeastTiny(b, math::Exp2Op::create(b, v[0])));
  }));
  return wholeMade;
}

/// Of the product of what the state keeps of itself, from the chunk's start to each token or, with `pre`, to the one before; null where
/// nothing is kept.
Tile TransitionChunk::signs(bool pre) {
  Tile &made = signsMade[pre];
  if (!made && recurrence.keep)
    made = signsFromStart(b, values, recurrence, tokens, pre);
  if (!made || !recurrence.decaysEntries())
    return made;
  return made.at(Axis::H, 0);
}

/// Over the whole chunk, a decay with its sign.
Tile TransitionChunk::withSign(const Tile &decay) {
  return !recurrence.keep ? decay : b.generic(decay.names(), b.getF32Type(), {decay, signAtEnd()}, [](TileBuilder &b, ValueRange v) {
    return arith::MulFOp::create(b, v[0], v[1]);
  });
}

Tile TransitionChunk::signAtEnd() { return signs(/*pre=*/false).at(Axis::T, b.shape.chunk - 1); }

/// From each token to the chunk's end.
Tile TransitionChunk::signsToEnd() {
  if (!signsToEndMade && recurrence.keep)
    signsToEndMade = b.generic(signs(/*pre=*/false).freeNames(), b.getF32Type(), {signs(/*pre=*/false), signAtEnd()},
                               [](TileBuilder &b, ValueRange v) { return arith::MulFOp::create(b, v[0], v[1]); });
  return signsToEndMade;
}

/// sign 2^exponent, as a number for each token, made once for all that it scales.
TransitionChunk::Power TransitionChunk::power(const Tile &exponent, const Tile &sign, const Tile &lag, bool negativeLag, double shift) {
  Tile &made = powersMade[{exponent.value.getAsOpaquePointer(), sign.value.getAsOpaquePointer(), lag.value.getAsOpaquePointer(), shift}];
  if (made)
    return {made, exponent};
  SmallVector<Tile> inputs = {exponent};
  if (lag)
    inputs.push_back(recurrence.decaysEntries() ? lag.at(Axis::H, 0) : lag);
  if (sign)
    inputs.push_back(sign);
  made = b.generic(exponent.freeNames(), b.getF32Type(), inputs, [&](TileBuilder &b, ValueRange v) {
    Value sum = shift != 0 ? Value(arith::AddFOp::create(b, v[0], b.number(shift))) : v[0];
    if (lag)
      sum = negativeLag ? Value(arith::SubFOp::create(b, sum, v[1])) : Value(arith::AddFOp::create(b, sum, v[1]));
    return sign ? arith::MulFOp::create(b, powerOf(sum), v.back()) : powerOf(sum);
  });
  return {made, exponent};
}

/// A chunk's factors reach from 2^-58 to 2^58, of the range of bf16; f16 has no such range, and f32 is to be more exact.
bool TransitionChunk::isWithinRange() const {
  return recurrence.decaysEntries() && b.shape.operand.isBF16() && mixc::isWithinRange(recurrence.decayBound, b.shape.chunk);
}

double TransitionChunk::halfRange() const { return mixc::halfRange(recurrence.decayBound, b.shape.chunk); }

TransitionChunk::Power TransitionChunk::powerFromStart(bool pre) {
  if (!decay)
    return {};
  return power(spans(0, pre), signs(pre), before.lag, /*negativeLag=*/false, isWithinRange() ? halfRange() : 0);
}

/// The inverse of what a token has from the chunk's start.
TransitionChunk::Power TransitionChunk::powerToStart() {
  if (!toStartMade)
    toStartMade = b.generic(decay.names(), b.getF32Type(), {spans(0, /*pre=*/false)},
                            [](TileBuilder &b, ValueRange v) { return arith::NegFOp::create(b, v[0]); });
  return power(toStartMade, {}, before.lag, /*negativeLag=*/true, -halfRange());
}

TransitionChunk::Power TransitionChunk::powerToEnd() {
  return decay ? power(spans(b.shape.chunk, false), signsToEnd(), lag.lag, /*negativeLag=*/true) : Power();
}

/// To the chunk's end, and what the decays between that and later rows lag behind.
TransitionChunk::Power TransitionChunk::powerToLaterRows() {
  return decay ? power(spans(b.shape.chunk, /*pre=*/false), signsToEnd(), before.lag) : Power();
}

/// Nothing, NaN neither, after a reset; but a correction reads what its decay forgets, and NaN stays.
Value TransitionChunk::timesPower(Value value, Value power, Value exponent) {
  Value product = arith::MulFOp::create(b, value, power);
  return recurrence.l ? product : Value(arith::SelectOp::create(b, isMinusInfinity(b, exponent), b.number(0), product));
}

/// Rows times their entries' powers, an operand of products; made once for rows and columns of scores.
Tile TransitionChunk::scaled(const Tile &rows, const Power &power) {
  Tile &made = scaledMade[{rows.value.getAsOpaquePointer(), power.tile.value.getAsOpaquePointer()}];
  if (!made && !power)
    made = b.cast(rows, b.shape.operand);
  if (!made)
    made = timesPower(rows, power, power.tile.names(), b.shape.operand);
  return made;
}

Tile TransitionChunk::timesPower(const Tile &value, const Power &power, ArrayRef<Axis> axes, Type element) {
  SmallVector<Tile> inputs = {value, power.tile};
  if (!recurrence.l)
    inputs.push_back(power.exponent);
  return b.generic(axes, element, inputs, [&](TileBuilder &, ValueRange v) { return timesPower(v[0], v[1], v.back()); });
}

//===--- Scores ---===//

/// Rows and powers of the tokens in the later or earlier halves of blocks of 2, 4, 8, .. tokens, which scores are made of; 0 of the others.
/// Where one thread has all tokens of an entry that spares half of the work. Rows that are read in both halves are made once.
Tile TransitionChunk::halfScaled(const Tile &rows, const Power &power, bool later) {
  std::pair<void *, void *> key = {rows.value.getAsOpaquePointer(), power.tile.value.getAsOpaquePointer()};
  if (!b.shape.factorsAhead || scaledMade.count(key))
    return scaled(rows, power);
  Tile &made = halvesMade[{key.first, key.second, later}];
  if (made)
    return made;
  SmallVector<Tile> inputs = {rows, power.tile, power.exponent};
  return made = b.generic(power.tile.names(), b.shape.operand, inputs, [&](TileBuilder &b, ValueRange v) {
    Value shifted = arith::ShRUIOp::create(b, b.position(Axis::T), b.position(Axis::L));
    Value isLater = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, arith::AndIOp::create(b, shifted, b.index(1)), b.index(later));
    return b.zeroUnless(isLater, timesPower(v[0], v[1], v[2]));
  });
}

Value TransitionChunk::inOneBlock(int64_t block) {
  Value shift = b.index(llvm::Log2_64(block));
  Value row = arith::ShRUIOp::create(b, b.position(Axis::T), shift), column = arith::ShRUIOp::create(b, b.position(Axis::S), shift);
  return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, row, column);
}

Value TransitionChunk::ofSmallestBlock(ValueRange levels) {
  Value chosen = levels.back();
  for (int64_t level = int64_t(levels.size()) - 2; level >= 0; --level)
    chosen = arith::SelectOp::create(b, inOneBlock(int64_t(2) << level), levels[level], chosen);
  return chosen;
}

Value TransitionChunk::lowerTriangle(Value below, Value diagonal) {
  Value t = b.position(Axis::T), s = b.position(Axis::S);
  Value rest = b.zeroUnless(arith::CmpIOp::create(b, arith::CmpIPredicate::eq, s, t), diagonal);
  return arith::SelectOp::create(b, arith::CmpIOp::create(b, arith::CmpIPredicate::ult, s, t), below, rest);
}

/// The tiles' values of each level, read at it.
SmallVector<Tile> TransitionChunk::levelsOf(ArrayRef<Tile> tiles) const {
  if (!b.shape.factorsAhead)
    return SmallVector<Tile>(tiles);
  return llvm::map_to_vector(llvm::seq(b.shape.extent(Axis::L)), [&](int64_t level) { return tiles.front().at(Axis::L, level); });
}

Tile TransitionChunk::chooseLevel(ArrayRef<Tile> levels, const Tile &diagonal, bool strict) {
  SmallVector<Tile> inputs = levelsOf(levels);
  const size_t count = inputs.size();
  const bool forgets = resets && !strict; // NaN that a factor of 0 was to forget
  if (forgets)
    inputs.append({resets.at(Axis::H, 0), resets.at(Axis::H, 0).renamed(Axis::T, Axis::S)});
  if (!strict)
    inputs.push_back(diagonal);
  return b.generic({Axis::T, Axis::S}, b.getF32Type(), inputs, [&](TileBuilder &b, ValueRange v) {
    Value below = ofSmallestBlock(v.take_front(count));
    if (forgets)
      below = b.zeroUnless(arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, v[count], v[count + 1]), below);
    return lowerTriangle(below, strict ? b.number(0) : v.back());
  });
}

Tile TransitionChunk::scoresOfHeads(const Reader &reader, const Tile &cols) {
  Tile all = b.contract({Axis::T, Axis::S}, scaled(reader.rows, {}), scaled(cols, {}).renamed(Axis::T, Axis::S)); // [t, s]
  return timesDecaysOfHeads(all, reader);
}

// The factors of a head multiply the scores: those of the smallest block with both tokens.
Tile TransitionChunk::timesDecaysOfHeads(const Tile &all, const Reader &reader) {
  SmallVector<Tile> inputs = {all};
  if (decay) {
    for (const Tile &level : levelsOf(halvings(reader.pre)))
      inputs.push_back(level.at(Axis::H, 0));
    for (const Tile &level : levelsOf(halvings(false)))
      inputs.push_back(level.at(Axis::H, 0).renamed(Axis::T, Axis::S));
  }
  const size_t levels = inputs.size() / 2;
  if (recurrence.keep)
    inputs.append({signs(reader.pre).at(Axis::H, 0), signs(/*pre=*/false).at(Axis::H, 0).renamed(Axis::T, Axis::S)});
  return b.generic({Axis::T, Axis::S}, b.getF32Type(), inputs, [&](TileBuilder &b, ValueRange v) {
    Value below = v[0];
    if (levels) {
      Value row = ofSmallestBlock(v.slice(1, levels)), column = ofSmallestBlock(v.slice(1 + levels, levels));
      Value exponent = arith::AddFOp::create(b, row, column);
      below = timesPower(below, powerOf(exponent), exponent);
    }
    for (Value sign : v.drop_front(1 + 2 * levels))
      below = arith::MulFOp::create(b, below, sign);
    return lowerTriangle(below, reader.strict ? b.number(0) : v[0]);
  });
}

// The rows are those that read the state.
Tile TransitionChunk::scoresFromStart(const Reader &reader, const Tile &cols) {
  Tile right = scaled(cols, powerToStart()).renamed(Axis::T, Axis::S);
  Tile all = b.contract({Axis::T, Axis::S}, scaled(reader.rows, powerFromStart(reader.pre)), right);
  return b.generic({Axis::T, Axis::S}, b.getF32Type(), {all},
                   [&](TileBuilder &b, ValueRange v) { return lowerTriangle(v[0], reader.strict ? b.number(0) : v[0]); });
}

Tile TransitionChunk::scores(const Reader &reader, const Tile &cols) {
  Tile &made = scoresMade[{reader.rows.value.getAsOpaquePointer(), cols.value.getAsOpaquePointer(), reader.pre, reader.strict}];
  if (made)
    return made;
  if (!recurrence.decaysEntries())
    return made = scoresOfHeads(reader, cols);
  if (isWithinRange())
    return made = scoresFromStart(reader, cols);
  SmallVector<Tile> levels;
  for (auto [rowSpans, columnSpans] : llvm::zip(halvings(reader.pre), halvings(false))) {
    const Power ofRows = power(rowSpans, signs(reader.pre)), ofColumns = power(columnSpans, signs(/*pre=*/false));
    const bool isSame = reader.rows.value == cols.value && ofRows.tile.value == ofColumns.tile.value;
    Tile left = isSame ? scaled(cols, ofColumns) : halfScaled(reader.rows, ofRows, /*later=*/true);
    Tile right = isSame ? left : halfScaled(cols, ofColumns, /*later=*/false);
    SmallVector<Axis> axes = left.names(); // [l, t, n] or [t, n]
    axes.back() = Axis::S;
    levels.push_back(b.contract(axes, left, right.renamed(Axis::T, Axis::S)));
  }
  Tile diagonal;
  if (!reader.strict)
    diagonal = b.contract({Axis::T, Axis::S}, scaled(reader.rows, {}), scaled(cols, {}).renamed(Axis::T, Axis::S));
  return made = chooseLevel(levels, diagonal, reader.strict);
}

//===--- Operands ---===//

/// A tile [t, n] as it is loaded, or in f32; zero past the last token and in padding.
Tile TransitionChunk::rowsOf(const Expr &expr) {
  Tile &made = rowsMade[expr.scalar ? expr.scalar : expr.value];
  if (made)
    return made;
  if (Tile tile = values.loadedArgument(expr, {Axis::T, Axis::N}, b.shape.operand, tokens))
    return made = tile;
  return made = values.evaluate(expr, {Axis::T, Axis::N}, b.getF32Type(), tokens, [&](TileBuilder &b, Value v) {
    v = b.zeroFrom(v, Axis::T, tokens.valid);
    return b.zeroBeyondRows(v, typeOf(expr.value));
  });
}

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
    multiply(filled(b, {Axis::H, Axis::T}, -1));
  return product;
}

Tile TransitionChunk::operandX(const Column &column) {
  SmallVector<Axis> axes = {Axis::T, Axis::H, column.axis()};
  Tile x = values.loadedArgument(column.x.base, axes, b.shape.operand, tokens);
  if (!x)
    x = values.evaluate(column.x.base, axes, b.shape.operand, tokens, [&](TileBuilder &b, Value v) { return zeroOutside(v); });
  return x.renamed(Axis::T, Axis::S);
}

/// A token's column, inside a generic's body: 0 past the last token, and in padding where columns are added up.
Value TransitionChunk::zeroOutside(Value value) {
  value = b.zeroFrom(value, Axis::T, tokens.valid);
  return recurrence.isReadAlongP() ? b.zeroFrom(value, Axis::P, b.index(b.shape.p)) : value;
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
    terms.push_back({rowsOf(recurrence.factoredB.base), operandX(column), scaleOf(scalesOf(recurrence.factoredB, column.x))});
  return termsMade[column.op] = terms;
}

/// scale value, with 1 where there is no scale; both inside a generic's body.
static Value timesScale(TileBuilder &b, Value value, Value scale) { return scale ? Value(arith::MulFOp::create(b, value, scale)) : value; }

TransitionChunk::Terms TransitionChunk::correctedTerms(const Tile &state, const Column &column) {
  if (!column.hasX()) {
    const Reader reader = correctionReader();
    Tile lRows = rowsOf(factoredL.base), lScale = scaleOf(factoredL.scales, factoredL.negative);
    return {{lRows, solved(scores(reader, lRows), lScale, Axis::S, readState(reader, state, column), column), lScale}};
  }
  Factored factoredB = factorTokenScale(recurrence.b, "N", /*signs=*/true);
  Tile bScale = scaleOf(scalesOf(factoredB, column.x), factoredB.negative), lScale = scaleOf(factoredL.scales, factoredL.negative);
  Term input{rowsOf(factoredB.base), operandX(column), bScale};
  const Reader reader = correctionReader();
  Tile read = readState(reader, state, column);
  if (isSame(factoredB.base, factoredL.base))
    return {{input.rows, solvedTogether(input, read, scores(reader, input.rows), lScale, column), {}}};
  Tile sums = addTerm(scores(reader, input.rows), input, read, /*pre=*/true, column); // [h, p, t]
  Tile lRows = rowsOf(factoredL.base);
  return {input, {lRows, solved(scores(reader, lRows), lScale, Axis::S, sums, column), lScale}};
}

/// r_t D(t-1), or r'_t D(t) where r_t = exp(decay_t) r'_t.
TransitionChunk::Reader TransitionChunk::correctionReader() {
  std::optional<Expr> rest = b.shape.updates == 1 ? withoutDecay(recurrence, recurrence.r) : std::nullopt;
  return {rowsOf(rest.value_or(Expr{recurrence.r, {}})), /*pre=*/!rest, /*strict=*/true};
}

// With l = s b, W = x + s U is all that b adds: (I - s A) W = X + s R S, and no product with X.
Tile TransitionChunk::solvedTogether(const Term &input, const Tile &read, const Tile &scores, const Tile &scale, const Column &column) {
  Tile x = input.values.renamed(Axis::S, Axis::T);
  SmallVector<Tile> inputs = {x, read};
  for (const Tile &factor : {input.scale, scale})
    if (factor)
      inputs.push_back(factor);
  Tile sums = b.generic(read.names(), b.getF32Type(), inputs, [&](TileBuilder &b, ValueRange v) {
    Value given = timesScale(b, v[0], input.scale ? v[2] : Value()), kept = timesScale(b, v[1], scale ? v.back() : Value());
    return arith::AddFOp::create(b, given, kept);
  });
  return solved(scores, scale, Axis::T, sums, column);
}

/// X of (I - scores scale) X = sums, an operand [s, h, p]; the scale is that of the scores' rows or columns.
Tile TransitionChunk::solved(const Tile &scores, const Tile &scale, Axis scaled, const Tile &sums, const Column &column) {
  Tile &matrix = matricesMade[scores.value.getDefiningOp()];
  if (!matrix) {
    SmallVector<Tile> inputs = {scores};
    if (scale)
      inputs.push_back(scale.renamed(Axis::T, scaled));
    matrix = b.generic({Axis::H, Axis::T, Axis::S}, b.getF32Type(), inputs,
                       [](TileBuilder &b, ValueRange v) { return timesScale(b, v[0], v.size() == 2 ? v[1] : Value()); });
  }
  SmallVector<Axis> axes = {Axis::S, Axis::H, column.axis()};
  if (b.shape.factorsAhead)
    return timesInverse(matrix, sums, column);
  auto solve = tile::SolveOp::create(b, b.tileType(axes, b.getF32Type()), matrix.value, sums.value);
  return b.generic(axes, b.shape.operand, {Tile(solve.getResult(), axes)}, [](TileBuilder &, ValueRange v) { return v[0]; });
}

// (I - matrix)^-1 does not depend on the state, and is there before it.
Tile TransitionChunk::timesInverse(const Tile &matrix, const Tile &sums, const Column &column) {
  Tile &inverse = inversesMade[matrix.value.getDefiningOp()];
  if (!inverse) {
    Tile unit = b.generic({Axis::H, Axis::S, Axis::T}, b.getF32Type(), {}, [](TileBuilder &b, ValueRange) {
      Value same = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, b.position(Axis::S), b.position(Axis::T));
      return arith::SelectOp::create(b, same, b.number(1), b.number(0));
    });
    SmallVector<Axis> axes = {Axis::T, Axis::H, Axis::S};
    inverse = Tile(tile::SolveOp::create(b, b.tileType(axes, b.getF32Type()), matrix.value, unit.value).getResult(), axes);
  }
  SmallVector<Axis> axes = {Axis::S, Axis::H, column.axis()};
  Tile right = b.generic(axes, b.shape.operand, {sums.renamed(Axis::T, Axis::S)}, [](TileBuilder &, ValueRange v) { return v[0]; });
  Tile product = addTerm(inverse, {{}, right, {}}, b.zeros({Axis::H, column.axis(), Axis::T}), /*pre=*/false, column);
  return b.generic(axes, b.shape.operand, {product.renamed(Axis::T, Axis::S)}, [](TileBuilder &, ValueRange v) { return v[0]; });
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

/// The state without what the rows have more; made once for all that read it.
Tile TransitionChunk::operandForRows(const Tile &state) {
  Tile &made = operandsMade[state.value];
  if (!made)
    made = b.generic(state.names(), b.shape.operand, {state},
                     [&](TileBuilder &b, ValueRange v) { return arith::MulFOp::create(b, v[0], b.number(std::exp2(-halfRange()))); });
  return made;
}

TransitionChunk::Reader TransitionChunk::outputReader() {
  const bool pre = recurrence.read == mixer::Read::Pre;
  return {rowsOf(recurrence.factoredC.base), pre, /*strict=*/pre};
}

/// (rows D S) as [h, p, t]; a decay of heads multiplies what the rows have read.
Tile TransitionChunk::readState(const Reader &reader, const Tile &state, const Column &column) {
  SmallVector<Axis> axes = {Axis::H, column.axis(), Axis::T};
  const Power power = powerFromStart(reader.pre);
  if (recurrence.decaysEntries() && isWithinRange())
    return b.contract(axes, operandForRows(state), scaled(reader.rows, power));
  Tile operand = b.cast(state, b.shape.operand);
  if (recurrence.decaysEntries())
    return b.contract(axes, operand, scaled(reader.rows, power));
  return timesDecayOfHeads(reader, b.contract(axes, operand, scaled(reader.rows, {})));
}

/// What rows without a decay of heads have read, with it.
Tile TransitionChunk::timesDecayOfHeads(const Reader &reader, const Tile &read) {
  const Power power = recurrence.decaysEntries() ? Power() : powerFromStart(reader.pre);
  return power ? timesPower(read, power, read.names(), b.getF32Type()) : read;
}

Tile TransitionChunk::rows() {
  const Reader reader = outputReader();
  return scaled(reader.rows, recurrence.decaysEntries() ? power(spans(0, reader.pre), signs(reader.pre), before.lag) : Power());
}

Tile TransitionChunk::output(const Tile &state, const Column &column) {
  if (recurrence.isReadAlongP())
    return outputAlongP(state, column);
  const Reader reader = outputReader();
  const Terms &terms = termsOf(state, column);
  return withOwnTokens(reader, terms, readState(reader, state, column), column);
}

Tile TransitionChunk::finished(const Tile &read, const Column &column) {
  const Reader reader = outputReader();
  return withOwnTokens(reader, termsOf({}, column), timesDecayOfHeads(reader, read), column);
}

/// y with what the terms of the chunk's own tokens add.
Tile TransitionChunk::withOwnTokens(const Reader &reader, const Terms &terms, Tile y, const Column &column) {
  for (const Term &term : terms)
    y = addTerm(scores(reader, term.rows), term, y, reader.pre, column);
  Tile scale = scaleOf(recurrence.factoredC.scales);
  return !scale ? y : b.generic(y.names(), b.getF32Type(), {y, scale}, [](TileBuilder &b, ValueRange v) {
    return arith::MulFOp::create(b, v[0], v[1]);
  });
}

/// Where entries have decays of their own, what later rows read of a term's tokens: rows D(Q) decay, an operand [s, n].
Tile TransitionChunk::farColumns(const Term &term, const Tile &decay) {
  if (!recurrence.decaysEntries())
    return scaled(term.rows, {}).renamed(Axis::T, Axis::S);
  const Power power = powerToLaterRows();
  SmallVector<Tile> inputs = {term.rows, power.tile, power.exponent, decay.at(Axis::H, 0)};
  Tile columns = b.generic(power.tile.names(), b.shape.operand, inputs,
                           [&](TileBuilder &b, ValueRange v) { return keptOver(b, timesPower(v[0], v[1], v[2]), v[3]); });
  return columns.renamed(Axis::T, Axis::S);
}

// sum_s c_t D(t) (passed D(Q,s) b_s) x_s^T: the decays of entries are in the columns b, one of heads is in the weights.
Tile TransitionChunk::addFar(const Tile &rows, const Column &column, const Passed &passed, Tile acc) {
  const Term term = termsOf({}, column).front();
  const bool ofHeads = decay && !recurrence.decaysEntries();
  if (!farScoresMade)
    farScoresMade = b.contract({Axis::T, Axis::S}, rows, farColumns(term, passed.decay));
  SmallVector<Tile> reached, inputs = {farScoresMade}; // of resets after the tokens, here or in between
  if (resets)
    reached = {resets.at(Axis::T, b.shape.chunk - 1), resets.renamed(Axis::T, Axis::S), passed.resets};
  auto ifReached = [&](TileBuilder &b, ValueRange counts, Value value) {
    if (counts.empty())
      return value;
    auto isEqual = [&](Value x, Value y) { return arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, x, y); };
    return b.zeroUnless(arith::AndIOp::create(b, isEqual(counts[0], counts[1]), isEqual(counts[2], b.number(0))), value);
  };
  llvm::append_range(inputs, reached);
  if (Tile factor = scaledBy(term, ofHeads ? powerToLaterRows() : Power()))
    inputs.push_back(factor);
  if (ofHeads)
    inputs.push_back(passed.decay);
  Tile weights = b.generic({Axis::H, Axis::T, Axis::S}, b.shape.operand, inputs, [&](TileBuilder &b, ValueRange v) {
    Value weight = v[0];
    for (Value factor : v.drop_front(1 + reached.size()))
      weight = arith::MulFOp::create(b, weight, factor);
    return ifReached(b, v.slice(1, reached.size()), weight);
  });
  Tile x = term.values;
  if (resets) { // NaN that a factor of 0 was to forget
    SmallVector<Tile> own = {x};
    llvm::append_range(own, reached);
    x = b.generic(x.names(), b.shape.operand, own, [&](TileBuilder &b, ValueRange v) { return ifReached(b, v.drop_front(), v[0]); });
  }
  return b.contract({Axis::H, column.axis(), Axis::T}, x, weights, acc);
}

/// The factor of a term's values, [h, s]: its scale, and a power of heads; null where it is 1.
Tile TransitionChunk::scaledBy(const Term &term, const Power &power) {
  if (!power)
    return term.scale ? term.scale.renamed(Axis::T, Axis::S) : Tile();
  SmallVector<Axis> axes = {Axis::H, Axis::T};
  return timesPower(term.scale ? term.scale : filled(b, axes, 1), power, axes, b.getF32Type()).renamed(Axis::T, Axis::S);
}

Tile TransitionChunk::nextState(const Tile &state, const Column &column) {
  Axis p = column.axis();
  Tile next = state;
  if (recurrence.decays())
    next = b.generic({Axis::H, p, Axis::N}, b.getF32Type(), {state, whole()},
                     [](TileBuilder &b, ValueRange v) { return keptOver(b, v[0], v[1]); });
  for (const Term &term : termsOf(state, column)) {
    Tile end = scaled(term.rows, recurrence.decaysEntries() ? powerToEnd() : Power()).renamed(Axis::T, Axis::S);
    Tile factor = scaledBy(term, recurrence.decaysEntries() ? Power() : powerToEnd()), values = term.values;
    if (factor)
      values = b.generic(values.names(), b.shape.operand, {values, factor}, [&](TileBuilder &b, ValueRange v) -> Value {
        Value product = arith::MulFOp::create(b, v[0], v[1]);
        return recurrence.l ? product : b.zeroUnless(b.isNotZero(v[1]), product); // as timesPower
      });
    next = b.contract({Axis::H, p, Axis::N}, values, end, next);
    if (resets) { // NaN that a factor of 0 was to forget; then there is one term
      if (!factor)
        factor = filled(b, {Axis::H, Axis::S}, 1);
      next.value =
          tile::SinceResetOp::create(b, next.value.getType(), next.value, term.values.value, factor.value, end.value, resets.value);
    }
  }
  return next;
}

} // namespace mixc
