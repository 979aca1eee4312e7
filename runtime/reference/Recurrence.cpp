// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception
//
// For each batch entry and head, with S an N x P matrix:
//   S_t = (keep_t Diag(exp decay_t) + l_t r_t^T) S_{t-1} + b_t x_t^T,   y_t = c_t^T S_t  (post)  or  c_t^T S_{t-1}  (pre)
// with c over P, S_t c_t
// and where a token has R updates, all of them, decay and keep in the first one alone.

#include "TokenRows.h"
#include <cmath>

namespace mixc::reference {
using namespace mlir;

namespace {
/// The recurrence of one batch entry and head after another.
class Chains {
public:
  Chains(const RecurrenceInputs &inputs, const Sizes &sizes, int64_t updates, int64_t N, int64_t P);

  /// Begins with init or zeros.
  void start(int64_t batch, int64_t head);
  /// Takes the state over token t and adds its output to the row y.
  void step(int64_t t, mixer::Read read, double (*measure)(double), MutableArrayRef<double> y);

  ArrayRef<double> finalState() const { return state; } // [N,P]

private:
  void readOperands(int64_t t, int64_t update);
  void transition(bool decays);
  void output(double (*measure)(double), MutableArrayRef<double> y) const;
  MutableArrayRef<double> stateRow(int64_t n) { return MutableArrayRef<double>(state).slice(n * P, P); }

  const RecurrenceInputs &inputs;
  const Sizes &sizes;
  int64_t updates, N, P;
  TokenRows x, b, c;
  std::optional<TokenRows> decay, keep, l, r;
  std::vector<double> state;                               // [N,P]
  std::vector<double> xRow, projected;                     // [P]
  std::vector<double> bRow, decayRow, keepRow, lRow, rRow; // [N]
  std::vector<double> cRow;                                // [N], or [P]
};
} // namespace

static bool alongP(const RecurrenceInputs &inputs) { return inputs.c.type.hasDim("P"); }

/// row *= factor. A factor of 0 forgets: what has overflowed is gone too.
static void scale(MutableArrayRef<double> row, double factor) {
  if (factor == 0)
    return std::fill(row.begin(), row.end(), 0.0);
  for (double &value : row)
    value *= factor;
}

/// row += factor * other
static void addScaled(MutableArrayRef<double> row, double factor, ArrayRef<double> other) {
  double *to = row.data();
  const double *from = other.data();
  for (size_t i = 0, count = row.size(); i < count; ++i)
    to[i] += factor * from[i];
}

Chains::Chains(const RecurrenceInputs &inputs, const Sizes &sizes, int64_t updates, int64_t N, int64_t P)
    : inputs(inputs), sizes(sizes), updates(updates), N(N), P(P), x(inputs.x, "P", sizes), b(inputs.b, "N", sizes),
      c(inputs.c, alongP(inputs) ? "P" : "N", sizes), state(N * P), xRow(P), projected(P), bRow(N), decayRow(N), keepRow(N), lRow(N),
      rRow(N), cRow(alongP(inputs) ? P : N) {
  if (inputs.decay)
    decay.emplace(*inputs.decay, "N", sizes);
  if (inputs.keep)
    keep.emplace(*inputs.keep, "N", sizes);
  if (inputs.l) {
    l.emplace(*inputs.l, "N", sizes);
    r.emplace(*inputs.r, "N", sizes);
  }
}

void Chains::start(int64_t batch, int64_t head) {
  for (TokenRows *rows : {&x, &b, &c})
    rows->select(batch, head);
  for (std::optional<TokenRows> *rows : {&decay, &keep, &l, &r})
    if (*rows)
      (*rows)->select(batch, head);
  scale(state, 0);
  if (!inputs.init)
    return;
  mixer::TensorType type = inputs.init->type;
  int64_t first = batch * strideOf(type, "B", sizes) + head * strideOf(type, "H", sizes);
  int64_t strideN = strideOf(type, "N", sizes), strideP = strideOf(type, "P", sizes);
  for (int64_t n = 0; n < N; ++n)
    for (int64_t p = 0; p < P; ++p)
      state[n * P + p] = inputs.init->values[first + n * strideN + p * strideP];
}

void Chains::readOperands(int64_t t, int64_t update) {
  x.read(t, update, xRow);
  b.read(t, update, bRow);
  c.read(t, update, cRow);
  std::fill(keepRow.begin(), keepRow.end(), 1.0);
  if (keep)
    keep->read(t, update, keepRow);
  if (decay) {
    decay->read(t, update, decayRow);
    for (auto [value, exponent] : llvm::zip_equal(keepRow, decayRow))
      value *= std::exp(exponent);
  }
  if (l) {
    l->read(t, update, lRow);
    r->read(t, update, rRow);
  }
}

void Chains::transition(bool decays) {
  if (l) {
    scale(projected, 0);
    for (int64_t n = 0; n < N; ++n)
      addScaled(projected, rRow[n], stateRow(n)); // r_t^T S_{t-1}
  }
  for (int64_t n = 0; n < N; ++n) {
    if (decays)
      scale(stateRow(n), keepRow[n]);
    if (l)
      addScaled(stateRow(n), lRow[n], projected);
    addScaled(stateRow(n), bRow[n], xRow);
  }
}

void Chains::output(double (*measure)(double), MutableArrayRef<double> y) const {
  for (int64_t n = 0; n < N; ++n) {
    ArrayRef<double> row = ArrayRef<double>(state).slice(n * P, P);
    if (alongP(inputs))
      for (int64_t p = 0; p < P; ++p)
        y[n] += measure ? measure(cRow[p] * row[p]) : cRow[p] * row[p];
    else if (!measure)
      addScaled(y, cRow[n], row);
    else
      for (int64_t p = 0; p < P; ++p)
        y[p] += measure(cRow[n] * row[p]);
  }
}

void Chains::step(int64_t t, mixer::Read read, double (*measure)(double), MutableArrayRef<double> y) {
  readOperands(t, 0);
  if (read == mixer::Read::Pre)
    output(measure, y);
  transition(/*decays=*/decay || keep);
  for (int64_t update = 1; update < updates; ++update) {
    readOperands(t, update);
    transition(/*decays=*/false);
  }
  if (read == mixer::Read::Post)
    output(measure, y);
}

/// Runs every chain in one direction and adds its outputs to y.
static void runDirection(mixer::SemiseparableOp op, const RecurrenceInputs &inputs, const Sizes &sizes, bool backwards, mixer::Read read,
                         double (*measure)(double), RecurrenceResults &results) {
  int64_t N = inputs.b.type.hasDim("N") ? sizeOf("N", sizes) : 1;
  int64_t P = inputs.x.type.hasDim("P") ? sizeOf("P", sizes) : 1;
  int64_t T = sizeOf("T", sizes);
  auto stride = [&](mixer::TensorType type, StringRef dim) { return strideOf(type, dim, sizes); };
  mixer::TensorType yType = op.getY().getType(), stateType = op.getState().getType();
  const StringRef along = alongP(inputs) ? "N" : "P"; // y's rows
  int64_t yT = stride(yType, "T"), yEntry = stride(yType, along);
  int64_t stateN = stride(stateType, "N"), stateP = stride(stateType, "P");

  Chains chains(inputs, sizes, op.hasUpdates() ? sizeOf("R", sizes) : 1, N, P);
  std::vector<double> row(alongP(inputs) ? N : P);
  for (int64_t batch = 0; batch < sizeOf("B", sizes); ++batch)
    for (int64_t head = 0; head < sizeOf("H", sizes); ++head) {
      chains.start(batch, head);
      double *y = results.y.data() + batch * stride(yType, "B") + head * stride(yType, "H");
      for (int64_t step = 0; step < T; ++step) {
        int64_t t = backwards ? T - 1 - step : step;
        scale(row, 0);
        chains.step(t, read, measure, row);
        for (auto [i, value] : llvm::enumerate(row))
          y[t * yT + i * yEntry] += value;
      }
      double *state = results.state.data() + batch * stride(stateType, "B") + head * stride(stateType, "H");
      for (int64_t n = 0; n < N; ++n)
        for (int64_t p = 0; p < P; ++p)
          state[n * stateN + p * stateP] = measure ? measure(chains.finalState()[n * P + p]) : chains.finalState()[n * P + p];
    }
}

RecurrenceResults evaluateRecurrence(mixer::SemiseparableOp op, const RecurrenceInputs &inputs, const Sizes &sizes,
                                     double (*measure)(double)) {
  if (inputs.mask)
    return evaluateMasked(op, inputs, sizes);
  RecurrenceResults results;
  results.y.resize(elementsOf(op.getY().getType(), sizes));
  results.state.resize(elementsOf(op.getState().getType(), sizes));
  // The causal half comes last: the state is its.
  if (op.getDirection() == mixer::Direction::Anticausal)
    runDirection(op, inputs, sizes, /*backwards=*/true, op.getRead(), measure, results);
  if (op.getDirection() == mixer::Direction::Both)
    runDirection(op, inputs, sizes, /*backwards=*/true, mixer::Read::Pre, measure, results);
  if (op.getDirection() != mixer::Direction::Anticausal)
    runDirection(op, inputs, sizes, /*backwards=*/false, op.getRead(), measure, results);
  return results;
}

} // namespace mixc::reference
