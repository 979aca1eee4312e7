// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// NaN and infinity where a matrix product would spread them too far. What costs something is in branches that whole warps take, and only
// for such values; their loops read operands again from shared memory, one element at a time.

#include "NotFiniteEmitter.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// |x| < infinity, of an f32.
Value NotFiniteEmitter::isFinite(Value x) {
  return arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, LLVM::FAbsOp::create(b, b.getF32Type(), x), f32(INFINITY));
}

/// Whether a thread of the warp has a register with something that is not finite: its product with 0 is NaN, and so is every sum of it.
Value NotFiniteEmitter::anyOfWarp(ArrayRef<Value> values, Type element) {
  constexpr size_t kSums = 2; // an addition waits for the one before it; more would take registers from products under way
  bool wide = element.isF32();
  Type type = wide ? Type(element) : Type(VectorType::get(2, element));
  Value zero = arith::ConstantOp::create(b, b.getZeroAttr(type));
  Values sums(std::min(kSums, values.size()), zero);
  for (auto [i, value] : llvm::enumerate(values)) {
    Value x = wide ? value : LLVM::BitcastOp::create(b, type, value).getResult();
    sums[i % kSums] = LLVM::FMAOp::create(b, type, x, zero, sums[i % kSums]);
  }
  Value sum = sums[0];
  for (Value other : ArrayRef(sums).drop_front())
    sum = arith::AddFOp::create(b, sum, other);
  // The sums are 0 or NaN; only NaN has a bit besides the sign.
  Value bits = arith::AndIOp::create(b, LLVM::BitcastOp::create(b, b.getI32Type(), sum), i32(0x7fff7fff));
  Value bad = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, bits, i32(0));
  return NVVM::VoteSyncOp::create(b, b.getI1Type(), i32(-1), bad, NVVM::VoteSyncKind::any);
}

/// A loop over the tokens of a tile that carries the values.
Values NotFiniteEmitter::overTokens(int64_t tokens, ArrayRef<Value> values, function_ref<Values(Value, ValueRange)> body) {
  auto loop = scf::ForOp::create(b, i32(0), i32(tokens), i32(1), values);
  OpBuilder::InsertionGuard guard(b);
  if (!loop.getBody()->empty())
    loop.getBody()->back().erase();
  b.setInsertionPointToEnd(loop.getBody());
  forbidUnrolling(loop);
  // What follows from the thread's number is computed in the loop: kept outside, it would take registers from all else.
  llvm::SaveAndRestore outerThread(thread), outerLane(lane), outerWarp(warp);
  setThread(rereadThread());
  scf::YieldOp::create(b, body(loop.getInductionVar(), loop.getRegionIterArgs()));
  return Values(loop.getResults().begin(), loop.getResults().end());
}

LogicalResult NotFiniteEmitter::emit(NotFiniteOp op) {
  auto type = cast<FragmentType>(op.getFragment().getType());
  scalars.map(op.getAny(), anyOfWarp(registers.lookup(op.getFragment()), type.getElementType()));
  return success();
}

/// Whether a head has a reset in the tile of counts [h, t].
Value NotFiniteEmitter::anyReset(Value resets) {
  ArrayRef<int64_t> shape = cast<SharedType>(resets.getType()).getShape();
  Value any;
  for (int64_t h = 0; h < shape[0]; ++h) {
    Value count = loadShared(resets, {Index{Value(), h}, Index{Value(), shape[1] - 1}});
    Value has = arith::CmpFOp::create(b, arith::CmpFPredicate::UNE, count, f32(0));
    any = any ? Value(arith::OrIOp::create(b, any, has)) : has;
  }
  return any;
}

Value NotFiniteEmitter::finiteOrZero(Value x) { return arith::SelectOp::create(b, isFinite(widenFloat(x)), x, zeroOf(x.getType())); }

/// x once more from shared memory, so that its registers are free for the sums until then.
Values NotFiniteEmitter::finiteOf(GuardOp op) {
  auto type = cast<FragmentType>(op.getX().getType());
  auto mma = cast<MmaAttr>(type.getLayout());
  Type element = type.getElementType();
  AffineMap identity = b.getMultiDimIdentityMap(type.getShape().size());
  Values clean;
  auto finite = [&](Value value) { return finiteOrZero(value); };
  int64_t rows = rowBlocksPerWarp(mma, type.getShape()), cols = colBlocksPerWarp(mma, type.getShape());
  for (int64_t o = 0; o < outerCount(mma, type.getShape()); ++o)
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < cols; ++j) {
        Values block = blockOfShared(op.getRows(), identity, type, o, i, j);
        if (element.isF32()) {
          llvm::append_range(clean, llvm::map_range(block, finite));
          continue;
        }
        for (unsigned e = 0; e < 8; e += 2) {
          Value pair = LLVM::UndefOp::create(b, VectorType::get(2, element));
          for (unsigned half : {0, 1}) {
            Value value = block.size() == 8 ? block[e + half] : unpack(block[e / 2], half, element);
            pair = LLVM::InsertElementOp::create(b, pair, finite(value), i32(half));
          }
          clean.push_back(LLVM::BitcastOp::create(b, b.getI32Type(), pair));
        }
      }
  return clean;
}

/// The resets up to the token of a sum, or with `pre` up to the token before.
Value NotFiniteEmitter::resetsUpTo(GuardOp op, const Index &head, const Index &token) {
  if (!op.getPre())
    return loadShared(op.getResets(), {head, token});
  Value t = valueOf(token), before = arith::MaxSIOp::create(b, arith::SubIOp::create(b, t, i32(1)), i32(0));
  return arith::SelectOp::create(b, less(arith::CmpIPredicate::eq, t, i32(0)), f32(0), loadShared(op.getResets(), {head, {before, 0}}));
}

// Token by token: what is not finite marks the sums of its row, at later tokens that no reset parts from it. At the first token sums after
// a reset become 0.
Values NotFiniteEmitter::guardedSums(GuardOp op) {
  auto type = cast<FragmentType>(op.getSums().getType());
  return overTokens(type.getShape()[2], registers.lookup(op.getSums()), [&](Value s, ValueRange carried) {
    Index token{s, 0};
    Value isFirst = less(arith::CmpIPredicate::eq, s, i32(0));
    return eachElementOf(type, carried, [&](Value value, ArrayRef<Index> place) -> Value { // h, p, t
      Value finite = isFinite(widenFloat(loadShared(op.getRows(), {token, place[0], place[1]})));
      auto later = op.getPre() ? arith::CmpIPredicate::uge : arith::CmpIPredicate::ugt;
      Value spared = arith::OrIOp::create(b, finite, less(later, s, valueOf(place[2])));
      if (Value resets = op.getResets()) {
        Value from = loadShared(resets, {place[0], token}), to = resetsUpTo(op, place[0], place[2]);
        spared = arith::OrIOp::create(b, spared, arith::CmpFOp::create(b, arith::CmpFPredicate::UNE, from, to));
        Value forgets = arith::AndIOp::create(b, isFirst, arith::CmpFOp::create(b, arith::CmpFPredicate::UNE, to, f32(0)));
        value = arith::SelectOp::create(b, forgets, f32(0), value);
      }
      return arith::SelectOp::create(b, spared, value, f32(NAN));
    });
  });
}

//===--- A guard in registers ---===//

/// Rows of a block that a thread has elements of, and which of them a register of the block is of.
static constexpr unsigned kRowsOfThread = 2;
static unsigned rowOf(unsigned element) { return element / 2 % kRowsOfThread; }

/// The eight elements of a block, widened.
Values NotFiniteEmitter::elementsOfBlock(Value fragment, int64_t block) {
  Type element = cast<FragmentType>(fragment.getType()).getElementType();
  const Values all = registers.lookup(fragment);
  if (element.isF32())
    return Values(ArrayRef(all).slice(block * 8, 8));
  Values elements;
  for (Value pair : ArrayRef(all).slice(block * 4, 4))
    for (unsigned half : {0, 1})
      elements.push_back(widenFloat(unpack(pair, half, element)));
  return elements;
}

/// The first token of each of the thread's rows at which x is not finite: four lanes have a row.
Values NotFiniteEmitter::firstNotFinite(GuardOp op) {
  auto type = cast<FragmentType>(op.getX().getType());
  auto mma = cast<MmaAttr>(type.getLayout());
  const int64_t rows = rowBlocksPerWarp(mma, type.getShape()), cols = colBlocksPerWarp(mma, type.getShape());
  Values first;
  for (int64_t i = 0; i < rows; ++i) {
    Values ofBlock(kRowsOfThread, i32(std::numeric_limits<int32_t>::max()));
    for (int64_t j = 0; j < cols; ++j)
      for (auto [e, x] : llvm::enumerate(elementsOfBlock(op.getX(), i * cols + j))) {
        Value token = valueOf(elementIndices(type, 0, i, j, e)[0]), &row = ofBlock[rowOf(e)];
        row = arith::SelectOp::create(b, isFinite(x), row, arith::MinSIOp::create(b, row, token));
      }
    for (Value &row : ofBlock)
      for (int32_t distance : {1, 2})
        row = arith::MinSIOp::create(
            b, row, NVVM::ShflOp::create(b, b.getI32Type(), i32(-1), row, i32(distance), i32(31), NVVM::ShflKind::bfly, UnitAttr()));
    llvm::append_range(first, ofBlock);
  }
  return first;
}

Values NotFiniteEmitter::finiteInRegisters(GuardOp op) {
  Type element = cast<FragmentType>(op.getX().getType()).getElementType();
  return llvm::map_to_vector(registers.lookup(op.getX()), [&](Value value) -> Value {
    if (element.isF32())
      return finiteOrZero(value);
    Value pair = LLVM::UndefOp::create(b, VectorType::get(2, element));
    for (unsigned half : {0, 1})
      pair = LLVM::InsertElementOp::create(b, pair, finiteOrZero(unpack(value, half, element)), i32(half));
    return LLVM::BitcastOp::create(b, b.getI32Type(), pair);
  });
}

/// The sums, marked from the first token on.
Values NotFiniteEmitter::guardedFrom(GuardOp op, ArrayRef<Value> first) {
  auto type = cast<FragmentType>(op.getSums().getType());
  auto mma = cast<MmaAttr>(type.getLayout());
  const Values sums = registers.lookup(op.getSums());
  const int64_t perRow = colBlocksPerWarp(mma, type.getShape()) * 8;
  auto reaches = op.getPre() ? arith::CmpIPredicate::slt : arith::CmpIPredicate::sle;
  Values guarded;
  for (auto [n, sum] : llvm::enumerate(sums)) {
    const int64_t i = n / perRow, j = n % perRow / 8, e = n % 8;
    Value token = valueOf(elementIndices(type, 0, i, j, e)[2]);
    guarded.push_back(arith::SelectOp::create(b, less(reaches, first[i * kRowsOfThread + rowOf(e)], token), f32(NAN), sum));
  }
  return guarded;
}

LogicalResult NotFiniteEmitter::emit(GuardOp op) {
  Values values = registers.lookup(op.getX());
  size_t ofX = values.size();
  llvm::append_range(values, registers.lookup(op.getSums()));
  Value needed = scalars.lookup(op.getAny());
  if (Value resets = op.getResets())
    needed = arith::OrIOp::create(b, needed, anyReset(resets));
  Values all = rarely(needed, values, [&] {
    Values guarded = op.getRows() ? guardedSums(op) : guardedFrom(op, firstNotFinite(op));
    Values clean = op.getRows() ? finiteOf(op) : finiteInRegisters(op);
    llvm::append_range(clean, guarded);
    return clean;
  });
  registers[op.getFinite()] = Values(all.begin(), all.begin() + ofX);
  registers[op.getGuarded()] = Values(all.begin() + ofX, all.end());
  return success();
}

/// body(register, its place) for all elements of a fragment in an mma layout, in the order of its registers.
Values NotFiniteEmitter::eachElementOf(FragmentType type, ValueRange values, function_ref<Value(Value, ArrayRef<Index>)> body) {
  auto mma = cast<MmaAttr>(type.getLayout());
  Values result;
  int64_t rows = rowBlocksPerWarp(mma, type.getShape()), cols = colBlocksPerWarp(mma, type.getShape());
  for (int64_t o = 0; o < outerCount(mma, type.getShape()); ++o)
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < cols; ++j)
        for (unsigned e = 0; e < 8; ++e)
          result.push_back(body(values[result.size()], elementIndices(type, o, i, j, e)));
  return result;
}

// Heads with a reset start from 0: what the state was counts no more.
LogicalResult NotFiniteEmitter::emit(SinceResetOp op) {
  auto type = cast<FragmentType>(op.getState().getType());
  int64_t tokens = cast<SharedType>(op.getX().getType()).getShape()[0];
  Index last{Value(), tokens - 1};
  auto hasReset = [&](Index head) -> Value {
    return arith::CmpFOp::create(b, arith::CmpFPredicate::UNE, loadShared(op.getResets(), {head, last}), f32(0));
  };
  auto add = [&](Value s, ValueRange carried) {
    Index token{s, 0};
    Value isFirst = less(arith::CmpIPredicate::eq, s, i32(0));
    return eachElementOf(type, carried, [&](Value value, ArrayRef<Index> place) -> Value { // h, p, n
      Value from = loadShared(op.getResets(), {place[0], token}), to = loadShared(op.getResets(), {place[0], last});
      Value reset = hasReset(place[0]);
      Value counts = arith::AndIOp::create(b, arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, from, to), reset);
      value = arith::SelectOp::create(b, arith::AndIOp::create(b, isFirst, reset), f32(0), value);
      Value x = widenFloat(loadShared(op.getX(), {token, place[0], place[1]}));
      Value scaled = arith::MulFOp::create(b, x, loadShared(op.getScale(), {place[0], token}));
      Value sum = fma(scaled, widenFloat(loadShared(op.getB(), {token, place[2]})), value);
      return arith::SelectOp::create(b, counts, sum, value);
    });
  };
  Values values = registers.lookup(op.getState());
  registers[op.getResult()] = rarely(anyReset(op.getResets()), values, [&] {
    return rarely(anyOfWarp(values, b.getF32Type()), values, [&] { return overTokens(tokens, values, add); });
  });
  return success();
}
