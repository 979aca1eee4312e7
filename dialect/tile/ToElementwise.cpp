// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/dialect/Tile.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mixc;

namespace {
struct SliceToElementwise : OpRewritePattern<tensor::ExtractSliceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tensor::ExtractSliceOp op, PatternRewriter &rewriter) const override {
    RankedTensorType type = op.getType();
    if (!op.getOffsets().empty() || !op.getSizes().empty() || !op.getStrides().empty())
      return rewriter.notifyMatchFailure(op, "expected constant offsets, sizes and strides");
    llvm::SmallBitVector dropped = op.getDroppedDims();
    SmallVector<AffineExpr> exprs;
    unsigned next = 0;
    for (auto [d, offset, stride] : llvm::enumerate(op.getStaticOffsets(), op.getStaticStrides()))
      exprs.push_back(dropped[d] ? rewriter.getAffineConstantExpr(offset) : rewriter.getAffineDimExpr(next++) * stride + offset);
    auto from = AffineMap::get(type.getRank(), 0, exprs, op.getContext());
    Value init = tensor::EmptyOp::create(rewriter, op.getLoc(), type.getShape(), type.getElementType());
    SmallVector<utils::IteratorType> iterators(type.getRank(), utils::IteratorType::parallel);
    rewriter.replaceOpWithNewOp<linalg::GenericOp>(
        op, TypeRange{type}, ValueRange{op.getSource()}, ValueRange{init}, ArrayRef{from, rewriter.getMultiDimIdentityMap(type.getRank())},
        iterators, [](OpBuilder &b, Location loc, ValueRange args) { linalg::YieldOp::create(b, loc, args[0]); });
    return success();
  }
};

/// A reduction along dimensions, its terms written out.
struct ReductionToElementwise : OpRewritePattern<linalg::GenericOp> {
  ReductionToElementwise(MLIRContext *context, std::function<bool(linalg::GenericOp)> keeps)
      : OpRewritePattern(context), keeps(std::move(keeps)) {}

  LogicalResult matchAndRewrite(linalg::GenericOp op, PatternRewriter &rewriter) const override {
    if (keeps && keeps(op))
      return rewriter.notifyMatchFailure(op, "stays a reduction");
    SmallVector<int64_t> ranges = op.getStaticLoopRanges(), sizes;
    SmallVector<unsigned> parallel, reduced;
    op.getParallelDims(parallel);
    op.getReductionDims(reduced);
    for (unsigned d : reduced)
      sizes.push_back(ranges[d]);
    if (!canWriteOut(op, parallel, sizes))
      return rewriter.notifyMatchFailure(op, "expected one result with all parallel dimensions and few terms");
    SmallVector<AffineMap> at; // the loops' indices at each step, by those of the result
    for (int64_t step = 0; step < computeProduct(sizes); ++step) {
      SmallVector<AffineExpr> exprs(ranges.size());
      for (auto [i, d] : llvm::enumerate(parallel))
        exprs[d] = rewriter.getAffineDimExpr(i);
      for (auto [d, index] : llvm::zip(reduced, delinearize(step, computeStrides(sizes))))
        exprs[d] = rewriter.getAffineConstantExpr(index);
      at.push_back(AffineMap::get(parallel.size(), 0, exprs, op.getContext()));
    }
    SmallVector<Value> inputs;
    SmallVector<AffineMap> maps;
    for (AffineMap indices : at)
      for (OpOperand *input : op.getDpsInputOperands()) {
        inputs.push_back(input->get());
        maps.push_back(op.getMatchingIndexingMap(input).compose(indices));
      }
    // Where the sum starts is read as an input: the result's old elements have no meaning here.
    AffineMap identity = rewriter.getMultiDimIdentityMap(parallel.size());
    inputs.push_back(op.getDpsInits()[0]);
    maps.append({identity, identity});
    auto type = cast<RankedTensorType>(op.getResult(0).getType());
    Value init = tensor::EmptyOp::create(rewriter, op.getLoc(), type.getShape(), type.getElementType());
    SmallVector<utils::IteratorType> iterators(parallel.size(), utils::IteratorType::parallel);
    rewriter.replaceOpWithNewOp<linalg::GenericOp>(
        op, TypeRange{type}, inputs, ValueRange{init}, maps, iterators, [&](OpBuilder &b, Location loc, ValueRange args) {
          Value sum = args[inputs.size() - 1];
          for (auto [step, indices] : llvm::enumerate(at))
            sum = term(op, b, args.slice(step * op.getNumDpsInputs(), op.getNumDpsInputs()), sum, indices);
          linalg::YieldOp::create(b, loc, sum);
        });
    return success();
  }

private:
  std::function<bool(linalg::GenericOp)> keeps;

  static bool canWriteOut(linalg::GenericOp op, ArrayRef<unsigned> parallel, ArrayRef<int64_t> sizes) {
    if (sizes.empty() || parallel.empty() || op.getNumResults() != 1)
      return false;
    AffineMap out = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
    if (out.getNumResults() != parallel.size())
      return false;
    for (auto [i, d] : llvm::enumerate(parallel))
      if (out.getResult(i) != getAffineDimExpr(d, op.getContext()))
        return false;
    int64_t terms = 1; // whatever fusion has made inputs of them
    for (int64_t size : sizes)
      terms = size > tile::kMostTerms ? size : std::min(terms * size, tile::kMostTerms + 1);
    return terms <= tile::kMostTerms;
  }

  /// The body at one step: the sum after it.
  static Value term(linalg::GenericOp op, OpBuilder &b, ValueRange inputs, Value sum, AffineMap indices) {
    IRMapping map;
    map.map(op.getBody()->getArguments().drop_back(), inputs);
    map.map(op.getBody()->getArguments().back(), sum);
    for (Operation &inner : op.getBody()->without_terminator()) {
      auto position = dyn_cast<linalg::IndexOp>(inner);
      if (!position) {
        b.clone(inner, map);
        continue;
      }
      AffineExpr expr = indices.getResult(position.getDim());
      if (auto constant = dyn_cast<AffineConstantExpr>(expr))
        map.map(position.getResult(), arith::ConstantIndexOp::create(b, inner.getLoc(), constant.getValue()).getResult());
      else
        map.map(position.getResult(), linalg::IndexOp::create(b, inner.getLoc(), cast<AffineDimExpr>(expr).getPosition()).getResult());
    }
    return map.lookupOrDefault(op.getBody()->getTerminator()->getOperand(0));
  }
};
} // namespace

void mixc::tile::populateToElementwisePatterns(RewritePatternSet &patterns, std::function<bool(linalg::GenericOp)> keeps) {
  patterns.add<SliceToElementwise>(patterns.getContext());
  populateExpandRoundingPatterns(patterns);
  patterns.add<ReductionToElementwise>(patterns.getContext(), std::move(keeps));
}
