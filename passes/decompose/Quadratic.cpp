// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ChunkMath.h"
#include "Segments.h"
#include "mixc/passes/Decompose.h"

using namespace mlir;

namespace mixc {
#define GEN_PASS_DEF_MIXERDECOMPOSEQUADRATIC
#include "mixc/passes/DecomposePasses.h.inc"

namespace {
/// What the loop over column chunks carries: the columns' sums so far and the decay over the chunks passed.
struct RowState {
  SmallVector<Tile> ys;
  Tile passed;
};
} // namespace

/// W[h,t,s] = scores[t,s] toEnd[h,s] passed[h]: the decay from s to the row chunk's start.
static Tile offDiagonalWeights(TileBuilder &b, const Tile &scores, const Tile &end, const Tile &passed) {
  SmallVector<Tile> inputs = {scores};
  for (const Tile &factor : {end, passed})
    if (factor)
      inputs.push_back(factor);
  return b.generic({Axis::H, Axis::T, Axis::S}, b.shape.operand, inputs, [](TileBuilder &b, ValueRange v) {
    Value weight = v[0];
    for (Value factor : v.drop_front())
      weight = arith::MulFOp::create(b, weight, factor);
    return weight;
  });
}

/// Walks the column chunks before this row chunk from the nearest to the first.
static RowState sumEarlierChunks(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, const Tile &c) {
  const Recurrence &recurrence = program.recurrence;
  SmallVector<Value> init;
  for (const Column &column : recurrence.columns)
    init.push_back(b.zeros({Axis::H, column.axis(), Axis::T}).value);
  if (recurrence.decay)
    init.push_back(b.generic({Axis::H}, b.getF32Type(), {}, [](TileBuilder &b, ValueRange) {
                      return arith::ConstantOp::create(b, b.getF32FloatAttr(1)).getResult();
                    }).value);
  auto loop = scf::ForOp::create(b, b.index(0), b.segment, b.index(1), init);
  values.setEntry(loop);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value back = arith::SubIOp::create(b, arith::SubIOp::create(b, b.segment, b.index(1)), loop.getInductionVar());
    Value first = arith::MulIOp::create(b, back, b.index(b.shape.chunk));
    TokenScope tokens(first, arith::SubIOp::create(b, b.length(), first));
    ChunkMath columns(b, values, recurrence, tokens);
    Tile scores = b.contract({Axis::T, Axis::S}, c, columns.operandB()), passed; // [t, s]
    SmallVector<Value> next;
    if (recurrence.decay)
      passed = Tile(loop.getRegionIterArgs().back(), {Axis::H});
    for (auto [i, column] : llvm::enumerate(recurrence.columns)) {
      Tile weights = offDiagonalWeights(b, scores, columns.toEnd(column), passed); // [h, t, s]
      Tile y(loop.getRegionIterArgs()[i], {Axis::H, column.axis(), Axis::T});
      next.push_back(columns.weighted(weights, column, y).value);
    }
    if (passed)
      next.push_back(b.generic({Axis::H}, b.getF32Type(),
                               {passed, columns.fromStart.at(Axis::T, b.shape.chunk - 1)},
                               [](TileBuilder &b, ValueRange v) { return arith::MulFOp::create(b, v[0], v[1]); })
                         .value);
    scf::YieldOp::create(b, next);
  }
  RowState state;
  for (auto [i, column] : llvm::enumerate(recurrence.columns))
    state.ys.push_back(Tile(loop.getResult(i), {Axis::H, column.axis(), Axis::T}));
  if (recurrence.decay)
    state.passed = Tile(loop.getResults().back(), {Axis::H});
  return state;
}

// y_t = fromStart_t (sum over earlier chunks + passed c_t S_0) + sum_{s<=t} W_ts x_s in the chunk itself.
static void buildMain(TileBuilder &b, SpecValues &values, const ProgramBuilder &program) {
  const Recurrence &recurrence = program.recurrence;
  Value first = arith::MulIOp::create(b, b.segment, b.index(b.shape.chunk));
  TokenScope tokens(first, arith::SubIOp::create(b, b.length(), first));
  ChunkMath rows(b, values, recurrence, tokens);
  Tile c = rows.operandC(); // [t, n]
  RowState earlier = sumEarlierChunks(b, values, program, c);
  Tile scores = b.contract({Axis::T, Axis::S}, c, rows.operandB()); // [t, s]
  SmallVector<Tile> ys;
  for (auto [column, sum] : llvm::zip(recurrence.columns, earlier.ys)) {
    Tile y = sum;
    mixer::SemiseparableOp op = column.op;
    if (op.getInit()) {
      Tile init = loadInitialState(b, values, program, column);
      if (earlier.passed)
        init = b.generic(stateAxes(program, column), b.getF32Type(), {init, earlier.passed},
                         [](TileBuilder &b, ValueRange v) { return arith::MulFOp::create(b, v[0], v[1]); });
      y = b.contract({Axis::H, column.axis(), Axis::T}, b.cast(init, b.shape.operand), c, y);
    }
    ys.push_back(rows.weighted(rows.diagonalWeights(scores, column), column, rows.scaleRows(y, column)));
  }
  storeOutputs(b, values, program, ys, {Axis::H, Axis::P, Axis::T}, tokens);
}

/// The final state has no quadratic form: it is the chunked recurrence over all tokens.
static void buildFinalState(TileBuilder &b, SpecValues &values, const ProgramBuilder &program) {
  SmallVector<Tile> init;
  for (const Column &column : program.recurrence.columns)
    init.push_back(loadInitialState(b, values, program, column));
  SmallVector<Tile> states = runStates(b, values, program, b.index(0), b.length(), init, /*withDecay=*/false);
  for (auto [column, state] : llvm::zip(program.recurrence.columns, states))
    storeFinalState(b, program, column, state);
}

namespace {
struct DecomposeQuadratic : impl::MixerDecomposeQuadraticBase<DecomposeQuadratic> {
  void runOnOperation() override {
    auto build = [](ProgramBuilder &program) {
      program.addKernel("main", /*splits=*/false, program.shape.chunk, tile::When::Always,
                        [&](TileBuilder &b, SpecValues &values) { buildMain(b, values, program); });
      if (llvm::any_of(program.recurrence.columns, [](const Column &column) { return column.stateResult >= 0; }))
        program.addKernel("final", /*splits=*/false, /*rows=*/0, tile::When::State,
                          [&](TileBuilder &b, SpecValues &values) { buildFinalState(b, values, program); });
    };
    if (failed(decomposePlans(getOperation(), mixer::Algorithm::Quadratic, build)))
      signalPassFailure();
  }
};
} // namespace
} // namespace mixc
