// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Channel.h"
#include "EarlyWork.h"
#include "RoleTable.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

static Value index(OpBuilder &b, Location loc, int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); }

const Place &Position::in(int64_t depth) const {
  return *llvm::find_if(places, [&](const Place &place) { return place.depth == depth; });
}

bool Channel::feeds(Operation *op) const {
  return llvm::any_of(usedBy(op), [&](Value tile) { return carries(tile); });
}

int64_t Channel::bytes() const {
  int64_t bytes = 0;
  for (const Ring &ring : llvm::make_second_range(rings)) {
    auto type = ::cast<SharedType>(ring.buffer.getType());
    bytes += type.getBytes() * type.getStages() / *depth;
  }
  return bytes;
}

void Channel::rename(ArrayRef<Value> from, ArrayRef<Value> to) {
  llvm::MapVector<Value, Ring> renamed;
  for (auto &[tile, ring] : rings)
    renamed[to[llvm::find(from, tile) - from.begin()]] = ring;
  rings = std::move(renamed);
}

/// The stage among those of all parts.
Value Channel::number(OpBuilder &b, bool eachPart, const Position &at, Value part) const {
  if (!depth)
    return part;
  Value stage = at.in(*depth).stage;
  if (!eachPart)
    return stage;
  Location loc = stage.getLoc();
  return arith::AddIOp::create(b, loc, arith::MulIOp::create(b, loc, part, index(b, loc, *depth)), stage);
}

Value Channel::slot(OpBuilder &b, Value tile, const Position &at, Value part) const {
  const Ring &ring = rings.find(tile)->second;
  auto type = ::cast<SharedType>(ring.buffer.getType());
  return SlotOp::create(b, tile.getLoc(), type.getStage(), ring.buffer, number(b, ring.eachPart, at, part));
}

void Channel::acquire(OpBuilder &b, const Position &at, Value part) const {
  Location loc = at.turn.getLoc();
  Value stage = number(b, empty.eachPart, at, part); // of the round before
  AwaitOp::create(b, loc, empty.barriers, stage, arith::SubIOp::create(b, loc, index(b, loc, 1), parity(at)));
}

void Channel::expect(OpBuilder &b, const Position &at, int64_t bytes) const {
  ExpectOp::create(b, at.turn.getLoc(), full.barriers, number(b, /*eachPart=*/false, at, /*part=*/{}), bytes);
}

void Channel::commit(OpBuilder &b, const Position &at, Value part) const {
  Location loc = at.turn.getLoc();
  if (fenced)
    FenceOp::create(b, loc);
  ArriveOp::create(b, loc, full.barriers, number(b, full.eachPart, at, part));
}

void Channel::await(OpBuilder &b, const Position &at, Value part) const {
  AwaitOp::create(b, at.turn.getLoc(), full.barriers, number(b, full.eachPart, at, part), parity(at));
}

void Channel::release(OpBuilder &b, const Position &at, Value part) const {
  ArriveOp::create(b, at.turn.getLoc(), empty.barriers, number(b, empty.eachPart, at, part));
}

//===--- The channels of a kernel ---===//

static bool isReadBy(const Channel &channel, Role role) { return !channel.isEmpty() && llvm::is_contained(channel.readers, role); }

SmallVector<const Channel *> Channels::loadsFor(Role role) const {
  SmallVector<const Channel *> found;
  for (const Channel &channel : loads)
    if (isReadBy(channel, role))
      found.push_back(&channel);
  return found;
}

SmallVector<const Channel *> Channels::computedFor(Role role) const {
  SmallVector<const Channel *> found;
  for (const Channel *channel : {&vectors, &early, &factors})
    if (isReadBy(*channel, role) &&
        llvm::none_of(loadsFor(role), [&](const Channel *load) { return load->full.barriers == channel->full.barriers; }))
      found.push_back(channel);
  return found;
}

SmallVector<int64_t> Channels::depths() const {
  llvm::SetVector<int64_t> depths;
  for (const Channel &channel : loads)
    depths.insert(*channel.depth);
  for (const Channel *channel : {&vectors, &early, &factors})
    if (!channel->isEmpty())
      depths.insert(*channel->depth);
  return depths.takeVector();
}

//===--- Of several loops ---===//

static SmallVector<Value> tilesOf(ArrayRef<tile::LoadOp> loads) {
  return llvm::map_to_vector(loads, [](tile::LoadOp load) -> Value { return load.getTile(); });
}

bool mixc::gpu::haveSameChannels(const ChunkWork &a, const ChunkWork &b) {
  auto sameTiles = [](ArrayRef<Value> tiles, ArrayRef<Value> others) {
    return llvm::equal(tiles, others, [](Value tile, Value other) {
      return sharedForm(tile) == sharedForm(other) &&
             workOf(tile.getDefiningOp()).getEachPart() == workOf(other.getDefiningOp()).getEachPart();
    });
  };
  auto sameReaders = [](tile::LoadOp load, tile::LoadOp other) { return readersOf(load) == readersOf(other); };
  auto sameResults = [](tile::StoreOp store, tile::StoreOp other) { return workOf(store).getThrough() == workOf(other).getThrough(); };
  return workOf(a.loop) == workOf(b.loop) && sameTiles(tilesOf(a.fetched), tilesOf(b.fetched)) &&
         llvm::equal(a.fetched, b.fetched, sameReaders) && sameTiles(a.vectorsOut, b.vectorsOut) && sameTiles(a.earlyOut, b.earlyOut) &&
         sameTiles(a.factorsOut, b.factorsOut) && llvm::equal(a.flushed, b.flushed, sameResults);
}

Channels mixc::gpu::channelsFor(const ChunkWork &work, Channels channels, const ChunkWork &from) {
  for (Channel &loads : channels.loads)
    loads.rename(tilesOf(from.fetched), tilesOf(work.fetched));
  channels.vectors.rename(from.vectorsOut, work.vectorsOut);
  channels.early.rename(from.earlyOut, work.earlyOut);
  channels.factors.rename(from.factorsOut, work.factorsOut);
  llvm::MapVector<Operation *, Channel> results;
  for (size_t i = 0; i < work.flushed.size(); ++i) {
    tile::StoreOp before = from.flushed[i], store = work.flushed[i];
    Channel &channel = results[store] = channels.results.find(before)->second;
    channel.rename({before.getTile()}, {store.getTile()});
  }
  channels.results = std::move(results);
  return channels;
}

void mixc::gpu::releaseAll(OpBuilder &b, ArrayRef<const Channel *> channels, const Position &at, Value part) {
  DenseSet<Value> told;
  for (const Channel *channel : channels)
    if (told.insert(channel->empty.barriers).second)
      channel->release(b, at, part);
}

namespace {
class ChannelMaker {
public:
  ChannelMaker(OpBuilder &b, tile::KernelOp source, const ChunkWork &work, int64_t stages, int64_t parts)
      : b(b), source(source), work(work), stages(stages), parts(parts) {}
  Channels run();

private:
  void addTiles(Channel &channel, ArrayRef<Value> tiles, bool eachPart);
  Value barriers(int64_t count, int64_t arrivals);
  /// The role, if it has work in the loop.
  RoleAttr roleOf(Role role) const { return isDoneBy(work.loop, role) ? gpu_tile::roleOf(source, role) : RoleAttr(); }
  void addLoads();
  void makeSignals();
  void makeFactors(RoleAttr factors);
  int64_t threadsOf(Role role) const;
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
    SharedType type = withStages(sharedForm(tile), *channel.depth * (eachPart ? parts : 1));
    channel.add(tile, AllocOp::create(b, tile.getLoc(), type, int64_t(-1)), eachPart);
  }
}

Value ChannelMaker::barriers(int64_t count, int64_t arrivals) {
  return MbarriersOp::create(b, source.getLoc(), MbarriersType::get(b.getContext(), count), int64_t(-1), int32_t(arrivals));
}

/// Threads that read a stage, those of all parts but of one team.
int64_t ChannelMaker::threadsOf(Role role) const { return kLanes * roleOf(role).getWarps() * (role == Role::Compute ? parts : 1); }

/// A channel for each kind of reader. Where teams work ahead, one has copies brought into a stage that it knows to be free: what teams
/// alone read, that of its chunk before; what `compute` reads, that of the chunk whose factors made room for those that it begins. What
/// both read has as many stages more as lets it come before the team waits for it.
void ChannelMaker::addLoads() {
  const RoleAttr factors = roleOf(Role::Factors);
  SmallVector<SmallVector<Role, 2>> kinds;
  SmallVector<SmallVector<tile::LoadOp>> loads;
  for (tile::LoadOp load : work.fetched) {
    SmallVector<Role, 2> readers = factors ? readersOf(load) : SmallVector<Role, 2>{Role::Early, Role::Compute};
    auto found = llvm::find(kinds, readers);
    if (found == kinds.end()) {
      found = kinds.insert(kinds.end(), readers);
      loads.emplace_back();
    }
    loads[found - kinds.begin()].push_back(load);
  }
  for (auto [readers, own] : llvm::zip(kinds, loads)) {
    Channel &channel = channels.loads.emplace_back();
    channel.readers = readers;
    channel.depth = stages;
    if (factors) {
      const bool byTeams = llvm::is_contained(readers, Role::Factors), byCompute = llvm::is_contained(readers, Role::Compute);
      *channel.depth += byTeams && byCompute ? factors.getParts() : 0;
      channel.lead = *channel.depth - (byCompute ? stages : factors.getParts());
    }
    for (tile::LoadOp load : own)
      addTiles(channel, load.getTile(), workOf(load).getEachPart());
  }
}

/// One thread fetches, and a warp computes vectors, for all parts in turns or beside the loads for each part, which is as fast and needs no
/// signal of its own. All that a stage holds is empty when the warpgroups that read it say so together.
void ChannelMaker::makeSignals() {
  RoleAttr vectors = roleOf(Role::Vectors), early = roleOf(Role::Early);
  Channel &loads = channels.loads.front();
  bool beside = vectors && !vectors.getTurns();
  Signal full{barriers(stages, beside ? 1 + kLanes * parts : 1)};
  loads.full = channels.vectors.full = full;
  if (vectors && vectors.getTurns())
    channels.vectors.full = {barriers(stages, kLanes)};
  Signal empty{barriers(stages, kLanes * kWarpgroup * (parts + (early ? 1 : 0)))};
  for (Channel *channel : {&loads, &channels.vectors, &channels.early})
    channel->empty = empty;
}

/// Factors are put into a stage from a chunk's start on: with more stages than teams it is empty by then.
void ChannelMaker::makeFactors(RoleAttr factors) {
  for (Channel &loads : channels.loads) {
    int64_t threads = 0;
    for (Role reader : loads.readers)
      threads += threadsOf(reader);
    loads.full = {barriers(*loads.depth, 1)};
    loads.empty = {barriers(*loads.depth, threads)};
  }
  if (work.factorsOut.empty())
    return;
  Channel &channel = channels.factors;
  channel.depth = stages;
  for (Value tile : work.factorsOut)
    addTiles(channel, tile, workOf(tile.getDefiningOp()).getEachPart());
  channel.full = {barriers(*channel.depth, threadsOf(Role::Factors))};
  channel.empty = {barriers(*channel.depth, threadsOf(Role::Compute))};
  channel.fenced = true;
  channel.readers = {Role::Compute};
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
  addLoads();
  for (Channel *channel : {&channels.vectors, &channels.early}) {
    channel->depth = stages;
    channel->readers = {Role::Early, Role::Compute};
  }
  channels.early.readers = {Role::Compute};
  addTiles(channels.vectors, work.vectorsOut, /*eachPart=*/true);
  addTiles(channels.early, work.earlyOut, /*eachPart=*/true);
  if (RoleAttr factors = roleOf(Role::Factors))
    makeFactors(factors);
  else
    makeSignals();
  for (tile::StoreOp store : work.flushed)
    channels.results[store] = resultsOf(store);
  channels.early.fenced = true;
  if (roleOf(Role::Early))
    channels.early.full = {barriers(stages * parts, kLanes * kWarpgroup), /*eachPart=*/true};
  return std::move(channels);
}

Channels mixc::gpu::makeChannels(OpBuilder &b, tile::KernelOp source, const ChunkWork &work, int64_t stages, int64_t parts) {
  return ChannelMaker(b, source, work, stages, parts).run();
}
