// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// mixer.semiseparable.

#include "Syntax.h"
#include "mixc/dialect/EntryLocation.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/PatternMatch.h"

namespace mixc::mixer {
using namespace mlir;

static constexpr StringLiteral kOperandNames[] = {"x", "b", "c", "decay", "keep", "l", "r", "init", "mask"};
static constexpr StringRef kEntryNames[] = {"x", "b", "c", "decay", "keep", "l", "r", "init", "mask", "read", "direction"};

//===--- Syntax ---===//

template <typename Enum>
static ParseResult parseEnum(OpAsmParser &parser, StringRef key, std::optional<Enum> (*symbolize)(StringRef), StringRef choices,
                             Enum &value) {
  SMLoc loc = parser.getCurrentLocation();
  StringRef word;
  if (parser.parseKeyword(&word))
    return failure();
  auto parsed = symbolize(word);
  if (!parsed)
    return parser.emitError(loc) << "expected " << key << " = " << choices << ", got " << word;
  value = *parsed;
  return success();
}

static bool isEntry(StringRef key) { return llvm::is_contained(kEntryNames, key); }

// The op's location is a fused one: its own place, then that of each entry; the metadata lists the entries' names.
Location entryLocation(SemiseparableOp op, StringRef name) {
  auto fused = dyn_cast<FusedLocWith<ArrayAttr>>(op.getLoc());
  if (!fused || fused.getLocations().size() != fused.getMetadata().size() + 1)
    return op.getLoc();
  for (auto [entry, location] : llvm::zip(fused.getMetadata(), fused.getLocations().drop_front()))
    if (auto text = dyn_cast<StringAttr>(entry); text && text.getValue() == name)
      return location;
  return fused.getLocations().front();
}

/// `>= number`, if it is there.
static ParseResult parseDecayBound(OpAsmParser &parser, FloatAttr &least) {
  double value;
  if (failed(parser.parseOptionalGreater()))
    return success();
  if (parser.parseEqual() || parseNumber(parser, value))
    return failure();
  least = parser.getBuilder().getF32FloatAttr(value);
  return success();
}

ParseResult SemiseparableOp::parse(OpAsmParser &parser, OperationState &state) {
  auto &props = state.getOrAddProperties<Properties>();
  Read read = Read::Post;
  Direction direction = Direction::Causal;
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<Value> operands[std::size(kOperandNames)];
  SmallVector<Location> locations{state.location};
  SmallVector<StringRef> keys;
  auto parseEntry = [&]() -> ParseResult {
    SMLoc at = parser.getCurrentLocation();
    StringRef key;
    if (failed(parser.parseOptionalKeyword(&key)) || !isEntry(key))
      return parser.emitError(at) << "expected x, b, c, decay, keep, l, r, init, mask, read or direction"
                                  << (key.empty() ? "" : ", got " + key.str());
    if (SMLoc next = parser.getCurrentLocation(); failed(parser.parseOptionalEqual()))
      return parser.emitError(next) << "expected = after " << key;
    locations.push_back(parser.getEncodedSourceLoc(at));
    keys.push_back(key);
    if (key == "read")
      return parseEnum<Read>(parser, key, symbolizeRead, "post or pre", read);
    if (key == "direction")
      return parseEnum<Direction>(parser, key, symbolizeDirection, "causal, anticausal or both", direction);
    auto &slot = operands[llvm::find(kOperandNames, key) - std::begin(kOperandNames)];
    if (!slot.empty())
      return parser.emitError(at) << "expected " << key << " once";
    return failure(parseOperand(parser, slot) || (key == "decay" && parseDecayBound(parser, props.decay_bound)));
  };
  if (parser.parseCommaSeparatedList(parseEntry))
    return failure();
  SMLoc next = parser.getCurrentLocation();
  if (StringRef word; succeeded(parser.parseOptionalKeyword(&word, kEntryNames)))
    return parser.emitError(next) << "expected a comma before " << word;
  if (parser.parseOptionalAttrDict(state.attributes))
    return failure();
  for (unsigned i = 0; i < std::size(kOperandNames); ++i) {
    if (i < 3 && operands[i].empty())
      return parser.emitError(loc) << "expected " << kOperandNames[i] << " = a value";
    props.operandSegmentSizes[i] = operands[i].size();
    state.addOperands(operands[i]);
  }
  props.read = ReadAttr::get(parser.getContext(), read);
  props.direction = DirectionAttr::get(parser.getContext(), direction);
  state.location = FusedLoc::get(locations, parser.getBuilder().getStrArrayAttr(keys), parser.getContext());
  return inferResultTypes<SemiseparableOp>(parser, state, loc);
}

void SemiseparableOp::print(OpAsmPrinter &printer) {
  Value operands[] = {getX(), getB(), getC(), getDecay(), getKeep(), getL(), getR(), getInit(), getMask()};
  StringRef separator = " ";
  for (auto [name, operand] : llvm::zip(kOperandNames, operands)) {
    if (!operand)
      continue;
    printer << separator << name << " = ";
    printOperand(printer, *this, operand);
    if (name == "decay" && getDecayBound())
      printer << " >= " << printNumber(*getDecayBound());
    separator = ", ";
  }
  if (getRead() != Read::Post)
    printer << ", read = " << stringifyRead(getRead());
  if (getDirection() != Direction::Causal)
    printer << ", direction = " << stringifyDirection(getDirection());
  printer.printOptionalAttrDict((*this)->getAttrs(),
                                {"operandSegmentSizes", getReadAttrName(), getDirectionAttrName(), getDecayBoundAttrName()});
}

// Both get a name, or they would print as one pack.
void SemiseparableOp::getAsmResultNames(OpAsmSetValueNameFn set) { nameResults(*this, set, {"mixed", "state"}); }

//===--- Types ---===//

/// y has no R and is over H, which stands where x has its heads, or behind T; N takes the place of P where c is over P.
static TensorType resultType(TensorType x, TensorType c) {
  MLIRContext *ctx = x.getContext();
  SmallVector<StringAttr> dims(x.getDims());
  llvm::erase_if(dims, [](StringAttr dim) { return dim == "R"; });
  if (c.hasDim("P"))
    llvm::replace(dims, StringAttr::get(ctx, "P"), StringAttr::get(ctx, "N"));
  auto heads = StringAttr::get(ctx, "H");
  if (StringRef dim = x.getHeadDim(); !dim.empty())
    llvm::replace(dims, StringAttr::get(ctx, dim), heads);
  else
    dims.insert(x.hasDim("T") ? llvm::find(dims, StringAttr::get(ctx, "T")) + 1 : dims.end(), heads); // the verifier wants T
  return TensorType::get(ctx, dims);
}

LogicalResult SemiseparableOp::inferReturnTypes(MLIRContext *ctx, std::optional<Location>, ValueRange operands, DictionaryAttr attributes,
                                                OpaqueProperties properties, RegionRange regions, SmallVectorImpl<Type> &types) {
  Adaptor adaptor(operands, attributes, properties, regions);
  auto x = cast<TensorType>(adaptor.getX().getType()), b = cast<TensorType>(adaptor.getB().getType());
  types.push_back(resultType(x, cast<TensorType>(adaptor.getC().getType())));
  if (adaptor.getInit()) {
    types.push_back(TensorType::get(ctx, cast<TensorType>(adaptor.getInit().getType()).getDims()));
    return success();
  }
  std::string state = "BH";
  if (b.hasDim("N"))
    state += 'N';
  if (x.hasDim("P"))
    state += 'P';
  types.push_back(TensorType::get(ctx, state));
  return success();
}

/// An error where the operand has a dimension outside of B, T, those of heads and `column`.
static LogicalResult verifyAmong(SemiseparableOp op, StringRef name, Value operand, StringRef column) {
  auto type = cast<TensorType>(operand.getType());
  std::string allowed = ("BTH" + kGroupDims + column).str();
  for (StringAttr dim : type.getDims())
    if (!StringRef(allowed).contains(dim.getValue()))
      return op.emitOpError() << "expected " << name << " over " << listDims(allowed) << ", got " << type.getShortName();
  return success();
}

static LogicalResult verifyInit(SemiseparableOp op, bool hasN) {
  auto init = cast<TensorType>(op.getInit().getType());
  std::string dims = "BH";
  if (hasN)
    dims += 'N';
  if (op.getX().getType().hasDim("P"))
    dims += 'P';
  auto expected = TensorType::get(op.getContext(), dims);
  if (!init.hasSameDims(expected)) // C6
    return op.emitOpError() << "expected init over " << expected.getShortName() << " in any order, got " << init.getShortName();
  return success();
}

static LogicalResult verifyMask(SemiseparableOp op) {
  TensorType mask = cast<TensorType>(op.getMask().getType());
  if (!mask.hasDim("T")) // C11
    return op.emitOpError() << "expected mask over T, the distance of two tokens, got " << mask.getShortName();
  if (failed(verifyAmong(op, "mask", op.getMask(), ""))) // C11
    return failure();
  if (op.isReadAlongP()) // C12
    return op.emitOpError() << "expected c without P with mask, got " << op.getC().getType().getShortName();
  for (auto [name, operand] : {std::pair<StringRef, Value>("init", op.getInit()), {"l and r", op.getL()}}) // C12
    if (operand)
      return op.emitOpError() << "expected no " << name << " with mask, which leaves no state";
  if (!op.getState().use_empty()) // C12
    return op.emitOpError() << "expected no use of the final state with mask, which leaves none";
  if (op.hasUpdates()) // C12
    return op.emitOpError() << "expected no operands over R with mask; write a recurrence for each update and add them";
  if (op.getDecay() && cast<TensorType>(op.getDecay().getType()).hasDim("N")) // C12
    return op.emitOpError() << "expected decay without N with mask, got " << cast<TensorType>(op.getDecay().getType()).getShortName();
  return success();
}

LogicalResult SemiseparableOp::verify() {
  TensorType x = getX().getType();
  for (StringRef dim : {"B", "T"}) // C1
    if (!x.hasDim(dim))
      return emitOpError() << "expected x to have the dimension " << dim << ", got " << x.getShortName();
  if (failed(verifyAmong(*this, "x", getX(), "RP"))) // C1
    return failure();

  bool hasN = getB().getType().hasDim("N");
  if (failed(verifyAmong(*this, "b", getB(), "RN")) || failed(verifyAmong(*this, "c", getC(), "NP"))) // C2
    return failure();
  if (isReadAlongP() && (getC().getType().hasDim("N") || !hasN || !x.hasDim("P"))) // C2
    return emitOpError() << "expected c over N, or over P alone where b has N and x has P, got " << getC().getType().getShortName();
  if (!isReadAlongP() && getC().getType().hasDim("N") != hasN) // C2
    return emitOpError() << "expected b and c both with N or both without, got b " << getB().getType().getShortName() << " and c "
                         << getC().getType().getShortName();

  if (getDecay() && failed(verifyAmong(*this, "decay", getDecay(), hasN ? "N" : ""))) // C3
    return failure();

  if (std::optional<APFloat> least = getDecayBound()) // C10
    if (!getDecay() || !least->isFinite() || (!least->isZero() && !least->isNegative()))
      return emitOpError() << "expected a decay >= a number of at most 0, got " << printNumber(*least)
                           << (getDecay() ? "" : " without a decay");

  if (getKeep() && failed(verifyAmong(*this, "keep", getKeep(), ""))) // C9
    return failure();
  if (bool(getL()) != bool(getR())) // C4
    return emitOpError() << "expected l and r together, got " << (getL() ? "l" : "r") << " alone";
  for (auto [name, operand] : {std::pair<StringRef, Value>("l", getL()), {"r", getR()}}) { // C5
    if (!operand)
      continue;
    if (failed(verifyAmong(*this, name, operand, "RN")))
      return failure();
    if (cast<TensorType>(operand.getType()).hasDim("N") != hasN)
      return emitOpError() << "expected " << name << (hasN ? " with N as b has it" : " without N as b has none") << ", got "
                           << cast<TensorType>(operand.getType()).getShortName();
  }
  if (getInit() && failed(verifyInit(*this, hasN)))
    return failure();
  if (getMask() && failed(verifyMask(*this)))
    return failure();

  if (getRead() == Read::Pre && hasUpdates()) // C8
    return emitOpError() << "expected read = post with operands over R; pass c and the results from their second token on";
  if (getDirection() == Direction::Both && hasUpdates()) // C8
    return emitOpError()
           << "expected one direction with operands over R, got both; write two recurrences, one of them with direction = anticausal";
  if (getDirection() == Direction::Both) { // C7
    if (getInit())
      return emitOpError() << "expected no init with direction = both";
    if (!getState().use_empty())
      return emitOpError() << "expected no use of the final state with direction = both";
  }
  return success();
}

bool SemiseparableOp::hasUpdates() {
  Value operands[] = {getX(), getB(), getL(), getR()};
  return llvm::any_of(operands, [](Value value) { return value && cast<TensorType>(value.getType()).hasDim("R"); });
}

//===--- Canonicalisation ---===//

namespace {
/// exp(0) = 1: a decay of constant zero is no decay.
struct DropZeroDecay : OpRewritePattern<SemiseparableOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SemiseparableOp op, PatternRewriter &rewriter) const override {
    auto constant = op.getDecay() ? op.getDecay().getDefiningOp<ConstantOp>() : ConstantOp();
    if (!constant || !constant.getValue().isZero())
      return rewriter.notifyMatchFailure(op, "decay is not a constant zero");
    rewriter.modifyOpInPlace(op, [&] {
      op.getDecayMutable().clear();
      op.removeDecayBoundAttr();
    });
    return success();
  }
};

static bool isOne(Value value) {
  auto constant = value ? value.getDefiningOp<ConstantOp>() : ConstantOp();
  return constant && constant.getValue().isExactlyValue(1);
}

/// Factors of constant one are none.
struct DropUnitFactors : OpRewritePattern<SemiseparableOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SemiseparableOp op, PatternRewriter &rewriter) const override {
    if (!isOne(op.getKeep()) && !isOne(op.getMask()))
      return rewriter.notifyMatchFailure(op, "neither keep nor mask is a constant one");
    rewriter.modifyOpInPlace(op, [&] {
      if (isOne(op.getKeep()))
        op.getKeepMutable().clear();
      if (isOne(op.getMask()))
        op.getMaskMutable().clear();
    });
    return success();
  }
};
} // namespace

void SemiseparableOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *ctx) {
  patterns.add<DropZeroDecay, DropUnitFactors>(ctx);
}

} // namespace mixc::mixer
