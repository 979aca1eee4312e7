// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The roles of the other warpgroups: one computes weights, one for each part does the rest, with the state.

#include "Roles.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// One warpgroup: for each chunk the weights of all parts, from scores that they share.
LogicalResult KernelConverter::emitWeights(Roles &roles, int64_t registers) {
  OpBuilder::InsertionGuard guard(b);
  Scope outer = scope();
  RoleOp role = openRole("weights", kWarpgroup, kWarpgroup, 1, registers, /*single=*/false);
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
  DenseSet<Operation *> perPart;
  for (Operation *op : roles.early.ops)
    for (Value operand : usedBy(op))
      if (Operation *def = operand.getDefiningOp())
        if (perPart.contains(def) || roles.ahead.chain.contains(def) || roles.own.contains(def))
          perPart.insert(op);
  scf::ForOp loop = chunkLoopOf(roles.loop, {}, [&](scf::ForOp made, Value stage, Value parity) -> LogicalResult {
    Location loc = made.getLoc();
    AwaitOp::create(b, loc, roles.full, stage, parity);
    afterArguments[made.getBody()] = &made.getBody()->back();
    nameStage(roles, stage, numbers[0]);
    for (Operation &op : roles.loop.getBody()->without_terminator()) {
      SetVector<Operation *> slice; // what the loop carries is not known here
      if (isa<arith::ArithDialect>(op.getDialect()) && llvm::none_of(op.getResults(), isTile) &&
          collectSlice(op.getResult(0), roles.loop, slice))
        b.clone(op, map);
    }
    part = numbers[0];
    for (Operation *op : roles.early.ops)
      if (!perPart.contains(op) && failed(convertOp(*op)))
        return failure();
    awaitProducts();
    if (roles.decayed && llvm::any_of(roles.early.ops, [&](Operation *op) { return readsSmallTile(roles, op); }))
      AwaitOp::create(b, loc, roles.decayed, stage, parity);
    auto common = fragments, commonShared = shared;
    for (Value number : numbers) {
      part = number;
      nameStage(roles, stage, part);
      for (Operation *op : roles.early.ops)
        if (perPart.contains(op) && failed(convertOp(*op)))
          return failure();
      for (Value tile : roles.early.handedOver) {
        Value slot = slotOfPart(weightBuffers.lookup(tile), stage, part);
        PutOp::create(b, loc, fragmentOf(tile), slot, identityPerm(::cast<RankedTensorType>(tile.getType()).getRank()));
      }
      FenceOp::create(b, loc);
      ArriveOp::create(b, loc, roles.weighted, numberOfPart(stage, part));
      awaitProducts(); // of which nothing is read
      fragments = common;
      shared = commonShared;
    }
    ArriveOp::create(b, loc, roles.empty, stage);
    return success();
  });
  return success(bool(loop));
}

/// The order of a warpgroup's work: first the products from zero, of these the ones that take rows from registers (nothing may be
/// under way while registers of the state are packed), then the others, each after what it needs, then the rest.
SmallVector<Operation *> KernelConverter::scheduleOf(scf::ForOp loop, size_t ownTiles) {
  Block *block = loop.getBody();
  SmallVector<Operation *> products;
  for (Operation &op : *block)
    if (isa<linalg::ContractOp>(op))
      products.push_back(&op);
  auto rank = [&](Operation *op) {
    bool zero = splatOf(op->getOperand(2)).has_value();
    return zero ? staysInRegisters(op->getOperand(0), ::cast<linalg::ContractOp>(op)) ? 0 : 1 : 2;
  };
  llvm::sort(products,
             [&](Operation *a, Operation *b) { return rank(a) != rank(b) ? rank(a) < rank(b) : a != b && a->isBeforeInBlock(b); });
  SetVector<Operation *> order;
  std::function<void(Operation *)> add = [&](Operation *op) {
    if (order.contains(op))
      return;
    for (Value value : usedBy(op))
      if (Operation *def = value.getDefiningOp(); def && def->getBlock() == block)
        add(def);
    order.insert(op);
  };
  for (Operation *product : products)
    if (rank(product) < 2)
      add(product);
  // Rows that do not come from the state are packed while those are under way, if there are registers to spare: not with tiles of
  // a gate.
  for (Operation *product : products) {
    if (ownTiles > 1)
      break;
    Value rows = product->getOperand(0);
    Operation *def = rows.getDefiningOp();
    if (rank(product) == 2 && isa_and_nonnull<linalg::GenericOp>(def) && staysInRegisters(rows, ::cast<linalg::ContractOp>(product))) {
      packedAhead.insert(rows);
      add(def);
    }
  }
  for (Operation *product : products)
    add(product);
  for (Operation &op : block->without_terminator())
    add(&op);
  return llvm::to_vector(order);
}

/// Staged tiles that are a product's rows and that elementwise work reads too: reading them once spares the bandwidth of shared
/// memory, which is what limits a part alone.
void KernelConverter::holdRows(Roles &roles) {
  for (auto product : roles.loop.getBody()->getOps<linalg::ContractOp>()) {
    FailureOr<ContractRoles> found = rolesOf(product);
    if (failed(found) || roles.early.ops.contains(product))
      continue;
    Value rows = found->lhs;
    if (auto guard = rows.getDefiningOp<tile::GuardOp>())
      rows = guard.getX();
    if (!placement.isStaged(rows) || llvm::none_of(rows.getUsers(), llvm::IsaPred<linalg::GenericOp>))
      continue;
    auto out = ::cast<MmaAttr>(fragmentType(product->getResult(0)).getLayout());
    auto layout = MmaAttr::get(b.getContext(), {}, found->lhsRows, {found->lhsK}, out.getWarpRows(), out.getWarpCols());
    auto tile = ::cast<RankedTensorType>(rows.getType());
    if (layoutProblem(layout, tile.getShape()).empty())
      heldTypes[rows] = FragmentType::get(b.getContext(), tile.getShape(), tile.getElementType(), layout);
  }
}

/// A warpgroup for each part: everything else.
LogicalResult KernelConverter::emitComputing(Roles &roles, int64_t registers) {
  OpBuilder::InsertionGuard guard(b);
  int64_t first = roles.early.ops.empty() ? kWarpgroup : 2 * kWarpgroup;
  RoleOp role = openRole("compute", first, kWarpgroup, warpgroups, registers, /*single=*/false);
  AwaitLaunchOp::create(b, source.getLoc());
  part = role.getBody().getArgument(0);
  // A state that leaves no more than those of the work has no room for rows.
  if (int64_t needed = stateRegisters(roles.loop) + kComputeRegisters; needed <= registers && needed < kMostRegistersOfThread)
    holdRows(roles);
  if (failed(eachBlock([&] { return computeBlock(roles); })))
    return failure();
  insertBarriers(role.getBody().front(), kWarpgroup);
  part = {};
  return success();
}

/// Whether the others leave the op to the warpgroup that works ahead.
bool KernelConverter::isEarlyAlone(Roles &roles, Operation *op) {
  return roles.early.ops.contains(op) && !roles.early.repeated.contains(op);
}

LogicalResult KernelConverter::computeBlock(Roles &roles) {
  fromOthers.insert_range(roles.early.handedOver);
  bindPart(roles, part);
  SmallVector<Operation *> users;
  for (Operation &op : *roles.loop.getBody())
    if (!roles.ahead.chain.contains(&op) && !isEarlyAlone(roles, &op))
      users.push_back(&op);
  for (Operation *op = roles.loop->getNextNode(); op; op = op->getNextNode())
    users.push_back(op);
  // What the loop starts from, what its body reads of the tiles before it, and what follows it.
  for (Value init : roles.loop.getInitArgs())
    if (Operation *def = init.getDefiningOp())
      users.push_back(def);
  SetVector<Operation *> before = neededBefore(roles.loop, users);
  for (Value init : roles.loop.getInitArgs())
    if (Operation *def = init.getDefiningOp())
      before.insert(def);
  for (Operation *op : before)
    if ((llvm::any_of(op->getResults(), isTile) || op->getNumRegions() > 0) && failed(convertOp(*op)))
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
    for (Value tile : roles.early.handedOver)
      shared[tile] = slotOfPart(weightBuffers.lookup(tile), stage, part);
    afterArguments[made.getBody()] = &made.getBody()->back();
    bool weighted = roles.early.ops.empty(), decayed = !roles.decayed;
    for (Operation *op : scheduleOf(roles.loop, roles.own.size())) {
      if (roles.ahead.chain.contains(op) || isEarlyAlone(roles, op))
        continue;
      if (!decayed && readsSmallTile(roles, op)) {
        AwaitOp::create(b, loc, roles.decayed, stage, parity);
        decayed = true;
      }
      if (!weighted && llvm::any_of(usedBy(op), [&](Value v) { return roles.early.handedOver.contains(v); })) {
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
  for (Operation *op = roles.loop->getNextNode(); op; op = op->getNextNode())
    if (!isa<tile::ReturnOp>(op) && failed(convertOp(*op)))
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
