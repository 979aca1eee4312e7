// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Math functions of one thread.

#include "ThreadCode.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;

Value ThreadCode::intrinsic(StringRef name, Type type, ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(b, type, b.getStringAttr(name), operands).getResult(0);
}

Value ThreadCode::fma(Value x, Value y, Value z) { return LLVM::FMAOp::create(b, x.getType(), x, y, z); }

Value ThreadCode::exp2Of(Value x) { return intrinsic("llvm.nvvm.ex2.approx.ftz.f", b.getF32Type(), x); }

Value ThreadCode::polynomial(Value x, ArrayRef<double> coefficients) {
  Value sum = f32(coefficients.back());
  for (double c : llvm::reverse(coefficients.drop_back()))
    sum = fma(sum, x, f32(c));
  return sum;
}

Value ThreadCode::logOf(Value x) {
  return arith::MulFOp::create(b, intrinsic("llvm.nvvm.lg2.approx.ftz.f", b.getF32Type(), x), f32(0.6931471805599453));
}

/// log(1 + x) = e ln 2 + log(1 + m) with 1 + x = 2^e (1 + m), -1/4 <= m < 1/2; exact in m, so small x keep their bits.
Value ThreadCode::log1pOf(Value x) {
  Type f = b.getF32Type(), i = b.getI32Type();
  auto bits = [&](Value v) -> Value { return arith::BitcastOp::create(b, i, v); };
  auto number = [&](Value v) -> Value { return arith::BitcastOp::create(b, f, v); };
  Value u = arith::AddFOp::create(b, x, f32(1.0));
  Value e = arith::AndIOp::create(b, arith::SubIOp::create(b, bits(u), i32(0x3f400000)), i32(int32_t(0xff800000)));
  Value scaled = number(arith::SubIOp::create(b, bits(x), e)), quarter = number(arith::SubIOp::create(b, i32(0x40800000), e));
  Value m = arith::AddFOp::create(b, scaled, fma(quarter, f32(0.25), f32(-1.0)));
  Value p =
      polynomial(m, {-0.5, 0.33333334, -0.2500012, 0.1999992, -0.16658247, 0.14273147, -0.12681614, 0.11666956, -0.09286476, 0.039924636});
  Value log = fma(arith::MulFOp::create(b, m, m), p, m);
  Value exponent = arith::SIToFPOp::create(b, f, e);
  log = fma(exponent, f32(0.6931471805599453 / 8388608.0), log);
  // x = 0 must not become 4 * 0.25 - 1 of another sign; infinity stays infinity.
  Value infinite = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, x, f32(INFINITY));
  return arith::SelectOp::create(b, infinite, x, log);
}

/// exp(x) - 1, by its series near 0.
Value ThreadCode::expm1Of(Value x) {
  Value far = arith::SubFOp::create(b, exp2Of(arith::MulFOp::create(b, x, f32(1.4426950408889634))), f32(1.0));
  Value series = polynomial(x, {1.0, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040});
  Value near = arith::MulFOp::create(b, x, series);
  Value size = LLVM::FAbsOp::create(b, b.getF32Type(), x);
  return arith::SelectOp::create(b, arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, size, f32(0.4)), near, far);
}

/// tanh(x) = 1 - 2 / (exp(2x) + 1), by its series near 0.
Value ThreadCode::tanhOf(Value x) {
  Value e = exp2Of(arith::MulFOp::create(b, x, f32(2 * 1.4426950408889634)));
  Value ratio = intrinsic("llvm.nvvm.div.approx.ftz.f", b.getF32Type(), {f32(2.0), arith::AddFOp::create(b, e, f32(1.0))});
  Value far = arith::SubFOp::create(b, f32(1.0), ratio);
  // 2 / inf is 0, but the approximate division gives 0 already from 2^126 on: the same.
  Value square = arith::MulFOp::create(b, x, x);
  Value near = arith::MulFOp::create(b, x, polynomial(square, {1.0, -1.0 / 3, 2.0 / 15, -17.0 / 315, 62.0 / 2835, -1382.0 / 155925}));
  Value size = LLVM::FAbsOp::create(b, b.getF32Type(), x);
  return arith::SelectOp::create(b, arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, size, f32(0.35)), near, far);
}

/// sin x, or with quarters = 1 cos x, for |x| <= 2^20; NaN beyond. The GPU's own are for angles near 0. With n = round(x / (pi/2)) and
/// pi/2 in three parts, what is left is in [-pi/4, pi/4]; n mod 4 says which function of it, and its sign. The sign is put in as a bit: of
/// two predicates of one register's bits ptxas (13.0) may take another register's, where many angles are computed side by side.
Value ThreadCode::sineOf(Value x, int64_t quarters) {
  Type i = b.getI32Type();
  // Adding 1.5 * 2^23 leaves no bits after the point; the number's bits then count.
  Value shifted = arith::AddFOp::create(b, arith::MulFOp::create(b, x, f32(2 / M_PI)), f32(12582912));
  Value n = arith::SubFOp::create(b, shifted, f32(12582912)), rest = x;
  for (double part : {0x1.921fb6p+0, -0x1.777a5cp-25, -0x1.ee59dap-50})
    rest = fma(n, f32(-part), rest);
  Value square = arith::MulFOp::create(b, rest, rest);
  Value sine = fma(arith::MulFOp::create(b, rest, square), polynomial(square, {-1.6666651e-1, 8.3319787e-3, -1.9495636e-4}), rest);
  Value cosine = polynomial(square, {1, -0.5, 4.1666647e-2, -1.3887368e-3, 2.4438452e-5});
  Value quarter = add(arith::BitcastOp::create(b, i, shifted), i32(quarters));
  Value isOdd = less(arith::CmpIPredicate::ne, arith::AndIOp::create(b, quarter, i32(1)), i32(0));
  Value chosen = arith::SelectOp::create(b, isOdd, cosine, sine);
  Value sign = arith::ShLIOp::create(b, arith::AndIOp::create(b, quarter, i32(2)), i32(30));
  Value result = arith::BitcastOp::create(b, x.getType(), arith::XOrIOp::create(b, arith::BitcastOp::create(b, i, chosen), sign));
  Value size = LLVM::FAbsOp::create(b, x.getType(), x);
  Value inRange = arith::CmpFOp::create(b, arith::CmpFPredicate::OLE, size, f32(0x1p20));
  return arith::SelectOp::create(b, inRange, result, f32(NAN));
}

/// erf(|x|) = 1 - t p(t) exp(-x^2) with t = 1 / (1 + 0.3275911 |x|), to 1.5e-7 (Abramowitz and Stegun, 7.1.26).
Value ThreadCode::erfOf(Value x) {
  Value size = LLVM::FAbsOp::create(b, x.getType(), x);
  Value t = intrinsic("llvm.nvvm.rcp.approx.ftz.f", x.getType(), fma(size, f32(0.3275911), f32(1.0)));
  Value p = arith::MulFOp::create(b, t, polynomial(t, {0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429}));
  Value power = exp2Of(arith::MulFOp::create(b, arith::MulFOp::create(b, size, f32(-1.4426950408889634)), size));
  Value result = fma(arith::NegFOp::create(b, p), power, f32(1.0));
  return LLVM::CopySignOp::create(b, x.getType(), result, x);
}

/// x to the power of y: of a negative x where y is a whole number, whose parity then makes the sign, and NaN elsewhere.
Value ThreadCode::powerOf(Value x, Value y) {
  Type f = x.getType();
  auto compare = [&](arith::CmpFPredicate predicate, Value l, Value r) -> Value { return arith::CmpFOp::create(b, predicate, l, r); };
  auto isWhole = [&](Value v) { return compare(arith::CmpFPredicate::OEQ, LLVM::FFloorOp::create(b, f, v), v); };
  Value log = intrinsic("llvm.nvvm.lg2.approx.ftz.f", f, Value(LLVM::FAbsOp::create(b, f, x)));
  Value power = exp2Of(arith::MulFOp::create(b, y, log));
  Value isEven = isWhole(arith::MulFOp::create(b, y, f32(0.5)));
  Value odd = arith::SelectOp::create(b, isWhole(y), arith::NegFOp::create(b, power), f32(NAN));
  Value negative = compare(arith::CmpFPredicate::OLT, x, f32(0));
  power = arith::SelectOp::create(b, negative, arith::SelectOp::create(b, isEven, power, odd), power);
  // 0 to the power of 0, and 1 to that of infinity.
  Value isOne = arith::OrIOp::create(b, compare(arith::CmpFPredicate::OEQ, y, f32(0)), compare(arith::CmpFPredicate::OEQ, x, f32(1)));
  return arith::SelectOp::create(b, isOne, f32(1), power);
}

LogicalResult ThreadCode::emitMath(Operation &op, IRMapping &map) {
  Type f = b.getF32Type();
  if (op.getNumResults() != 1 || !op.getResult(0).getType().isF32())
    return op.emitOpError("expected f32 math in a GPU kernel, got ") << op.getResultTypes();
  auto in = [&](unsigned i) { return map.lookupOrDefault(op.getOperand(i)); };
  auto approx = [&](StringRef name, Value x) { return intrinsic(name, f, x); };
  constexpr double log2e = 1.4426950408889634, ln2 = 0.6931471805599453;
  Value result = llvm::TypeSwitch<Operation *, Value>(&op)
                     .Case<math::Exp2Op>([&](auto) { return exp2Of(in(0)); })
                     .Case<math::ExpOp>([&](auto) { return exp2Of(arith::MulFOp::create(b, in(0), f32(log2e))); })
                     .Case<math::ExpM1Op>([&](auto) { return expm1Of(in(0)); })
                     .Case<math::LogOp>([&](auto) { return logOf(in(0)); })
                     .Case<math::Log2Op>([&](auto) { return approx("llvm.nvvm.lg2.approx.ftz.f", in(0)); })
                     .Case<math::Log10Op>([&](auto) {
                       return arith::MulFOp::create(b, approx("llvm.nvvm.lg2.approx.ftz.f", in(0)), f32(ln2 / 2.302585092994046));
                     })
                     .Case<math::Log1pOp>([&](auto) { return log1pOf(in(0)); })
                     .Case<math::TanhOp>([&](auto) { return tanhOf(in(0)); })
                     .Case<math::RsqrtOp>([&](auto) { return approx("llvm.nvvm.rsqrt.approx.ftz.f", in(0)); })
                     .Case<math::SqrtOp>([&](auto) { return approx("llvm.nvvm.sqrt.approx.ftz.f", in(0)); })
                     .Case<math::SinOp>([&](auto) { return sineOf(in(0), 0); })
                     .Case<math::CosOp>([&](auto) { return sineOf(in(0), 1); })
                     .Case<math::AbsFOp>([&](auto) { return LLVM::FAbsOp::create(b, f, in(0)); })
                     .Case<math::FloorOp>([&](auto) { return LLVM::FFloorOp::create(b, f, in(0)); })
                     .Case<math::CeilOp>([&](auto) { return LLVM::FCeilOp::create(b, f, in(0)); })
                     .Case<math::FmaOp>([&](auto) { return fma(in(0), in(1), in(2)); })
                     .Case<math::PowFOp>([&](auto) { return powerOf(in(0), in(1)); })
                     .Case<math::ErfOp>([&](auto) { return erfOf(in(0)); })
                     .Default([](Operation *) { return Value(); });
  if (!result)
    return op.emitOpError("expected a math function with a GPU form (exp, exp2, expm1, log, log2, log10, log1p, tanh, sqrt, "
                          "rsqrt, sin, cos, abs, floor, ceil, fma, pow, erf)");
  map.map(op.getResult(0), result);
  return success();
}
