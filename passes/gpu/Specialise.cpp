// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernels for sm_90a: the warps of a block have roles. One thread fetches the tiles of coming chunks and another one writes results
// back, some warps take turns to compute a chunk's small tiles (the decays), one warpgroup computes what products need that does not
// depend on the state (the weights), and one warpgroup for each part does the rest, its state in registers. They meet at barriers in
// shared memory: `full` says that a stage holds a chunk, `decayed` (or `full`, where each part has a warp for them) that its decays
// are there, `weighted` its weights, `empty` that all have read it. Each role does the work of one block after the other, so that
// the next one's chunks are fetched while this one's last are computed.

#include "BulkTiles.h"
#include "KernelConverter.h"
#include "Partition.h"
#include "RoleTable.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// Stages of a tile that is copied: an operand of products of a warpgroup, or a tile like another.
SharedType KernelConverter::stageType(Value tile, int64_t ofStages) {
  if (std::optional<SharedType> operand = part && feedsProduct(tile) ? operandTypeOf(tileType(tile)) : std::nullopt)
    return withStages(*operand, ofStages);
  return types.shared(tile, ofStages);
}

//===--- What the attributes say ---===//

/// The ops of a block that a role does: those of `compute` in its order.
SmallVector<Operation *> KernelConverter::opsOf(Block &block, Role role) {
  SmallVector<Operation *> ops;
  for (Operation &op : block)
    if (isDoneBy(&op, role))
      ops.push_back(&op);
  if (role == Role::Compute)
    llvm::sort(ops, [](Operation *a, Operation *b) { return workOf(a).getOrder() < workOf(b).getOrder(); });
  return ops;
}

/// The tiles of the loop that get to other roles through shared memory.
void KernelConverter::readHandedOver(Roles &roles) {
  auto isShared = [](Operation *op, unsigned result) {
    ArrayRef<Type> through = workOf(op).getThrough();
    return !through.empty() && isa<SharedType>(through[result]);
  };
  for (Operation *op : roles.ahead.chain)
    for (OpResult result : op->getResults())
      if (isShared(op, result.getResultNumber()))
        roles.ahead.chainShared.push_back(result);
  for (Operation *op : roles.early)
    for (OpResult result : op->getResults())
      if (isShared(op, result.getResultNumber()))
        roles.handedOver.push_back(result);
}

KernelConverter::Roles KernelConverter::readRoles() {
  Roles roles;
  for (auto loop : source.getBody().getOps<scf::ForOp>())
    if (isDoneBy(loop, Role::Fetch))
      roles.loop = loop;
  roles.scalars = scalarsAround(roles.loop);
  Block &body = *roles.loop.getBody();
  for (Operation *op : opsOf(body, Role::Fetch)) {
    if (auto load = dyn_cast<tile::LoadOp>(op))
      roles.ahead.staged.push_back(load);
    else
      roles.ahead.slice.insert(op);
  }
  SmallVector<Operation *> vectors = opsOf(body, Role::Vectors);
  llvm::erase_if(vectors, [&](Operation *op) { return roles.ahead.slice.contains(op); });
  for (Operation *op : vectors)
    if (auto load = dyn_cast<tile::LoadOp>(op)) {
      roles.ahead.small.push_back(load);
      roles.ahead.chain.insert(load);
    }
  roles.ahead.chain.insert_range(vectors);
  for (Operation *op : opsOf(body, Role::Early))
    if (llvm::any_of(op->getResults(), isTile))
      roles.early.push_back(op);
  for (Operation *op : opsOf(body, Role::Flush))
    if (auto store = dyn_cast<tile::StoreOp>(op))
      roles.stores.push_back(store);
  roles.compute = opsOf(body, Role::Compute);
  for (Operation *op : opsOf(*roles.loop->getBlock(), Role::Compute))
    if (op != roles.loop)
      (op->isBeforeInBlock(roles.loop) ? roles.computeBefore : roles.computeAfter).push_back(op);
  readHandedOver(roles);
  return roles;
}

//===--- Roles ---===//

RoleOp KernelConverter::openRole(Role role) {
  RoleAttr entry = roleOf(source, role);
  StringRef name = role == Role::Vectors ? "decay" : role == Role::Early ? "weights" : stringifyRole(role);
  auto op = RoleOp::create(b, source.getLoc(), b.getStringAttr(name), b.getI32IntegerAttr(entry.getFirst()),
                           b.getI32IntegerAttr(entry.getWarps()), b.getI32IntegerAttr(entry.getParts()),
                           b.getI32IntegerAttr(entry.getRegisters()), entry.getSingle() ? b.getUnitAttr() : UnitAttr());
  Block *body = b.createBlock(&op.getBody(), {}, {b.getIndexType()}, {source.getLoc()});
  b.setInsertionPointToStart(body);
  return op;
}

/// This part's of buffers that all parts have.
Value KernelConverter::allocForPart(SharedType type, Location loc) {
  Value all;
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&dest.getBody().front());
    all = AllocOp::create(b, loc, withStages(type, parts), int64_t(-1));
  }
  return SlotOp::create(b, loc, type, all, part);
}

/// Names the part, and the scalars around the loop.
void KernelConverter::bindPart(Roles &roles, Value number) {
  source.walk([&](tile::PartOp op) { map.map(op.getResult(), number); });
  for (Operation *op : roles.scalars)
    b.clone(*op, map);
}

//===--- The kernel ---===//

static SharedType throughOf(Value tile) {
  auto result = ::cast<OpResult>(tile);
  return ::cast<SharedType>(workOf(result.getOwner()).getThrough()[result.getResultNumber()]);
}

/// A ring of `stages` stages for each tile that gets from role to role, or for each part of it.
void KernelConverter::allocRings(Roles &roles) {
  auto alloc = [&](Value tile, bool eachPart) {
    SharedType type = withStages(throughOf(tile), stages * (eachPart ? warpgroups : 1));
    return AllocOp::create(b, tile.getLoc(), type, int64_t(-1)).getBuffer();
  };
  for (tile::LoadOp load : roles.ahead.staged)
    roles.ahead.buffers.push_back(alloc(load.getTile(), workOf(load).getEachPart()));
  for (Value tile : roles.ahead.chainShared)
    roles.smallBuffers[tile] = alloc(tile, true);
  for (Value tile : roles.handedOver)
    weightBuffers[tile] = alloc(tile, true);
}

void KernelConverter::makeBarriers(Roles &roles) {
  Location loc = source.getLoc();
  auto make = [&](int64_t count, int64_t arrivals) {
    return MbarriersOp::create(b, loc, MbarriersType::get(b.getContext(), count), int64_t(-1), int32_t(arrivals));
  };
  RoleAttr vectors = roleOf(source, Role::Vectors), early = roleOf(source, Role::Early);
  bool beside = vectors && !vectors.getTurns();
  roles.full = make(stages, beside ? 1 + kLanes * warpgroups : 1);
  if (vectors && vectors.getTurns())
    roles.decayed = make(stages, kLanes);
  roles.empty = make(stages, kLanes * kWarpgroup * (warpgroups + (early ? 1 : 0)));
  for (tile::StoreOp store : roles.stores) {
    SharedType type = ::cast<SharedType>(workOf(store).getThrough().front());
    Value buffer = AllocOp::create(b, loc, withStages(type, warpgroups), int64_t(-1));
    handovers[store] = {buffer, make(warpgroups, kLanes * kWarpgroup), make(warpgroups, 1)};
  }
  if (early)
    roles.weighted = make(stages * warpgroups, kLanes * kWarpgroup);
  BarrierOp::create(b, loc, /*warp=*/false);
}

LogicalResult KernelConverter::runWithRoles() {
  parts = warpgroups;
  Roles roles = readRoles();
  allocRings(roles);
  makeBarriers(roles);
  dest.setThreads(kLanes * roleOf(source, Role::Compute).getEnd());
  {
    OpBuilder::InsertionGuard guard(b);
    openRole(Role::Helpers);
    if (failed(emitFetcher(roles)) || (roleOf(source, Role::Vectors) && failed(emitSmallTiles(roles))) ||
        (roleOf(source, Role::Flush) && failed(emitFlusher(roles))))
      return failure();
  }
  if (roleOf(source, Role::Early) && failed(emitWeights(roles)))
    return failure();
  if (failed(emitComputing(roles)))
    return failure();
  ReturnOp::create(b, source.getLoc());
  return success();
}
