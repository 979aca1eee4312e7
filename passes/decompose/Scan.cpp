// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ChunkMath.h"
#include "Segments.h"
#include "mixc/passes/Decompose.h"

using namespace mlir;

namespace mixc {
#define GEN_PASS_DEF_MIXERDECOMPOSESCAN
#include "mixc/passes/DecomposePasses.h.inc"

/// b or c as [t, n] in f32, zero past the last token.
static Tile rows(TileBuilder &b, SpecValues &values, Value value, TokenScope &tokens) {
  return values.evaluate({value, {}}, {Axis::T, Axis::N}, b.getF32Type(), tokens,
                         [&](TileBuilder &b, Value v) { return b.zeroFrom(v, Axis::T, tokens.valid); });
}

/// The tile with every token's entries multiplied by exp2 of +lag or -lag.
static Tile scaledByLag(TileBuilder &b, const Tile &tile, const Tile &lag, ArrayRef<Axis> axes, bool up) {
  if (!lag)
    return tile;
  return b.generic(axes, b.getF32Type(), {tile, lag}, [&](TileBuilder &b, ValueRange v) {
    Value exponent = up ? v[1] : arith::NegFOp::create(b, v[1]).getResult();
    return arith::MulFOp::create(b, v[0], math::Exp2Op::create(b, exponent));
  });
}

// S_t = exp2(g_t) S_{t-1} + b_t x_t^T, y_t = c_t S_t, token by token (or associatively) over a tile of tokens. In terms of
// U_t = 2^-lag_t S_t, whose factors are powers of two: U_t = factor_t U_{t-1} + b_t (2^-lag_t x_t)^T, y_t = 2^lag_t c_t U_t.
static States buildStep(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, TokenScope &tokens, const States &before) {
  const Recurrence &recurrence = program.recurrence;
  Value factor;
  Tile lag;
  States next;
  if (Tile decay = decayTile(b, values, recurrence, tokens)) {
    SmallVector<Type> types(5, decay.value.getType());
    auto op = tile::LagOp::create(b, types, decay.value, before.lag.lag.value, before.lag.low.value);
    factor = op.getFactor(); // [h, t]
    lag = Tile(op.getLag(), {Axis::H, Axis::T});
    next.lag = {lag, Tile(op.getLow(), {Axis::H, Axis::T})};
  }
  Tile bRows = rows(b, values, recurrence.b, tokens), cRows = rows(b, values, recurrence.c, tokens); // [t, n]
  SmallVector<Tile> ys;
  for (auto [column, state] : llvm::zip(recurrence.columns, before.tiles)) {
    SmallVector<Axis> axes = {Axis::T, Axis::H, column.axis()};
    Tile x = values.evaluate({column.op->getOperand(0), {}}, axes, b.getF32Type(), tokens,
                             [&](TileBuilder &b, Value v) { return b.zeroFrom(v, Axis::T, tokens.valid); });
    x = scaledByLag(b, x, lag, axes, /*up=*/false);
    auto scan = tile::ScanOp::create(b, b.tileType(axes, b.getF32Type()), state.value.getType(), factor, x.value, bRows.value, cRows.value,
                                     state.value, program.plan.getAssociative());
    ys.push_back(scaledByLag(b, Tile(scan.getY(), axes), lag, axes, /*up=*/true)); // [t, h, p]
    Tile last = state;
    last.value = scan.getState(); // [h, n, p]
    next.tiles.push_back(last);
  }
  storeOutputs(b, values, program, ys, {Axis::T, Axis::H, Axis::P}, tokens);
  return next;
}

static void buildMain(TileBuilder &b, SpecValues &values, const ProgramBuilder &program) {
  States init;
  for (const Column &column : program.recurrence.columns)
    init.tiles.push_back(loadInitialState(b, values, program, column));
  if (hasLag(program))
    init.lag = noLag(b);
  SmallVector<Tile> carried =
      loopOverChunks(b, values, b.index(0), b.length(), init.carried(), [&](TokenScope &tokens, ArrayRef<Tile> carried) {
        return buildStep(b, values, program, tokens, States::of(program, carried)).carried();
      });
  for (auto [column, state] : llvm::zip(program.recurrence.columns, settled(b, program, carried)))
    storeFinalState(b, program, column, state);
}

namespace {
struct DecomposeScan : impl::MixerDecomposeScanBase<DecomposeScan> {
  void runOnOperation() override {
    auto build = [](ProgramBuilder &program) {
      program.addKernel("main", /*splits=*/false, /*rows=*/0, tile::When::Always,
                        [&](TileBuilder &b, SpecValues &values) { buildMain(b, values, program); });
    };
    if (failed(decomposePlans(getOperation(), mixer::Algorithm::Scan, build)))
      signalPassFailure();
  }
};
} // namespace
} // namespace mixc
