// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The factor exp2(g) of a token, for f32 tensors in two parts: with k the whole number next to g,
//
//     factor = 2^k, 0 at a reset, 2^-126 at least elsewhere        exact
//     excess = 2^k (2^(g - k) - 1)                                 to the bits of g, however close exp2(g) is to 1
//
// so that no decay is rounded alike at every step. Beside 16-bit tensors one rounded number does.

#include "ScanDecay.h"

using namespace mlir;

namespace mixc {

Expr givenFactor(const Recurrence &recurrence) {
  Value value = recurrence.decay;
  while (auto map = value ? value.getDefiningOp<mixer::MapOp>() : mixer::MapOp()) {
    Value scalar = map.getYield().getValue();
    if (auto log = scalar.getDefiningOp<math::LogOp>())
      return {value, log.getOperand()};
    auto argument = dyn_cast<BlockArgument>(scalar);
    if (!argument)
      break;
    value = map.getInputs()[argument.getArgNumber()];
  }
  return {};
}

SmallVector<Axis> scanDecayAxes(const TileBuilder &b, const Recurrence &recurrence) {
  if (b.shape.headsAsColumns)
    return {Axis::T, Axis::U, recurrence.decaysEntries() ? Axis::N : Axis::U, Axis::H};
  return recurrence.decayAxes();
}

namespace {
/// One element's numbers. Its exponent in base 2 is `base` times `scale`, rounded once where they meet other numbers.
class FactorCode {
public:
  FactorCode(TileBuilder &b, Value base, Value scale) : b(b), base(base), scale(scale) {}

  /// 2^k, 0 at a reset.
  Value factor() {
    Value k = whole(), bits = powerBits();
    return number(unlessReset(k, arith::CmpFPredicate::OLE, bits, i32(0))); // of bits: a shift may have a mask
  }

  /// 2^k (2^f - 1) for f = exponent - k, |f| <= 1/2. The polynomial is the minimax of (2^f - 1) / f among those with value ln 2 at 0,
  /// 4.5e-7 of it: what a decay is off by, relative to its distance from 1.
  Value excess() {
    Value f = math::FmaOp::create(b, base, scale, arith::NegFOp::create(b, whole())), p = b.number(0x1.5f32e4p-10);
    for (double coefficient : {0x1.3cbdbap-7, 0x1.c6af34p-5, 0x1.ebfa50p-3, 0x1.62e430p-1})
      p = math::FmaOp::create(b, p, f, b.number(coefficient));
    return arith::MulFOp::create(b, arith::MulFOp::create(b, p, f), number(powerBits()));
  }

  /// Both in one number.
  Value rounded() {
    Value exponent = arith::MulFOp::create(b, base, scale);
    Value kept = arith::MaximumFOp::create(b, exponent, b.number(-126)); // NaN stays
    return unlessReset(exponent, arith::CmpFPredicate::OLT, math::Exp2Op::create(b, kept), b.number(0));
  }

private:
  Value shifted() { return math::FmaOp::create(b, base, scale, b.number(kShift)); }
  /// k, as a float.
  Value whole() { return arith::SubFOp::create(b, shifted(), b.number(kShift)); }
  /// The bits of 2^k, never 0, of NaN neither: k + 127 is what the last bits hold, and all that the shift leaves.
  Value powerBits() {
    Value bits = arith::BitcastOp::create(b, b.getI32Type(), shifted());
    bits = arith::MinSIOp::create(b, arith::MaxSIOp::create(b, bits, i32(kShiftBits + 1)), i32(kShiftBits + 255));
    return arith::ShLIOp::create(b, bits, i32(23));
  }
  Value unlessReset(Value exponent, arith::CmpFPredicate isBelow, Value value, Value zero) {
    Value isReset = arith::CmpFOp::create(b, isBelow, exponent, b.number(tile::kResetThreshold));
    return arith::SelectOp::create(b, isReset, zero, value);
  }
  Value i32(int64_t value) { return arith::ConstantIntOp::create(b, value, 32); }
  Value number(Value bits) { return arith::BitcastOp::create(b, b.getF32Type(), bits); }

  /// Adding 1.5 * 2^23 leaves no bits after the point; 127 more are the bias of an exponent.
  static constexpr int64_t kShiftBits = 0x4B400000;
  static constexpr double kShift = 12582912 + 127;
  TileBuilder &b;
  Value base, scale;
};

/// The exponents of a scan's decays as tiles over the axes, in two factors where one does not depend on the token: that is then computed
/// once.
class Exponents {
public:
  Exponents(TileBuilder &b, SpecValues &values, const Recurrence &recurrence, TokenScope &tokens)
      : b(b), values(values), tokens(tokens), axes(scanDecayAxes(b, recurrence)), decay(recurrence.decay) {
    Factored factored = factorTokenScale(decay, "T", /*signs=*/true);
    if (factored.scales.empty() || mayHaveEntries(factored.base) || b.shape.updates > 1)
      return;
    SmallVector<Axis> ofBase, ofScale;
    for (Axis axis : axes) {
      if (axis == Axis::T || axis == Axis::H)
        ofBase.push_back(axis);
      if (axis == Axis::N || axis == Axis::H)
        ofScale.push_back(axis);
    }
    base =
        values.evaluate(factored.base, ofBase, b.getF32Type(), tokens, [&](TileBuilder &b, Value v) { return ofToken(b, v, tokens, 0); });
    scale = values.evaluateOnce(factored.scales, ofScale, [&](TileBuilder &b, Value v) {
      // Past the last token it is multiplied by 0.
      Value most = b.number(3.4028235e38), least = b.number(-3.4028235e38);
      v = arith::MulFOp::create(b, v, b.number(factored.negative ? -kLog2E : kLog2E));
      v = arith::SelectOp::create(b, arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, v, most), most, v);
      return Value(arith::SelectOp::create(b, arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, v, least), least, v));
    });
  }

  Tile map(function_ref<Value(FactorCode)> code) {
    if (base)
      return b.generic(axes, b.getF32Type(), {base, scale}, [&](TileBuilder &b, ValueRange v) { return code({b, v[0], v[1]}); });
    return values.evaluate({decay, {}}, axes, b.getF32Type(), tokens,
                           [&](TileBuilder &b, Value g) { return code({b, ofToken(b, g, tokens, 0), b.number(kLog2E)}); });
  }

private:
  static constexpr double kLog2E = 1.44269504;
  /// Whether it is of every entry: then it is no smaller than the exponents.
  static bool mayHaveEntries(const Expr &expr) { return typeOf(expr.value).hasDim("N"); }

  TileBuilder &b;
  SpecValues &values;
  TokenScope &tokens;
  SmallVector<Axis> axes;
  Value decay;
  Tile base, scale;
};
} // namespace

ScanDecay withKept(TileBuilder &b, SpecValues &values, const Recurrence &recurrence, TokenScope &tokens, const ScanDecay &decay) {
  if (!recurrence.keep)
    return decay;
  SmallVector<Axis> axes = {Axis::H, Axis::T};
  if (b.shape.headsAsColumns)
    axes = {Axis::T, Axis::U, Axis::U, Axis::H};
  Tile kept = values.evaluate({recurrence.keep, {}}, axes, b.getF32Type(), tokens,
                              [&](TileBuilder &b, Value k) { return ofToken(b, k, tokens, 1); });
  if (!decay.factor)
    return {kept, {}};
  auto times = [&](const Tile &factor) {
    if (!factor)
      return factor;
    return b.generic(factor.names(), b.getF32Type(), {factor.at(Axis::U, 0), kept.at(Axis::U, 0)},
                     [](TileBuilder &b, ValueRange v) { return arith::MulFOp::create(b, v[0], v[1]); });
  };
  return {times(decay.factor), times(decay.excess)};
}

ScanDecay scanDecay(TileBuilder &b, SpecValues &values, const Recurrence &recurrence, TokenScope &tokens) {
  if (!recurrence.decay)
    return {};
  if (Expr given = givenFactor(recurrence); given.value)
    return {values.evaluate(given, scanDecayAxes(b, recurrence), b.getF32Type(), tokens,
                            [&](TileBuilder &b, Value a) {
                              Value isNegative = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, a, b.number(0));
                              a = arith::SelectOp::create(b, isNegative, b.number(NAN), a); // as its logarithm is
                              return ofToken(b, a, tokens, 1);
                            }),
            {}};
  Exponents exponents(b, values, recurrence, tokens);
  if (b.shape.io && b.shape.io.getIntOrFloatBitWidth() == 16)
    return {exponents.map([](FactorCode code) { return code.rounded(); }), {}};
  return {exponents.map([](FactorCode code) { return code.factor(); }), exponents.map([](FactorCode code) { return code.excess(); })};
}

} // namespace mixc
