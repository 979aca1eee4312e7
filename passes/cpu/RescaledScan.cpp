// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A scan whose rows have decays of their own, without them: with P_q the product of a row's decays since the last anchor,
//
//     U_q = S_q / P_q = U_{q-1} + (l_q / P_q) u_q + (b_q / P_q) x_q,   u_q = sum r_q P_{q-1} U_{q-1},   y_q = sum c_q P_q U_q
//
// which is a multiplication less for every entry and token. A token with whose decays P would leave, in some row, a range in which nothing
// overflows, a reset or a NaN among them, is an anchor: S = P U is made of what is before it, its step is done as it stands, and P is 1
// after it. Whether a token is one depends on no later token, and so does no result.
// With P = 1 + E, S = P U is U + E U, E being added up: no decay close to 1 is rounded alike in every tile.

#include "ScanNest.h"

using namespace mlir;

namespace mixc::cpu {

bool rescalesRows(tile::ScanOp op) {
  return op.getDecay() && cast<RankedTensorType>(op.getDecay().getType()).getRank() == 3 && !op.getAcross();
}

RankedTensorType rescaledType(tile::ScanOp op, OpOperand &operand) {
  auto type = cast<RankedTensorType>(operand.get().getType()), state = cast<RankedTensorType>(op.getState().getType());
  const int64_t tokens = cast<RankedTensorType>(op.getX().getType()).getDimSize(0);
  if (!rescalesRows(op) || &operand == &op.getInitMutable())
    return {};
  if (&operand == &op.getXMutable())
    return type.clone({tokens});
  if (operand.get() == op.getDecay() || operand.get() == op.getExcess())
    return state.clone({tokens + 1, state.getDimSize(1)});
  return type;
}

/// Of a token, by vectors of rows.
struct KernelEmitter::RowVectors {
  const ScanNest &nest, &scaled;
  int64_t n, lanes;
  Value q, first;

  SmallVector<Value> indices(const ScanEntries &entries) const {
    return entries.tile.type.getRank() == 3 ? SmallVector<Value>{q, nest.h, first} : SmallVector<Value>{q, first};
  }
};

Value KernelEmitter::readRows(const RowVectors &at, const ScanEntries &from) {
  return read(from.tile, 0, stridesOf(from.tile), at.indices(from), 1, at.lanes);
}

/// Of b, c and l: as they are, or scaled.
void KernelEmitter::writeRows(const RowVectors &at, const ScanEntries &from, const ScanEntries &to, Value scale) {
  if (!from)
    return;
  Value row = readRows(at, from);
  if (scale)
    row = arith::MulFOp::create(*this, row, scale);
  write(row, to.tile, 0, to.tile.strides, at.indices(to), 1);
}

/// The products before the token, and what they lack of 1.
Value KernelEmitter::readProduct(const RowVectors &at, const Tile &products, Value q) {
  return read(products, 0, products.strides, {q, at.first}, 1, at.lanes);
}

void KernelEmitter::writeProducts(const RowVectors &at, Value q, Value product, Value change) {
  write(product, at.scaled.whole, 0, at.scaled.whole.strides, {q, at.first}, 1);
  if (at.nest.excess)
    write(change, at.scaled.wholeExcess, 0, at.scaled.wholeExcess.strides, {q, at.first}, 1);
}

/// As if the token was no anchor. Returns whether that is so.
Value KernelEmitter::rescaleToken(RowVectors at, Value next) {
  constexpr float kLeast = 0x1p-16, kMost = 0x1p16;
  const ScanNest &nest = at.nest, &scaled = at.scaled;
  Value one = f32(1, at.lanes);
  Value allTrue = arith::ConstantOp::create(*this, DenseElementsAttr::get(VectorType::get(at.lanes, getI1Type()), true));
  auto rows = scf::ForOp::create(*this, index(0), index(at.n), index(at.lanes), allTrue);
  {
    InsertionGuard guard(*this);
    setInsertionPointToStart(rows.getBody());
    at.first = rows.getInductionVar();
    auto decayAt = [&](const ScanEntries &from) { return read(from.tile, 0, stridesOf(from.tile), {nest.h, at.first, at.q}, 1, at.lanes); };
    Value before = readProduct(at, scaled.whole, at.q), factor = decayAt(nest.decay), step = factor, change;
    if (nest.excess) { // 1 + E' = (1 + E) (factor + excess)
      Value excess = decayAt(nest.excess);
      step = arith::AddFOp::create(*this, factor, excess);
      change = readProduct(at, scaled.wholeExcess, at.q);
      change = vector::FMAOp::create(*this, change, factor, arith::SubFOp::create(*this, factor, one));
      change = vector::FMAOp::create(*this, excess, before, change);
    }
    Value product = arith::MulFOp::create(*this, before, step), inverse = arith::DivFOp::create(*this, one, product);
    writeProducts(at, next, product, change);
    writeRows(at, nest.b, scaled.b, inverse);
    writeRows(at, nest.l, scaled.l, inverse);
    writeRows(at, nest.c, scaled.c, nest.pre ? before : product);
    writeRows(at, nest.r, scaled.r, before);
    auto isInside = [&](arith::CmpFPredicate predicate, float bound) {
      return arith::CmpFOp::create(*this, predicate, product, f32(bound, at.lanes));
    };
    Value inside = arith::AndIOp::create(*this, isInside(arith::CmpFPredicate::OGE, kLeast), isInside(arith::CmpFPredicate::OLE, kMost));
    scf::YieldOp::create(*this, ValueRange{arith::AndIOp::create(*this, rows.getRegionIterArg(0), inside)});
  }
  return vector::ReductionOp::create(*this, vector::CombiningKind::AND, rows.getResult(0));
}

/// Of the products before the token, what U is multiplied by: P, or 1 and E.
void KernelEmitter::settleProducts(RowVectors at, Value q) {
  if (!at.nest.excess)
    return;
  loop(at.n, at.lanes, [&](Value first) {
    at.first = first;
    Value product = readProduct(at, at.scaled.whole, q), change = readProduct(at, at.scaled.wholeExcess, q);
    Value isClose = arith::CmpFOp::create(*this, arith::CmpFPredicate::OGE, product, f32(0.5, at.lanes));
    writeProducts(at, q, arith::SelectOp::create(*this, isClose, f32(1, at.lanes), product),
                  arith::SelectOp::create(*this, isClose, change, f32(0, at.lanes)));
  });
}

/// Writes the scaled operands of the head that the nest is at, and which tokens are anchors.
void KernelEmitter::rescaleRows(const ScanNest &nest, const ScanNest &scaled) {
  const int64_t n = nest.state.size(1);
  RowVectors at{nest, scaled, n, lanesFor(n, vectorWidth), {}, {}};
  auto startAfresh = [&](Value q) {
    loop(n, at.lanes, [&](Value first) {
      at.first = first;
      writeProducts(at, q, f32(1, at.lanes), f32(0, at.lanes));
    });
  };
  startAfresh(index(0));
  loop(nest.tokens, 1, [&](Value q) {
    at.q = q;
    Value next = arith::AddIOp::create(*this, q, index(1)), isInside = rescaleToken(at, next);
    Value isAnchor = arith::XOrIOp::create(*this, isInside, arith::ConstantOp::create(*this, getBoolAttr(true)));
    writeElement(arith::UIToFPOp::create(*this, getF32Type(), isAnchor), scaled.anchors, {q});
    when(isAnchor, [&] {
      settleProducts(at, q);
      startAfresh(next);
      loop(n, at.lanes, [&](Value first) {
        at.first = first;
        writeRows(at, nest.b, scaled.b, {});
        writeRows(at, nest.l, scaled.l, {});
        writeRows(at, nest.c, scaled.c, {});
      });
    });
  });
  settleProducts(at, index(nest.tokens));
}

/// S = P U for a row before token q; what is not rescaled is whole.
Value KernelEmitter::wholeState(const ScanNest &nest, Value state, Value q, Value firstRow, int64_t row) {
  if (!nest.isRescaled())
    return state;
  auto at = [&](const Tile &products) { return read(products, row, products.strides, {q, firstRow}, 0, nest.lanes); };
  Value next = arith::MulFOp::create(*this, at(nest.whole), state);
  return nest.excess ? vector::FMAOp::create(*this, at(nest.wholeExcess), state, next).getResult() : next;
}

void KernelEmitter::scanRescaled(ScanNest &nest, tile::ScanOp op) {
  ScanNest scaled = nest;
  auto place = [&](OpOperand &operand) { return *buffers.rescaledOf(operand); };
  scaled.b.tile = place(op.getBMutable());
  scaled.c.tile = place(op.getCMutable());
  scaled.whole = place(op.getDecayMutable()[0]);
  scaled.anchors = place(op.getXMutable());
  if (op.getExcess())
    scaled.wholeExcess = place(op.getExcessMutable()[0]);
  if (op.getL())
    scaled.l.tile = place(op.getLMutable()[0]);
  if (op.getR())
    scaled.r.tile = place(op.getRMutable()[0]);
  loop(nest.y.size(1), 1, [&](Value h) {
    nest.h = scaled.h = h;
    rescaleRows(nest, scaled);
    scanHead(scaled);
  });
}

} // namespace mixc::cpu
