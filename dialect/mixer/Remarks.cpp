// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Messages for ops that there are not, for syntax around ops, and for arguments that are not used.

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

/// The text behind blanks and comments.
static StringRef skipBlanks(StringRef text) {
  text = text.ltrim();
  while (text.starts_with("//"))
    text = text.drop_until([](char c) { return c == '\n'; }).ltrim();
  return text;
}

/// Of an op whose name has no dialect: `return`, or a value without its %.
static std::string withoutDialect(MLIRContext *context, StringRef name, StringRef text) {
  StringRef rest = text;
  rest = rest.consume_front(name) ? skipBlanks(rest) : StringRef();
  if (rest.starts_with(",") || (rest.starts_with("=") && !rest.starts_with("==")))
    return "expected names of values with %, as in %y = mixer.map(..), got " + name.str();
  return expectedOp(context, name, "mixer." + name.str());
}

/// Where MLIR expects an op, and nothing that could be one is there.
static std::string expectedStart(StringRef text) {
  text = skipBlanks(text);
  if (text.empty())
    return "expected } at the end of the last spec or program, got the end of the file";
  if (text.starts_with("}"))
    return "expected a spec or the end of the file, got a } that closes nothing";
  return ("expected an op, such as mixer.map, got " + text.take_until([](char c) { return llvm::isSpace(c); })).str();
}

static std::string unexpectedCharacter(StringRef text) {
  if (text.starts_with(";"))
    return "expected no ; in a spec: nothing stands between ops";
  const size_t bytes =
      text.empty() || !(text.front() & 0x80) ? 1 : 1 + text.drop_front().take_while([](char c) { return (c & 0xc0) == 0x80; }).size();
  return ("expected no " + text.take_front(bytes) + " outside of comments").str();
}

std::optional<std::string> mixc::mixer::explainParserError(const Diagnostic &diagnostic, StringRef text) {
  MLIRContext *context = diagnostic.getLocation()->getContext();
  const std::string said = diagnostic.str();
  StringRef name = said;
  auto quoted = [&] { return name.take_until([](char c) { return c == '\''; }); };
  if (name.consume_front("Dialect `' not found for custom op '"))
    return withoutDialect(context, quoted(), text);
  if (name.consume_front("custom op '") && name.contains("' is unknown (tried '"))
    return ("expected an op with its dialect, such as mixer.spec, got " + quoted()).str();
  if (said == "expected operation name in quotes")
    return expectedStart(text);
  if (said == "expected '=' after SSA name" || said == "expected integer number of results")
    return "expected , or = after the name of a value, as in %y, %S = mixer.semiseparable";
  if (said == "expected valid ssa identifier")
    return "expected the name of a value behind the comma, as in %y, %S = mixer.semiseparable";
  if (said == "use of undeclared SSA value name" && !text.empty())
    return ("expected an argument or the result of an op above, got " + text.take_front(1) +
            text.drop_front().take_while([](char c) { return llvm::isAlnum(c) || c == '_'; }))
        .str();
  if (said == "invalid attribute name" && text.starts_with("#"))
    return "expected // before a comment, got #";
  if (said == "unexpected character" && !text.empty())
    return unexpectedCharacter(text);
  return std::nullopt;
}

void mixc::mixer::warnOfUnusedArguments(SpecOp spec) {
  for (BlockArgument argument : spec.getBody()->getArguments())
    if (argument.use_empty())
      emitWarning(argument.getLoc()) << "argument '" << spec.getArgName(argument.getArgNumber()) << "' is not used";
}
