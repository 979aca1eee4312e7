// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// mixer.running: sums and maxima over the tokens so far.

#include "Syntax.h"
#include "mlir/IR/Builders.h"

namespace mixc::mixer {
using namespace mlir;

static constexpr StringLiteral kEntries[] = {"decay", "init"};

//===--- Syntax ---===//

static ParseResult parseKind(OpAsmParser &parser, RunningKindAttr &attr) {
  SMLoc loc = parser.getCurrentLocation();
  StringRef word;
  if (failed(parser.parseOptionalKeyword(&word)) || !symbolizeRunningKind(word))
    return parser.emitError(loc) << "expected sum or max" << (word.empty() ? "" : ", got " + word.str());
  attr = RunningKindAttr::get(parser.getContext(), *symbolizeRunningKind(word));
  return success();
}

ParseResult RunningOp::parse(OpAsmParser &parser, OperationState &state) {
  auto &props = state.getOrAddProperties<Properties>();
  SMLoc loc = parser.getCurrentLocation();
  SmallVector<Value> entries[std::size(kEntries)];
  if (parseKind(parser, props.kind) || parser.parseKeyword("of") || parseOperand(parser, state.operands))
    return failure();
  while (succeeded(parser.parseOptionalComma())) {
    SMLoc at = parser.getCurrentLocation();
    StringRef key;
    if (failed(parser.parseOptionalKeyword(&key)) || !llvm::is_contained(kEntries, key))
      return parser.emitError(at) << "expected decay or init" << (key.empty() ? "" : ", got " + key.str());
    auto &slot = entries[llvm::find(kEntries, key) - std::begin(kEntries)];
    if (!slot.empty())
      return parser.emitError(at) << "expected " << key << " once";
    if (parser.parseEqual() || parseOperand(parser, slot))
      return failure();
  }
  SMLoc next = parser.getCurrentLocation();
  if (StringRef word; succeeded(parser.parseOptionalKeyword(&word, {"decay", "init"})))
    return parser.emitError(next) << "expected a comma before " << word;
  if (parser.parseOptionalAttrDict(state.attributes))
    return failure();
  props.operandSegmentSizes[0] = 1;
  for (auto [i, entry] : llvm::enumerate(entries)) {
    props.operandSegmentSizes[i + 1] = entry.size();
    state.addOperands(entry);
  }
  return inferResultTypes<RunningOp>(parser, state, loc);
}

void RunningOp::print(OpAsmPrinter &printer) {
  printer << ' ' << stringifyRunningKind(getKind()) << " of ";
  printOperand(printer, *this, getInput());
  const Value operands[] = {getDecay(), getInit()};
  for (auto [name, operand] : llvm::zip(kEntries, operands))
    if (operand) {
      printer << ", " << name << " = ";
      printOperand(printer, *this, operand);
    }
  printer.printOptionalAttrDict((*this)->getAttrs(), {"operandSegmentSizes", getKindAttrName()});
}

// All get a name, or they would print as one pack.
void RunningOp::getAsmResultNames(OpAsmSetValueNameFn set) { nameResults(*this, set, {"running", "before", "last"}); }

//===--- Types ---===//

static TensorType withoutTokens(TensorType type) {
  SmallVector<StringAttr> dims(type.getDims());
  llvm::erase_if(dims, [](StringAttr dim) { return dim == "T"; });
  return TensorType::get(type.getContext(), dims);
}

LogicalResult RunningOp::inferReturnTypes(MLIRContext *ctx, std::optional<Location>, ValueRange operands, DictionaryAttr attributes,
                                          OpaqueProperties properties, RegionRange regions, SmallVectorImpl<Type> &types) {
  Adaptor adaptor(operands, attributes, properties, regions);
  auto x = cast<TensorType>(adaptor.getInput().getType());
  types.assign(2, TensorType::get(ctx, x.getDims()));
  types.push_back(adaptor.getInit() ? TensorType::get(ctx, cast<TensorType>(adaptor.getInit().getType()).getDims()) : withoutTokens(x));
  return success();
}

LogicalResult RunningOp::verify() {
  TensorType x = getInput().getType();
  for (StringRef dim : {"B", "T"})
    if (!x.hasDim(dim)) // C1
      return emitOpError() << "expected x to have the dimension " << dim << ", got " << x.getShortName();
  for (StringAttr dim : x.getDims())
    if (dim != "B" && dim != "T" && dim != "N" && dim != x.getHeadDim()) // C1
      return emitOpError() << "expected x over B, T, heads and N at most, got " << x.getShortName();
  if (getDecay() && getKind() != RunningKind::Max) // C2
    return emitOpError("expected decay beside max alone; a sum that decays is a mixer.semiseparable with b and c of ones");
  if (getDecay())
    for (StringAttr dim : getDecay().getType().getDims())
      if (!x.hasDim(dim)) // C3
        return emitOpError() << "expected decay over dimensions of x " << x.getShortName() << ", got "
                             << getDecay().getType().getShortName();
  if (getInit() && !getInit().getType().hasSameDims(withoutTokens(x))) // C4
    return emitOpError() << "expected init over " << withoutTokens(x).getShortName() << ", got " << getInit().getType().getShortName();
  return success();
}

} // namespace mixc::mixer
