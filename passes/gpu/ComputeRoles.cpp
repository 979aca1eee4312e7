// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The roles of the other warpgroups: one computes weights, one for each part does the rest, with the state.

#include "EarlyWork.h"
#include "KernelConverter.h"
#include "RoleTable.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// One warpgroup: for each chunk the weights of all parts, from scores that they share.
LogicalResult KernelConverter::emitWeights(Roles &roles) {
  OpBuilder::InsertionGuard guard(b);
  Scope outer = scope();
  RoleOp role = openRole(Role::Early);
  LogicalResult done = eachBlock([&] { return computeWeights(roles); });
  if (succeeded(done))
    insertBarriers(role.getBody().front(), kWarpgroup);
  part = {};
  enter(outer);
  return done;
}

LogicalResult KernelConverter::computeWeights(Roles &roles) {
  // Before the loop: what one part has put to shared memory is there for another one.
  SmallVector<Value> numbers = llvm::map_to_vector(llvm::seq(warpgroups), [&](int64_t number) { return index(number); });
  bindPart(roles, numbers[0]);
  SmallVector<Operation *> common, ofParts;
  for (Operation *op : roles.early)
    (workOf(op).getEachPart() ? ofParts : common).push_back(op);
  scf::ForOp loop = chunkLoopOf(roles.loop, {}, [&](scf::ForOp made, Value stage, Value parity) -> LogicalResult {
    Location loc = made.getLoc();
    AwaitOp::create(b, loc, roles.full, stage, parity);
    afterArguments[made.getBody()] = &made.getBody()->back();
    nameStage(roles, stage, numbers[0]);
    for (Operation *op : opsOf(*roles.loop.getBody(), Role::Early))
      if (llvm::none_of(op->getResults(), isTile))
        b.clone(*op, map);
    part = numbers[0];
    for (Operation *op : common)
      if (failed(convertOp(*op)))
        return failure();
    awaitProducts();
    if (roles.decayed && llvm::any_of(roles.early, [&](Operation *op) { return readsSmallTile(roles, op); }))
      AwaitOp::create(b, loc, roles.decayed, stage, parity);
    auto outerFragments = fragments, outerShared = shared;
    for (Value number : numbers) {
      part = number;
      nameStage(roles, stage, part);
      for (Operation *op : ofParts)
        if (failed(convertOp(*op)))
          return failure();
      for (Value tile : roles.handedOver) {
        Value slot = slotOfPart(weightBuffers.lookup(tile), stage, part);
        PutOp::create(b, loc, fragmentOf(tile), slot, identityPerm(::cast<RankedTensorType>(tile.getType()).getRank()));
      }
      FenceOp::create(b, loc);
      ArriveOp::create(b, loc, roles.weighted, numberOfPart(stage, part));
      awaitProducts(); // of which nothing is read
      fragments = outerFragments;
      shared = outerShared;
    }
    ArriveOp::create(b, loc, roles.empty, stage);
    return success();
  });
  return success(bool(loop));
}

/// A warpgroup for each part: everything else.
LogicalResult KernelConverter::emitComputing(Roles &roles) {
  OpBuilder::InsertionGuard guard(b);
  RoleOp role = openRole(Role::Compute);
  AwaitLaunchOp::create(b, source.getLoc());
  part = role.getBody().getArgument(0);
  source.walk([&](tile::LoadOp load) {
    if (WorkAttr work = workOf(load); work && work.getHeld()) {
      RankedTensorType tile = tileType(load.getTile());
      types.hold(load.getTile(), FragmentType::get(b.getContext(), tile.getShape(), tile.getElementType(), work.getHeld()));
    }
  });
  for (Value tile : roles.handedOver)
    types.findInShared(tile);
  for (Operation *op : roles.compute)
    if (workOf(op).getAhead())
      packedAhead.insert(op->getResult(0));
  if (failed(eachBlock([&] { return computeBlock(roles); })))
    return failure();
  insertBarriers(role.getBody().front(), kWarpgroup);
  part = {};
  return success();
}

LogicalResult KernelConverter::computeBlock(Roles &roles) {
  bindPart(roles, part);
  for (Operation *op : roles.computeBefore)
    if (failed(convertOp(*op)))
      return failure();
  SmallVector<Value> inits;
  for (auto [init, arg] : llvm::zip(roles.loop.getInitArgs(), roles.loop.getRegionIterArgs()))
    inits.push_back(yielded(init, isTile(arg) ? Type(fragmentType(arg)) : arg.getType()));
  scf::ForOp loop = chunkLoopOf(roles.loop, inits, [&](scf::ForOp made, Value stage, Value parity) -> LogicalResult {
    Location loc = made.getLoc();
    AwaitOp::create(b, loc, roles.full, stage, parity);
    for (auto [old, fresh] : llvm::zip(roles.loop.getRegionIterArgs(), made.getRegionIterArgs())) {
      if (isTile(old))
        fragments[old] = fresh;
      else
        map.map(old, fresh);
    }
    nameStage(roles, stage, part);
    for (Value tile : roles.handedOver)
      shared[tile] = slotOfPart(weightBuffers.lookup(tile), stage, part);
    afterArguments[made.getBody()] = &made.getBody()->back();
    bool weighted = roles.early.empty(), decayed = !roles.decayed;
    for (Operation *op : roles.compute) {
      if (!decayed && readsSmallTile(roles, op)) {
        AwaitOp::create(b, loc, roles.decayed, stage, parity);
        decayed = true;
      }
      if (!weighted && llvm::any_of(usedBy(op), [&](Value v) { return llvm::is_contained(roles.handedOver, v); })) {
        AwaitOp::create(b, loc, roles.weighted, numberOfPart(stage, part), parity);
        weighted = true;
      }
      if (failed(convertOp(*op)))
        return failure();
    }
    for (auto [value, arg] : llvm::zip(roles.loop.getYieldedValues(), made.getRegionIterArgs()))
      carriedOut.push_back(yielded(value, arg.getType()));
    awaitProducts();
    ArriveOp::create(b, loc, roles.empty, stage);
    return success();
  });
  if (!loop)
    return failure();
  for (auto [old, fresh] : llvm::zip(roles.loop.getResults(), loop.getResults())) {
    if (isTile(old))
      fragments[old] = fresh;
    else
      map.map(old, fresh);
  }
  // The loop has no registers to spare for scalars that are needed after it.
  map.map(source.getBody().getArgument(tile::KernelOp::kBlock), BlockOp::create(b, roles.loop.getLoc(), b.getIndexType(), blockNumber));
  bindPart(roles, part);
  for (Operation *op : roles.computeAfter)
    if (failed(convertOp(*op)))
      return failure();
  return success();
}

//===--- Products ---===//

/// A product that may still be under way, waited for where it is first read.
Value KernelConverter::finished(Value tile, Value fragment) {
  auto found = llvm::find_if(underWay, [&](auto &entry) { return entry.second == fragment; });
  if (found == underWay.end())
    return fragment;
  auto pending = int32_t(underWay.end() - found - 1);
  Value result = WgmmaWaitOp::create(b, fragment.getLoc(), fragment.getType(), fragment, pending);
  underWay.erase(found);
  return fragments[tile] = result;
}

/// Waits for all products.
void KernelConverter::awaitProducts() {
  for (auto [tile, product] : SmallVector<std::pair<Value, Value>>(underWay))
    finished(tile, product);
}
