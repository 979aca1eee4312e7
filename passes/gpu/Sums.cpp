// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Sums.h"
#include "Placement.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using gpu_tile::PiecesAttr;

// Fewer terms are written out. A thread has at most this many elements of a row that all groups of lanes have.
static constexpr int64_t kLeastTerms = 8, kMostOfRow = 8;

SmallVector<int64_t> mixc::gpu::summedDims(linalg::GenericOp op) {
  SmallVector<unsigned> dims;
  op.getReductionDims(dims);
  return SmallVector<int64_t>(dims.begin(), dims.end());
}

PiecesAttr mixc::gpu::piecesFor(RankedTensorType type) {
  const int64_t row = type.getShape().back(), width = row % 4 == 0 ? 4 : row % 2 == 0 ? 2 : 1;
  const int64_t lanes = std::min<int64_t>(32, llvm::PowerOf2Ceil(row / width));
  auto pieces = PiecesAttr::get(type.getContext(), width, lanes);
  if (gpu_tile::rowsInPieces(type.getShape()) == 1 && gpu_tile::piecesPerLane(pieces, type.getShape()) * width > kMostOfRow)
    return {};
  return pieces;
}

/// A sum from 0 of the elements of one tile of f32, whose result has the other dimensions in their order.
static bool isPlainSum(linalg::GenericOp op) {
  if (op.getNumReductionLoops() == 0 || op.getNumDpsInputs() != 1 || op.getNumResults() != 1)
    return false;
  auto input = dyn_cast<RankedTensorType>(op.getInputs()[0].getType()), result = dyn_cast<RankedTensorType>(op.getResult(0).getType());
  if (!input || !result || !input.hasStaticShape() || !result.hasStaticShape() || !input.getElementType().isF32() ||
      !result.getElementType().isF32())
    return false;
  SmallVector<unsigned> kept;
  op.getParallelDims(kept);
  const AffineMap expected = AffineMap::getMultiDimMapWithTargets(op.getNumLoops(), kept, op.getContext());
  if (!op.getMatchingIndexingMap(op.getDpsInputOperand(0)).isIdentity() || op.getMatchingIndexingMap(op.getDpsInitOperand(0)) != expected)
    return false;
  std::optional<FloatAttr> start = splatOf(op.getDpsInits()[0]);
  auto sum = op.getBody()->getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  Value own = op.getBody()->getArgument(0), before = op.getBody()->getArgument(1);
  return start && start->getValue().isZero() && !op.getDpsInits()[0].getDefiningOp<tensor::EmptyOp>() && sum &&
         ((sum.getLhs() == before && sum.getRhs() == own) || (sum.getLhs() == own && sum.getRhs() == before));
}

/// Whether the kernel's work is elementwise, but for reductions: nothing else wants its tiles in layouts of its own.
static bool isElementwise(tile::KernelOp kernel) {
  WalkResult others = kernel.walk([](Operation *op) {
    const bool ofTiles = llvm::any_of(op->getOperandTypes(), llvm::IsaPred<RankedTensorType>);
    const bool isOther = isa<tile::TileDialect>(op->getDialect()) && ofTiles && !isa<tile::StoreOp>(op);
    return isOther || isa<linalg::ContractOp>(op) ? WalkResult::interrupt() : WalkResult::advance();
  });
  return !others.wasInterrupted();
}

static bool fits(linalg::GenericOp op, int64_t warps) {
  auto input = cast<RankedTensorType>(op.getInputs()[0].getType());
  const PiecesAttr pieces = piecesFor(input);
  const SmallVector<int64_t> dims = summedDims(op);
  return pieces && gpu_tile::product(input.getShape(), dims) >= kLeastTerms &&
         gpu_tile::sumProblem(pieces, input.getShape(), dims, warps).empty();
}

bool mixc::gpu::isSum(linalg::GenericOp op, int64_t warps) {
  return isPlainSum(op) && isElementwise(op->getParentOfType<tile::KernelOp>()) && fits(op, warps);
}

bool mixc::gpu::hasSums(tile::KernelOp kernel, int64_t warps) {
  return kernel.walk([&](linalg::GenericOp op) { return isSum(op, warps) ? WalkResult::interrupt() : WalkResult::advance(); })
      .wasInterrupted();
}
