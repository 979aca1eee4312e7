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
// With a mask, the weights have mask_{t-s} too.
//
// With read = pre, cum_{t-1} stands for cum_t in what rows t read, and s < t.
//
// Factors that a state keeps of itself (keep) are decays by their magnitudes. With sigma_t the sign of their product from the chunk's start
// to t, the weights have sigma_t sigma_s too: it joins in_t and out_t, and what is at the chunk's end has sigma_Q.
//
// Every exponent is a difference formed before exp2, and at most 0 (1 with a lag). A reset between s and t makes the factor 0.
//
// With 16-bit operands cum is a number (tile.cumsum). With f32 operands it is a whole number and a fraction (tile.lag), and the
// state S is kept as U = 2^-lag S, with the lag carried from chunk to chunk: U decays by powers of two, which round nothing, so
// that no decay is rounded alike in every chunk.
#pragma once

#include "RecurrenceChunk.h"

namespace mixc {

class ChunkMath : public RecurrenceChunk {
public:
  /// After tokens whose decays have left the lag `before`; none where the chunk stands for itself.
  ChunkMath(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, const Recurrence &recurrence, TokenScope &tokens,
            const Lag &before = {});

  Tile operandB();               // [s, n]
  Tile operandC();               // [t, n]
  Tile operandX(const Column &); // [s, h, p]

  Tile rows() override { return operandC(); }
  Tile addFar(const Tile &rows, const Column &, const Passed &, Tile acc) override;
  Tile finished(const Tile &read, const Column &) override;
  /// y_t = c_t S fromStart_t + sum_{s<=t} W_ts x_s
  Tile output(const Tile &state, const Column &) override;
  /// S exp2(cum_Q) + sum_s x_s b_s^T toEnd_s
  Tile nextState(const Tile &state, const Column &) override;
  Tile whole() override; // [h]

private:
  /// Weights within this chunk.
  Tile ownWeights(const Column &);                          // [h, t, s]
  Tile diagonalWeights(const Tile &scores, const Column &); // [h, t, s]
  /// The mask at the distances of this chunk's tokens from those of rows that begin `distance` later.
  Tile maskAt(Tile &made, mlir::Value distance);   // [h, d], less h where heads share it
  Tile farFactors(const Column &, const Passed &); // [h, s], null where all are 1
  /// Weights of this chunk's tokens in a later chunk's rows; what lies between the two has passed.
  Tile farWeights(const Tile &scores, const Column &, const Passed &); // [h, t, s]
  /// x W^T within this chunk, added to acc.
  Tile weighted(const Tile &weights, const Column &, Tile acc); // [h, p, t]
  /// The same of this chunk's tokens in a later chunk's rows.
  Tile weightedFar(const Tile &weights, const Column &, const Tile &passed, Tile acc); // [h, p, t]
  /// (c S) as [h, p, t]
  Tile readState(const Tile &state, const Column &);
  /// y with its columns t scaled by fromStart and the factors of c; NaN that a reset was to forget goes with `weighted`.
  Tile scaleRows(const Tile &y, const Column &);

  Tile scaleIn(const Column &); // [h, t], null where 1
  Tile scaleInToEnd(const Column &);
  Tile scaleOut();            // [h, t], null where 1
  Tile toEnd(const Column &); // [h, s], null where all are 1
  Tile fromStart();           // [h, t], null without a decay
  Tile product(llvm::ArrayRef<Expr> factors);
  Tile product(const Tile &left, const Tile &right);
  Tile operand(Expr expr, llvm::ArrayRef<Axis> axes, bool maskState);

  /// The tiles that hold cum; `whole` is null where it is one number.
  struct Exponents {
    Tile fraction, whole, resets;
  };
  llvm::SmallVector<Tile> at(const Exponents &e, bool last, Axis axis) const;
  Tile powerOf(const Exponents &exponents, bool last); // [h, t], or [h]
  Tile decaysBefore();                                 // [h, t]
  bool isPre() const { return recurrence.read == mixer::Read::Pre; }

  TileBuilder &b;
  SpecValues &values;
  const Recurrence &recurrence;
  TokenScope &tokens;
  Lag before;
  Exponents cum, seen; ///< up to a token, and up to what its row of y reads
  Tile signs;          ///< of the products of what the state keeps of itself, from the chunk's start; null where all are 1
  Tile rowsOfB, rowsOfC, outScale, rowScale, fromStartMade, scoresMade, farScoresMade, ownMaskMade, farMaskMade;
  llvm::DenseMap<mlir::Operation *, Tile> scalesIn, ends, xs;
};

} // namespace mixc
