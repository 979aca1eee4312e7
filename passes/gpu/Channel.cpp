// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Channel.h"
#include "EarlyWork.h"
#include "RoleTable.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

static Value index(OpBuilder &b, Location loc, int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); }

bool Channel::feeds(Operation *op) const {
  return llvm::any_of(usedBy(op), [&](Value tile) { return carries(tile); });
}

int64_t Channel::bytes(int64_t parts) const {
  int64_t bytes = 0;
  for (const Ring &ring : llvm::make_second_range(rings))
    bytes += ::cast<SharedType>(ring.buffer.getType()).getBytes() * (ring.eachPart ? parts : 1);
  return bytes;
}

/// The stage among those of all parts.
Value Channel::number(OpBuilder &b, bool eachPart, const Position &at, Value part) const {
  if (!eachPart)
    return at.stage;
  if (!depth)
    return part;
  Location loc = at.stage.getLoc();
  return arith::AddIOp::create(b, loc, arith::MulIOp::create(b, loc, part, index(b, loc, *depth)), at.stage);
}

Value Channel::slot(OpBuilder &b, Value tile, const Position &at, Value part) const {
  const Ring &ring = rings.find(tile)->second;
  auto type = ::cast<SharedType>(ring.buffer.getType());
  return SlotOp::create(b, tile.getLoc(), type.getStage(), ring.buffer, number(b, ring.eachPart, at, part));
}

void Channel::acquire(OpBuilder &b, const Position &at, Value part) const {
  Location loc = at.stage.getLoc();
  Value stage = number(b, empty.eachPart, at, part); // of the round before
  AwaitOp::create(b, loc, empty.barriers, stage, arith::SubIOp::create(b, loc, index(b, loc, 1), parity(at)));
}

void Channel::expect(OpBuilder &b, const Position &at, int64_t bytes) const {
  ExpectOp::create(b, at.stage.getLoc(), full.barriers, at.stage, bytes);
}

void Channel::commit(OpBuilder &b, const Position &at, Value part) const {
  Location loc = at.stage.getLoc();
  if (fenced)
    FenceOp::create(b, loc);
  ArriveOp::create(b, loc, full.barriers, number(b, full.eachPart, at, part));
}

void Channel::await(OpBuilder &b, const Position &at, Value part) const {
  AwaitOp::create(b, at.stage.getLoc(), full.barriers, number(b, full.eachPart, at, part), parity(at));
}

void Channel::release(OpBuilder &b, const Position &at, Value part) const {
  ArriveOp::create(b, at.stage.getLoc(), empty.barriers, number(b, empty.eachPart, at, part));
}

//===--- The channels of a kernel ---===//

namespace {
class ChannelMaker {
public:
  ChannelMaker(OpBuilder &b, tile::KernelOp source, const ChunkWork &work, int64_t stages, int64_t parts)
      : b(b), source(source), work(work), stages(stages), parts(parts) {}
  Channels run();

private:
  void addTiles(Channel &channel, ArrayRef<Value> tiles, bool eachPart);
  Value barriers(int64_t count, int64_t arrivals);
  void makeSignals();
  Channel resultsOf(tile::StoreOp store);

  OpBuilder &b;
  tile::KernelOp source;
  const ChunkWork &work;
  int64_t stages, parts;
  Channels channels;
};
} // namespace

/// A ring of stages for each tile, or for each part of it.
void ChannelMaker::addTiles(Channel &channel, ArrayRef<Value> tiles, bool eachPart) {
  for (Value tile : tiles) {
    SharedType type = withStages(sharedForm(tile), stages * (eachPart ? parts : 1));
    channel.add(tile, AllocOp::create(b, tile.getLoc(), type, int64_t(-1)), eachPart);
  }
}

Value ChannelMaker::barriers(int64_t count, int64_t arrivals) {
  return MbarriersOp::create(b, source.getLoc(), MbarriersType::get(b.getContext(), count), int64_t(-1), int32_t(arrivals));
}

/// One thread fetches, and a warp computes vectors, for all parts in turns or beside the loads for each part, which is as fast and needs no
/// signal of its own. All that a stage holds is empty when the warpgroups that read it say so together.
void ChannelMaker::makeSignals() {
  RoleAttr vectors = roleOf(source, Role::Vectors), early = roleOf(source, Role::Early);
  bool beside = vectors && !vectors.getTurns();
  Signal full{barriers(stages, beside ? 1 + kLanes * parts : 1)};
  channels.loads.full = channels.vectors.full = full;
  if (vectors && vectors.getTurns())
    channels.vectors.full = {barriers(stages, kLanes)};
  Signal empty{barriers(stages, kLanes * kWarpgroup * (parts + (early ? 1 : 0)))};
  for (Channel *channel : {&channels.loads, &channels.vectors, &channels.early})
    channel->empty = empty;
}

/// A part has a place for one result: the next one is a chunk's work away.
Channel ChannelMaker::resultsOf(tile::StoreOp store) {
  Channel channel;
  SharedType type = withStages(::cast<SharedType>(workOf(store).getThrough().front()), parts);
  channel.add(store.getTile(), AllocOp::create(b, source.getLoc(), type, int64_t(-1)), /*eachPart=*/true);
  channel.full = {barriers(parts, kLanes * kWarpgroup), /*eachPart=*/true};
  channel.empty = {barriers(parts, 1), /*eachPart=*/true};
  channel.fenced = true;
  return channel;
}

Channels ChannelMaker::run() {
  for (Channel *channel : {&channels.loads, &channels.vectors, &channels.early})
    channel->depth = stages;
  for (tile::LoadOp load : work.fetched)
    addTiles(channels.loads, load.getTile(), workOf(load).getEachPart());
  addTiles(channels.vectors, work.vectorsOut, /*eachPart=*/true);
  addTiles(channels.early, work.earlyOut, /*eachPart=*/true);
  makeSignals();
  for (tile::StoreOp store : work.flushed)
    channels.results[store] = resultsOf(store);
  channels.early.fenced = true;
  if (roleOf(source, Role::Early))
    channels.early.full = {barriers(stages * parts, kLanes * kWarpgroup), /*eachPart=*/true};
  BarrierOp::create(b, source.getLoc(), /*warp=*/false);
  return std::move(channels);
}

Channels mixc::gpu::makeChannels(OpBuilder &b, tile::KernelOp source, const ChunkWork &work, int64_t stages, int64_t parts) {
  return ChannelMaker(b, source, work, stages, parts).run();
}
