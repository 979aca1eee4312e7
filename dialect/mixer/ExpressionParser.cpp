// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The infix expressions in the bodies of maps, parsed into arith and math ops.

#include "Syntax.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringSwitch.h"
#include <cmath>

namespace mixc::mixer {
using namespace mlir;

namespace {
class ExpressionParser {
public:
  ExpressionParser(OpAsmParser &parser, Region &region) : parser(parser), builder(parser.getContext()), region(region) {}

  ParseResult parseBody();

private:
  OpAsmParser &parser;
  OpBuilder builder;
  Region &region;
  /// Parameters and lets, the innermost last.
  SmallVector<std::pair<std::string, Value>> names;
  /// Expressions that are being parsed, each inside the one before.
  int64_t levels = 0;

  /// Lets so far: each value's name is looked up among them.
  int64_t lets = 0;

  /// An error at the first character of the body that no expression has: the lexer would speak of its own tokens.
  ParseResult checkCharacters();
  ParseResult parseParameters();
  /// What parses an expression inside another one, within the bound of levels.
  ParseResult parseNested(ParseResult (ExpressionParser::*parse)(Value &), Value &value);
  ParseResult parseExpression(Value &value) { return parseNested(&ExpressionParser::parseLets, value); }
  ParseResult parseLets(Value &value);
  ParseResult parseLet();
  ParseResult parseComparison(Value &value);
  ParseResult parseSum(Value &value);
  ParseResult parseProduct(Value &value);
  ParseResult parseUnary(Value &value);
  ParseResult parsePrimary(Value &value);
  ParseResult parseReference(Value &value);
  ParseResult parseCall(StringRef function, SMLoc loc, Value &value);

  ParseResult expectEnd();

  /// An f32 value, or an error that says what the value is for.
  ParseResult requireF32(Value value, SMLoc loc, StringRef role);
  ParseResult makeCall(StringRef function, SMLoc loc, ArrayRef<Value> args, Value &value);

  Location at(SMLoc loc) { return parser.getEncodedSourceLoc(loc); }
  char peek() { return *parser.getCurrentLocation().getPointer(); }
  Value number(double value, SMLoc loc) { return arith::ConstantOp::create(builder, at(loc), builder.getF32FloatAttr(value)); }
};
} // namespace

ParseResult ExpressionParser::parseBody() {
  SMLoc loc = parser.getCurrentLocation();
  region.push_back(new Block);
  builder.setInsertionPointToStart(&region.front());
  Value value;
  if (checkCharacters() || parseList(parser, AsmParser::Delimiter::Paren, [&] { return parseParameters(); }) || parser.parseArrow() ||
      parseExpression(value) || expectEnd() || requireF32(value, loc, "as the value of the body"))
    return failure();
  YieldOp::create(builder, at(loc), value);
  return success();
}

/// What is written in its place.
static StringRef adviceFor(char character) {
  switch (character) {
  case '!':
    return "; where(a == b, y, x) stands for where(a != b, x, y)";
  case '^':
    return "; pow(x, p) is a power";
  case '&':
  case '|':
    return "; one where(..) inside another joins conditions";
  case '#':
    return "; // begins a comment";
  case '%':
    return "; a body ends in } and names its parameters, without %";
  default:
    return "";
  }
}

ParseResult ExpressionParser::checkCharacters() {
  const StringRef allowed = "_.+-*/(),<>= \t\r\n";
  const char *begin = parser.getCurrentLocation().getPointer(), *at = begin;
  for (; *at && *at != '}'; ++at) {
    if (at[0] == '/' && at[1] == '/')
      while (at[1] && at[1] != '\n')
        ++at;
    else if (!llvm::isAlnum(*at) && !allowed.contains(*at))
      return parser.emitError(SMLoc::getFromPointer(at))
             << "expected numbers, names, ( ) , + - * / < <= > >= == in an expression, got " << StringRef(at, 1) << adviceFor(*at);
    else if (*at == '.' && llvm::isDigit(at[1]) && (at == begin || !llvm::isAlnum(at[-1])))
      return parser.emitError(SMLoc::getFromPointer(at)) << "expected a digit before the point, as in 0" << StringRef(at, 2);
  }
  return success();
}

/// A word or a sign where an operator or the end should be.
ParseResult ExpressionParser::expectEnd() {
  SMLoc loc = parser.getCurrentLocation();
  if (peek() == '}')
    return success();
  StringRef word, advice;
  if (succeeded(parser.parseOptionalKeyword(&word)) && (word == "and" || word == "or"))
    advice = adviceFor('&');
  return parser.emitError(loc) << "expected + - * / < <= > >= == or } after an expression" << (word.empty() ? "" : ", got " + word.str())
                               << advice;
}

ParseResult ExpressionParser::parseParameters() {
  SMLoc loc = parser.getCurrentLocation();
  StringRef name;
  if (parseName(parser, "a parameter name", name))
    return failure();
  for (auto &[other, value] : names)
    if (other == name)
      return parser.emitError(loc) << "expected different parameter names, got " << name << " twice";
  // The name stays in the argument's location, for printing.
  Location named = NameLoc::get(builder.getStringAttr(name), at(loc));
  names.emplace_back(name.str(), region.front().addArgument(builder.getF32Type(), named));
  return success();
}

ParseResult ExpressionParser::parseNested(ParseResult (ExpressionParser::*parse)(Value &), Value &value) {
  if (++levels > kMostLevels)
    return parser.emitError(parser.getCurrentLocation())
           << "expected an expression of at most " << kMostLevels << " levels, got a deeper one; name parts of it by maps of their own";
  ParseResult result = (this->*parse)(value);
  --levels;
  return result;
}

/// One level, however many lets there are.
ParseResult ExpressionParser::parseLets(Value &value) {
  size_t outer = names.size();
  while (succeeded(parser.parseOptionalKeyword("let")))
    if (parseLet())
      return failure();
  if (parseComparison(value))
    return failure();
  names.truncate(outer);
  return success();
}

ParseResult ExpressionParser::parseLet() {
  if (++lets > kMostOps)
    return parser.emitError(parser.getCurrentLocation()) << "expected at most " << kMostOps << " lets in a body, got more";
  StringRef name;
  Value bound;
  if (parseName(parser, "a name after let", name) || parser.parseEqual() || parseExpression(bound) ||
      parser.parseKeyword("in", " after the value of let " + name))
    return failure();
  names.emplace_back(name.str(), bound);
  return success();
}

ParseResult ExpressionParser::parseComparison(Value &value) {
  SMLoc loc = parser.getCurrentLocation();
  if (parseSum(value))
    return failure();
  arith::CmpFPredicate predicate;
  if (succeeded(parser.parseOptionalLess()))
    predicate = succeeded(parser.parseOptionalEqual()) ? arith::CmpFPredicate::OLE : arith::CmpFPredicate::OLT;
  else if (succeeded(parser.parseOptionalGreater()))
    predicate = succeeded(parser.parseOptionalEqual()) ? arith::CmpFPredicate::OGE : arith::CmpFPredicate::OGT;
  else if (succeeded(parser.parseOptionalEqual())) {
    if (parser.parseEqual())
      return failure();
    predicate = arith::CmpFPredicate::OEQ;
  } else {
    return success();
  }
  Value right;
  if (requireF32(value, loc, "left of a comparison") || parseSum(right) || requireF32(right, loc, "right of a comparison"))
    return failure();
  value = arith::CmpFOp::create(builder, at(loc), predicate, value, right);
  return success();
}

ParseResult ExpressionParser::parseSum(Value &value) {
  SMLoc loc = parser.getCurrentLocation();
  if (parseProduct(value))
    return failure();
  while (true) {
    bool plus = succeeded(parser.parseOptionalPlus());
    if (!plus && failed(parser.parseOptionalMinus()))
      return success();
    Value right;
    if (requireF32(value, loc, "in a sum") || parseProduct(right) || requireF32(right, loc, "in a sum"))
      return failure();
    value = plus ? arith::AddFOp::create(builder, at(loc), value, right).getResult()
                 : arith::SubFOp::create(builder, at(loc), value, right).getResult();
  }
}

ParseResult ExpressionParser::parseProduct(Value &value) {
  SMLoc loc = parser.getCurrentLocation();
  if (parseUnary(value))
    return failure();
  while (true) {
    bool times = succeeded(parser.parseOptionalStar());
    if (!times && failed(parser.parseOptionalSlash()))
      return success();
    Value right;
    if (requireF32(value, loc, "in a product") || parseUnary(right) || requireF32(right, loc, "in a product"))
      return failure();
    value = times ? arith::MulFOp::create(builder, at(loc), value, right).getResult()
                  : arith::DivFOp::create(builder, at(loc), value, right).getResult();
  }
}

ParseResult ExpressionParser::parseUnary(Value &value) {
  SMLoc loc = parser.getCurrentLocation();
  if (failed(parser.parseOptionalMinus()))
    return parsePrimary(value);
  if (parseNested(&ExpressionParser::parseUnary, value) || requireF32(value, loc, "after a minus"))
    return failure();
  if (auto constant = value.getDefiningOp<arith::ConstantOp>()) {
    APFloat negated = -cast<FloatAttr>(constant.getValue()).getValue();
    constant.setValueAttr(builder.getFloatAttr(builder.getF32Type(), negated));
    return success();
  }
  value = arith::NegFOp::create(builder, at(loc), value);
  return success();
}

ParseResult ExpressionParser::parsePrimary(Value &value) {
  SMLoc loc = parser.getCurrentLocation();
  char next = peek();
  if (next >= '0' && next <= '9') {
    double literal;
    if (parseUnsignedNumber(parser, literal))
      return failure();
    value = number(literal, loc);
    return success();
  }
  if (succeeded(parser.parseOptionalLParen()))
    return failure(parseExpression(value) || parser.parseRParen());
  return parseReference(value);
}

ParseResult ExpressionParser::parseReference(Value &value) {
  SMLoc loc = parser.getCurrentLocation();
  StringRef name;
  if (failed(parser.parseOptionalKeyword(&name)))
    return parser.emitError(loc) << "expected a number, a name or (";
  if (succeeded(parser.parseOptionalLParen()))
    return parseCall(name, loc, value);
  for (auto &[known, bound] : llvm::reverse(names))
    if (known == name) {
      value = bound;
      return success();
    }
  if (name == "inf") {
    value = number(INFINITY, loc);
    return success();
  }
  if (name.size() == 1 && kBoundDims.contains(name)) {
    value = SizeOp::create(builder, at(loc), name);
    return success();
  }
  return parser.emitError(loc) << "expected a parameter, a let or a size among " << listDims(kBoundDims) << ", got " << name;
}

ParseResult ExpressionParser::parseCall(StringRef function, SMLoc loc, Value &value) {
  SmallVector<Value> args;
  do {
    SMLoc argLoc = parser.getCurrentLocation();
    Value arg;
    if (parseExpression(arg))
      return failure();
    bool isCondition = function == "where" && args.empty();
    if (isCondition && !arg.getType().isInteger(1))
      return parser.emitError(argLoc) << "expected a comparison as the first argument of where";
    if (!isCondition && requireF32(arg, argLoc, "as an argument"))
      return failure();
    args.push_back(arg);
  } while (succeeded(parser.parseOptionalComma()));
  return failure(parser.parseRParen() || makeCall(function, loc, args, value));
}

ParseResult ExpressionParser::requireF32(Value value, SMLoc loc, StringRef role) {
  if (value.getType().isF32())
    return success();
  return parser.emitError(loc) << "expected a number " << role << ", got a comparison";
}

template <typename Op, typename... Args> static Value make(OpBuilder &builder, Location loc, Args... args) {
  return Op::create(builder, loc, args...).getResult();
}

ParseResult ExpressionParser::makeCall(StringRef function, SMLoc smLoc, ArrayRef<Value> args, Value &value) {
  int arity = llvm::StringSwitch<int>(function)
                  .Cases({"exp", "exp2", "log", "log1p", "log2", "sqrt", "rsqrt", "sin", "cos", "tanh", "abs"}, 1)
                  .Cases({"sign", "sigmoid", "silu", "gelu", "softplus", "relu", "elu"}, 1)
                  .Cases({"min", "max", "pow"}, 2)
                  .Cases({"where", "clamp"}, 3)
                  .Default(0);
  if (!arity)
    return parser.emitError(smLoc) << "expected a function among exp, exp2, log, log1p, log2, pow, sqrt, rsqrt, sin, cos, tanh, "
                                      "abs, sign, min, max, clamp, sigmoid, silu, gelu, softplus, relu, elu, where, got "
                                   << function;
  if (int(args.size()) != arity)
    return parser.emitError(smLoc) << "expected " << arity << (arity == 1 ? " argument of " : " arguments of ") << function << ", got "
                                   << args.size();
  Location loc = at(smLoc);
  Value x = args[0];
  using Maker = Value (*)(OpBuilder &, Location, Value);
  Maker unary = llvm::StringSwitch<Maker>(function)
                    .Case("exp", make<math::ExpOp, Value>)
                    .Case("exp2", make<math::Exp2Op, Value>)
                    .Case("log", make<math::LogOp, Value>)
                    .Case("log1p", make<math::Log1pOp, Value>)
                    .Case("log2", make<math::Log2Op, Value>)
                    .Case("sqrt", make<math::SqrtOp, Value>)
                    .Case("rsqrt", make<math::RsqrtOp, Value>)
                    .Case("sin", make<math::SinOp, Value>)
                    .Case("cos", make<math::CosOp, Value>)
                    .Case("tanh", make<math::TanhOp, Value>)
                    .Case("abs", make<math::AbsFOp, Value>)
                    .Default(nullptr);
  if (unary)
    value = unary(builder, loc, x);
  else if (function == "min")
    value = make<arith::MinimumFOp>(builder, loc, x, args[1]);
  else if (function == "max")
    value = make<arith::MaximumFOp>(builder, loc, x, args[1]);
  else if (function == "pow")
    value = make<math::PowFOp>(builder, loc, x, args[1]);
  else if (function == "clamp") // min(max(x, low), high)
    value = make<arith::MinimumFOp>(builder, loc, make<arith::MaximumFOp>(builder, loc, x, args[1]), args[2]);
  else if (function == "where")
    value = make<arith::SelectOp>(builder, loc, x, args[1], args[2]);
  else if (function == "relu") // max(x, 0)
    value = make<arith::MaximumFOp>(builder, loc, x, number(0, smLoc));
  else if (function == "elu") { // x > 0 ? x : exp(x) - 1
    Value zero = number(0, smLoc);
    Value positive = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OGT, x, zero);
    Value below = make<arith::SubFOp>(builder, loc, make<math::ExpOp>(builder, loc, x), number(1, smLoc));
    value = make<arith::SelectOp>(builder, loc, positive, x, below);
  } else if (function == "sign") { // x > 0 ? 1 : x < 0 ? -1 : x
    Value zero = number(0, smLoc);
    auto where = [&](arith::CmpFPredicate predicate, double then, Value otherwise) {
      Value condition = arith::CmpFOp::create(builder, loc, predicate, x, zero);
      return make<arith::SelectOp>(builder, loc, condition, number(then, smLoc), otherwise);
    };
    value = where(arith::CmpFPredicate::OGT, 1, where(arith::CmpFPredicate::OLT, -1, x));
  } else if (function == "gelu") { // (x / 2) (1 + erf(x / sqrt(2)))
    Value erf = make<math::ErfOp>(builder, loc, make<arith::MulFOp>(builder, loc, x, number(M_SQRT1_2, smLoc)));
    Value half = make<arith::MulFOp>(builder, loc, x, number(0.5, smLoc));
    value = make<arith::MulFOp>(builder, loc, half, make<arith::AddFOp>(builder, loc, number(1, smLoc), erf));
  } else if (function == "softplus") { // max(x, 0) + log1p(exp(-|x|)): no overflow
    Value positive = make<arith::MaximumFOp>(builder, loc, x, number(0, smLoc));
    Value minus = make<arith::NegFOp>(builder, loc, make<math::AbsFOp>(builder, loc, x));
    Value rest = make<math::Log1pOp>(builder, loc, make<math::ExpOp>(builder, loc, minus));
    value = make<arith::AddFOp>(builder, loc, positive, rest);
  } else { // sigmoid 1 / (1 + exp(-x)), silu x / (1 + exp(-x))
    Value one = number(1, smLoc);
    Value e = make<math::ExpOp>(builder, loc, make<arith::NegFOp>(builder, loc, x));
    Value denominator = make<arith::AddFOp>(builder, loc, one, e);
    value = make<arith::DivFOp>(builder, loc, function == "silu" ? x : one, denominator);
  }
  return success();
}

ParseResult parseExpressionBody(OpAsmParser &parser, Region &region) { return ExpressionParser(parser, region).parseBody(); }

} // namespace mixc::mixer
