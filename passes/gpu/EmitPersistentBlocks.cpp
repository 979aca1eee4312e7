// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Persistent blocks: a role goes on with the work of another block instead of ending, in a loop over blocks (gpu_tile.grid).
// Which plans have them, the family says (Sm90a.cpp); how many are launched, the runtime (cuda_launch.c).

#include "KernelEmitter.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// Where a thread keeps the number of the block that it works on, while a loop over chunks has no register to spare for it.
Value KernelEmitter::blockNumberPointer() {
  int64_t all = kernel.getThreads();
  return offsetPointer(state.sharedBase, mul(reread("tid.x"), kBlockNumberBytes), kernel.getSharedBytes() - all * kBlockNumberBytes);
}

Value KernelEmitter::loadBlockNumber() {
  return LLVM::LoadOp::create(b, b.getI32Type(), blockNumberPointer(), /*alignment=*/kBlockNumberBytes, /*isVolatile=*/true);
}

/// A loop over blocks whose counter is in shared memory.
LogicalResult KernelEmitter::emitOverBlocks(scf::ForOp op, Value begin, Value end, Value step) {
  auto store = [&](Value number) {
    LLVM::StoreOp::create(b, number, blockNumberPointer(), /*alignment=*/kBlockNumberBytes, /*isVolatile=*/true);
  };
  store(begin);
  Names outer = names();
  Values inits = flatten(op.getInitArgs());
  SmallVector<Type> types = flatTypes(op.getResultTypes());
  auto loop = scf::WhileOp::create(b, types, inits);
  {
    OpBuilder::InsertionGuard guard(b);
    SmallVector<Location> locs(types.size(), op.getLoc());
    Block *before = b.createBlock(&loop.getBefore(), {}, types, locs);
    scf::ConditionOp::create(b, arith::CmpIOp::create(b, arith::CmpIPredicate::slt, loadBlockNumber(), end), before->getArguments());
    Block *after = b.createBlock(&loop.getAfter(), {}, types, locs);
    llvm::SaveAndRestore outerThread(thread), outerLane(lane), outerWarp(warp);
    setThread(rereadThread());
    rereadParameters();
    rereadPart();
    scalars.map(op.getInductionVar(), widen(loadBlockNumber()));
    size_t at = 0;
    for (BlockArgument arg : op.getRegionIterArgs())
      at = bind(arg, after->getArguments(), at);
    llvm::SaveAndRestore kept(state.keptBlockNumber, Value(op.getInductionVar()));
    if (failed(emitBlock(*op.getBody())))
      return failure();
    store(add(loadBlockNumber(), op.getStep().getDefiningOp<GridOp>() ? reread("nctaid.x") : step));
    scf::YieldOp::create(b, flatten(op.getYieldedValues()));
  }
  restore(outer);
  size_t at = 0;
  for (Value result : op.getResults())
    at = bind(result, loop.getResults(), at);
  return success();
}

/// Whether a loop in it carries more than leaves registers to spare.
bool KernelEmitter::holdsManyRegisters(scf::ForOp op) {
  return llvm::any_of(op.getBody()->getOps<scf::ForOp>(),
                      [&](scf::ForOp inner) { return flatTypes(inner.getResultTypes()).size() >= kManyRegisters; });
}
