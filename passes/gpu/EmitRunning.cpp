// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sums and maxima along a row that lies in the lanes of one warp, 32 steps at a time; each block of them goes on from the one before.

#include "RunningEmitter.h"
#include "Shuffle.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

Value RunningEmitter::select(Value condition, Value yes, Value no) { return arith::SelectOp::create(b, condition, yes, no); }

/// The value of a lane that has an element of the row.
Value RunningEmitter::inRow(int64_t first, int64_t elements, Value value, Value otherwise) {
  if (first + 32 <= elements)
    return value;
  return select(less(arith::CmpIPredicate::ult, add(lane, i32(first)), i32(elements)), value, otherwise);
}

/// That of the lane before, and `first` in the first one.
Value RunningEmitter::shiftedUp(Value value, Value first) {
  return select(less(arith::CmpIPredicate::eq, lane, i32(0)), first, shuffle(b, NVVM::ShflKind::up, value, i32(1), 0));
}

// sums_t = carry + sum of x_s over the lanes s <= t, in f64
LogicalResult RunningEmitter::emit(RunningSumOp op) {
  auto type = cast<FragmentType>(op.getInput().getType());
  int64_t perRow = lanesPerRow(type), elements = type.getShape().back();
  Type f = b.getF32Type(), d = b.getF64Type();
  auto sum = [&](Value x, Value y) -> Value { return arith::AddFOp::create(b, x, y); };
  auto from = [&](Value v, int64_t source) { return shuffle(b, NVVM::ShflKind::idx, v, i32(source), 31); };
  auto wide = [&](Value x) -> Value { return arith::ExtFOp::create(b, d, x); };
  const Values &input = registers.lookup(op.getInput()), &befores = registers.lookup(op.getBefore());
  const Values &lows = registers.lookup(op.getBeforeLow());
  Values sums, low, earlier;
  for (size_t r = 0; r < input.size(); r += perRow) {
    size_t end = r + (elements - 1) / 32;
    Value before = from(befores[end], (elements - 1) % 32), carry = sum(wide(before), wide(from(lows[end], (elements - 1) % 32)));
    for (int64_t k = 0; k < perRow; ++k) {
      Value all = wide(inRow(k * 32, elements, input[r + k], f32(0)));
      for (int64_t by = 1; by < 32; by *= 2) {
        Value below = shuffle(b, NVVM::ShflKind::up, all, i32(by), 0);
        all = select(less(arith::CmpIPredicate::uge, lane, i32(by)), sum(all, below), all);
      }
      Value exact = sum(carry, all), rounded = arith::TruncFOp::create(b, f, exact);
      Value rest = arith::TruncFOp::create(b, f, arith::SubFOp::create(b, exact, wide(rounded)));
      Value isFinite = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, rest, rest); // inf - inf is NaN
      sums.push_back(rounded);
      low.push_back(select(isFinite, rest, f32(0)));
      earlier.push_back(shiftedUp(rounded, before));
      carry = from(exact, 31);
      before = from(rounded, 31);
    }
  }
  registers[op.getSums()] = sums;
  registers[op.getLow()] = low;
  registers[op.getEarlier()] = earlier;
  return success();
}

// Steps s + 1 .. t make max(m + decay, most) of m: decays are added, and the later maximum is that of both. After a step whose decay is
// -inf nothing is left of m, whatever it is.
LogicalResult RunningEmitter::emit(RunningMaxOp op) {
  auto type = cast<FragmentType>(op.getInput().getType());
  int64_t perRow = lanesPerRow(type), elements = type.getShape().back();
  auto from = [&](Value v, int64_t source) { return shuffle(b, NVVM::ShflKind::idx, v, i32(source), 31); };
  auto sum = [&](Value x, Value y) -> Value { return arith::AddFOp::create(b, x, y); };
  Value nothing = f32(-INFINITY);
  auto forgets = [&](Value decay) -> Value { return arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, decay, nothing); };
  auto after = [&](Value m, Value decay, Value most) {
    return select(forgets(decay), most, arith::MaximumFOp::create(b, sum(m, decay), most));
  };
  const Values &input = registers.lookup(op.getInput()), &decays = registers.lookup(op.getDecay());
  const Values &befores = registers.lookup(op.getBefore());
  Values maxima, earlier;
  for (size_t r = 0; r < input.size(); r += perRow) {
    Value carry = from(befores[r + (elements - 1) / 32], (elements - 1) % 32);
    for (int64_t k = 0; k < perRow; ++k) {
      Value most = inRow(k * 32, elements, input[r + k], nothing), decay = inRow(k * 32, elements, decays[r + k], f32(0));
      for (int64_t by = 1; by < 32; by *= 2) {
        Value mostBelow = shuffle(b, NVVM::ShflKind::up, most, i32(by), 0), decayBelow = shuffle(b, NVVM::ShflKind::up, decay, i32(by), 0);
        Value takes = less(arith::CmpIPredicate::uge, lane, i32(by));
        Value none = arith::OrIOp::create(b, forgets(decay), forgets(decayBelow));
        most = select(takes, after(mostBelow, decay, most), most);
        decay = select(takes, select(none, nothing, sum(decayBelow, decay)), decay);
      }
      maxima.push_back(after(carry, decay, most));
      earlier.push_back(shiftedUp(maxima.back(), carry));
      carry = from(maxima.back(), 31);
    }
  }
  registers[op.getMaxima()] = maxima;
  registers[op.getEarlier()] = earlier;
  return success();
}
