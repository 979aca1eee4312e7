// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "RoleConverter.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// The parts of the number that a role carries from chunk to chunk.
static constexpr int64_t kStageBits = 255, kParityBit = 256, kTurnBit = 512;

RoleConverter::RoleConverter(RoleKernel &kernel, Role role, const OpBuilder &point)
    : kernel(kernel), source(kernel.source), loop(kernel.work.loop), work(kernel.work), stages(kernel.stages), parts(kernel.parts),
      entry(roleOf(kernel.source, role)), b(point), workers(b, entry.getWarps(), kernel.dest, entry.getParts()),
      values(b, TileTypes(kernel.placement), workers), ops(b, values, workers, kernel.stages),
      ahead(b, kernel.work.loop, kernel.work.ahead, ops, values) {
  values.names.scalars = kernel.arguments;
}

RoleOp mixc::gpu::createRole(OpBuilder &b, RoleAttr entry, Location loc) {
  auto op = RoleOp::create(b, loc, b.getStringAttr(stringifyRole(entry.getRole())), b.getI32IntegerAttr(entry.getFirst()),
                           b.getI32IntegerAttr(entry.getWarps()), b.getI32IntegerAttr(entry.getParts()),
                           b.getI32IntegerAttr(entry.getRegisters()), entry.getSingle() ? b.getUnitAttr() : UnitAttr());
  Block *body = b.createBlock(&op.getBody(), {}, {b.getIndexType()}, {loc});
  b.setInsertionPointToStart(body);
  return op;
}

void RoleConverter::open() { role = createRole(b, entry, source.getLoc()); }

LogicalResult RoleConverter::eachBlock(function_ref<LogicalResult()> body) {
  Location loc = source.getLoc();
  Value first = BlockOp::create(b, loc, b.getIndexType(), Value());
  Value all = tile::BlocksOp::create(b, loc, b.getIndexType()), launched = GridOp::create(b, loc, b.getIndexType());
  auto made = scf::ForOp::create(b, loc, first, all, launched, ValueRange{i32(0)});
  OpBuilder::InsertionGuard guard(b);
  if (!made.getBody()->empty())
    made.getBody()->back().erase();
  b.setInsertionPointToEnd(made.getBody());
  blockNumber = made.getInductionVar();
  values.bind(source.getBody().getArgument(tile::KernelOp::kBlock), blockNumber);
  place = made.getRegionIterArg(0);
  if (failed(body()))
    return failure();
  scf::YieldOp::create(b, loc, place);
  return success();
}

//===--- Chunks ---===//

RoleConverter::Walk RoleConverter::allChunks() { return {values.scalar(loop.getLowerBound()), values.scalar(loop.getStep()), place}; }

RoleConverter::Walk RoleConverter::everyNth(Value first, int64_t stride) {
  Location loc = loop.getLoc();
  Value chunk = arith::AddIOp::create(b, loc, place, first), round = arith::DivUIOp::create(b, loc, chunk, i32(stages));
  Value parity = arith::MulIOp::create(b, loc, arith::AndIOp::create(b, loc, round, i32(1)), i32(kParityBit));
  Value start = arith::AddIOp::create(b, loc, arith::RemUIOp::create(b, loc, chunk, i32(stages)), parity);
  Value begin = tokenOf(first);
  return {begin, arith::MulIOp::create(b, loc, values.scalar(loop.getStep()), index(stride)), start, stride};
}

Value RoleConverter::tokenOf(Value chunk) {
  Location loc = loop.getLoc();
  Value chunks = arith::IndexCastUIOp::create(b, loc, b.getIndexType(), chunk);
  Value tokens = arith::MulIOp::create(b, loc, chunks, values.scalar(loop.getStep()));
  return arith::AddIOp::create(b, loc, values.scalar(loop.getLowerBound()), tokens);
}

/// The loop also carries, in one number, the stage, the parity of the ring's round and the turn.
FailureOr<scf::ForOp> RoleConverter::walk(const Walk &walk, ArrayRef<Value> inits, ChunkBody body) {
  Location loc = loop.getLoc();
  SmallVector<Value> all(inits);
  all.push_back(walk.start);
  auto made = scf::ForOp::create(b, loc, walk.begin, values.scalar(loop.getUpperBound()), walk.step, all);
  OpBuilder::InsertionGuard guard(b);
  if (!made.getBody()->empty())
    made.getBody()->back().erase();
  b.setInsertionPointToEnd(made.getBody());
  values.bind(loop.getInductionVar(), made.getInductionVar());
  Value now = made.getRegionIterArgs().back();
  auto asIndex = [&](Value value) -> Value { return arith::IndexCastUIOp::create(b, loc, b.getIndexType(), value); };
  auto flag = [&](int64_t bit) {
    Value shifted = arith::ShRUIOp::create(b, loc, now, i32(llvm::Log2_64(bit)));
    return asIndex(arith::AndIOp::create(b, loc, shifted, i32(1)));
  };
  Value stage = arith::AndIOp::create(b, loc, now, i32(kStageBits)), parity = flag(kParityBit), turn = flag(kTurnBit);
  FailureOr<SmallVector<Value>> yields = body(made, {asIndex(stage), parity, turn});
  if (failed(yields))
    return failure();
  Value next = arith::AddIOp::create(b, loc, stage, i32(walk.stride)), moved = arith::AddIOp::create(b, loc, now, i32(walk.stride));
  Value wraps = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::uge, next, i32(stages));
  Value wrapped = arith::XOrIOp::create(b, loc, arith::SubIOp::create(b, loc, moved, i32(stages)), i32(kParityBit));
  yields->push_back(arith::XOrIOp::create(b, loc, arith::SelectOp::create(b, loc, wraps, wrapped, moved), i32(kTurnBit)));
  scf::YieldOp::create(b, loc, *yields);
  return made;
}

FailureOr<scf::ForOp> RoleConverter::forEachChunk(ArrayRef<Value> inits, ChunkBody body) {
  FailureOr<scf::ForOp> made = walk(allChunks(), inits, body);
  if (succeeded(made))
    place = made->getResults().back();
  return made;
}

//===--- Names ---===//

void RoleConverter::bindPart(Value number) {
  source.walk([&](tile::PartOp op) { values.bind(op.getResult(), number); });
  for (Operation *op : work.scalars)
    b.clone(*op, values.names.scalars);
}

SmallVector<Value> RoleConverter::allParts() {
  return llvm::map_to_vector(llvm::seq(parts), [&](int64_t number) { return index(number); });
}

SmallVector<IRMapping> RoleConverter::scalarsOfParts() {
  const IRMapping outer = values.names.scalars;
  SmallVector<IRMapping> scalars;
  for (int64_t number = 0; number < parts; ++number) {
    values.names.scalars = outer;
    bindPart(index(number));
    scalars.push_back(values.names.scalars);
  }
  return scalars;
}

void RoleConverter::nameStage(const Channel &channel, const Position &at, Value part) {
  for (Value tile : channel.tiles())
    values.names.shared[tile] = channel.slot(b, tile, at, part);
}
