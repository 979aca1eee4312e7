// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ComputeOrder.h"
#include "EarlyWork.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

namespace {
/// First the products from zero, of these the ones that take rows from registers (nothing may be under way while registers of the state
/// are packed), then the others, each after what it needs, then the rest.
class Scheduler {
public:
  Scheduler(scf::ForOp loop, const TileTypes &types) : body(loop.getBody()), types(types) {}
  ComputeOrder run(bool packAhead);

private:
  enum class Rank { FromRegisters, FromZero, Accumulates };
  Rank rankOf(Operation *product) const;
  SmallVector<Operation *> sortedProducts() const;
  void add(Operation *op);
  void packRows(ArrayRef<Operation *> products);

  Block *body;
  const TileTypes &types;
  SetVector<Operation *> order;
  DenseSet<Value> ahead;
};
} // namespace

Scheduler::Rank Scheduler::rankOf(Operation *product) const {
  if (!splatOf(product->getOperand(2)))
    return Rank::Accumulates;
  return types.staysInRegisters(product->getOperand(0), cast<linalg::ContractOp>(product)) ? Rank::FromRegisters : Rank::FromZero;
}

SmallVector<Operation *> Scheduler::sortedProducts() const {
  SmallVector<Operation *> products;
  for (Operation &op : *body)
    if (isa<linalg::ContractOp>(op))
      products.push_back(&op);
  llvm::sort(products, [&](Operation *a, Operation *b) {
    Rank ofA = rankOf(a), ofB = rankOf(b);
    return ofA != ofB ? ofA < ofB : a != b && a->isBeforeInBlock(b);
  });
  return products;
}

/// The op, after what it is computed from.
void Scheduler::add(Operation *op) {
  if (order.contains(op))
    return;
  for (Value value : usedBy(op))
    if (Operation *def = value.getDefiningOp(); def && def->getBlock() == body)
      add(def);
  order.insert(op);
}

/// Rows that do not come from the state are packed while the products from zero are under way.
void Scheduler::packRows(ArrayRef<Operation *> products) {
  for (Operation *product : products) {
    Value rows = product->getOperand(0);
    Operation *def = rows.getDefiningOp();
    if (rankOf(product) == Rank::Accumulates && isa_and_nonnull<linalg::GenericOp>(def) && def->getBlock() == body &&
        types.staysInRegisters(rows, cast<linalg::ContractOp>(product))) {
      ahead.insert(rows);
      add(def);
    }
  }
}

ComputeOrder Scheduler::run(bool packAhead) {
  SmallVector<Operation *> products = sortedProducts();
  for (Operation *product : products)
    if (rankOf(product) != Rank::Accumulates)
      add(product);
  if (packAhead)
    packRows(products);
  for (Operation *product : products)
    add(product);
  for (Operation &op : body->without_terminator())
    add(&op);
  return {llvm::to_vector(order), ahead};
}

ComputeOrder mixc::gpu::orderComputing(scf::ForOp loop, const TileTypes &types, size_t ownTiles) {
  return Scheduler(loop, types).run(/*packAhead=*/ownTiles <= 1); // with tiles of a gate there are no registers to spare
}

void mixc::gpu::holdRows(scf::ForOp loop, const SetVector<Operation *> &early, TileTypes &types) {
  for (auto product : loop.getBody()->getOps<linalg::ContractOp>()) {
    FailureOr<ContractRoles> found = rolesOf(product);
    if (failed(found) || early.contains(product))
      continue;
    Value rows = found->lhs;
    if (auto guard = rows.getDefiningOp<tile::GuardOp>())
      rows = guard.getX();
    if (!types.placement.isStaged(rows) || llvm::none_of(rows.getUsers(), llvm::IsaPred<linalg::GenericOp>))
      continue;
    if (FragmentType fragment = types.rowsFragment(product))
      types.hold(rows, fragment);
  }
}
