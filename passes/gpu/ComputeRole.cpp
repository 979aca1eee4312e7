// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The role `compute`: a warpgroup for each part does what the others leave, with the state in its registers.

#include "ConvertKernel.h"
#include "RoleConverter.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

namespace {
class ComputeRole : RoleConverter {
public:
  ComputeRole(RoleKernel &kernel, const OpBuilder &point) : RoleConverter(kernel, Role::Compute, point) {}
  LogicalResult convert();

private:
  void prepareTiles();
  LogicalResult computeBlock();
  FailureOr<SmallVector<Value>> computeChunk(scf::ForOp made, const Position &at);
  LogicalResult computeOps(const Position &at);
  void handOver(tile::StoreOp store, const Position &at);
  LogicalResult finishBlock(scf::ForOp made);

  Value part;
};
} // namespace

LogicalResult ComputeRole::convert() {
  open();
  AwaitLaunchOp::create(b, source.getLoc());
  part = role.getBody().getArgument(0);
  workers.setPart(part);
  prepareTiles();
  if (failed(eachBlock([&] { return computeBlock(); })))
    return failure();
  insertBarriers(role.getBody().front(), entry.getWarps());
  return success();
}

/// Which tiles are held in registers, found in shared memory, and packed ahead.
void ComputeRole::prepareTiles() {
  source.walk([&](tile::LoadOp load) {
    if (WorkAttr done = workOf(load); done && done.getHeld()) {
      RankedTensorType tile = tileType(load.getTile());
      values.types.hold(load.getTile(), FragmentType::get(b.getContext(), tile.getShape(), tile.getElementType(), done.getHeld()));
    }
  });
  for (const ChunkLoop &next : kernel.loops) {
    for (const auto &handedOver : {next.work.earlyOut, next.work.factorsOut})
      for (Value tile : handedOver)
        values.types.findInShared(tile);
    for (Operation *op : next.work.compute)
      if (workOf(op).getAhead())
        ops.computeInPlace(op->getResult(0));
  }
}

LogicalResult ComputeRole::computeBlock() {
  bindPart(part);
  if (failed(ops.convert(work().computeBefore)))
    return failure();
  SmallVector<Type> types = llvm::map_to_vector(loop.getRegionIterArgs(), [&](Value arg) { return values.convertedType(arg); });
  SmallVector<Value> inits = values.yieldedAll(loop.getInitArgs(), types);
  FailureOr<scf::ForOp> made = forEachChunk(inits, [&](scf::ForOp made, const Position &at) { return computeChunk(made, at); });
  return failed(made) ? failure() : finishBlock(*made);
}

FailureOr<SmallVector<Value>> ComputeRole::computeChunk(scf::ForOp made, const Position &at) {
  SmallVector<const Channel *> read = channels().loadsFor(Role::Compute);
  for (const Channel *loads : read)
    loads->await(b, at, /*part=*/{});
  for (auto [old, fresh] : llvm::zip(loop.getRegionIterArgs(), made.getRegionIterArgs()))
    values.bind(old, fresh);
  nameStage(at, part);
  values.beginBlock(made.getBody());
  if (failed(computeOps(at)))
    return failure();
  SmallVector<Value> yields = values.yieldedAll(loop.getYieldedValues(), ValueRange(made.getRegionIterArgs()).getTypes());
  values.awaitProducts();
  llvm::append_range(read, channels().computedFor(Role::Compute));
  releaseAll(b, read, at, /*part=*/{});
  return yields;
}

/// The chunk's ops in their order; what other roles compute is awaited where it is first read.
LogicalResult ComputeRole::computeOps(const Position &at) {
  SmallVector<const Channel *> awaited = channels().computedFor(Role::Compute);
  for (Operation *op : work().compute) {
    llvm::erase_if(awaited, [&](const Channel *channel) {
      if (!channel->feeds(op))
        return false;
      channel->await(b, at, part);
      return true;
    });
    auto store = dyn_cast<tile::StoreOp>(op);
    if (store && isDoneBy(store, Role::Flush))
      handOver(store, at);
    else if (failed(ops.convert(*op)))
      return failure();
  }
  return success();
}

/// Puts a result where the role `flush` finds it.
void ComputeRole::handOver(tile::StoreOp store, const Position &at) {
  const Channel &results = channels().results.find(store)->second;
  Value tile = store.getTile();
  Value fragment = values.fragmentOf(tile, values.fragmentType(tile));
  fragment = values.cast(fragment, cast<MemRefType>(store.getDest().getType()).getElementType());
  results.acquire(b, at, part);
  PutOp::create(b, store.getLoc(), fragment, results.slot(b, tile, at, part), memoryOrder(store.getDims()));
  results.commit(b, at, part);
}

/// What the loop leaves, and what follows the last one. That had no registers to spare for scalars that are needed now.
LogicalResult ComputeRole::finishBlock(scf::ForOp made) {
  for (auto [old, fresh] : llvm::zip(loop.getResults(), made.getResults()))
    values.bind(old, fresh);
  values.bind(source.getBody().getArgument(tile::KernelOp::kBlock), BlockOp::create(b, loop.getLoc(), b.getIndexType(), blockNumber));
  bindPart(part);
  return ops.convert(work().computeAfter);
}

LogicalResult mixc::gpu::convertCompute(RoleKernel &kernel, const OpBuilder &point) { return ComputeRole(kernel, point).convert(); }
