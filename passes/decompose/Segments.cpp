// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Segments.h"
#include "RecurrenceChunk.h"

using namespace mlir;

namespace mixc {

namespace {
/// Where a column's state stands in a segment buffer [B, splits, pieces x H, P, N].
struct SegmentAccess {
  SmallVector<OpFoldResult> offsets, limits;
  SmallVector<int64_t> dims = {2, 3, 4};
};
} // namespace

static Value buffer(TileBuilder &b, unsigned number) { return b.arg(tile::KernelOp::kFirstMemref + number); }

/// The place of this block's heads among those of all pieces.
static Value headOf(TileBuilder &b, Value piece) {
  Value first = arith::MulIOp::create(b, piece, b.index(b.shape.headBlocks * b.shape.heads));
  return arith::AddIOp::create(b, first, b.head);
}

static SegmentAccess accessOf(TileBuilder &b, const Column &column, Value segment, Value piece) {
  OpFoldResult zero = b.getIndexAttr(0);
  OpFoldResult p0 = column.hasP && b.shape.pblocks > 1 ? OpFoldResult(b.column) : zero;
  return {{b.batch, segment, headOf(b, piece), p0, zero},
          {b.getIndexAttr(b.shape.heads), column.hasP ? b.columnLimit() : b.getIndexAttr(1), b.getIndexAttr(b.shape.n)}};
}

static Tile loadSegment(TileBuilder &b, const ProgramBuilder &program, const Column &column, Value segment, Value piece) {
  SegmentAccess at = accessOf(b, column, segment, piece);
  SmallVector<Axis> axes = {Axis::H, column.axis(), Axis::N};
  Value source = buffer(b, program.segmentBuffer(column));
  return Tile(tile::LoadOp::create(b, b.tileType(axes, b.getF32Type()), source, at.offsets, at.dims, at.limits), axes);
}

/// With `once`, a state that does not depend on the column of P is written by the blocks of the first ones only.
static void storeSegment(TileBuilder &b, const ProgramBuilder &program, const Column &column, Value segment, Value piece, const Tile &state,
                         bool once = false) {
  SegmentAccess at = accessOf(b, column, segment, piece);
  if (once && !column.hasP && b.shape.pblocks > 1) {
    Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, b.column, b.index(0));
    at.limits[1] = arith::SelectOp::create(b, isFirst, b.index(1), b.index(0)).getResult();
  }
  tile::StoreOp::create(b, state.value, buffer(b, program.segmentBuffer(column)), at.offsets, at.dims, at.limits);
}

/// Visits the columns of all recurrences in order, each with its tile of `tiles`.
template <typename Visit> static void eachColumn(const ProgramBuilder &program, ArrayRef<Tile> tiles, Visit visit) {
  for (const Recurrence &recurrence : program.recurrences())
    for (const Column &column : recurrence.columns) {
      visit(column, tiles.front());
      tiles = tiles.drop_front();
    }
}

std::pair<Value, Value> segmentBounds(TileBuilder &b) {
  Value span = b.span();
  Value begin = arith::MulIOp::create(b, b.segment, span);
  Value end = arith::MinUIOp::create(b, arith::AddIOp::create(b, begin, span), b.length());
  if (!b.isFirstHalf)
    return {begin, end};
  // Whole chunks; only sequences that are one segment are halved.
  Value chunk = b.index(b.shape.chunk);
  Value half = arith::MulIOp::create(b, arith::CeilDivUIOp::create(b, b.length(), b.index(2 * b.shape.chunk)), chunk);
  return {arith::SelectOp::create(b, b.isSecondHalf, half, begin), arith::SelectOp::create(b, b.isFirstHalf, half, end)};
}

SmallVector<Tile> settled(TileBuilder &b, const ProgramBuilder &program, ArrayRef<Tile> carried) {
  SmallVector<Tile> all;
  for (auto [recurrence, states] : llvm::zip(program.recurrences(), statesOf(program, carried)))
    for (auto [column, state] : llvm::zip(recurrence.columns, states.tiles))
      all.push_back(withoutLag(b, program, column, state, states.lag));
  return all;
}

void storeFinalStates(TileBuilder &b, const ProgramBuilder &program, ArrayRef<Tile> states) {
  eachColumn(program, states, [&](const Column &column, const Tile &state) { storeFinalState(b, program, column, state); });
}

StatesAndDecays runStates(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, Value begin, Value end,
                          function_ref<Tile(const Column &)> init, bool withDecays) {
  SmallVector<Tile> carried = flatten(initialStates(b, program, init));
  size_t numStates = carried.size();
  auto decays = [&](const Recurrence &recurrence) { return withDecays && recurrence.decay; };
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
        *own = timesOver(b, *own, chunk->whole());
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
    result.decays.back() = withoutLag(b, passed.front(), states.lag);
    passed = passed.drop_front();
  }
  return result;
}

static Value isLastSegment(TileBuilder &b) {
  Value last = arith::SubIOp::create(b, b.splits(), b.index(1));
  return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, b.segment, last);
}

/// The tokens of this block's piece of its segment: whole chunks.
static std::pair<Value, Value> pieceBounds(TileBuilder &b, Value begin, Value end) {
  if (b.shape.pieces == 1)
    return {begin, end};
  Value chunk = b.index(b.shape.chunk), span = b.span();
  Value length = arith::MulIOp::create(b, arith::CeilDivUIOp::create(b, span, b.index(b.shape.chunk * b.shape.pieces)), chunk);
  Value first = arith::AddIOp::create(b, begin, arith::MulIOp::create(b, b.piece, length));
  return {first, arith::MinUIOp::create(b, arith::AddIOp::create(b, first, length), end)};
}

namespace {
/// Where a recurrence's decay over a piece stands in its buffer [B, splits, pieces x H] or [B, splits, pieces x H, N].
struct DecayAccess {
  SmallVector<Axis> axes{Axis::H};
  SmallVector<OpFoldResult> offsets, limits;
  SmallVector<int64_t> dims{2};
};
} // namespace

static DecayAccess decayAccess(TileBuilder &b, const Recurrence &recurrence, Value segment, Value piece) {
  DecayAccess at;
  at.offsets = {b.batch, segment, headOf(b, piece)};
  at.limits = {b.getIndexAttr(b.shape.heads)};
  if (recurrence.decaysEntries()) {
    at.axes.push_back(Axis::N);
    at.offsets.push_back(b.getIndexAttr(0));
    at.limits.push_back(b.getIndexAttr(b.shape.n));
    at.dims.push_back(3);
  }
  return at;
}

/// One piece's own states from zero and its decays. The last segment's are not needed.
static void buildStates(TileBuilder &b, SpecValues &values, const ProgramBuilder &program) {
  auto [first, last] = segmentBounds(b);
  auto [begin, end] = pieceBounds(b, first, last);
  Value isLast = isLastSegment(b);
  end = arith::SelectOp::create(b, isLast, begin, end);
  auto zero = [&](const Column &column) { return b.zeros(stateAxes(program, column)); };
  StatesAndDecays result = runStates(b, values, program, begin, end, zero, /*withDecays=*/true);
  auto branch = scf::IfOp::create(b, isLast, /*withElse=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.elseBlock());
  eachColumn(program, result.states,
             [&](const Column &column, const Tile &state) { storeSegment(b, program, column, b.segment, b.piece, state); });
  for (auto [recurrence, decay] : llvm::zip(program.recurrences(), result.decays)) {
    if (!decay)
      continue;
    DecayAccess at = decayAccess(b, recurrence, b.segment, b.piece);
    tile::StoreOp::create(b, decay.value, buffer(b, program.decayBuffer(recurrence)), at.offsets, at.dims, at.limits);
  }
}

/// state = decay state + own of a piece
static void addPiece(TileBuilder &b, const ProgramBuilder &program, Value segment, Value piece, MutableArrayRef<Tile> states) {
  for (const Recurrence &recurrence : program.recurrences()) {
    Tile decay;
    if (recurrence.decay) {
      DecayAccess at = decayAccess(b, recurrence, segment, piece);
      Value source = buffer(b, program.decayBuffer(recurrence));
      decay = Tile(tile::LoadOp::create(b, b.tileType(at.axes, b.getF32Type()), source, at.offsets, at.dims, at.limits), at.axes);
    }
    for (const Column &column : recurrence.columns) {
      Tile &state = states.front();
      states = states.drop_front();
      SmallVector<Tile> inputs = {state, loadSegment(b, program, column, segment, piece)};
      if (decay)
        inputs.push_back(decay);
      state = b.generic(stateAxes(program, column), b.getF32Type(), inputs, [](TileBuilder &b, ValueRange v) {
        Value kept = v.size() == 3 ? keptOver(b, v[0], v[2]) : v[0];
        return arith::AddFOp::create(b, kept, v[1]);
      });
    }
  }
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

static void clearFlags(TileBuilder &b, const ProgramBuilder &program) {
  auto type = RankedTensorType::get({program.numUnits()}, b.getF32Type());
  Value zeros = arith::ConstantOp::create(b, type, DenseElementsAttr::get(type, 0.0f));
  OpFoldResult zero = b.getIndexAttr(0);
  tile::StoreOp::create(b, zeros, buffer(b, program.flagBuffer()), {b.batch, zero, zero}, {2}, {b.getIndexAttr(program.numUnits())});
}

void addSegmentKernels(ProgramBuilder &program) {
  if (!program.canSplit())
    return;
  program.useSegments();
  program.addKernel(
      "states", /*splits=*/true, /*rows=*/0, tile::When::Split,
      [&](TileBuilder &b, SpecValues &values) { buildStates(b, values, program); }, program.shape.pieces);
  program.addKernel(
      "combine", /*splits=*/false, /*rows=*/0, tile::When::Split,
      [&](TileBuilder &b, SpecValues &values) { buildCombine(b, values, program); }, /*pieces=*/1, /*states=*/true);
  if (program.canHalve())
    program.addKernel("clear", /*splits=*/false, /*rows=*/0, tile::When::Halved,
                      [&](TileBuilder &b, SpecValues &) { clearFlags(b, program); });
}

Tile loadSegmentState(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, const Column &column) {
  if (!program.canSplit())
    return loadInitialState(b, values, program, column);
  SmallVector<Axis, 3> axes = stateAxes(program, column);
  Value split = arith::CmpIOp::create(b, arith::CmpIPredicate::ugt, b.splits(), b.index(1));
  if (b.isSecondHalf)
    split = arith::OrIOp::create(b, split, b.isSecondHalf);
  auto branch = scf::IfOp::create(b, TypeRange{b.tileType(axes, b.getF32Type())}, split, /*withElse=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  if (b.isSecondHalf) {
    auto second = scf::IfOp::create(b, b.isSecondHalf, /*withElse=*/false);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(second.thenBlock());
    tile::AcquireOp::create(b, buffer(b, program.flagBuffer()), ValueRange{b.batch, b.segment, b.unit});
  }
  scf::YieldOp::create(b, loadSegment(b, program, column, b.segment, b.index(0)).value);
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, loadInitialState(b, values, program, column).value);
  return Tile(branch.getResult(0), axes);
}

void storeStates(TileBuilder &b, const ProgramBuilder &program, ArrayRef<Tile> states) {
  OpBuilder::InsertionGuard guard(b);
  if (b.isFirstHalf) {
    auto half = scf::IfOp::create(b, b.isFirstHalf, /*withElse=*/true);
    b.setInsertionPointToStart(half.thenBlock());
    eachColumn(program, states,
               [&](const Column &column, const Tile &state) { storeSegment(b, program, column, b.segment, b.index(0), state); });
    tile::ReleaseOp::create(b, buffer(b, program.flagBuffer()), ValueRange{b.batch, b.segment, b.unit});
    b.setInsertionPointToStart(half.elseBlock());
  }
  auto branch = scf::IfOp::create(b, isLastSegment(b), /*withElse=*/false);
  b.setInsertionPointToStart(branch.thenBlock());
  storeFinalStates(b, program, states);
}

} // namespace mixc
