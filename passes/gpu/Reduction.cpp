// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reductions along dimensions of tiles: each element of the result reads its terms in shared memory.

#include "KernelConverter.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// Terms of a sum that is written out, over all operands.
static constexpr int64_t kMostTerms = 512;

LogicalResult mixc::gpu::checkReduction(linalg::GenericOp op) {
  SmallVector<unsigned> parallel;
  op.getParallelDims(parallel);
  AffineMap out = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  bool inOrder = out.getNumResults() == parallel.size();
  for (auto [i, d] : llvm::enumerate(parallel))
    inOrder = inOrder && out.getResult(i) == getAffineDimExpr(d, op.getContext());
  if (!inOrder || parallel.empty())
    return op.emitOpError("expected a result with all parallel dimensions, in their order, got the map ") << AffineMapAttr::get(out);
  int64_t terms = op.getNumDpsInputs();
  for (auto [size, kind] : llvm::zip(op.getStaticLoopRanges(), op.getIteratorTypesArray()))
    if (!linalg::isParallelIterator(kind))
      terms = size > kMostTerms ? size : std::min(terms * size, kMostTerms + 1);
  if (terms > kMostTerms)
    return op.emitOpError("expected at most ") << kMostTerms << " terms of a reduction; reduce in two steps";
  return success();
}

namespace {
/// The inputs of a map that a reduction becomes, and what they are in its body.
struct Terms {
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  SmallVector<Type> types;
  int64_t add(Value input, AffineMap map, Type type) {
    inputs.push_back(input);
    maps.push_back(map);
    types.push_back(type);
    return inputs.size() - 1;
  }
};
} // namespace

LogicalResult KernelConverter::convertReduction(linalg::GenericOp op) {
  FragmentType type = fragmentType(op.getResult(0));
  SmallVector<int64_t> ranges = op.getStaticLoopRanges(), sizes;
  SmallVector<unsigned> parallel, reduced;
  op.getParallelDims(parallel);
  op.getReductionDims(reduced);
  for (unsigned d : reduced)
    sizes.push_back(ranges[d]);
  int64_t steps = computeProduct(sizes);
  // The loop's indices at a step, by those of the result.
  auto indicesAt = [&](int64_t step) {
    SmallVector<AffineExpr> exprs(ranges.size());
    for (auto [i, d] : llvm::enumerate(parallel))
      exprs[d] = b.getAffineDimExpr(i);
    for (auto [d, index] : llvm::zip(reduced, delinearize(step, computeStrides(sizes))))
      exprs[d] = b.getAffineConstantExpr(index);
    return AffineMap::get(parallel.size(), 0, exprs, b.getContext());
  };
  Terms terms;
  SmallVector<SmallVector<int64_t>> termOf(steps); // by input; -1: no tile of its own
  for (int64_t step = 0; step < steps; ++step)
    for (OpOperand *input : op.getDpsInputOperands()) {
      bool isRead = isTile(input->get()) && !splatOf(input->get());
      termOf[step].push_back(isRead ? terms.add(sharedOf(input->get()), op.getMatchingIndexingMap(input).compose(indicesAt(step)),
                                                ::cast<RankedTensorType>(input->get().getType()).getElementType())
                                    : -1);
    }
  Value init = op.getDpsInits()[0];
  std::optional<FloatAttr> splat = splatOf(init);
  int64_t start = splat ? -1 : terms.add(fragmentOf(init, type), b.getMultiDimIdentityMap(parallel.size()), type.getElementType());
  auto made = MapOp::create(b, op.getLoc(), type, terms.inputs, b.getAffineMapArrayAttr(terms.maps), /*deferred=*/false);
  OpBuilder::InsertionGuard guard(b);
  Block *block = b.createBlock(&made.getBody(), {}, terms.types, SmallVector<Location>(terms.types.size(), op.getLoc()));
  Value sum = splat ? arith::ConstantOp::create(b, op.getLoc(), *splat).getResult() : Value(block->getArgument(start));
  for (int64_t step = 0; step < steps; ++step) {
    IRMapping body = map;
    for (auto [input, term] : llvm::zip(op.getDpsInputOperands(), termOf[step])) {
      BlockArgument arg = op.getMatchingBlockArgument(input);
      if (term >= 0)
        body.map(arg, block->getArgument(term));
      else if (std::optional<FloatAttr> constant = splatOf(input->get()))
        body.map(arg, arith::ConstantOp::create(b, op.getLoc(), *constant));
      else
        body.map(arg, map.lookupOrDefault(input->get()));
    }
    body.map(op.getMatchingBlockArgument(op.getDpsInitOperand(0)), sum);
    sum = cloneBody(op, body, indicesAt(step));
  }
  YieldOp::create(b, op.getLoc(), sum);
  fragments[op.getResult(0)] = made.getResult();
  return success();
}
