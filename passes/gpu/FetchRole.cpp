// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The role `fetch`: one thread copies the tiles of coming chunks to shared memory. That is a helper for all chunks, or, where teams take
// turns at them, a thread of each team for those of its turn (FactorsRole.cpp).

#include "RoleConverter.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

void RoleConverter::fetchChunk(const Channel &loads, ArrayRef<IRMapping> scalarsOfParts, Value counter, const Position &at) {
  loads.acquire(b, at, /*part=*/{});
  loads.expect(b, at, loads.bytes());
  for (auto [number, scalars] : llvm::enumerate(scalarsOfParts)) {
    values.names.scalars = scalars;
    IRMapping addresses = addressesOf(counter);
    for (tile::LoadOp load : work().fetched) {
      if (!loads.carries(load.getTile()))
        continue;
      if (workOf(load).getEachPart())
        fetch(loads, load, addresses, at, index(number), /*reused=*/false);
      else if (number == 0)
        fetch(loads, load, addresses, at, /*part=*/{}, /*reused=*/true);
    }
  }
}

void RoleConverter::fetch(const Channel &channel, tile::LoadOp load, const IRMapping &scalars, const Position &at, Value part,
                          bool reused) {
  Value dest = channel.slot(b, load.getTile(), at, part);
  FetchOp::create(b, load.getLoc(), scalars.lookupOrDefault(load.getSource()), mapped(load.getOffsets(), scalars),
                  mapped(load.getLimits(), scalars), load.getStaticOffsets(), load.getStaticLimits(), load.getDims(), load.getOptional(),
                  dest, channel.full.barriers, at.in(*channel.depth).stage, reused);
}

namespace {
class FetchRole : RoleConverter {
public:
  FetchRole(RoleKernel &kernel, const OpBuilder &point) : RoleConverter(kernel, Role::Fetch, point) {}
  LogicalResult convert();

private:
  LogicalResult fetchBlock();
};
} // namespace

LogicalResult FetchRole::convert() {
  open();
  AwaitLaunchOp::create(b, source.getLoc());
  return eachBlock([&] { return fetchBlock(); });
}

LogicalResult FetchRole::fetchBlock() {
  SmallVector<IRMapping> scalars = scalarsOfParts();
  return forEachChunk({}, [&](scf::ForOp made, const Position &at) {
    for (const Channel &loads : channels().loads)
      fetchChunk(loads, scalars, made.getInductionVar(), at);
    return FailureOr<SmallVector<Value>>(SmallVector<Value>());
  });
}

LogicalResult mixc::gpu::convertFetch(RoleKernel &kernel, const OpBuilder &point) { return FetchRole(kernel, point).convert(); }
