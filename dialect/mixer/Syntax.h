// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The short spellings that mixer ops share. Inside a spec no type is written: a spec's parser opens a SpecScope, every op
// notes its results' types in it, and later operands look theirs up.
#pragma once

#include "mixc/dialect/Mixer.h"
#include <map>

namespace mixc::mixer {

/// Ops that a spec or the body of a map may hold, and levels that an expression may nest: what recurs over them then fits any stack.
inline constexpr int64_t kMostOps = 1024, kMostLevels = 256;
/// Ops of the region besides constants, those of regions inside included.
int64_t countOps(mlir::Region &region);

/// `(a, b)` or `[a, b]`, where `parse` takes one element. Where a comma is missing, the error names the element before it.
mlir::ParseResult parseList(mlir::AsmParser &parser, mlir::AsmParser::Delimiter delimiter, llvm::function_ref<mlir::ParseResult()> parse);

/// `[B,T,H,P] io`.
mlir::ParseResult parseShortType(mlir::AsmParser &parser, TensorType &type);

/// A float with exponent, sign and `inf` allowed; printNumber gives the shortest text that parses to the same f32.
mlir::ParseResult parseNumber(mlir::AsmParser &parser, double &value);
/// The digits only: no sign, no `inf`.
mlir::ParseResult parseUnsignedNumber(mlir::AsmParser &parser, double &value);
std::string printNumber(const llvm::APFloat &value);

/// A bare word, or the error `expected <what>`.
mlir::ParseResult parseName(mlir::AsmParser &parser, llvm::StringRef what, llvm::StringRef &name);
/// A dimension's letter.
mlir::ParseResult parseDim(mlir::AsmParser &parser, mlir::StringAttr &dim);

/// The values defined so far in the spec that this thread parses.
class SpecScope {
public:
  struct Entry {
    mlir::Type type;
    llvm::SMLoc place; ///< of the name
  };

  explicit SpecScope(llvm::StringRef spec) : spec(spec), outer(current) { current = this; }
  ~SpecScope() { current = outer; }
  SpecScope(const SpecScope &) = delete;

  static SpecScope *get() { return current; }
  llvm::StringRef getSpecName() const { return spec; }
  void note(llvm::StringRef name, unsigned number, Entry entry) { entries[{name.str(), number}] = entry; }
  /// Null if there is no value of that name.
  const Entry *lookup(llvm::StringRef name, unsigned number) const;
  std::vector<std::string> getNames() const;

private:
  static thread_local SpecScope *current;
  std::string spec;
  SpecScope *outer;
  std::map<std::pair<std::string, unsigned>, Entry> entries;
};

/// Success where a value comes next; else the error `expected a value, such as %x`, as after a comma too many.
mlir::ParseResult expectValue(mlir::OpAsmParser &parser);
/// `%a` inside a spec, `%a: [B,T]` elsewhere.
mlir::ParseResult parseOperand(mlir::OpAsmParser &parser, llvm::SmallVectorImpl<mlir::Value> &operands);
void printOperand(mlir::OpAsmPrinter &printer, mlir::Operation *op, mlir::Value operand);

/// Sets the results' types and notes them in the scope; in a spec an error if there is another number of names on the left, or a name that
/// is taken.
mlir::ParseResult setResultTypes(mlir::OpAsmParser &parser, mlir::OperationState &state, mlir::TypeRange types);
/// The same, with the types from Op::inferReturnTypes.
template <typename Op> mlir::ParseResult inferResultTypes(mlir::OpAsmParser &parser, mlir::OperationState &state, llvm::SMLoc loc) {
  llvm::SmallVector<mlir::Type> types;
  auto where = parser.getEncodedSourceLoc(loc);
  if (mlir::failed(Op::inferReturnTypes(parser.getContext(), where, state.operands, state.attributes.getDictionary(parser.getContext()),
                                        state.getRawProperties(), state.regions, types)))
    return mlir::failure();
  return setResultTypes(parser, state, types);
}

/// Names values that the spec returns after the spec's results, and the remaining ones after `others`, if given.
void nameResults(mlir::Operation *op, llvm::function_ref<void(mlir::Value, llvm::StringRef)> set,
                 llvm::ArrayRef<llvm::StringRef> others = {});

/// `{ (a, b) -> expression }` without the braces: parameters into block arguments, the expression into ops of `region`.
mlir::ParseResult parseExpressionBody(mlir::OpAsmParser &parser, mlir::Region &region);
/// The same text for a body, or nothing where no expression states it.
std::optional<std::string> printExpressionBody(MapOp op, llvm::ArrayRef<std::string> operandNames);

} // namespace mixc::mixer
