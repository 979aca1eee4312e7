// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How far results may be from the float64 recurrence, and what their distance is divided by.
#pragma once

#include "mixc/reference/Evaluate.h"
#include "mixc/runtime/descriptor.h"

namespace mixc {

/// Largest error that is accepted, of a result's terms: for the dtype of io tensors, and what the variant multiplies (MIXC_OPERAND_*). A
/// correction feeds a state's errors back into it: more is accepted, and the more the fewer rows (N) it has.
double boundOf(mixer::SpecOp spec, const reference::Sizes &sizes, llvm::StringRef dtype, int32_t operand);
/// The same for a result, whose own dtype may be another, and which is off by an ulp instead of half of one where it is a state that is
/// rounded stochastically.
double boundOf(mixer::SpecOp spec, const reference::Sizes &sizes, llvm::StringRef dtype, int32_t operand, const mixc_spec_desc &desc,
               const mixc_tensor_desc &result);

/// Elements that are NaN or infinite.
int64_t countNotFinite(llvm::ArrayRef<float> values);
/// Elements of which one is finite and the other, in the result's type (mixc_dtype), is not; or both are not, and differ. A NaN stands for
/// any of them. Close to the largest number of the type a result may be either.
int64_t countDisagreeing(llvm::ArrayRef<float> values, llvm::ArrayRef<double> exact, int32_t dtype);

/// ||values - exact|| over what is finite; infinity where an element disagrees. No nearer than the numbers of the type (mixc_dtype), which
/// lie far apart below its smallest normal one.
double distance(llvm::ArrayRef<float> values, llvm::ArrayRef<double> exact, int32_t dtype);

/// What a result's error is divided by: its terms may each be off by the bound, and their sum by what f32 sums of many terms are off.
struct Scale {
  double ofResult, ofTerms;
};
Scale scaleOf(const reference::ScaledResults &reference, const std::string &name, double bound);

/// difference / scale; the difference where the scale is 0.
double relative(double difference, double scale);

} // namespace mixc
