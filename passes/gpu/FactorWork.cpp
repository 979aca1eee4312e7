// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "FactorWork.h"
#include "EarlyWork.h"
#include "TileTypes.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;

/// Work that a team knows, on tiles alone.
static bool isTeamWork(Operation &op) {
  return isa<tile::LoadOp, linalg::GenericOp, linalg::ContractOp, tile::CumsumOp, tile::LagOp, tile::SpansOp, tile::SolveOp, tile::GuardOp,
             tile::SinceResetOp>(op);
}

namespace {
class FactorFinder {
public:
  FactorFinder(scf::ForOp loop, function_ref<bool(Value)> isFetched, function_ref<bool(Operation *)> isFromBehind)
      : loop(loop), isFetched(isFetched), isFromBehind(isFromBehind) {}
  FactorWork find(function_ref<bool(tile::LoadOp)> isSmall);

private:
  bool isAhead(Operation *op) { return op && op->getBlock() == loop.getBody() && isTeamWork(*op) && !others.contains(op); }
  bool isOthers(Value value);
  void findOthers();
  void leaveLoads(function_ref<bool(tile::LoadOp)> isSmall);
  void take(Operation *op);

  scf::ForOp loop;
  function_ref<bool(Value)> isFetched;
  function_ref<bool(Operation *)> isFromBehind;
  /// What depends on the state, or is no team's; what others need, and what it needs.
  DenseSet<Operation *> others, taken;
};
} // namespace

/// Whether a team does not have the value.
bool FactorFinder::isOthers(Value value) {
  Operation *def = value.getDefiningOp();
  if (!def)
    return llvm::is_contained(loop.getRegionIterArgs(), value);
  return def->getBlock() == loop.getBody() && others.contains(def);
}

void FactorFinder::findOthers() {
  for (Operation &op : loop.getBody()->without_terminator()) {
    const bool isScalar = op.getNumResults() > 0 && op.getNumRegions() == 0 && llvm::none_of(op.getResults(), isTile);
    const bool isConstant = isa<tensor::EmptyOp>(op) || (op.getNumResults() == 1 && splatOf(op.getResult(0)));
    if (llvm::any_of(usedBy(&op), [&](Value value) { return isOthers(value); }) || isFromBehind(&op) ||
        (!isScalar && !isConstant && !isTeamWork(op)))
      others.insert(&op);
  }
}

/// What others alone read of large tiles that are not fetched, they load.
void FactorFinder::leaveLoads(function_ref<bool(tile::LoadOp)> isSmall) {
  for (auto load : loop.getBody()->getOps<tile::LoadOp>())
    if (isAhead(load) && !isFetched(load.getTile()) && !isSmall(load) &&
        llvm::all_of(load->getUsers(), [&](Operation *user) { return others.contains(loop.getBody()->findAncestorOpInBlock(*user)); }))
      others.insert(load);
}

void FactorFinder::take(Operation *op) {
  if (!taken.insert(op).second)
    return;
  for (Value value : usedBy(op))
    if (Operation *def = value.getDefiningOp(); isTile(value) && isAhead(def) && !isFetched(value))
      take(def);
}

FactorWork FactorFinder::find(function_ref<bool(tile::LoadOp)> isSmall) {
  findOthers();
  leaveLoads(isSmall);
  FactorWork work;
  for (Operation &op : *loop.getBody()) {
    if (!others.contains(&op) && !op.hasTrait<OpTrait::IsTerminator>())
      continue;
    for (Value value : usedBy(&op))
      if (isTile(value) && isAhead(value.getDefiningOp()) && !isFetched(value) && !splatOf(value)) {
        work.handedOver.insert(value);
        take(value.getDefiningOp());
      }
  }
  for (Operation &op : *loop.getBody())
    if (taken.contains(&op))
      work.ops.insert(&op);
  return work;
}

FactorWork mixc::gpu::findFactorWork(scf::ForOp loop, function_ref<bool(Value)> isFetched, function_ref<bool(tile::LoadOp)> isSmall,
                                     function_ref<bool(Operation *)> isFromBehind) {
  return FactorFinder(loop, isFetched, isFromBehind).find(isSmall);
}
