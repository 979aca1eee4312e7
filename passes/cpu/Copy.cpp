// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Copies of tiles within scratch memory, between layouts too.

#include "KernelEmitter.h"

using namespace mlir;

namespace mixc::cpu {

void KernelEmitter::copy(const Tile &from, const Tile &to) {
  if (from.kind == Tile::Kind::Undefined || (from.isBuffer() && from.offset == to.offset && from.order == to.order))
    return;
  Type elem = to.type.getElementType();
  if (from.isBuffer() && from.order != to.order)
    return copyTransposed(from, to);
  int64_t count = to.type.getNumElements(), lanes = lanesFor(count, vectorWidth);
  Value value;
  if (!from.isBuffer())
    value = splat(arith::ConstantOp::create(*this, cast<TypedAttr>(from.splat)), lanes);
  loop(count, lanes, [&](Value i) {
    Value source = value ? value : loadVector(elem, lanes, address(from, 0, {1}, {i}));
    storeVector(source, address(to, 0, {1}, {i}));
  });
}

/// Step s exchanges the off-diagonal s x s blocks of every 2s x 2s block.
void transposeBlock(ImplicitLocOpBuilder &b, MutableArrayRef<Value> rows) {
  const int64_t lanes = rows.size();
  const Type elem = getElementTypeOrSelf(rows.front().getType());
  for (Value &row : rows)
    row = toMemory(b, row);
  for (int64_t s = 1; s < lanes; s *= 2)
    for (int64_t i = 0; i < lanes; ++i) {
      if (i & s)
        continue;
      SmallVector<int64_t> low, high;
      for (int64_t lane = 0; lane < lanes; ++lane) {
        low.push_back(lane & s ? lanes + (lane ^ s) : lane);
        high.push_back(lane & s ? lanes + lane : lane ^ s);
      }
      Value a = rows[i], c = rows[i + s];
      rows[i] = vector::ShuffleOp::create(b, a, c, low);
      rows[i + s] = vector::ShuffleOp::create(b, a, c, high);
    }
  for (Value &row : rows)
    row = fromMemory(b, row, elem);
}

void KernelEmitter::copyTransposed(const Tile &from, const Tile &to) {
  Type elem = to.type.getElementType();
  int64_t source = from.innermost(), dest = to.innermost();
  int64_t lanes = 1;
  if (source != dest)
    while (lanes < vectorWidth && from.size(source) % (2 * lanes) == 0 && from.size(dest) % (2 * lanes) == 0)
      lanes *= 2;
  SmallVector<Value> ivs(from.order.size());
  auto body = [&] {
    SmallVector<Value> rows;
    for (int64_t i = 0; i < lanes; ++i)
      rows.push_back(loadVector(elem, lanes, address(from, i * from.strides[dest], from.strides, ivs)));
    transposeBlock(*this, rows);
    for (int64_t i = 0; i < lanes; ++i)
      storeVector(rows[i], address(to, i * to.strides[source], to.strides, ivs));
  };
  std::function<void(unsigned)> level = [&](unsigned depth) {
    if (depth == to.order.size())
      return body();
    int64_t dim = to.order[depth];
    loop(to.size(dim), dim == source || dim == dest ? lanes : 1, [&](Value iv) {
      ivs[dim] = iv;
      level(depth + 1);
    });
  };
  level(0);
}

} // namespace mixc::cpu
