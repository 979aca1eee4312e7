// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "EarlyWork.h"
#include "BulkTiles.h"
#include "Placement.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;

SetVector<Value> mixc::gpu::usedBy(Operation *op) {
  SetVector<Value> used(op->operand_begin(), op->operand_end());
  getUsedValuesDefinedAbove(op->getRegions(), used);
  return used;
}

namespace {
class EarlyFinder {
public:
  EarlyFinder(scf::ForOp loop, const EarlyFacts &facts) : loop(loop), body(loop.getBody()), facts(facts) {}
  EarlyWork find();

private:
  void findCarried();
  void seed();
  bool pullIn(Operation *op);
  bool isThere(Value value) const;
  bool isFromProduct(Operation *op) const { return own.contains(op); }
  bool isUsedByOthers(Operation *op) const;
  void findRepeated();
  Operation *remainingFault() const;
  Operation *inBody(Operation *op) const { return body->findAncestorOpInBlock(*op); }

  scf::ForOp loop;
  Block *body;
  const EarlyFacts &facts;
  /// What depends on the state; products, and what is computed from them; these and what they need.
  DenseSet<Operation *> carried, own, early, repeated;
};
} // namespace

void EarlyFinder::findCarried() {
  for (Operation &op : body->without_terminator())
    for (Value value : usedBy(&op))
      if (Operation *def = value.getDefiningOp(); (def && carried.contains(def)) || llvm::is_contained(loop.getRegionIterArgs(), value))
        carried.insert(&op);
}

void EarlyFinder::seed() {
  for (Operation &op : body->without_terminator()) {
    if (carried.contains(&op))
      continue;
    bool fromProduct = llvm::any_of(usedBy(&op), [&](Value value) {
      Operation *def = value.getDefiningOp();
      return def && own.contains(def);
    });
    if (isa<linalg::ContractOp>(op) || (fromProduct && isa<linalg::GenericOp>(op)))
      own.insert(&op);
  }
  early = own;
}

bool EarlyFinder::isThere(Value value) const {
  Operation *def = value.getDefiningOp();
  return !isa<RankedTensorType>(value.getType()) || splatOf(value) || facts.isShared(value) || (def && early.contains(def));
}

/// Takes what the op is computed from, as far as that is elementwise work and loads; false if something else is needed.
bool EarlyFinder::pullIn(Operation *op) {
  for (Value value : usedBy(op)) {
    if (isThere(value))
      continue;
    Operation *def = value.getDefiningOp();
    if (!def || def->getBlock() != body || carried.contains(def))
      return false;
    auto load = dyn_cast<tile::LoadOp>(def);
    if (load ? !facts.canLoad(load) : !isa<linalg::GenericOp>(def) || !pullIn(def))
      return false;
    early.insert(def);
  }
  return true;
}

bool EarlyFinder::isUsedByOthers(Operation *op) const {
  return llvm::any_of(op->getUsers(), [&](Operation *user) {
    Operation *at = inBody(user);
    return !at || !early.contains(at) || repeated.contains(at);
  });
}

/// What is not a product's is early for the sake of products, and can be done by both if it cannot be handed over.
void EarlyFinder::findRepeated() {
  repeated.clear();
  for (Operation &op : llvm::reverse(*body))
    if (early.contains(&op) && !isFromProduct(&op) && llvm::none_of(op.getUsers(), [&](Operation *user) {
          Operation *at = inBody(user);
          return at && early.contains(at);
        }))
      early.erase(&op);
  for (Operation &op : llvm::reverse(*body))
    if (early.contains(&op) && !isFromProduct(&op) && isUsedByOthers(&op) &&
        (isa<tile::LoadOp>(op) || !feedsProduct(op.getResult(0)) || !facts.canHandOver(op.getResult(0))))
      repeated.insert(&op);
}

/// An op whose operands are not there, or whose result cannot get to those who want it.
Operation *EarlyFinder::remainingFault() const {
  for (Operation &op : *body) {
    if (!early.contains(&op))
      continue;
    bool complete = llvm::all_of(usedBy(&op), [&](Value value) { return isThere(value); });
    bool reaches = !isFromProduct(&op) || !isUsedByOthers(&op) || (feedsProduct(op.getResult(0)) && facts.canHandOver(op.getResult(0)));
    if (!complete || !reaches)
      return &op;
  }
  return nullptr;
}

EarlyWork EarlyFinder::find() {
  findCarried();
  seed();
  for (Operation &op : *body)
    if (own.contains(&op) && !pullIn(&op))
      early.erase(&op);
  findRepeated();
  while (Operation *op = remainingFault()) {
    early.erase(op);
    findRepeated();
  }
  EarlyWork work;
  bool products = llvm::any_of(early, llvm::IsaPred<linalg::ContractOp>);
  for (Operation &op : *body) {
    if (!products || !early.contains(&op))
      continue;
    work.ops.insert(&op);
    if (repeated.contains(&op))
      work.repeated.insert(&op);
    else if (isUsedByOthers(&op))
      work.handedOver.insert(op.getResult(0));
  }
  return work.handedOver.empty() ? EarlyWork() : work;
}

EarlyWork mixc::gpu::findEarlyWork(scf::ForOp loop, const EarlyFacts &facts) { return EarlyFinder(loop, facts).find(); }
