// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ChunkMath.h"
#include "Segments.h"
#include "mixc/passes/Decompose.h"

using namespace mlir;

namespace mixc {
#define GEN_PASS_DEF_MIXERDECOMPOSEQUADRATIC
#include "mixc/passes/DecomposePasses.h.inc"

namespace {
/// What the loop over column chunks carries: the columns' sums so far, the decay over the chunks passed and its lag.
struct RowState {
  SmallVector<Tile> ys;
  Tile passed;
  Lag lag;

  SmallVector<Tile> carried() const {
    SmallVector<Tile> all = ys;
    if (passed)
      all.push_back(passed);
    if (lag)
      all.append({lag.lag, lag.low});
    return all;
  }
  /// The same with other values.
  RowState with(ValueRange values) const {
    RowState state = *this;
    for (Tile &tile : state.ys)
      tile.value = values[&tile - state.ys.begin()];
    ValueRange rest = values.drop_front(ys.size());
    if (passed)
      state.passed.value = rest[0];
    if (lag) {
      state.lag.lag.value = rest[1];
      state.lag.low.value = rest[2];
    }
    return state;
  }
};
} // namespace

static SmallVector<Value> valuesOf(ArrayRef<Tile> tiles) {
  return llvm::map_to_vector(tiles, [](const Tile &tile) { return tile.value; });
}

/// Walks the column chunks before this row chunk from the nearest to the first.
static RowState sumEarlierChunks(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, const Tile &c) {
  const Recurrence &recurrence = program.recurrence;
  RowState state;
  for (const Column &column : recurrence.columns)
    state.ys.push_back(b.zeros({Axis::H, column.axis(), Axis::T}));
  if (recurrence.decay)
    state.passed = oneForEachHead(b);
  if (hasLag(program))
    state.lag = noLag(b);
  auto loop = scf::ForOp::create(b, b.index(0), b.segment, b.index(1), valuesOf(state.carried()));
  values.setEntry(loop);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    RowState before = state.with(loop.getRegionIterArgs()), next = before;
    Value back = arith::SubIOp::create(b, arith::SubIOp::create(b, b.segment, b.index(1)), loop.getInductionVar());
    Value first = arith::MulIOp::create(b, back, b.index(b.shape.chunk));
    TokenScope tokens(first, arith::SubIOp::create(b, b.length(), first));
    ChunkMath columns(b, values, program, tokens, before.lag);
    Tile scores = b.contract({Axis::T, Axis::S}, c, columns.operandB()); // [t, s]
    for (auto [column, y] : llvm::zip(recurrence.columns, next.ys))
      y = columns.weightedFar(columns.farWeights(scores, column, before.passed), column, before.passed, y);
    if (before.passed)
      next.passed = timesOver(b, before.passed, columns.whole());
    next.lag = columns.lag;
    scf::YieldOp::create(b, valuesOf(next.carried()));
  }
  return state.with(loop.getResults());
}

// y_t = fromStart_t (sum over earlier chunks + passed c_t S_0) + sum_{s<=t} W_ts x_s in the chunk itself.
static void buildMain(TileBuilder &b, SpecValues &values, const ProgramBuilder &program) {
  const Recurrence &recurrence = program.recurrence;
  Value first = arith::MulIOp::create(b, b.segment, b.index(b.shape.chunk));
  TokenScope tokens(first, arith::SubIOp::create(b, b.length(), first));
  ChunkMath rows(b, values, program, tokens);
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
        init = b.generic(stateAxes(program, column), b.getF32Type(), {init, withoutLag(b, earlier.passed, earlier.lag)},
                         [](TileBuilder &b, ValueRange v) { return keptOver(b, v[0], v[1]); });
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
  SmallVector<Tile> states = runStates(b, values, program, b.index(0), b.length(), init, /*withDecay=*/false).states;
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
