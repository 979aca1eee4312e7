// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Running sums of log decays along a row that lies in the lanes of one warp, 32 at a time: cumsum in f32, lag in fixed point.

#include "Shuffle.h"
#include "SumsEmitter.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// What the lanes of a warp know about the resets among 32 steps.
struct SumsEmitter::Resets {
  Value votes; ///< a bit for each lane with a reset
  Value last;  ///< lane of the last reset up to the own lane, -1 if there is none
  Value none;  ///< whether there is none
};

/// Bits of the lanes up to the own one.
static Value upToLane(ImplicitLocOpBuilder &b, Value lane) {
  auto i32 = [&](int64_t value) -> Value { return arith::ConstantIntOp::create(b, value, 32); };
  return arith::ShRUIOp::create(b, i32(-1), arith::SubIOp::create(b, i32(31), lane));
}

static Value ballot(ImplicitLocOpBuilder &b, Value condition) {
  Value all = arith::ConstantIntOp::create(b, -1, 32);
  return NVVM::VoteSyncOp::create(b, b.getI32Type(), all, condition, NVVM::VoteSyncKind::ballot);
}

SumsEmitter::Resets SumsEmitter::voteOn(Value reset, Value upTo) {
  Resets resets;
  resets.votes = ballot(b, reset);
  Value before = arith::AndIOp::create(b, resets.votes, upTo);
  Value zeros = LLVM::CountLeadingZerosOp::create(b, b.getI32Type(), before, /*is_zero_poison=*/false);
  resets.last = arith::SubIOp::create(b, i32(31), zeros);
  resets.none = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, before, i32(0));
  return resets;
}

/// Sums of 32 steps, by shuffles over 16 lanes and then for the upper half, going on from `before`: each lane's, and the last one. With
/// `resets`, none goes past a reset.
Values SumsEmitter::sumsOfLanes(Value v, Value before, const Resets *resets) {
  auto select = [&](Value condition, Value yes, Value no) -> Value { return arith::SelectOp::create(b, condition, yes, no); };
  auto unlessAny = [&](int64_t lanes, Value sum) -> Value {
    if (!resets)
      return sum;
    Value votes = arith::AndIOp::create(b, resets->votes, i32(lanes));
    return select(arith::CmpIOp::create(b, arith::CmpIPredicate::eq, votes, i32(0)), sum, f32(0));
  };
  Value inBlock = arith::AndIOp::create(b, lane, i32(15)), upper = less(arith::CmpIPredicate::uge, lane, i32(16));
  for (int64_t by = 1; by < 16; by *= 2) {
    Value below = shuffle(b, NVVM::ShflKind::up, v, i32(by), (32 - 16) << 8);
    Value takes = less(arith::CmpIPredicate::uge, inBlock, i32(by));
    if (resets)
      takes = arith::AndIOp::create(b, takes, less(arith::CmpIPredicate::sge, arith::SubIOp::create(b, lane, i32(by)), resets->last));
    v = select(takes, arith::AddFOp::create(b, v, below), v);
  }
  Value middle = arith::AddFOp::create(b, unlessAny(0xffff, before), shuffle(b, NVVM::ShflKind::idx, v, i32(15), 31));
  Value last = shuffle(b, NVVM::ShflKind::idx, v, i32(31), 31), low = before, high = middle;
  if (resets) {
    low = select(resets->none, before, f32(0));
    high = select(less(arith::CmpIPredicate::sge, resets->last, i32(16)), f32(0), middle);
  }
  Value sum = arith::AddFOp::create(b, select(upper, high, low), v);
  return {sum, arith::AddFOp::create(b, unlessAny(int32_t(0xffff0000), middle), last)};
}

/// The same, with a branch for steps without a reset.
std::pair<Value, Value> SumsEmitter::sumsUnlessReset(Value v, Value before, const Resets &resets) {
  Value any = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, resets.votes, i32(0));
  auto branch = scf::IfOp::create(b, TypeRange{b.getF32Type(), b.getF32Type()}, any, /*addThenBlock=*/true, /*addElseBlock=*/true);
  for (bool some : {true, false}) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(some ? branch.thenBlock() : branch.elseBlock());
    scf::YieldOp::create(b, sumsOfLanes(v, before, some ? &resets : nullptr));
  }
  return {branch.getResult(0), branch.getResult(1)};
}

LogicalResult SumsEmitter::emit(CumsumOp op) {
  auto type = cast<FragmentType>(op.getInput().getType());
  int64_t perRow = lanesPerRow(type), elements = type.getShape().back();
  Values sums, counts;
  const Values &input = registers.lookup(op.getInput());
  Value upTo = upToLane(b, lane);
  for (size_t r = 0; r < input.size(); r += perRow) {
    Value before = f32(0), count = i32(0);
    for (int64_t k = 0; k < perRow; ++k) {
      Value x = input[r + k];
      Value reset = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, x, f32(tile::kResetThreshold));
      Value v = arith::SelectOp::create(b, reset, f32(0), x);
      if (k * 32 + 32 > elements) {
        Value in = less(arith::CmpIPredicate::ult, add(lane, i32(k * 32)), i32(elements));
        v = arith::SelectOp::create(b, in, v, f32(0));
        reset = arith::AndIOp::create(b, reset, in);
      }
      Resets resets = voteOn(reset, upTo);
      if (!op.getSums().use_empty())
        std::tie(sums.emplace_back(), before) = sumsUnlessReset(v, before, resets);
      Value mine = LLVM::CtPopOp::create(b, b.getI32Type(), arith::AndIOp::create(b, resets.votes, upTo));
      counts.push_back(arith::SIToFPOp::create(b, b.getF32Type(), add(count, mine)));
      count = add(count, LLVM::CtPopOp::create(b, b.getI32Type(), resets.votes));
    }
  }
  registers[op.getSums()] = sums;
  registers[op.getResets()] = counts;
  return success();
}

// In units of 2^-40: C is the sum after the last reset, or all and what was left before. Its whole part is the level.
LogicalResult SumsEmitter::emit(LagOp op) {
  constexpr int64_t kBits = 40;
  constexpr double kMost = 16384; // a factor beyond f32; sums of as large ones fit 64 bits
  auto type = cast<FragmentType>(op.getInput().getType());
  int64_t perRow = lanesPerRow(type), elements = type.getShape().back();
  Type f = b.getF32Type(), i = b.getI64Type();
  const Values &input = registers.lookup(op.getInput()), &befores = registers.lookup(op.getBefore());
  const Values &lows = registers.lookup(op.getBeforeLow());
  auto select = [&](Value condition, Value yes, Value no) -> Value { return arith::SelectOp::create(b, condition, yes, no); };
  auto sum = [&](Value x, Value y) -> Value { return arith::AddIOp::create(b, x, y); };
  auto minus = [&](Value x, Value y) -> Value { return arith::SubIOp::create(b, x, y); };
  auto fixed = [&](Value x) -> Value { return arith::FPToSIOp::create(b, i, arith::MulFOp::create(b, x, f32(std::ldexp(1.0, kBits)))); };
  auto number = [&](Value x) -> Value { return arith::MulFOp::create(b, arith::SIToFPOp::create(b, f, x), f32(std::ldexp(1.0, -kBits))); };
  auto from = [&](Value v, int64_t source) { return shuffle(b, NVVM::ShflKind::idx, v, i32(source), 31); };
  auto isNan = [&](Value x) -> Value { return arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, x, x); };
  Value upTo = upToLane(b, lane), nan = f32(NAN);
  Values lag, low, level, factor, counts, earlier;
  for (size_t r = 0; r < input.size(); r += perRow) {
    size_t end = r + (elements - 1) / 32;
    Value start = from(befores[end], (elements - 1) % 32), rest = from(lows[end], (elements - 1) % 32), carriesNan = isNan(start);
    Value carry = sum(fixed(select(carriesNan, f32(0), start)), fixed(select(carriesNan, f32(0), rest)));
    Value count = i32(0), levelBefore = i32(0), lagBefore = start;
    for (int64_t k = 0; k < perRow; ++k) {
      Value x = input[r + k];
      if (k * 32 + 32 > elements)
        x = select(less(arith::CmpIPredicate::ult, add(lane, i32(k * 32)), i32(elements)), x, f32(0));
      Value reset = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, x, f32(tile::kResetThreshold));
      Value bad = arith::CmpFOp::create(b, arith::CmpFPredicate::UGT, x, f32(kMost));
      Resets resets = voteOn(reset, upTo);
      Value all = fixed(select(arith::OrIOp::create(b, reset, bad), f32(0), x));
      for (int64_t by = 1; by < 32; by *= 2) {
        Value below = shuffle(b, NVVM::ShflKind::up, all, i32(by), 0);
        all = select(less(arith::CmpIPredicate::uge, lane, i32(by)), sum(all, below), all);
      }
      Value atReset = shuffle(b, NVVM::ShflKind::idx, all, arith::AndIOp::create(b, resets.last, i32(31)), 31);
      Value c = select(resets.none, sum(carry, all), minus(all, atReset));
      // NaN from the last reset on.
      Value afterReset = select(resets.none, i32(-1), arith::ShLIOp::create(b, i32(-2), arith::AndIOp::create(b, resets.last, i32(31))));
      Value bits = arith::AndIOp::create(b, arith::AndIOp::create(b, ballot(b, bad), upTo), afterReset);
      bad = arith::OrIOp::create(b, arith::CmpIOp::create(b, arith::CmpIPredicate::ne, bits, i32(0)),
                                 arith::AndIOp::create(b, resets.none, carriesNan));
      Value whole = arith::ShRSIOp::create(b, minus(i64(0), c), i64(kBits));
      Value fraction = sum(c, arith::ShLIOp::create(b, whole, i64(kBits)));
      Value own = arith::TruncIOp::create(b, b.getI32Type(), whole), rounded = number(fraction);
      Value previous = shuffle(b, NVVM::ShflKind::up, own, i32(1), 0);
      previous = select(less(arith::CmpIPredicate::eq, lane, i32(0)), levelBefore, previous);
      // 2^(previous - own) by its bits, at least 2^-126: 0 stands for a reset.
      Value exponent = b.createOrFold<arith::MaxSIOp>(sum(minus(previous, own), i32(127)), i32(1));
      Value power = arith::ShLIOp::create(b, b.createOrFold<arith::MinSIOp>(exponent, i32(255)), i32(23));
      lag.push_back(select(bad, nan, rounded));
      if (!op.getEarlier().use_empty()) {
        Value below = shuffle(b, NVVM::ShflKind::up, lag.back(), i32(1), 0);
        earlier.push_back(select(less(arith::CmpIPredicate::eq, lane, i32(0)), lagBefore, below));
        lagBefore = from(lag.back(), 31);
      }
      low.push_back(number(minus(fraction, fixed(rounded))));
      level.push_back(select(bad, nan, arith::SIToFPOp::create(b, f, own)));
      factor.push_back(select(bad, nan, select(reset, f32(0), arith::BitcastOp::create(b, f, power))));
      Value mine = LLVM::CtPopOp::create(b, b.getI32Type(), arith::AndIOp::create(b, resets.votes, upTo));
      counts.push_back(arith::SIToFPOp::create(b, f, add(count, mine)));
      count = add(count, LLVM::CtPopOp::create(b, b.getI32Type(), resets.votes));
      carry = from(c, 31);
      levelBefore = from(own, 31);
      carriesNan =
          arith::CmpIOp::create(b, arith::CmpIPredicate::ne, arith::AndIOp::create(b, ballot(b, bad), i32(int32_t(0x80000000))), i32(0));
    }
  }
  registers[op.getLag()] = lag;
  registers[op.getLow()] = low;
  registers[op.getLevel()] = level;
  registers[op.getFactor()] = factor;
  registers[op.getResets()] = counts;
  registers[op.getEarlier()] = earlier;
  return success();
}
