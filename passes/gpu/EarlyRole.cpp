// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The role `early`: one warpgroup computes what products need that does not depend on the state, for all parts.

#include "ConvertKernel.h"
#include "RoleConverter.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

namespace {
class EarlyRole : RoleConverter {
public:
  EarlyRole(RoleKernel &kernel, const OpBuilder &point) : RoleConverter(kernel, Role::Early, point) {}
  LogicalResult convert();

private:
  LogicalResult computeBlock();
  LogicalResult computeChunk(const Position &at, ArrayRef<Value> numbers);
  LogicalResult computePart(const Position &at);
};
} // namespace

LogicalResult EarlyRole::convert() {
  open();
  // These are complete before they are put: loads for one block do not wait for stores of the block before.
  for (const ChunkLoop &next : kernel.loops)
    for (Value tile : next.work.earlyOut)
      ops.computeInPlace(tile);
  if (failed(eachBlock([&] { return computeBlock(); })))
    return failure();
  insertBarriers(role.getBody().front(), entry.getWarps());
  return success();
}

LogicalResult EarlyRole::computeBlock() {
  SmallVector<Value> numbers = allParts();
  bindPart(numbers[0]);
  return forEachChunk({}, [&](scf::ForOp made, const Position &at) -> FailureOr<SmallVector<Value>> {
    for (const Channel *loads : channels().loadsFor(Role::Early))
      loads->await(b, at, /*part=*/{});
    values.beginBlock(made.getBody());
    if (failed(computeChunk(at, numbers)))
      return failure();
    releaseAll(b, channels().loadsFor(Role::Early), at, /*part=*/{});
    return SmallVector<Value>();
  });
}

LogicalResult EarlyRole::computeChunk(const Position &at, ArrayRef<Value> numbers) {
  nameStage(at, numbers[0]);
  workers.setPart(numbers[0]);
  if (failed(ops.convert(work().earlyScalars)) || failed(ops.convert(work().earlyOnce)))
    return failure();
  values.awaitProducts();
  auto readsVectors = [&](Operation *op) { return channels().vectors.feeds(op); };
  if (!channels().computedFor(Role::Early).empty() &&
      (llvm::any_of(work().earlyOnce, readsVectors) || llvm::any_of(work().earlyOfPart, readsVectors)))
    channels().vectors.await(b, at, /*part=*/{});
  auto fragments = values.names.fragments, shared = values.names.shared;
  for (Value number : numbers) {
    workers.setPart(number);
    if (failed(computePart(at)))
      return failure();
    values.names.fragments = fragments;
    values.names.shared = shared;
  }
  return success();
}

LogicalResult EarlyRole::computePart(const Position &at) {
  const Channel &early = channels().early;
  Value part = workers.getPart();
  nameStage(at, part);
  if (failed(ops.convert(work().earlyOfPart)))
    return failure();
  for (Value tile : early.tiles()) {
    Value slot = early.slot(b, tile, at, part);
    PutOp::create(b, tile.getLoc(), values.fragmentOf(tile), slot, identityPerm(tileType(tile).getRank()));
  }
  early.commit(b, at, part);
  values.awaitProducts(); // of which nothing is read
  return success();
}

LogicalResult mixc::gpu::convertEarly(RoleKernel &kernel, const OpBuilder &point) { return EarlyRole(kernel, point).convert(); }
