// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Ops over neighbouring tokens: mixer.previous, last, conv and tap.

#include "Syntax.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/PatternMatch.h"

namespace mixc::mixer {
using namespace mlir;

/// The farthest token that an op reads before the one that it computes.
static constexpr int64_t kMostBack = 15;

//===--- Syntax ---===//

static ParseResult parseNumberAfter(OpAsmParser &parser, StringRef word, IntegerAttr &number) {
  int64_t value;
  if (parser.parseKeyword(word) || parser.parseInteger(value))
    return failure();
  number = parser.getBuilder().getI64IntegerAttr(value);
  return success();
}

/// `after %x0`, or nothing.
static ParseResult parseAfter(OpAsmParser &parser, OperationState &state) {
  return failed(parser.parseOptionalKeyword("after")) ? ParseResult(success()) : parseOperand(parser, state.operands);
}

static void printAfter(OpAsmPrinter &printer, Operation *op, Value after) {
  if (!after)
    return;
  printer << " after ";
  printOperand(printer, op, after);
}

template <typename Op> static ParseResult finish(OpAsmParser &parser, OperationState &state, SMLoc loc) {
  return failure(parser.parseOptionalAttrDict(state.attributes) || inferResultTypes<Op>(parser, state, loc));
}

ParseResult PreviousOp::parse(OpAsmParser &parser, OperationState &state) {
  SMLoc loc = parser.getCurrentLocation();
  auto &props = state.getOrAddProperties<Properties>();
  return failure(parseOperand(parser, state.operands) || parseNumberAfter(parser, "by", props.by) || parseAfter(parser, state) ||
                 finish<PreviousOp>(parser, state, loc));
}

void PreviousOp::print(OpAsmPrinter &printer) {
  printer << ' ';
  printOperand(printer, *this, getInput());
  printer << " by " << int64_t(getBy());
  printAfter(printer, *this, getAfter());
  printer.printOptionalAttrDict((*this)->getAttrs(), {getByAttrName()});
}

ParseResult LastOp::parse(OpAsmParser &parser, OperationState &state) {
  SMLoc loc = parser.getCurrentLocation();
  return failure(parseOperand(parser, state.operands) || parseAfter(parser, state) || finish<LastOp>(parser, state, loc));
}

void LastOp::print(OpAsmPrinter &printer) {
  printer << ' ';
  printOperand(printer, *this, getInput());
  printAfter(printer, *this, getAfter());
  printer.printOptionalAttrDict((*this)->getAttrs());
}

ParseResult ConvOp::parse(OpAsmParser &parser, OperationState &state) {
  SMLoc loc = parser.getCurrentLocation();
  return failure(parseOperand(parser, state.operands) || parser.parseKeyword("by") || parseOperand(parser, state.operands) ||
                 parseAfter(parser, state) || finish<ConvOp>(parser, state, loc));
}

void ConvOp::print(OpAsmPrinter &printer) {
  printer << ' ';
  printOperand(printer, *this, getInput());
  printer << " by ";
  printOperand(printer, *this, getWeights());
  printAfter(printer, *this, getAfter());
  printer.printOptionalAttrDict((*this)->getAttrs());
}

ParseResult TapOp::parse(OpAsmParser &parser, OperationState &state) {
  SMLoc loc = parser.getCurrentLocation();
  auto &props = state.getOrAddProperties<Properties>();
  return failure(parseOperand(parser, state.operands) || parseNumberAfter(parser, "at", props.at) || finish<TapOp>(parser, state, loc));
}

void TapOp::print(OpAsmPrinter &printer) {
  printer << ' ';
  printOperand(printer, *this, getWeights());
  printer << " at " << int64_t(getAt());
  printer.printOptionalAttrDict((*this)->getAttrs(), {getAtAttrName()});
}

void PreviousOp::getAsmResultNames(OpAsmSetValueNameFn set) { nameResults(*this, set); }
void LastOp::getAsmResultNames(OpAsmSetValueNameFn set) { nameResults(*this, set); }
void ConvOp::getAsmResultNames(OpAsmSetValueNameFn set) { nameResults(*this, set); }
void TapOp::getAsmResultNames(OpAsmSetValueNameFn set) { nameResults(*this, set); }

//===--- Types ---===//

/// The dimensions of the value, with L in place of T.
static TensorType carriedType(TensorType type) {
  MLIRContext *ctx = type.getContext();
  SmallVector<StringAttr> dims(type.getDims());
  llvm::replace(dims, StringAttr::get(ctx, "T"), StringAttr::get(ctx, "L"));
  return TensorType::get(ctx, dims);
}

static TensorType typeOf(Value value) { return cast<TensorType>(value.getType()); }

LogicalResult PreviousOp::inferReturnTypes(MLIRContext *ctx, std::optional<Location>, ValueRange operands, DictionaryAttr, OpaqueProperties,
                                           RegionRange, SmallVectorImpl<Type> &types) {
  types.push_back(TensorType::get(ctx, typeOf(operands.front()).getDims()));
  return success();
}

LogicalResult LastOp::inferReturnTypes(MLIRContext *ctx, std::optional<Location>, ValueRange operands, DictionaryAttr, OpaqueProperties,
                                       RegionRange, SmallVectorImpl<Type> &types) {
  types.push_back(carriedType(typeOf(operands.front())));
  return success();
}

LogicalResult ConvOp::inferReturnTypes(MLIRContext *ctx, std::optional<Location>, ValueRange operands, DictionaryAttr, OpaqueProperties,
                                       RegionRange, SmallVectorImpl<Type> &types) {
  types.push_back(TensorType::get(ctx, typeOf(operands.front()).getDims()));
  return success();
}

LogicalResult TapOp::inferReturnTypes(MLIRContext *ctx, std::optional<Location>, ValueRange operands, DictionaryAttr, OpaqueProperties,
                                      RegionRange, SmallVectorImpl<Type> &types) {
  SmallVector<StringAttr> dims(typeOf(operands.front()).getDims());
  llvm::erase_if(dims, [](StringAttr dim) { return dim == "W"; });
  types.push_back(TensorType::get(ctx, dims));
  return success();
}

/// The size of a dimension in the spec around the op, where it is known.
static std::optional<int64_t> sizeAround(Operation *op, StringRef dim) {
  auto spec = dyn_cast_or_null<SpecOp>(op->getParentOp());
  return spec ? spec.getSize(dim) : std::nullopt;
}

static LogicalResult verifyTokens(Operation *op, TensorType x) {
  for (StringRef dim : {"B", "T"})
    if (!x.hasDim(dim))
      return op->emitOpError() << "expected x to have the dimension " << dim << ", got " << x.getShortName();
  if (x.hasDim("R"))
    return op->emitOpError() << "expected x without R, got " << x.getShortName();
  return success();
}

/// x0, of which the op reads the last `back` tokens.
static LogicalResult verifyAfter(Operation *op, TensorType x, Value after, int64_t back) {
  if (!after)
    return success();
  if (!typeOf(after).hasSameDims(carriedType(x)))
    return op->emitOpError() << "expected the tokens before the first one over " << carriedType(x).getShortName() << ", got "
                             << typeOf(after).getShortName();
  if (std::optional<int64_t> size = sizeAround(op, "L"); size && *size < back)
    return op->emitOpError() << "expected L to be at least " << back
                             << ", the tokens that are read before the first one, got L = " << *size;
  return success();
}

LogicalResult PreviousOp::verify() {
  TensorType x = getInput().getType();
  if (failed(verifyTokens(*this, x))) // C1
    return failure();
  if (int64_t(getBy()) < 1 || int64_t(getBy()) > kMostBack) // C2
    return emitOpError() << "expected by from 1 to " << kMostBack << ", got " << int64_t(getBy());
  return verifyAfter(*this, x, getAfter(), getBy()); // C3
}

LogicalResult LastOp::verify() {
  TensorType x = getInput().getType();
  if (failed(verifyTokens(*this, x))) // C1
    return failure();
  return verifyAfter(*this, x, getAfter(), 0); // C2
}

LogicalResult ConvOp::verify() {
  TensorType x = getInput().getType(), w = getWeights().getType();
  if (failed(verifyTokens(*this, x))) // C1
    return failure();
  bool fits = w.hasDim("W") && !w.hasDim("T");
  for (StringAttr dim : w.getDims())
    fits &= dim == "W" || x.hasDim(dim);
  if (!fits) // C2
    return emitOpError() << "expected weights over W and dimensions of x " << x.getShortName() << " without T, got " << w.getShortName();
  std::optional<int64_t> taps = sizeAround(*this, "W");
  if (taps && *taps > kMostBack + 1) // C4
    return emitOpError() << "expected W to be at most " << kMostBack + 1 << ", got W = " << *taps;
  return verifyAfter(*this, x, getAfter(), taps ? *taps - 1 : 0); // C3
}

LogicalResult TapOp::verify() {
  if (!getWeights().getType().hasDim("W")) // C1
    return emitOpError() << "expected weights with W, got " << getWeights().getType().getShortName();
  std::optional<int64_t> taps = sizeAround(*this, "W");
  if (int64_t(getAt()) < 0 || (taps && int64_t(getAt()) >= *taps)) // C2
    return emitOpError() << "expected an index from 0" << (taps ? " to W - 1 = " + std::to_string(*taps - 1) : "") << ", got "
                         << int64_t(getAt());
  return success();
}

//===--- Canonicalisation ---===//

namespace {
/// conv(x, w) = map(tap 0 .. tap W-1, previous x by W-1 .. 1, x) { w_0 x_{t-W+1} + ... + w_{W-1} x_t }
struct WriteOutTaps : OpRewritePattern<ConvOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConvOp op, PatternRewriter &rewriter) const override {
    std::optional<int64_t> taps = sizeAround(op, "W");
    if (!taps)
      return rewriter.notifyMatchFailure(op, "W is not known");
    SmallVector<Value> inputs; // x first, whose dimensions and order the result has
    for (int64_t back = 0; back < *taps; ++back)
      inputs.push_back(back == 0 ? op.getInput()
                                 : PreviousOp::create(rewriter, op.getLoc(), op.getInput(), op.getAfter(), back).getResult());
    for (int64_t back = 0; back < *taps; ++back)
      inputs.push_back(TapOp::create(rewriter, op.getLoc(), op.getWeights(), *taps - 1 - back));
    rewriter.replaceOpWithNewOp<MapOp>(op, inputs, [&](OpBuilder &b, Location loc, ValueRange v) {
      Value sum;
      for (int64_t back = *taps - 1; back >= 0; --back) {
        Value term = arith::MulFOp::create(b, loc, v[*taps + back], v[back]);
        sum = sum ? arith::AddFOp::create(b, loc, sum, term).getResult() : term;
      }
      return sum;
    });
    return success();
  }
};
} // namespace

void ConvOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *ctx) { patterns.add<WriteOutTaps>(ctx); }

} // namespace mixc::mixer
