// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which elementwise operations are computed in the loops of a contraction or a scan.

#include "KernelOps.h"
#include "TileBuffers.h"

using namespace mlir;

namespace mixc::cpu {

/// The only user of the operation's only result, if it is a linalg operation of the same block that walks over the
/// result as the operation writes it.
static linalg::LinalgOp onlyUser(linalg::LinalgOp op) {
  if (op->getNumResults() != 1 || !op->hasOneUse())
    return {};
  OpOperand &use = *op->getUses().begin();
  auto user = dyn_cast<linalg::LinalgOp>(use.getOwner());
  if (!user || user->getBlock() != op->getBlock() || user->getNumResults() != 1 ||
      user.getMatchingIndexingMap(&use) != user.getMatchingIndexingMap(user.getDpsInitOperand(0)))
    return {};
  return user;
}

static bool contractsBetween(Operation *from, Operation *to) {
  for (Operation *op = from->getNextNode(); op != to; op = op->getNextNode())
    if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op); !linalgOp ? op->getNumRegions() > 0 : isContraction(linalgOp))
      return true;
  return false;
}

/// Decays and rows of each entry of a scan's states are as many as its steps: computed in them, none goes through memory. So is x, where
/// the rows of a state are few.
void TileBuffers::fuseIntoScans(tile::KernelOp kernel) {
  constexpr int64_t kFewRows = 16;
  kernel.walk([&](tile::ScanOp scan) {
    if (scansTokens(scan))
      return;
    const bool hasFewRows = cast<RankedTensorType>(scan.getInit().getType()).getDimSize(1) <= kFewRows;
    for (Value operand : scan->getOperands()) {
      auto producer = operand.getDefiningOp<linalg::LinalgOp>();
      if (producer && (cast<RankedTensorType>(operand.getType()).getRank() == 4 || (operand == scan.getX() && hasFewRows)) &&
          producer->hasOneUse() && producer->getNumResults() == 1 && producer->getBlock() == scan->getBlock() && isParallel(producer) &&
          producer.getMatchingIndexingMap(producer.getDpsInitOperand(0)).isIdentity())
        fused[producer] = scan;
    }
  });
}

/// What a contraction starts from is computed into its accumulators; what follows it, from them. A contraction is not
/// moved over another: that one could have to overwrite an operand of the first.
void TileBuffers::chooseFusion(tile::KernelOp kernel) {
  fuseIntoScans(kernel);
  SmallVector<linalg::LinalgOp> contractions;
  kernel.walk([&](linalg::LinalgOp op) {
    if (isContraction(op))
      contractions.push_back(op);
  });
  llvm::DenseSet<Operation *> taken;
  for (linalg::LinalgOp op : contractions) {
    auto producer = op.getDpsInitOperand(0)->get().getDefiningOp<linalg::LinalgOp>();
    if (producer && !isContraction(producer) && onlyUser(producer) == op) {
      fused[producer] = op;
      taken.insert(producer);
    }
  }
  for (linalg::LinalgOp op : contractions) {
    linalg::LinalgOp user = onlyUser(op);
    if (user && isParallel(user) && !isContraction(user) && !taken.contains(user) && !contractsBetween(op, user) &&
        user.payloadUsesValueFromOperand(&*op->getUses().begin())) {
      fused[op] = user;
      taken.insert(user);
    }
  }
}

/// Neighbours whose rows are done together: each may be with all others.
void TileBuffers::chooseRows(tile::KernelOp kernel) {
  auto take = [&](SmallVector<linalg::LinalgOp> &run) {
    if (run.size() > 1 && llvm::any_of(run, isSum)) {
      for (linalg::LinalgOp op : run)
        rowGroup[op] = rows.size();
      rows.push_back(run);
    }
    run.clear();
  };
  kernel.walk([&](Block *block) {
    SmallVector<linalg::LinalgOp> run;
    for (Operation &inner : *block) {
      auto op = dyn_cast<linalg::LinalgOp>(inner);
      if (isa<tensor::EmptyOp, arith::ConstantOp>(inner))
        continue;
      if (!op || isFused(op) || !llvm::all_of(run, [&](linalg::LinalgOp before) { return rowsGoTogether(before, op); }))
        take(run);
      if (op && !isFused(op) && rowsGoTogether(op, op))
        run.push_back(op);
    }
    take(run);
  });
}

ArrayRef<linalg::LinalgOp> TileBuffers::rowsOf(Operation *op) const {
  auto found = rowGroup.find(op);
  return found == rowGroup.end() ? ArrayRef<linalg::LinalgOp>() : rows[found->second];
}

Operation *TileBuffers::rootOf(Operation *op) const {
  while (Operation *user = fused.lookup(op))
    op = user;
  return op;
}

Value TileBuffers::rootOf(Value value) const {
  Operation *op = value.getDefiningOp();
  return op && isFused(op) ? rootOf(op)->getResult(0) : value;
}

} // namespace mixc::cpu
