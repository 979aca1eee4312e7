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
    : kernel(kernel), source(kernel.source), parts(kernel.parts), entry(roleOf(kernel.source, role)), b(point),
      ownWorkers(workersOf(entry, b, kernel.dest)), workers(*ownWorkers),
      values(b, TileTypes(role == Role::Factors ? kernel.placementOfTeams : kernel.placement), workers),
      ops(b, values, workers, kernel.stages) {
  values.names.scalars = kernel.arguments;
  for (const ChunkLoop &chunks : kernel.loops)
    for (tile::LoadOp load : chunks.work.fetched)
      if (!kernel.placement.isStaged(load.getTile()))
        values.types.findInShared(load.getTile());
}

RoleOp mixc::gpu::createRole(OpBuilder &b, RoleAttr entry, Location loc) {
  auto op = RoleOp::create(b, loc, b.getStringAttr(stringifyRole(entry.getRole())), b.getI32IntegerAttr(entry.getFirst()),
                           b.getI32IntegerAttr(entry.getWarps()), b.getI32IntegerAttr(entry.getParts()),
                           b.getI32IntegerAttr(entry.getRegisters()), entry.getSingle() ? b.getUnitAttr() : UnitAttr(),
                           /*own_bytes=*/b.getI32IntegerAttr(0));
  Block *body = b.createBlock(&op.getBody(), {}, {b.getIndexType()}, {loc});
  b.setInsertionPointToStart(body);
  return op;
}

void RoleConverter::open() { role = createRole(b, entry, source.getLoc()); }

void RoleConverter::enter(const ChunkLoop &next) {
  chunks = &next;
  loop = next.work.loop;
  ahead.emplace(b, loop, next.work.ahead, ops, values);
}

LogicalResult RoleConverter::eachBlock(function_ref<LogicalResult()> body) {
  Location loc = source.getLoc();
  Value first = BlockOp::create(b, loc, b.getIndexType(), Value());
  Value all = tile::BlocksOp::create(b, loc, b.getIndexType()), launched = GridOp::create(b, loc, b.getIndexType());
  auto numPlaces = [&](ArrayRef<int64_t> depths) -> int64_t { return entry.getTurns() ? 1 : depths.size(); };
  SmallVector<Value> start;
  for (ArrayRef<int64_t> depths : kernel.depths)
    start.append(numPlaces(depths), i32(0));
  auto made = scf::ForOp::create(b, loc, first, all, launched, start);
  OpBuilder::InsertionGuard guard(b);
  if (!made.getBody()->empty())
    made.getBody()->back().erase();
  b.setInsertionPointToEnd(made.getBody());
  blockNumber = made.getInductionVar();
  values.bind(source.getBody().getArgument(tile::KernelOp::kBlock), blockNumber);
  SmallVector<SmallVector<Value>, 1> placesOf;
  ArrayRef<BlockArgument> now = made.getRegionIterArgs();
  for (ArrayRef<int64_t> depths : kernel.depths) {
    placesOf.emplace_back(now.take_front(numPlaces(depths)));
    now = now.drop_front(numPlaces(depths));
  }
  for (const ChunkLoop &next : kernel.loops) {
    if (!isDoneBy(next.work.loop, entry.getRole()))
      continue;
    enter(next);
    places = placesOf[next.rings];
    TileValues::Names outer = values.names;
    if (failed(body()))
      return failure();
    if (entry.getRole() != Role::Compute) // which has what the loop leaves
      values.names = std::move(outer);
    placesOf[next.rings] = places;
  }
  SmallVector<Value> last;
  for (ArrayRef<Value> left : placesOf)
    llvm::append_range(last, left);
  scf::YieldOp::create(b, loc, last);
  return success();
}

//===--- Chunks ---===//

RoleConverter::Walk RoleConverter::allChunks() { return {values.scalar(loop.getLowerBound()), values.scalar(loop.getStep()), places}; }

/// Where the chunk, counted over all blocks, is in the rings.
Value RoleConverter::startAt(Value chunk, int64_t depth) {
  Location loc = loop.getLoc();
  Value round = arith::DivUIOp::create(b, loc, chunk, i32(depth));
  Value parity = arith::MulIOp::create(b, loc, arith::AndIOp::create(b, loc, round, i32(1)), i32(kParityBit));
  return arith::AddIOp::create(b, loc, arith::RemUIOp::create(b, loc, chunk, i32(depth)), parity);
}

RoleConverter::Walk RoleConverter::everyNth(Value first, int64_t stride) {
  Location loc = loop.getLoc();
  Value chunk = arith::AddIOp::create(b, loc, places.front(), first);
  SmallVector<Value> starts = llvm::map_to_vector(depths(), [&](int64_t depth) { return startAt(chunk, depth); });
  Value begin = tokenOf(first);
  return {begin, arith::MulIOp::create(b, loc, values.scalar(loop.getStep()), index(stride)), starts, stride};
}

Value RoleConverter::tokenOf(Value chunk) {
  Location loc = loop.getLoc();
  Value chunks = arith::IndexCastUIOp::create(b, loc, b.getIndexType(), chunk);
  Value tokens = arith::MulIOp::create(b, loc, chunks, values.scalar(loop.getStep()));
  return arith::AddIOp::create(b, loc, values.scalar(loop.getLowerBound()), tokens);
}

/// `stride` chunks on, at most a round of the ring.
Value RoleConverter::moved(Value now, int64_t depth, int64_t stride) {
  Location loc = loop.getLoc();
  Value stage = arith::AndIOp::create(b, loc, now, i32(kStageBits));
  Value next = arith::AddIOp::create(b, loc, stage, i32(stride)), moved = arith::AddIOp::create(b, loc, now, i32(stride));
  Value wraps = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::uge, next, i32(depth));
  Value wrapped = arith::XOrIOp::create(b, loc, arith::SubIOp::create(b, loc, moved, i32(depth)), i32(kParityBit));
  return arith::XOrIOp::create(b, loc, arith::SelectOp::create(b, loc, wraps, wrapped, moved), i32(kTurnBit));
}

Position RoleConverter::positionOf(ArrayRef<Value> numbers) {
  Location loc = loop.getLoc();
  auto asIndex = [&](Value value) -> Value { return arith::IndexCastUIOp::create(b, loc, b.getIndexType(), value); };
  auto flag = [&](Value number, int64_t bit) {
    Value shifted = arith::ShRUIOp::create(b, loc, number, i32(llvm::Log2_64(bit)));
    return asIndex(arith::AndIOp::create(b, loc, shifted, i32(1)));
  };
  Position at;
  for (auto [number, depth] : llvm::zip(numbers, depths()))
    at.places.push_back({depth, asIndex(arith::AndIOp::create(b, loc, number, i32(kStageBits))), flag(number, kParityBit), number});
  at.turn = flag(numbers.front(), kTurnBit);
  return at;
}

Position RoleConverter::startOf(const Walk &walk) { return positionOf(walk.starts); }

Position RoleConverter::after(const Position &at, int64_t chunks) {
  if (chunks == 0)
    return at;
  return positionOf(llvm::map_to_vector(at.places, [&](const Place &place) { return moved(place.number, place.depth, chunks); }));
}

/// The loop also carries, in one number for each depth, the stage, the parity of the ring's round and the turn.
FailureOr<scf::ForOp> RoleConverter::walk(const Walk &walk, ArrayRef<Value> inits, ChunkBody body) {
  Location loc = loop.getLoc();
  SmallVector<Value> all(inits);
  llvm::append_range(all, walk.starts);
  auto made = scf::ForOp::create(b, loc, walk.begin, values.scalar(loop.getUpperBound()), walk.step, all);
  OpBuilder::InsertionGuard guard(b);
  if (!made.getBody()->empty())
    made.getBody()->back().erase();
  b.setInsertionPointToEnd(made.getBody());
  values.bind(loop.getInductionVar(), made.getInductionVar());
  SmallVector<Value> now = llvm::to_vector_of<Value>(made.getRegionIterArgs().take_back(depths().size()));
  const Position at = positionOf(now);
  FailureOr<SmallVector<Value>> yields = body(made, at);
  if (failed(yields))
    return failure();
  for (auto [number, depth] : llvm::zip(now, depths()))
    yields->push_back(moved(number, depth, walk.stride));
  scf::YieldOp::create(b, loc, *yields);
  return made;
}

FailureOr<scf::ForOp> RoleConverter::forEachChunk(ArrayRef<Value> inits, ChunkBody body) {
  FailureOr<scf::ForOp> made = walk(allChunks(), inits, body);
  if (succeeded(made))
    llvm::copy(made->getResults().take_back(places.size()), places.begin());
  return made;
}

LogicalResult RoleConverter::inTurns(function_ref<FailureOr<SmallVector<Value>>(Value)> begin, ChunkBody body) {
  OpBuilder::InsertionGuard guard(b);
  Location loc = loop.getLoc();
  Value chunks = countChunks(), first = firstOfTurns();
  Value chunksAfter = arith::AddIOp::create(b, loc, places.front(), chunks);
  // A block of few chunks may have none for these warps.
  Value any = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, first, chunks);
  b.setInsertionPointToStart(scf::IfOp::create(b, loc, any, /*withElseRegion=*/false).thenBlock());
  FailureOr<SmallVector<Value>> carried = begin(first);
  if (failed(carried) || failed(walk(everyNth(first, entry.getParts()), *carried, body)))
    return failure();
  places.front() = chunksAfter;
  return success();
}

/// The block's first chunk that is this group's, in turns that go on from block to block.
Value RoleConverter::firstOfTurns() {
  Location loc = source.getLoc();
  int64_t groups = entry.getParts();
  Value taken = arith::RemUIOp::create(b, loc, places.front(), i32(groups)), group = role.getBody().getArgument(0);
  Value mine = arith::AddIOp::create(b, loc, arith::IndexCastUIOp::create(b, loc, b.getI32Type(), group), i32(groups));
  return arith::RemUIOp::create(b, loc, arith::SubIOp::create(b, loc, mine, taken), i32(groups));
}

Value RoleConverter::countChunks() {
  Location loc = loop.getLoc();
  Value begin = values.scalar(loop.getLowerBound()), end = values.scalar(loop.getUpperBound());
  Value length = arith::MaxSIOp::create(b, loc, arith::SubIOp::create(b, loc, end, begin), index(0));
  Value chunks = arith::CeilDivUIOp::create(b, loc, length, values.scalar(loop.getStep()));
  return arith::IndexCastUIOp::create(b, loc, b.getI32Type(), chunks);
}

//===--- Names ---===//

void RoleConverter::bindPart(Value number) {
  source.walk([&](tile::PartOp op) { values.bind(op.getResult(), number); });
  for (Operation *op : work().scalars)
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

void RoleConverter::nameStage(const Position &at, Value part) {
  SmallVector<const Channel *> read = llvm::map_to_vector(channels().loads, [](const Channel &channel) { return &channel; });
  read.append({&channels().vectors, &channels().early, &channels().factors});
  for (const Channel *channel : read)
    if (llvm::is_contained(channel->readers, entry.getRole()))
      for (Value tile : channel->tiles())
        values.names.shared[tile] = channel->slot(b, tile, at, part);
}
