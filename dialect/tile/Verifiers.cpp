// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the verifiers of the tile and gpu_tile dialects have in common.

#include "mixc/dialect/Tile.h"

using namespace mlir;
using namespace mixc::tile;

LogicalResult mixc::tile::verifyTransferDims(Operation *op, ArrayRef<int64_t> dims, int64_t memrefRank, int64_t rank) {
  if (int64_t(dims.size()) != rank)
    return op->emitOpError("expected ") << rank << " entries in dims, got " << dims.size();
  llvm::SmallDenseSet<int64_t> seen;
  for (int64_t dim : dims)
    if (dim < 0 || dim >= memrefRank || !seen.insert(dim).second)
      return op->emitOpError("expected distinct dims below ") << memrefRank << ", got " << dim;
  return success();
}

LogicalResult mixc::tile::verifyKernelArguments(FunctionOpInterface kernel) {
  ArrayRef<Type> types = kernel.getArgumentTypes();
  if (types.size() < KernelOp::kFirstMemref)
    return kernel->emitOpError("expected at least ") << KernelOp::kFirstMemref << " arguments, got " << types.size();
  for (auto [i, type] : llvm::enumerate(types)) {
    if (i < KernelOp::kFirstMemref) {
      if (!type.isIndex())
        return kernel->emitOpError("expected argument ") << i << " to be an index, got " << type;
      continue;
    }
    auto memref = dyn_cast<MemRefType>(type);
    SmallVector<int64_t> strides;
    int64_t offset;
    if (!memref || failed(memref.getStridesAndOffset(strides, offset)) || !ShapedType::isDynamic(offset))
      return kernel->emitOpError("expected argument ") << i << " to be a strided memref with a dynamic offset, got " << type;
    if (!isa<FloatType>(memref.getElementType()) || memref.getMemorySpace())
      return kernel->emitOpError("expected argument ") << i << " to hold floats in the default memory space, got " << type;
  }
  if (!kernel.getResultTypes().empty())
    return kernel->emitOpError("expected no results, got ") << kernel.getResultTypes().size();
  return success();
}
