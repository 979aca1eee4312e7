// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Messages for ops that there are not, and for arguments that are not used.

#include "mixc/dialect/Remarks.h"
#include "mixc/dialect/NearMiss.h"
#include "mlir/IR/OpImplementation.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mixc::mixer;

static SmallVector<StringRef> opNames(MLIRContext *context) {
  SmallVector<StringRef> names;
  for (RegisteredOperationName op : context->getRegisteredOperations())
    if (op.getDialectNamespace() == MixerDialect::getDialectNamespace())
      names.push_back(op.getStringRef());
  llvm::sort(names);
  return names;
}

static std::string expectedOp(MLIRContext *context, StringRef got, StringRef nearly) {
  SmallVector<StringRef> names = opNames(context);
  return ("expected an op among " + llvm::join(names, ", ") + ", got " + got + mixc::didYouMean(nearly, names)).str();
}

static ParseResult parseUnknown(OpAsmParser &parser, OperationState &state) {
  StringRef name = state.name.getStringRef();
  return parser.emitError(parser.getNameLoc()) << expectedOp(parser.getContext(), name, name);
}

std::optional<Dialect::ParseOpHook> MixerDialect::getParseOperationHook(StringRef) const { return ParseOpHook(parseUnknown); }

std::optional<std::string> mixc::mixer::explainUnknownOp(const Diagnostic &diagnostic) {
  std::string text = diagnostic.str();
  StringRef name = text;
  if (!name.consume_front("Dialect `' not found for custom op '"))
    return std::nullopt;
  name = name.take_until([](char c) { return c == '\''; });
  return expectedOp(diagnostic.getLocation()->getContext(), name, "mixer." + name.str());
}

void mixc::mixer::warnOfUnusedArguments(SpecOp spec) {
  for (BlockArgument argument : spec.getBody()->getArguments())
    if (argument.use_empty())
      emitWarning(argument.getLoc()) << "argument '" << spec.getArgName(argument.getArgNumber()) << "' is not used";
}
