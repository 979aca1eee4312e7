// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ChunkWork.h"
#include "Partition.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// The ops of a block that a role does; those of `compute` in its order.
static SmallVector<Operation *> opsOf(Block &block, Role role) {
  SmallVector<Operation *> ops;
  for (Operation &op : block)
    if (isDoneBy(&op, role))
      ops.push_back(&op);
  if (role == Role::Compute)
    llvm::sort(ops, [](Operation *a, Operation *b) { return workOf(a).getOrder() < workOf(b).getOrder(); });
  return ops;
}

SharedType mixc::gpu::sharedForm(Value tile) {
  auto result = cast<OpResult>(tile);
  return cast<SharedType>(workOf(result.getOwner()).getThrough()[result.getResultNumber()]);
}

/// The results that get to other roles through shared memory.
static SmallVector<Value> handedOver(ArrayRef<Operation *> ops) {
  SmallVector<Value> tiles;
  for (Operation *op : ops)
    for (auto [result, type] : llvm::zip(op->getResults(), workOf(op).getThrough()))
      if (isa<SharedType>(type))
        tiles.push_back(result);
  return tiles;
}

/// The first loads, then what is computed from them.
static void readVectors(ChunkWork &work) {
  SmallVector<Operation *> ops = opsOf(*work.loop.getBody(), Role::Vectors);
  llvm::erase_if(ops, [&](Operation *op) { return work.ahead.slice.contains(op); });
  for (Operation *op : ops)
    if (auto load = dyn_cast<tile::LoadOp>(op)) {
      work.ahead.small.push_back(load);
      work.ahead.chain.insert(load);
    }
  work.ahead.chain.insert_range(ops);
  work.vectorsOut = handedOver(work.ahead.chain.getArrayRef());
}

/// The ops of a role that works ahead: scalars, what it does once, and for each part. Returns what it hands over.
static SmallVector<Value> readAheadOf(Role role, scf::ForOp loop, SmallVector<Operation *> &scalars, SmallVector<Operation *> &once,
                                      SmallVector<Operation *> &ofPart) {
  SmallVector<Operation *> tiles;
  for (Operation *op : opsOf(*loop.getBody(), role)) {
    if (llvm::none_of(op->getResults(), isTile)) {
      scalars.push_back(op);
      continue;
    }
    tiles.push_back(op);
    (workOf(op).getEachPart() ? ofPart : once).push_back(op);
  }
  return handedOver(tiles);
}

SmallVector<Role, 2> mixc::gpu::readersOf(tile::LoadOp load) {
  SmallVector<Role, 2> readers;
  for (Role role : {Role::Factors, Role::Compute})
    if (llvm::any_of(load.getTile().getUsers(), [&](Operation *user) {
          Operation *op = load->getBlock()->findAncestorOpInBlock(*user);
          return op && (isDoneBy(op, role) || (role == Role::Compute && isa<scf::YieldOp>(op))); // what is carried is theirs
        }))
      readers.push_back(role);
  return readers;
}

/// The tiles that a role has before the loop, for its ops in it.
static SmallVector<Operation *> readBefore(Role role, scf::ForOp loop, ArrayRef<Operation *> ops) {
  SetVector<Operation *> needed = neededBefore(loop, ops);
  return llvm::filter_to_vector(needed, [&](Operation *op) { return isDoneBy(op, role); });
}

/// `compute` has what stands between two loops before the second one.
static void readComputeAround(MutableArrayRef<ChunkWork> loops) {
  for (Operation *op : opsOf(*loops.front().loop->getBlock(), Role::Compute)) {
    if (isDoneBy(op, Role::Fetch)) // a loop
      continue;
    auto next = llvm::find_if(loops, [&](const ChunkWork &work) { return op->isBeforeInBlock(work.loop); });
    (next == loops.end() ? loops.back().computeAfter : next->computeBefore).push_back(op);
  }
}

static ChunkWork readLoop(tile::KernelOp kernel, scf::ForOp loop) {
  ChunkWork work;
  work.loop = loop;
  work.scalars = scalarsAround(kernel);
  Block &body = *work.loop.getBody();
  for (Operation *op : opsOf(body, Role::Fetch)) {
    if (auto load = dyn_cast<tile::LoadOp>(op))
      work.fetched.push_back(load);
    else
      work.ahead.slice.insert(op);
  }
  for (Operation *op : opsOf(body, Role::Flush))
    if (auto store = dyn_cast<tile::StoreOp>(op))
      work.flushed.push_back(store);
  work.compute = opsOf(body, Role::Compute);
  readVectors(work);
  work.earlyOut = readAheadOf(Role::Early, work.loop, work.earlyScalars, work.earlyOnce, work.earlyOfPart);
  work.factorsOut = readAheadOf(Role::Factors, work.loop, work.factorScalars, work.factorsOnce, work.factorsOfPart);
  work.vectorsBefore = readBefore(Role::Vectors, loop, work.ahead.chain.getArrayRef());
  SmallVector<Operation *> factors = work.factorsOnce;
  llvm::append_range(factors, work.factorsOfPart);
  work.factorsBefore = readBefore(Role::Factors, loop, factors);
  return work;
}

std::vector<ChunkWork> mixc::gpu::readChunkWork(tile::KernelOp kernel) {
  std::vector<ChunkWork> loops;
  for (auto loop : kernel.getBody().getOps<scf::ForOp>())
    if (isDoneBy(loop, Role::Fetch))
      loops.push_back(readLoop(kernel, loop));
  readComputeAround(loops);
  return loops;
}
