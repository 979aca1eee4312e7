// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Accesses.h"
#include "OpConverter.h"
#include "Regions.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

SmallVector<Value> mixc::gpu::mapped(ValueRange values, const IRMapping &scalars) {
  return llvm::map_to_vector(values, [&](Value v) { return scalars.lookupOrDefault(v); });
}

Value mixc::gpu::loadFragment(OpBuilder &b, tile::LoadOp op, const IRMapping &scalars, FragmentType type) {
  return LoadOp::create(b, op.getLoc(), type, scalars.lookupOrDefault(op.getSource()), mapped(op.getOffsets(), scalars),
                        mapped(op.getLimits(), scalars), op.getStaticOffsets(), op.getStaticLimits(), op.getDims(), op.getOptional());
}

void mixc::gpu::copyToShared(OpBuilder &b, tile::LoadOp op, const IRMapping &scalars, Value dest) {
  CopyOp::create(b, op.getLoc(), scalars.lookupOrDefault(op.getSource()), mapped(op.getOffsets(), scalars), mapped(op.getLimits(), scalars),
                 op.getStaticOffsets(), op.getStaticLimits(), op.getDims(), op.getOptional(), dest);
}

FragmentType mixc::gpu::rawFragmentType(tile::LoadOp load, FragmentType type) {
  Type element = cast<MemRefType>(load.getSource().getType()).getElementType();
  return FragmentType::get(load.getContext(), type.getShape(), element, type.getLayout());
}

LogicalResult OpConverter::convert(tile::LoadOp op) {
  Value tile = op.getTile();
  if (values.isKnown(tile)) // loaded ahead by the loop
    return success();
  if (mayReadStored(op))
    BarrierOp::create(b, op.getLoc(), /*warp=*/false);
  if (values.types.placement.isStaged(tile)) {
    Value buffer = workers.alloc(workers.sharedType(tile, values.types), op.getLoc());
    copyToShared(b, op, values.names.scalars, buffer);
    CommitOp::create(b, op.getLoc());
    workers.awaitCopies(0, op.getLoc());
    values.names.shared[tile] = buffer;
    return success();
  }
  FragmentType type = values.fragmentType(tile);
  Value raw = loadFragment(b, op, values.names.scalars, rawFragmentType(op, type));
  values.bind(tile, values.cast(raw, type.getElementType()));
  return success();
}

OrderedLimits::OrderedLimits(tile::StoreOp op, const IRMapping &scalars) {
  SmallVector<Value> all = mapped(op.getLimits(), scalars);
  SmallVector<OpFoldResult> mixed = getMixedValues(op.getStaticLimits(), all, op.getContext()), ordered;
  for (int64_t d : memoryOrder(op.getDims())) {
    dims.push_back(op.getDims()[d]);
    ordered.push_back(mixed[d]);
  }
  dispatchIndexOpFoldResults(ordered, limits, staticLimits);
}

/// Whether other threads may have an element that the store writes too: those that load it into registers, or store it, otherwise.
bool OpConverter::meetsOtherThreads(tile::StoreOp store) {
  auto isDirect = [&](Value tile, ArrayRef<int64_t> dims, Value memref) {
    auto type = cast<MemRefType>(memref.getType());
    FragmentType fragment = values.fragmentType(tile);
    return workers.storesDirectly(
        FragmentType::get(fragment.getContext(), fragment.getShape(), type.getElementType(), fragment.getLayout()), dims, type.getRank());
  };
  // Then an element that both have is at the same place in both tiles, hence with the same thread.
  auto isAlike = [&](auto op, Value memref) {
    if (memref != store.getDest() || op.getTile().getType().getShape() != store.getTile().getType().getShape() ||
        op.getDims() != store.getDims() ||
        values.fragmentType(op.getTile()).getLayout() != values.fragmentType(store.getTile()).getLayout())
      return false;
    return llvm::all_of(llvm::zip(op.getTile().getType().getShape(), op.getDims()), [&](auto at) {
      auto [size, dim] = at;
      return size == 1 || op.getMixedOffsets()[dim] == store.getMixedOffsets()[dim];
    });
  };
  const bool direct = isDirect(store.getTile(), store.getDims(), store.getDest());
  return llvm::any_of(othersOf(store), [&](Operation *op) {
    if (auto load = dyn_cast<tile::LoadOp>(op)) // what is staged has arrived for all
      return !values.types.placement.isStaged(load.getTile()) && (!direct || !isAlike(load, load.getSource()));
    auto other = cast<tile::StoreOp>(op);
    return direct != isDirect(other.getTile(), other.getDims(), other.getDest()) || !isAlike(other, other.getDest());
  });
}

LogicalResult OpConverter::convert(tile::StoreOp op) {
  const IRMapping &scalars = values.names.scalars;
  auto memref = cast<MemRefType>(op.getDest().getType());
  Location loc = op.getLoc();
  if (meetsOtherThreads(op))
    BarrierOp::create(b, loc, /*warp=*/false);
  SmallVector<Value> offsets = mapped(op.getOffsets(), scalars);
  Value dest = values.scalar(op.getDest());
  Value fragment = values.cast(values.fragmentOf(op.getTile(), values.fragmentType(op.getTile())), memref.getElementType());
  auto type = cast<FragmentType>(fragment.getType());
  if (workers.storesDirectly(type, op.getDims(), memref.getRank())) {
    StoreOp::create(b, loc, fragment, dest, offsets, mapped(op.getLimits(), scalars), op.getStaticOffsets(), op.getStaticLimits(),
                    op.getDims(), op.getOptional());
    return success();
  }
  SmallVector<int64_t> order = memoryOrder(op.getDims());
  OrderedLimits limits(op, scalars);
  int64_t rowBytes = memref.getElementTypeBitWidth() / 8;
  for (int64_t d : ArrayRef(order).drop_front())
    rowBytes *= type.getShape()[d];
  Value buffer = values.put(fragment, order, order.size() > 1 && rowBytes % 16 == 0 ? 0 : -1);
  WriteOp::create(b, loc, buffer, dest, offsets, limits.limits, op.getStaticOffsets(), limits.staticLimits, limits.dims, op.getOptional(),
                  workers.writesStrips() ? stripsOf(type, order) : 0);
  return success();
}
