// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tile.solve by forward substitution: for vectors of columns p at a time, token by token,
//
//     result[t, h, p] = sums[h, p, t] + sum over s < t of matrix[h, t, s] result[s, h, p]

#include "KernelEmitter.h"

using namespace mlir;

namespace mixc::cpu {

/// Columns of as many vectors as hide the latency of an addition behind the others.
constexpr int64_t kVectors = 4;

void KernelEmitter::emitSolve(tile::SolveOp op) {
  Tile matrix = buffers.lookup(op.getMatrix()), sums = buffers.lookup(op.getSums()), result = buffers.lookup(op.getResult());
  sums.strides.resize(3); // a splat has none
  matrix.strides.resize(3);
  int64_t columns = result.size(2), lanes = lanesFor(columns, vectorWidth), vectors = lanesFor(columns / lanes, kVectors);
  loop(result.size(1), 1,
       [&](Value h) { loop(columns, lanes * vectors, [&](Value p) { solveColumns(matrix, sums, result, h, p, lanes, vectors); }); });
}

void KernelEmitter::solveColumns(const Tile &matrix, const Tile &sums, const Tile &result, Value h, Value p, int64_t lanes,
                                 int64_t vectors) {
  auto tokens = scf::ForOp::create(*this, index(0), index(result.size(0)), index(1));
  InsertionGuard guard(*this);
  setInsertionPointToStart(tokens.getBody());
  Value t = tokens.getInductionVar();
  SmallVector<Value> start;
  for (int64_t v = 0; v < vectors; ++v)
    start.push_back(read(sums, v * lanes * sums.strides[1], sums.strides, {h, p, t}, sums.strides[1], lanes));
  auto terms = scf::ForOp::create(*this, index(0), t, index(1), start);
  {
    InsertionGuard guard(*this);
    setInsertionPointToStart(terms.getBody());
    Value s = terms.getInductionVar(), factor = read(matrix, 0, matrix.strides, {h, t, s}, 0, lanes);
    SmallVector<Value> next;
    for (int64_t v = 0; v < vectors; ++v) {
      Value earlier = read(result, v * lanes, result.strides, {s, h, p}, 1, lanes);
      next.push_back(vector::FMAOp::create(*this, factor, earlier, terms.getRegionIterArg(v)));
    }
    scf::YieldOp::create(*this, next);
  }
  for (int64_t v = 0; v < vectors; ++v)
    write(terms.getResult(v), result, v * lanes, result.strides, {t, h, p}, 1);
}

} // namespace mixc::cpu
