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
  SmallVector<Operand, 0> operands;
  Operand result;
  SmallVector<SmallVector<Value>> ofRow; ///< by operand: the vectors side by side, where a row has them once and they are read; else empty
  bool sums() const { return !isParallel(op); }
};

/// The loops around the rows, inside of them, and the one of the two that vectors run along. So many rows of the loop `row` are done side
/// by side, and so many vectors of each; a number counts the vectors of all.
struct KernelEmitter::Rows {
  SmallVector<int64_t> ranges, around, inside;
  int64_t row = -1, rows = 1, vector = -1, lanes = 1, vectors = 1;
  SmallVector<Value> ivs;
  bool addsLanes() const { return llvm::is_contained(inside, vector); }
  int64_t count() const { return rows * vectors; }
  int64_t stepOf(int64_t loop) const { return loop == vector ? lanes * vectors : loop == row ? rows : 1; }
  /// How far a vector is behind the loops' indices.
  int64_t distance(int64_t number, int64_t loop) const {
    return loop == vector ? number % vectors * lanes : loop == row ? number / vectors : 0;
  }
  /// The same in elements of an operand.
  int64_t offset(int64_t number, const LinearAccess &access) const {
    int64_t sum = access.constant;
    for (auto [loop, coefficient] : llvm::enumerate(access.coefficients))
      sum += distance(number, loop) * coefficient;
    return sum;
  }
};

Value KernelEmitter::readRow(const Rows &rows, const Operand &from, int64_t number) {
  const LinearAccess &access = from.access;
  return read(from.tile, rows.offset(number, access), access.coefficients, rows.ivs, access.coefficients[rows.vector], rows.lanes);
}

void KernelEmitter::writeRow(const Rows &rows, Value vector, const Operand &to, int64_t number) {
  const LinearAccess &access = to.access;
  write(vector, to.tile, rows.offset(number, access), access.coefficients, rows.ivs, access.coefficients[rows.vector]);
}

/// What the body makes of the elements of a vector; `sums`, if it adds up, are those before, `made` is what operations before it have made
/// of the same elements, and `read` what vectors before it have read.
Value KernelEmitter::rowValue(const Rows &rows, const RowWork &work, int64_t number, Value sums, const IRMapping &made, ReadRows &read) {
  linalg::LinalgOp op = work.op;
  SmallVector<Value> args;
  for (auto [use, operand, ofRow] : llvm::zip_equal(op->getOpOperands(), work.operands, work.ofRow)) {
    Value vector;
    if (sums && op.isDpsInit(&use))
      vector = sums;
    else if (Value own = made.lookupOrNull(use.get()))
      vector = own;
    else if (!ofRow.empty())
      vector = ofRow[number];
    else if (op.payloadUsesValueFromOperand(&use)) {
      Value &here = read[{&use, rows.offset(number, operand.access)}];
      if (!here)
        here = readRow(rows, operand, number);
      vector = here;
    }
    args.push_back(vector);
  }
  auto position = [&](int64_t loop) -> Value {
    const int64_t distance = rows.distance(number, loop);
    return distance ? arith::AddIOp::create(*this, rows.ivs[loop], index(distance)).getResult() : rows.ivs[loop];
  };
  return evaluate(op, args, rows.lanes, rows.vector, position).front();
}

/// The innermost loop's body: each operation's work on the vectors side by side. Returns the sums, vector by vector.
SmallVector<Value> KernelEmitter::rowVectors(const Rows &rows, ArrayRef<RowWork> works, ValueRange sums) {
  SmallVector<Value> next;
  ReadRows read;
  for (int64_t number = 0; number < rows.count(); ++number) {
    IRMapping made;
    for (const RowWork &work : works) {
      if (work.sums()) {
        next.push_back(rowValue(rows, work, number, sums[next.size()], made, read));
        continue;
      }
      Value value = rowValue(rows, work, number, {}, made, read);
      writeRow(rows, value, work.result, number);
      made.map(work.op->getResult(0), value);
    }
  }
  return next;
}

/// The sums after the loops from `level` on.
SmallVector<Value> KernelEmitter::insideRow(Rows &rows, ArrayRef<RowWork> works, unsigned level, ValueRange sums) {
  if (level == rows.inside.size())
    return rowVectors(rows, works, sums);
  const int64_t dim = rows.inside[level], step = rows.stepOf(dim);
  llvm::SaveAndRestore outside(rows.ivs[dim]); // where the loop's counter is not known
  if (rows.ranges[dim] <= step) {
    rows.ivs[dim] = index(0);
    return insideRow(rows, works, level + 1, sums);
  }
  auto loop = scf::ForOp::create(*this, index(0), index(rows.ranges[dim]), index(step), sums);
  InsertionGuard guard(*this);
  setInsertionPointToStart(loop.getBody());
  rows.ivs[dim] = loop.getInductionVar();
  SmallVector<Value> next = insideRow(rows, works, level + 1, SmallVector<Value>(loop.getRegionIterArgs()));
  if (next.empty())
    return {};
  scf::YieldOp::create(*this, next);
  return llvm::to_vector(ValueRange(loop.getResults()));
}

/// Reads what a row has once, where the loops around it are known as far as it depends on them, unless another one of the operations makes
/// it. Returns the vectors, to be forgotten where these loops end.
SmallVector<SmallVector<Value> *> KernelEmitter::openRows(const Rows &rows, MutableArrayRef<RowWork> works, unsigned level) {
  SmallVector<SmallVector<Value> *> opened;
  auto isMade = [&](Value value) { return llvm::any_of(works, [&](const RowWork &work) { return work.op->getResult(0) == value; }); };
  for (RowWork &work : works)
    for (auto [use, operand, vectors] : llvm::zip_equal(work.op->getOpOperands(), work.operands, work.ofRow)) {
      const SmallVector<int64_t> &coefficients = operand.access.coefficients;
      auto dependsOn = [&](int64_t loop) { return coefficients[loop] != 0; };
      if (!vectors.empty() || work.op.isDpsInit(&use) || !work.op.payloadUsesValueFromOperand(&use) || llvm::any_of(rows.inside, dependsOn))
        continue;
      if (level < rows.around.size() && (isMade(use.get()) || llvm::any_of(ArrayRef(rows.around).drop_front(level), dependsOn)))
        continue;
      ReadRows read;
      for (int64_t number = 0; number < rows.count(); ++number) {
        Value &here = read[{&use, rows.offset(number, operand.access)}];
        if (!here)
          here = readRow(rows, operand, number);
        vectors.push_back(here);
      }
      opened.push_back(&vectors);
    }
  return opened;
}

/// The lanes of each vector added up: halves of two vectors are added beside each other, until one vector has parts of all; then the parts.
Value KernelEmitter::addLanes(SmallVector<Value> vectors) {
  const int64_t lanes = cast<VectorType>(vectors.front().getType()).getNumElements(), count = vectors.size();
  int64_t part = lanes; // lanes that one sum has in a vector
  // With two vectors, their first halves and their second ones; with one, itself and the second halves before the first ones.
  auto addHalves = [&](Value a, Value c) {
    SmallVector<int64_t> low, high;
    for (int64_t lane = 0; lane < (c ? 2 * lanes : lanes); ++lane)
      if (!c || lane % part < part / 2) {
        low.push_back(lane);
        high.push_back(lane ^ (part / 2));
      }
    Value other = c ? c : a;
    Value first = c ? vector::ShuffleOp::create(*this, a, other, low).getResult() : a;
    return arith::AddFOp::create(*this, first, vector::ShuffleOp::create(*this, a, other, high)).getResult();
  };
  for (; vectors.size() > 1; part /= 2) {
    SmallVector<Value> halved;
    for (size_t i = 0; i < vectors.size(); i += 2)
      halved.push_back(addHalves(vectors[i], vectors[i + 1]));
    vectors = halved;
  }
  SmallVector<int64_t> places;
  for (int64_t i = 0; i < count; ++i)
    places.push_back(i * part);
  for (; part > 1; part /= 2)
    vectors.front() = addHalves(vectors.front(), {});
  return vector::ShuffleOp::create(*this, vectors.front(), vectors.front(), places);
}

/// Adds up what the lanes have summed of rows side by side, and where the sums start.
void KernelEmitter::writeLaneSums(const Rows &rows, const RowWork &work, function_ref<Value(int64_t)> ofVector) {
  SmallVector<Value> ofRows;
  for (int64_t number = 0; number < rows.count(); ++number)
    if (number % rows.vectors == 0)
      ofRows.push_back(ofVector(number));
    else
      ofRows.back() = arith::AddFOp::create(*this, ofRows.back(), ofVector(number));
  auto along = [&](const Operand &operand) { return rows.row < 0 ? 0 : operand.access.coefficients[rows.row]; };
  const Operand &start = work.operands.back(), &to = work.result;
  Value sums = read(start.tile, start.access.constant, start.access.coefficients, rows.ivs, along(start), rows.rows);
  sums = arith::AddFOp::create(*this, sums, addLanes(ofRows));
  write(sums, to.tile, to.access.constant, to.access.coefficients, rows.ivs, along(to));
}

/// Operations of which none takes a row's sum that another one makes: one loop over the row.
void KernelEmitter::emitRow(Rows &rows, MutableArrayRef<RowWork> works) {
  for (int64_t loop : rows.inside)
    rows.ivs[loop] = index(0);
  SmallVector<SmallVector<Value> *> opened = openRows(rows, works, rows.around.size());
  SmallVector<Value> sums;
  for (int64_t number = 0; number < rows.count(); ++number)
    for (const RowWork &work : works)
      if (work.sums())
        sums.push_back(rows.addsLanes() ? f32(0, rows.lanes) : readRow(rows, work.operands.back(), number));
  sums = insideRow(rows, works, 0, sums);
  const size_t count = sums.size() / rows.count(); // of the operations that sum
  size_t next = 0;
  for (const RowWork &work : works) {
    if (!work.sums())
      continue;
    auto ofVector = [&, first = next++](int64_t number) { return sums[number * count + first]; };
    if (rows.addsLanes())
      writeLaneSums(rows, work, ofVector);
    for (int64_t number = 0; number < rows.count() && !rows.addsLanes(); ++number)
      writeRow(rows, ofVector(number), work.result, number);
  }
  for (SmallVector<Value> *vectors : opened)
    vectors->clear();
}

void KernelEmitter::aroundRows(Rows &rows, MutableArrayRef<RowWork> works, unsigned level) {
  if (level == rows.around.size()) {
    while (!works.empty()) {
      // As many as the first loop over the row can do.
      llvm::SmallDenseSet<Value> sums;
      auto isInLoop = [&](const RowWork &work) {
        if (llvm::any_of(work.op->getOperands(), [&](Value operand) { return sums.contains(operand); }))
          return false;
        if (work.sums())
          sums.insert(work.op->getResult(0));
        return true;
      };
      const size_t count = llvm::find_if_not(works, isInLoop) - works.begin();
      emitRow(rows, works.take_front(count));
      works = works.drop_front(count);
    }
    return;
  }
  const int64_t dim = rows.around[level];
  SmallVector<SmallVector<Value> *> opened = openRows(rows, works, level);
  loop(rows.ranges[dim], rows.stepOf(dim), [&](Value iv) {
    rows.ivs[dim] = iv;
    aroundRows(rows, works, level + 1);
  });
  for (SmallVector<Value> *vectors : opened)
    vectors->clear();
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
  // Sums side by side do not wait for each other, and rows share what they read alike; registers hold those of few operations. Vectors of a
  // row one behind the other fill whole lines of the cache at once.
  constexpr int64_t kRowVectors = 2;
  const int64_t most = vectorWidth > 8 ? 4 : 2;
  if (rows.addsLanes() && !rows.around.empty()) {
    rows.row = rows.around.back();
    rows.rows = lanesFor(rows.ranges[rows.row], std::min(most, rows.lanes));
  }
  rows.vectors = lanesFor(rows.ranges[rows.vector] / rows.lanes, rows.rows > 1 ? kRowVectors : most);
  SmallVector<RowWork, 0> works;
  for (linalg::LinalgOp op : ops) {
    RowWork work{op, {}, accessTo(buffers.lookup(op->getResult(0)), op.getMatchingIndexingMap(op.getDpsInitOperand(0))), {}};
    for (OpOperand &operand : op->getOpOperands())
      work.operands.push_back(accessTo(placeOf(operand), op.getMatchingIndexingMap(&operand)));
    work.ofRow.resize(work.operands.size());
    works.push_back(std::move(work));
  }
  aroundRows(rows, works, 0);
}

} // namespace mixc::cpu
