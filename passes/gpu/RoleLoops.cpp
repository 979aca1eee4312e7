// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How a role goes through the blocks and chunks, and where it finds a chunk's tiles in the rings.

#include "EarlyWork.h"
#include "KernelConverter.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// The parts of the number that a role carries from chunk to chunk.
static constexpr int64_t kStageBits = 255, kParityBit = 256, kTurnBit = 512;

void KernelConverter::enter(const Scope &scope) {
  map = scope.map;
  fragments = scope.fragments;
  shared = scope.shared;
}

Value KernelConverter::slotOf(Value ring, Value number) {
  return SlotOp::create(b, ring.getLoc(), ::cast<SharedType>(ring.getType()).getStage(), ring, number);
}

Value KernelConverter::numberOfPart(Value stage, Value ofPart) {
  Location loc = source.getLoc();
  return arith::AddIOp::create(b, loc, arith::MulIOp::create(b, loc, ofPart, index(stages)), stage);
}

Value KernelConverter::slotOfPart(Value ring, Value stage, Value ofPart) { return slotOf(ring, numberOfPart(stage, ofPart)); }

/// Lets the loop's loads and small tiles name what a stage holds of them for a part.
void KernelConverter::nameStage(Roles &roles, Value stage, Value ofPart) {
  for (auto [load, ring] : llvm::zip(roles.ahead.staged, roles.ahead.buffers))
    shared[load.getTile()] = workOf(load).getEachPart() ? slotOfPart(ring, stage, ofPart) : slotOf(ring, stage);
  for (Value tile : roles.ahead.chainShared)
    shared[tile] = slotOfPart(roles.smallBuffers.lookup(tile), stage, ofPart);
}

bool KernelConverter::readsSmallTile(Roles &roles, Operation *op) {
  return llvm::any_of(usedBy(op), [&](Value tile) { return llvm::is_contained(roles.ahead.chainShared, tile); });
}

/// The work of this block's number and of those that no block is launched for; `body` does that of `blockNumber`, from `place` on.
LogicalResult KernelConverter::eachBlock(function_ref<LogicalResult()> body) {
  Location loc = source.getLoc();
  Value first = BlockOp::create(b, loc, b.getIndexType(), Value());
  Value all = tile::BlocksOp::create(b, loc, b.getIndexType()), launched = GridOp::create(b, loc, b.getIndexType());
  auto loop = scf::ForOp::create(b, loc, first, all, launched, ValueRange{i32(0)});
  OpBuilder::InsertionGuard guard(b);
  if (!loop.getBody()->empty())
    loop.getBody()->back().erase();
  b.setInsertionPointToEnd(loop.getBody());
  blockNumber = loop.getInductionVar();
  map.map(source.getBody().getArgument(tile::KernelOp::kBlock), blockNumber);
  place = loop.getRegionIterArg(0);
  if (failed(body()))
    return failure();
  scf::YieldOp::create(b, loc, place);
  return success();
}

/// The block's first chunk that is this warp's, where `stride` warps take turns, from block to block too.
Value KernelConverter::firstOfTurns(int64_t stride) {
  Location loc = source.getLoc();
  Value taken = arith::RemUIOp::create(b, loc, place, i32(stride));
  Value mine = arith::AddIOp::create(b, loc, arith::IndexCastUIOp::create(b, loc, b.getI32Type(), part), i32(stride));
  return arith::RemUIOp::create(b, loc, arith::SubIOp::create(b, loc, mine, taken), i32(stride));
}

/// A loop like the source's, that also carries, in one number, the stage, the parity of the ring's round and the turn; `body` ends with
/// what it carries else. It leaves its place to the next block, but with a stride: then it runs from chunk `first` of the block on,
/// leaves out those of other warps, and `place` counts the chunks before the block.
scf::ForOp KernelConverter::chunkLoopOf(scf::ForOp loop, ArrayRef<Value> inits, function_ref<LogicalResult(scf::ForOp, Value, Value)> body,
                                        Value first, int64_t stride) {
  Location loc = loop.getLoc();
  Value begin = map.lookupOrDefault(loop.getLowerBound()), end = map.lookupOrDefault(loop.getUpperBound());
  Value step = map.lookupOrDefault(loop.getStep());
  SmallVector<Value> all(inits);
  if (first) {
    Value chunk = arith::AddIOp::create(b, loc, place, first), round = arith::DivUIOp::create(b, loc, chunk, i32(stages));
    Value parity = arith::MulIOp::create(b, loc, arith::AndIOp::create(b, loc, round, i32(1)), i32(kParityBit));
    all.push_back(arith::AddIOp::create(b, loc, arith::RemUIOp::create(b, loc, chunk, i32(stages)), parity));
    begin = tokenOf(loop, first);
    step = arith::MulIOp::create(b, loc, step, index(stride));
  } else {
    all.push_back(place);
  }
  auto made = scf::ForOp::create(b, loc, begin, end, step, all);
  OpBuilder::InsertionGuard guard(b);
  if (!made.getBody()->empty())
    made.getBody()->back().erase();
  b.setInsertionPointToEnd(made.getBody());
  map.map(loop.getInductionVar(), made.getInductionVar());
  Value now = made.getRegionIterArgs().back();
  auto asIndex = [&](Value value) -> Value { return arith::IndexCastUIOp::create(b, loc, b.getIndexType(), value); };
  auto flag = [&](int64_t bit) {
    Value shifted = arith::ShRUIOp::create(b, loc, now, i32(llvm::Log2_64(bit)));
    return asIndex(arith::AndIOp::create(b, loc, shifted, i32(1)));
  };
  Value stage = arith::AndIOp::create(b, loc, now, i32(kStageBits)), parity = flag(kParityBit);
  turn = flag(kTurnBit);
  if (failed(body(made, asIndex(stage), parity)))
    return {};
  SmallVector<Value> yields(carriedOut);
  carriedOut.clear();
  Value next = arith::AddIOp::create(b, loc, stage, i32(stride)), moved = arith::AddIOp::create(b, loc, now, i32(stride));
  Value wraps = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::uge, next, i32(stages));
  Value wrapped = arith::XOrIOp::create(b, loc, arith::SubIOp::create(b, loc, moved, i32(stages)), i32(kParityBit));
  yields.push_back(arith::XOrIOp::create(b, loc, arith::SelectOp::create(b, loc, wraps, wrapped, moved), i32(kTurnBit)));
  scf::YieldOp::create(b, loc, yields);
  if (!first)
    place = made.getResults().back();
  return made;
}

Value KernelConverter::countChunks(scf::ForOp loop) {
  Location loc = loop.getLoc();
  Value begin = map.lookupOrDefault(loop.getLowerBound()), end = map.lookupOrDefault(loop.getUpperBound());
  Value length = arith::MaxSIOp::create(b, loc, arith::SubIOp::create(b, loc, end, begin), index(0));
  Value chunks = arith::CeilDivUIOp::create(b, loc, length, map.lookupOrDefault(loop.getStep()));
  return arith::IndexCastUIOp::create(b, loc, b.getI32Type(), chunks);
}

/// Where a chunk of the block begins.
Value KernelConverter::tokenOf(scf::ForOp loop, Value chunk) {
  Location loc = loop.getLoc();
  Value chunks = arith::IndexCastUIOp::create(b, loc, b.getIndexType(), chunk);
  Value tokens = arith::MulIOp::create(b, loc, chunks, map.lookupOrDefault(loop.getStep()));
  return arith::AddIOp::create(b, loc, map.lookupOrDefault(loop.getLowerBound()), tokens);
}
