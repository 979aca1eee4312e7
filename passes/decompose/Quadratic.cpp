// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Kernels.h"
#include "RecurrenceChunk.h"
#include "Segments.h"

using namespace mlir;

namespace mixc {
namespace {
using Chunks = std::vector<std::unique_ptr<RecurrenceChunk>>;

/// What the loop over column chunks carries of a recurrence: the columns' sums so far, the decay over the chunks passed and its lag.
struct RowState {
  SmallVector<Tile> ys;
  Passed passed;
  Lag lag;

  SmallVector<Tile *> tiles() {
    SmallVector<Tile *> all;
    for (Tile &y : ys)
      all.push_back(&y);
    for (Tile *tile : {&passed.decay, &passed.resets, &lag.lag, &lag.low})
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
static RowStates startOfRow(TileBuilder &b, const ProgramBuilder &program, const Chunks &rows) {
  RowStates states;
  for (auto [recurrence, chunk] : llvm::zip(program.recurrences(), rows)) {
    RowState &state = states.emplace_back();
    for (const Column &column : recurrence.columns)
      state.ys.push_back(b.zeros({Axis::H, column.axis(), Axis::T}));
    if (recurrence.decays())
      state.passed.decay = noDecay(b, recurrence);
    if (chunk->resetsSoFar())
      state.passed.resets = b.zeros({Axis::H});
    if (hasLag(program, recurrence))
      state.lag = noLag(b, program, recurrence);
  }
  return states;
}

/// The decays over `passed` and over the chunk before it.
static Passed alsoOver(TileBuilder &b, const Recurrence &recurrence, Passed passed, RecurrenceChunk &chunk) {
  if (passed.decay)
    passed.decay = timesOver(b, recurrence, passed.decay, chunk.whole());
  if (passed.resets)
    passed.resets = b.generic({Axis::H}, b.getF32Type(), {passed.resets, chunk.resetsSoFar().at(Axis::T, b.shape.chunk - 1)},
                              [](TileBuilder &b, ValueRange v) { return arith::AddFOp::create(b, v[0], v[1]); });
  return passed;
}

/// Walks the column chunks before this row chunk, whose first token is `firstRow`, from the nearest to the first; `reads` are the rows'
/// operands of all recurrences.
static RowStates sumEarlierChunks(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, const Chunks &rows, Value firstRow,
                                  ArrayRef<Tile> reads) {
  RowStates states = startOfRow(b, program, rows);
  auto loop = scf::ForOp::create(b, b.index(0), b.segment, b.index(1), valuesOf(states));
  values.setEntry(loop);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    RowStates before = withValues(states, loop.getRegionIterArgs()), next = before;
    Value back = arith::SubIOp::create(b, arith::SubIOp::create(b, b.segment, b.index(1)), loop.getInductionVar());
    Value first = arith::MulIOp::create(b, back, b.index(b.shape.chunk));
    TokenScope tokens(first, arith::SubIOp::create(b, b.length(), first));
    for (auto [recurrence, read, now, after] : llvm::zip(program.recurrences(), reads, before, next)) {
      std::unique_ptr<RecurrenceChunk> columns = makeChunk(b, values, program, recurrence, tokens, now.lag);
      if (recurrence.mask)
        now.passed.distance = arith::SubIOp::create(b, firstRow, first);
      for (auto [column, y] : llvm::zip(recurrence.columns, after.ys))
        y = columns->addFar(read, column, now.passed, y);
      after.passed = alsoOver(b, recurrence, now.passed, *columns);
      after.lag = columns->lag;
    }
    scf::YieldOp::create(b, valuesOf(next));
  }
  return withValues(states, loop.getResults());
}

/// Whether rows read an initial state of zeros, too: NaN where a decay of the first token is not finite. Plain chunks make it of
/// differences with that token's exponent anyway.
static bool marksZeroState(const Recurrence &recurrence) { return recurrence.decays() && !recurrence.isPlain(); }

// y_t = D(t) (sum over earlier chunks + passed c_t S_0) + sum_{s<=t} W_ts x_s in the chunk itself, D(t) being the decay from its start;
// with read = pre, t-1 for t. Decays of entries are in c_t instead.
static void buildMain(TileBuilder &b, SpecValues &values, const ProgramBuilder &program) {
  Value first = arith::MulIOp::create(b, b.segment, b.index(b.shape.chunk));
  TokenScope tokens(first, arith::SubIOp::create(b, b.length(), first));
  Chunks rows;
  SmallVector<Tile> reads, ys;
  for (const Recurrence &recurrence : program.recurrences()) {
    const Lag none = hasLag(program, recurrence) ? noLag(b, program, recurrence) : Lag();
    rows.push_back(makeChunk(b, values, program, recurrence, tokens, none));
    reads.push_back(rows.back()->rows()); // [t, n]
  }
  RowStates states = sumEarlierChunks(b, values, program, rows, first, reads);
  for (auto [recurrence, chunk, read, earlier] : llvm::zip(program.recurrences(), rows, reads, states)) {
    for (auto [column, sum] : llvm::zip(recurrence.columns, earlier.ys)) {
      Tile y = sum;
      if (mixer::SemiseparableOp(column.op).getInit() || marksZeroState(recurrence)) {
        Tile init = loadInitialState(b, values, program, column);
        if (earlier.passed.decay)
          init = b.generic(stateAxes(program, column), b.getF32Type(), {init, withoutLag(b, recurrence, earlier.passed.decay, earlier.lag)},
                           [](TileBuilder &b, ValueRange v) { return keptOver(b, v[0], v[1]); });
        y = b.contract({Axis::H, column.axis(), Axis::T}, b.cast(init, b.shape.operand), read, y);
      }
      ys.push_back(chunk->finished(y, column));
    }
  }
  storeOutputs(b, values, program, ys, {Axis::H, Axis::P, Axis::T}, tokens);
}

/// The final state has no quadratic form: it is the chunked recurrence over all tokens.
static void buildFinalState(TileBuilder &b, SpecValues &values, const ProgramBuilder &program) {
  auto init = [&](const Column &column) { return loadInitialState(b, values, program, column); };
  SmallVector<Tile> states = runStates(b, values, program, b.index(0), b.length(), init, /*withDecays=*/false).states;
  b.findSequence();
  storeFinalStates(b, values, program, states);
}

void addQuadraticKernels(ProgramBuilder &program) {
  program.addKernel("main", /*splits=*/false, program.shape.chunk, tile::When::Always,
                    [&](TileBuilder &b, SpecValues &values) { buildMain(b, values, program); });
  bool returnsStates = !program.everything.lastTokens.empty() || llvm::any_of(program.recurrences(), [](const Recurrence &recurrence) {
    return llvm::any_of(recurrence.columns, [](const Column &column) { return !column.stateResults.empty(); });
  });
  if (returnsStates)
    program.addKernel("final", /*splits=*/false, /*rows=*/0, tile::When::State,
                      [&](TileBuilder &b, SpecValues &values) { buildFinalState(b, values, program); });
}

} // namespace mixc
