// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The role `fetch`: one thread copies the tiles of coming chunks to shared memory.

#include "RoleConverter.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

namespace {
class FetchRole : RoleConverter {
public:
  FetchRole(RoleKernel &kernel, const OpBuilder &point) : RoleConverter(kernel, Role::Fetch, point) {}
  LogicalResult convert();

private:
  LogicalResult fetchBlock();
  void fetchPart(const Channel &channel, int64_t number, Value counter, const Position &at);
  void fetch(const Channel &channel, tile::LoadOp load, const IRMapping &scalars, const Position &at, Value part, bool reused);
};
} // namespace

LogicalResult FetchRole::convert() {
  open();
  AwaitLaunchOp::create(b, source.getLoc());
  return eachBlock([&] { return fetchBlock(); });
}

/// For each chunk and channel, waits for an empty stage and fetches into it what every part shares and what each part has alone.
LogicalResult FetchRole::fetchBlock() {
  SmallVector<IRMapping> scalars = scalarsOfParts();
  return forEachChunk({}, [&](scf::ForOp made, const Position &at) {
    for (const Channel &loads : channels().loads) {
      loads.acquire(b, at, /*part=*/{});
      loads.expect(b, at, loads.bytes());
      for (int64_t number = 0; number < parts; ++number) {
        values.names.scalars = scalars[number];
        fetchPart(loads, number, made.getInductionVar(), at);
      }
    }
    return FailureOr<SmallVector<Value>>(SmallVector<Value>());
  });
}

void FetchRole::fetchPart(const Channel &channel, int64_t number, Value counter, const Position &at) {
  IRMapping addresses = addressesOf(counter);
  for (tile::LoadOp load : work().fetched) {
    if (!channel.carries(load.getTile()))
      continue;
    if (workOf(load).getEachPart())
      fetch(channel, load, addresses, at, index(number), /*reused=*/false);
    else if (number == 0)
      fetch(channel, load, addresses, at, /*part=*/{}, /*reused=*/true);
  }
}

void FetchRole::fetch(const Channel &channel, tile::LoadOp load, const IRMapping &scalars, const Position &at, Value part, bool reused) {
  Value dest = channel.slot(b, load.getTile(), at, part);
  FetchOp::create(b, load.getLoc(), scalars.lookupOrDefault(load.getSource()), mapped(load.getOffsets(), scalars),
                  mapped(load.getLimits(), scalars), load.getStaticOffsets(), load.getStaticLimits(), load.getDims(), load.getOptional(),
                  dest, channel.full.barriers, at.in(*channel.depth).stage, reused);
}

LogicalResult mixc::gpu::convertFetch(RoleKernel &kernel, const OpBuilder &point) { return FetchRole(kernel, point).convert(); }
