// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A chunk of tokens for any transition: a decay for each head or each entry of the state, a correction of rank 1, either read.
//
// With D(t,s) the decays of the tokens after s up to t, S the state before the chunk, and u_t = r_t^T S_{t-1} the corrections:
//
//   (I - A) U = R S + M X       A_ts = r_t D(t-1,s) l_s,  M_ts = r_t D(t-1,s) b_s  for s < t;  R_t = r_t D(t-1)   unit lower triangular
//   y_t       = c_t D(t) S + sum_{s<=t} c_t D(t,s) (b_s x_s^T + l_s u_s^T)          read = pre: t-1 for t, and s < t
//   S'        = D(Q) S + sum_s D(Q,s) (b_s x_s^T + l_s u_s^T)
//
// This is the WY or UT transform of arXiv 2406.06484 with decays. Where l is b times a number of the token, b x + l u is one product.
//
// Two tokens on either side of a token a have D(t,s) = D(t,a) D(a,s), two factors of at most 1 (tile.spans). Any two tokens of a chunk lie
// in the two halves of a block of 2, 4, 8, ... tokens: a decay of entries takes a product for each of these sizes, whose factors are in the
// rows and columns; one of heads multiplies the scores instead.
#pragma once

#include "RecurrenceChunk.h"
#include <map>

namespace mixc {

class TransitionChunk : public RecurrenceChunk {
public:
  TransitionChunk(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, const Recurrence &recurrence, TokenScope &tokens,
                  const Lag &before);

  Tile output(const Tile &state, const Column &) override;
  Tile nextState(const Tile &state, const Column &) override;
  Tile whole() override;

private:
  /// What a column adds to the state: rows of b or l, and with them x, u or what is made of both.
  struct Term {
    mlir::Value key; ///< the rows' value in the spec, to make their tiles once
    Tile rows;       ///< [s, n]
    Tile values;     ///< [s, h, p]
    Tile scale;      ///< [h, s], null where 1
  };
  using Terms = llvm::SmallVector<Term, 2>;

  Tile rowsOf(mlir::Value value);
  Tile rowsOf(const Factored &factored);
  Tile scaleOf(llvm::ArrayRef<Expr> scales, bool negative = false);
  Tile operandX(const Column &);
  Tile spans(int64_t block, int64_t anchor, bool pre);
  Tile afterResets(const Tile &spans, bool toEnd);
  void advanceLag();
  void countResets();

  /// rows times 2^(exponent + lag), an operand of products.
  Tile scaled(const Tile &rows, const Tile &exponent, const Tile &lag, bool negativeLag, const Tile &scale = {});
  Tile fromStart(const Tile &rows, bool pre);
  Tile toEnd(const Term &term);
  /// rows_t D cols_s for s < t, for s = t too without `pre`, 0 elsewhere: [t, s], in f32
  Tile scores(const Tile &rows, const Tile &cols, bool pre);
  /// The scores of a level each, by the place of t and s in blocks.
  Tile chooseLevel(llvm::ArrayRef<Tile> levels, const Tile &diagonal, bool pre);
  Tile scoresOfHeads(const Tile &rows, const Tile &cols, bool pre);
  /// acc + rows' scores times the terms
  Tile addTerm(const Tile &scores, const Term &term, Tile acc, bool pre, const Column &);
  Tile readState(const Tile &rows, const Tile &state, bool pre, const Column &);

  const Terms &termsOf(const Tile &state, const Column &);
  Terms correctedTerms(const Tile &state, const Column &);
  Tile correction(const Tile &state, const Column &, const Tile &rRows, const Tile &bScores, const Tile &lScores, const Tile &bScale,
                  const Tile &lScale);

  TileBuilder &b;
  SpecValues &values;
  const Recurrence &recurrence;
  TokenScope &tokens;
  Lag before;
  Tile decay;  ///< [t, n] or [t, h]
  Tile resets; ///< [h, t]; null with a correction
  Tile wholeMade;
  Factored factoredL;
  std::map<std::tuple<int64_t, int64_t, bool>, Tile> spansMade;
  llvm::DenseMap<mlir::Value, Tile> rowsMade;
  std::map<std::tuple<void *, void *, bool>, Tile> scoresMade;
  llvm::DenseMap<mlir::Operation *, Terms> termsMade;
};

} // namespace mixc
