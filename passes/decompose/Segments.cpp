// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Segments.h"
#include "ChunkMath.h"

using namespace mlir;

namespace mixc {

namespace {
/// Where a column's state stands in a segment buffer [B, splits, H, P, N].
struct SegmentAccess {
  SmallVector<OpFoldResult> offsets, limits;
  SmallVector<int64_t> dims = {2, 3, 4};
};
} // namespace

static Value buffer(TileBuilder &b, unsigned number) { return b.arg(tile::KernelOp::kFirstMemref + number); }

static SegmentAccess accessOf(TileBuilder &b, const Column &column, Value segment) {
  OpFoldResult zero = b.getIndexAttr(0);
  OpFoldResult p0 = column.hasP && b.shape.pblocks > 1 ? OpFoldResult(b.column) : zero;
  return {{b.batch, segment, b.head, p0, zero},
          {b.getIndexAttr(b.shape.heads), column.hasP ? b.columnLimit() : b.getIndexAttr(1), b.getIndexAttr(b.shape.n)}};
}

static Tile loadSegment(TileBuilder &b, const ProgramBuilder &program, unsigned i, Value segment) {
  const Column &column = program.recurrence.columns[i];
  SegmentAccess at = accessOf(b, column, segment);
  SmallVector<Axis> axes = {Axis::H, column.axis(), Axis::N};
  Value source = buffer(b, program.segmentBuffer(i));
  return Tile(tile::LoadOp::create(b, b.tileType(axes, b.getF32Type()), source, at.offsets, at.dims, at.limits), axes);
}

static void storeSegment(TileBuilder &b, const ProgramBuilder &program, unsigned i, Value segment, const Tile &state) {
  SegmentAccess at = accessOf(b, program.recurrence.columns[i], segment);
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

SmallVector<Tile> runStates(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, Value begin, Value end,
                            ArrayRef<Tile> init, bool withDecay) {
  const Recurrence &recurrence = program.recurrence;
  return loopOverChunks(b, values, begin, end, init, [&](TokenScope &tokens, ArrayRef<Tile> carried) {
    ChunkMath math(b, values, recurrence, tokens);
    SmallVector<Tile> next;
    for (auto [column, state] : llvm::zip(recurrence.columns, carried))
      next.push_back(math.nextState(state, column));
    if (withDecay)
      next.push_back(b.generic({Axis::H}, b.getF32Type(),
                               {carried.back(), math.fromStart.at(Axis::T, b.shape.chunk - 1)},
                               [](TileBuilder &b, ValueRange v) { return arith::MulFOp::create(b, v[0], v[1]); }));
    return next;
  });
}

/// One segment's own state from zero and its decay. The last segment's are not needed.
static void buildStates(TileBuilder &b, SpecValues &values, const ProgramBuilder &program) {
  const Recurrence &recurrence = program.recurrence;
  auto [begin, end] = segmentBounds(b);
  Value last = arith::SubIOp::create(b, b.splits(), b.index(1));
  Value isLast = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, b.segment, last);
  end = arith::SelectOp::create(b, isLast, begin, end);
  SmallVector<Tile> init;
  for (const Column &column : recurrence.columns)
    init.push_back(b.zeros(stateAxes(program, column)));
  bool withDecay = bool(recurrence.decay);
  if (withDecay)
    init.push_back(b.generic({Axis::H}, b.getF32Type(), {}, [](TileBuilder &b, ValueRange) {
      return arith::ConstantOp::create(b, b.getF32FloatAttr(1)).getResult();
    }));
  SmallVector<Tile> result = runStates(b, values, program, begin, end, init, withDecay);
  for (unsigned i = 0; i < recurrence.columns.size(); ++i)
    storeSegment(b, program, i, b.segment, result[i]);
  if (withDecay)
    tile::StoreOp::create(b, result.back().value, buffer(b, program.decayBuffer()), {b.batch, b.segment, b.head}, {2},
                          {b.getIndexAttr(b.shape.heads)});
}

/// state(0) = init; state(i + 1) = decay_i state(i) + own_i: each own_i is replaced by state(i).
static void buildCombine(TileBuilder &b, SpecValues &values, const ProgramBuilder &program) {
  const Recurrence &recurrence = program.recurrence;
  SmallVector<Value> init;
  for (const Column &column : recurrence.columns)
    init.push_back(loadInitialState(b, values, program, column).value);
  auto loop = scf::ForOp::create(b, b.index(0), b.splits(), b.index(1), init);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value segment = loop.getInductionVar();
  Tile decay;
  if (recurrence.decay)
    decay = Tile(tile::LoadOp::create(b, b.tileType({Axis::H}, b.getF32Type()), buffer(b, program.decayBuffer()),
                                      {b.batch, segment, b.head}, {2}, {b.getIndexAttr(b.shape.heads)}),
                 {Axis::H});
  SmallVector<Value> next;
  for (auto [i, column] : llvm::enumerate(recurrence.columns)) {
    SmallVector<Axis, 3> axes = stateAxes(program, column);
    Tile state(loop.getRegionIterArgs()[i], axes), own = loadSegment(b, program, i, segment);
    storeSegment(b, program, i, segment, state);
    SmallVector<Tile> inputs = {state, own};
    if (decay)
      inputs.push_back(decay);
    Tile sum = b.generic(axes, b.getF32Type(), inputs, [](TileBuilder &b, ValueRange v) {
      Value kept = v.size() == 3 ? arith::MulFOp::create(b, v[0], v[2]).getResult() : v[0];
      return arith::AddFOp::create(b, kept, v[1]);
    });
    next.push_back(sum.value);
  }
  scf::YieldOp::create(b, next);
}

static void clearFlags(TileBuilder &b, const ProgramBuilder &program) {
  auto type = RankedTensorType::get({program.numUnits()}, b.getF32Type());
  Value zeros = arith::ConstantOp::create(b, type, DenseElementsAttr::get(type, 0.0f));
  OpFoldResult zero = b.getIndexAttr(0);
  tile::StoreOp::create(b, zeros, buffer(b, program.flagBuffer()), {b.batch, zero, zero}, {2},
                        {b.getIndexAttr(program.numUnits())});
}

void addSegmentKernels(ProgramBuilder &program) {
  program.useSegments();
  program.addKernel("states", /*splits=*/true, /*rows=*/0, tile::When::Split,
                    [&](TileBuilder &b, SpecValues &values) { buildStates(b, values, program); });
  program.addKernel("combine", /*splits=*/false, /*rows=*/0, tile::When::Split,
                    [&](TileBuilder &b, SpecValues &values) { buildCombine(b, values, program); });
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
  scf::YieldOp::create(b, loadSegment(b, program, i, b.segment).value);
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
      storeSegment(b, program, i, b.segment, state);
    tile::ReleaseOp::create(b, buffer(b, program.flagBuffer()), ValueRange{b.batch, b.segment, b.unit});
    b.setInsertionPointToStart(half.elseBlock());
  }
  Value last = arith::SubIOp::create(b, b.splits(), b.index(1));
  Value isLast = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, b.segment, last);
  auto branch = scf::IfOp::create(b, isLast, /*withElse=*/false);
  b.setInsertionPointToStart(branch.thenBlock());
  for (auto [column, state] : llvm::zip(program.recurrence.columns, states))
    storeFinalState(b, program, column, state);
}

} // namespace mixc
