// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ChunkMath.h"
#include "Kernels.h"
#include "Segments.h"

using namespace mlir;

namespace mixc {
namespace {
/// What the loop over column chunks carries of a recurrence: the columns' sums so far, the decay over the chunks passed and its lag.
struct RowState {
  SmallVector<Tile> ys;
  Tile passed;
  Lag lag;

  SmallVector<Tile *> tiles() {
    SmallVector<Tile *> all;
    for (Tile &y : ys)
      all.push_back(&y);
    for (Tile *tile : {&passed, &lag.lag, &lag.low})
      if (*tile)
        all.push_back(tile);
    return all;
  }
};
using RowStates = std::vector<RowState>;
} // namespace

static SmallVector<Value> valuesOf(RowStates &states) {
  SmallVector<Value> values;
  for (RowState &state : states)
    for (Tile *tile : state.tiles())
      values.push_back(tile->value);
  return values;
}

static RowStates withValues(RowStates states, ValueRange values) {
  for (RowState &state : states)
    for (Tile *tile : state.tiles()) {
      tile->value = values.front();
      values = values.drop_front();
    }
  return states;
}

/// No chunk seen yet.
static RowStates startOfRow(TileBuilder &b, const ProgramBuilder &program) {
  RowStates states;
  for (const Recurrence &recurrence : program.recurrences()) {
    RowState &state = states.emplace_back();
    for (const Column &column : recurrence.columns)
      state.ys.push_back(b.zeros({Axis::H, column.axis(), Axis::T}));
    if (recurrence.decays())
      state.passed = noDecay(b, recurrence);
    if (hasLag(program, recurrence))
      state.lag = noLag(b, program, recurrence);
  }
  return states;
}

/// Walks the column chunks before this row chunk from the nearest to the first; `cs` are the rows' operands of all recurrences.
static RowStates sumEarlierChunks(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, ArrayRef<Tile> cs) {
  RowStates states = startOfRow(b, program);
  auto loop = scf::ForOp::create(b, b.index(0), b.segment, b.index(1), valuesOf(states));
  values.setEntry(loop);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    RowStates before = withValues(states, loop.getRegionIterArgs()), next = before;
    Value back = arith::SubIOp::create(b, arith::SubIOp::create(b, b.segment, b.index(1)), loop.getInductionVar());
    Value first = arith::MulIOp::create(b, back, b.index(b.shape.chunk));
    TokenScope tokens(first, arith::SubIOp::create(b, b.length(), first));
    for (auto [recurrence, c, now, after] : llvm::zip(program.recurrences(), cs, before, next)) {
      ChunkMath columns(b, values, program, recurrence, tokens, now.lag);
      Tile scores = b.contract({Axis::T, Axis::S}, c, columns.operandB()); // [t, s]
      for (auto [column, y] : llvm::zip(recurrence.columns, after.ys))
        y = columns.weightedFar(columns.farWeights(scores, column, now.passed), column, now.passed, y);
      if (now.passed)
        after.passed = timesOver(b, recurrence, now.passed, columns.whole());
      after.lag = columns.lag;
    }
    scf::YieldOp::create(b, valuesOf(next));
  }
  return withValues(states, loop.getResults());
}

// y_t = fromStart_t (sum over earlier chunks + passed c_t S_0) + sum_{s<=t} W_ts x_s in the chunk itself.
static void buildMain(TileBuilder &b, SpecValues &values, const ProgramBuilder &program) {
  Value first = arith::MulIOp::create(b, b.segment, b.index(b.shape.chunk));
  TokenScope tokens(first, arith::SubIOp::create(b, b.length(), first));
  std::vector<ChunkMath> maths;
  SmallVector<Tile> cs, ys;
  for (const Recurrence &recurrence : program.recurrences()) {
    maths.emplace_back(b, values, program, recurrence, tokens);
    cs.push_back(maths.back().operandC()); // [t, n]
  }
  RowStates states = sumEarlierChunks(b, values, program, cs);
  for (auto [recurrence, rows, c, earlier] : llvm::zip(program.recurrences(), maths, cs, states)) {
    Tile scores = b.contract({Axis::T, Axis::S}, c, rows.operandB()); // [t, s]
    for (auto [column, sum] : llvm::zip(recurrence.columns, earlier.ys)) {
      Tile y = sum;
      if (mixer::SemiseparableOp(column.op).getInit()) {
        Tile init = loadInitialState(b, values, program, column);
        if (earlier.passed)
          init = b.generic(stateAxes(program, column), b.getF32Type(), {init, withoutLag(b, recurrence, earlier.passed, earlier.lag)},
                           [](TileBuilder &b, ValueRange v) { return keptOver(b, v[0], v[1]); });
        y = b.contract({Axis::H, column.axis(), Axis::T}, b.cast(init, b.shape.operand), c, y);
      }
      ys.push_back(rows.weighted(rows.diagonalWeights(scores, column), column, rows.scaleRows(y, column)));
    }
  }
  storeOutputs(b, values, program, ys, {Axis::H, Axis::P, Axis::T}, tokens);
}

/// The final state has no quadratic form: it is the chunked recurrence over all tokens.
static void buildFinalState(TileBuilder &b, SpecValues &values, const ProgramBuilder &program) {
  auto init = [&](const Column &column) { return loadInitialState(b, values, program, column); };
  storeFinalStates(b, values, program, runStates(b, values, program, b.index(0), b.length(), init, /*withDecays=*/false).states);
}

void addQuadraticKernels(ProgramBuilder &program) {
  program.addKernel("main", /*splits=*/false, program.shape.chunk, tile::When::Always,
                    [&](TileBuilder &b, SpecValues &values) { buildMain(b, values, program); });
  bool returnsStates = !program.everything.lastTokens.empty() || llvm::any_of(program.recurrences(), [](const Recurrence &recurrence) {
    return llvm::any_of(recurrence.columns, [](const Column &column) { return column.stateResult >= 0; });
  });
  if (returnsStates)
    program.addKernel("final", /*splits=*/false, /*rows=*/0, tile::When::State,
                      [&](TileBuilder &b, SpecValues &values) { buildFinalState(b, values, program); });
}

} // namespace mixc
