// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where an element of a tile in shared memory is: strides, panels, and the swizzle, which permutes the pieces of 16 bytes of a row by the
// row's number (EmitShared.cpp emits it, test/passes/gpu/swizzle.mlir tests it).

#include "mixc/dialect/GpuTile.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mixc::gpu_tile;

int64_t SharedType::getNumElements() const {
  int64_t n = 1;
  for (int64_t size : getShape())
    n *= size;
  return n;
}

int64_t SharedType::getBytes() const {
  int64_t row = llvm::alignTo(getShape().back(), getRow());
  return getNumElements() / getShape().back() * row * getElementType().getIntOrFloatBitWidth() / 8;
}

int64_t SharedType::getStride(unsigned d) const {
  int64_t n = 1;
  for (int64_t size : getShape().drop_front(d + 1))
    n *= size;
  return d + 1 < getShape().size() ? n / getShape().back() * getRow() : n;
}

int64_t SharedType::getMask() const {
  if (getSwizzle() < 0)
    return 0;
  int64_t pieces = getStride(getSwizzle()) * getElementType().getIntOrFloatBitWidth() / 128;
  int64_t width = 1;
  while (width < 8 && pieces % (2 * width) == 0)
    width *= 2;
  return width - 1;
}

int64_t SharedType::getShift() const { return 3 - llvm::Log2_64(getMask() + 1); }

SharedType SharedType::getStage() const { return SharedType::get(getContext(), getShape(), getElementType(), getSwizzle(), 1, getPanel()); }
