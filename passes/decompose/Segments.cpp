// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Segments.h"
#include "Halves.h"
#include "RecurrenceChunk.h"
#include "SegmentBuffers.h"
#include "SegmentMatrices.h"
#include "SegmentPieces.h"

using namespace mlir;

namespace mixc {

std::pair<Value, Value> segmentBounds(TileBuilder &b) {
  Value span = b.span();
  Value begin = arith::MulIOp::create(b, b.segment, span);
  Value end = arith::MinUIOp::create(b, arith::AddIOp::create(b, begin, span), b.length());
  return b.isFirstHalf ? halfBounds(b, begin, end) : std::pair(begin, end);
}

SmallVector<Tile> settled(TileBuilder &b, const ProgramBuilder &program, ArrayRef<Tile> carried) {
  SmallVector<Tile> all;
  for (auto [recurrence, states] : llvm::zip(program.recurrences(), statesOf(program, carried)))
    for (auto [column, state] : llvm::zip(recurrence.columns, states.tiles))
      all.push_back(withoutLag(b, program, column, state, states.lag));
  return all;
}

void storeFinalStates(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, ArrayRef<Tile> states) {
  eachColumn(program, states, [&](const Column &column, const Tile &state) { storeFinalState(b, program, column, state); });
  storeLastTokens(b, values, program, b.sequence.getLength());
}

void keepStates(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, const TokenScope &steps, ArrayRef<Tile> carried) {
  if (!b.shape.keepsStates)
    return;
  Value tokens = tokensUpTo(b, steps);
  TileBuilder::InsideCall inside(b, tokens);
  eachColumn(program, settled(b, program, carried),
             [&](const Column &column, const Tile &state) { storeFinalState(b, program, column, state); });
  storeLastTokens(b, values, program, tokens);
}

StatesAndDecays runStates(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, Value begin, Value end,
                          function_ref<Tile(const Column &)> init, bool withDecays) {
  SmallVector<Tile> carried = flatten(initialStates(b, program, init));
  size_t numStates = carried.size();
  auto decays = [&](const Recurrence &recurrence) { return withDecays && recurrence.decays() && !recurrence.mixesEntries(); };
  for (const Recurrence &recurrence : program.recurrences())
    if (decays(recurrence))
      carried.push_back(noDecay(b, recurrence));
  carried = loopOverChunks(b, values, begin, end, carried, [&](TokenScope &tokens, ArrayRef<Tile> tiles) {
    std::vector<States> next;
    SmallVector<Tile> passed(tiles.drop_front(numStates));
    Tile *own = passed.begin();
    for (auto [recurrence, before] : llvm::zip(program.recurrences(), statesOf(program, tiles))) {
      std::unique_ptr<RecurrenceChunk> chunk = makeChunk(b, values, program, recurrence, tokens, before.lag);
      States &after = next.emplace_back(States{{}, chunk->lag});
      for (auto [column, state] : llvm::zip(recurrence.columns, before.tiles))
        after.tiles.push_back(chunk->nextState(state, column));
      if (decays(recurrence)) {
        *own = timesOver(b, recurrence, *own, chunk->whole());
        ++own;
      }
    }
    SmallVector<Tile> all = flatten(next);
    llvm::append_range(all, passed);
    return all;
  });
  StatesAndDecays result{settled(b, program, carried), {}};
  ArrayRef<Tile> passed = ArrayRef(carried).drop_front(numStates);
  for (auto [recurrence, states] : llvm::zip(program.recurrences(), statesOf(program, carried))) {
    result.decays.emplace_back();
    if (!decays(recurrence))
      continue;
    result.decays.back() = withoutLag(b, recurrence, passed.front(), states.lag);
    passed = passed.drop_front();
  }
  return result;
}

Value isLastSegment(TileBuilder &b) {
  Value last = arith::SubIOp::create(b, b.splits(), b.index(1));
  return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, b.segment, last);
}

/// state(0) = init; state(i + 1) = decay_i state(i) + own_i: state(i) takes the place of the first own state of segment i, which no
/// other block may read any more.
static void buildCombine(TileBuilder &b, SpecValues &values, const ProgramBuilder &program) {
  Value first = b.index(0), last = arith::SubIOp::create(b, b.splits(), b.index(1));
  SmallVector<Tile> states;
  for (const Recurrence &recurrence : program.recurrences())
    for (const Column &column : recurrence.columns)
      states.push_back(loadInitialState(b, values, program, column));
  auto setValues = [&](ValueRange values) {
    for (auto [state, value] : llvm::zip(states, values))
      state.value = value;
  };
  auto loop = scf::ForOp::create(b, first, last, b.index(1), llvm::map_to_vector(states, [](const Tile &tile) { return tile.value; }));
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    setValues(loop.getRegionIterArgs());
    SmallVector<Tile> starts = states;
    for (int64_t piece = 0; piece < b.shape.pieces; ++piece)
      addPiece(b, program, loop.getInductionVar(), b.index(piece), states);
    eachColumn(program, starts, [&](const Column &column, const Tile &start) {
      storeSegment(b, program, column, loop.getInductionVar(), first, start, /*once=*/true);
    });
    scf::YieldOp::create(b, llvm::map_to_vector(states, [](const Tile &tile) { return tile.value; }));
  }
  setValues(loop.getResults());
  eachColumn(program, states,
             [&](const Column &column, const Tile &state) { storeSegment(b, program, column, last, first, state, /*once=*/true); });
}

void addSegmentKernels(ProgramBuilder &program) {
  if (!program.canSplit())
    return;
  program.useSegments();
  program.addKernel(
      "states", /*splits=*/true, /*rows=*/0, tile::When::Split, [&](TileBuilder &b, SpecValues &values) { buildPiece(b, values, program); },
      program.shape.pieces);
  std::vector<Recurrence> others;
  llvm::copy_if(program.recurrences(), std::back_inserter(others), [](const Recurrence &r) { return !r.mixesEntries(); });
  if (!others.empty())
    program.eachOf(others, [&] {
      program.addKernel("combine", /*splits=*/false, /*rows=*/0, tile::When::Split, program.shapeOfStates,
                        [&](TileBuilder &b, SpecValues &values) { buildCombine(b, values, program); });
    });
  addMatrixKernels(program);
  if (program.canHalve())
    program.addKernel("clear", /*splits=*/false, /*rows=*/0, tile::When::Halved, program.shape.ofFlags(),
                      [&](TileBuilder &b, SpecValues &) { clearFlags(b, program); });
}

Tile loadSegmentState(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, const Column &column) {
  if (!program.canSplit())
    return loadInitialState(b, values, program, column);
  SmallVector<Axis, 3> axes = stateAxes(program, column);
  // Where a recurrence mixes entries, the first segment starts from the initial state itself; but from a copy of what is an argument, which
  // the last segment may overwrite by then.
  Value split = program.mixesEntries(column) && !joinsCopyInit(column)
                    ? arith::CmpIOp::create(b, arith::CmpIPredicate::ugt, b.segment, b.index(0))
                    : arith::CmpIOp::create(b, arith::CmpIPredicate::ugt, b.splits(), b.index(1));
  if (b.isSecondHalf)
    split = arith::OrIOp::create(b, split, b.isSecondHalf);
  auto branch = scf::IfOp::create(b, TypeRange{b.tileType(axes, b.getF32Type())}, split, /*withElse=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  if (b.isSecondHalf) {
    auto second = scf::IfOp::create(b, b.isSecondHalf, /*withElse=*/false);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(second.thenBlock());
    awaitFirstHalf(b, program);
  }
  scf::YieldOp::create(b, loadSegment(b, program, column, b.segment, b.index(0)).value);
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, loadInitialState(b, values, program, column).value);
  return Tile(branch.getResult(0), axes);
}

void storeStates(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, ArrayRef<Tile> states) {
  OpBuilder::InsertionGuard guard(b);
  if (b.isFirstHalf) {
    auto half = scf::IfOp::create(b, b.isFirstHalf, /*withElse=*/true);
    b.setInsertionPointToStart(half.thenBlock());
    eachColumn(program, states,
               [&](const Column &column, const Tile &state) { storeSegment(b, program, column, b.segment, b.index(0), state); });
    releaseSecondHalf(b, program);
    b.setInsertionPointToStart(half.elseBlock());
  }
  auto branch = scf::IfOp::create(b, isLastSegment(b), /*withElse=*/false);
  b.setInsertionPointToStart(branch.thenBlock());
  storeFinalStates(b, values, program, states);
}

} // namespace mixc
