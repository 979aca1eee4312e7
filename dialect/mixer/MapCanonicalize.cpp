// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Canonicalisation of mixer.map.

#include "Syntax.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

namespace mixc::mixer {
using namespace mlir;

/// Whether the map keeps its result type with these operands.
static bool keepsType(MapOp op, ValueRange inputs) {
  SmallVector<Type> types;
  return succeeded(MapOp::inferReturnTypes(op.getContext(), std::nullopt, inputs, {}, nullptr, {}, types)) && types.front() == op.getType();
}

static bool keepsTypeWithout(MapOp op, unsigned index) {
  SmallVector<Value> inputs(op.getInputs());
  inputs.erase(inputs.begin() + index);
  return keepsType(op, inputs);
}

/// Drops operand `index`; `value` (or null, if it has no uses) takes the place of its parameter.
static void dropOperand(MapOp op, unsigned index, Value value, PatternRewriter &rewriter) {
  rewriter.modifyOpInPlace(op, [&] {
    if (value)
      rewriter.replaceAllUsesWith(op.getBody()->getArgument(index), value);
    op.getBody()->eraseArgument(index);
    op->eraseOperand(index);
  });
}

namespace {
/// map(a, b) { (x, y) -> f(x) } = map(a) { (x) -> f(x) }, where b adds no dimension
struct DropUnusedOperand : OpRewritePattern<MapOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MapOp op, PatternRewriter &rewriter) const override {
    for (BlockArgument arg : op.getBody()->getArguments())
      if (arg.use_empty() && keepsTypeWithout(op, arg.getArgNumber())) {
        dropOperand(op, arg.getArgNumber(), {}, rewriter);
        return success();
      }
    return rewriter.notifyMatchFailure(op, "every operand is used or gives the result a dimension");
  }
};

/// map(a, a) { (x, y) -> f(x, y) } = map(a) { (x) -> f(x, x) }
struct MergeSameOperands : OpRewritePattern<MapOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MapOp op, PatternRewriter &rewriter) const override {
    for (unsigned j = 1; j < op.getInputs().size(); ++j)
      for (unsigned i = 0; i < j; ++i)
        if (op.getInputs()[i] == op.getInputs()[j]) {
          dropOperand(op, j, op.getBody()->getArgument(i), rewriter);
          return success();
        }
    return rewriter.notifyMatchFailure(op, "all operands differ");
  }
};

/// map(a, constant 2) { (x, y) -> x * y } = map(a) { (x) -> x * 2 }
struct InlineConstantOperand : OpRewritePattern<MapOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MapOp op, PatternRewriter &rewriter) const override {
    for (BlockArgument arg : op.getBody()->getArguments()) {
      auto constant = op.getInputs()[arg.getArgNumber()].getDefiningOp<ConstantOp>();
      if (!constant || arg.use_empty())
        continue;
      rewriter.setInsertionPointToStart(op.getBody());
      Value value = arith::ConstantOp::create(rewriter, constant.getLoc(), constant.getValueAttr());
      if (keepsTypeWithout(op, arg.getArgNumber()))
        dropOperand(op, arg.getArgNumber(), value, rewriter);
      else
        rewriter.replaceAllUsesWith(arg, value);
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no operand in use is a constant");
  }
};

/// map(a) { (x) -> 2 } = constant 2
struct ConstantMap : OpRewritePattern<MapOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MapOp op, PatternRewriter &rewriter) const override {
    auto constant = op.getYield().getValue().getDefiningOp<arith::ConstantOp>();
    if (!constant)
      return rewriter.notifyMatchFailure(op, "the body's value is not a constant");
    rewriter.replaceOpWithNewOp<ConstantOp>(op, op.getType(), cast<FloatAttr>(constant.getValue()));
    return success();
  }
};

/// map(a) { (x) -> x } = a. An io operand stays io: it is widened where it is read.
struct IdentityMap : OpRewritePattern<MapOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MapOp op, PatternRewriter &rewriter) const override {
    auto arg = dyn_cast<BlockArgument>(op.getYield().getValue());
    if (!arg)
      return rewriter.notifyMatchFailure(op, "the body's value is not a parameter");
    Value input = op.getInputs()[arg.getArgNumber()];
    if (cast<TensorType>(input.getType()).getDims() != op.getType().getDims())
      return rewriter.notifyMatchFailure(op, "the operand is broadcast");
    rewriter.replaceOp(op, input);
    return success();
  }
};

/// map(map(a) { (x) -> f(x) }) { (y) -> g(y) } = map(a) { (x) -> g(f(x)) }, where the inner one has no other use and
/// is not broadcast (else f would be computed again for every element of the new dimensions)
struct ComposeMaps : OpRewritePattern<MapOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MapOp op, PatternRewriter &rewriter) const override {
    for (auto [index, input] : llvm::enumerate(op.getInputs())) {
      auto inner = input.getDefiningOp<MapOp>();
      if (!inner || !inner->hasOneUse() || !inner.getType().hasSameDims(op.getType()) ||
          countOps(op.getBodyRegion()) + countOps(inner.getBodyRegion()) > kMostOps)
        continue;
      SmallVector<Value> inputs(op.getInputs());
      inputs.erase(inputs.begin() + index);
      llvm::append_range(inputs, inner.getInputs());
      if (!keepsType(op, inputs))
        continue;
      inlineInto(op, index, inner, rewriter);
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no operand is a map of the same dimensions without other uses");
  }

private:
  static void inlineInto(MapOp op, unsigned index, MapOp inner, PatternRewriter &rewriter) {
    rewriter.modifyOpInPlace(op, [&] {
      IRMapping mapping;
      for (auto [arg, input] : llvm::zip(inner.getBody()->getArguments(), inner.getInputs())) {
        op->insertOperands(op->getNumOperands(), input);
        mapping.map(arg, op.getBody()->addArgument(arg.getType(), arg.getLoc()));
      }
      rewriter.setInsertionPointToStart(op.getBody());
      for (Operation &bodyOp : inner.getBody()->without_terminator())
        rewriter.clone(bodyOp, mapping);
      dropOperand(op, index, mapping.lookupOrDefault(inner.getYield().getValue()), rewriter);
    });
  }
};
} // namespace

void MapOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *ctx) {
  patterns.add<DropUnusedOperand, MergeSameOperands, InlineConstantOperand, ConstantMap, IdentityMap, ComposeMaps>(ctx);
}

} // namespace mixc::mixer
