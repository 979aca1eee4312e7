// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A scan whose rows have decays of their own, without them: with P_q the product of a row's decays up to token q of the tile,
//
//     U_q = S_q / P_q = U_{q-1} + (l_q / P_q) u_q + (b_q / P_q) x_q,   u_q = sum r_q P_{q-1} U_{q-1},   y_q = sum c_q P_q U_q
//
// which is a multiplication less for every entry and token. Where decays are so strong in some row that P leaves a range in which nothing
// overflows, a reset being the strongest, the head's tile is computed as it stands.
// At the end S = P U. With P = 1 + E that is U + E U, E being added up: no decay close to 1 is rounded alike in every tile.

#include "ScanNest.h"

using namespace mlir;

namespace mixc::cpu {

bool hasRowDecays(tile::ScanOp op) { return op.getDecay() && cast<RankedTensorType>(op.getDecay().getType()).getRank() == 3; }

/// Writes the scaled operands of the head that the nest is at. Returns whether all P are in range.
Value KernelEmitter::rescaleRows(const ScanNest &nest, const ScanNest &scaled) {
  constexpr float kLeast = 0x1p-16, kMost = 0x1p16;
  const int64_t n = nest.state.size(1), lanes = lanesFor(n, vectorWidth);
  auto mask = VectorType::get(lanes, getI1Type());
  Value one = f32(1, lanes), none = f32(0, lanes), half = f32(0.5, lanes), zero = index(0);
  Value allTrue = arith::ConstantOp::create(*this, DenseElementsAttr::get(mask, true));
  auto rows = scf::ForOp::create(*this, zero, index(n), index(lanes), allTrue);
  {
    InsertionGuard guard(*this);
    setInsertionPointToStart(rows.getBody());
    Value first = rows.getInductionVar();
    auto decayAt = [&](const ScanEntries &entries, Value q) {
      return read(entries.tile, 0, stridesOf(entries.tile), {nest.h, first, q}, 1, lanes);
    };
    auto tokens = scf::ForOp::create(*this, zero, index(nest.tokens), index(1), ValueRange{one, none, rows.getRegionIterArg(0)});
    {
      InsertionGuard guard(*this);
      setInsertionPointToStart(tokens.getBody());
      Value q = tokens.getInductionVar(), before = tokens.getRegionIterArg(0), change = tokens.getRegionIterArg(1);
      Value factor = decayAt(nest.decay, q), step = factor;
      if (nest.excess) { // 1 + E' = (1 + E) (factor + excess)
        Value excess = decayAt(nest.excess, q);
        step = arith::AddFOp::create(*this, factor, excess);
        change = vector::FMAOp::create(*this, change, factor, arith::SubFOp::create(*this, factor, one));
        change = vector::FMAOp::create(*this, excess, before, change);
      }
      Value product = arith::MulFOp::create(*this, before, step), inverse = arith::DivFOp::create(*this, one, product);
      auto scale = [&](const ScanEntries &from, const ScanEntries &to, Value by) {
        if (!from)
          return;
        SmallVector<Value> ivs{q, first};
        if (from.tile.type.getRank() == 3)
          ivs.insert(ivs.begin() + 1, nest.h);
        Value row = read(from.tile, 0, stridesOf(from.tile), ivs, 1, lanes);
        write(arith::MulFOp::create(*this, row, by), to.tile, 0, to.tile.strides, ivs, 1);
      };
      scale(nest.b, scaled.b, inverse);
      scale(nest.l, scaled.l, inverse);
      scale(nest.c, scaled.c, nest.pre ? before : product);
      scale(nest.r, scaled.r, before);
      auto isInside = [&](arith::CmpFPredicate predicate, float bound) {
        return arith::CmpFOp::create(*this, predicate, product, f32(bound, lanes));
      };
      Value inside = arith::AndIOp::create(*this, isInside(arith::CmpFPredicate::OGE, kLeast), isInside(arith::CmpFPredicate::OLE, kMost));
      inside = arith::AndIOp::create(*this, tokens.getRegionIterArg(2), inside);
      scf::YieldOp::create(*this, ValueRange{product, change, inside});
    }
    Value product = tokens.getResult(0), factor = product;
    auto put = [&](Value value, const Tile &tile) { write(value, tile, 0, {1}, {first}, 1); };
    if (nest.excess) {
      Value isClose = arith::CmpFOp::create(*this, arith::CmpFPredicate::OGE, product, half);
      factor = arith::SelectOp::create(*this, isClose, one, product);
      put(arith::SelectOp::create(*this, isClose, tokens.getResult(1), none), scaled.wholeExcess);
    }
    put(factor, scaled.whole);
    scf::YieldOp::create(*this, tokens.getResult(2));
  }
  return vector::ReductionOp::create(*this, vector::CombiningKind::AND, rows.getResult(0));
}

/// S = P U for a row after the tile's last token.
Value KernelEmitter::wholeDecay(const ScanNest &nest, Value state, Value firstRow, int64_t row) {
  if (!nest.whole.isBuffer())
    return state;
  auto at = [&](const Tile &tile) { return read(tile, row, {1}, {firstRow}, 0, nest.lanes); };
  Value next = arith::MulFOp::create(*this, at(nest.whole), state);
  return nest.wholeExcess.isBuffer() ? vector::FMAOp::create(*this, at(nest.wholeExcess), state, next).getResult() : next;
}

/// All heads, each in the one way or the other.
void KernelEmitter::scanRescaled(ScanNest &nest, tile::ScanOp op) {
  ScanNest scaled = nest;
  auto place = [&](OpOperand &operand) { return *buffers.rescaledOf(operand); };
  scaled.decay = scaled.excess = ScanEntries();
  scaled.b.tile = place(op.getBMutable());
  scaled.c.tile = place(op.getCMutable());
  scaled.whole = place(op.getDecayMutable()[0]);
  if (op.getExcess())
    scaled.wholeExcess = place(op.getExcessMutable()[0]);
  if (op.getL())
    scaled.l.tile = place(op.getLMutable()[0]);
  if (op.getR())
    scaled.r.tile = place(op.getRMutable()[0]);
  loop(nest.y.size(1), 1, [&](Value h) {
    nest.h = scaled.h = h;
    auto branch = scf::IfOp::create(*this, rescaleRows(nest, scaled), /*withElseRegion=*/true);
    for (bool isScaled : {true, false}) {
      InsertionGuard guard(*this);
      setInsertionPointToStart(isScaled ? branch.thenBlock() : branch.elseBlock());
      scanHead(isScaled ? scaled : nest);
    }
  });
}

} // namespace mixc::cpu
