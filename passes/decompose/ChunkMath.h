// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The matrices of one chunk of tokens, for a scalar decay (or none). With cum the running sum of the log2 decay
// in the chunk, in_s the factors of b and x per token and head, and out_t those of c:
//
//   decay from the chunk's start   fromStart[h,t] = exp2(cum_t)
//   decay to its end               toEnd[h,s]     = exp2(cum_Q - cum_s) in_s
//   scores                         scores[t,s]    = c_t . b_s
//   weights                        W[h,t,s]       = scores[t,s] out_t exp2(cum_t - cum_s) in_s   for s <= t
//
// Every exponent is a difference formed before exp2, and at most 0. A reset between s and t makes the factor 0.
#pragma once

#include "Recurrence.h"

namespace mixc {

class ChunkMath {
public:
  ChunkMath(TileBuilder &b, SpecValues &values, const Recurrence &recurrence, TokenScope &tokens);

  Tile operandB();               // [s, n]
  Tile operandC();               // [t, n]
  Tile operandX(const Column &); // [s, h, p]

  /// Weights within this chunk.
  Tile diagonalWeights(const Tile &scores, const Column &); // [h, t, s]
  /// The factors of b and x and the decay to the chunk's end; null where all are 1.
  Tile toEnd(const Column &); // [h, s]
  /// The chunk's whole decay is fromStart at its last token.
  Tile fromStart; // [h, t], null without a decay

  /// S exp2(cum_Q) + sum_s x_s b_s^T toEnd_s
  Tile nextState(const Tile &state, const Column &); // [h, p, n]
  /// x W^T, added to acc.
  Tile weighted(const Tile &weights, const Column &, Tile acc = {}); // [h, p, t]
  /// (c S) as [h, p, t]
  Tile readState(const Tile &state, const Column &);
  /// y with its columns t scaled by fromStart and the factors of c.
  Tile scaleRows(const Tile &y, const Column &);

private:
  Tile scaleIn(const Column &); // [h, t], null where 1
  Tile scaleOut();              // [h, t], null where 1
  Tile product(llvm::ArrayRef<Expr> factors);
  Tile product(const Tile &left, const Tile &right);
  Tile operand(Expr expr, llvm::ArrayRef<Axis> axes, bool maskState);

  TileBuilder &b;
  SpecValues &values;
  const Recurrence &recurrence;
  TokenScope &tokens;
  Tile sums, resets, rowsOfB, outScale, rowScale;
  llvm::DenseMap<mlir::Operation *, Tile> scalesIn, ends, xs;
};

} // namespace mixc
