// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "AheadWork.h"
#include "Regions.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

bool mixc::gpu::collectSlice(Value value, scf::ForOp loop, SetVector<Operation *> &slice) {
  if (value == loop.getInductionVar() || !loop.getRegion().isAncestor(value.getParentRegion()))
    return true;
  Operation *def = value.getDefiningOp();
  if (!def || def->getBlock() != loop.getBody() || !isa<arith::ArithDialect>(def->getDialect()))
    return false;
  for (Value operand : def->getOperands())
    if (!collectSlice(operand, loop, slice))
      return false;
  slice.insert(def);
  return true;
}

AheadWork mixc::gpu::loadsAhead(scf::ForOp loop, const Placement &placement) {
  AheadWork ahead;
  for (auto load : loop.getBody()->getOps<tile::LoadOp>()) {
    SetVector<Operation *> slice = ahead.slice;
    bool movable = !mayReadStored(load) && llvm::all_of(load->getOperands(), [&](Value v) { return collectSlice(v, loop, slice); });
    bool isStaged = placement.isStaged(load.getTile());
    if (!movable || (!isStaged && !placement.isSmall(load.getTile())))
      continue;
    ahead.slice = slice;
    (isStaged ? ahead.staged : ahead.small).push_back(load);
  }
  return ahead;
}

void mixc::gpu::findChain(AheadWork &ahead, scf::ForOp loop, const TileTypes &types, function_ref<bool(Value)> mayTake) {
  for (tile::LoadOp load : ahead.small)
    ahead.chain.insert(load);
  for (Operation &op : loop.getBody()->without_terminator()) {
    if (!isa<linalg::GenericOp, tile::CumsumOp, tile::LagOp>(op) || !types.placement.isSmall(op.getResult(0)) ||
        !mayTake(op.getResult(0)) || isa<MmaAttr>(types.fragment(op.getResult(0)).getLayout()))
      continue;
    if (auto generic = dyn_cast<linalg::GenericOp>(op); generic && feedsScans(generic))
      continue;
    SetVector<Operation *> slice = ahead.slice;
    auto known = [&](Value v) {
      Operation *def = v.getDefiningOp();
      if (!loop.getRegion().isAncestor(v.getParentRegion()) || (def && ahead.chain.contains(def)))
        return true;
      if (isTile(v))
        return splatOf(v) || (def && isa<tensor::EmptyOp>(def));
      return collectSlice(v, loop, slice);
    };
    SetVector<Value> used;
    getUsedValuesDefinedAbove(op.getRegions(), used);
    if (!llvm::all_of(op.getOperands(), known) || !llvm::all_of(used, known))
      continue;
    ahead.slice = slice;
    ahead.chain.insert(&op);
  }
}
