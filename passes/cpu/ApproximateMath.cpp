// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/passes/Cpu.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace mixc {

#define GEN_PASS_DEF_APPROXIMATEMATH
#include "mixc/passes/CpuPasses.h.inc"

namespace {
/// Constants and arithmetic of the type of an f32 scalar or vector.
class FloatBuilder : public ImplicitLocOpBuilder {
public:
  FloatBuilder(PatternRewriter &rewriter, Operation *op)
      : ImplicitLocOpBuilder(op->getLoc(), rewriter), type(op->getResult(0).getType()), intType(getI32Type()) {
    if (auto shaped = dyn_cast<ShapedType>(type))
      intType = shaped.clone(getI32Type());
  }

  Value f32(double value) { return constant(type, getF32FloatAttr(float(value))); }
  Value i32(int32_t value) { return constant(intType, getI32IntegerAttr(value)); }
  Value add(Value a, Value b) { return arith::AddFOp::create(*this, a, b); }
  Value sub(Value a, Value b) { return arith::SubFOp::create(*this, a, b); }
  Value mul(Value a, Value b) { return arith::MulFOp::create(*this, a, b); }
  Value fma(Value a, Value b, Value c) { return math::FmaOp::create(*this, a, b, c); }
  /// `bound` where value is beyond it in the sense of `predicate`; NaN stays.
  Value clamp(Value value, arith::CmpFPredicate predicate, double bound) {
    Value limit = f32(bound);
    return arith::SelectOp::create(*this, arith::CmpFOp::create(*this, predicate, value, limit), limit, value);
  }
  /// 2^n, for n = -126 .. 127.
  Value powerOfTwo(Value n) {
    Value biased = arith::AddIOp::create(*this, n, i32(127));
    return arith::BitcastOp::create(*this, type, arith::ShLIOp::create(*this, biased, i32(23)));
  }
  Value bits(Value value) { return arith::BitcastOp::create(*this, intType, value); }

  Type type, intType;

private:
  Value constant(Type of, TypedAttr value) {
    if (auto shaped = dyn_cast<ShapedType>(of))
      return arith::ConstantOp::create(*this, DenseElementsAttr::get(shaped, Attribute(value)));
    return arith::ConstantOp::create(*this, value);
  }
};

/// round(x) for |x| < 2^21, and in its bits the same number: adding 1.5 * 2^23 leaves no bits after the point.
struct Rounded {
  Value value, integer;
};
Rounded roundToInteger(FloatBuilder &b, Value x) {
  constexpr double kShift = 12582912;
  constexpr int32_t kShiftBits = 0x4B400000;
  Value shifted = b.add(x, b.f32(kShift));
  return {b.sub(shifted, b.f32(kShift)), arith::SubIOp::create(b, b.bits(shifted), b.i32(kShiftBits))};
}

/// 2^(n + f), |f| <= 1/2. The polynomial is the minimax of the relative error among those with value 1 at 0 (2e-9).
/// The power is taken in two factors, so that the result is rounded once where it is subnormal.
Value scaledExp2(FloatBuilder &b, Value n, Value f) {
  Value p = b.f32(0x1.41fbbcp-13);
  for (double coefficient : {0x1.5f3e54p-10, 0x1.3b2d4cp-7, 0x1.c6aee8p-5, 0x1.ebfbdcp-3, 0x1.62e430p-1, 1.0})
    p = b.fma(p, f, b.f32(coefficient));
  Value half = arith::ShRSIOp::create(b, n, b.i32(1));
  Value rest = arith::SubIOp::create(b, n, half);
  return b.mul(b.mul(p, b.powerOfTwo(half)), b.powerOfTwo(rest));
}

/// pi/2 in parts: products of the first two with whole numbers below 2^20 lose nothing that counts.
constexpr double kHalfPi[] = {0x1.921fb6p+0, -0x1.777a5cp-25, -0x1.ee59dap-50};

LogicalResult expectF32(Operation *op, PatternRewriter &rewriter) {
  if (getElementTypeOrSelf(op->getResult(0).getType()).isF32())
    return success();
  return rewriter.notifyMatchFailure(op, "expected f32");
}

// 2^x = 2^n p(x - n), n = round(x)
struct ApproximateExp2 : OpRewritePattern<math::Exp2Op> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(math::Exp2Op op, PatternRewriter &rewriter) const override {
    if (failed(expectF32(op, rewriter)))
      return failure();
    FloatBuilder b(rewriter, op);
    Value x = b.clamp(op.getOperand(), arith::CmpFPredicate::OLT, -151);
    x = b.clamp(x, arith::CmpFPredicate::OGT, 129);
    auto [n, integer] = roundToInteger(b, x);
    rewriter.replaceOp(op, scaledExp2(b, integer, b.sub(x, n)));
    return success();
  }
};

// e^x = 2^n p((x - n ln 2) / ln 2), n = round(x / ln 2), ln 2 in two parts
struct ApproximateExp : OpRewritePattern<math::ExpOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(math::ExpOp op, PatternRewriter &rewriter) const override {
    if (failed(expectF32(op, rewriter)))
      return failure();
    constexpr double kLn2High = 0x1.62e400p-1, kLn2Low = 0x1.7f7d1cp-20, kLog2E = 0x1.715476p+0;
    FloatBuilder b(rewriter, op);
    Value x = b.clamp(op.getOperand(), arith::CmpFPredicate::OLT, -105);
    x = b.clamp(x, arith::CmpFPredicate::OGT, 89.5);
    auto [n, integer] = roundToInteger(b, b.mul(x, b.f32(kLog2E)));
    Value rest = b.fma(n, b.f32(-kLn2High), x);
    rest = b.fma(n, b.f32(-kLn2Low), rest);
    rewriter.replaceOp(op, scaledExp2(b, integer, b.mul(rest, b.f32(kLog2E))));
    return success();
  }
};

/// sin x or cos x, for |x| <= 2^20; NaN beyond. With n = round(x / (pi/2)) and pi/2 in three parts, what is left is in
/// [-pi/4, pi/4]; n mod 4 says which function of it, and its sign. The polynomials are minimax there (absolute error 2e-9).
template <typename Op, int32_t quarters> struct ApproximateSine : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;
  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    if (failed(expectF32(op, rewriter)))
      return failure();
    FloatBuilder b(rewriter, op);
    Value x = op.getOperand();
    auto [n, integer] = roundToInteger(b, b.mul(x, b.f32(2 / M_PI)));
    Value rest = x;
    for (double part : kHalfPi)
      rest = b.fma(n, b.f32(-part), rest);
    Value square = b.mul(rest, rest);
    auto polynomial = [&](std::initializer_list<double> coefficients) { // the highest first
      Value p;
      for (double c : coefficients)
        p = p ? b.fma(p, square, b.f32(c)) : b.f32(c);
      return p;
    };
    Value sine = b.fma(b.mul(rest, square), polynomial({-1.9495636e-4, 8.3319787e-3, -1.6666651e-1}), rest);
    Value cosine = polynomial({2.4438452e-5, -1.3887368e-3, 4.1666647e-2, -0.5, 1});
    Value quarter = arith::AddIOp::create(b, integer, b.i32(quarters));
    auto isSet = [&](int32_t bit) -> Value {
      Value masked = arith::AndIOp::create(b, quarter, b.i32(bit));
      return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, masked, b.i32(0));
    };
    Value chosen = arith::SelectOp::create(b, isSet(1), cosine, sine);
    Value result = arith::SelectOp::create(b, isSet(2), arith::NegFOp::create(b, chosen), chosen);
    Value inRange = arith::CmpFOp::create(b, arith::CmpFPredicate::OLE, math::AbsFOp::create(b, x), b.f32(0x1p20));
    rewriter.replaceOpWithNewOp<arith::SelectOp>(op, inRange, result, b.f32(NAN));
    return success();
  }
};

// log(1 + x) = e ln 2 + log(1 + m) with 1 + x = 2^e (1 + m), -1/4 <= m < 1/2; m is exact, so small x keep their bits
struct ApproximateLog1p : OpRewritePattern<math::Log1pOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(math::Log1pOp op, PatternRewriter &rewriter) const override {
    if (failed(expectF32(op, rewriter)))
      return failure();
    constexpr int32_t kThreeQuarters = 0x3f400000, kFour = 0x40800000, kExponentBits = int32_t(0xff800000);
    FloatBuilder b(rewriter, op);
    Value x = op.getOperand(), u = b.add(x, b.f32(1));
    Value e = arith::AndIOp::create(b, arith::SubIOp::create(b, b.bits(u), b.i32(kThreeQuarters)), b.i32(kExponentBits));
    auto number = [&](Value bits) -> Value { return arith::BitcastOp::create(b, b.type, bits); };
    Value scaled = number(arith::SubIOp::create(b, b.bits(x), e)), quarters = number(arith::SubIOp::create(b, b.i32(kFour), e));
    // 2^-e x + 2^-e - 1; x = 0 keeps its sign
    Value m = b.add(scaled, b.fma(quarters, b.f32(0.25), b.f32(-1)));
    Value p = b.f32(0.039924636);
    for (double coefficient : {-0.09286476, 0.11666956, -0.12681614, 0.14273147, -0.16658247, 0.1999992, -0.2500012, 0.33333334, -0.5})
      p = b.fma(p, m, b.f32(coefficient));
    Value log = b.fma(b.mul(m, m), p, m);
    log = b.fma(arith::SIToFPOp::create(b, b.type, e), b.f32(0.6931471805599453 / 8388608.0), log);
    // What has no such m: infinity, which stays, and numbers up to -1.
    auto where = [&](arith::CmpFPredicate predicate, double bound, Value value) {
      log = arith::SelectOp::create(b, arith::CmpFOp::create(b, predicate, x, b.f32(bound)), value, log);
    };
    where(arith::CmpFPredicate::UGT, std::numeric_limits<float>::max(), x);
    where(arith::CmpFPredicate::OEQ, -1, b.f32(-std::numeric_limits<float>::infinity()));
    where(arith::CmpFPredicate::OLT, -1, b.f32(std::numeric_limits<float>::quiet_NaN()));
    rewriter.replaceOp(op, log);
    return success();
  }
};

struct ApproximateMath : impl::ApproximateMathBase<ApproximateMath> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ApproximateExp2, ApproximateExp, ApproximateSine<math::SinOp, 0>, ApproximateSine<math::CosOp, 1>, ApproximateLog1p>(
        &getContext());
    populateMathPolynomialApproximationPatterns(patterns, [](StringRef name) {
      return llvm::is_contained({math::LogOp::getOperationName(), math::Log2Op::getOperationName(), math::TanhOp::getOperationName(),
                                 math::ErfOp::getOperationName()},
                                name);
    });
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace

} // namespace mixc
