// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "KernelOps.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace mixc::cpu {

bool isContraction(linalg::LinalgOp op) { return isa<linalg::ContractOp>(op) || linalg::isaContractionOpInterface(op); }

bool isParallel(linalg::LinalgOp op) {
  return op.getNumLoops() == op.getNumParallelLoops() &&
         llvm::all_of(op.getDpsInitsMutable(), [&](OpOperand &init) { return op.getMatchingIndexingMap(&init).isPermutation(); });
}

//===--- Linear access ---===//

static LogicalResult addTerms(AffineExpr expr, int64_t factor, LinearAccess &access) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
    access.coefficients[dim.getPosition()] += factor;
    return success();
  }
  if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
    access.constant += factor * constant.getValue();
    return success();
  }
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return failure();
  if (binary.getKind() == AffineExprKind::Add)
    return success(succeeded(addTerms(binary.getLHS(), factor, access)) && succeeded(addTerms(binary.getRHS(), factor, access)));
  auto scale = dyn_cast<AffineConstantExpr>(binary.getRHS());
  if (binary.getKind() != AffineExprKind::Mul || !scale)
    return failure();
  return addTerms(binary.getLHS(), factor * scale.getValue(), access);
}

FailureOr<LinearAccess> linearise(AffineMap map, ArrayRef<int64_t> strides) {
  LinearAccess access;
  access.coefficients.assign(map.getNumDims(), 0);
  for (auto [expr, stride] : llvm::zip_equal(map.getResults(), strides))
    if (failed(addTerms(expr, stride, access)))
      return failure();
  return access;
}

//===--- Masked tiles ---===//

static std::optional<int64_t> loopOfIndex(Value value) {
  auto index = value.getDefiningOp<linalg::IndexOp>();
  return index ? std::optional<int64_t>(index.getDim()) : std::nullopt;
}

std::optional<Triangle> zeroAboveDiagonal(Value tile) {
  auto op = tile.getDefiningOp<linalg::GenericOp>();
  if (!op || !isParallel(op))
    return std::nullopt;
  unsigned number = cast<OpResult>(tile).getResultNumber();
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(number));
  auto select = op.getBlock()->getTerminator()->getOperand(number).getDefiningOp<arith::SelectOp>();
  auto compare = select ? select.getCondition().getDefiningOp<arith::CmpIOp>() : arith::CmpIOp();
  if (!compare || !matchPattern(select.getFalseValue(), m_AnyZeroFloat()))
    return std::nullopt;
  std::optional<int64_t> lower = loopOfIndex(compare.getLhs()), upper = loopOfIndex(compare.getRhs());
  bool isBelow = llvm::is_contained({arith::CmpIPredicate::ule, arith::CmpIPredicate::sle}, compare.getPredicate());
  if (!isBelow || !lower || !upper)
    return std::nullopt;
  auto dimOf = [&](int64_t loop) { return *map.getResultPosition(getAffineDimExpr(loop, map.getContext())); };
  return Triangle{dimOf(*upper), dimOf(*lower)};
}

//===--- Normal form ---===//

namespace {
/// select(scalar condition, tile, tile), which a folded scf.if leaves: generic with the condition captured.
struct SelectOfTiles : OpRewritePattern<arith::SelectOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(arith::SelectOp op, PatternRewriter &rewriter) const override {
    auto type = dyn_cast<RankedTensorType>(op.getType());
    if (!type || isa<ShapedType>(op.getCondition().getType()))
      return rewriter.notifyMatchFailure(op, "expected a scalar condition and tiles");
    Value init = tensor::EmptyOp::create(rewriter, op.getLoc(), type.getShape(), type.getElementType());
    SmallVector<AffineMap> maps(3, rewriter.getMultiDimIdentityMap(type.getRank()));
    SmallVector<utils::IteratorType> iterators(type.getRank(), utils::IteratorType::parallel);
    rewriter.replaceOpWithNewOp<linalg::GenericOp>(op, TypeRange{type}, ValueRange{op.getTrueValue(), op.getFalseValue()}, ValueRange{init},
                                                   maps, iterators, [&](OpBuilder &b, Location loc, ValueRange args) {
                                                     Value chosen = arith::SelectOp::create(b, loc, op.getCondition(), args[0], args[1]);
                                                     linalg::YieldOp::create(b, loc, chosen);
                                                   });
    return success();
  }
};

struct GeneraliseElementwise : OpInterfaceRewritePattern<linalg::LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;
  LogicalResult matchAndRewrite(linalg::LinalgOp op, PatternRewriter &rewriter) const override {
    if (isa<linalg::GenericOp>(op) || isContraction(op) || !isParallel(op))
      return rewriter.notifyMatchFailure(op, "expected a named elementwise operation");
    return linalg::generalizeNamedOp(rewriter, op);
  }
};

/// What yields one constant everywhere is a splat, which has no place in memory.
struct ConstantToSplat : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(linalg::GenericOp op, PatternRewriter &rewriter) const override {
    TypedAttr value;
    if (op->getNumResults() != 1 || !isParallel(op) || !matchPattern(op.getBody()->getTerminator()->getOperand(0), m_Constant(&value)))
      return rewriter.notifyMatchFailure(op, "expected one result, the same constant everywhere");
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(op, SplatElementsAttr::get(cast<RankedTensorType>(op->getResult(0).getType()), value));
    return success();
  }
};
} // namespace

static int64_t iterations(linalg::LinalgOp op) {
  int64_t count = 1;
  for (int64_t range : op.getStaticLoopRanges())
    count *= range;
  return count;
}

/// A sum runs along a tile that it reads element by element, all of it: how much of a larger one is told by what it is cut to alone.
static bool keepsSum(linalg::LinalgOp producer, linalg::LinalgOp consumer, OpOperand *operand) {
  auto isIdentity = [](linalg::LinalgOp op, OpOperand *use) { return op.getMatchingIndexingMap(use).isIdentity(); };
  auto isWhole = [&](OpOperand *input) {
    auto type = dyn_cast<ShapedType>(input->get().getType());
    return !type || type.getShape() == cast<ShapedType>(producer->getResult(0).getType()).getShape();
  };
  return consumer.getNumReductionLoops() == 0 ||
         (isSum(consumer) && isIdentity(consumer, operand) && isIdentity(producer, producer.getDpsInitOperand(0)) &&
          llvm::any_of(producer.getDpsInputOperands(), [&](OpOperand *input) { return isIdentity(producer, input); }) &&
          llvm::none_of(producer.getDpsInputOperands(), [&](OpOperand *input) { return isIdentity(producer, input) && !isWhole(input); }));
}

/// Fusing recomputes the producer at every iteration of its consumer: worth it only where that is no oftener than
/// before.
static bool fusesForFree(OpOperand *operand) {
  auto producer = operand->get().getDefiningOp<linalg::LinalgOp>();
  auto consumer = cast<linalg::LinalgOp>(operand->getOwner());
  return producer && producer->hasOneUse() && producer->getBlock() == consumer->getBlock() &&
         iterations(consumer) <= iterations(producer) && keepsSum(producer, consumer, operand);
}

/// Whether a kernel's work is elementwise but for reductions: sums of many terms then stay sums.
static bool isElementwise(tile::KernelOp kernel) {
  WalkResult others = kernel.walk(
      [](Operation *op) { return isa<tile::ScanOp, linalg::ContractOp>(op) ? WalkResult::interrupt() : WalkResult::advance(); });
  return !others.wasInterrupted();
}

static bool staysSum(linalg::GenericOp op) {
  constexpr int64_t kLeastTerms = 16;
  if (!isSum(op))
    return false;
  int64_t terms = 1;
  SmallVector<unsigned> dims;
  op.getReductionDims(dims);
  for (unsigned dim : dims)
    terms *= op.getStaticLoopRanges()[dim];
  return terms >= kLeastTerms;
}

LogicalResult normalise(tile::KernelOp kernel) {
  const bool elementwise = isElementwise(kernel);
  RewritePatternSet patterns(kernel.getContext());
  patterns.add<SelectOfTiles, GeneraliseElementwise, ConstantToSplat>(kernel.getContext());
  tile::populateToElementwisePatterns(patterns, [=](linalg::GenericOp op) { return elementwise && staysSum(op); });
  linalg::populateElementwiseToLinalgConversionPatterns(patterns);
  linalg::GenericOp::getCanonicalizationPatterns(patterns, kernel.getContext()); // what hands its operand on
  if (failed(applyPatternsGreedily(kernel, std::move(patterns))))
    return kernel.emitOpError("rewriting to linalg.generic did not converge");
  RewritePatternSet fusion(kernel.getContext());
  linalg::populateElementwiseOpsFusionPatterns(fusion, fusesForFree);
  if (failed(applyPatternsGreedily(kernel, std::move(fusion))))
    return kernel.emitOpError("fusing elementwise operations did not converge");
  // What fusion has made of a sum may not be one that runs along rows.
  RewritePatternSet others(kernel.getContext());
  tile::populateToElementwisePatterns(others, [](linalg::GenericOp op) { return isSum(op); });
  if (failed(applyPatternsGreedily(kernel, std::move(others))))
    return kernel.emitOpError("writing out reductions did not converge");
  bringRowsTogether(kernel);
  return success();
}

//===--- Check ---===//

static LogicalResult checkBody(linalg::LinalgOp op) {
  if (isContraction(op))
    return success();
  for (Operation &inner : op.getBlock()->without_terminator())
    if (!isa<arith::ConstantOp, linalg::IndexOp>(inner) && !OpTrait::hasElementwiseMappableTraits(&inner))
      return inner.emitOpError("expected an elementwise operation in the body of ") << op->getName() << "; move it out of the body";
  return success();
}

static LogicalResult checkLinalg(linalg::LinalgOp op) {
  if (!op.hasPureTensorSemantics())
    return op.emitOpError("expected tiles (tensors) as operands, got memrefs; use tile.load and tile.store");
  if (isContraction(op) && llvm::any_of(op->getOperandTypes(), [](Type type) { return getElementTypeOrSelf(type).isF64(); }))
    return op.emitOpError("expected operands of at most f32: contractions accumulate in f32");
  if (!isContraction(op) && !isParallel(op) && !isSum(op))
    return op.emitOpError("expected a contraction, a sum or an operation with parallel loops only, whose results are written "
                          "in every element");
  for (OpOperand &operand : op->getOpOperands()) {
    auto type = dyn_cast<RankedTensorType>(operand.get().getType());
    if (!type)
      return op.emitOpError("expected operand ")
             << operand.getOperandNumber() << " to be a tile, got " << operand.get().getType() << "; capture scalars in the body";
    if (failed(linearise(op.getMatchingIndexingMap(&operand), SmallVector<int64_t>(type.getRank(), 1))))
      return op.emitOpError("expected the index of operand ")
             << operand.getOperandNumber() << " to be linear in the loops, got " << AffineMapAttr::get(op.getMatchingIndexingMap(&operand));
  }
  return checkBody(op);
}

static bool isFloat(Type elem) { return elem.isF32() || elem.isF64() || elem.isF16() || elem.isBF16(); }

static LogicalResult checkTypes(Operation *op) {
  for (Type type : op->getOperandTypes())
    if (auto memref = dyn_cast<MemRefType>(type); memref && !isFloat(memref.getElementType()))
      return op->emitOpError("expected a tensor of f16, bf16, f32 or f64, got ") << type;
  for (Type type : op->getResultTypes())
    if (auto tensor = dyn_cast<TensorType>(type)) {
      if (!isa<RankedTensorType>(type) || !tensor.hasStaticShape() || !isFloat(tensor.getElementType()))
        return op->emitOpError("expected tiles of static shape and f16, bf16, f32 or f64, got ") << type;
    }
  return success();
}

/// Loops and branches carry numbers and tiles.
static LogicalResult checkCarried(Operation *op) {
  for (Type type : op->getResultTypes())
    if (!type.isIntOrIndexOrFloat() && !isa<RankedTensorType>(type))
      return op->emitOpError("expected to carry numbers and tiles, got ") << type;
  return success();
}

static LogicalResult checkOp(Operation *op) {
  if (failed(checkTypes(op)))
    return failure();
  if (isa<scf::ForOp, scf::IfOp>(op) && failed(checkCarried(op)))
    return failure();
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return checkLinalg(linalgOp);
  if (isa<tile::PartOp, tile::BlocksOp, tile::ReleaseOp, tile::AcquireOp>(op))
    return op->emitOpError("has no CPU lowering; choose a plan of family = portable");
  if (isa<tile::TileDialect>(op->getDialect()) || isa<scf::ForOp, scf::IfOp, scf::YieldOp, tensor::EmptyOp>(op))
    return success();
  bool onTiles =
      llvm::any_of(op->getOperandTypes(), llvm::IsaPred<ShapedType>) || llvm::any_of(op->getResultTypes(), llvm::IsaPred<ShapedType>);
  if (auto constant = dyn_cast<arith::ConstantOp>(op); constant && onTiles) {
    if (!isa<SplatElementsAttr>(constant.getValue()))
      return op->emitOpError("expected a splat; load other constants from an argument");
    return success();
  }
  if (isa<arith::ArithDialect, math::MathDialect>(op->getDialect()) && !onTiles)
    return success();
  return op->emitOpError("has no CPU lowering; expected tile, scf.for, scf.if, linalg or scalar arith operations");
}

LogicalResult checkSupported(tile::KernelOp kernel) {
  WalkResult result = kernel.getBody().walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (failed(checkOp(op)))
      return WalkResult::interrupt();
    return isa<linalg::LinalgOp>(op) ? WalkResult::skip() : WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

} // namespace mixc::cpu
