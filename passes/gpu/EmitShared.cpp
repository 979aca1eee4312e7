// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Addresses in shared memory, and ldmatrix.

#include "SharedCode.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

Value SharedCode::offsetPointer(Value pointer, Value bytes, int64_t constant) {
  Type type = pointer.getType();
  if (bytes)
    pointer = LLVM::GEPOp::create(b, type, b.getI8Type(), pointer, ValueRange{bytes});
  if (constant)
    pointer = LLVM::GEPOp::create(b, type, b.getI8Type(), pointer, ArrayRef<LLVM::GEPArg>{int32_t(constant)});
  return pointer;
}

/// Byte address of an element. What the thread computes is kept apart from constants, also through the swizzle where the two share
/// no bits, so that the elements of a thread differ by constant offsets of few addresses.
Value SharedCode::sharedPointer(Value buffer, ArrayRef<Index> indices) {
  auto type = cast<SharedType>(buffer.getType());
  int64_t width = type.getElementType().getIntOrFloatBitWidth() / 8, mask = type.getMask();
  Value outer, inner;
  int64_t constant = 0, innerConstant = 0;
  uint64_t innerBits = 0;
  bool disjoint = true;
  SmallVector<Index> inPanel(indices);
  if (int64_t panel = type.getPanel()) {
    // The panel's number, and the column in it.
    Index &column = inPanel.back();
    if (column.value && (column.bits & ~uint64_t(panel - 1))) {
      Value all = valueOf(column);
      outer = mul(div(all, panel), type.getPanelStride() * width);
      column = {rem(all, panel), 0, uint64_t(panel - 1)};
    } else {
      constant = column.constant / panel * type.getPanelStride() * width;
      column.constant %= panel;
    }
  }
  for (auto [d, index] : llvm::enumerate(inPanel)) {
    int64_t stride = type.getStride(d) * width;
    if (mask == 0 || int64_t(d) <= type.getSwizzle()) {
      outer = add(outer, mul(index.value, stride));
      constant += index.constant * stride;
      continue;
    }
    innerConstant += index.constant * stride;
    if (!index.value)
      continue;
    uint64_t bits = index.bits == ~uint64_t(0) || !llvm::isPowerOf2_64(stride) ? ~uint64_t(0) : index.bits * stride;
    disjoint &= (innerBits & bits) == 0;
    innerBits |= bits;
    inner = add(inner, mul(index.value, stride));
  }
  if (mask == 0)
    return offsetPointer(buffers.lookup(buffer), outer, constant);
  const Index &row = indices[type.getSwizzle()];
  int64_t period = (mask + 1) << type.getShift();
  Value key = valueOf({row.value, row.constant % period});
  if (type.getShift())
    key = arith::ShRUIOp::create(b, key, i32(type.getShift()));
  key = shiftLeft(bitAnd(key, mask), 4);
  int64_t permuted = mask << 4;
  if (!disjoint || (innerBits & uint64_t(innerConstant))) {
    inner = add(inner, i32(innerConstant));
    innerConstant = 0;
  }
  Value piece = inner ? bitXor(inner, key) : key;
  if (innerConstant & permuted)
    piece = bitXor(piece, i32(innerConstant & permuted));
  return offsetPointer(buffers.lookup(buffer), add(outer, piece), constant + (innerConstant & ~permuted));
}

/// Four 8 x 8 matrices of 16-bit elements; every lane gives the address of one row of eight.
Values SharedCode::loadMatrices(Value buffer, ArrayRef<Index> indices, bool transposed) {
  Value pointer = sharedPointer(buffer, indices);
  auto type = LLVM::LLVMStructType::getLiteral(b.getContext(), SmallVector<Type>(4, b.getI32Type()));
  auto layout = transposed ? NVVM::MMALayout::col : NVVM::MMALayout::row;
  auto shape = NVVM::LdStMatrixShapeAttr::get(b.getContext(), 8, 8);
  Value all = NVVM::LdMatrixOp::create(b, type, pointer, 4, layout, shape, NVVM::LdStMatrixEltType::B16);
  Values result;
  for (int64_t i = 0; i < 4; ++i)
    result.push_back(LLVM::ExtractValueOp::create(b, all, i));
  return result;
}

/// The reverse of loadMatrices.
void SharedCode::storeMatrices(ArrayRef<Value> values, Value buffer, ArrayRef<Index> indices, bool transposed) {
  auto layout = transposed ? NVVM::MMALayout::col : NVVM::MMALayout::row;
  auto shape = NVVM::LdStMatrixShapeAttr::get(b.getContext(), 8, 8);
  NVVM::StMatrixOp::create(b, sharedPointer(buffer, indices), values, layout, shape, NVVM::LdStMatrixEltType::B16);
}

Value SharedCode::loadShared(Value buffer, ArrayRef<Index> indices) {
  return LLVM::LoadOp::create(b, cast<SharedType>(buffer.getType()).getElementType(), sharedPointer(buffer, indices));
}

void SharedCode::storeShared(Value value, Value buffer, ArrayRef<Index> indices) {
  LLVM::StoreOp::create(b, value, sharedPointer(buffer, indices));
}
