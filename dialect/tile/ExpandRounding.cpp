// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tile.stochastic_round in integers of 32 and 64 bits, the same on every machine. Where places of neighbours are known to be neighbours,
// the compiler finds that four of them share one result of Philox.

#include "mixc/dialect/Tile.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::tile;

namespace {
constexpr int64_t kMultiplier = 0xD256D193, kKeyStep = 0x9E3779B9, kRounds = 7, kBits = 16;
constexpr int64_t kMantissa = 23, kExponents = 255; // of f32

class Expansion {
public:
  Expansion(ImplicitLocOpBuilder &b, StochasticRoundOp op) : b(b), op(op) {}

  Value run() {
    Value bits = arith::BitcastOp::create(b, b.getI32Type(), op.getValue());
    Value rounded = op.getType().isBF16() ? toBf16(bits) : toF16(bits);
    rounded = arith::BitcastOp::create(b, op.getType(), arith::TruncIOp::create(b, b.getI16Type(), rounded));
    // NaN and infinities, which have the largest exponent.
    Value magnitude = math::AbsFOp::create(b, op.getValue());
    Value infinity = arith::ConstantOp::create(b, b.getF32FloatAttr(std::numeric_limits<float>::infinity()));
    Value isFinite = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, magnitude, infinity);
    return arith::SelectOp::create(b, isFinite, rounded, arith::TruncFOp::create(b, op.getType(), op.getValue()));
  }

private:
  Value i32(int64_t value) { return arith::ConstantOp::create(b, b.getI32IntegerAttr(static_cast<int32_t>(value))); }
  Value i64(int64_t value) { return arith::ConstantOp::create(b, b.getI64IntegerAttr(value)); }
  Value number(Value index) { return arith::IndexCastOp::create(b, b.getI64Type(), index); }
  Value low(Value word) { return arith::TruncIOp::create(b, b.getI32Type(), word); }
  Value high(Value word) { return low(arith::ShRUIOp::create(b, word, i64(32))); }
  Value xorOf(Value x, Value y) { return arith::XOrIOp::create(b, x, y); }

  /// In the lower half.
  Value randomBits() {
    Value place = number(op.getPlace()), seed = number(op.getSeed()), quad = arith::ShRUIOp::create(b, place, i64(2));
    Value lo = low(quad), hi = xorOf(high(quad), high(seed)), key = low(seed);
    for (int64_t round = 0; round < kRounds; ++round) {
      Value product = arith::MulIOp::create(b, arith::ExtUIOp::create(b, b.getI64Type(), lo), i64(kMultiplier));
      lo = xorOf(xorOf(high(product), key), hi);
      hi = low(product);
      key = arith::AddIOp::create(b, key, i32(kKeyStep));
    }
    auto isSet = [&](int64_t bit) -> Value {
      return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, arith::AndIOp::create(b, low(place), i32(bit)), i32(0));
    };
    Value word = arith::SelectOp::create(b, isSet(2), hi, lo);
    Value upper = arith::ShRUIOp::create(b, word, i32(kBits)), lower = arith::AndIOp::create(b, word, i32(0xffff));
    return arith::SelectOp::create(b, isSet(1), upper, lower);
  }

  /// The upper half of f32's bits: the carry out of the lower one is one ulp, whatever the exponent.
  Value toBf16(Value bits) { return arith::ShRUIOp::create(b, Value(arith::AddIOp::create(b, bits, randomBits())), i32(kBits)); }

  /// The mantissa, its leading 1 included, in parts of 2^-16 of an ulp. Exponents below that of 2^-14 have the ulp of 2^-14.
  Value toF16(Value bits) {
    constexpr int64_t least = 113, spare = 3; // the exponent of 2^-14; f16 has 13 bits less
    Value sign = arith::AndIOp::create(b, Value(arith::ShRUIOp::create(b, bits, i32(kBits))), i32(0x8000));
    Value exponent = arith::AndIOp::create(b, Value(arith::ShRUIOp::create(b, bits, i32(kMantissa))), i32(kExponents));
    Value mantissa = arith::OrIOp::create(b, Value(arith::AndIOp::create(b, bits, i32((1 << kMantissa) - 1))), i32(1 << kMantissa));
    Value ulps = arith::MaxSIOp::create(b, exponent, i32(least));
    Value below = arith::MinSIOp::create(b, Value(arith::SubIOp::create(b, ulps, exponent)), i32(31));
    Value parts = arith::ShRUIOp::create(b, Value(arith::ShLIOp::create(b, mantissa, i32(spare))), below);
    Value count = arith::ShRUIOp::create(b, Value(arith::AddIOp::create(b, parts, randomBits())), i32(kBits));
    // The leading 1 counts the exponent up by one.
    Value above = arith::ShLIOp::create(b, Value(arith::SubIOp::create(b, ulps, i32(least))), i32(10));
    Value rounded = arith::MinSIOp::create(b, Value(arith::AddIOp::create(b, above, count)), i32(0x7c00));
    return arith::OrIOp::create(b, sign, rounded);
  }

  ImplicitLocOpBuilder &b;
  StochasticRoundOp op;
};

struct ExpandRounding : OpRewritePattern<StochasticRoundOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(StochasticRoundOp op, PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    rewriter.replaceOp(op, Expansion(b, op).run());
    return success();
  }
};
} // namespace

void mixc::tile::populateExpandRoundingPatterns(RewritePatternSet &patterns) { patterns.add<ExpandRounding>(patterns.getContext()); }
