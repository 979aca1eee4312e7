// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The recurrence itself, token by token or as a scan over tokens.

#include "KernelEmitter.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

LogicalResult KernelEmitter::emit(ScanOp op) {
  ArrayRef<int64_t> state = cast<FragmentType>(op.getInit().getType()).getShape();
  if (op.getAssociative() && state[1] == 1 && state[2] == 1)
    scanAssociative(op);
  else
    scanSequential(op);
  return success();
}

// S[h,n,p] = decay[h,q] S + b[q,n] x[q,h,p];  partials[share,q,h,p] = sum over this warp's n of c[q,n] S
void KernelEmitter::scanSequential(ScanOp op) {
  auto state = cast<FragmentType>(op.getInit().getType());
  int64_t n = state.getShape()[1], p = state.getShape()[2];
  int64_t tokens = cast<SharedType>(op.getX().getType()).getShape()[0];
  int64_t perRow = lanesPerRow(state), perWarp = rowsPerWarp(state), rows = rowsOf(state);
  int64_t headsPerWarp = std::max<int64_t>(1, perWarp / n), rowsPerHead = std::min(perWarp, n), warpsPerHead = n / rowsPerHead;
  Value first = mul(warp, perWarp);
  bool surplus = perWarp * (threads / 32) != rows;
  Value head = div(first, n), row0 = headsPerWarp > 1 || n == rowsPerHead ? Value() : rem(first, n);
  Value share = warpsPerHead == 1 ? Value() : div(row0, rowsPerHead);
  Values column; // of every 32 lanes
  SmallVector<Value> columnValid;
  for (int64_t k = 0; k < perRow; ++k) {
    Value at = k ? add(lane, i32(k * 32)) : lane;
    bool whole = k * 32 + 32 <= p;
    columnValid.push_back(whole ? Value() : Value(arith::CmpIOp::create(b, arith::CmpIPredicate::ult, at, i32(p))));
    column.push_back(whole ? at : b.createOrFold<arith::MinUIOp>(at, i32(p - 1)));
  }
  auto loop = scf::ForOp::create(b, i32(0), i32(tokens), i32(1), registers.lookup(op.getInit()));
  {
    OpBuilder::InsertionGuard guard(b);
    if (!loop.getBody()->empty())
      loop.getBody()->back().erase();
    b.setInsertionPointToEnd(loop.getBody());
    auto contract = arith::FastMathFlagsAttr::get(b.getContext(), arith::FastMathFlags::contract);
    Index token{loop.getInductionVar(), 0};
    Values next(loop.getRegionIterArgs().begin(), loop.getRegionIterArgs().end());
    Values bs, cs;
    for (int64_t r = 0; r < rowsPerHead; ++r) {
      SmallVector<Index> at = {token, {row0, r}};
      bs.push_back(loadShared(op.getB(), at));
      cs.push_back(loadShared(op.getC(), at));
    }
    for (int64_t i = 0; i < headsPerWarp; ++i) {
      Index h{head, i};
      Value valid;
      if (surplus) { // heads past the last repeat it, as their registers do
        Value number = i ? add(head, i32(i)) : head;
        valid = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, number, i32(rows / n));
        h = {b.createOrFold<arith::MinUIOp>(number, i32(rows / n - 1)), 0};
      }
      Value decay = op.getDecay() ? loadShared(op.getDecay(), {h, token}) : Value();
      if (decay) { // a factor of 0 forgets the state, NaN too
        MutableArrayRef<Value> own = MutableArrayRef(next).slice(i * rowsPerHead * perRow, rowsPerHead * perRow);
        Value forgets = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, decay, f32(0));
        llvm::copy(rarely(forgets, own, [&] { return Values(own.size(), f32(0)); }), own.begin());
      }
      for (int64_t k = 0; k < perRow; ++k) {
        Value x = loadShared(op.getX(), {token, h, {column[k], 0}}), y = f32(0);
        for (int64_t r = 0; r < rowsPerHead; ++r) {
          Value &s = next[(i * rowsPerHead + r) * perRow + k];
          Value kept = decay ? Value(arith::MulFOp::create(b, decay, s, contract)) : s;
          s = arith::AddFOp::create(b, kept, arith::MulFOp::create(b, bs[r], x, contract), contract);
          y = arith::AddFOp::create(b, y, arith::MulFOp::create(b, cs[r], s, contract), contract);
        }
        Value in = valid;
        if (columnValid[k])
          in = in ? Value(arith::AndIOp::create(b, in, columnValid[k])) : columnValid[k];
        ifValid(in, [&] { storeShared(y, op.getPartials(), {{share, 0}, token, h, {column[k], 0}}); });
      }
    }
    scf::YieldOp::create(b, next);
  }
  registers[op.getState()] = Values(loop.getResults().begin(), loop.getResults().end());
}

// n = p = 1: (a, u) (a', u') = (a a', a' u + u') over 32 tokens at a time, the state carried from one 32 to the next.
void KernelEmitter::scanAssociative(ScanOp op) {
  auto state = cast<FragmentType>(op.getInit().getType());
  int64_t tokens = cast<SharedType>(op.getX().getType()).getShape()[0], perWarp = rowsPerWarp(state), rows = rowsOf(state);
  Type f = b.getF32Type();
  auto shuffle = [&](NVVM::ShflKind kind, Value v, int64_t by, int64_t clamp) -> Value {
    return NVVM::ShflOp::create(b, f, i32(-1), v, i32(by), i32(clamp), kind, UnitAttr());
  };
  Values result = registers.lookup(op.getInit());
  for (int64_t r = 0; r < perWarp; ++r) {
    Value row = add(mul(warp, perWarp), i32(r)), valid;
    if (perWarp * (threads / 32) != rows) {
      valid = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, row, i32(rows));
      row = b.createOrFold<arith::MinUIOp>(row, i32(rows - 1));
    }
    Index h{row, 0}, zero{Value(), 0, 0};
    Value carried = shuffle(NVVM::ShflKind::idx, result[r], 0, 31);
    auto loop = scf::ForOp::create(b, i32(0), i32((tokens + 31) / 32 * 32), i32(32), ValueRange{carried});
    OpBuilder::InsertionGuard guard(b);
    if (!loop.getBody()->empty())
      loop.getBody()->back().erase();
    b.setInsertionPointToEnd(loop.getBody());
    Value token = add(loop.getInductionVar(), lane), in;
    if (tokens % 32 != 0) {
      in = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, token, i32(tokens));
      token = b.createOrFold<arith::MinUIOp>(token, i32(tokens - 1));
    }
    Index t{token, 0};
    Value a = op.getDecay() ? loadShared(op.getDecay(), {h, t}) : f32(1);
    Value u = arith::MulFOp::create(b, loadShared(op.getB(), {t, zero}), loadShared(op.getX(), {t, h, zero}));
    if (in) { // past the tile: the identity
      a = arith::SelectOp::create(b, in, a, f32(1));
      u = arith::SelectOp::create(b, in, u, f32(0));
    }
    for (int64_t by = 1; by < 32; by *= 2) {
      Value takes = arith::CmpIOp::create(b, arith::CmpIPredicate::uge, lane, i32(by));
      Value earlierA = shuffle(NVVM::ShflKind::up, a, by, 0), earlierU = shuffle(NVVM::ShflKind::up, u, by, 0);
      Value keeps = arith::AndIOp::create(b, takes, arith::CmpFOp::create(b, arith::CmpFPredicate::UNE, a, f32(0)));
      u = arith::SelectOp::create(b, keeps, fma(a, earlierU, u), u);
      a = arith::SelectOp::create(b, keeps, arith::MulFOp::create(b, a, earlierA), a);
    }
    Value keeps = arith::CmpFOp::create(b, arith::CmpFPredicate::UNE, a, f32(0));
    Value s = arith::SelectOp::create(b, keeps, fma(a, loop.getRegionIterArgs()[0], u), u);
    Value y = arith::MulFOp::create(b, loadShared(op.getC(), {t, zero}), s);
    Value stored = valid && in ? Value(arith::AndIOp::create(b, valid, in)) : valid ? valid : in;
    ifValid(stored, [&] { storeShared(y, op.getPartials(), {zero, t, h, zero}); });
    scf::YieldOp::create(b, ValueRange{shuffle(NVVM::ShflKind::idx, s, 31, 31)});
    result[r] = loop.getResult(0);
  }
  registers[op.getState()] = result;
}
