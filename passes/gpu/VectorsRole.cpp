// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The role `vectors`: warps compute a chunk's small tiles, into its stage. Where there are registers for all parts' in a warp, they take
// turns at the chunks; else each part has a warp.

#include "ConvertKernel.h"
#include "RoleConverter.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

namespace {
class VectorsRole : RoleConverter {
public:
  VectorsRole(RoleKernel &kernel, const OpBuilder &point) : RoleConverter(kernel, Role::Vectors, point) {}
  LogicalResult convert();

private:
  LogicalResult computeOfPart();
  LogicalResult computeInTurns();
  void bindParts(SmallVector<Value> parts);
  FailureOr<SmallVector<Value>> beginBlock(Value begin);
  FailureOr<SmallVector<Value>> computeChunk(scf::ForOp made, const Position &at);
  SmallVector<Value> loadSmall(Value counter);

  /// The parts that a warp works for, and what they call the source's values before the loop.
  SmallVector<Value> numbers;
  SmallVector<TileValues::Names> names;
};
} // namespace

LogicalResult VectorsRole::convert() {
  open();
  AwaitLaunchOp::create(b, source.getLoc());
  workers.setPart(role.getBody().getArgument(0));
  LogicalResult done = eachBlock([&] { return entry.getTurns() ? computeInTurns() : computeOfPart(); });
  if (succeeded(done))
    insertBarriers(role.getBody().front(), entry.getWarps());
  return done;
}

/// A warp for each part, which goes through all chunks.
LogicalResult VectorsRole::computeOfPart() {
  bindParts({workers.getPart()});
  FailureOr<SmallVector<Value>> first = beginBlock(values.scalar(loop.getLowerBound()));
  if (failed(first))
    return failure();
  return forEachChunk(*first, [&](scf::ForOp made, const Position &at) { return computeChunk(made, at); });
}

/// Each warp does every other chunk, for all parts: it has the time of as many chunks for what it waits for.
LogicalResult VectorsRole::computeInTurns() {
  bindParts(allParts());
  return inTurns([&](Value first) { return beginBlock(tokenOf(first)); },
                 [&](scf::ForOp made, const Position &at) { return computeChunk(made, at); });
}

/// Names the scalars before the loop for each of the parts.
void VectorsRole::bindParts(SmallVector<Value> parts) {
  numbers = std::move(parts);
  names.clear();
  const TileValues::Names outer = values.names;
  for (Value number : numbers) {
    values.names = outer;
    bindPart(number);
    names.push_back(values.names);
  }
}

/// Issues the first loads, and computes the tiles before the loop.
FailureOr<SmallVector<Value>> VectorsRole::beginBlock(Value begin) {
  SmallVector<Value> first = loadSmall(begin);
  for (TileValues::Names &ofPart : names) {
    values.names = ofPart;
    if (failed(ops.convert(work().vectorsBefore)))
      return failure();
    ofPart = values.names;
  }
  return first;
}

/// The loads of a chunk's small tiles for each part. What a chunk loads is on its way while the warp's chunk before it is worked on, or
/// what the block has once is waited for. It is read before the next loads are issued: a thread waits for all of them together.
SmallVector<Value> VectorsRole::loadSmall(Value counter) {
  SmallVector<Value> loads;
  for (const TileValues::Names &ofPart : names) {
    values.names = ofPart;
    llvm::append_range(loads, ahead->loadSmall(counter));
  }
  return loads;
}

FailureOr<SmallVector<Value>> VectorsRole::computeChunk(scf::ForOp made, const Position &at) {
  const Channel &vectors = channels().vectors;
  ArrayRef<tile::LoadOp> small = ahead->work.small;
  SmallVector<Value> loaded;
  for (auto [i, raw] : llvm::enumerate(made.getRegionIterArgs().take_front(small.size() * numbers.size())))
    loaded.push_back(ahead->converted(small[i % small.size()], raw));
  SmallVector<Value> next = loadSmall(arith::AddIOp::create(b, made.getLoc(), made.getInductionVar(), made.getStep()));
  // All is in registers before the stage is empty.
  SmallVector<TileValues::Names> now;
  for (auto [number, ofPart] : llvm::enumerate(names)) {
    values.names = ofPart;
    if (failed(ahead->convertChain(made.getInductionVar(), ArrayRef(loaded).slice(number * small.size(), small.size()))))
      return failure();
    now.push_back(values.names);
  }
  vectors.acquire(b, at, /*part=*/{});
  for (auto [number, ofPart] : llvm::zip(numbers, now)) {
    values.names = ofPart;
    for (Value tile : vectors.tiles()) {
      Value fragment = values.fragmentOf(tile);
      PutOp::create(b, made.getLoc(), fragment, vectors.slot(b, tile, at, number), identityPerm(tileType(tile).getRank()));
    }
  }
  vectors.commit(b, at, /*part=*/{});
  return next;
}

LogicalResult mixc::gpu::convertVectors(RoleKernel &kernel, const OpBuilder &point) { return VectorsRole(kernel, point).convert(); }
