// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Recurrence.h"
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

// S_t = exp2(g_t) S_{t-1} + b_t x_t^T, y_t = c_t S_t, token by token (or associatively) over a tile of tokens.
static SmallVector<Tile> buildStep(TileBuilder &b, SpecValues &values, const ProgramBuilder &program,
                                   TokenScope &tokens, ArrayRef<Tile> states) {
  const Recurrence &recurrence = program.recurrence;
  Tile factor;
  if (Tile decay = decayTile(b, values, recurrence, tokens))
    factor = b.generic({Axis::H, Axis::T}, b.getF32Type(), {decay},
                       [](TileBuilder &b, ValueRange v) { return math::Exp2Op::create(b, v[0]); }); // [h, t]
  Tile bRows = rows(b, values, recurrence.b, tokens), cRows = rows(b, values, recurrence.c, tokens); // [t, n]
  SmallVector<Tile> ys, next;
  for (auto [column, state] : llvm::zip(recurrence.columns, states)) {
    SmallVector<Axis> axes = {Axis::T, Axis::H, column.axis()};
    Tile x = values.evaluate({column.op->getOperand(0), {}}, axes, b.getF32Type(), tokens,
                             [&](TileBuilder &b, Value v) { return b.zeroFrom(v, Axis::T, tokens.valid); });
    auto scan = tile::ScanOp::create(b, b.tileType(axes, b.getF32Type()), state.value.getType(), factor.value, x.value,
                                     bRows.value, cRows.value, state.value, program.plan.getAssociative());
    ys.push_back(Tile(scan.getY(), axes)); // [t, h, p]
    Tile last = state;
    last.value = scan.getState(); // [h, n, p]
    next.push_back(last);
  }
  storeOutputs(b, values, program, ys, {Axis::T, Axis::H, Axis::P}, tokens);
  return next;
}

static void buildMain(TileBuilder &b, SpecValues &values, const ProgramBuilder &program) {
  SmallVector<Tile> init;
  for (const Column &column : program.recurrence.columns)
    init.push_back(loadInitialState(b, values, program, column));
  SmallVector<Tile> states =
      loopOverChunks(b, values, b.index(0), b.length(), init, [&](TokenScope &tokens, ArrayRef<Tile> carried) {
        return buildStep(b, values, program, tokens, carried);
      });
  for (auto [column, state] : llvm::zip(program.recurrence.columns, states))
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
