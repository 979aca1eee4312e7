// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "SegmentPieces.h"
#include "RecurrenceChunk.h"
#include "SegmentBuffers.h"
#include "SegmentMatrices.h"
#include "Segments.h"

using namespace mlir;

namespace mixc {

std::pair<Value, Value> pieceBounds(TileBuilder &b, Value begin, Value end) {
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
  at.offsets = b.segmentAt(segment);
  at.offsets.push_back(headOf(b, piece));
  at.limits = {b.getIndexAttr(b.shape.heads)};
  if (recurrence.decaysEntries()) {
    at.axes.push_back(Axis::N);
    at.offsets.push_back(b.getIndexAttr(0));
    at.limits.push_back(b.getIndexAttr(b.shape.n));
    at.dims.push_back(3);
  }
  return at;
}

/// Zero; but those of recurrences that mix entries start the first piece of the first segment from the initial state, and no transition of
/// it is needed.
static Tile startOfPiece(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, const Column &column) {
  SmallVector<Axis, 3> axes = stateAxes(program, column);
  if (!program.mixesEntries(column) || !mixer::SemiseparableOp(column.op).getInit())
    return b.zeros(axes);
  auto branch = scf::IfOp::create(b, TypeRange{b.tileType(axes, b.getF32Type())}, isFirstPiece(b), /*withElse=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(b, loadInitialState(b, values, program, column).value);
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, b.zeros(axes).value);
  return Tile(branch.getResult(0), axes);
}

void buildPiece(TileBuilder &b, SpecValues &values, const ProgramBuilder &program) {
  auto [first, last] = segmentBounds(b);
  auto [begin, end] = pieceBounds(b, first, last);
  end = arith::SelectOp::create(b, isLastSegment(b), begin, end);
  StatesAndDecays result = runStates(
      b, values, program, begin, end, [&](const Column &column) { return startOfPiece(b, values, program, column); }, /*withDecays=*/true);
  b.findSequence();
  auto branch = scf::IfOp::create(b, isLastSegment(b), /*withElse=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.elseBlock());
  eachColumn(program, result.states,
             [&](const Column &column, const Tile &state) { storeSegment(b, program, column, b.segment, b.piece, state); });
  for (auto [recurrence, decay] : llvm::zip(program.recurrences(), result.decays)) {
    if (!decay)
      continue;
    DecayAccess at = decayAccess(b, recurrence, b.segment, b.piece);
    tile::StoreOp::create(b, decay.value, bufferOf(b, program.transitionBuffer(recurrence)), at.offsets, at.dims, at.limits);
  }
}

void addPiece(TileBuilder &b, const ProgramBuilder &program, Value segment, Value piece, MutableArrayRef<Tile> states) {
  for (const Recurrence &recurrence : program.recurrences()) {
    Tile decay;
    if (recurrence.decays()) {
      DecayAccess at = decayAccess(b, recurrence, segment, piece);
      Value source = bufferOf(b, program.transitionBuffer(recurrence));
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

} // namespace mixc
