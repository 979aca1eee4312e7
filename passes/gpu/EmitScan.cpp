// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The recurrence itself, token by token or as a scan over tokens.

#include "ScanEmitter.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

LogicalResult ScanEmitter::emit(ScanOp op) {
  ArrayRef<int64_t> state = cast<FragmentType>(op.getInit().getType()).getShape();
  if (op.getAssociative() && state[1] == 1 && state[2] == 1)
    scanAssociative(op);
  else
    scanSequential(op);
  return success();
}

/// An element of an input of a deferred map, at the map's indices.
Value ScanEmitter::inputOf(MapOp map, unsigned input, ArrayRef<Index> indices) {
  SmallVector<Index> at;
  for (AffineExpr expr : cast<AffineMapAttr>(map.getIndexingMaps()[input]).getValue().getResults())
    at.push_back(indexOf(expr, indices));
  return loadShared(map.getInputs()[input], at);
}

/// What a deferred map has of each row and column, whatever the token: once for all tokens.
void ScanEmitter::loadFixedInputs(ScanOp op, const ScanPlace &at, ArrayRef<HeadPlace> heads) {
  for (Value operand : {op.getDecay(), op.getExcess(), op.getB(), op.getAcross() ? Value() : op.getC(), op.getL(), op.getR()}) {
    auto map = operand ? operand.getDefiningOp<MapOp>() : MapOp();
    if (!map)
      continue;
    int64_t rows = tileShape(operand.getType())[2] == 1 ? 1 : at.rowsPerHead;
    for (unsigned input = 0; input < map.getInputs().size(); ++input)
      if (!cast<AffineMapAttr>(map.getIndexingMaps()[input]).getValue().isFunctionOfDim(0))
        for (const HeadPlace &head : heads)
          for (int64_t r = 0; r < rows; ++r)
            for (int64_t k = 0; k < at.perRow; ++k)
              fixed[{map, input, head.number, r, k}] = {
                  inputOf(map, input, {{}, head.index, rows == 1 ? Index() : Index{at.row0, r}, {at.column[k], 0}})};
  }
}

/// An element of an operand [q, h, n, p], loaded or computed; `place`: head of the warp, row, column of the lane.
Value ScanEmitter::entryOf(Value operand, ArrayRef<Index> indices, ArrayRef<int64_t> place) {
  auto map = operand.getDefiningOp<MapOp>();
  if (!map)
    return loadShared(operand, indices);
  Values inputs;
  for (unsigned input = 0; input < map.getInputs().size(); ++input) {
    auto known = fixed.find({map, input, place[0], place[1], place[2]});
    inputs.push_back(known != fixed.end() ? known->second[0] : inputOf(map, input, indices));
  }
  FailureOr<Value> entry = failure(); // what has been reported once need not be again for each element
  if (!bad)
    entry = emitBody(map, inputs, indices, /*wide=*/false);
  bad |= failed(entry);
  return bad ? f32(0) : *entry;
}

/// b, c, l or r at a token, for a warp's rows of a head and the columns of its lanes.
Values ScanEmitter::loadRows(const ScanPlace &at, Value rows, Index token, const HeadPlace &head) {
  Values loaded;
  size_t rank = tileShape(rows.getType()).size();
  bool ofAll = rank == 4 && tileShape(rows.getType())[2] == 1;
  for (int64_t r = 0; r < at.rowsPerHead; ++r) {
    Index row = ofAll ? Index{Value(), 0, 0} : Index{at.row0, r};
    for (int64_t k = 0; k < at.perRow; ++k)
      if (rank == 4)
        loaded.push_back(ofAll && r > 0 ? loaded[k]
                                        : entryOf(rows, {token, head.index, row, {at.column[k], 0}}, {head.number, ofAll ? 0 : r, k}));
      else if (k > 0)
        loaded.push_back(loaded.back());
      else
        loaded.push_back(loadShared(rows, rank == 3 ? SmallVector<Index>{token, head.index, row} : SmallVector<Index>{token, row}));
  }
  return loaded;
}

/// The same of decays or excesses.
Values ScanEmitter::loadDecays(const ScanPlace &at, Value decays, Index token, const HeadPlace &head) {
  size_t rank = tileShape(decays.getType()).size();
  if (rank == 4)
    return loadRows(at, decays, token, head);
  Values loaded;
  for (int64_t r = 0; r < at.rowsPerHead; ++r)
    loaded.append(at.perRow, rank == 2 && r > 0 ? loaded[0]
                             : rank == 2        ? loadShared(decays, {head.index, token})
                                                : loadShared(decays, {head.index, {at.row0, r}, token}));
  return loaded;
}

static Value both(ImplicitLocOpBuilder &b, Value left, Value right) {
  return left && right ? Value(arith::AndIOp::create(b, left, right)) : left ? left : right;
}

/// sum over a warp's rows of a column
Value ScanEmitter::sumOfRows(ArrayRef<Value> factors, ArrayRef<Value> states, const ScanPlace &at, int64_t k) {
  auto contract = arith::FastMathFlagsAttr::get(b.getContext(), arith::FastMathFlags::contract);
  Value sum = f32(0);
  for (int64_t r = 0; r < at.rowsPerHead; ++r)
    sum =
        arith::AddFOp::create(b, sum, arith::MulFOp::create(b, factors[r * at.perRow + k], states[r * at.perRow + k], contract), contract);
  return sum;
}

/// u = r^T S for the columns of the warp's lanes: the sum of the shares of all warps that hold rows of the head.
Values ScanEmitter::correctionOf(ScanOp op, const ScanPlace &at, ArrayRef<Value> states, Index token, const HeadPlace &head) {
  Values rs = loadRows(at, op.getR(), token, head), us;
  for (int64_t k = 0; k < at.perRow; ++k)
    us.push_back(sumOfRows(rs, states, at, k));
  if (!op.getExchange())
    return us;
  Index turn{arith::AndIOp::create(b, token.value, i32(1)), 0, 1};
  for (int64_t k = 0; k < at.perRow; ++k)
    ifValid(both(b, head.valid, at.columnValid[k]),
            [&] { storeShared(us[k], op.getExchange(), {turn, {at.share, 0}, head.index, {at.column[k], 0}}); });
  NVVM::BarrierOp::create(b);
  int64_t shares = cast<SharedType>(op.getExchange().getType()).getShape()[1];
  for (int64_t k = 0; k < at.perRow; ++k) {
    us[k] = f32(0);
    for (int64_t share = 0; share < shares; ++share)
      us[k] = arith::AddFOp::create(b, us[k], loadShared(op.getExchange(), {turn, {Value(), share}, head.index, {at.column[k], 0}}));
  }
  return us;
}

/// Whether the map's elements are 0 by a choice alone, and else powers of two that are no smaller than f32's normal numbers.
static bool isPowerUnlessReset(Value decays) {
  auto map = decays.getDefiningOp<MapOp>();
  auto select = map ? cast<YieldOp>(map.getBody().front().back()).getValue().getDefiningOp<arith::SelectOp>() : arith::SelectOp();
  auto power = select ? select.getFalseValue().getDefiningOp<math::Exp2Op>() : math::Exp2Op();
  auto most = power ? power.getOperand().getDefiningOp<arith::MaximumFOp>() : arith::MaximumFOp();
  APFloat least(0.0f);
  return most && matchPattern(select.getTrueValue(), m_AnyZeroFloat()) && matchPattern(most.getRhs(), m_ConstantFloat(&least)) &&
         least.convertToDouble() >= -126;
}

/// S = decay S for a warp's rows of a head, and what the excess adds to it, if there is one. A factor of 0 forgets the state, NaN too.
Values ScanEmitter::decayRows(ScanOp op, const ScanPlace &at, MutableArrayRef<Value> states, Index token, const HeadPlace &head) {
  if (!op.getDecay())
    return {};
  auto contract = arith::FastMathFlagsAttr::get(b.getContext(), arith::FastMathFlags::contract);
  auto isZero = [&](Value decay) -> Value { return arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, decay, f32(0)); };
  Values decays = loadDecays(at, op.getDecay(), token, head), excesses;
  if (op.getExcess())
    excesses = loadDecays(at, op.getExcess(), token, head);
  if (tileShape(op.getDecay().getType()).size() == 2) { // one number
    Values values(states);
    if (op.getExcess())
      values.push_back(excesses[0]);
    values = rarely(isZero(decays[0]), values, [&] { return Values(values.size(), f32(0)); });
    llvm::copy(ArrayRef(values).take_front(states.size()), states.begin());
    excesses.assign(excesses.size(), values.back());
  } else {
    const bool chosen = isPowerUnlessReset(op.getDecay());
    for (auto [i, s] : llvm::enumerate(states)) {
      auto select = chosen ? decays[i].getDefiningOp<arith::SelectOp>() : arith::SelectOp();
      Value forgets = select ? select.getCondition() : isZero(decays[i]);
      if (select) // 0 times it is 0
        decays[i] = select.getFalseValue();
      s = arith::SelectOp::create(b, forgets, f32(0), s);
      if (op.getExcess())
        excesses[i] = arith::SelectOp::create(b, forgets, f32(0), excesses[i]);
    }
  }
  Values added;
  for (auto [i, s] : llvm::enumerate(states)) {
    if (op.getExcess())
      added.push_back(arith::MulFOp::create(b, excesses[i], s, contract));
    s = arith::MulFOp::create(b, decays[i], s, contract);
  }
  return added;
}

// S[h,n,p] = decay S + l u + b x;  partials[share,q,h,p] = sum over this warp's n of c[q,n] S, or row sums
void ScanEmitter::scanSequential(ScanOp op) {
  auto state = cast<FragmentType>(op.getInit().getType());
  int64_t n = state.getShape()[1], p = state.getShape()[2];
  int64_t tokens = cast<SharedType>(op.getX().getType()).getShape()[0];
  int64_t perWarp = rowsPerWarp(state), rows = rowsOf(state);
  ScanPlace at{std::min(perWarp, n), lanesPerRow(state)};
  int64_t headsPerWarp = std::max<int64_t>(1, perWarp / n), warpsPerHead = n / at.rowsPerHead;
  Value first = mul(warp, perWarp);
  bool surplus = perWarp * (threads / 32) != rows;
  Value head = div(first, n);
  at.row0 = headsPerWarp > 1 || n == at.rowsPerHead ? Value() : rem(first, n);
  at.share = warpsPerHead == 1 ? Value() : div(at.row0, at.rowsPerHead);
  for (int64_t k = 0; k < at.perRow; ++k) {
    Value column = k ? add(lane, i32(k * 32)) : lane;
    bool whole = k * 32 + 32 <= p;
    at.columnValid.push_back(whole ? Value() : Value(arith::CmpIOp::create(b, arith::CmpIPredicate::ult, column, i32(p))));
    at.column.push_back(whole ? column : b.createOrFold<arith::MinUIOp>(column, i32(p - 1)));
  }
  SmallVector<HeadPlace> heads;
  for (int64_t i = 0; i < headsPerWarp; ++i) {
    heads.push_back({i, {head, i}, Value()});
    if (surplus) { // heads past the last repeat it, as their registers do
      Value number = i ? add(head, i32(i)) : head;
      heads[i].valid = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, number, i32(rows / n));
      heads[i].index = {b.createOrFold<arith::MinUIOp>(number, i32(rows / n - 1)), 0};
    }
  }
  loadFixedInputs(op, at, heads);
  auto loop = scf::ForOp::create(b, i32(0), i32(tokens), i32(1), registers.lookup(op.getInit()));
  {
    OpBuilder::InsertionGuard guard(b);
    if (!loop.getBody()->empty())
      loop.getBody()->back().erase();
    b.setInsertionPointToEnd(loop.getBody());
    auto contract = arith::FastMathFlagsAttr::get(b.getContext(), arith::FastMathFlags::contract);
    Index token{loop.getInductionVar(), 0};
    Values next(loop.getRegionIterArgs().begin(), loop.getRegionIterArgs().end());
    for (const HeadPlace &h : heads) {
      MutableArrayRef<Value> own = MutableArrayRef(next).slice(h.number * at.rowsPerHead * at.perRow, at.rowsPerHead * at.perRow);
      Values before(own), us, bs = loadRows(at, op.getB(), token, h), cs, ls;
      if (!op.getAcross())
        cs = loadRows(at, op.getC(), token, h);
      if (op.getR())
        us = correctionOf(op, at, own, token, h);
      if (op.getL())
        ls = loadRows(at, op.getL(), token, h);
      Values added = decayRows(op, at, own, token, h);
      for (int64_t k = 0; k < at.perRow; ++k) {
        Value x = loadShared(op.getX(), {token, h.index, {at.column[k], 0}});
        if (op.getR() && !op.getL()) // l = -b
          x = arith::SubFOp::create(b, x, us[k]);
        for (int64_t r = 0; r < at.rowsPerHead; ++r) {
          int64_t i = r * at.perRow + k;
          Value anew = arith::MulFOp::create(b, bs[i], x, contract);
          if (op.getL())
            anew = arith::AddFOp::create(b, anew, arith::MulFOp::create(b, ls[i], us[k], contract), contract);
          if (!added.empty())
            anew = arith::AddFOp::create(b, anew, added[i], contract);
          own[i] = arith::AddFOp::create(b, own[i], anew, contract);
        }
        if (op.getAcross())
          continue;
        Value y = sumOfRows(cs, op.getPre() ? ArrayRef<Value>(before) : ArrayRef<Value>(own), at, k);
        ifValid(both(b, h.valid, at.columnValid[k]),
                [&] { storeShared(y, op.getPartials(), {{at.share, 0}, token, h.index, {at.column[k], 0}}); });
      }
      if (op.getAcross())
        storeRowSums(op, at, op.getPre() ? ArrayRef<Value>(before) : ArrayRef<Value>(own), token, h);
    }
    scf::YieldOp::create(b, next);
  }
  registers[op.getState()] = Values(loop.getResults().begin(), loop.getResults().end());
}

// n = p = 1: (a, u) (a', u') = (a a', a' u + u') over 32 tokens at a time, the state carried from one 32 to the next.
void ScanEmitter::scanAssociative(ScanOp op) {
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
