// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Regions.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mixc;

Value mixc::gpu::tensorOf(Value memref) {
  while (Operation *def = memref.getDefiningOp()) {
    if (!isa<tile::ReverseOp, tile::EarlierOp, tile::StepsOp>(def))
      return memref;
    memref = def->getOperand(0);
  }
  return memref;
}

/// How far the value moves from an iteration to the next one, where that is known.
static std::optional<int64_t> distance(OpFoldResult value, scf::ForOp loop) {
  auto dynamic = dyn_cast<Value>(value);
  if (!dynamic || !loop.getRegion().isAncestor(dynamic.getParentRegion()))
    return 0;
  if (dynamic == loop.getInductionVar())
    return getConstantIntValue(loop.getStep());
  Operation *def = dynamic.getDefiningOp();
  if (!isa_and_nonnull<arith::AddIOp, arith::SubIOp, arith::MulIOp>(def))
    return std::nullopt;
  std::optional<int64_t> lhs = distance(def->getOperand(0), loop), rhs = distance(def->getOperand(1), loop);
  if (!lhs || !rhs)
    return std::nullopt;
  if (isa<arith::AddIOp>(def))
    return *lhs + *rhs;
  if (isa<arith::SubIOp>(def))
    return *lhs - *rhs;
  std::optional<int64_t> a = getConstantIntValue(def->getOperand(0)), b = getConstantIntValue(def->getOperand(1));
  if (*lhs == 0 && *rhs == 0)
    return 0;
  return a ? std::optional(*a * *rhs) : b ? std::optional(*lhs * *b) : std::nullopt;
}

/// The tile's elements along a dimension of the tensor.
template <typename Op> static int64_t extent(Op op, int64_t dim) {
  const auto *found = llvm::find(op.getDims(), dim);
  return found == op.getDims().end() ? 1 : cast<RankedTensorType>(op.getTile().getType()).getDimSize(found - op.getDims().begin());
}

bool mixc::gpu::movesOn(tile::StoreOp store, scf::ForOp loop) {
  for (auto [dim, offset] : llvm::enumerate(store.getMixedOffsets()))
    if (std::optional<int64_t> by = distance(offset, loop); by && std::abs(*by) >= extent(store, dim))
      return true;
  return false;
}

/// Whether the two see the tensor in one direction, from one token on.
static bool haveOneView(tile::LoadOp load, tile::StoreOp store) { return load.getSource() == store.getDest(); }
static bool haveOneView(tile::StoreOp other, tile::StoreOp store) { return other.getDest() == store.getDest(); }

/// Whether fixed offsets keep the two apart.
template <typename Op> static bool haveOtherElements(Op op, tile::StoreOp store) {
  if (!haveOneView(op, store))
    return false;
  for (auto [dim, offsets] : llvm::enumerate(llvm::zip(op.getMixedOffsets(), store.getMixedOffsets()))) {
    std::optional<int64_t> from = getConstantIntValue(std::get<0>(offsets)), to = getConstantIntValue(std::get<1>(offsets));
    if (from && to && (*from + extent(op, dim) <= *to || *to + extent(store, dim) <= *from))
      return true;
  }
  return false;
}

/// Whether each iteration of the loop has elements of its own in both.
static bool moveOnTogether(tile::LoadOp load, tile::StoreOp store, scf::ForOp loop) {
  if (!haveOneView(load, store))
    return false;
  int64_t dim = 0;
  for (auto [from, to] : llvm::zip(load.getMixedOffsets(), store.getMixedOffsets())) {
    const int64_t size = std::max(extent(load, dim), extent(store, dim));
    if (std::optional<int64_t> by = distance(from, loop); from == to && by && std::abs(*by) >= size)
      return true;
    ++dim;
  }
  return false;
}

/// Whether the load sees nothing of what the store writes, to the same tensor: it comes first, also in each iteration of a loop that holds
/// both, which then has elements of its own.
static bool comesFirst(tile::LoadOp load, tile::StoreOp store) {
  Block *common = load->getBlock();
  while (!common->findAncestorOpInBlock(*store))
    common = common->getParentOp()->getBlock();
  if (!common->findAncestorOpInBlock(*load)->isBeforeInBlock(common->findAncestorOpInBlock(*store)))
    return false;
  auto loop = dyn_cast<scf::ForOp>(common->getParentOp());
  if (!loop)
    loop = common->getParentOp()->getParentOfType<scf::ForOp>();
  return !loop || (!loop->getParentOfType<scf::ForOp>() && moveOnTogether(load, store, loop));
}

static tile::KernelOp kernelOf(Operation *op) { return op->getParentOfType<tile::KernelOp>(); }

bool mixc::gpu::mayReadStored(tile::LoadOp load) {
  if (load.getUnstored())
    return false;
  WalkResult stores = kernelOf(load).walk([&](tile::StoreOp store) -> WalkResult {
    bool apart = tensorOf(load.getSource()) != tensorOf(store.getDest()) || haveOtherElements(load, store) || comesFirst(load, store);
    return apart ? WalkResult::advance() : WalkResult::interrupt();
  });
  return stores.wasInterrupted();
}

SmallVector<Operation *> mixc::gpu::othersOf(tile::StoreOp store) {
  SmallVector<Operation *> others;
  auto add = [&](auto op, Value memref) {
    if (op != store.getOperation() && tensorOf(memref) == tensorOf(store.getDest()) && !haveOtherElements(op, store))
      others.push_back(op);
  };
  kernelOf(store).walk([&](Operation *op) {
    if (auto load = dyn_cast<tile::LoadOp>(op))
      add(load, load.getSource());
    else if (auto other = dyn_cast<tile::StoreOp>(op))
      add(other, other.getDest());
  });
  return others;
}
