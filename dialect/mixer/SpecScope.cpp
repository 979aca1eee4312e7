// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operands and results without written types, and lists.

#include "Syntax.h"
#include "mixc/dialect/NearMiss.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

namespace mixc::mixer {
using namespace mlir;

thread_local SpecScope *SpecScope::current = nullptr;

const SpecScope::Entry *SpecScope::lookup(StringRef name, unsigned number) const {
  auto it = entries.find({name.str(), number});
  return it == entries.end() ? nullptr : &it->second;
}

std::vector<std::string> SpecScope::getNames() const {
  std::vector<std::string> names;
  for (auto &[key, entry] : entries)
    names.push_back(key.first);
  return names;
}

static bool isNameByte(char c) { return llvm::isAlnum(c) || c == '_' || c == '$' || c == '.' || c == '-'; }

/// The word at a place of the text, with what marks it as a name; the text ends in a zero.
static StringRef wordAt(SMLoc place) {
  const char *begin = place.getPointer(), *end = begin;
  if (*end == '%' || *end == '@')
    ++end;
  while (isNameByte(*end))
    ++end;
  return StringRef(begin, end - begin);
}

ParseResult parseList(AsmParser &parser, AsmParser::Delimiter delimiter, function_ref<ParseResult()> parse) {
  const bool isRound = delimiter == AsmParser::Delimiter::Paren;
  auto ends = [&] { return succeeded(isRound ? parser.parseOptionalRParen() : parser.parseOptionalRSquare()); };
  if (isRound ? parser.parseLParen() : parser.parseLSquare())
    return failure();
  if (ends())
    return success();
  while (true) {
    StringRef first = wordAt(parser.getCurrentLocation());
    if (parse())
      return failure();
    if (succeeded(parser.parseOptionalComma()))
      continue;
    if (ends())
      return success();
    return parser.emitError(parser.getCurrentLocation()) << "expected , or " << (isRound ? ")" : "]") << " after " << first;
  }
}

ParseResult expectValue(OpAsmParser &parser) {
  SMLoc loc = parser.getCurrentLocation();
  if (*loc.getPointer() == '%')
    return success();
  StringRef word = wordAt(loc);
  InFlightDiagnostic error = parser.emitError(loc) << "expected a value, such as %x";
  if (word == "io" || word == "optional")
    error << ", got " << word << ", which stands behind the dimensions without a comma";
  else if (!word.empty() && !word.contains('.')) // an op is the next line's
    error << ", got " << word << "; names of values begin with %";
  return error;
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
  if (!scope)
    return parser.emitError(operand.location) << "expected a type outside of a spec, as in " << operand.name << ": [B,T,H]";
  const SpecScope::Entry *entry = scope->lookup(operand.name.drop_front(), operand.number);
  if (!entry) {
    const std::vector<std::string> names = scope->getNames();
    StringRef name = operand.name.drop_front(), near = nearMiss(name, names);
    return parser.emitError(operand.location) << "expected an argument or the result of an op above, got %" << name
                                              << (near.empty() ? "" : "; did you mean '%" + near.str() + "'?");
  }
  return parser.resolveOperand(operand, entry->type, operands);
}

void printOperand(OpAsmPrinter &printer, Operation *op, Value operand) {
  printer.printOperand(operand);
  if (!isa_and_nonnull<SpecOp>(op->getParentOp()))
    printer << ": " << cast<TensorType>(operand.getType()).getShortName();
}

/// Where a name on the left of the op that is parsed stands: before the op's own.
static SMLoc placeOfResult(OpAsmParser &parser, StringRef name) {
  const char *at = parser.getNameLoc().getPointer() - 1;
  while (*at != '%' || wordAt(SMLoc::getFromPointer(at)).drop_front() != name)
    --at;
  return SMLoc::getFromPointer(at);
}

/// What the results of an op with several are.
static StringRef resultsOf(StringRef op) {
  return llvm::StringSwitch<StringRef>(op)
      .Case("mixer.semiseparable", ": y and the state after the last token")
      .Case("mixer.running", ": the value at each token, the one before it and the last one")
      .Default("");
}

ParseResult setResultTypes(OpAsmParser &parser, OperationState &state, TypeRange types) {
  state.addTypes(types);
  SpecScope *scope = SpecScope::get();
  const size_t count = parser.getNumResults();
  if (!scope || count == 0)
    return success();
  if (count != types.size())
    return parser.emitError(placeOfResult(parser, parser.getResultName(0).first))
           << "expected " << types.size() << (types.size() == 1 ? " name" : " names") << " before =, one for each result"
           << resultsOf(state.name.getStringRef()) << ", got " << count << (count < types.size() ? "; names may stay unused" : "");
  for (unsigned i = 0; i < count; ++i) {
    auto [name, number] = parser.getResultName(i);
    SMLoc place = placeOfResult(parser, name);
    if (const SpecScope::Entry *before = scope->lookup(name, number)) {
      InFlightDiagnostic error = parser.emitError(place) << "expected a new name, got %" << name << ", which is taken";
      error.attachNote(parser.getEncodedSourceLoc(before->place)) << "it is the name of this";
      return error;
    }
    scope->note(name, number, {types[i], place});
  }
  return success();
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
