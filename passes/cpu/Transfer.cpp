// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tile.load and tile.store. Whether the memref is contiguous along the tile's contiguous dimension is known at run time
// only, so both ways are emitted: rows by vectors (masked where a limit cuts them), and element by element.

#include "KernelEmitter.h"

using namespace mlir;

namespace mixc::cpu {

struct KernelEmitter::Transfer {
  Tile tile;
  bool isLoad;
  Type memoryType;               ///< element type of the memref
  Value pointer;                 ///< of the tile's first element
  SmallVector<Value> strides;    ///< bytes, per dimension of the tile
  SmallVector<Value> limits;     ///< null where the whole tile is inside
  bool byVectors = false;
  SmallVector<Value> ivs;
  Value inside;                  ///< whether the outer indices are inside; null: always
};

/// Where `limits` says so, i < limit; combined with what is known of the outer loops.
static Value isInside(ImplicitLocOpBuilder &b, Value outer, Value iv, Value limit) {
  if (!limit)
    return outer;
  Value here = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, iv, limit);
  return outer ? arith::AndIOp::create(b, outer, here).getResult() : here;
}

/// Resolves the operation's offsets, strides and limits.
template <typename Op>
void KernelEmitter::openTransfer(Transfer &t, Op op, Value memref) {
  const Edge &edge = edges[memref];
  auto asValue = [&](OpFoldResult ofr) -> Value {
    if (auto value = dyn_cast<Value>(ofr))
      return scalars.lookup(value);
    return index(*getConstantIntValue(ofr));
  };
  t.memoryType = cast<MemRefType>(memref.getType()).getElementType();
  Value offset = index(0);
  for (auto [at, stride] : llvm::zip_equal(op.getMixedOffsets(), edge.strides))
    offset = arith::AddIOp::create(*this, offset, arith::MulIOp::create(*this, asValue(at), stride));
  t.pointer = address(edge.pointer, 0, {{offset, 1}});
  for (auto [dim, limit] : llvm::enumerate(op.getMixedLimits())) {
    t.strides.push_back(edge.strides[op.getDims()[dim]]);
    std::optional<int64_t> known = getConstantIntValue(limit);
    t.limits.push_back(known && *known >= t.tile.size(dim) ? Value() : asValue(limit));
  }
}

void KernelEmitter::emitLoad(tile::LoadOp op) {
  Transfer t;
  t.tile = buffers.lookup(op.getTile());
  t.isLoad = true;
  auto body = [&] {
    openTransfer(t, op, op.getSource());
    emitTransfer(t);
  };
  if (!op.getOptional())
    return body();
  Value pointer = edges[op.getSource()].pointer;
  Value null = LLVM::ZeroOp::create(*this, pointer.getType());
  Value isNull = LLVM::ICmpOp::create(*this, LLVM::ICmpPredicate::eq, pointer, null);
  auto branch = scf::IfOp::create(*this, isNull, /*withElseRegion=*/true);
  InsertionGuard guard(*this);
  setInsertionPointToStart(branch.thenBlock());
  Tile zero;
  zero.kind = Tile::Kind::Splat;
  zero.splat = FloatAttr::get(t.tile.type.getElementType(), 0);
  copy(zero, t.tile);
  setInsertionPointToStart(branch.elseBlock());
  body();
}

void KernelEmitter::emitStore(tile::StoreOp op) {
  Transfer t;
  t.tile = buffers.lookup(op.getTile());
  t.tile.strides.resize(t.tile.type.getRank()); // a splat has none
  t.isLoad = false;
  auto body = [&] {
    openTransfer(t, op, op.getDest());
    emitTransfer(t);
  };
  if (!op.getOptional())
    return body();
  Value pointer = edges[op.getDest()].pointer;
  Value null = LLVM::ZeroOp::create(*this, pointer.getType());
  Value isSet = LLVM::ICmpOp::create(*this, LLVM::ICmpPredicate::ne, pointer, null);
  auto branch = scf::IfOp::create(*this, isSet, /*withElseRegion=*/false);
  InsertionGuard guard(*this);
  setInsertionPointToStart(branch.thenBlock());
  body();
}

void KernelEmitter::emitTransfer(Transfer &t) {
  t.ivs.resize(t.tile.type.getRank());
  if (t.ivs.empty())
    return transferElement(t);
  Value unit = index(t.memoryType.getIntOrFloatBitWidth() / 8);
  Value contiguous =
      arith::CmpIOp::create(*this, arith::CmpIPredicate::eq, t.strides[t.tile.order.back()], unit);
  auto branch = scf::IfOp::create(*this, contiguous, /*withElseRegion=*/true);
  InsertionGuard guard(*this);
  for (bool byVectors : {true, false}) {
    setInsertionPointToStart(byVectors ? branch.thenBlock() : branch.elseBlock());
    t.byVectors = byVectors;
    transferLevel(t, 0);
  }
}

void KernelEmitter::transferLevel(Transfer &t, unsigned level) {
  int64_t dim = t.tile.order[level];
  bool last = level + 1 == t.tile.order.size();
  if (last && t.byVectors)
    return transferRow(t);
  loop(t.tile.size(dim), 1, [&](Value iv) {
    t.ivs[dim] = iv;
    Value outer = t.inside;
    t.inside = isInside(*this, outer, iv, t.limits[dim]);
    last ? transferElement(t) : transferLevel(t, level + 1);
    t.inside = outer;
  });
}

/// The bytes from the first element to the one at the indices.
static Value offsetOf(ImplicitLocOpBuilder &b, ArrayRef<Value> strides, ArrayRef<Value> ivs) {
  Value sum = arith::ConstantIndexOp::create(b, 0);
  for (auto [stride, iv] : llvm::zip_equal(strides, ivs))
    sum = arith::AddIOp::create(b, sum, arith::MulIOp::create(b, stride, iv));
  return sum;
}

/// Runs `move` where the outer indices are inside; elsewhere a load gives zeros and a store does nothing.
template <typename Fn>
static void whereInside(ImplicitLocOpBuilder &b, Value inside, bool isLoad, Fn move) {
  if (!inside)
    return move(true);
  auto branch = scf::IfOp::create(b, inside, /*withElseRegion=*/isLoad);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  move(true);
  if (!isLoad)
    return;
  b.setInsertionPointToStart(branch.elseBlock());
  move(false);
}

/// Moves `lanes` elements from the indices on.
void KernelEmitter::transferVector(Transfer &t, int64_t lanes, bool inside, Value mask) {
  Type elem = t.tile.type.getElementType();
  Value memory = address(t.pointer, 0, {{offsetOf(*this, t.strides, t.ivs), 1}});
  if (!t.isLoad) {
    Value vector = convert(read(t.tile, 0, t.tile.strides, t.ivs, 1, lanes), t.memoryType);
    return mask ? storeMasked(vector, memory, mask) : storeVector(vector, memory);
  }
  Value vector;
  if (!inside)
    vector = splat(arith::ConstantOp::create(*this, FloatAttr::get(elem, 0)), lanes);
  else
    vector = convert(mask ? loadMasked(t.memoryType, memory, mask) : loadVector(t.memoryType, lanes, memory), elem);
  storeVector(vector, address(t.tile, 0, t.tile.strides, t.ivs));
}

/// A row along the tile's contiguous dimension, where memory is contiguous too.
void KernelEmitter::transferRow(Transfer &t) {
  int64_t dim = t.tile.order.back(), lanes = lanesFor(t.tile.size(dim), vectorWidth);
  whereInside(*this, t.inside, t.isLoad, [&](bool inside) {
    loop(t.tile.size(dim), lanes, [&](Value iv) {
      t.ivs[dim] = iv;
      Value mask;
      if (inside && t.limits[dim]) {
        Value left = arith::SubIOp::create(*this, t.limits[dim], iv);
        Value lane = vector::StepOp::create(*this, VectorType::get(lanes, getIndexType()));
        mask = arith::CmpIOp::create(*this, arith::CmpIPredicate::slt, lane, splat(left, lanes));
      }
      transferVector(t, lanes, inside, mask);
    });
  });
}

void KernelEmitter::transferElement(Transfer &t) {
  whereInside(*this, t.inside, t.isLoad, [&](bool inside) { transferVector(t, 1, inside, {}); });
}

} // namespace mixc::cpu
