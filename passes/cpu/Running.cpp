// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tile.running_sum and tile.running_max: along a row, token by token.

#include "KernelEmitter.h"

using namespace mlir;

namespace mixc::cpu {

void KernelEmitter::emitRunningSum(tile::RunningSumOp op) {
  Tile input = buffers.lookup(op.getInput()), before = buffers.lookup(op.getBefore()), beforeLow = buffers.lookup(op.getBeforeLow());
  Type f64 = getF64Type(), f32 = getF32Type();
  int64_t last = input.type.getRank() - 1;
  eachRow(input, [&](SmallVector<Value> &ivs) {
    ivs[last] = index(input.size(last) - 1);
    Value start = readElement(before, ivs);
    Value exact = arith::AddFOp::create(*this, convert(start, f64), convert(readElement(beforeLow, ivs), f64));
    auto loop = scf::ForOp::create(*this, index(0), index(input.size(last)), index(1), ValueRange{exact, start});
    InsertionGuard guard(*this);
    setInsertionPointToStart(loop.getBody());
    ivs[last] = loop.getInductionVar();
    Value sum = arith::AddFOp::create(*this, loop.getRegionIterArg(0), convert(readElement(input, ivs), f64));
    Value rounded = arith::TruncFOp::create(*this, f32, sum);
    auto result = [&](Value tile, function_ref<Value()> element) {
      if (!tile.use_empty())
        writeElement(element(), buffers.lookup(tile), ivs);
    };
    result(op.getSums(), [&] { return rounded; });
    result(op.getEarlier(), [&] { return loop.getRegionIterArg(1); });
    result(op.getLow(), [&]() -> Value { // inf - inf would be NaN
      Value rest = arith::SubFOp::create(*this, sum, convert(rounded, f64));
      Value isFinite = arith::CmpFOp::create(*this, arith::CmpFPredicate::OEQ, rest, rest);
      return arith::SelectOp::create(*this, isFinite, rest, scalar(0, f64));
    });
    scf::YieldOp::create(*this, ValueRange{sum, rounded});
  });
}

void KernelEmitter::emitRunningMax(tile::RunningMaxOp op) {
  Tile input = buffers.lookup(op.getInput()), decay = buffers.lookup(op.getDecay()), before = buffers.lookup(op.getBefore());
  Type f32 = getF32Type();
  int64_t last = input.type.getRank() - 1;
  eachRow(input, [&](SmallVector<Value> &ivs) {
    ivs[last] = index(input.size(last) - 1);
    auto loop = scf::ForOp::create(*this, index(0), index(input.size(last)), index(1), ValueRange{readElement(before, ivs)});
    InsertionGuard guard(*this);
    setInsertionPointToStart(loop.getBody());
    ivs[last] = loop.getInductionVar();
    Value x = readElement(input, ivs), step = readElement(decay, ivs), most = loop.getRegionIterArg(0);
    Value forgets = arith::CmpFOp::create(*this, arith::CmpFPredicate::OEQ, step, scalar(-std::numeric_limits<double>::infinity(), f32));
    Value next = arith::MaximumFOp::create(*this, arith::AddFOp::create(*this, most, step), x);
    next = arith::SelectOp::create(*this, forgets, x, next);
    for (auto [tile, element] : {std::pair<Value, Value>{op.getMaxima(), next}, {op.getEarlier(), most}})
      if (!tile.use_empty())
        writeElement(element, buffers.lookup(tile), ivs);
    scf::YieldOp::create(*this, next);
  });
}

} // namespace mixc::cpu
