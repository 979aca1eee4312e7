// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception
//
// For each batch entry and head, with a_u = keep_u exp decay_u:
//   y_t = sum over s <= t of mask_{t-s} (a_{s+1} .. a_t) (c_t . b_s) x_s        (post)
//   y_t = sum over s < t  of mask_{t-s} (a_{s+1} .. a_{t-1}) (c_t . b_s) x_s    (pre)
// and backwards with later tokens for earlier ones.

#include "TokenRows.h"
#include <cmath>

namespace mixc::reference {
using namespace mlir;

namespace {
/// The pairs of one batch entry and head after another.
class Pairs {
public:
  Pairs(const RecurrenceInputs &inputs, const Sizes &sizes, int64_t N, int64_t P)
      : x(inputs.x, "P", sizes), b(inputs.b, "N", sizes), c(inputs.c, "N", sizes), mask(*inputs.mask, "", sizes), xRow(P), bRow(N),
        cRow(N) {
    if (inputs.decay)
      decay.emplace(*inputs.decay, "", sizes);
    if (inputs.keep)
      keep.emplace(*inputs.keep, "", sizes);
  }

  void select(int64_t batch, int64_t head) {
    for (TokenRows *rows : {&x, &b, &c, &mask})
      rows->select(batch, head);
    for (std::optional<TokenRows> *rows : {&decay, &keep})
      if (*rows)
        (*rows)->select(batch, head);
  }

  /// The row of y at token t, which is so many tokens behind the direction's first one.
  void row(int64_t t, int64_t before, bool backwards, mixer::Read read, MutableArrayRef<double> y) {
    c.read(t, 0, cRow);
    double factor = 1; // over the tokens between
    for (int64_t distance = read == mixer::Read::Pre; distance <= before; ++distance) {
      int64_t s = backwards ? t + distance : t - distance;
      double weight = factor * number(mask, distance) * score(s);
      x.read(s, 0, xRow);
      for (auto [sum, value] : llvm::zip_equal(y, xRow))
        sum += weight * value;
      double own = (keep ? number(*keep, s) : 1) * (decay ? std::exp(number(*decay, s)) : 1);
      if (own == 0) // forgets what is further away, NaN too
        return;
      factor *= own;
    }
  }

private:
  static double number(const TokenRows &rows, int64_t t) {
    double value;
    rows.read(t, 0, MutableArrayRef(value));
    return value;
  }

  double score(int64_t s) {
    b.read(s, 0, bRow);
    double sum = 0;
    for (auto [left, right] : llvm::zip_equal(cRow, bRow))
      sum += left * right;
    return sum;
  }

  TokenRows x, b, c, mask;
  std::optional<TokenRows> decay, keep;
  std::vector<double> xRow, bRow, cRow; // [P], [N], [N]
};
} // namespace

RecurrenceResults evaluateMasked(mixer::SemiseparableOp op, const RecurrenceInputs &inputs, const Sizes &sizes) {
  int64_t N = inputs.b.type.hasDim("N") ? sizeOf("N", sizes) : 1;
  int64_t P = inputs.x.type.hasDim("P") ? sizeOf("P", sizes) : 1;
  int64_t T = sizeOf("T", sizes);
  mixer::TensorType type = op.getY().getType();
  int64_t strideT = strideOf(type, "T", sizes), strideP = strideOf(type, "P", sizes);
  RecurrenceResults results;
  results.y.resize(elementsOf(type, sizes));
  results.state.resize(elementsOf(op.getState().getType(), sizes));
  Pairs pairs(inputs, sizes, N, P);
  std::vector<double> row(P);
  auto add = [&](double *y, bool backwards, mixer::Read read) {
    for (int64_t t = 0; t < T; ++t) {
      std::fill(row.begin(), row.end(), 0.0);
      pairs.row(t, backwards ? T - 1 - t : t, backwards, read, row);
      for (int64_t p = 0; p < P; ++p)
        y[t * strideT + p * strideP] += row[p];
    }
  };
  for (int64_t batch = 0; batch < sizeOf("B", sizes); ++batch)
    for (int64_t head = 0; head < sizeOf("H", sizes); ++head) {
      pairs.select(batch, head);
      double *y = results.y.data() + batch * strideOf(type, "B", sizes) + head * strideOf(type, "H", sizes);
      if (op.getDirection() != mixer::Direction::Causal)
        add(y, /*backwards=*/true, op.getDirection() == mixer::Direction::Both ? mixer::Read::Pre : op.getRead());
      if (op.getDirection() != mixer::Direction::Anticausal)
        add(y, /*backwards=*/false, op.getRead());
    }
  return results;
}

} // namespace mixc::reference
