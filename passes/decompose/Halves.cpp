// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Halves.h"
#include "SegmentBuffers.h"

using namespace mlir;

namespace mixc {

// Blocks whose work is halved have two numbers: the first half is done by the block of that number, the second half by one that
// comes after all whole ones.
Value TileBuilder::wholeBlock() {
  Value block = arg(tile::KernelOp::kBlock);
  tile::GridAttr grid = kernel.getGrid();
  if (!grid.getHalves())
    return block;
  Value whole = index(grid.getBlocks());
  if (grid.getBands())
    whole = timesBands(whole);
  if (grid.getBatch())
    whole = arith::MulIOp::create(*this, whole, arg(tile::KernelOp::kBatch));
  // Only sequences that are one segment are halved.
  Value blocks = tile::BlocksOp::create(*this, getIndexType());
  Value isOne = arith::CmpIOp::create(*this, arith::CmpIPredicate::eq, arg(tile::KernelOp::kSplits), index(1));
  whole = arith::SelectOp::create(*this, isOne, whole, blocks);
  Value halved = arith::SubIOp::create(*this, blocks, whole);
  isFirstHalf = arith::CmpIOp::create(*this, arith::CmpIPredicate::ult, block, halved);
  isSecondHalf = arith::CmpIOp::create(*this, arith::CmpIPredicate::uge, block, whole);
  Value number = arith::SelectOp::create(*this, isSecondHalf, arith::SubIOp::create(*this, block, whole), block);
  // Which it has anyway; what follows is then computed in 32 bits.
  return arith::AndIOp::create(*this, number, index(INT32_MAX));
}

std::pair<Value, Value> halfBounds(TileBuilder &b, Value begin, Value end) {
  // Whole chunks.
  Value chunk = b.index(b.shape.chunk);
  Value half = arith::MulIOp::create(b, arith::CeilDivUIOp::create(b, b.length(), b.index(2 * b.shape.chunk)), chunk);
  return {arith::SelectOp::create(b, b.isSecondHalf, half, begin), arith::SelectOp::create(b, b.isFirstHalf, half, end)};
}

void clearFlags(TileBuilder &b, const ProgramBuilder &program) {
  const int64_t units = program.numUnits();
  auto type = RankedTensorType::get({units}, b.getF32Type());
  Value zeros = arith::ConstantOp::create(b, type, DenseElementsAttr::get(type, 0.0f));
  OpFoldResult zero = b.getIndexAttr(0);
  OpFoldResult first = b.shape.hasBands ? OpFoldResult(arith::MulIOp::create(b, b.unit, b.index(units)).getResult()) : zero;
  tile::StoreOp::create(b, zeros, bufferOf(b, program.flagBuffer()), {b.batch, zero, first}, {2}, {b.getIndexAttr(units)});
}

void awaitFirstHalf(TileBuilder &b, const ProgramBuilder &program) {
  tile::AcquireOp::create(b, bufferOf(b, program.flagBuffer()), ValueRange{b.batch, b.segment, b.unit});
}

void releaseSecondHalf(TileBuilder &b, const ProgramBuilder &program) {
  tile::ReleaseOp::create(b, bufferOf(b, program.flagBuffer()), ValueRange{b.batch, b.segment, b.unit});
}

} // namespace mixc
