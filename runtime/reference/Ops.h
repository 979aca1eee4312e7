// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception
//
// One function for each op of a spec.
#pragma once

#include "Tensor.h"

namespace mixc::reference {

/// out[i] = body(in_0[i], in_1[i], ..)
mlir::FailureOr<std::vector<double>> evaluateMap(mixer::MapOp op, llvm::ArrayRef<Tensor> inputs, const Sizes &sizes);

/// Of the sequence `after` (L tokens, zeros where absent), `input`: T tokens from `first` on, which counts from the first of `input`.
/// `out` has the dimensions of `input`, with L in place of T or not.
std::vector<double> tokensFrom(mixer::TensorType out, int64_t first, const Tensor &input, std::optional<Tensor> after, const Sizes &sizes);
std::vector<double> evaluateConv(mixer::ConvOp op, const Tensor &input, const Tensor &weights, std::optional<Tensor> after,
                                 const Sizes &sizes);
/// The weights at an index of W.
std::vector<double> evaluateTap(mixer::TapOp op, const Tensor &weights, const Sizes &sizes);

/// The values m_t, those before each token, and the last ones.
struct RunningResults {
  std::vector<double> values, before, last;
};
RunningResults evaluateRunning(mixer::RunningOp op, const Tensor &input, std::optional<Tensor> decay, std::optional<Tensor> init,
                               const Sizes &sizes);

/// The tensors that a mixer.semiseparable reads; all but x, b and c may be absent.
struct RecurrenceInputs {
  Tensor x, b, c;
  std::optional<Tensor> decay, keep, l, r, init, mask;
};

struct RecurrenceResults {
  std::vector<double> y, state;
};

/// The recurrence, token by token. With direction = both the state is that of the causal half. With a measure, the sums over it of what y
/// adds up, products of c and the state, and it of the state.
RecurrenceResults evaluateRecurrence(mixer::SemiseparableOp op, const RecurrenceInputs &inputs, const Sizes &sizes,
                                     double (*measure)(double) = nullptr);
/// The same of one with a mask, pair by pair; the state is left as zeros.
RecurrenceResults evaluateMasked(mixer::SemiseparableOp op, const RecurrenceInputs &inputs, const Sizes &sizes);

} // namespace mixc::reference
