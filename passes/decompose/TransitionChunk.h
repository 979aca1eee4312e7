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
// Where r_t = exp(decay_t) r'_t, as in most delta rules, r_t D(t-1) is r'_t D(t), whose factors are those of c. (Not where a token has
// several updates: the decay acts before the first one alone.)
//
// This is the WY or UT transform of arXiv 2406.06484 with decays. Where l is b times a number s of the token, b x + l u is b w with
// w = x + s u: (I - diag(s) M) W = X + diag(s) R S, which takes no product with X. Where the plan has teams, the inverse of I - A, which
// does not depend on the state, is an operand.
//
// Two tokens on either side of a token a have D(t,s) = D(t,a) D(a,s), two factors of at most 1 (tile.spans). Any two tokens of a chunk lie
// in the two halves of a block of 2, 4, 8, ... tokens: a decay of entries takes a product for each of these sizes, whose factors are in the
// rows and columns; one of heads multiplies the scores instead. Where no decay is so small that a chunk's are out of the operands' range,
// D(t,s) = D(t,0) / D(s,0) takes one product.
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
  Tile rows() override;
  Tile addFar(const Tile &rows, const Column &, const Passed &, Tile acc) override;
  Tile finished(const Tile &read, const Column &) override;
  Tile whole() override;
  Tile resetsSoFar() const override { return resets; }

private:
  /// Rows that read the state, or what later columns have added to it, of a token or of the token before (`pre`).
  struct Reader {
    Tile rows;           ///< [t, n]
    bool pre = false;    ///< with the decays up to the token before
    bool strict = false; ///< of a token, what earlier ones have added
  };
  /// What a column adds to the state: rows of b or l, and with them x, u or what is made of both.
  struct Term {
    Tile rows;   ///< [t, n]
    Tile values; ///< [s, h, p]
    Tile scale;  ///< [h, t], null where 1
  };
  using Terms = llvm::SmallVector<Term, 2>;

  Tile rowsOf(const Expr &expr);
  Tile scaleOf(llvm::ArrayRef<Expr> scales, bool negative = false);
  Tile operandX(const Column &);
  mlir::Value zeroOutside(mlir::Value value);
  Tile spans(int64_t anchor, bool pre);
  Tile spansOf(llvm::ArrayRef<int64_t> blocks, llvm::ArrayRef<int64_t> anchors, bool pre);
  const llvm::SmallVector<Tile> &halvings(bool pre);
  llvm::SmallVector<Tile> levelsOf(llvm::ArrayRef<Tile> tiles) const;
  Tile afterResets(const Tile &spans, bool toEnd);
  void advanceLag();
  Tile signs(bool pre);
  Tile signAtEnd();
  Tile withSign(const Tile &decay);
  Tile signsToEnd();
  void countResets();

  /// 2^exponent, or without a lag's part of it, with a sign. After a reset the exponent is minus infinity.
  struct Power {
    Tile tile, exponent;
    explicit operator bool() const { return bool(tile); }
  };
  Power power(const Tile &exponent, const Tile &sign, const Tile &lag = {}, bool negativeLag = false, double shift = 0);
  /// Whether a chunk's decays and their inverses are in the range of operands.
  bool isWithinRange() const;
  /// Then half of the range of their exponents: that of rows is so much larger, that of columns and of the state that rows read smaller.
  double halfRange() const;
  Power powerFromStart(bool pre);
  Power powerToStart();
  Power powerToEnd();
  Power powerToLaterRows();
  /// Inside a generic's body.
  mlir::Value powerOf(mlir::Value exponent);
  mlir::Value timesPower(mlir::Value value, mlir::Value power, mlir::Value exponent);
  Tile timesPower(const Tile &value, const Power &power, llvm::ArrayRef<Axis> axes, mlir::Type element);
  Tile scaled(const Tile &rows, const Power &power);
  Tile halfScaled(const Tile &rows, const Power &power, bool later);
  /// rows_t D cols_s for s < t, for s = t too unless `strict`, 0 elsewhere: [t, s], in f32
  Tile scores(const Reader &reader, const Tile &cols);
  /// Of the scores of all levels, those of the smallest block with t and s.
  Tile chooseLevel(llvm::ArrayRef<Tile> levels, const Tile &diagonal, bool strict);
  Tile scoresOfHeads(const Reader &reader, const Tile &cols);
  Tile timesDecaysOfHeads(const Tile &all, const Reader &reader);
  /// Inside a generic's body over t and s: whether they lie in one block of so many tokens, a power of two; of values for blocks of
  /// 2, 4, 8, .. tokens, that of the smallest which has both; the value for s < t, that of the diagonal for s = t, 0 elsewhere.
  mlir::Value inOneBlock(int64_t block);
  mlir::Value ofSmallestBlock(mlir::ValueRange levels);
  mlir::Value lowerTriangle(mlir::Value below, mlir::Value diagonal);
  Tile scoresFromStart(const Reader &reader, const Tile &cols);
  /// acc + rows' scores times the terms
  Tile addTerm(const Tile &scores, const Term &term, Tile acc, bool pre, const Column &);
  Reader outputReader();
  Reader correctionReader();
  Tile operandForRows(const Tile &state);
  Tile readState(const Reader &reader, const Tile &state, const Column &);
  Tile timesDecayOfHeads(const Reader &reader, const Tile &read);
  Tile withOwnTokens(const Reader &reader, const Terms &terms, Tile y, const Column &);
  Tile scaledBy(const Term &term, const Power &power);
  Tile farColumns(const Term &term, const Tile &decay);

  Tile outputAlongP(const Tile &state, const Column &);
  Tile operandAlongP();
  Tile addRows(const Tile &rows, const Tile &weights, Tile acc, llvm::function_ref<mlir::Value()> choose = nullptr);
  Tile addRowsOf(const Term &term, const Tile &pairs, Tile y);
  Tile addDiagonal(const Tile &rows, const Tile &pairs, const Tile &scale, Tile y);
  Tile addHalves(const Tile &rows, const Tile &pairs, const Tile &scale, Tile y);

  const Terms &termsOf(const Tile &state, const Column &);
  Terms correctedTerms(const Tile &state, const Column &);
  Tile solvedTogether(const Term &input, const Tile &read, const Tile &scores, const Tile &scale, const Column &);
  Tile solved(const Tile &scores, const Tile &scale, Axis scaled, const Tile &sums, const Column &);
  Tile timesInverse(const Tile &matrix, const Tile &sums, const Column &);

  TileBuilder &b;
  SpecValues &values;
  const Recurrence &recurrence;
  TokenScope &tokens;
  Lag before;
  Tile decay;  ///< [t, n] or [t, h]
  Tile resets; ///< [h, t]; null with a correction
  Tile wholeMade, toStartMade, signsToEndMade, farScoresMade;
  Factored factoredL;
  std::map<std::pair<int64_t, bool>, Tile> spansMade;
  std::map<bool, Tile> signsMade;
  std::map<bool, llvm::SmallVector<Tile>> halvingsMade;
  std::map<std::tuple<void *, void *, void *, double>, Tile> powersMade;
  std::map<std::pair<void *, void *>, Tile> scaledMade;
  llvm::DenseMap<mlir::Value, Tile> rowsMade, operandsMade;
  std::map<std::tuple<void *, void *, bool>, Tile> halvesMade;
  std::map<std::tuple<void *, void *, bool, bool>, Tile> scoresMade;
  llvm::DenseMap<mlir::Operation *, Tile> matricesMade, inversesMade;
  llvm::DenseMap<mlir::Operation *, Terms> termsMade;
};

} // namespace mixc
