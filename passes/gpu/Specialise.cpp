// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernels for sm_90a: the warps of a block have roles. One thread fetches the tiles of coming chunks and another one writes results
// back, some warps take turns to compute a chunk's small tiles (the decays), one warpgroup computes what products need that does not
// depend on the state (the weights), and one warpgroup for each part does the rest, its state in registers. They meet at barriers in
// shared memory: `full` says that a stage holds a chunk, `decayed` (or `full`, where each part has a warp for them) that its decays
// are there, `weighted` its weights, `empty` that all have read it. Each role does the work of one block after the other, so that
// the next one's chunks are fetched while this one's last are computed.

#include "KernelConverter.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

static constexpr int64_t kLanes = 32, kWarpgroup = 4, kRegisterFile = 65536, kMostRegistersOfThread = 240;
/// Warps that take turns at the chunks' decays: each has the time of as many chunks for what it waits for.
static constexpr int64_t kDecayWarps = 2;
/// Registers of a thread that fetches or computes decays, if there are plenty and if not; of one that computes weights (the least);
/// of one that computes the rest, besides those of the state, and however small that is.
static constexpr int64_t kManyHelperRegisters = 56, kHelperRegisters = 40, kWeightRegisters = 104, kComputeRegisters = 120,
                         kLeastComputeRegisters = 152;
/// The parts of the number that a role carries from chunk to chunk.
static constexpr int64_t kStageBits = 255, kParityBit = 256, kTurnBit = 512;
/// An operand of a product lies in rows of 128 bytes; its columns are a multiple of what a product takes at a time.
static constexpr int64_t kRowBytes = 128, kColumnUnit = 16;

static bool isTile(Value value) { return isa<RankedTensorType>(value.getType()); }

/// The loop over chunks, if the kernel has one.
static scf::ForOp chunkLoop(tile::KernelOp kernel, const Placement &placement) {
  for (auto loop : kernel.getBody().front().getOps<scf::ForOp>())
    for (auto load : loop.getBody()->getOps<tile::LoadOp>())
      if (placement.isStaged(load.getTile()))
        return loop;
  return {};
}

bool KernelConverter::hasRoles() { return warpgroups > 0 && chunkLoop(source, placement); }

/// Stages and other tiles that bulk copies or wgmma read: rows, or panels, of 128 bytes, swizzled.
FailureOr<SharedType> KernelConverter::operandType(RankedTensorType type, int64_t stages, Location loc) {
  ArrayRef<int64_t> shape = type.getShape();
  int64_t row = -1, width = type.getElementTypeBitWidth() / 8;
  for (int64_t d = 0; d + 1 < type.getRank(); ++d)
    if (shape[d] > 1)
      row = row < 0 ? d : type.getRank();
  if (type.getElementType().isF32() || row < 0 || row >= type.getRank() || shape.back() % kColumnUnit != 0) {
    emitError(loc) << "expected a 16-bit tile of rows and a multiple of " << kColumnUnit << " columns for a warpgroup, got " << type
                   << "; choose a plan without warpgroups";
    return failure();
  }
  int64_t panel = shape.back() * width == kRowBytes ? 0 : kRowBytes / width;
  return SharedType::get(type.getContext(), shape, type.getElementType(), row, stages, panel);
}

//===--- Scalars ---===//

/// The scalar ops before the loop. Every role has its own: values that live across all of them would take registers from each.
static SmallVector<Operation *> scalarsBefore(scf::ForOp loop) {
  SmallVector<Operation *> scalars;
  for (Operation &op : *loop->getBlock())
    if (op.getNumRegions() == 0 && llvm::none_of(op.getResults(), isTile) &&
        (isa<arith::ArithDialect>(op.getDialect()) || isa<tile::BlocksOp>(op)))
      scalars.push_back(&op);
  return scalars;
}

/// What `ops` need of the ops before the loop, in order.
static SetVector<Operation *> neededBefore(scf::ForOp loop, ArrayRef<Operation *> ops) {
  SetVector<Operation *> needed;
  std::function<void(Operation *)> visit = [&](Operation *op) {
    SetVector<Value> used(op->operand_begin(), op->operand_end());
    getUsedValuesDefinedAbove(op->getRegions(), used);
    for (Value value : used) {
      Operation *def = value.getDefiningOp();
      if (def && def->getBlock() == loop->getBlock() && def != loop && !needed.contains(def)) {
        visit(def);
        needed.insert(def);
      }
    }
  };
  for (Operation *op : ops)
    visit(op);
  SetVector<Operation *> ordered;
  for (Operation &op : *loop->getBlock())
    if (needed.contains(&op))
      ordered.insert(&op);
  return ordered;
}

//===--- Roles ---===//

RoleOp KernelConverter::openRole(StringRef name, int64_t first, int64_t warps, int64_t parts, int64_t registers, bool single) {
  auto role = RoleOp::create(b, source.getLoc(), b.getStringAttr(name), b.getI32IntegerAttr(first), b.getI32IntegerAttr(warps),
                             b.getI32IntegerAttr(parts), b.getI32IntegerAttr(registers), single ? b.getUnitAttr() : UnitAttr());
  Block *body = b.createBlock(&role.getBody(), {}, {b.getIndexType()}, {source.getLoc()});
  b.setInsertionPointToStart(body);
  return role;
}

bool KernelConverter::feedsProduct(Value tile) {
  return llvm::any_of(tile.getUses(), [](OpOperand &use) {
    return isa<linalg::ContractOp>(use.getOwner()) && use.getOperandNumber() < 2;
  });
}

/// This part's of buffers that all parts have.
Value KernelConverter::allocForPart(SharedType type, Location loc) {
  Value all;
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&dest.getBody().front());
    auto ring = SharedType::get(b.getContext(), type.getShape(), type.getElementType(), type.getSwizzle(), parts, type.getPanel());
    all = AllocOp::create(b, loc, ring, int64_t(-1));
  }
  return SlotOp::create(b, loc, type, all, part);
}

/// Names the part, and the scalars before the loop.
void KernelConverter::bindPart(Roles &roles, Value number) {
  source.walk([&](tile::PartOp op) { map.map(op.getResult(), number); });
  for (Operation *op : roles.scalars)
    b.clone(*op, map);
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
    shared[load.getTile()] = roles.own.contains(load) ? slotOfPart(ring, stage, ofPart) : slotOf(ring, stage);
  for (Value tile : roles.ahead.chainShared)
    shared[tile] = slotOfPart(roles.smallBuffers.lookup(tile), stage, ofPart);
}

bool KernelConverter::readsSmallTile(Roles &roles, Operation *op) {
  return llvm::any_of(op->getOperands(), [&](Value tile) { return llvm::is_contained(roles.ahead.chainShared, tile); });
}

/// The work of this block's number and of those that no block is launched for; `body` does that of `blockNumber`, from `place` on.
LogicalResult KernelConverter::eachBlock(function_ref<LogicalResult()> body) {
  Location loc = source.getLoc();
  Value first = BlockOp::create(b, loc, b.getIndexType(), Value());
  Value all = tile::BlocksOp::create(b, loc, b.getIndexType()), launched = GridOp::create(b, loc, b.getIndexType());
  auto loop = scf::ForOp::create(b, loc, first, all, launched, ValueRange{number(0)});
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
  Value taken = arith::RemUIOp::create(b, loc, place, number(stride));
  Value mine = arith::AddIOp::create(b, loc, arith::IndexCastUIOp::create(b, loc, b.getI32Type(), part), number(stride));
  return arith::RemUIOp::create(b, loc, arith::SubIOp::create(b, loc, mine, taken), number(stride));
}

/// A loop like the source's, that also carries, in one number, the stage, the parity of the ring's round and the turn; `body` ends with
/// what it carries else. It leaves its place to the next block, but with a stride: then it runs from chunk `first` of the block on,
/// leaves out those of other warps, and `place` counts the chunks before the block.
scf::ForOp KernelConverter::chunkLoopOf(scf::ForOp loop, ArrayRef<Value> inits,
                                        function_ref<LogicalResult(scf::ForOp, Value, Value)> body, Value first, int64_t stride) {
  Location loc = loop.getLoc();
  Value begin = map.lookupOrDefault(loop.getLowerBound()), end = map.lookupOrDefault(loop.getUpperBound());
  Value step = map.lookupOrDefault(loop.getStep());
  SmallVector<Value> all(inits);
  if (first) {
    Value chunk = arith::AddIOp::create(b, loc, place, first), round = arith::DivUIOp::create(b, loc, chunk, number(stages));
    Value parity = arith::MulIOp::create(b, loc, arith::AndIOp::create(b, loc, round, number(1)), number(kParityBit));
    all.push_back(arith::AddIOp::create(b, loc, arith::RemUIOp::create(b, loc, chunk, number(stages)), parity));
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
    Value shifted = arith::ShRUIOp::create(b, loc, now, number(llvm::Log2_64(bit)));
    return asIndex(arith::AndIOp::create(b, loc, shifted, number(1)));
  };
  Value stage = arith::AndIOp::create(b, loc, now, number(kStageBits)), parity = flag(kParityBit);
  turn = flag(kTurnBit);
  if (failed(body(made, asIndex(stage), parity)))
    return {};
  SmallVector<Value> yields(carriedOut);
  carriedOut.clear();
  Value next = arith::AddIOp::create(b, loc, stage, number(stride)), moved = arith::AddIOp::create(b, loc, now, number(stride));
  Value wraps = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::uge, next, number(stages));
  Value wrapped = arith::XOrIOp::create(b, loc, arith::SubIOp::create(b, loc, moved, number(stages)), number(kParityBit));
  yields.push_back(arith::XOrIOp::create(b, loc, arith::SelectOp::create(b, loc, wraps, wrapped, moved), number(kTurnBit)));
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

void KernelConverter::fetch(tile::LoadOp load, IRMapping &scalars, Value dest, Value full, Value stage, bool reused) {
  SmallVector<Value> offsets, limits;
  for (Value v : load.getOffsets())
    offsets.push_back(scalars.lookupOrDefault(v));
  for (Value v : load.getLimits())
    limits.push_back(scalars.lookupOrDefault(v));
  FetchOp::create(b, load.getLoc(), scalars.lookupOrDefault(load.getSource()), offsets, limits, load.getStaticOffsets(),
                  load.getStaticLimits(), load.getDims(), load.getOptional(), dest, full, stage, reused);
}

/// The scalars before the loop for each part, for a thread that works for all of them; `map` is then the last part's.
SmallVector<IRMapping> KernelConverter::mapsOfParts(Roles &roles) {
  IRMapping outer = map;
  SmallVector<IRMapping> maps;
  for (int64_t number = 0; number < warpgroups; ++number) {
    map = outer;
    bindPart(roles, index(number));
    maps.push_back(map);
  }
  return maps;
}

/// One thread: for each chunk, waits for an empty stage and fetches into it what every part shares and what each part has alone.
LogicalResult KernelConverter::emitFetcher(Roles &roles) {
  OpBuilder::InsertionGuard guard(b);
  IRMapping outer = map;
  openRole("fetch", 0, 1, 1, 0, /*single=*/true);
  AwaitLaunchOp::create(b, source.getLoc());
  LogicalResult done = eachBlock([&] { return fetchBlock(roles); });
  map = outer;
  return done;
}

LogicalResult KernelConverter::fetchBlock(Roles &roles) {
  SmallVector<IRMapping> maps = mapsOfParts(roles);
  scf::ForOp loop = chunkLoopOf(roles.loop, {}, [&](scf::ForOp made, Value stage, Value parity) {
    Location loc = made.getLoc();
    AwaitOp::create(b, loc, roles.empty, stage, arith::SubIOp::create(b, loc, index(1), parity));
    int64_t bytes = 0;
    for (auto [load, ring] : llvm::zip(roles.ahead.staged, roles.ahead.buffers))
      bytes += ::cast<SharedType>(ring.getType()).getBytes() * (roles.own.contains(load) ? warpgroups : 1);
    ExpectOp::create(b, loc, roles.full, stage, bytes);
    for (int64_t number = 0; number < warpgroups; ++number) {
      map = maps[number];
      IRMapping scalars = cloneSlice(roles.ahead, roles.loop, made.getInductionVar());
      for (auto [load, ring] : llvm::zip(roles.ahead.staged, roles.ahead.buffers)) {
        if (roles.own.contains(load))
          fetch(load, scalars, slotOfPart(ring, stage, index(number)), roles.full, stage, /*reused=*/false);
        else if (number == 0)
          fetch(load, scalars, slotOf(ring, stage), roles.full, stage, /*reused=*/true);
      }
    }
    return success();
  });
  return success(bool(loop));
}

//===--- Results ---===//

/// What a store's tile is in shared memory.
FailureOr<SharedType> KernelConverter::storedType(tile::StoreOp op) {
  auto tile = ::cast<RankedTensorType>(op.getTile().getType());
  SmallVector<int64_t> shape;
  for (int64_t d : memoryOrder(op.getDims()))
    shape.push_back(tile.getShape()[d]);
  auto memref = ::cast<MemRefType>(op.getDest().getType());
  return operandType(RankedTensorType::get(shape, memref.getElementType()), warpgroups, op.getLoc());
}

/// Puts a result where the warp that writes results back finds it.
LogicalResult KernelConverter::handOver(tile::StoreOp op) {
  Location loc = op.getLoc();
  const Handover &to = handovers.lookup(op);
  Value fragment = fragmentOf(op.getTile(), fragmentType(op.getTile()));
  if (!fragment)
    return failure();
  fragment = cast(fragment, ::cast<MemRefType>(op.getDest().getType()).getElementType());
  AwaitOp::create(b, loc, to.read, part, arith::SubIOp::create(b, loc, index(1), turn));
  PutOp::create(b, loc, fragment, slotOf(to.buffer, part), memoryOrder(op.getDims()));
  FenceOp::create(b, loc);
  ArriveOp::create(b, loc, to.written, part);
  return success();
}

/// One thread: writes each chunk's results back when they are complete.
LogicalResult KernelConverter::emitFlusher(Roles &roles) {
  OpBuilder::InsertionGuard guard(b);
  IRMapping outer = map;
  openRole("flush", 3, 1, 1, 0, /*single=*/true);
  LogicalResult done = eachBlock([&] { return flushBlock(roles); });
  map = outer;
  DrainOp::create(b, source.getLoc(), /*written=*/true);
  return done;
}

LogicalResult KernelConverter::flushBlock(Roles &roles) {
  SmallVector<IRMapping> maps = mapsOfParts(roles);
  scf::ForOp loop = chunkLoopOf(roles.loop, {}, [&](scf::ForOp made, Value, Value) {
    for (tile::StoreOp op : roles.stores)
      for (int64_t number = 0; number < warpgroups; ++number) {
        Location loc = op.getLoc();
        const Handover &from = handovers.lookup(op);
        map = maps[number];
        IRMapping scalars = cloneSlice(roles.ahead, roles.loop, made.getInductionVar());
        AwaitOp::create(b, loc, from.written, index(number), turn);
        SmallVector<Value> offsets, limits;
        for (Value v : op.getOffsets())
          offsets.push_back(scalars.lookupOrDefault(v));
        SmallVector<Value> all;
        for (Value v : op.getLimits())
          all.push_back(scalars.lookupOrDefault(v));
        SmallVector<OpFoldResult> mixed = getMixedValues(op.getStaticLimits(), all, b.getContext()), ordered;
        SmallVector<int64_t> dims, staticLimits;
        for (int64_t d : memoryOrder(op.getDims())) {
          dims.push_back(op.getDims()[d]);
          ordered.push_back(mixed[d]);
        }
        dispatchIndexOpFoldResults(ordered, limits, staticLimits);
        FlushOp::create(b, loc, slotOf(from.buffer, index(number)), scalars.lookupOrDefault(op.getDest()), offsets, limits,
                        op.getStaticOffsets(), staticLimits, dims, op.getOptional());
        DrainOp::create(b, loc, /*written=*/false);
        ArriveOp::create(b, loc, from.read, index(number));
      }
    return success();
  });
  return success(bool(loop));
}

/// Warps that take turns, or one for each part: the small tiles of a chunk, into its stage.
LogicalResult KernelConverter::emitSmallTiles(Roles &roles) {
  OpBuilder::InsertionGuard guard(b);
  IRMapping outer = map;
  auto outerFragments = fragments, outerShared = shared;
  llvm::SaveAndRestore savedPart(part);
  llvm::SaveAndRestore savedParts(parts, roles.decayTurns ? std::min(kDecayWarps, stages) : warpgroups);
  RoleOp role = openRole("decay", 1, 1, parts, 0, /*single=*/false);
  AwaitLaunchOp::create(b, source.getLoc());
  part = role.getBody().getArgument(0);
  LogicalResult done = eachBlock([&] { return computeSmallTiles(roles, role.getLoc()); });
  if (succeeded(done))
    insertBarriers(role.getBody().front(), /*warps=*/1);
  fragments = outerFragments;
  shared = outerShared;
  map = outer;
  return done;
}

LogicalResult KernelConverter::computeSmallTiles(Roles &roles, Location loc) {
  OpBuilder::InsertionGuard guard(b);
  int64_t stride = roles.decayTurns ? parts : 1;
  SmallVector<Operation *> chain(roles.ahead.chain.begin(), roles.ahead.chain.end());
  // Scalars and tiles before the loop, for each part of the block.
  struct OfPart {
    IRMapping map;
    llvm::DenseMap<Value, Value> fragments, shared;
  };
  auto enter = [&](const OfPart &ofPart) {
    map = ofPart.map;
    fragments = ofPart.fragments;
    shared = ofPart.shared;
  };
  const OfPart outer{map, fragments, shared};
  SmallVector<OfPart> each;
  SmallVector<Value> numbers = {part};
  if (roles.decayTurns)
    numbers = llvm::map_to_vector(llvm::seq(warpgroups), [&](int64_t number) { return index(number); });
  for (Value number : numbers) {
    enter(outer);
    bindPart(roles, number);
    each.push_back({map, fragments, shared});
  }
  Value firstChunk, chunksAfter;
  if (roles.decayTurns) {
    // A block of few chunks may have none for this warp.
    Value chunks = countChunks(roles.loop);
    firstChunk = firstOfTurns(stride);
    chunksAfter = arith::AddIOp::create(b, loc, place, chunks);
    Value any = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, firstChunk, chunks);
    b.setInsertionPointToStart(scf::IfOp::create(b, loc, any, /*withElseRegion=*/false).thenBlock());
  }
  // What a chunk loads is on its way while the warp's chunk before it is worked on, or what the block has once is waited for. It is
  // read before the next loads are issued: a thread waits for all of them together.
  auto load = [&](Value counter) {
    SmallVector<Value> loads;
    for (OfPart &ofPart : each) {
      enter(ofPart);
      for (tile::LoadOp op : roles.ahead.small)
        loads.push_back(loadIfWithin(roles.ahead, roles.loop, op, counter));
    }
    return loads;
  };
  SmallVector<Value> first = load(firstChunk ? tokenOf(roles.loop, firstChunk) : map.lookupOrDefault(roles.loop.getLowerBound()));
  for (OfPart &ofPart : each) {
    enter(ofPart);
    for (Operation *op : neededBefore(roles.loop, chain))
      if (llvm::any_of(op->getResults(), isTile) && failed(convertOp(*op)))
        return failure();
    ofPart = {map, fragments, shared};
  }
  scf::ForOp loop = chunkLoopOf(roles.loop, first, [&](scf::ForOp made, Value stage, Value parity) -> LogicalResult {
    size_t perPart = roles.ahead.small.size();
    SmallVector<Value> loaded;
    for (auto [i, raw] : llvm::enumerate(made.getRegionIterArgs().take_front(perPart * each.size())))
      loaded.push_back(cast(raw, fragmentType(roles.ahead.small[i % perPart].getTile()).getElementType()));
    carriedOut = load(arith::AddIOp::create(b, loc, made.getInductionVar(), made.getStep()));
    // All is in registers before the stage is empty.
    SmallVector<OfPart> now;
    for (auto [number, ofPart] : llvm::enumerate(each)) {
      enter(ofPart);
      enterChain(roles.ahead, roles.loop, made.getInductionVar(), ArrayRef(loaded).slice(number * perPart, perPart));
      for (Operation *op : chain)
        if (failed(convertOp(*op)))
          return failure();
      now.push_back({map, fragments, shared});
    }
    AwaitOp::create(b, loc, roles.empty, stage, arith::SubIOp::create(b, loc, index(1), parity));
    for (auto [number, ofPart] : llvm::zip(numbers, now)) {
      enter(ofPart);
      for (Value tile : roles.ahead.chainShared)
        PutOp::create(b, loc, fragmentOf(tile), slotOfPart(roles.smallBuffers.lookup(tile), stage, number),
                      identityPerm(::cast<RankedTensorType>(tile.getType()).getRank()));
    }
    ArriveOp::create(b, loc, roles.decayed ? roles.decayed : roles.full, stage);
    return success();
  }, firstChunk, stride);
  if (roles.decayTurns)
    place = chunksAfter;
  return success(bool(loop));
}

/// Work of the loop that does not depend on what it carries: products, and what is computed from them, if other products read that
/// in shared memory only.
void KernelConverter::findWeights(Roles &roles) {
  SetVector<Operation *> carried, early;
  for (Operation &op : roles.loop.getBody()->without_terminator()) {
    SetVector<Value> used(op.operand_begin(), op.operand_end());
    getUsedValuesDefinedAbove(op.getRegions(), used);
    bool fromProduct = false, fromState = false;
    for (Value value : used) {
      Operation *def = value.getDefiningOp();
      fromState |= (def && carried.contains(def)) || llvm::is_contained(roles.loop.getRegionIterArgs(), value);
      fromProduct |= def && early.contains(def);
    }
    if (fromState)
      carried.insert(&op);
    else if (isa<linalg::ContractOp>(op) || (fromProduct && isa<linalg::GenericOp>(op)))
      early.insert(&op);
  }
  for (Operation *op : early)
    for (OpOperand &use : op->getResult(0).getUses()) {
      if (early.contains(use.getOwner()))
        continue;
      auto product = dyn_cast<linalg::ContractOp>(use.getOwner());
      if (!product || use.getOperandNumber() == 2 || staysInRegisters(use.get(), product))
        return; // a register would have to change hands
      roles.weightTiles.insert(op->getResult(0));
    }
  roles.weights = early;
}

/// One warpgroup: for each chunk the weights of all parts, from scores that they share.
LogicalResult KernelConverter::emitWeights(Roles &roles, int64_t registers) {
  OpBuilder::InsertionGuard guard(b);
  IRMapping outer = map;
  auto outerFragments = fragments, outerShared = shared;
  RoleOp role = openRole("weights", kWarpgroup, kWarpgroup, 1, registers, /*single=*/false);
  LogicalResult done = eachBlock([&] { return computeWeights(roles); });
  if (succeeded(done))
    insertBarriers(role.getBody().front(), kWarpgroup);
  part = {};
  fragments = outerFragments;
  shared = outerShared;
  map = outer;
  return done;
}

LogicalResult KernelConverter::computeWeights(Roles &roles) {
  bindPart(roles, index(0));
  DenseSet<Operation *> perPart;
  for (Operation *op : roles.weights)
    for (Value operand : op->getOperands())
      if (Operation *def = operand.getDefiningOp())
        if (perPart.contains(def) || roles.ahead.chain.contains(def) || roles.own.contains(def))
          perPart.insert(op);
  scf::ForOp loop = chunkLoopOf(roles.loop, {}, [&](scf::ForOp made, Value stage, Value parity) -> LogicalResult {
    Location loc = made.getLoc();
    AwaitOp::create(b, loc, roles.full, stage, parity);
    afterArguments[made.getBody()] = &made.getBody()->back();
    nameStage(roles, stage, index(0));
    for (Operation &op : roles.loop.getBody()->without_terminator())
      if (isa<arith::ArithDialect>(op.getDialect()) && llvm::none_of(op.getResults(), isTile))
        b.clone(op, map);
    for (Operation *op : roles.weights)
      if (!perPart.contains(op) && (part = index(0), failed(convertOp(*op))))
        return failure();
    awaitProducts();
    if (roles.decayed && llvm::any_of(roles.weights, [&](Operation *op) { return readsSmallTile(roles, op); }))
      AwaitOp::create(b, loc, roles.decayed, stage, parity);
    auto common = fragments, commonShared = shared;
    for (int64_t number = 0; number < warpgroups; ++number) {
      part = index(number);
      nameStage(roles, stage, part);
      for (Operation *op : roles.weights)
        if (perPart.contains(op) && failed(convertOp(*op)))
          return failure();
      for (Value tile : roles.weightTiles) {
        Value slot = slotOfPart(weightBuffers.lookup(tile), stage, part);
        PutOp::create(b, loc, fragmentOf(tile), slot, identityPerm(::cast<RankedTensorType>(tile.getType()).getRank()));
      }
      FenceOp::create(b, loc);
      ArriveOp::create(b, loc, roles.weighted, numberOfPart(stage, part));
      fragments = common;
      shared = commonShared;
    }
    ArriveOp::create(b, loc, roles.empty, stage);
    return success();
  });
  return success(bool(loop));
}

/// The order of a warpgroup's work: first the products from zero, of these the ones that take rows from registers (nothing may be
/// under way while registers of the state are packed), then the others, each after what it needs, then the rest.
SmallVector<Operation *> KernelConverter::scheduleOf(scf::ForOp loop, size_t ownTiles) {
  Block *block = loop.getBody();
  SmallVector<Operation *> products;
  for (Operation &op : *block)
    if (isa<linalg::ContractOp>(op))
      products.push_back(&op);
  auto rank = [&](Operation *op) {
    bool zero = splatOf(op->getOperand(2)).has_value();
    return zero ? staysInRegisters(op->getOperand(0), ::cast<linalg::ContractOp>(op)) ? 0 : 1 : 2;
  };
  llvm::sort(products, [&](Operation *a, Operation *b) {
    return rank(a) != rank(b) ? rank(a) < rank(b) : a != b && a->isBeforeInBlock(b);
  });
  SetVector<Operation *> order;
  std::function<void(Operation *)> add = [&](Operation *op) {
    if (order.contains(op))
      return;
    SetVector<Value> used(op->operand_begin(), op->operand_end());
    getUsedValuesDefinedAbove(op->getRegions(), used);
    for (Value value : used)
      if (Operation *def = value.getDefiningOp(); def && def->getBlock() == block)
        add(def);
    order.insert(op);
  };
  for (Operation *product : products)
    if (rank(product) < 2)
      add(product);
  // Rows that do not come from the state are packed while those are under way, if there are registers to spare: not with tiles of
  // a gate.
  for (Operation *product : products) {
    if (ownTiles > 1)
      break;
    Value rows = product->getOperand(0);
    Operation *def = rows.getDefiningOp();
    if (rank(product) == 2 && isa_and_nonnull<linalg::GenericOp>(def) && staysInRegisters(rows, ::cast<linalg::ContractOp>(product))) {
      packedAhead.insert(rows);
      add(def);
    }
  }
  for (Operation *product : products)
    add(product);
  for (Operation &op : block->without_terminator())
    add(&op);
  return llvm::to_vector(order);
}

/// Registers of a thread that hold what the loop carries.
static int64_t stateRegisters(scf::ForOp loop) {
  int64_t state = 0;
  for (Value arg : loop.getRegionIterArgs())
    if (auto type = dyn_cast<RankedTensorType>(arg.getType()))
      state += type.getNumElements() / (32 * kWarpgroup);
  return state;
}

/// Staged tiles that are a product's rows and that elementwise work reads too: reading them once spares the bandwidth of shared
/// memory, which is what limits a part alone.
void KernelConverter::holdRows(Roles &roles) {
  for (auto product : roles.loop.getBody()->getOps<linalg::ContractOp>()) {
    FailureOr<ContractRoles> found = rolesOf(product);
    if (failed(found) || roles.weights.contains(product) || !placement.isStaged(found->lhs) ||
        llvm::none_of(found->lhs.getUsers(), llvm::IsaPred<linalg::GenericOp>))
      continue;
    auto out = ::cast<MmaAttr>(fragmentType(product->getResult(0)).getLayout());
    auto layout = MmaAttr::get(b.getContext(), {}, found->lhsRows, {found->lhsK}, out.getWarpRows(), out.getWarpCols());
    auto tile = ::cast<RankedTensorType>(found->lhs.getType());
    if (layoutProblem(layout, tile.getShape()).empty())
      heldTypes[found->lhs] = FragmentType::get(b.getContext(), tile.getShape(), tile.getElementType(), layout);
  }
}

/// A warpgroup for each part: everything else.
LogicalResult KernelConverter::emitComputing(Roles &roles, int64_t registers) {
  OpBuilder::InsertionGuard guard(b);
  int64_t first = roles.weights.empty() ? kWarpgroup : 2 * kWarpgroup;
  RoleOp role = openRole("compute", first, kWarpgroup, warpgroups, registers, /*single=*/false);
  AwaitLaunchOp::create(b, source.getLoc());
  part = role.getBody().getArgument(0);
  // A state that leaves no more than those of the work has no room for rows.
  if (int64_t needed = stateRegisters(roles.loop) + kComputeRegisters; needed <= registers && needed < kMostRegistersOfThread)
    holdRows(roles);
  if (failed(eachBlock([&] { return computeBlock(roles); })))
    return failure();
  insertBarriers(role.getBody().front(), kWarpgroup);
  part = {};
  return success();
}

LogicalResult KernelConverter::computeBlock(Roles &roles) {
  bindPart(roles, part);
  SmallVector<Operation *> users;
  for (Operation &op : *roles.loop.getBody())
    if (!roles.ahead.chain.contains(&op) && !roles.weights.contains(&op))
      users.push_back(&op);
  for (Operation *op = roles.loop->getNextNode(); op; op = op->getNextNode())
    users.push_back(op);
  // What the loop starts from, what its body reads of the tiles before it, and what follows it.
  for (Value init : roles.loop.getInitArgs())
    if (Operation *def = init.getDefiningOp())
      users.push_back(def);
  SetVector<Operation *> before = neededBefore(roles.loop, users);
  for (Value init : roles.loop.getInitArgs())
    if (Operation *def = init.getDefiningOp())
      before.insert(def);
  for (Operation *op : before)
    if ((llvm::any_of(op->getResults(), isTile) || op->getNumRegions() > 0) && failed(convertOp(*op)))
      return failure();
  SmallVector<Value> inits;
  for (auto [init, arg] : llvm::zip(roles.loop.getInitArgs(), roles.loop.getRegionIterArgs()))
    inits.push_back(yielded(init, isTile(arg) ? Type(fragmentType(arg)) : arg.getType()));
  scf::ForOp loop = chunkLoopOf(roles.loop, inits, [&](scf::ForOp made, Value stage, Value parity) -> LogicalResult {
    Location loc = made.getLoc();
    AwaitOp::create(b, loc, roles.full, stage, parity);
    for (auto [old, fresh] : llvm::zip(roles.loop.getRegionIterArgs(), made.getRegionIterArgs())) {
      if (isTile(old))
        fragments[old] = fresh;
      else
        map.map(old, fresh);
    }
    nameStage(roles, stage, part);
    for (Value tile : roles.weightTiles)
      shared[tile] = slotOfPart(weightBuffers.lookup(tile), stage, part);
    afterArguments[made.getBody()] = &made.getBody()->back();
    bool weighted = roles.weights.empty(), decayed = !roles.decayed;
    for (Operation *op : scheduleOf(roles.loop, roles.own.size())) {
      if (roles.ahead.chain.contains(op) || roles.weights.contains(op))
        continue;
      if (!decayed && readsSmallTile(roles, op)) {
        AwaitOp::create(b, loc, roles.decayed, stage, parity);
        decayed = true;
      }
      if (!weighted && llvm::any_of(op->getOperands(), [&](Value v) { return roles.weightTiles.contains(v); })) {
        AwaitOp::create(b, loc, roles.weighted, numberOfPart(stage, part), parity);
        weighted = true;
      }
      if (failed(convertOp(*op)))
        return failure();
    }
    for (auto [value, arg] : llvm::zip(roles.loop.getYieldedValues(), made.getRegionIterArgs()))
      carriedOut.push_back(yielded(value, arg.getType()));
    awaitProducts();
    ArriveOp::create(b, loc, roles.empty, stage);
    return success();
  });
  if (!loop)
    return failure();
  for (auto [old, fresh] : llvm::zip(roles.loop.getResults(), loop.getResults())) {
    if (isTile(old))
      fragments[old] = fresh;
    else
      map.map(old, fresh);
  }
  // The loop has no registers to spare for scalars that are needed after it.
  map.map(source.getBody().getArgument(tile::KernelOp::kBlock), BlockOp::create(b, roles.loop.getLoc(), b.getIndexType(), blockNumber));
  bindPart(roles, part);
  for (Operation *op = roles.loop->getNextNode(); op; op = op->getNextNode())
    if (!isa<tile::ReturnOp>(op) && failed(convertOp(*op)))
      return failure();
  return success();
}

//===--- Products ---===//

/// A product that may still be under way, waited for where it is first read.
Value KernelConverter::finished(Value tile, Value fragment) {
  auto found = llvm::find(underWay, fragment);
  if (found == underWay.end())
    return fragment;
  auto pending = int32_t(underWay.end() - found - 1);
  Value result = WgmmaWaitOp::create(b, fragment.getLoc(), fragment.getType(), fragment, pending);
  underWay.erase(found);
  return fragments[tile] = result;
}

/// Waits for all products.
void KernelConverter::awaitProducts() {
  SmallVector<Value> products = underWay;
  for (Value product : products) {
    auto found = llvm::find_if(fragments, [&](auto &entry) { return entry.second == product; });
    finished(found->first, product);
  }
}

//===--- The kernel ---===//

namespace {
/// Threads of a block, and registers of a thread in each role; 0 leaves what it has at launch.
struct Registers {
  int64_t threads, helping = 0, weighing = 0, computing = 0;
  /// All parts' decays take the registers of more than one part's.
  bool plenty = true;
};
} // namespace

/// Registers that the others do not need go to those who compute.
static Registers shareRegisters(scf::ForOp loop, int64_t warpgroups, bool weights) {
  int64_t groups = warpgroups + (weights ? 2 : 1);
  Registers shares{32 * kWarpgroup * groups};
  int64_t atLaunch = kRegisterFile / shares.threads / 8 * 8;
  if (atLaunch >= kMostRegistersOfThread)
    return shares;
  int64_t all = atLaunch * groups, least = weights ? kWeightRegisters : 0;
  int64_t wanted = kMostRegistersOfThread;
  if (weights && warpgroups > 1)
    wanted = std::max<int64_t>(llvm::alignTo(stateRegisters(loop) + kComputeRegisters, 8), kLeastComputeRegisters);
  shares.plenty = !weights || warpgroups == 1 || all - kManyHelperRegisters - least >= warpgroups * wanted;
  shares.helping = shares.plenty ? kManyHelperRegisters : kHelperRegisters;
  int64_t rest = all - shares.helping;
  shares.computing = std::min({(rest - least) / warpgroups / 8 * 8, wanted, kMostRegistersOfThread});
  if (weights)
    shares.weighing = std::min((rest - shares.computing * warpgroups) / 8 * 8, kMostRegistersOfThread);
  return shares;
}

LogicalResult KernelConverter::runWithRoles() {
  Location loc = source.getLoc();
  Roles roles;
  parts = warpgroups;
  roles.loop = chunkLoop(source, placement);
  roles.scalars = scalarsBefore(roles.loop);
  roles.ahead = loadsAhead(roles.loop);
  findChain(roles.ahead, roles.loop);
  for (auto load : roles.loop.getBody()->getOps<tile::LoadOp>())
    if (!llvm::is_contained(roles.ahead.staged, load) && !llvm::is_contained(roles.ahead.small, load))
      return load.emitOpError("expected an address that follows from the chunk's number; choose a plan without warpgroups");
  // What the small tiles hand on goes through shared memory, to other warps.
  roles.ahead.chainShared.clear();
  roles.ahead.chainFragments.clear();
  for (Operation *op : roles.ahead.chain)
    for (Value result : op->getResults())
      if (llvm::any_of(result.getUsers(), [&](Operation *user) { return !roles.ahead.chain.contains(user); }) ||
          llvm::any_of(result.getUses(), [&](OpOperand &use) { return !readsAsFragment(use); }))
        roles.ahead.chainShared.push_back(result);
  for (tile::LoadOp load : roles.ahead.staged) {
    FailureOr<SharedType> type = operandType(::cast<RankedTensorType>(load.getTile().getType()), 1, load.getLoc());
    if (failed(type))
      return failure();
    SetVector<Operation *> slice = neededBefore(roles.loop, {load});
    for (Operation *op : roles.ahead.slice)
      for (Operation *needed : neededBefore(roles.loop, {op}))
        if (llvm::is_contained(load->getOperands(), op->getResult(0)))
          slice.insert(needed);
    bool own = llvm::any_of(slice, [](Operation *op) { return isa<tile::PartOp>(op); });
    if (own)
      roles.own.insert(load);
    auto ring = SharedType::get(b.getContext(), type->getShape(), type->getElementType(), type->getSwizzle(),
                                stages * (own ? warpgroups : 1), type->getPanel());
    roles.ahead.buffers.push_back(AllocOp::create(b, load.getLoc(), ring, int64_t(-1)));
  }
  for (Value tile : roles.ahead.chainShared)
    roles.smallBuffers[tile] = AllocOp::create(b, tile.getLoc(), sharedType(tile, stages * warpgroups), int64_t(-1));
  findWeights(roles);
  for (Value tile : roles.weightTiles) {
    FailureOr<SharedType> type = operandType(::cast<RankedTensorType>(tile.getType()), stages * warpgroups, tile.getLoc());
    if (failed(type))
      return failure();
    weightBuffers[tile] = AllocOp::create(b, tile.getLoc(), *type, int64_t(-1));
  }
  int64_t readers = warpgroups + (roles.weights.empty() ? 0 : 1);
  Registers registers = shareRegisters(roles.loop, warpgroups, !roles.weights.empty());
  roles.decayTurns = registers.plenty;
  auto barriers = MbarriersType::get(b.getContext(), stages);
  bool chain = !roles.ahead.chain.empty();
  roles.full = MbarriersOp::create(b, loc, barriers, int64_t(-1), int32_t(chain && !roles.decayTurns ? 1 + kLanes * warpgroups : 1));
  if (chain && roles.decayTurns)
    roles.decayed = MbarriersOp::create(b, loc, barriers, int64_t(-1), int32_t(kLanes));
  roles.empty = MbarriersOp::create(b, loc, barriers, int64_t(-1), int32_t(kLanes * kWarpgroup * readers));
  for (auto store : roles.loop.getBody()->getOps<tile::StoreOp>()) {
    FailureOr<SharedType> type = storedType(store);
    if (failed(type))
      return failure();
    for (Value operand : store->getOperands().drop_front())
      if (!collectSlice(operand, roles.loop, roles.ahead.slice))
        return store.emitOpError("expected an address that follows from the chunk's number; choose a plan without warpgroups");
    auto each = MbarriersType::get(b.getContext(), warpgroups);
    handovers[store] = {AllocOp::create(b, loc, *type, int64_t(-1)), MbarriersOp::create(b, loc, each, int64_t(-1), int32_t(kLanes * kWarpgroup)),
                        MbarriersOp::create(b, loc, each, int64_t(-1), int32_t(1))};
    roles.stores.push_back(store);
  }
  if (!roles.weights.empty())
    roles.weighted = MbarriersOp::create(b, loc, MbarriersType::get(b.getContext(), stages * warpgroups), int64_t(-1), int32_t(kLanes * kWarpgroup));
  BarrierOp::create(b, loc, /*warp=*/false);
  dest.setThreads(registers.threads);
  {
    OpBuilder::InsertionGuard guard(b);
    openRole("helpers", 0, kWarpgroup, 1, registers.helping, /*single=*/false);
    if (failed(emitFetcher(roles)) || (chain && failed(emitSmallTiles(roles))) || (!roles.stores.empty() && failed(emitFlusher(roles))))
      return failure();
  }
  if (!roles.weights.empty() && failed(emitWeights(roles, registers.weighing)))
    return failure();
  if (failed(emitComputing(roles, registers.computing)))
    return failure();
  ReturnOp::create(b, loc);
  return success();
}
