// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// mixer.map and the small ops around it: index, constant, sum, size, yield.

#include "Syntax.h"
#include "mixc/dialect/Comparison.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace mixc::mixer {
using namespace mlir;

/// A dimension that is bound when compiling, or an error.
static LogicalResult verifyBoundDim(Operation *op, StringRef dim) {
  if (dim.size() != 1 || !kBoundDims.contains(dim))
    return op->emitOpError() << "expected one of " << listDims(kBoundDims) << ", got " << dim;
  return success();
}

int64_t countOps(Region &region) {
  int64_t count = 0;
  region.walk([&](Operation *op) { count += !op->hasTrait<OpTrait::ConstantLike>() && !isa<ConstantOp>(op); });
  return count;
}

//===--- MapOp ---===//

YieldOp MapOp::getYield() { return cast<YieldOp>(getBody()->getTerminator()); }

void MapOp::build(OpBuilder &builder, OperationState &state, ValueRange inputs,
                  function_ref<Value(OpBuilder &, Location, ValueRange)> body) {
  state.addOperands(inputs);
  Region *region = state.addRegion();
  OpBuilder::InsertionGuard guard(builder);
  SmallVector<Type> types(inputs.size(), builder.getF32Type());
  SmallVector<Location> locs(inputs.size(), state.location);
  Block *block = builder.createBlock(region, {}, types, locs);
  Value value = body(builder, state.location, block->getArguments());
  YieldOp::create(builder, state.location, value);
  SmallVector<Type> result;
  if (succeeded(inferReturnTypes(builder.getContext(), state.location, inputs, {}, nullptr, {}, result)))
    state.addTypes(result);
}

LogicalResult MapOp::inferReturnTypes(MLIRContext *ctx, std::optional<Location> loc, ValueRange operands, DictionaryAttr, OpaqueProperties,
                                      RegionRange, SmallVectorImpl<Type> &types) {
  SmallVector<StringAttr> dims;
  std::optional<size_t> heads; // where the dimension of heads stands
  for (unsigned rank = kDims.size(); rank > 0; --rank)
    for (Value operand : operands) {
      auto type = cast<TensorType>(operand.getType());
      if (type.getRank() != rank)
        continue;
      for (StringAttr dim : type.getDims()) {
        bool isHead = dim == type.getHeadDim();
        if (isHead && heads && dims[*heads] != dim)
          dims[*heads] = StringAttr::get(ctx, "H");
        else if (!llvm::is_contained(dims, dim)) {
          if (isHead)
            heads = dims.size();
          dims.push_back(dim);
        }
      }
    }
  types.push_back(TensorType::get(ctx, dims));
  return success();
}

ParseResult MapOp::parse(OpAsmParser &parser, OperationState &state) {
  SMLoc loc = parser.getCurrentLocation();
  auto parseInput = [&] { return parseOperand(parser, state.operands); };
  if (parseList(parser, AsmParser::Delimiter::Paren, parseInput) || parser.parseOptionalAttrDictWithKeyword(state.attributes))
    return failure();
  Region *region = state.addRegion();
  if (succeeded(parser.parseOptionalKeyword("body"))) {
    if (parser.parseRegion(*region))
      return failure();
  } else if (SMLoc next = parser.getCurrentLocation(); failed(parser.parseOptionalLBrace())) {
    return parser.emitError(next) << "expected a body in braces, such as { (x) -> 2 * x }";
  } else if (parseExpressionBody(parser, *region) || parser.parseRBrace()) {
    return failure();
  }
  return inferResultTypes<MapOp>(parser, state, loc);
}

void MapOp::print(OpAsmPrinter &printer) {
  SmallVector<std::string> names;
  printer << '(';
  llvm::interleaveComma(getInputs(), printer, [&](Value input) {
    printOperand(printer, *this, input);
    llvm::raw_string_ostream os(names.emplace_back());
    printer.printOperand(input, os);
  });
  printer << ')';
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs());
  if (auto text = printExpressionBody(*this, names)) {
    printer << " { " << *text << " }";
    return;
  }
  printer << " body ";
  printer.printRegion(getBodyRegion());
}

void MapOp::getAsmResultNames(OpAsmSetValueNameFn set) { nameResults(*this, set); }

LogicalResult MapOp::verify() {
  if (getBody()->getNumArguments() != getInputs().size()) // C1
    return emitOpError() << "expected " << getInputs().size() << " body parameters, one for each operand, got "
                         << getBody()->getNumArguments();
  for (BlockArgument arg : getBody()->getArguments()) // C1
    if (!arg.getType().isF32())
      return emitOpError() << "expected body parameters of type f32, got " << arg.getType();
  return success();
}

LogicalResult MapOp::verifyRegions() {
  if (!isa<YieldOp>(getBody()->back())) // C2
    return emitOpError() << "expected the body to end in mixer.yield";
  auto isScalar = [](Type type) { return type.isF32() || type.isInteger(1); };
  for (Operation &op : getBody()->without_terminator()) { // C2
    if (!isa<SizeOp>(op) && !isa_and_nonnull<arith::ArithDialect, math::MathDialect>(op.getDialect()))
      return op.emitOpError() << "expected arith and math ops or mixer.size in the body of a mixer.map";
    if (!llvm::all_of(op.getOperandTypes(), isScalar) || !llvm::all_of(op.getResultTypes(), isScalar))
      return op.emitOpError() << "expected f32 and i1 scalars in the body of a mixer.map";
    if (isConstantComparison(op))
      return op.emitOpError() << "expected a predicate that depends on the operands; write the constant instead";
  }
  if (int64_t ops = countOps(getBodyRegion()); ops > kMostOps) // C2
    return emitOpError() << "expected a body of at most " << kMostOps << " ops besides constants, got " << ops;
  return success();
}

//===--- SizeOp ---===//

LogicalResult SizeOp::verify() { return verifyBoundDim(*this, getDim()); } // C1

//===--- IndexOp ---===//

LogicalResult IndexOp::inferReturnTypes(MLIRContext *ctx, std::optional<Location>, ValueRange operands, DictionaryAttr attributes,
                                        OpaqueProperties properties, RegionRange regions, SmallVectorImpl<Type> &types) {
  Adaptor adaptor(operands, attributes, properties, regions);
  types.push_back(TensorType::get(ctx, ArrayRef<StringAttr>{adaptor.getDimAttr()}));
  return success();
}

ParseResult IndexOp::parse(OpAsmParser &parser, OperationState &state) {
  SMLoc loc = parser.getCurrentLocation();
  auto &props = state.getOrAddProperties<Properties>();
  if (parseDim(parser, props.dim))
    return failure();
  if (!kBoundDims.contains(props.dim.getValue())) // C1
    return parser.emitError(loc) << "expected one of " << listDims(kBoundDims) << ", got " << props.dim.getValue();
  return failure(parser.parseOptionalAttrDict(state.attributes) || inferResultTypes<IndexOp>(parser, state, loc));
}

void IndexOp::print(OpAsmPrinter &printer) {
  printer << ' ' << getDim();
  printer.printOptionalAttrDict((*this)->getAttrs(), {getDimAttrName()});
}

void IndexOp::getAsmResultNames(OpAsmSetValueNameFn set) { nameResults(*this, set); }
LogicalResult IndexOp::verify() { return verifyBoundDim(*this, getDim()); } // C1

//===--- ConstantOp ---===//

ParseResult ConstantOp::parse(OpAsmParser &parser, OperationState &state) {
  double value;
  TensorType type;
  if (parseNumber(parser, value) || parser.parseOptionalAttrDict(state.attributes) || parser.parseColon() || parseShortType(parser, type))
    return failure();
  state.getOrAddProperties<Properties>().value = parser.getBuilder().getF32FloatAttr(value);
  return setResultTypes(parser, state, type);
}

void ConstantOp::print(OpAsmPrinter &printer) {
  printer << ' ' << printNumber(getValue());
  printer.printOptionalAttrDict((*this)->getAttrs(), {getValueAttrName()});
  printer << " : " << getType().getShortName();
}

void ConstantOp::getAsmResultNames(OpAsmSetValueNameFn set) { nameResults(*this, set); }

LogicalResult ConstantOp::verify() {
  if (getType().getIo()) // C1
    return emitOpError() << "expected a type without io, got " << getType().getShortName();
  return success();
}

//===--- SumOp ---===//

/// Whether entries along the dimension may be added up in those groups.
static bool areGroupsOf(StringRef dim, StringRef groups) { return isHeadDim(dim) && isHeadDim(groups) && groups != "H" && groups != dim; }

LogicalResult SumOp::inferReturnTypes(MLIRContext *ctx, std::optional<Location>, ValueRange operands, DictionaryAttr attributes,
                                      OpaqueProperties properties, RegionRange regions, SmallVectorImpl<Type> &types) {
  Adaptor adaptor(operands, attributes, properties, regions);
  SmallVector<StringAttr> dims;
  StringAttr groups = adaptor.getGroupsAttr();
  if (groups && !areGroupsOf(adaptor.getDim(), groups.getValue())) // which the verifier refuses
    groups = {};
  for (StringAttr dim : cast<TensorType>(adaptor.getInput().getType()).getDims())
    if (dim != adaptor.getDimAttr())
      dims.push_back(dim);
    else if (groups)
      dims.push_back(groups);
  types.push_back(TensorType::get(ctx, dims));
  return success();
}

ParseResult SumOp::parse(OpAsmParser &parser, OperationState &state) {
  SMLoc loc = parser.getCurrentLocation();
  auto &props = state.getOrAddProperties<Properties>();
  if (parseOperand(parser, state.operands) || parser.parseKeyword("over") || parseDim(parser, props.dim) ||
      (succeeded(parser.parseOptionalKeyword("in")) && parseDim(parser, props.groups)))
    return failure();
  return failure(parser.parseOptionalAttrDict(state.attributes) || inferResultTypes<SumOp>(parser, state, loc));
}

void SumOp::print(OpAsmPrinter &printer) {
  printer << ' ';
  printOperand(printer, *this, getInput());
  printer << " over " << getDim();
  if (getGroups())
    printer << " in " << *getGroups();
  printer.printOptionalAttrDict((*this)->getAttrs(), {getDimAttrName(), getGroupsAttrName()});
}

void SumOp::getAsmResultNames(OpAsmSetValueNameFn set) { nameResults(*this, set); }

LogicalResult SumOp::verify() {
  if (failed(verifyBoundDim(*this, getDim()))) // C1
    return failure();
  if (!getInput().getType().hasDim(getDim())) // C2
    return emitOpError() << "expected an operand with the dimension " << getDim() << ", got " << getInput().getType().getShortName();
  if (!getGroups())
    return success();
  if (!isOverHeads()) // C3
    return emitOpError() << "expected a dimension of heads before in, one of " << listDims("H" + kGroupDims.str()) << ", got " << getDim();
  if (!areGroupsOf(getDim(), *getGroups())) // C3
    return emitOpError() << "expected groups other than " << getDim() << " after in, one of " << listDims(kGroupDims) << ", got "
                         << *getGroups();
  auto spec = (*this)->getParentOfType<SpecOp>();
  auto entries = spec ? spec.getSize(getDim()) : std::nullopt, groups = spec ? spec.getSize(*getGroups()) : std::nullopt;
  if (entries && groups && *entries % *groups) // C4
    return emitOpError() << "expected " << *getGroups() << " to divide " << getDim() << ", got " << *getGroups() << " = " << *groups
                         << " and " << getDim() << " = " << *entries;
  return success();
}

} // namespace mixc::mixer
