// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What one thread of a group does stands where its warp would wait for others: the first warp solves triangular systems, beside which the
// last one issues copies.

#include "ConvertKernel.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// The barrier that an op waits for or tells.
static std::pair<Value, Value> barrierOf(Operation *op) {
  if (auto await = dyn_cast<AwaitOp>(op))
    return {await.getBarriers(), await.getIndex()};
  if (auto arrive = dyn_cast<ArriveOp>(op))
    return {arrive.getBarriers(), arrive.getIndex()};
  if (auto expect = dyn_cast<ExpectOp>(op))
    return {expect.getBarriers(), expect.getIndex()};
  return {};
}

/// Whether the op must stay behind what the thread does: it waits for what that thread tells, or tells what that thread waits for. The
/// conversion calls the stage of one chunk by one name.
static bool meets(Operation *op, SingleOp single) {
  const auto barrier = barrierOf(op);
  WalkResult met = single.walk([&](Operation *inner) -> WalkResult {
    return barrier.first && barrierOf(inner) == barrier ? WalkResult::interrupt() : WalkResult::advance();
  });
  return met.wasInterrupted();
}

/// The next solve of the block that it may be done beside, null if there is none.
static SolveOp solveBehind(SingleOp single) {
  for (Operation *op = single->getNextNode(); op && !meets(op, single); op = op->getNextNode())
    if (auto solve = dyn_cast<SolveOp>(op))
      return solve;
  return {};
}

void mixc::gpu::workInIdleWarps(RoleOp role) {
  SmallVector<SingleOp> singles;
  role.walk([&](SingleOp single) { singles.push_back(single); });
  for (SingleOp single : singles)
    if (SolveOp solve = solveBehind(single))
      single->moveBefore(solve);
}
