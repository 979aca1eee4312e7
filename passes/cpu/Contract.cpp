// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Contractions, as matrix products with accumulators in registers:
//
//     for the other parallel loops, for a panel of columns, for a block of rows:
//       acc[rows][columns / lanes] = init
//       for k:  acc[i][j] += splat(a[i, k]) * b[k, j]
//       result = acc
//
// Columns run along the result's contiguous dimension; b is the operand that has them, a the other.

#include "KernelEmitter.h"

using namespace mlir;

namespace mixc::cpu {

struct KernelEmitter::MicroKernel {
  SmallVector<int64_t> ranges;
  SmallVector<int64_t> outer, reductions; ///< loops around the panels, loops of the sum
  int64_t rowLoop = -1, columnLoop = -1;
  int64_t lanes = 1, vectors = 1, rows = 1; ///< of a block: lanes of a vector, vectors and rows of accumulators
  SmallVector<Value> ivs;
  Operand lhs, rhs, init, result;

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

void KernelEmitter::emitContraction(linalg::LinalgOp op) {
  MicroKernel mk;
  mk.ranges = op.getStaticLoopRanges();
  mk.ivs.resize(mk.ranges.size());
  OpOperand &init = *op.getDpsInitOperand(0);
  AffineMap map = op.getMatchingIndexingMap(&init);
  OpOperand &a = *op.getDpsInputOperand(0), &b = *op.getDpsInputOperand(1);
  mk.lhs = accessTo(placeOf(a), op.getMatchingIndexingMap(&a));
  mk.rhs = accessTo(placeOf(b), op.getMatchingIndexingMap(&b));
  mk.init = accessTo(placeOf(init), map);
  mk.result = accessTo(buffers.lookup(op->getResult(0)), map);

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

void KernelEmitter::contractionBlock(MicroKernel &mk, int64_t rows) {
  SmallVector<Value> ivs = mk.ivs;
  for (int64_t loop : mk.reductions)
    ivs[loop] = {};
  Type elem = mk.result.tile.type.getElementType();
  SmallVector<Value> sums;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t vector = 0; vector < mk.vectors; ++vector) {
      Value start = read(mk.init.tile, mk.offset(mk.init, row, vector), mk.init.access.coefficients, ivs, 1, mk.lanes);
      sums.push_back(convert(start, getF32Type()));
    }
  sums = contractionSteps(mk, rows, 0, sums);
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t vector = 0; vector < mk.vectors; ++vector)
      write(convert(sums[row * mk.vectors + vector], elem), mk.result.tile, mk.offset(mk.result, row, vector),
            mk.result.access.coefficients, ivs, 1);
}

SmallVector<Value> KernelEmitter::contractionSteps(MicroKernel &mk, int64_t rows, unsigned level,
                                                   SmallVector<Value> sums) {
  if (level < mk.reductions.size()) {
    int64_t dim = mk.reductions[level];
    auto op = scf::ForOp::create(*this, index(0), index(mk.ranges[dim]), index(1), sums);
    InsertionGuard guard(*this);
    setInsertionPointToStart(op.getBody());
    mk.ivs[dim] = op.getInductionVar();
    scf::YieldOp::create(*this, contractionSteps(mk, rows, level + 1, SmallVector<Value>(op.getRegionIterArgs())));
    return op.getResults();
  }
  auto at = [&](const Operand &operand, int64_t row, int64_t vector) {
    int64_t along = mk.columnLoop < 0 ? 0 : operand.access.coefficients[mk.columnLoop];
    return convert(read(operand.tile, mk.offset(operand, row, vector), operand.access.coefficients, mk.ivs, along,
                        mk.lanes),
                   getF32Type());
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
