// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "TileValues.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

void TileValues::bind(Value source, Value made) {
  if (isTile(source))
    names.fragments[source] = made;
  else
    names.scalars.map(source, made);
}

void TileValues::bindAll(ValueRange source, ValueRange made) {
  for (auto [old, fresh] : llvm::zip(source, made))
    bind(old, fresh);
}

//===--- In registers ---===//

Value TileValues::fragmentOf(Value tile) {
  if (Value known = names.fragments.lookup(tile))
    return finished(tile, known);
  if (FragmentType held = types.heldAs(tile))
    return names.fragments[tile] = readBack(tile, held);
  if (std::optional<FloatAttr> splat = splatOf(tile))
    return ConstantOp::create(b, tile.getLoc(), fragmentType(tile), b.getF32FloatAttr(splat->getValueAsDouble()));
  return {};
}

Value TileValues::fragmentOf(Value tile, FragmentType type) {
  if (std::optional<FloatAttr> splat = splatOf(tile))
    return ConstantOp::create(b, tile.getLoc(), type, b.getF32FloatAttr(splat->getValueAsDouble()));
  Value fragment = fragmentOf(tile);
  return fragment ? fragment : readBack(tile, type);
}

Value TileValues::yielded(Value value, Type type) { return isTile(value) ? fragmentOf(value, ::cast<FragmentType>(type)) : scalar(value); }

SmallVector<Value> TileValues::yieldedAll(ValueRange values, TypeRange types) {
  SmallVector<Value> yields;
  for (auto [value, type] : llvm::zip(values, types))
    yields.push_back(yielded(value, type));
  return yields;
}

Value TileValues::cast(Value fragment, Type element) {
  auto from = ::cast<FragmentType>(fragment.getType());
  if (from.getElementType() == element)
    return fragment;
  Location loc = fragment.getLoc();
  auto type = FragmentType::get(b.getContext(), from.getShape(), element, from.getLayout());
  auto maps = b.getAffineMapArrayAttr({b.getMultiDimIdentityMap(from.getShape().size())});
  auto op = MapOp::create(b, loc, type, ValueRange{fragment}, maps, /*deferred=*/false);
  OpBuilder::InsertionGuard guard(b);
  Block *body = b.createBlock(&op.getBody(), {}, {from.getElementType()}, {loc});
  Value value = body->getArgument(0);
  if (from.getElementType().isF32()) {
    value = arith::TruncFOp::create(b, loc, element, value);
  } else {
    value = arith::ExtFOp::create(b, loc, b.getF32Type(), value);
    if (!element.isF32())
      value = arith::TruncFOp::create(b, loc, element, value);
  }
  YieldOp::create(b, loc, value);
  return op.getResult();
}

Value TileValues::fromShared(Value tile, FragmentType type, bool deferred) {
  auto maps = b.getAffineMapArrayAttr({b.getMultiDimIdentityMap(type.getShape().size())});
  auto op = MapOp::create(b, tile.getLoc(), type, ValueRange{sharedOf(tile)}, maps, deferred);
  OpBuilder::InsertionGuard guard(b);
  Block *body = b.createBlock(&op.getBody(), {}, {type.getElementType()}, {tile.getLoc()});
  YieldOp::create(b, tile.getLoc(), body->getArgument(0));
  return op.getResult();
}

Value TileValues::readBack(Value tile, FragmentType type) { return fromShared(tile, type, /*deferred=*/false); }

Value TileValues::readWhereUsed(Value tile, FragmentType type) { return fromShared(tile, type, /*deferred=*/true); }

//===--- In shared memory ---===//

Value TileValues::put(Value fragment, ArrayRef<int64_t> perm, SharedType type) {
  Location loc = fragment.getLoc();
  Value buffer = workers.alloc(type, loc);
  PutOp::create(b, loc, fragment, buffer, perm);
  return buffer;
}

Value TileValues::put(Value fragment, ArrayRef<int64_t> perm, int64_t swizzle) {
  auto type = ::cast<FragmentType>(fragment.getType());
  SmallVector<int64_t> shape;
  for (int64_t p : perm)
    shape.push_back(type.getShape()[p]);
  return put(fragment, perm, SharedType::get(b.getContext(), shape, type.getElementType(), swizzle, 1, /*panel=*/0));
}

void TileValues::beginBlock(Block *block) { afterArguments[block] = block->empty() ? nullptr : &block->back(); }

/// Where the fragment is there.
void TileValues::setPointAfter(Value fragment) {
  if (Operation *def = fragment.getDefiningOp())
    b.setInsertionPointAfter(def);
  else if (Operation *after = afterArguments.lookup(fragment.getParentBlock()))
    b.setInsertionPointAfter(after);
  else
    b.setInsertionPointToStart(fragment.getParentBlock());
}

Value TileValues::putToRing(Value tile, Value fragment, Value ring) {
  // A tile that is loaded ahead, not computed, is there before the stage to write is known.
  Operation *def = fragment.getDefiningOp(), *stage = ringStage.getDefiningOp();
  if (!def || def->getBlock() != stage->getBlock() || def->isBeforeInBlock(stage))
    b.setInsertionPointAfter(stage);
  Value slot = workers.slot(ring, ringStage);
  PutOp::create(b, tile.getLoc(), fragment, slot, identityPerm(tileType(tile).getRank()));
  return slot;
}

Value TileValues::sharedOf(Value tile) {
  if (Value known = names.shared.lookup(tile))
    return known;
  Value fragment = fragmentOf(tile);
  assert(fragment && "ops are converted after those that they need, in roles that have their operands");
  SmallVector<int64_t> inOrder = identityPerm(tileType(tile).getRank());
  if (splatOf(tile)) { // here: another user may be in another region
    Value slot = put(fragment, inOrder, workers.sharedType(tile, types));
    workers.afterPut(tile);
    return slot;
  }
  OpBuilder::InsertionGuard guard(b);
  setPointAfter(fragment);
  if (Value ring = rings.lookup(tile))
    return names.shared[tile] = putToRing(tile, fragment, ring);
  names.shared[tile] = put(fragment, inOrder, workers.sharedType(tile, types));
  workers.afterPut(tile);
  return names.shared[tile];
}

//===--- Products ---===//

void TileValues::bindProduct(Value tile, Value product) {
  if (workers.isUnderWay(product))
    underWay.push_back({tile, product});
  names.fragments[tile] = product;
}

/// A product that may still be under way, waited for.
Value TileValues::finished(Value tile, Value fragment) {
  auto found = llvm::find_if(underWay, [&](auto &entry) { return entry.second == fragment; });
  if (found == underWay.end())
    return fragment;
  auto pending = int32_t(underWay.end() - found - 1);
  Value result = WgmmaWaitOp::create(b, fragment.getLoc(), fragment.getType(), fragment, pending);
  underWay.erase(found);
  return names.fragments[tile] = result;
}

void TileValues::awaitProducts() {
  for (auto [tile, product] : SmallVector<std::pair<Value, Value>>(underWay))
    finished(tile, product);
}
