// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operands and results without written types.

#include "Syntax.h"
#include "llvm/ADT/STLExtras.h"

namespace mixc::mixer {
using namespace mlir;

thread_local SpecScope *SpecScope::current = nullptr;

Type SpecScope::lookup(StringRef name, unsigned number) const {
  auto it = types.find({name.str(), number});
  return it == types.end() ? Type() : it->second;
}

ParseResult expectValue(OpAsmParser &parser) {
  SMLoc loc = parser.getCurrentLocation();
  if (*loc.getPointer() == '%')
    return success();
  return parser.emitError(loc) << "expected a value, such as %x";
}

ParseResult parseOperand(OpAsmParser &parser, SmallVectorImpl<Value> &operands) {
  OpAsmParser::UnresolvedOperand operand;
  if (expectValue(parser) || parser.parseOperand(operand))
    return failure();
  if (succeeded(parser.parseOptionalColon())) {
    TensorType type;
    return failure(parseShortType(parser, type) || parser.resolveOperand(operand, type, operands));
  }
  SpecScope *scope = SpecScope::get();
  Type type = scope ? scope->lookup(operand.name.drop_front(), operand.number) : Type();
  if (!type)
    return parser.emitError(operand.location) << "expected a value defined before in this spec, or a type as in " << operand.name
                                              << ": [B,T,H], got " << operand.name;
  return parser.resolveOperand(operand, type, operands);
}

void printOperand(OpAsmPrinter &printer, Operation *op, Value operand) {
  printer.printOperand(operand);
  if (!isa_and_nonnull<SpecOp>(op->getParentOp()))
    printer << ": " << cast<TensorType>(operand.getType()).getShortName();
}

void setResultTypes(OpAsmParser &parser, OperationState &state, TypeRange types) {
  state.addTypes(types);
  SpecScope *scope = SpecScope::get();
  if (!scope)
    return;
  for (unsigned i = 0, n = std::min<size_t>(types.size(), parser.getNumResults()); i < n; ++i) {
    auto [name, number] = parser.getResultName(i);
    scope->note(name, number, types[i]);
  }
}

void nameResults(Operation *op, function_ref<void(Value, StringRef)> set, ArrayRef<StringRef> others) {
  auto spec = dyn_cast_if_present<SpecOp>(op->getParentOp());
  for (OpResult result : op->getResults()) {
    StringRef name = result.getResultNumber() < others.size() ? others[result.getResultNumber()] : StringRef();
    for (OpOperand &use : result.getUses())
      if (spec && isa<ReturnOp>(use.getOwner()) && use.getOperandNumber() < spec.getResultNames().size())
        name = spec.getResultName(use.getOperandNumber());
    if (!name.empty())
      set(result, name); // once: a second name for the same value would print it as another result
  }
}

} // namespace mixc::mixer
