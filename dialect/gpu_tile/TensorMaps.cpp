// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What tensor maps, by which bulk copies move tiles, can carry (PTX ISA, tensors; cuTensorMapEncodeTiled).

#include "mixc/dialect/GpuTile.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu_tile;

static constexpr int64_t kRowsOfPattern = 8; // of a swizzle

LogicalResult mixc::gpu_tile::verifyTensorMap(Operation *op, Value memref, SharedType type, ArrayRef<int64_t> dims) {
  auto tensor = dyn_cast<BlockArgument>(memref);
  if (!tensor || !isa<KernelOp>(tensor.getOwner()->getParentOp())) // C2
    return op->emitOpError("expected the memref to be an argument of the kernel, as its tensor map is, got another value");
  const int64_t rank = cast<MemRefType>(memref.getType()).getRank();
  if (rank > kMostMapDims) // C2
    return op->emitOpError("expected a memref of at most ") << kMostMapDims << " dimensions, got " << memref.getType();
  if (!llvm::is_sorted(dims) || dims.back() + 1 != rank) // C2
    return op->emitOpError("expected ascending dims that end with the memref's last, got [") << dims << "]";
  int64_t bytes = type.getRow() * type.getElementType().getIntOrFloatBitWidth() / 8;
  if (type.getStages() != 1 || type.getSwizzle() < 0 || (bytes != 32 && bytes != 64 && bytes != 128)) // C3
    return op->emitOpError("expected one swizzled stage of rows or panels of 32, 64 or 128 bytes, got ") << type;
  ArrayRef<int64_t> shape = type.getShape();
  // The map's swizzle follows the number of the row, counted through all dimensions.
  bool byRow = type.getStride(type.getSwizzle()) == type.getRow(),
       once = product(shape, llvm::to_vector(llvm::seq(type.getSwizzle()))) == 1;
  if (!byRow || (!once && shape[type.getSwizzle()] % kRowsOfPattern != 0)) // C3
    return op->emitOpError("expected a tile swizzled by its rows, eight or a multiple of them in each outer index, got ") << type;
  for (int64_t size : shape.drop_back())
    if (size > kMostBoxElements) // C3
      return op->emitOpError("expected at most ") << kMostBoxElements << " elements along a dimension, got " << type;
  return success();
}
