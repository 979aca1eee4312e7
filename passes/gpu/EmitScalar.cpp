// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Integers, floats and math functions of one thread.

#include "ThreadCode.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

//===--- Integers ---===//

Value ThreadCode::i32(int64_t value) { return arith::ConstantIntOp::create(b, value, 32); }
Value ThreadCode::i64(int64_t value) { return arith::ConstantIntOp::create(b, value, 64); }
Value ThreadCode::f32(double value) { return arith::ConstantOp::create(b, b.getF32FloatAttr(value)); }
Value ThreadCode::zeroOf(Type type) { return arith::ConstantOp::create(b, b.getZeroAttr(type)); }

Value ThreadCode::add(Value x, Value y) {
  if (!x || !y)
    return x ? x : y;
  return b.createOrFold<arith::AddIOp>(x, y);
}

Value ThreadCode::mul(Value x, int64_t factor) {
  if (!x || factor == 1)
    return x;
  return b.createOrFold<arith::MulIOp>(x, x.getType().isInteger(64) ? i64(factor) : i32(factor));
}

Value ThreadCode::div(Value x, int64_t divisor) { return divisor == 1 ? x : b.createOrFold<arith::DivUIOp>(x, i32(divisor)); }

Value ThreadCode::rem(Value x, int64_t divisor) { return b.createOrFold<arith::RemUIOp>(x, i32(divisor)); }

/// i32, not negative, to i64
Value ThreadCode::widen(Value x) { return arith::ExtUIOp::create(b, b.getI64Type(), x); }

Value ThreadCode::valueOf(const Index &index) {
  if (!index.value)
    return i32(index.constant);
  return index.constant ? add(index.value, i32(index.constant)) : index.value;
}

/// An affine expression of the dimensions: sums and multiples by constants.
Index ThreadCode::indexOf(AffineExpr expr, ArrayRef<Index> dims) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return dims[dim.getPosition()];
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return {Value(), constant.getValue(), 0};
  auto binary = cast<AffineBinaryOpExpr>(expr); // the verifier takes no others
  Index l = indexOf(binary.getLHS(), dims);
  if (expr.getKind() == AffineExprKind::Add) {
    Index r = indexOf(binary.getRHS(), dims);
    return {add(l.value, r.value), l.constant + r.constant, r.value ? ~uint64_t(0) : l.bits};
  }
  int64_t factor = cast<AffineConstantExpr>(binary.getRHS()).getValue();
  return {mul(l.value, factor), l.constant * factor};
}

Value ThreadCode::less(arith::CmpIPredicate predicate, Value x, Value y) { return arith::CmpIOp::create(b, predicate, x, y); }

//===--- 16-bit floats ---===//

/// Two f32 values as a pair of 16-bit values, rounded to nearest.
Value ThreadCode::pack(Value low, Value high, Type element) {
  auto vector = VectorType::get(2, element);
  StringRef name = element.isBF16() ? "llvm.nvvm.ff2bf16x2.rn" : "llvm.nvvm.ff2f16x2.rn";
  return LLVM::BitcastOp::create(b, b.getI32Type(), intrinsic(name, vector, {high, low}));
}

/// One half of a pair, widened to f32.
Value ThreadCode::unpackWide(Value packed, unsigned half, Type element) {
  if (!element.isBF16())
    return arith::ExtFOp::create(b, b.getF32Type(), unpack(packed, half, element));
  Value bits = half ? Value(arith::AndIOp::create(b, packed, i32(int32_t(0xffff0000)))) : Value(arith::ShLIOp::create(b, packed, i32(16)));
  return arith::BitcastOp::create(b, b.getF32Type(), bits);
}

Value ThreadCode::unpack(Value packed, unsigned half, Type element) {
  Value pair = LLVM::BitcastOp::create(b, VectorType::get(2, element), packed);
  return LLVM::ExtractElementOp::create(b, pair, i32(half));
}

Value ThreadCode::widenFloat(Value value) {
  if (value.getType().isF32())
    return value;
  if (!value.getType().isBF16())
    return arith::ExtFOp::create(b, b.getF32Type(), value);
  Value bits = arith::BitcastOp::create(b, b.getI16Type(), value);
  bits = arith::ShLIOp::create(b, arith::ExtUIOp::create(b, b.getI32Type(), bits), i32(16));
  return arith::BitcastOp::create(b, b.getF32Type(), bits);
}

//===--- Math ---===//

static arith::FastMathFlagsAttr contractFlag(MLIRContext *context) {
  return arith::FastMathFlagsAttr::get(context, arith::FastMathFlags::contract);
}

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
                     .Case<math::SinOp>([&](auto) { return approx("llvm.nvvm.sin.approx.ftz.f", in(0)); })
                     .Case<math::CosOp>([&](auto) { return approx("llvm.nvvm.cos.approx.ftz.f", in(0)); })
                     .Case<math::AbsFOp>([&](auto) { return LLVM::FAbsOp::create(b, f, in(0)); })
                     .Case<math::FloorOp>([&](auto) { return LLVM::FFloorOp::create(b, f, in(0)); })
                     .Case<math::CeilOp>([&](auto) { return LLVM::FCeilOp::create(b, f, in(0)); })
                     .Case<math::FmaOp>([&](auto) { return fma(in(0), in(1), in(2)); })
                     .Case<math::PowFOp>([&](auto) {
                       Value log = approx("llvm.nvvm.lg2.approx.ftz.f", in(0));
                       return exp2Of(arith::MulFOp::create(b, in(1), log));
                     })
                     .Default([](Operation *) { return Value(); });
  if (!result)
    return op.emitOpError("expected a math function with a GPU form (exp, exp2, expm1, log, log2, log10, log1p, tanh, sqrt, "
                          "rsqrt, sin, cos, abs, floor, ceil, fma, pow)");
  map.map(op.getResult(0), result);
  return success();
}

/// Scalar arith and math; an index is an i64.
LogicalResult ThreadCode::emitScalar(Operation &op, IRMapping &map) {
  if (isa<math::MathDialect>(op.getDialect()))
    return emitMath(op, map);
  if (!isa<arith::ArithDialect>(op.getDialect()))
    return op.emitOpError("expected an operation that has a GPU form");
  for (TypeRange types : {TypeRange(op.getOperandTypes()), TypeRange(op.getResultTypes())})
    for (Type type : types)
      if (!type.isIntOrIndexOrFloat())
        return op.emitOpError("expected numbers in a GPU kernel, got ") << type;
  if (auto constant = dyn_cast<arith::ConstantOp>(op); constant && constant.getType().isIndex()) {
    map.map(constant.getResult(), i64(cast<IntegerAttr>(constant.getValue()).getInt()));
    return success();
  }
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp>(op)) {
    Value in = map.lookupOrDefault(op.getOperand(0));
    Type type = op.getResult(0).getType().isIndex() ? b.getI64Type() : op.getResult(0).getType();
    unsigned from = in.getType().getIntOrFloatBitWidth(), to = type.getIntOrFloatBitWidth();
    if (from < to)
      in = isa<arith::IndexCastOp>(op) ? Value(arith::ExtSIOp::create(b, type, in)) : Value(arith::ExtUIOp::create(b, type, in));
    else if (from > to)
      in = arith::TruncIOp::create(b, type, in);
    map.map(op.getResult(0), in);
    return success();
  }
  if (isa<arith::DivFOp>(op) && op.getResult(0).getType().isF32()) {
    Value x = map.lookupOrDefault(op.getOperand(0)), y = map.lookupOrDefault(op.getOperand(1));
    map.map(op.getResult(0), intrinsic("llvm.nvvm.div.approx.ftz.f", b.getF32Type(), {x, y}));
    return success();
  }
  if (isa<arith::ExtFOp>(op) && op.getResult(0).getType().isF32()) {
    map.map(op.getResult(0), widenFloat(map.lookupOrDefault(op.getOperand(0))));
    return success();
  }
  Operation *copy = b.clone(op, map);
  for (OpResult result : copy->getResults())
    if (result.getType().isIndex())
      result.setType(b.getI64Type());
  if (isa<arith::AddFOp, arith::SubFOp, arith::MulFOp>(copy))
    copy->setAttr("fastmath", contractFlag(b.getContext()));
  return success();
}
