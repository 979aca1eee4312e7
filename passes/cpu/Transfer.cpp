// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tile.load and tile.store. How the memref's strides fit the tile's layout is known at run time only, so every way is
// emitted: rows by vectors (masked where a limit cuts them) where both are contiguous along the same dimension, square
// blocks transposed in registers where the memref is contiguous along its last dimension, and element by element.

#include "KernelEmitter.h"

using namespace mlir;

namespace mixc::cpu {

struct KernelEmitter::Transfer {
  Tile tile;
  bool isLoad;
  Type memoryType;            ///< element type of the memref
  Value pointer;              ///< of the tile's first element
  SmallVector<Value> strides; ///< bytes, per dimension of the tile
  SmallVector<Value> limits;  ///< null where the whole tile is inside
  SmallVector<Value> starts;  ///< the first index inside; null where that is 0
  enum class Mode { Rows, Blocks, Elements } mode = Mode::Elements;
  int64_t stepDim = -1;       ///< of the tile: its index counts steps
  int64_t steps = 1;          ///< of an index of memory
  Value stepStride;           ///< bytes to the next step; null where all steps of an index are one element
  int64_t across = -1;        ///< Blocks: the dimension that memory is contiguous along
  SmallVector<int64_t> outer; ///< the loops around what a mode moves at once
  SmallVector<Value> ivs;
  Value inside; ///< whether the outer indices are inside; null: always
  Value ahead;  ///< bytes to what the next trip of the loop over tokens loads; null outside of one
};

/// Whether the index compares so with the bound, if there is one, and the outer condition holds.
static Value compared(ImplicitLocOpBuilder &b, Value outer, arith::CmpIPredicate predicate, Value iv, Value bound) {
  if (!bound)
    return outer;
  Value here = arith::CmpIOp::create(b, predicate, iv, bound);
  return outer ? arith::AndIOp::create(b, outer, here).getResult() : here;
}

/// Where `limit` says so, i < limit; combined with what is known of the outer loops.
static Value isInside(ImplicitLocOpBuilder &b, Value outer, Value iv, Value limit) {
  return compared(b, outer, arith::CmpIPredicate::slt, iv, limit);
}

/// The same of start <= i.
static Value isStarted(ImplicitLocOpBuilder &b, Value outer, Value iv, Value start) {
  return compared(b, outer, arith::CmpIPredicate::sge, iv, start);
}

/// Resolves the operation's offsets, strides and limits.
template <typename Op> void KernelEmitter::openTransfer(Transfer &t, Op op, Value memref) {
  const Edge &edge = edges[memref];
  t.memoryType = cast<MemRefType>(memref.getType()).getElementType();
  Value offset = index(0);
  tile::StepsOp steps = edge.steps;
  tile::EarlierOp earlier = edge.earlier;
  Value start; // along the dimension of `earlier`
  for (auto [dim, at, stride] : llvm::enumerate(op.getMixedOffsets(), edge.strides)) {
    Value elements = valueOf(at);
    const bool isStepped = steps && dim == steps.getDim();
    if (earlier && dim == earlier.getDim())
      start = arith::SubIOp::create(*this, index(earlier.getBy() * (isStepped ? steps.getCount() : 1)), elements);
    if (isStepped)
      elements = arith::DivUIOp::create(*this, elements, index(steps.getCount()));
    if (earlier && dim == earlier.getDim())
      elements = arith::SubIOp::create(*this, elements, index(earlier.getBy()));
    offset = arith::AddIOp::create(*this, offset, arith::MulIOp::create(*this, elements, stride));
  }
  t.pointer = address(edge.pointer, 0, {{offset, 1}});
  for (auto [dim, limit] : llvm::enumerate(op.getMixedLimits())) {
    t.strides.push_back(edge.strides[op.getDims()[dim]]);
    std::optional<int64_t> known = getConstantIntValue(limit);
    t.limits.push_back(known && *known >= t.tile.size(dim) ? Value() : valueOf(limit));
    t.starts.push_back(earlier && op.getDims()[dim] == int64_t(earlier.getDim()) ? start : Value());
    if (op.getDims()[dim] + 1 == int64_t(edge.strides.size()))
      t.across = dim;
    if (steps && op.getDims()[dim] == int64_t(steps.getDim())) {
      t.stepDim = dim;
      t.steps = steps.getCount();
      if (steps.getThrough())
        t.stepStride = edge.strides[*steps.getThrough()];
    }
  }
}

/// How far the next trip's tile is in memory, where an offset is the loop's counter.
template <typename Op> Value KernelEmitter::bytesToNext(Op op, Value memref) {
  auto loop = dyn_cast<scf::ForOp>(op->getParentOp());
  if (!loop)
    return {};
  const Edge &edge = edges[memref];
  for (auto [dim, offset] : llvm::enumerate(op.getMixedOffsets())) {
    if (offset != OpFoldResult(loop.getInductionVar()))
      continue;
    Value step = scalars.lookup(loop.getStep());
    tile::StepsOp steps = edge.steps;
    if (steps && int64_t(dim) == int64_t(steps.getDim()))
      step = arith::DivUIOp::create(*this, step, index(steps.getCount()));
    return arith::MulIOp::create(*this, edge.strides[dim], step);
  }
  return {};
}

template Value KernelEmitter::bytesToNext(tile::LoadOp op, Value memref);
template Value KernelEmitter::bytesToNext(tile::StoreOp op, Value memref);

/// Rows that lie far apart are not fetched by the processor itself.
void KernelEmitter::prefetchNext(const Transfer &t, Value memory) {
  constexpr int kRead = 0, kSecondLevel = 2, kData = 1;
  if (t.ahead)
    LLVM::Prefetch::create(*this, address(memory, 0, {{t.ahead, 1}}), kRead, kSecondLevel, kData);
}

void KernelEmitter::emitLoad(tile::LoadOp op) {
  Transfer t;
  t.tile = buffers.lookup(op.getTile());
  t.isLoad = true;
  auto body = [&] {
    openTransfer(t, op, op.getSource());
    t.ahead = bytesToNext(op, op.getSource());
    if (!buffers.transferOf(op.getTile()))
      return emitTransfer(t);
    unlessInMemory(t.tile, [&] { emitTransfer(t); });
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
    if (!buffers.transferOf(op.getTile()) && !buffers.carriedTo(op))
      return emitTransfer(t);
    unlessInMemory(t.tile, [&] { emitTransfer(t); });
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
  InsertionGuard guard(*this);
  auto emitMode = [&](Transfer::Mode mode, ArrayRef<int64_t> outer) {
    t.mode = mode;
    t.outer.assign(outer.begin(), outer.end());
    transferLevel(t, 0);
  };
  // Opens a branch on the dimension being contiguous; what is emitted next is the other case.
  auto whereContiguous = [&](int64_t dim, Transfer::Mode mode, ArrayRef<int64_t> outer) {
    Value isUnit = arith::CmpIOp::create(*this, arith::CmpIPredicate::eq, t.strides[dim], unit);
    auto branch = scf::IfOp::create(*this, isUnit, /*withElseRegion=*/true);
    setInsertionPointToStart(branch.thenBlock());
    emitMode(mode, outer);
    setInsertionPointToStart(branch.elseBlock());
  };
  int64_t along = t.tile.order.back();
  if (along == t.stepDim) // steps are no row of memory
    return emitMode(Transfer::Mode::Elements, t.tile.order);
  whereContiguous(along, Transfer::Mode::Rows, ArrayRef(t.tile.order).drop_back());
  if (t.across >= 0 && t.across != along && t.across != t.stepDim && t.tile.isBuffer()) {
    SmallVector<int64_t> outer;
    for (int64_t dim : t.tile.order)
      if (dim != along && dim != t.across)
        outer.push_back(dim);
    whereContiguous(t.across, Transfer::Mode::Blocks, outer);
  }
  emitMode(Transfer::Mode::Elements, t.tile.order);
}

void KernelEmitter::transferLevel(Transfer &t, unsigned level) {
  if (level == t.outer.size())
    switch (t.mode) {
    case Transfer::Mode::Rows:
      return transferRow(t);
    case Transfer::Mode::Blocks:
      return transferBlocks(t);
    case Transfer::Mode::Elements:
      return transferElement(t);
    }
  int64_t dim = t.outer[level];
  loop(t.tile.size(dim), 1, [&](Value iv) {
    t.ivs[dim] = iv;
    Value outer = t.inside;
    t.inside = isInside(*this, outer, iv, t.limits[dim]);
    t.inside = isStarted(*this, t.inside, iv, t.starts[dim]);
    if (!t.isLoad && dim == t.stepDim && !t.stepStride) // the last step alone is written
      t.inside = isInside(*this, t.inside, index(t.steps - 2), arith::RemUIOp::create(*this, iv, index(t.steps)));
    transferLevel(t, level + 1);
    t.inside = outer;
  });
}

/// The bytes from the first element to the one at the indices.
Value KernelEmitter::offsetOf(const Transfer &t) {
  Value sum = index(0);
  auto add = [&](Value stride, Value at) { sum = arith::AddIOp::create(*this, sum, arith::MulIOp::create(*this, stride, at)); };
  for (auto [dim, stride, iv] : llvm::enumerate(t.strides, t.ivs)) {
    if (int64_t(dim) != t.stepDim) {
      add(stride, iv);
      continue;
    }
    add(stride, arith::DivUIOp::create(*this, iv, index(t.steps)));
    if (t.stepStride)
      add(t.stepStride, arith::RemUIOp::create(*this, iv, index(t.steps)));
  }
  return sum;
}

/// Runs `move` where the outer indices are inside; elsewhere a load gives zeros and a store does nothing.
template <typename Fn> static void whereInside(ImplicitLocOpBuilder &b, Value inside, bool isLoad, Fn move) {
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
  Value memory = address(t.pointer, 0, {{offsetOf(t), 1}});
  if (!t.isLoad) {
    Value vector = convert(read(t.tile, 0, t.tile.strides, t.ivs, 1, lanes), t.memoryType);
    return mask ? storeMasked(vector, memory, mask) : storeVector(vector, memory);
  }
  if (inside && lanes > 1)
    prefetchNext(t, memory);
  Value vector;
  if (!inside)
    vector = splat(arith::ConstantOp::create(*this, FloatAttr::get(elem, 0)), lanes);
  else
    vector = convert(mask ? loadMasked(t.memoryType, memory, mask) : loadVector(t.memoryType, lanes, memory), elem);
  storeVector(vector, address(t.tile, 0, t.tile.strides, t.ivs));
}

/// The lanes from the index along `dim` on that are inside; null where all are.
Value KernelEmitter::maskOf(const Transfer &t, int64_t dim, int64_t lanes) {
  if (!t.limits[dim] && !t.starts[dim])
    return {};
  Value lane = vector::StepOp::create(*this, VectorType::get(lanes, getIndexType())), mask;
  auto from = [&](Value bound) { return bound ? splat(arith::SubIOp::create(*this, bound, t.ivs[dim]), lanes) : Value(); };
  mask = isInside(*this, mask, lane, from(t.limits[dim]));
  return isStarted(*this, mask, lane, from(t.starts[dim]));
}

/// A row along the tile's contiguous dimension, where memory is contiguous too.
void KernelEmitter::transferRow(Transfer &t) {
  int64_t dim = t.tile.order.back(), lanes = lanesFor(t.tile.size(dim), vectorWidth);
  whereInside(*this, t.inside, t.isLoad, [&](bool inside) {
    loop(t.tile.size(dim), lanes, [&](Value iv) {
      t.ivs[dim] = iv;
      transferVector(t, lanes, inside, inside ? maskOf(t, dim, lanes) : Value());
    });
  });
}

/// Square blocks of the dimensions that tile and memory are contiguous along.
void KernelEmitter::transferBlocks(Transfer &t) {
  int64_t along = t.tile.order.back(), across = t.across, lanes = 1;
  while (lanes < vectorWidth && t.tile.size(along) % (2 * lanes) == 0 && t.tile.size(across) % (2 * lanes) == 0)
    lanes *= 2;
  loop(t.tile.size(across), lanes, [&](Value u) {
    loop(t.tile.size(along), lanes, [&](Value v) {
      t.ivs[across] = u;
      t.ivs[along] = v;
      Value isWhole = t.inside;
      for (int64_t dim : {across, along}) {
        if (t.limits[dim])
          isWhole = isInside(*this, isWhole, arith::AddIOp::create(*this, t.ivs[dim], index(lanes - 1)), t.limits[dim]);
        isWhole = isStarted(*this, isWhole, t.ivs[dim], t.starts[dim]);
      }
      if (!isWhole)
        return transferBlock(t, lanes);
      auto branch = scf::IfOp::create(*this, isWhole, /*withElseRegion=*/true);
      InsertionGuard guard(*this);
      setInsertionPointToStart(branch.thenBlock());
      transferBlock(t, lanes);
      setInsertionPointToStart(branch.elseBlock());
      Value outer = t.inside;
      loop(lanes, 1, [&](Value i) {
        loop(lanes, 1, [&](Value j) {
          t.ivs[across] = arith::AddIOp::create(*this, u, i);
          t.ivs[along] = arith::AddIOp::create(*this, v, j);
          t.inside = outer;
          for (int64_t dim : {across, along}) {
            t.inside = isInside(*this, t.inside, t.ivs[dim], t.limits[dim]);
            t.inside = isStarted(*this, t.inside, t.ivs[dim], t.starts[dim]);
          }
          transferElement(t);
          t.inside = outer;
        });
      });
    });
  });
}

void KernelEmitter::transferBlock(Transfer &t, int64_t lanes) {
  int64_t along = t.tile.order.back();
  Type elem = t.tile.type.getElementType();
  Value corner = offsetOf(t);
  auto memory = [&](int64_t i) {
    Value offset = arith::AddIOp::create(*this, corner, arith::MulIOp::create(*this, t.strides[along], index(i)));
    return address(t.pointer, 0, {{offset, 1}});
  };
  auto place = [&](int64_t i) { return address(t.tile, i * t.tile.strides[t.across], t.tile.strides, t.ivs); };
  SmallVector<Value> rows;
  for (int64_t i = 0; i < lanes && lanes > 1; ++i)
    prefetchNext(t, memory(i));
  for (int64_t i = 0; i < lanes; ++i)
    rows.push_back(t.isLoad ? convert(loadVector(t.memoryType, lanes, memory(i)), elem) : loadVector(elem, lanes, place(i)));
  transposeBlock(*this, rows);
  for (int64_t i = 0; i < lanes; ++i)
    t.isLoad ? storeVector(rows[i], place(i)) : storeVector(convert(rows[i], t.memoryType), memory(i));
}

void KernelEmitter::transferElement(Transfer &t) {
  whereInside(*this, t.inside, t.isLoad, [&](bool inside) { transferVector(t, 1, inside, {}); });
}

} // namespace mixc::cpu
