// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sums of a tile in pieces: a thread's own elements in order, then those of other lanes by shuffles, then one element a sum, or one a sum
// and warp, to shared memory.

#include "Shuffle.h"
#include "SumEmitter.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// With an element of the thread's own, whose last product may be fused into the sum.
Value SumEmitter::added(Value sum, Value element) { return arith::AddFOp::create(b, sum, element, arith::FastMathFlags::contract); }

/// With what the lane has whose number differs by that bit: both get the same.
Value SumEmitter::exchanged(Value sum, int64_t by) {
  return arith::AddFOp::create(b, sum, shuffle(b, NVVM::ShflKind::bfly, sum, i32(by), 31));
}

/// The elements of the fragment, 0 where the thread has none of its own.
Values SumEmitter::ofRows(SumOp op) {
  auto type = cast<FragmentType>(op.getFragment().getType());
  const bool rows = sumsRows(type.getShape(), op.getDims());
  Values elements = registers.lookup(op.getFragment());
  for (auto [reg, element] : llvm::enumerate(elements)) {
    Value withRow, withPiece;
    pieceIndices(type, reg, withRow, withPiece);
    for (Value own : {rows ? withRow : Value(), withPiece})
      if (own)
        element = arith::SelectOp::create(b, own, element, f32(0));
  }
  return elements;
}

/// The thread's share of a row's sum.
Value SumEmitter::ofRow(FragmentType type, ArrayRef<Value> elements, size_t row) {
  const size_t each = registersOfRow(type);
  Value sum = elements[row * each];
  for (Value element : elements.slice(row * each + 1, each - 1))
    sum = added(sum, element);
  return sum;
}

/// Each sum is a row's. Lanes halve the rows among them before they exchange sums: one of a pair goes on with one half of the rows, the
/// other one with the other.
void SumEmitter::sumInRows(SumOp op) {
  auto type = cast<FragmentType>(op.getFragment().getType());
  auto layout = cast<PiecesAttr>(type.getLayout());
  const Values elements = ofRows(op);
  Values sums;
  for (size_t row = 0; row < elements.size() / registersOfRow(type); ++row)
    sums.push_back(ofRow(type, elements, row));
  const int64_t lanes = layout.getLanes(), groups = groupsOfLanes(layout), rows = rowsInPieces(type.getShape());
  Value laneInRow = laneOfRow(layout), first; // first: the row, of those of the thread, that the lane goes on with
  int64_t bit = lanes / 2;
  for (; bit > 0 && sums.size() % 2 == 0; bit /= 2) {
    const size_t half = sums.size() / 2;
    Value upper = less(arith::CmpIPredicate::ne, arith::AndIOp::create(b, laneInRow, i32(bit)), i32(0));
    for (size_t i = 0; i < half; ++i) {
      Value kept = arith::SelectOp::create(b, upper, sums[half + i], sums[i]);
      Value given = arith::SelectOp::create(b, upper, sums[i], sums[half + i]);
      sums[i] = arith::AddFOp::create(b, kept, shuffle(b, NVVM::ShflKind::bfly, given, i32(bit), 31));
    }
    sums.resize(half);
    first = add(first, arith::SelectOp::create(b, upper, i32(half), i32(0)));
  }
  const int64_t copies = 2 * bit; // lanes with the same sums from here on
  for (; bit > 0; bit /= 2)
    for (Value &sum : sums)
      sum = exchanged(sum, bit);
  Value writes;
  if (copies > 1)
    writes = less(arith::CmpIPredicate::eq, arith::AndIOp::create(b, laneInRow, i32(copies - 1)), i32(0));
  Value group = groups > 1 ? groupOfLanes(layout) : Value();
  for (auto [i, sum] : llvm::enumerate(sums)) {
    Value row = add(mul(first, groups), group);
    row = i == 0 && row ? row : add(row, i32(int64_t(i) * groups));
    Value valid = writes;
    if (rows % groups != 0) {
      Value inside = less(arith::CmpIPredicate::ult, row, i32(rows));
      valid = valid ? Value(arith::AndIOp::create(b, valid, inside)) : inside;
    }
    SmallVector<Index> at(type.getShape().size() - 1, Index{Value(), 0, 0});
    Value rest = row;
    for (size_t d = at.size(); d-- > 0;) {
      const int64_t size = type.getShape()[d];
      if (size == 1)
        continue;
      at[d] = {d ? rem(rest, size) : rest, 0};
      rest = div(rest, size);
    }
    ifValid(valid, [&, sum = sum] { storeShared(sum, op.getDest(), at); });
  }
}

/// Each sum is one of several rows, of a column or of all: the warp's share of it.
void SumEmitter::sumRows(SumOp op) {
  auto type = cast<FragmentType>(op.getFragment().getType());
  auto layout = cast<PiecesAttr>(type.getLayout());
  ArrayRef<int64_t> shape = type.getShape();
  const int64_t rank = shape.size(), lanes = layout.getLanes();
  const bool columns = op.getDims().back() + 1 < rank; // that have sums of their own
  const Values elements = ofRows(op);
  const size_t each = registersOfRow(type), perSum = columns ? each : 1, slots = elements.size() / each;
  const int64_t outer = product(shape, llvm::to_vector(llvm::seq<int64_t>(0, op.getDims().front())));
  const size_t rows = slots / outer; // of the thread in a sum
  SmallVector<Values> sums(outer);
  for (int64_t o = 0; o < outer; ++o)
    for (size_t row = o * rows; row < (o + 1) * rows; ++row)
      for (size_t e = 0; e < perSum; ++e) {
        Value share = columns ? elements[row * each + e] : ofRow(type, elements, row);
        if (sums[o].size() <= e)
          sums[o].push_back(share);
        else
          sums[o][e] = added(sums[o][e], share);
      }
  for (Values &own : sums)
    for (Value &sum : own)
      for (int64_t by = columns ? lanes : 1; by < 32; by *= 2)
        sum = exchanged(sum, by);
  Value writes;
  if (!columns)
    writes = less(arith::CmpIPredicate::eq, lane, i32(0));
  else if (lanes < 32)
    writes = less(arith::CmpIPredicate::ult, lane, i32(lanes));
  for (int64_t o = 0; o < outer; ++o)
    for (size_t e = 0; e < perSum; ++e) {
      Value withRow, withPiece;
      const Index column = pieceIndices(type, e, withRow, withPiece).back();
      SmallVector<Index> at(op.getDims().front() + 1, Index{Value(), 0, 0});
      at.front() = {warp, 0};
      for (int64_t d = op.getDims().front(), rest = o; d-- > 0; rest /= shape[d])
        at[d + 1].constant = rest % shape[d];
      Value valid = writes;
      if (columns) {
        at.push_back(column);
        valid = !valid ? withPiece : !withPiece ? valid : Value(arith::AndIOp::create(b, valid, withPiece));
      }
      ifValid(valid, [&] { storeShared(sums[o][e], op.getDest(), at); });
    }
}

LogicalResult SumEmitter::emit(SumOp op) {
  if (sumsRows(cast<FragmentType>(op.getFragment().getType()).getShape(), op.getDims()))
    sumRows(op);
  else
    sumInRows(op);
  return success();
}
