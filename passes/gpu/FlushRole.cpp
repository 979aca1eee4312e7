// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The role `flush`: one thread writes each chunk's results back when they are complete.

#include "RoleConverter.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

namespace {
class FlushRole : RoleConverter {
public:
  FlushRole(RoleKernel &kernel, const OpBuilder &point) : RoleConverter(kernel, Role::Flush, point) {}
  LogicalResult convert();

private:
  LogicalResult flushBlock();
  void flush(tile::StoreOp store, Value counter, const Position &at, int64_t number);
};
} // namespace

LogicalResult FlushRole::convert() {
  open();
  if (failed(eachBlock([&] { return flushBlock(); })))
    return failure();
  DrainOp::create(b, source.getLoc(), /*written=*/true);
  return success();
}

LogicalResult FlushRole::flushBlock() {
  SmallVector<IRMapping> scalars = scalarsOfParts();
  if (chunks != &kernel.loops.front()) // what an earlier loop has written is not overtaken
    DrainOp::create(b, source.getLoc(), /*written=*/true);
  return forEachChunk({}, [&](scf::ForOp made, const Position &at) {
    for (tile::StoreOp store : work().flushed)
      for (int64_t number = 0; number < parts; ++number) {
        values.names.scalars = scalars[number];
        flush(store, made.getInductionVar(), at, number);
      }
    return FailureOr<SmallVector<Value>>(SmallVector<Value>());
  });
}

void FlushRole::flush(tile::StoreOp store, Value counter, const Position &at, int64_t number) {
  const Channel &results = channels().results.find(store)->second;
  IRMapping addresses = addressesOf(counter);
  results.await(b, at, index(number));
  OrderedLimits limits(store, addresses);
  FlushOp::create(b, store.getLoc(), results.slot(b, store.getTile(), at, index(number)), addresses.lookupOrDefault(store.getDest()),
                  mapped(store.getOffsets(), addresses), limits.limits, store.getStaticOffsets(), limits.staticLimits, limits.dims,
                  store.getOptional());
  DrainOp::create(b, store.getLoc(), /*written=*/false);
  results.release(b, at, index(number));
}

LogicalResult mixc::gpu::convertFlush(RoleKernel &kernel, const OpBuilder &point) { return FlushRole(kernel, point).convert(); }
