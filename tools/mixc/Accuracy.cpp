// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Accuracy.h"
#include "mixc/runtime/cost.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace llvm;
using namespace mixc;

/// What the sums themselves may be off by, of the magnitudes that they add: f32 sums of many terms, on every device.
static constexpr double kSumBound = 5e-6;

/// What a chunk writes to the state is rounded token by token, and corrected for what was written before the chunk alone. The errors spread
/// over the state's rows; in few rows they add up, as keys are nearly parallel there.
static double factorOfRows(const reference::Sizes &sizes) {
  constexpr double kOfOneRow = 3;
  auto rows = sizes.find("N");
  return std::max(1.0, kOfOneRow / std::sqrt(rows == sizes.end() ? 1.0 : static_cast<double>(rows->second)));
}

double mixc::boundOf(mixer::SpecOp spec, const reference::Sizes &sizes, StringRef dtype, int32_t operand) {
  bool corrects = llvm::any_of(spec.getBodyRegion().getOps<mixer::SemiseparableOp>(), [](mixer::SemiseparableOp op) { return op.getL(); });
  const double factor = corrects ? factorOfRows(sizes) : 1;
  if (dtype == "bf16")
    return corrects ? 1e-2 * factor : 6e-3;
  if (dtype == "f16")
    return corrects ? 4e-3 * factor : 2e-3;
  if (operand == MIXC_OPERAND_TF32)
    return corrects ? 2e-3 * factor : 1e-3;
  return corrects ? 2e-5 * factor : 5e-6;
}

double mixc::boundOf(mixer::SpecOp spec, const reference::Sizes &sizes, StringRef dtype, int32_t operand, const mixc_spec_desc &desc,
                     const mixc_tensor_desc &result) {
  const StringRef own = result.dtype == MIXC_BF16 ? "bf16" : result.dtype == MIXC_F16 ? "f16" : "f32";
  const double bound = std::max(boundOf(spec, sizes, dtype, operand), boundOf(spec, sizes, own, operand));
  return desc.stochastic && result.slots && result.dtype != MIXC_F32 ? 2 * bound : bound;
}

/// In the type; of f32 and bf16 the largest numbers are nearly the same.
static bool isFinite(double value, int32_t dtype = MIXC_F32) {
  constexpr double kLargestHalf = 65504;
  return dtype == MIXC_F16 ? std::abs(value) <= kLargestHalf : std::isfinite(static_cast<float>(value));
}

/// So close to the largest number of a type a result may be on either side of it.
static constexpr double kOffAtLargest = 1.0625;

static bool disagree(float value, double exact, int32_t dtype) {
  if (isFinite(exact * kOffAtLargest, dtype))
    return !std::isfinite(value);
  if (isFinite(exact / kOffAtLargest, dtype) && !std::isinf(value))
    return std::isnan(value) && isFinite(exact, dtype);
  const double nearest = std::isnan(exact) ? exact : std::copysign(INFINITY, exact);
  return !std::isnan(value) && value != nearest;
}

int64_t mixc::countNotFinite(ArrayRef<float> values) {
  return llvm::count_if(values, [](float value) { return !std::isfinite(value); });
}

int64_t mixc::countDisagreeing(ArrayRef<float> values, ArrayRef<double> exact, int32_t dtype) {
  int64_t count = 0;
  for (auto [value, other] : llvm::zip_equal(values, exact))
    count += disagree(value, other, dtype);
  return count;
}

/// What any number near 0 may be off by, in whichever direction it is rounded: f16 has its subnormal numbers, of f32 and bf16 kernels take
/// them for zero.
static double spacingAtZero(int32_t dtype) { return dtype == MIXC_F16 ? 0x1p-24 : 0x1p-126; }

double mixc::distance(ArrayRef<float> values, ArrayRef<double> exact, int32_t dtype) {
  if (countDisagreeing(values, exact, dtype))
    return INFINITY;
  double sum = 0;
  for (auto [value, other] : llvm::zip_equal(values, exact))
    if (double difference = std::abs(value - other); std::isfinite(value) && isFinite(other, dtype) && difference > spacingAtZero(dtype))
      sum += difference * difference;
  return std::sqrt(sum);
}

static double norm(ArrayRef<double> values) {
  double sum = 0;
  for (double value : values)
    if (isFinite(value))
      sum += value * value;
  return std::sqrt(sum);
}

Scale mixc::scaleOf(const reference::ScaledResults &reference, const std::string &name, double bound) {
  double terms = norm(reference.roots.at(name)) + kSumBound / bound * norm(reference.magnitudes.at(name));
  return {norm(reference.results.at(name)), terms};
}

double mixc::relative(double difference, double scale) { return scale > 0 ? difference / scale : difference; }
