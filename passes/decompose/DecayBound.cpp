// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Interval arithmetic over the bodies of maps. NaN is in every interval.

#include "mixc/passes/DecayBound.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"
#include <cfloat>

using namespace mlir;

namespace mixc {

namespace {
struct Interval {
  double low = -INFINITY, high = INFINITY;
};

class Intervals {
public:
  Interval of(Value value);

private:
  Interval compute(Operation *op);
  llvm::DenseMap<Value, Interval> known;
};
} // namespace

/// What f32 may make of a number, from below: it rounds, underflows and overflows.
static double roundedDown(double value) {
  if (value >= 0)
    return value < FLT_MIN ? 0 : std::min<double>(value - value * FLT_EPSILON, FLT_MAX);
  value += value * FLT_EPSILON;
  return value < -FLT_MAX ? -INFINITY : value;
}

static Interval around(ArrayRef<double> values) {
  Interval made{INFINITY, -INFINITY};
  for (double value : values) {
    if (std::isnan(value)) // infinity times 0
      return {};
    made = {std::min(made.low, roundedDown(value)), std::max(made.high, -roundedDown(-value))};
  }
  return made;
}

static Interval times(Interval a, Interval b) { return around({a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high}); }

/// Of a function that grows.
static Interval through(Interval x, double (*grows)(double)) { return around({grows(x.low), grows(x.high)}); }

Interval Intervals::of(Value value) {
  auto found = known.find(value);
  if (found != known.end())
    return found->second;
  Interval made;
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto map = dyn_cast<mixer::MapOp>(argument.getOwner()->getParentOp());
    made = map ? of(map.getInputs()[argument.getArgNumber()]) : Interval();
  } else {
    made = compute(value.getDefiningOp());
  }
  return known[value] = made;
}

Interval Intervals::compute(Operation *op) {
  auto in = [&](unsigned i) { return of(op->getOperand(i)); };
  if (FloatAttr constant; op->getNumResults() == 1 && matchPattern(op->getResult(0), m_Constant(&constant)))
    return around({constant.getValueAsDouble()});
  return llvm::TypeSwitch<Operation *, Interval>(op)
      .Case([&](mixer::MapOp map) { return of(map.getYield().getValue()); })
      .Case([&](mixer::ConstantOp constant) { return around({constant.getValue().convertToDouble()}); })
      .Case([&](arith::NegFOp) { return Interval{-in(0).high, -in(0).low}; })
      .Case([&](arith::AddFOp) { return around({in(0).low + in(1).low, in(0).high + in(1).high}); })
      .Case([&](arith::SubFOp) { return around({in(0).low - in(1).high, in(0).high - in(1).low}); })
      .Case([&](arith::MulFOp) { return times(in(0), in(1)); })
      .Case([&](arith::DivFOp) { return in(1).low > 0 || in(1).high < 0 ? times(in(0), {1 / in(1).high, 1 / in(1).low}) : Interval(); })
      .Case<arith::MaximumFOp, arith::MaxNumFOp>(
          [&](auto) { return Interval{std::max(in(0).low, in(1).low), std::max(in(0).high, in(1).high)}; })
      .Case<arith::MinimumFOp, arith::MinNumFOp>(
          [&](auto) { return Interval{std::min(in(0).low, in(1).low), std::min(in(0).high, in(1).high)}; })
      .Case([&](arith::SelectOp) { return around({in(1).low, in(1).high, in(2).low, in(2).high}); })
      .Case([&](math::ExpOp) { return through(in(0), std::exp); })
      .Case([&](math::Exp2Op) { return through(in(0), std::exp2); })
      .Case([&](math::TanhOp) { return through(in(0), std::tanh); })
      .Case([&](math::AbsFOp) { return Interval{0, std::max(std::abs(in(0).low), std::abs(in(0).high))}; })
      .Case<math::SinOp, math::CosOp>([](auto) { return Interval{-1, 1}; })
      .Default([](Operation *) { return Interval(); });
}

DecayBound decayBound(mixer::SemiseparableOp op) {
  if (!op.getDecay() || op.getKeep()) // a further decay
    return {};
  DecayBound bound;
  if (op.getDecayBound())
    bound.declared = op.getDecayBound()->convertToDouble();
  bound.found = Intervals().of(op.getDecay()).low;
  return bound;
}

double halfRange(double bound, int64_t steps) { return std::ceil(-bound * static_cast<double>(steps) * llvm::numbers::log2e / 2); }

bool isWithinRange(double bound, int64_t steps) {
  constexpr double kReach = 58;
  return halfRange(bound, steps) <= kReach;
}

} // namespace mixc
