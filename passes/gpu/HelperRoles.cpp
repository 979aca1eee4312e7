// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The roles of the first warpgroup: one thread fetches tiles, warps compute decays, one thread writes results back.

#include "KernelConverter.h"
#include "RoleTable.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

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
  openRole(Role::Fetch);
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
      bytes += ::cast<SharedType>(ring.getType()).getBytes() * (workOf(load).getEachPart() ? warpgroups : 1);
    ExpectOp::create(b, loc, roles.full, stage, bytes);
    for (int64_t number = 0; number < warpgroups; ++number) {
      map = maps[number];
      IRMapping scalars = cloneSlice(roles.ahead, roles.loop, made.getInductionVar());
      for (auto [load, ring] : llvm::zip(roles.ahead.staged, roles.ahead.buffers)) {
        if (workOf(load).getEachPart())
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
  openRole(Role::Flush);
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
  Scope outer = scope();
  llvm::SaveAndRestore savedPart(part);
  llvm::SaveAndRestore savedParts(parts, roleOf(source, Role::Vectors).getParts());
  RoleOp role = openRole(Role::Vectors);
  AwaitLaunchOp::create(b, source.getLoc());
  part = role.getBody().getArgument(0);
  LogicalResult done = eachBlock([&] { return computeSmallTiles(roles, role.getLoc()); });
  if (succeeded(done))
    insertBarriers(role.getBody().front(), /*warps=*/1);
  enter(outer);
  return done;
}

/// The loads of a chunk's small tiles for each part. What a chunk loads is on its way while the warp's chunk before it is worked on, or
/// what the block has once is waited for. It is read before the next loads are issued: a thread waits for all of them together.
SmallVector<Value> KernelConverter::loadSmallTiles(Roles &roles, ArrayRef<Scope> parts, Value counter) {
  SmallVector<Value> loads;
  for (const Scope &ofPart : parts) {
    enter(ofPart);
    for (tile::LoadOp op : roles.ahead.small)
      loads.push_back(loadIfWithin(roles.ahead, roles.loop, op, counter));
  }
  return loads;
}

LogicalResult KernelConverter::computeSmallTiles(Roles &roles, Location loc) {
  OpBuilder::InsertionGuard guard(b);
  bool turns = roleOf(source, Role::Vectors).getTurns();
  int64_t stride = turns ? parts : 1;
  SmallVector<Operation *> chain(roles.ahead.chain.begin(), roles.ahead.chain.end());
  // Scalars and tiles before the loop, for each part of the block.
  const Scope outer = scope();
  SmallVector<Scope> each;
  SmallVector<Value> numbers = {part};
  if (turns)
    numbers = llvm::map_to_vector(llvm::seq(warpgroups), [&](int64_t number) { return index(number); });
  for (Value number : numbers) {
    enter(outer);
    bindPart(roles, number);
    each.push_back(scope());
  }
  Value firstChunk, chunksAfter;
  if (turns) {
    // A block of few chunks may have none for this warp.
    Value chunks = countChunks(roles.loop);
    firstChunk = firstOfTurns(stride);
    chunksAfter = arith::AddIOp::create(b, loc, place, chunks);
    Value any = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, firstChunk, chunks);
    b.setInsertionPointToStart(scf::IfOp::create(b, loc, any, /*withElseRegion=*/false).thenBlock());
  }
  Value begin = firstChunk ? tokenOf(roles.loop, firstChunk) : map.lookupOrDefault(roles.loop.getLowerBound());
  SmallVector<Value> first = loadSmallTiles(roles, each, begin);
  for (Scope &ofPart : each) {
    enter(ofPart);
    for (Operation *op : opsOf(*roles.loop->getBlock(), Role::Vectors))
      if (op != roles.loop && failed(convertOp(*op)))
        return failure();
    ofPart = scope();
  }
  scf::ForOp loop = chunkLoopOf(
      roles.loop, first,
      [&](scf::ForOp made, Value stage, Value parity) -> LogicalResult {
        size_t perPart = roles.ahead.small.size();
        SmallVector<Value> loaded;
        for (auto [i, raw] : llvm::enumerate(made.getRegionIterArgs().take_front(perPart * each.size())))
          loaded.push_back(cast(raw, fragmentType(roles.ahead.small[i % perPart].getTile()).getElementType()));
        carriedOut = loadSmallTiles(roles, each, arith::AddIOp::create(b, loc, made.getInductionVar(), made.getStep()));
        // All is in registers before the stage is empty.
        SmallVector<Scope> now;
        for (auto [number, ofPart] : llvm::enumerate(each)) {
          enter(ofPart);
          enterChain(roles.ahead, roles.loop, made.getInductionVar(), ArrayRef(loaded).slice(number * perPart, perPart));
          for (Operation *op : chain)
            if (failed(convertOp(*op)))
              return failure();
          now.push_back(scope());
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
      },
      firstChunk, stride);
  if (turns)
    place = chunksAfter;
  return success(bool(loop));
}
