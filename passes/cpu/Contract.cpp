// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Contractions, as matrix products with accumulators in registers:
//
//     for the other parallel loops, for a panel of columns, for a block of rows:
//       acc[rows][columns / lanes] = init
//       for k:  acc[i][j] += splat(a[i, k]) * b[k, j]
//       result = acc
//
// Columns run along the result's contiguous dimension; b is the operand that has them, a the other. Elementwise
// operations before (what init is) and after are evaluated on the accumulators. Where an operand is a masked tile, zero
// above its diagonal, k stops at the block's diagonal.

#include "KernelEmitter.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace mixc::cpu {

/// An elementwise operation evaluated in a contraction's loops.
struct KernelEmitter::Fused {
  linalg::LinalgOp op;
  Value chained;                 ///< the operand that comes from the accumulators
  SmallVector<Operand> operands; ///< over the contraction's loops
  SmallVector<int64_t> loops;    ///< the contraction's loop for each of the operation's
};

struct KernelEmitter::MicroKernel {
  SmallVector<int64_t> ranges;
  SmallVector<int64_t> outer, reductions; ///< loops around the panels, loops of the sum
  int64_t rowLoop = -1, columnLoop = -1;
  int64_t lanes = 1, vectors = 1, rows = 1; ///< of a block: lanes of a vector, vectors and rows of accumulators
  SmallVector<Value> ivs;
  Operand lhs, rhs, init, result;
  std::optional<Fused> before, after;
  std::optional<std::pair<int64_t, int64_t>> diagonal; ///< a reduction stays at or below a parallel loop

  /// Element offset of a row and a vector of the block from the block's first element.
  int64_t offset(const Operand &operand, int64_t row, int64_t vector) const {
    auto coefficient = [&](int64_t loop) { return loop < 0 ? 0 : operand.access.coefficients[loop]; };
    return operand.access.constant + row * coefficient(rowLoop) + vector * lanes * coefficient(columnLoop);
  }
  int64_t rowRange() const { return rowLoop < 0 ? 1 : ranges[rowLoop]; }
};

/// Rows and vectors of a block of accumulators; the rest of the registers holds a row of b and an element of a.
static std::pair<int64_t, int64_t> blockShape(int64_t rows, int64_t columnVectors, bool wide) {
  int64_t vectors = 1;
  for (int64_t candidate : {4, 2})
    if (columnVectors % candidate == 0 && (candidate == 2 || wide)) {
      vectors = candidate;
      break;
    }
  int64_t most = wide ? (vectors == 4 ? 6 : 12) : (vectors == 2 ? 6 : 10);
  // As even blocks as the number of rows allows.
  int64_t blocks = (rows + most - 1) / most;
  return {(rows + blocks - 1) / blocks, vectors};
}

KernelEmitter::Fused KernelEmitter::fuse(const MicroKernel &mk, linalg::LinalgOp contraction, linalg::LinalgOp op) {
  Fused fused;
  fused.op = op;
  AffineMap from = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  AffineMap to = contraction.getMatchingIndexingMap(contraction.getDpsInitOperand(0));
  fused.loops.resize(op.getNumLoops());
  for (unsigned dim = 0; dim < from.getNumResults(); ++dim)
    fused.loops[from.getDimPosition(dim)] = to.getDimPosition(dim);
  for (OpOperand &operand : op->getOpOperands()) {
    if (operand.get() == contraction->getResult(0)) {
      fused.chained = operand.get();
      fused.operands.emplace_back();
      continue;
    }
    Operand own = accessTo(placeOf(operand), op.getMatchingIndexingMap(&operand));
    SmallVector<int64_t> coefficients(mk.ranges.size());
    for (auto [loop, coefficient] : llvm::zip_equal(fused.loops, own.access.coefficients))
      coefficients[loop] = coefficient;
    own.access.coefficients = coefficients;
    fused.operands.push_back(own);
  }
  return fused;
}

Value KernelEmitter::evaluateFused(MicroKernel &mk, Fused &fused, int64_t row, int64_t vector, Value chained) {
  SmallVector<Value> args;
  for (auto [i, operand] : llvm::enumerate(fused.operands)) {
    OpOperand &use = fused.op->getOpOperand(i);
    if (fused.chained && use.get() == fused.chained)
      args.push_back(chained);
    else if (!fused.op.payloadUsesValueFromOperand(&use))
      args.push_back({});
    else
      args.push_back(read(operand.tile, mk.offset(operand, row, vector), operand.access.coefficients, mk.ivs,
                          mk.columnLoop < 0 ? 0 : operand.access.coefficients[mk.columnLoop], mk.lanes));
  }
  auto position = [&](int64_t loop) -> Value {
    int64_t at = fused.loops[loop], offset = at == mk.rowLoop ? row : at == mk.columnLoop ? vector * mk.lanes : 0;
    return offset ? arith::AddIOp::create(*this, mk.ivs[at], index(offset)).getResult() : mk.ivs[at];
  };
  auto *along = llvm::find(fused.loops, mk.columnLoop);
  return evaluate(fused.op, args, mk.lanes, along == fused.loops.end() ? -1 : along - fused.loops.begin(), position)[0];
}

/// The reduction and the parallel loop of an operand that is zero where the former's index is above the latter's.
static std::optional<std::pair<int64_t, int64_t>> findDiagonal(linalg::LinalgOp op) {
  for (OpOperand *operand : op.getDpsInputOperands()) {
    std::optional<Triangle> triangle = zeroAboveDiagonal(operand->get());
    if (!triangle)
      continue;
    AffineMap map = op.getMatchingIndexingMap(operand);
    int64_t row = map.getDimPosition(triangle->row), column = map.getDimPosition(triangle->column);
    if (op.getIteratorTypesArray()[column] == utils::IteratorType::reduction &&
        op.getIteratorTypesArray()[row] == utils::IteratorType::parallel)
      return std::pair(column, row);
  }
  return std::nullopt;
}

void KernelEmitter::emitContraction(linalg::LinalgOp op, linalg::LinalgOp after) {
  MicroKernel mk;
  mk.ranges = op.getStaticLoopRanges();
  mk.ivs.resize(mk.ranges.size());
  OpOperand &init = *op.getDpsInitOperand(0);
  AffineMap map = op.getMatchingIndexingMap(&init);
  OpOperand &a = *op.getDpsInputOperand(0), &b = *op.getDpsInputOperand(1);
  mk.lhs = accessTo(placeOf(a), op.getMatchingIndexingMap(&a));
  mk.rhs = accessTo(placeOf(b), op.getMatchingIndexingMap(&b));
  mk.diagonal = findDiagonal(op);
  auto before = init.get().getDefiningOp<linalg::LinalgOp>();
  if (before && buffers.isFused(before))
    mk.before = fuse(mk, op, before);
  else
    mk.init = accessTo(placeOf(init), map);
  if (after)
    mk.after = fuse(mk, op, after);
  Value result = after ? after->getResult(0) : op->getResult(0);
  mk.result = accessTo(buffers.lookup(result), map);

  SmallVector<int64_t> parallel;
  for (int64_t dim : mk.result.tile.order)
    parallel.push_back(map.getDimPosition(dim));
  if (!parallel.empty())
    mk.columnLoop = parallel.pop_back_val();
  if (mk.columnLoop >= 0 && mk.lhs.access.coefficients[mk.columnLoop])
    std::swap(mk.lhs, mk.rhs);
  // The longest loop that b does not depend on makes the rows.
  for (int64_t loop : parallel)
    if (!mk.rhs.access.coefficients[loop] && (mk.rowLoop < 0 || mk.ranges[loop] >= mk.ranges[mk.rowLoop]))
      mk.rowLoop = loop;
  for (int64_t loop : parallel)
    if (loop != mk.rowLoop)
      mk.outer.push_back(loop);
  for (auto [loop, kind] : llvm::enumerate(op.getIteratorTypesArray()))
    if (kind == utils::IteratorType::reduction)
      mk.reductions.push_back(loop);
  if (mk.columnLoop >= 0)
    mk.lanes = lanesFor(mk.ranges[mk.columnLoop], vectorWidth);
  int64_t columnVectors = mk.columnLoop < 0 ? 1 : mk.ranges[mk.columnLoop] / mk.lanes;
  std::tie(mk.rows, mk.vectors) = blockShape(mk.rowRange(), columnVectors, vectorWidth >= 16);
  contractionPanels(mk, 0);
}

void KernelEmitter::contractionPanels(MicroKernel &mk, unsigned level) {
  if (level < mk.outer.size())
    return loop(mk.ranges[mk.outer[level]], 1, [&](Value iv) {
      mk.ivs[mk.outer[level]] = iv;
      contractionPanels(mk, level + 1);
    });
  auto blocks = [&] {
    int64_t range = mk.rowRange(), rest = range % mk.rows;
    if (range > rest)
      loop(range - rest, mk.rows, [&](Value iv) {
        if (mk.rowLoop >= 0)
          mk.ivs[mk.rowLoop] = iv;
        contractionBlock(mk, mk.rows);
      });
    if (rest) {
      mk.ivs[mk.rowLoop] = index(range - rest);
      contractionBlock(mk, rest);
    }
  };
  if (mk.columnLoop < 0)
    return blocks();
  loop(mk.ranges[mk.columnLoop], mk.lanes * mk.vectors, [&](Value iv) {
    mk.ivs[mk.columnLoop] = iv;
    blocks();
  });
}

Value KernelEmitter::contractionStart(MicroKernel &mk, int64_t row, int64_t vector) {
  Value start = mk.before ? evaluateFused(mk, *mk.before, row, vector, {})
                          : read(mk.init.tile, mk.offset(mk.init, row, vector), mk.init.access.coefficients, mk.ivs, 1, mk.lanes);
  return convert(start, getF32Type());
}

/// The products are summed from zero, and what they are added to comes last: beside a large sum of many chunks, terms that are less than
/// half of its last bit would be lost one by one.
void KernelEmitter::contractionBlock(MicroKernel &mk, int64_t rows) {
  for (int64_t loop : mk.reductions)
    mk.ivs[loop] = {};
  SmallVector<Value> sums = contractionSteps(mk, rows, 0, SmallVector<Value>(rows * mk.vectors, f32(0, mk.lanes)));
  for (int64_t loop : mk.reductions)
    mk.ivs[loop] = {};
  bool fromZero = !mk.before && mk.init.tile.kind == Tile::Kind::Splat && matchPattern(mk.init.tile.splat, m_AnyZeroFloat());
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t vector = 0; vector < mk.vectors; ++vector) {
      Value value = sums[row * mk.vectors + vector];
      if (!fromZero)
        value = arith::AddFOp::create(*this, contractionStart(mk, row, vector), value);
      if (mk.after) {
        Type elem = getElementTypeOrSelf(mk.after->chained.getType());
        value = evaluateFused(mk, *mk.after, row, vector, convert(value, elem));
      }
      write(convert(value, mk.result.tile.type.getElementType()), mk.result.tile, mk.offset(mk.result, row, vector),
            mk.result.access.coefficients, mk.ivs, 1);
    }
}

SmallVector<Value> KernelEmitter::contractionSteps(MicroKernel &mk, int64_t rows, unsigned level, SmallVector<Value> sums) {
  if (level < mk.reductions.size()) {
    int64_t dim = mk.reductions[level];
    Value end = index(mk.ranges[dim]);
    if (mk.diagonal && mk.diagonal->first == dim) {
      int64_t loop = mk.diagonal->second;
      int64_t width = loop == mk.rowLoop ? rows : loop == mk.columnLoop ? mk.lanes * mk.vectors : 1;
      Value below = arith::AddIOp::create(*this, mk.ivs[loop], index(width));
      end = arith::MinUIOp::create(*this, below, end);
    }
    auto op = scf::ForOp::create(*this, index(0), end, index(1), sums);
    InsertionGuard guard(*this);
    setInsertionPointToStart(op.getBody());
    mk.ivs[dim] = op.getInductionVar();
    scf::YieldOp::create(*this, contractionSteps(mk, rows, level + 1, SmallVector<Value>(op.getRegionIterArgs())));
    return op.getResults();
  }
  auto at = [&](const Operand &operand, int64_t row, int64_t vector) {
    int64_t along = mk.columnLoop < 0 ? 0 : operand.access.coefficients[mk.columnLoop];
    return convert(read(operand.tile, mk.offset(operand, row, vector), operand.access.coefficients, mk.ivs, along, mk.lanes), getF32Type());
  };
  SmallVector<Value> columns;
  for (int64_t vector = 0; vector < mk.vectors; ++vector)
    columns.push_back(at(mk.rhs, 0, vector));
  bool sharedByColumns = mk.columnLoop < 0 || !mk.lhs.access.coefficients[mk.columnLoop];
  for (int64_t row = 0; row < rows; ++row) {
    Value scale;
    for (int64_t vector = 0; vector < mk.vectors; ++vector) {
      if (!scale || !sharedByColumns)
        scale = at(mk.lhs, row, vector);
      Value &sum = sums[row * mk.vectors + vector];
      sum = vector::FMAOp::create(*this, scale, columns[vector], sum);
    }
  }
  return sums;
}

} // namespace mixc::cpu
