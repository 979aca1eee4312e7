// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a tile kernel may hold to be placed on a GPU, checked before anything is rewritten.

#include "Placement.h"
#include "Sums.h"
#include "mlir/IR/OpDefinition.h"

using namespace mlir;
using namespace mixc;

/// Elements of a tile: as many as a fragment may have.
static constexpr int64_t kMaxElements = 1 << 20;

static bool isGpuFloat(Type type) { return type.isF32() || type.isBF16() || type.isF16(); }

static LogicalResult checkTile(Operation *op, Type type) {
  auto tile = dyn_cast<TensorType>(type);
  if (!tile)
    return success();
  int64_t elements = 1;
  bool good = isa<RankedTensorType>(tile) && tile.hasStaticShape() && tile.getRank() > 0 && isGpuFloat(tile.getElementType());
  for (int64_t size : good ? tile.getShape() : ArrayRef<int64_t>()) {
    good = good && size > 0 && size <= kMaxElements / elements;
    elements *= good ? size : 1;
  }
  if (good)
    return success();
  return op->emitOpError("expected tiles of f32, bf16 or f16 with at least one dimension and at most ")
         << kMaxElements << " elements, got " << type;
}

static LogicalResult checkMemref(Operation *op, Value memref) {
  auto type = cast<MemRefType>(memref.getType());
  if (!isGpuFloat(type.getElementType()))
    return op->emitOpError("expected a tensor of f32, bf16 or f16, got ") << type;
  return success();
}

static LogicalResult checkContract(linalg::ContractOp op) {
  if (op->getNumResults() != 1)
    return op.emitOpError("expected a product of tiles, got memrefs");
  auto element = [&](unsigned i) { return cast<ShapedType>(op->getOperand(i).getType()).getElementType(); };
  if (element(0) != element(1) || !element(2).isF32())
    return op.emitOpError("expected equal operand types and an f32 result, got ")
           << element(0) << " and " << element(1) << " to " << element(2);
  FailureOr<mixc::gpu::ContractRoles> roles = mixc::gpu::rolesOf(op);
  if (failed(roles)) // has said why
    return failure();
  int64_t size = cast<ShapedType>(roles->lhs.getType()).getDimSize(roles->lhsK);
  if (size % 16 != 0)
    return op.emitOpError("expected the contracted dimension to be a multiple of 16, got ") << size;
  return success();
}

static LogicalResult checkOp(Operation *op, int64_t warps) {
  for (TypeRange types : {TypeRange(op->getOperandTypes()), TypeRange(op->getResultTypes())})
    for (Type type : types)
      if (failed(checkTile(op, type)))
        return failure();
  if (auto load = dyn_cast<tile::LoadOp>(op))
    return checkMemref(op, load.getSource());
  if (auto store = dyn_cast<tile::StoreOp>(op))
    return checkMemref(op, store.getDest());
  if (auto release = dyn_cast<tile::ReleaseOp>(op))
    return checkMemref(op, release.getFlags());
  if (auto acquire = dyn_cast<tile::AcquireOp>(op))
    return checkMemref(op, acquire.getFlags());
  if (auto contract = dyn_cast<linalg::ContractOp>(op))
    return checkContract(contract);
  if (auto generic = dyn_cast<linalg::GenericOp>(op)) {
    if (mixc::gpu::isSum(generic, warps))
      return success();
    if (generic.getNumReductionLoops() > 0)
      return op->emitOpError("expected a reduction with at most ")
             << tile::kMostTerms << " terms, whose one result has all parallel dimensions in their order; reduce in steps";
    if (generic.getNumResults() != 1 || generic.getNumParallelLoops() != generic.getNumLoops() ||
        !generic.getMatchingIndexingMap(generic.getDpsInitOperand(0)).isIdentity())
      return op->emitOpError("expected one result, parallel loops and an identity map for the result");
  }
  if (auto loop = dyn_cast<scf::ForOp>(op); loop && !loop.getInductionVar().getType().isIndex())
    return op->emitOpError("expected a counter of type index, got ") << loop.getInductionVar().getType();
  return success();
}

LogicalResult mixc::gpu::checkKernel(tile::KernelOp kernel, int64_t warps) {
  WalkResult walk = kernel.getBody().walk<WalkOrder::PreOrder>([=](Operation *op) -> WalkResult {
    if (failed(checkOp(op, warps)))
      return WalkResult::interrupt();
    return isa<linalg::LinalgOp>(op) ? WalkResult::skip() : WalkResult::advance();
  });
  return failure(walk.wasInterrupted());
}
