// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "SegmentBuffers.h"

using namespace mlir;

namespace mixc {

namespace {
/// Where a column's state stands in a segment buffer [B, splits, pieces x H, P, N].
struct SegmentAccess {
  SmallVector<OpFoldResult> offsets, limits;
  SmallVector<int64_t> dims = {2, 3, 4};
};
} // namespace

Value bufferOf(TileBuilder &b, unsigned number) { return b.arg(tile::KernelOp::kFirstMemref + number); }

Value headOf(TileBuilder &b, Value piece) {
  Value first = arith::MulIOp::create(b, piece, b.timesBands(b.index(b.shape.headBlocks * b.shape.heads)));
  return arith::AddIOp::create(b, first, b.head);
}

static SegmentAccess accessOf(TileBuilder &b, const Column &column, Value segment, Value piece) {
  OpFoldResult zero = b.getIndexAttr(0);
  OpFoldResult p0 = column.hasP && b.shape.pblocks > 1 ? OpFoldResult(b.column) : zero;
  SmallVector<OpFoldResult> offsets = b.segmentAt(segment);
  offsets.append({headOf(b, piece), p0, zero});
  return {offsets, {b.getIndexAttr(b.shape.heads), column.hasP ? b.columnLimit() : b.getIndexAttr(1), b.getIndexAttr(b.shape.n)}};
}

Tile loadSegment(TileBuilder &b, const ProgramBuilder &program, const Column &column, Value segment, Value piece) {
  SegmentAccess at = accessOf(b, column, segment, piece);
  SmallVector<Axis> axes = {Axis::H, column.axis(), Axis::N};
  Value source = bufferOf(b, program.segmentBuffer(column));
  return Tile(tile::LoadOp::create(b, b.tileType(axes, b.getF32Type()), source, at.offsets, at.dims, at.limits), axes);
}

void storeSegment(TileBuilder &b, const ProgramBuilder &program, const Column &column, Value segment, Value piece, const Tile &state,
                  bool once) {
  SegmentAccess at = accessOf(b, column, segment, piece);
  if (once && !column.hasP && b.shape.pblocks > 1) {
    Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, b.column, b.index(0));
    at.limits[1] = arith::SelectOp::create(b, isFirst, b.index(1), b.index(0)).getResult();
  }
  tile::StoreOp::create(b, state.value, bufferOf(b, program.segmentBuffer(column)), at.offsets, at.dims, at.limits);
}

} // namespace mixc
