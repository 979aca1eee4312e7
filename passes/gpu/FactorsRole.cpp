// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The role `factors`: teams of warps take turns at the chunks and compute all tiles that do not depend on the state, for all parts. One
// thread of a team is the role `fetch` as well, for the chunks of its turns: who has read a stage knows when it can be filled again.

#include "RoleConverter.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

namespace {
class FactorsRole : RoleConverter {
public:
  FactorsRole(RoleKernel &kernel, const OpBuilder &point) : RoleConverter(kernel, Role::Factors, point) {}
  LogicalResult convert();

private:
  SmallVector<tile::LoadOp> smallLoads(ArrayRef<Operation *> tiles);
  void bindParts();
  FailureOr<SmallVector<Value>> beginBlock(Value first);
  void fetchFirst(const Walk &turns);
  void fetchAhead(scf::ForOp made, const Position &at);
  void fetchIfAny(const Channel &loads, Value counter, const Position &at);
  Value chunksAfter(Value counter, int64_t chunks);
  SmallVector<Value> loadSmall(Value counter);
  LogicalResult beginChunk(scf::ForOp made, const Position &at);
  FailureOr<SmallVector<Value>> computeChunk(scf::ForOp made, const Position &at);
  LogicalResult computeTiles(const Position &at);
  LogicalResult compute(ArrayRef<Operation *> tiles, int64_t part, const Position &at);

  /// What of the loop is small and loaded once, or for each part.
  SmallVector<tile::LoadOp> loadsOnce, loadsOfPart;
  /// What each part calls the source's values: of the block, and of the chunk.
  SmallVector<TileValues::Names> ofBlock, ofChunk;
  /// The scalars of the block, of each of them.
  SmallVector<IRMapping> scalars;
};
} // namespace

LogicalResult FactorsRole::convert() {
  open();
  AwaitLaunchOp::create(b, source.getLoc());
  // What is handed over is complete before the stage is empty, and factors take fewer registers than what they are computed from.
  for (const ChunkLoop &next : kernel.loops)
    for (const auto &done : {next.work.factorsOnce, next.work.factorsOfPart})
      for (Operation *op : done)
        for (Value result : op->getResults())
          ops.computeInPlace(result);
  return eachBlock([&] {
    loadsOnce = smallLoads(work().factorsOnce);
    loadsOfPart = smallLoads(work().factorsOfPart);
    bindParts();
    return inTurns([&](Value first) { return beginBlock(first); },
                   [&](scf::ForOp made, const Position &at) { return computeChunk(made, at); });
  });
}

SmallVector<tile::LoadOp> FactorsRole::smallLoads(ArrayRef<Operation *> tiles) {
  SmallVector<tile::LoadOp> loads;
  for (Operation *op : tiles)
    if (auto load = dyn_cast<tile::LoadOp>(op); load && values.types.placement.isSmall(load.getTile()))
      loads.push_back(load);
  return loads;
}

/// Names the scalars before the loop for each of the parts.
void FactorsRole::bindParts() {
  ofBlock.clear();
  scalars.clear();
  const TileValues::Names outer = values.names;
  for (Value number : allParts()) {
    values.names = outer;
    bindPart(number);
    ofBlock.push_back(values.names);
    scalars.push_back(values.names.scalars);
  }
}

/// Issues the first loads, and computes the tiles before the loop.
FailureOr<SmallVector<Value>> FactorsRole::beginBlock(Value first) {
  const Walk turns = everyNth(first, entry.getParts());
  fetchFirst(turns);
  SmallVector<Value> loaded = loadSmall(turns.begin);
  for (TileValues::Names &names : ofBlock) {
    values.names = names;
    if (failed(ops.convert(work().factorsBefore)))
      return failure();
    names = values.names;
  }
  return loaded;
}

Value FactorsRole::chunksAfter(Value counter, int64_t chunks) {
  if (chunks == 0)
    return counter;
  Value tokens = arith::MulIOp::create(b, loop.getLoc(), values.scalar(loop.getStep()), index(chunks));
  return arith::AddIOp::create(b, loop.getLoc(), counter, tokens);
}

/// If the block has the chunk.
void FactorsRole::fetchIfAny(const Channel &loads, Value counter, const Position &at) {
  OpBuilder::InsertionGuard guard(b);
  Value any = arith::CmpIOp::create(b, loop.getLoc(), arith::CmpIPredicate::slt, counter, values.scalar(loop.getUpperBound()));
  b.setInsertionPointToStart(scf::IfOp::create(b, loop.getLoc(), any, /*withElseRegion=*/false).thenBlock());
  fetchChunk(loads, scalars, counter, at);
}

/// The chunks of the team's turns that its first one finds under way.
void FactorsRole::fetchFirst(const Walk &turns) {
  if (llvm::none_of(channels().loads, [](const Channel &loads) { return loads.lead > 0; }))
    return;
  OpBuilder::InsertionGuard guard(b);
  b.createBlock(&SingleOp::create(b, loop.getLoc()).getBody());
  for (const Channel &loads : channels().loads)
    for (int64_t chunk = 0; chunk < loads.lead; chunk += entry.getParts()) {
      values.names = ofBlock.front();
      fetchIfAny(loads, chunksAfter(turns.begin, chunk), after(startOf(turns), chunk));
    }
}

/// What was read at the team's turn before, or by `compute` before there was room for this chunk's factors, makes room for another chunk.
void FactorsRole::fetchAhead(scf::ForOp made, const Position &at) {
  OpBuilder::InsertionGuard guard(b);
  b.createBlock(&SingleOp::create(b, loop.getLoc()).getBody());
  for (const Channel &loads : channels().loads) {
    values.names = ofBlock.front();
    if (loads.lead == 0)
      fetchChunk(loads, scalars, made.getInductionVar(), at);
    else
      fetchIfAny(loads, chunksAfter(made.getInductionVar(), loads.lead), after(at, loads.lead));
  }
}

/// The small loads of a chunk: once, then for each part. They are on their way while the team's chunk before is worked on.
SmallVector<Value> FactorsRole::loadSmall(Value counter) {
  values.names = ofBlock.front();
  SmallVector<Value> loads = ahead->load(loadsOnce, counter);
  for (const TileValues::Names &names : ofBlock) {
    values.names = names;
    llvm::append_range(loads, ahead->load(loadsOfPart, counter));
  }
  return loads;
}

/// Names the chunk's scalars, fetched tiles and small loads for each part.
LogicalResult FactorsRole::beginChunk(scf::ForOp made, const Position &at) {
  ArrayRef<BlockArgument> loaded = made.getRegionIterArgs();
  ofChunk = ofBlock;
  for (auto [number, names] : llvm::enumerate(ofChunk)) {
    values.names = names;
    values.bind(loop.getInductionVar(), made.getInductionVar());
    if (failed(ops.convert(work().factorScalars)))
      return failure();
    nameStage(at, index(number));
    for (auto [load, raw] : llvm::zip(loadsOnce, loaded))
      values.bind(load.getTile(), ahead->converted(load, raw));
    for (auto [load, raw] : llvm::zip(loadsOfPart, loaded.drop_front(loadsOnce.size() + number * loadsOfPart.size())))
      values.bind(load.getTile(), ahead->converted(load, raw));
    names = values.names;
  }
  return success();
}

FailureOr<SmallVector<Value>> FactorsRole::computeChunk(scf::ForOp made, const Position &at) {
  if (failed(beginChunk(made, at)))
    return failure();
  // These are read before the next loads are issued: a thread waits for all of them together.
  SmallVector<Value> next = loadSmall(arith::AddIOp::create(b, made.getLoc(), made.getInductionVar(), made.getStep()));
  const Channel &factors = channels().factors;
  if (!factors.isEmpty())
    factors.acquire(b, at, /*part=*/{});
  fetchAhead(made, at);
  const SmallVector<const Channel *> fetched = channels().loadsFor(Role::Factors);
  for (const Channel *channel : fetched)
    channel->await(b, at, /*part=*/{});
  values.beginBlock(made.getBody());
  if (failed(computeTiles(at)))
    return failure();
  releaseAll(b, fetched, at, /*part=*/{});
  if (!factors.isEmpty())
    factors.commit(b, at, /*part=*/{});
  return next;
}

/// What is computed once is known to each part.
LogicalResult FactorsRole::computeTiles(const Position &at) {
  values.names = ofChunk.front();
  if (failed(compute(work().factorsOnce, /*part=*/0, at)))
    return failure();
  const TileValues::Names once = values.names;
  for (auto [part, names] : llvm::enumerate(ofChunk)) {
    names.fragments.insert(once.fragments.begin(), once.fragments.end());
    names.shared.insert(once.shared.begin(), once.shared.end());
    values.names = names;
    if (failed(compute(work().factorsOfPart, part, at)))
      return failure();
    names = values.names;
  }
  return success();
}

/// What is handed over goes to its stage at once: no registers hold it until the others are there.
LogicalResult FactorsRole::compute(ArrayRef<Operation *> tiles, int64_t part, const Position &at) {
  const Channel &factors = channels().factors;
  for (Operation *op : tiles) {
    if (failed(ops.convert(*op)))
      return failure();
    for (Value tile : op->getResults())
      if (factors.carries(tile))
        PutOp::create(b, tile.getLoc(), values.fragmentOf(tile, values.fragmentType(tile)), factors.slot(b, tile, at, index(part)),
                      identityPerm(tileType(tile).getRank()));
  }
  return success();
}

LogicalResult mixc::gpu::convertFactors(RoleKernel &kernel, const OpBuilder &point) { return FactorsRole(kernel, point).convert(); }
