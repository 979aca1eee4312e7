// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sums of a tile along dimensions: loops over what is left, the rows, and inside of them over what is summed, with the sums in registers.
// Vectors run along the contiguous dimension of the tile; where that is summed, their lanes are added up at the end. Elementwise work on
// the same tile before or after a sum is done row by row with it, so that a row is in the first-level cache for all that is done with it.

#include "KernelEmitter.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;

namespace mixc::cpu {

/// The operand whose elements the loops run over, one each.
static OpOperand *wholeOperand(linalg::LinalgOp op) {
  for (OpOperand *operand : op.getDpsInputOperands())
    if (op.getMatchingIndexingMap(operand).isIdentity())
      return operand;
  return nullptr;
}

bool isSum(linalg::LinalgOp op) {
  if (!isa<linalg::GenericOp>(op) || op.getNumReductionLoops() == 0 || op.getNumParallelLoops() == 0 || op.getNumDpsInits() != 1 ||
      op->getNumResults() != 1 || isContraction(op) || !wholeOperand(op))
    return false;
  AffineMap out = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  if (!out.isProjectedPermutation() || out.getNumResults() != op.getNumParallelLoops())
    return false;
  auto sum = op.getBlock()->getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  BlockArgument before = op.getMatchingBlockArgument(op.getDpsInitOperand(0));
  return sum && sum.getType().isF32() && before.hasOneUse() && (sum.getLhs() == before || sum.getRhs() == before);
}

Value sumOperand(linalg::LinalgOp op) { return wholeOperand(op)->get(); }

bool rowsGoTogether(linalg::LinalgOp before, linalg::LinalgOp op) {
  auto isWhole = [](linalg::LinalgOp op) {
    return isSum(op) || (isa<linalg::GenericOp>(op) && isParallel(op) && op->getNumResults() == 1 &&
                         op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity());
  };
  if (!isWhole(before) || !isWhole(op) || before.getStaticLoopRanges() != op.getStaticLoopRanges() || before->getNumResults() != 1)
    return false;
  // Rows of sums along other dimensions are others.
  if (isSum(before) && isSum(op) && before.getIteratorTypesArray() != op.getIteratorTypesArray())
    return false;
  // What the one makes of a row the other takes for the same row.
  AffineMap made = before.getMatchingIndexingMap(before.getDpsInitOperand(0));
  return llvm::all_of(op->getOpOperands(),
                      [&](OpOperand &use) { return use.get() != before->getResult(0) || op.getMatchingIndexingMap(&use) == made; });
}

/// Moves `op` to right before `to`, if nothing in between uses it.
static bool moveDown(Operation *op, Operation *to) {
  if (op->getBlock() != to->getBlock() || !op->isBeforeInBlock(to))
    return false;
  for (Operation *user : op->getUsers()) {
    Operation *here = to->getBlock()->findAncestorOpInBlock(*user);
    if (here && here != to && here->isBeforeInBlock(to))
      return false;
  }
  op->moveBefore(to);
  return true;
}

void bringRowsTogether(tile::KernelOp kernel) {
  SmallVector<linalg::LinalgOp> sums;
  kernel.walk([&](linalg::LinalgOp op) {
    if (isSum(op))
      sums.push_back(op);
  });
  auto bring = [](Value value, linalg::LinalgOp user) {
    auto op = value.getDefiningOp<linalg::LinalgOp>();
    return op && rowsGoTogether(op, user) && moveDown(op, user);
  };
  for (linalg::LinalgOp sum : llvm::reverse(sums)) {
    auto work = sumOperand(sum).getDefiningOp<linalg::LinalgOp>();
    if (!work || !bring(sumOperand(sum), sum))
      continue;
    for (Value operand : work->getOperands())
      if (auto before = operand.getDefiningOp<linalg::LinalgOp>(); before && isSum(before))
        bring(operand, work);
  }
}

/// One of the operations whose rows are computed together.
struct KernelEmitter::RowWork {
  linalg::LinalgOp op;
  SmallVector<Operand, 0> operands; ///< with the vectors of those that a row has one of
  Operand result;
};

/// The loops around the rows, inside of them, and the one of the two that vectors run along.
struct KernelEmitter::Rows {
  SmallVector<int64_t> ranges, around, inside;
  int64_t vector = -1, lanes = 1;
  SmallVector<Value> ivs;
  bool addsLanes() const { return llvm::is_contained(inside, vector); }
  int64_t stepOf(int64_t loop) const { return loop == vector ? lanes : 1; }
};

Value KernelEmitter::readRow(const Rows &rows, const Operand &from, int64_t lanes) {
  const int64_t along = lanes == 1 ? 0 : from.access.coefficients[rows.vector];
  return read(from.tile, from.access.constant, from.access.coefficients, rows.ivs, along, lanes);
}

/// What the body makes of the elements at the loops' indices; `sums`, if it adds up, are those before.
Value KernelEmitter::rowValue(const Rows &rows, RowWork &work, Value sums) {
  SmallVector<Value> args;
  for (auto [i, operand] : llvm::enumerate(work.operands)) {
    OpOperand &use = work.op->getOpOperand(i);
    Value vector = operand.vector;
    if (sums && work.op.isDpsInit(&use))
      vector = sums;
    else if (!vector && work.op.payloadUsesValueFromOperand(&use))
      vector = readRow(rows, operand, rows.lanes);
    args.push_back(vector);
  }
  return evaluate(work.op, args, rows.lanes, rows.vector, [&](int64_t loop) { return rows.ivs[loop]; }).front();
}

/// The sums after the loops from `level` on; for elementwise work null.
Value KernelEmitter::insideRow(Rows &rows, RowWork &work, unsigned level, Value sums) {
  if (level == rows.inside.size()) {
    Value value = rowValue(rows, work, sums);
    if (sums)
      return value;
    const LinearAccess &to = work.result.access;
    write(value, work.result.tile, to.constant, to.coefficients, rows.ivs, to.coefficients[rows.vector]);
    return {};
  }
  const int64_t dim = rows.inside[level], step = rows.stepOf(dim);
  llvm::SaveAndRestore outside(rows.ivs[dim]); // where the loop's counter is not known
  if (rows.ranges[dim] <= step) {
    rows.ivs[dim] = index(0);
    return insideRow(rows, work, level + 1, sums);
  }
  auto loop = scf::ForOp::create(*this, index(0), index(rows.ranges[dim]), index(step), sums ? ValueRange(sums) : ValueRange());
  InsertionGuard guard(*this);
  setInsertionPointToStart(loop.getBody());
  rows.ivs[dim] = loop.getInductionVar();
  Value next = insideRow(rows, work, level + 1, sums ? loop.getRegionIterArg(0) : Value());
  if (!sums)
    return {};
  scf::YieldOp::create(*this, next);
  return loop.getResult(0);
}

void KernelEmitter::emitRow(Rows &rows, RowWork &work) {
  for (int64_t loop : rows.inside)
    rows.ivs[loop] = index(0);
  for (auto [use, operand] : llvm::zip_equal(work.op->getOpOperands(), work.operands)) {
    const SmallVector<int64_t> &coefficients = operand.access.coefficients;
    const bool ofRow = llvm::all_of(rows.inside, [&](int64_t loop) { return coefficients[loop] == 0; });
    operand.vector =
        ofRow && !work.op.isDpsInit(&use) && work.op.payloadUsesValueFromOperand(&use) ? readRow(rows, operand, rows.lanes) : Value();
  }
  const Operand &start = work.operands.back();
  const LinearAccess &to = work.result.access;
  if (isParallel(work.op)) {
    insideRow(rows, work, 0, {});
  } else if (!rows.addsLanes()) {
    write(insideRow(rows, work, 0, readRow(rows, start, rows.lanes)), work.result.tile, to.constant, to.coefficients, rows.ivs,
          to.coefficients[rows.vector]);
  } else {
    Value sums = insideRow(rows, work, 0, f32(0, rows.lanes));
    Value sum = vector::ReductionOp::create(*this, vector::CombiningKind::ADD, sums, arith::FastMathFlags::reassoc);
    sum = arith::AddFOp::create(*this, vector::ExtractOp::create(*this, readRow(rows, start, 1), 0), sum);
    write(splat(sum, 1), work.result.tile, to.constant, to.coefficients, rows.ivs, 1);
  }
}

void KernelEmitter::aroundRows(Rows &rows, MutableArrayRef<RowWork> works, unsigned level) {
  if (level == rows.around.size()) {
    for (RowWork &work : works)
      emitRow(rows, work);
    return;
  }
  const int64_t dim = rows.around[level];
  loop(rows.ranges[dim], rows.stepOf(dim), [&](Value iv) {
    rows.ivs[dim] = iv;
    aroundRows(rows, works, level + 1);
  });
}

/// Whether the loops of all run over tiles of one layout, and none wants a copy of what another one makes.
bool KernelEmitter::lieAlike(ArrayRef<linalg::LinalgOp> ops) const {
  auto orderOf = [&](linalg::LinalgOp op) { return buffers.lookup(isSum(op) ? sumOperand(op) : op->getResult(0)).order; };
  auto isMade = [&](Value value) { return llvm::any_of(ops, [&](linalg::LinalgOp op) { return op->getResult(0) == value; }); };
  return llvm::all_of(ops, [&](linalg::LinalgOp op) {
    return orderOf(op) == orderOf(ops.front()) &&
           llvm::none_of(op->getOpOperands(), [&](OpOperand &use) { return isMade(use.get()) && buffers.copyOf(use); });
  });
}

/// Operations of which one sums, or that sum, row by row.
void KernelEmitter::emitRows(ArrayRef<linalg::LinalgOp> ops) {
  linalg::LinalgOp sum = *llvm::find_if(ops, [](linalg::LinalgOp op) { return isSum(op); });
  Rows rows;
  rows.ranges = sum.getStaticLoopRanges();
  rows.ivs.resize(rows.ranges.size());
  const SmallVector<int64_t> order = buffers.lookup(sumOperand(sum)).order;
  for (int64_t loop : order)
    (sum.getIteratorTypesArray()[loop] == utils::IteratorType::reduction ? rows.inside : rows.around).push_back(loop);
  rows.vector = order.back();
  rows.lanes = lanesFor(rows.ranges[rows.vector], vectorWidth);
  SmallVector<RowWork, 0> works;
  for (linalg::LinalgOp op : ops) {
    RowWork work{op, {}, accessTo(buffers.lookup(op->getResult(0)), op.getMatchingIndexingMap(op.getDpsInitOperand(0)))};
    for (OpOperand &operand : op->getOpOperands())
      work.operands.push_back(accessTo(placeOf(operand), op.getMatchingIndexingMap(&operand)));
    works.push_back(std::move(work));
  }
  aroundRows(rows, works, 0);
}

} // namespace mixc::cpu
