// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The role `factors`: teams of warps take turns at the chunks and compute all tiles that do not depend on the state, for all parts.

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
  FailureOr<SmallVector<Value>> beginBlock(Value begin);
  SmallVector<Value> loadSmall(Value counter);
  LogicalResult beginChunk(scf::ForOp made, const Position &at);
  FailureOr<SmallVector<Value>> computeChunk(scf::ForOp made, const Position &at);
  LogicalResult computeTiles(const Position &at);
  LogicalResult compute(ArrayRef<Operation *> tiles, int64_t part, const Position &at);

  /// What of the loop is small and loaded once, or for each part.
  SmallVector<tile::LoadOp> loadsOnce, loadsOfPart;
  /// What each part calls the source's values: of the block, and of the chunk.
  SmallVector<TileValues::Names> ofBlock, ofChunk;
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
    return inTurns([&](Value begin) { return beginBlock(begin); },
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
  const TileValues::Names outer = values.names;
  for (Value number : allParts()) {
    values.names = outer;
    bindPart(number);
    ofBlock.push_back(values.names);
  }
}

/// Issues the first loads, and computes the tiles before the loop.
FailureOr<SmallVector<Value>> FactorsRole::beginBlock(Value begin) {
  SmallVector<Value> first = loadSmall(begin);
  for (TileValues::Names &names : ofBlock) {
    values.names = names;
    if (failed(ops.convert(work().factorsBefore)))
      return failure();
    names = values.names;
  }
  return first;
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
  const SmallVector<const Channel *> fetched = channels().loadsFor(Role::Factors);
  for (const Channel *channel : fetched)
    channel->await(b, at, /*part=*/{});
  const Channel &factors = channels().factors;
  factors.acquire(b, at, /*part=*/{});
  values.beginBlock(made.getBody());
  if (failed(computeTiles(at)))
    return failure();
  releaseAll(b, fetched, at, /*part=*/{});
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
