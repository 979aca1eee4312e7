// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How far results may be from the float64 recurrence, and what their distance is divided by.
#pragma once

#include "mixc/reference/Evaluate.h"

namespace mixc {

/// Largest error that is accepted, of a result's terms: for the dtype of io tensors, and what the variant multiplies (MIXC_OPERAND_*).
double boundOf(llvm::StringRef dtype, int32_t operand);

/// ||values - exact||; not a number where either has one that is not.
double distance(llvm::ArrayRef<float> values, llvm::ArrayRef<double> exact);

/// What a result's error is divided by: its terms may each be off by the bound, and their sum by what f32 sums of many terms are off.
struct Scale {
  double ofResult, ofTerms;
};
Scale scaleOf(const reference::ScaledResults &reference, const std::string &name, double bound);

/// difference / scale; the difference where the scale is 0.
double relative(double difference, double scale);

} // namespace mixc
