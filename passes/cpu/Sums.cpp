// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tile.cumsum and tile.lag: running sums of log decays along a row, in f64; tile.spans: sums to an anchor, vectors of columns at a time.

#include "KernelEmitter.h"

using namespace mlir;

namespace mixc::cpu {

/// body(indices) for each row along the last dimension of a tile; the last index is null.
void KernelEmitter::eachRow(const Tile &tile, function_ref<void(SmallVector<Value> &)> body) {
  int64_t last = tile.type.getRank() - 1;
  SmallVector<Value> ivs(last + 1);
  std::function<void(int64_t)> level = [&](int64_t dim) {
    if (dim == last)
      return body(ivs);
    loop(tile.size(dim), 1, [&](Value iv) {
      ivs[dim] = iv;
      level(dim + 1);
    });
  };
  level(0);
}

void KernelEmitter::emitCumsum(tile::CumsumOp op) {
  Tile input = buffers.lookup(op.getInput()), sums = buffers.lookup(op.getSums()), resets = buffers.lookup(op.getResets());
  int64_t last = input.type.getRank() - 1;
  eachRow(input, [&](SmallVector<Value> &ivs) {
    Value zero = scalar(0, getF64Type()), none = scalar(0, getF32Type());
    auto loop = scf::ForOp::create(*this, index(0), index(input.size(last)), index(1), ValueRange{zero, none});
    InsertionGuard guard(*this);
    setInsertionPointToStart(loop.getBody());
    ivs[last] = loop.getInductionVar();
    Value x = readElement(input, ivs);
    Value isReset = arith::CmpFOp::create(*this, arith::CmpFPredicate::OLT, x, scalar(tile::kResetThreshold, getF32Type()));
    Value sum = arith::AddFOp::create(*this, loop.getRegionIterArg(0), convert(x, getF64Type()));
    sum = arith::SelectOp::create(*this, isReset, zero, sum);
    Value count =
        arith::AddFOp::create(*this, loop.getRegionIterArg(1), arith::SelectOp::create(*this, isReset, scalar(1, getF32Type()), none));
    writeElement(sum, sums, ivs);
    writeElement(count, resets, ivs);
    scf::YieldOp::create(*this, ValueRange{sum, count});
  });
}

// The lag after a step, in f64, is what the next step starts from: its level is the whole numbers that have been taken out so far.
void KernelEmitter::emitLag(tile::LagOp op) {
  Tile input = buffers.lookup(op.getInput()), before = buffers.lookup(op.getBefore()), beforeLow = buffers.lookup(op.getBeforeLow());
  Type f64 = getF64Type(), f32 = getF32Type();
  int64_t last = input.type.getRank() - 1;
  auto add = [&](Value a, Value b) -> Value { return arith::AddFOp::create(*this, a, b); };
  eachRow(input, [&](SmallVector<Value> &ivs) {
    ivs[last] = index(input.size(last) - 1);
    Value start = add(convert(readElement(before, ivs), f64), convert(readElement(beforeLow, ivs), f64));
    Value none = scalar(0, f32), zero = scalar(0, f64);
    auto loop = scf::ForOp::create(*this, index(0), index(input.size(last)), index(1), ValueRange{start, none, none});
    InsertionGuard guard(*this);
    setInsertionPointToStart(loop.getBody());
    ivs[last] = loop.getInductionVar();
    Value x = readElement(input, ivs);
    Value isReset = arith::CmpFOp::create(*this, arith::CmpFPredicate::OLT, x, scalar(tile::kResetThreshold, f32));
    Value sum = arith::SelectOp::create(*this, isReset, zero, add(loop.getRegionIterArg(0), convert(x, f64)));
    Value whole = math::FloorOp::create(*this, arith::NegFOp::create(*this, sum)), lag = add(sum, whole);
    Value step = arith::TruncFOp::create(*this, f32, whole);
    Value level = arith::SelectOp::create(*this, isReset, none, add(loop.getRegionIterArg(1), step));
    Value count = add(loop.getRegionIterArg(2), arith::SelectOp::create(*this, isReset, scalar(1, f32), none));
    Value rounded = arith::TruncFOp::create(*this, f32, lag);
    auto result = [&](Value tile, function_ref<Value()> element) {
      if (!tile.use_empty())
        writeElement(element(), buffers.lookup(tile), ivs);
    };
    result(op.getLag(), [&] { return rounded; });
    result(op.getLow(), [&] { return arith::SubFOp::create(*this, lag, convert(rounded, f64)).getResult(); });
    result(op.getLevel(), [&] { return level; });
    result(op.getResets(), [&] { return count; });
    result(op.getEarlier(), [&] { return loop.getRegionIterArg(0); });
    result(op.getFactor(), [&]() -> Value {
      // The least normal number at least, so that NaN survives what is not a reset; below it exponentials are 0.
      Value least = scalar(-126, f32), exponent = arith::MaximumFOp::create(*this, arith::NegFOp::create(*this, step), least);
      Value factor = math::Exp2Op::create(*this, exponent);
      return arith::SelectOp::create(*this, isReset, none, factor);
    });
    scf::YieldOp::create(*this, ValueRange{lag, level, count});
  });
}

void KernelEmitter::emitSpans(tile::SpansOp op) {
  for (size_t level = 0; level < op.getBlocks().size(); ++level)
    emitSpans(op, level);
}

// From the anchor to the right, and from the token before it to the left.
void KernelEmitter::emitSpans(tile::SpansOp op, size_t level) {
  Tile input = buffers.lookup(op.getInput()), spans = buffers.lookup(op.getSpans());
  int64_t block = op.getBlocks()[level], anchor = op.getAnchors()[level], columns = input.size(1);
  SmallVector<int64_t> from = input.strides, to(ArrayRef(spans.strides).drop_front());
  const int64_t begin = int64_t(level) * spans.strides[0];
  from.resize(2); // a splat has none
  int64_t lanes = from[1] <= 1 && to[1] == 1 ? lanesFor(columns, vectorWidth) : 1;
  loop(input.size(0), block, [&](Value first) {
    loop(columns, lanes, [&](Value n) {
      auto step = [&](int64_t t) -> Value {
        Value x = read(input, t * from[0], from, {first, n}, from[1], lanes);
        Value isReset = arith::CmpFOp::create(*this, arith::CmpFPredicate::OLT, x, f32(float(tile::kResetThreshold), lanes));
        return arith::SelectOp::create(*this, isReset, f32(-std::numeric_limits<float>::infinity(), lanes), x);
      };
      auto write = [&](int64_t t, Value sum) { this->write(sum, spans, begin + t * to[0], to, {first, n}, 1); };
      Value sum = f32(0, lanes);
      for (int64_t t = anchor; t < block; ++t) {
        if (op.getPre())
          write(t, sum);
        sum = arith::AddFOp::create(*this, sum, step(t));
        if (!op.getPre())
          write(t, sum);
      }
      sum = f32(0, lanes);
      for (int64_t t = anchor - 1; t >= 0; --t) {
        write(t, sum);
        if (t > 0)
          sum = arith::AddFOp::create(*this, sum, step(t));
      }
    });
  });
}

} // namespace mixc::cpu
