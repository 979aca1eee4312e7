// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ChunkMath.h"
#include "Kernels.h"
#include "ScanDecay.h"
#include "Segments.h"
#include "TokenStep.h"

using namespace mlir;

namespace mixc {
/// The axes of x, y and, before the column's, of the state: where heads stand as columns, there is one head.
static Axis headAxis(const TileBuilder &b) { return b.shape.headsAsColumns ? Axis::U : Axis::H; }
static Axis columnAxis(const TileBuilder &b, const Column &column) { return b.shape.headsAsColumns ? Axis::H : column.axis(); }

/// b, c, l or r in f32, zero past the last token: [t, n], or of each column's own.
static Tile rows(TileBuilder &b, SpecValues &values, Value value, TokenScope &tokens) {
  SmallVector<Axis> axes = {Axis::T, Axis::N};
  if (b.shape.headsAsColumns && typeOf(value).hasDim("H"))
    axes = {Axis::T, Axis::U, Axis::N, Axis::H};
  return values.evaluate({value, {}}, axes, b.getF32Type(), tokens,
                         [&](TileBuilder &b, Value v) { return b.zeroBeyondRows(b.zeroFrom(v, Axis::T, tokens.valid), typeOf(value)); });
}

/// c over the state's columns: [t, h, p].
static Tile columnsOf(TileBuilder &b, SpecValues &values, Value value, TokenScope &tokens) {
  return values.evaluate({value, {}}, {Axis::T, Axis::H, Axis::P}, b.getF32Type(), tokens, [&](TileBuilder &b, Value v) {
    return b.zeroFrom(b.zeroFrom(v, Axis::T, tokens.valid), Axis::P, b.index(b.shape.p)); // padding adds to a row's sum
  });
}

/// The tile with its entries multiplied by exp2 of +lag or -lag.
static Tile scaledByLag(TileBuilder &b, const Tile &tile, const Tile &lag, ArrayRef<Axis> axes, bool up) {
  if (!lag)
    return tile;
  return b.generic(axes, b.getF32Type(), {tile, lag}, [&](TileBuilder &b, ValueRange v) {
    Value exponent = up ? v[1] : arith::NegFOp::create(b, v[1]).getResult();
    return arith::MulFOp::create(b, v[0], math::Exp2Op::create(b, exponent));
  });
}

namespace {
/// One recurrence over a tile of tokens: tile.scan says what it computes. Where a head has one decay, in terms of U_t = 2^-lag_t S_t, whose
/// factors are powers of two,
///
///     U_t = factor_t U_{t-1} + (2^-lag_t l_t) (2^lag_{t-1} r_t)^T U_{t-1} + (2^-lag_t b_t) x_t^T
///     y_t = (2^lag_t c_t)^T U_t                                            with read = pre of t - 1
///
/// Without a correction x and y are scaled instead of b and c, which all heads may share; a y over the rows is always.
class ScanStep {
public:
  ScanStep(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, const Recurrence &recurrence, TokenScope &tokens,
           const Lag &before)
      : b(b), values(values), program(program), recurrence(recurrence), tokens(tokens) {
    if (!before) {
      decay = withKept(b, values, recurrence, tokens, scanDecay(b, values, recurrence, tokens));
      return;
    }
    Tile exponents = values.evaluate({recurrence.decay, {}}, recurrence.decayAxes(), b.getF32Type(), tokens,
                                     [&](TileBuilder &b, Value g) { return log2Decay(b, g, tokens); });
    auto op = tile::LagOp::create(b, exponents.value, before.lag.value, before.low.value);
    auto tile = [&](Value value) { return Tile(value, recurrence.decayAxes()); };
    decay.factor = tile(op.getFactor());
    lag = tile(op.getLag());
    earlier = tile(op.getEarlier());
    next = {lag, tile(op.getLow())};
    decay = withKept(b, values, recurrence, tokens, decay);
  }

  struct Result {
    SmallVector<Tile> ys;
    States states;
  };
  Result run(ArrayRef<Tile> states) {
    const bool pre = recurrence.read == mixer::Read::Pre, ofRows = bool(recurrence.l), across = recurrence.isReadAlongP();
    const Tile &seen = pre ? earlier : lag, none;
    Value bRows = scaledRows(recurrence.b, ofRows ? lag : none, false);
    Value c = across ? columnsOf(b, values, recurrence.c, tokens).value : scaledRows(recurrence.c, ofRows ? seen : none, true);
    Value l = recurrence.l && !recurrence.erasesB() ? scaledRows(recurrence.l, lag, false) : Value();
    Value r = recurrence.r ? scaledRows(recurrence.r, earlier, true) : Value();
    Result result{{}, {{}, next}};
    for (auto [column, state] : llvm::zip(recurrence.columns, states)) {
      SmallVector<Axis> axes = {Axis::T, headAxis(b), columnAxis(b, column)};
      Tile x = values.evaluate({mixer::SemiseparableOp(column.op).getX(), {}}, axes, b.getF32Type(), tokens, [&](TileBuilder &b, Value v) {
        v = b.zeroFrom(v, Axis::T, tokens.valid);
        return across ? b.zeroFrom(v, Axis::P, b.index(b.shape.p)) : v;
      });
      x = scaledByLag(b, x, ofRows ? none : lag, axes, /*up=*/false);
      const SmallVector<Axis> ofY = across ? SmallVector<Axis>{Axis::T, Axis::H, Axis::N} : axes;
      auto scan = tile::ScanOp::create(b, b.tileType(ofY, b.getF32Type()), state.value.getType(), decay.factor.value, decay.excess.value,
                                       x.value, bRows, c, l, r, state.value, inLogSteps(program, recurrence), pre, across);
      result.ys.push_back(scaledByLag(b, Tile(scan.getY(), ofY), ofRows && !across ? none : seen, ofY, /*up=*/true)); // [t, h, p]
      result.states.tiles.push_back(state);
      result.states.tiles.back().value = scan.getState(); // [h, n, p]
    }
    return result;
  }

private:
  /// [t, n], or where heads have lags of their own [t, h, n]
  Value scaledRows(Value value, const Tile &exponent, bool up) {
    Tile tile = rows(b, values, value, tokens);
    if (!exponent)
      return tile.value;
    if (b.shape.heads == 1)
      return scaledByLag(b, tile, exponent.at(Axis::H, 0), {Axis::T, Axis::N}, up).value;
    return scaledByLag(b, tile, exponent, {Axis::T, Axis::H, Axis::N}, up).value;
  }

  TileBuilder &b;
  SpecValues &values;
  const ProgramBuilder &program;
  const Recurrence &recurrence;
  TokenScope &tokens;
  ScanDecay decay;
  Tile lag, earlier; ///< after a token, and before it; null where states have no exponent
  Lag next;
};
} // namespace

static SmallVector<Tile> buildStep(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, TokenScope &tokens,
                                   ArrayRef<Tile> carried) {
  std::vector<States> before = statesOf(program, carried), after;
  SmallVector<Tile> ys;
  for (auto [recurrence, states] : llvm::zip(program.recurrences(), before)) {
    if (b.shape.oneToken) {
      TokenResult result = stepToken(b, values, recurrence, tokens, states.tiles);
      llvm::append_range(ys, result.ys);
      after.push_back({result.states, {}});
    } else {
      ScanStep::Result result = ScanStep(b, values, program, recurrence, tokens, states.lag).run(states.tiles);
      llvm::append_range(ys, result.ys);
      after.push_back(result.states);
    }
  }
  SmallVector<Axis> axes = {Axis::T, Axis::H, Axis::P};
  if (b.shape.headsAsColumns)
    axes = {Axis::T, Axis::U, Axis::H};
  storeOutputs(b, values, program, ys, axes, tokens);
  SmallVector<Tile> next = flatten(after);
  keepStates(b, values, program, tokens, next);
  return next;
}

static void buildMain(TileBuilder &b, SpecValues &values, const ProgramBuilder &program) {
  std::vector<States> init = initialStates(b, program, [&](const Column &column) { return loadInitialState(b, values, program, column); });
  SmallVector<Tile> carried =
      loopOverChunks(b, values, b.index(0), b.length(), flatten(init),
                     [&](TokenScope &tokens, ArrayRef<Tile> carried) { return buildStep(b, values, program, tokens, carried); });
  b.findSequence();
  storeFinalStates(b, values, program, settled(b, program, carried));
}

void addScanKernels(ProgramBuilder &program) {
  program.addKernel("main", /*splits=*/false, /*rows=*/0, tile::When::Always,
                    [&](TileBuilder &b, SpecValues &values) { buildMain(b, values, program); });
}

} // namespace mixc
