// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// NaN and infinity where a matrix product would spread them too far: tile.guard and tile.since_reset. A test of all elements comes
// first; the loops behind it run for tiles that hold such values only.

#include "KernelEmitter.h"

using namespace mlir;

namespace mixc::cpu {

/// |x| < infinity, for a scalar or a vector: an exponent that is not all ones. By bits: for the magnitude of a bf16 LLVM calls a library.
Value KernelEmitter::isFinite(Value x) {
  auto type = cast<FloatType>(getElementTypeOrSelf(x.getType()));
  Type bits = IntegerType::get(getContext(), type.getWidth());
  auto constant = [&](const APInt &value) -> Value {
    TypedAttr attr = IntegerAttr::get(bits, value);
    if (auto vector = dyn_cast<VectorType>(x.getType()))
      attr = DenseElementsAttr::get(cast<ShapedType>(vector.clone(bits)), Attribute(attr));
    return arith::ConstantOp::create(*this, attr);
  };
  Type asBits = isa<VectorType>(x.getType()) ? Type(cast<VectorType>(x.getType()).clone(bits)) : bits;
  Value exponent = constant(APFloat::getInf(type.getFloatSemantics()).bitcastToAPInt());
  Value own = arith::AndIOp::create(*this, arith::BitcastOp::create(*this, asBits, x), exponent);
  return arith::CmpIOp::create(*this, arith::CmpIPredicate::ne, own, exponent);
}

/// Whether an element of a tile, at fixed indices where `ivs` has them, is not finite: x * 0 is then NaN, and stays so in a sum.
Value KernelEmitter::anyNotFinite(const Tile &tile, SmallVector<Value> ivs) {
  constexpr int64_t kSums = 4; // an addition waits for the one before it
  if (!tile.isBuffer())
    return arith::ConstantOp::create(*this, getBoolAttr(false));
  int64_t inner = tile.innermost(), lanes = ivs[inner] ? 1 : lanesFor(tile.size(inner), vectorWidth);
  int64_t together = ivs[inner] ? 1 : lanesFor(tile.size(inner) / lanes, kSums);
  SmallVector<Value> sums(together, f32(0, lanes));
  std::function<void(unsigned, SmallVector<Value> &)> level = [&](unsigned depth, SmallVector<Value> &sums) {
    if (depth == tile.order.size()) {
      for (auto [i, sum] : llvm::enumerate(sums)) {
        Value x = convert(read(tile, i * lanes, tile.strides, ivs, 1, lanes), getF32Type());
        sum = vector::FMAOp::create(*this, x, f32(0, lanes), sum);
      }
      return;
    }
    int64_t dim = tile.order[depth];
    if (ivs[dim])
      return level(depth + 1, sums);
    auto loop = scf::ForOp::create(*this, index(0), index(tile.size(dim)), index(dim == inner ? lanes * together : 1), sums);
    {
      InsertionGuard guard(*this);
      setInsertionPointToStart(loop.getBody());
      ivs[dim] = loop.getInductionVar();
      SmallVector<Value> inside(loop.getRegionIterArgs());
      level(depth + 1, inside);
      scf::YieldOp::create(*this, inside);
      ivs[dim] = {};
    }
    sums.assign(loop.getResults().begin(), loop.getResults().end());
  };
  level(0, sums);
  Value all = sums[0];
  for (Value sum : ArrayRef(sums).drop_front())
    all = arith::AddFOp::create(*this, all, sum);
  Value total = vector::ReductionOp::create(*this, vector::CombiningKind::ADD, all);
  return arith::CmpFOp::create(*this, arith::CmpFPredicate::UNO, total, total);
}

/// `body` where the condition holds.
void KernelEmitter::when(Value condition, function_ref<void()> body) {
  auto branch = scf::IfOp::create(*this, condition, /*withElseRegion=*/false);
  InsertionGuard guard(*this);
  setInsertionPointToStart(branch.thenBlock());
  body();
}

/// 0 in the sums after a reset; with `pre`, in those of the token after it on.
void KernelEmitter::forgetSums(const Tile &sums, const Tile &resets, bool pre) {
  loop(sums.size(0), 1, [&](Value h) {
    Value none = scalar(0, getF32Type()), last = readElement(resets, {h, index(resets.size(1) - 1)});
    when(arith::CmpFOp::create(*this, arith::CmpFPredicate::UNE, last, none), [&] {
      loop(sums.size(2) - pre, 1, [&](Value t) {
        Value row = pre ? arith::AddIOp::create(*this, t, index(1)).getResult() : t;
        when(arith::CmpFOp::create(*this, arith::CmpFPredicate::UNE, readElement(resets, {h, t}), none),
             [&] { loop(sums.size(1), 1, [&](Value p) { writeElement(none, sums, {h, p, row}); }); });
      });
    });
  });
}

/// NaN in the sums from the first value that is not finite to the next reset.
void KernelEmitter::markSums(const Tile &sums, const Tile &x, const std::optional<Tile> &resets, bool pre) {
  loop(sums.size(0), 1, [&](Value h) {
    loop(sums.size(1), 1, [&](Value p) {
      Value clean = arith::ConstantOp::create(*this, getBoolAttr(false));
      auto tokens = scf::ForOp::create(*this, index(0), index(sums.size(2)), index(1), ValueRange{clean, scalar(0, getF32Type())});
      InsertionGuard guard(*this);
      setInsertionPointToStart(tokens.getBody());
      Value t = tokens.getInductionVar(), before = tokens.getRegionIterArg(0), bad = before, count = tokens.getRegionIterArg(1);
      if (resets) {
        Value now = readElement(*resets, {h, t});
        bad = arith::AndIOp::create(*this, bad, arith::CmpFOp::create(*this, arith::CmpFPredicate::OEQ, now, count));
        count = now;
      }
      Value finite = isFinite(readElement(x, {t, h, p}));
      bad = arith::SelectOp::create(*this, finite, bad, arith::ConstantOp::create(*this, getBoolAttr(true)));
      Value nan = scalar(std::numeric_limits<double>::quiet_NaN(), getF32Type());
      writeElement(arith::SelectOp::create(*this, pre ? before : bad, nan, readElement(sums, {h, p, t})), sums, {h, p, t});
      scf::YieldOp::create(*this, ValueRange{bad, count});
    });
  });
}

void KernelEmitter::emitGuard(tile::GuardOp op) {
  Tile x = buffers.lookup(op.getX()), finite = buffers.lookup(op.getFinite()), sums = buffers.lookup(op.getGuarded());
  copy(buffers.lookup(op.getSums()), sums);
  copy(x, finite);
  std::optional<Tile> resets;
  if (op.getResets()) {
    resets = buffers.lookup(op.getResets());
    forgetSums(sums, *resets, op.getPre());
  }
  when(anyNotFinite(x, SmallVector<Value>(3)), [&] {
    markSums(sums, x, resets, op.getPre());
    loop(x.size(0), 1, [&](Value s) {
      loop(x.size(1), 1, [&](Value h) {
        loop(x.size(2), 1, [&](Value p) {
          Value element = readElement(x, {s, h, p}), zero = scalar(0, x.type.getElementType());
          writeElement(arith::SelectOp::create(*this, isFinite(element), element, zero), finite, {s, h, p});
        });
      });
    });
  });
}

void KernelEmitter::emitSinceReset(tile::SinceResetOp op) {
  Tile x = buffers.lookup(op.getX()), scale = buffers.lookup(op.getScale()), b = buffers.lookup(op.getB());
  Tile resets = buffers.lookup(op.getResets());
  Tile result = buffers.lookup(op.getResult());
  copy(buffers.lookup(op.getState()), result);
  loop(result.size(0), 1, [&](Value h) {
    Value last = readElement(resets, {h, index(resets.size(1) - 1)}), none = scalar(0, getF32Type());
    when(arith::CmpFOp::create(*this, arith::CmpFPredicate::UNE, last, none), [&] {
      when(anyNotFinite(result, {h, {}, {}}), [&] {
        loop(result.size(1), 1, [&](Value p) {
          loop(result.size(2), 1, [&](Value n) {
            Value old = readElement(result, {h, p, n});
            auto tokens = scf::ForOp::create(*this, index(0), index(x.size(0)), index(1), ValueRange{none});
            {
              InsertionGuard guard(*this);
              setInsertionPointToStart(tokens.getBody());
              Value s = tokens.getInductionVar(), sum = tokens.getRegionIterArg(0);
              auto element = [&](const Tile &tile, ValueRange ivs) { return convert(readElement(tile, ivs), getF32Type()); };
              Value scaled = arith::MulFOp::create(*this, element(x, {s, h, p}), readElement(scale, {h, s}));
              Value term = arith::MulFOp::create(*this, scaled, element(b, {s, n}));
              Value counts = arith::CmpFOp::create(*this, arith::CmpFPredicate::OEQ, readElement(resets, {h, s}), last);
              sum = arith::AddFOp::create(*this, sum, arith::SelectOp::create(*this, counts, term, none));
              scf::YieldOp::create(*this, sum);
            }
            writeElement(arith::SelectOp::create(*this, isFinite(old), old, tokens.getResult(0)), result, {h, p, n});
          });
        });
      });
    });
  });
}

} // namespace mixc::cpu
