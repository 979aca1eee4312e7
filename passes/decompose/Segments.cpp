// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Segments.h"
#include "ChunkMath.h"

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

static Tile loadSegment(TileBuilder &b, const ProgramBuilder &program, unsigned i, Value segment, Value piece) {
  const Column &column = program.recurrence.columns[i];
  SegmentAccess at = accessOf(b, column, segment, piece);
  SmallVector<Axis> axes = {Axis::H, column.axis(), Axis::N};
  Value source = buffer(b, program.segmentBuffer(i));
  return Tile(tile::LoadOp::create(b, b.tileType(axes, b.getF32Type()), source, at.offsets, at.dims, at.limits), axes);
}

/// With `once`, a state that does not depend on the column of P is written by the blocks of the first ones only.
static void storeSegment(TileBuilder &b, const ProgramBuilder &program, unsigned i, Value segment, Value piece, const Tile &state,
                         bool once = false) {
  const Column &column = program.recurrence.columns[i];
  SegmentAccess at = accessOf(b, column, segment, piece);
  if (once && !column.hasP && b.shape.pblocks > 1) {
    Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, b.column, b.index(0));
    at.limits[1] = arith::SelectOp::create(b, isFirst, b.index(1), b.index(0)).getResult();
  }
  tile::StoreOp::create(b, state.value, buffer(b, program.segmentBuffer(i)), at.offsets, at.dims, at.limits);
}

std::pair<Value, Value> segmentBounds(TileBuilder &b) {
  Value span = b.arg(tile::KernelOp::kSpan);
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
  States states = States::of(program, carried);
  for (auto [column, state] : llvm::zip(program.recurrence.columns, states.tiles))
    state = withoutLag(b, program, column, state, states.lag);
  return states.tiles;
}

StatesAndDecay runStates(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, Value begin, Value end, ArrayRef<Tile> init,
                         bool withDecay) {
  const Recurrence &recurrence = program.recurrence;
  States first{SmallVector<Tile>(init), hasLag(program) ? noLag(b) : Lag()};
  SmallVector<Tile> carried = first.carried();
  if (withDecay)
    carried.push_back(oneForEachHead(b));
  carried = loopOverChunks(b, values, begin, end, carried, [&](TokenScope &tokens, ArrayRef<Tile> tiles) {
    States before = States::of(program, tiles), next;
    ChunkMath math(b, values, program, tokens, before.lag);
    for (auto [column, state] : llvm::zip(recurrence.columns, before.tiles))
      next.tiles.push_back(math.nextState(state, column));
    next.lag = math.lag;
    SmallVector<Tile> all = next.carried();
    if (withDecay)
      all.push_back(timesOver(b, tiles.back(), math.whole()));
    return all;
  });
  StatesAndDecay result{settled(b, program, carried), {}};
  if (withDecay)
    result.decay = withoutLag(b, carried.back(), States::of(program, carried).lag);
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
  Value chunk = b.index(b.shape.chunk), span = b.arg(tile::KernelOp::kSpan);
  Value length = arith::MulIOp::create(b, arith::CeilDivUIOp::create(b, span, b.index(b.shape.chunk * b.shape.pieces)), chunk);
  Value first = arith::AddIOp::create(b, begin, arith::MulIOp::create(b, b.piece, length));
  return {first, arith::MinUIOp::create(b, arith::AddIOp::create(b, first, length), end)};
}

/// One piece's own state from zero and its decay. The last segment's are not needed.
static void buildStates(TileBuilder &b, SpecValues &values, const ProgramBuilder &program) {
  const Recurrence &recurrence = program.recurrence;
  auto [first, last] = segmentBounds(b);
  auto [begin, end] = pieceBounds(b, first, last);
  Value isLast = isLastSegment(b);
  end = arith::SelectOp::create(b, isLast, begin, end);
  SmallVector<Tile> init;
  for (const Column &column : recurrence.columns)
    init.push_back(b.zeros(stateAxes(program, column)));
  StatesAndDecay result = runStates(b, values, program, begin, end, init, /*withDecay=*/bool(recurrence.decay));
  auto branch = scf::IfOp::create(b, isLast, /*withElse=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.elseBlock());
  for (unsigned i = 0; i < recurrence.columns.size(); ++i)
    storeSegment(b, program, i, b.segment, b.piece, result.states[i]);
  if (result.decay)
    tile::StoreOp::create(b, result.decay.value, buffer(b, program.decayBuffer()), {b.batch, b.segment, headOf(b, b.piece)}, {2},
                          {b.getIndexAttr(b.shape.heads)});
}

/// state = decay state + own of a piece
static void addPiece(TileBuilder &b, const ProgramBuilder &program, Value segment, Value piece, MutableArrayRef<Tile> states) {
  Tile decay;
  if (program.recurrence.decay)
    decay = Tile(tile::LoadOp::create(b, b.tileType({Axis::H}, b.getF32Type()), buffer(b, program.decayBuffer()),
                                      {b.batch, segment, headOf(b, piece)}, {2}, {b.getIndexAttr(b.shape.heads)}),
                 {Axis::H});
  for (auto [i, column] : llvm::enumerate(program.recurrence.columns)) {
    SmallVector<Tile> inputs = {states[i], loadSegment(b, program, i, segment, piece)};
    if (decay)
      inputs.push_back(decay);
    states[i] = b.generic(stateAxes(program, column), b.getF32Type(), inputs, [](TileBuilder &b, ValueRange v) {
      Value kept = v.size() == 3 ? keptOver(b, v[0], v[2]) : v[0];
      return arith::AddFOp::create(b, kept, v[1]);
    });
  }
}

/// state(0) = init; state(i + 1) = decay_i state(i) + own_i: state(i) takes the place of the first own state of segment i, which no
/// other block may read any more.
static void buildCombine(TileBuilder &b, SpecValues &values, const ProgramBuilder &program) {
  const Recurrence &recurrence = program.recurrence;
  Value first = b.index(0), last = arith::SubIOp::create(b, b.splits(), b.index(1));
  SmallVector<Value> init;
  for (const Column &column : recurrence.columns)
    init.push_back(loadInitialState(b, values, program, column).value);
  auto tiles = [&](ValueRange values) {
    SmallVector<Tile> states;
    for (auto [value, column] : llvm::zip(values, recurrence.columns))
      states.push_back(Tile(value, stateAxes(program, column)));
    return states;
  };
  auto loop = scf::ForOp::create(b, first, last, b.index(1), init);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    SmallVector<Tile> starts = tiles(loop.getRegionIterArgs()), states = starts;
    for (int64_t piece = 0; piece < b.shape.pieces; ++piece)
      addPiece(b, program, loop.getInductionVar(), b.index(piece), states);
    for (auto [i, start] : llvm::enumerate(starts))
      storeSegment(b, program, i, loop.getInductionVar(), first, start, /*once=*/true);
    scf::YieldOp::create(b, llvm::map_to_vector(states, [](const Tile &tile) { return tile.value; }));
  }
  for (auto [i, state] : llvm::enumerate(tiles(loop.getResults())))
    storeSegment(b, program, i, last, first, state, /*once=*/true);
}

static void clearFlags(TileBuilder &b, const ProgramBuilder &program) {
  auto type = RankedTensorType::get({program.numUnits()}, b.getF32Type());
  Value zeros = arith::ConstantOp::create(b, type, DenseElementsAttr::get(type, 0.0f));
  OpFoldResult zero = b.getIndexAttr(0);
  tile::StoreOp::create(b, zeros, buffer(b, program.flagBuffer()), {b.batch, zero, zero}, {2}, {b.getIndexAttr(program.numUnits())});
}

void addSegmentKernels(ProgramBuilder &program) {
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

Tile loadSegmentState(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, unsigned i) {
  const Column &column = program.recurrence.columns[i];
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
  scf::YieldOp::create(b, loadSegment(b, program, i, b.segment, b.index(0)).value);
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, loadInitialState(b, values, program, column).value);
  return Tile(branch.getResult(0), axes);
}

void storeStates(TileBuilder &b, const ProgramBuilder &program, ArrayRef<Tile> states) {
  OpBuilder::InsertionGuard guard(b);
  if (b.isFirstHalf) {
    auto half = scf::IfOp::create(b, b.isFirstHalf, /*withElse=*/true);
    b.setInsertionPointToStart(half.thenBlock());
    for (auto [i, state] : llvm::enumerate(states))
      storeSegment(b, program, i, b.segment, b.index(0), state);
    tile::ReleaseOp::create(b, buffer(b, program.flagBuffer()), ValueRange{b.batch, b.segment, b.unit});
    b.setInsertionPointToStart(half.elseBlock());
  }
  auto branch = scf::IfOp::create(b, isLastSegment(b), /*withElse=*/false);
  b.setInsertionPointToStart(branch.thenBlock());
  for (auto [column, state] : llvm::zip(program.recurrence.columns, states))
    storeFinalState(b, program, column, state);
}

} // namespace mixc
