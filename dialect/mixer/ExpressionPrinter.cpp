// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Prints a map's body as the expression that parses to it.

#include "Syntax.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

namespace mixc::mixer {
using namespace mlir;

namespace {
/// How tightly a text binds.
enum Precedence { kComparison, kSum, kProduct, kUnary, kPrimary };

/// One value as the expression shows it: a function call or an operator over other values.
struct Node {
  Precedence precedence = kPrimary;
  std::string name; // of the function or operator; the text itself where there are no children
  SmallVector<Value> children;
};

class ExpressionPrinter {
public:
  ExpressionPrinter(MapOp op, ArrayRef<std::string> operandNames) : op(op) { nameParameters(operandNames); }
  std::optional<std::string> print();

private:
  MapOp op;
  llvm::StringSet<> used;
  DenseMap<Value, std::string> names;
  /// The values of the expression, children first, and how often each is referred to.
  llvm::MapVector<Value, Node> nodes;
  DenseMap<Value, unsigned> uses;

  void nameParameters(ArrayRef<std::string> operandNames);
  bool collect(Value value);
  std::string text(Value value, Precedence least);
  std::string text(const Node &node);
};
} // namespace

static bool isConstant(Value value, double expected) {
  APFloat constant(0.0f);
  return matchPattern(value, m_ConstantFloat(&constant)) && constant.convertToDouble() == expected &&
         !(expected == 0 && constant.isNegative());
}

/// value = Op(inner), used only here.
template <typename Op> static Value operandOfOnly(Value value) {
  auto inner = value.getDefiningOp<Op>();
  return inner && value.hasOneUse() ? inner->getOperand(0) : Value();
}

/// The argument of 1 + exp(-x), where nothing else uses its parts.
static Value matchOnePlusExpMinus(Value value) {
  auto add = value.getDefiningOp<arith::AddFOp>();
  if (!add || !value.hasOneUse())
    return {};
  Value other = isConstant(add.getLhs(), 1) ? add.getRhs() : isConstant(add.getRhs(), 1) ? add.getLhs() : Value();
  Value minus = other ? operandOfOnly<math::ExpOp>(other) : Value();
  return minus ? operandOfOnly<arith::NegFOp>(minus) : Value();
}

/// max(x, 0) + log1p(exp(-|x|))
static Value matchSoftplus(arith::AddFOp add) {
  auto positive = add.getLhs().getDefiningOp<arith::MaximumFOp>();
  if (!positive || !positive->hasOneUse() || !isConstant(positive.getRhs(), 0))
    return {};
  Value e = operandOfOnly<math::Log1pOp>(add.getRhs());
  Value minus = e ? operandOfOnly<math::ExpOp>(e) : Value();
  Value abs = minus ? operandOfOnly<arith::NegFOp>(minus) : Value();
  Value x = abs ? operandOfOnly<math::AbsFOp>(abs) : Value();
  return x == positive.getLhs() ? x : Value();
}

/// x > 0 ? x : exp(x) - 1
static Value matchElu(arith::SelectOp select) {
  auto compare = select.getCondition().getDefiningOp<arith::CmpFOp>();
  auto below = select.getFalseValue().getDefiningOp<arith::SubFOp>();
  Value x = select.getTrueValue();
  if (!compare || !compare->hasOneUse() || compare.getPredicate() != arith::CmpFPredicate::OGT || compare.getLhs() != x ||
      !isConstant(compare.getRhs(), 0) || !below || !below->hasOneUse() || !isConstant(below.getRhs(), 1) ||
      operandOfOnly<math::ExpOp>(below.getLhs()) != x)
    return {};
  return x;
}

/// The select where x compares with 0 as said, then a constant; `select` is used once, or is the outer one.
static bool isSelectBySign(arith::SelectOp select, arith::CmpFPredicate predicate, Value x, double then) {
  auto compare = select.getCondition().getDefiningOp<arith::CmpFOp>();
  return compare && compare->hasOneUse() && compare.getPredicate() == predicate && compare.getLhs() == x &&
         isConstant(compare.getRhs(), 0) && isConstant(select.getTrueValue(), then);
}

/// x > 0 ? 1 : x < 0 ? -1 : x
static Value matchSign(arith::SelectOp select) {
  auto below = select.getFalseValue().getDefiningOp<arith::SelectOp>();
  if (!below || !below->hasOneUse())
    return {};
  Value x = below.getFalseValue();
  bool matches = isSelectBySign(select, arith::CmpFPredicate::OGT, x, 1) && isSelectBySign(below, arith::CmpFPredicate::OLT, x, -1);
  return matches ? x : Value();
}

/// (x / 2) (1 + erf(x / sqrt(2)))
static Value matchGelu(arith::MulFOp multiply) {
  auto half = multiply.getLhs().getDefiningOp<arith::MulFOp>();
  auto sum = multiply.getRhs().getDefiningOp<arith::AddFOp>();
  if (!half || !half->hasOneUse() || !isConstant(half.getRhs(), 0.5) || !sum || !sum->hasOneUse() || !isConstant(sum.getLhs(), 1))
    return {};
  Value erf = operandOfOnly<math::ErfOp>(sum.getRhs());
  auto scaled = erf ? erf.getDefiningOp<arith::MulFOp>() : arith::MulFOp();
  Value x = half.getLhs();
  bool matches = scaled && scaled->hasOneUse() && scaled.getLhs() == x && isConstant(scaled.getRhs(), float(M_SQRT1_2));
  return matches ? x : Value();
}

/// The functions that stand for several ops.
static std::optional<Node> matchComposite(Operation *op) {
  auto call = [](StringRef name, Value x) { return Node{kPrimary, name.str(), {x}}; };
  if (auto add = dyn_cast<arith::AddFOp>(op)) {
    if (Value x = matchSoftplus(add))
      return call("softplus", x);
  } else if (auto divide = dyn_cast<arith::DivFOp>(op)) {
    if (Value x = matchOnePlusExpMinus(divide.getRhs())) {
      if (isConstant(divide.getLhs(), 1))
        return call("sigmoid", x);
      if (divide.getLhs() == x)
        return call("silu", x);
    }
  } else if (auto max = dyn_cast<arith::MaximumFOp>(op)) {
    if (isConstant(max.getRhs(), 0))
      return call("relu", max.getLhs());
  } else if (auto min = dyn_cast<arith::MinimumFOp>(op)) {
    auto max = min.getLhs().getDefiningOp<arith::MaximumFOp>();
    if (max && max->hasOneUse())
      return Node{kPrimary, "clamp", {max.getLhs(), max.getRhs(), min.getRhs()}};
  } else if (auto multiply = dyn_cast<arith::MulFOp>(op)) {
    if (Value x = matchGelu(multiply))
      return call("gelu", x);
  } else if (auto select = dyn_cast<arith::SelectOp>(op)) {
    if (Value x = matchElu(select))
      return call("elu", x);
    if (Value x = matchSign(select))
      return call("sign", x);
  }
  return std::nullopt;
}

static StringRef comparisonSign(arith::CmpFPredicate predicate) {
  switch (predicate) {
  case arith::CmpFPredicate::OLT:
    return "<";
  case arith::CmpFPredicate::OLE:
    return "<=";
  case arith::CmpFPredicate::OGT:
    return ">";
  case arith::CmpFPredicate::OGE:
    return ">=";
  case arith::CmpFPredicate::OEQ:
    return "==";
  default:
    return "";
  }
}

/// The op's own function or operator, nothing where the language has none.
static std::optional<Node> matchOne(Operation *op) {
  if (auto fast = dyn_cast<arith::ArithFastMathInterface>(op))
    if (fast.getFastMathFlagsAttr() && fast.getFastMathFlagsAttr().getValue() != arith::FastMathFlags::none)
      return std::nullopt;
  auto node = [&](Precedence precedence, StringRef name) { return Node{precedence, name.str(), llvm::to_vector(op->getOperands())}; };
  return llvm::TypeSwitch<Operation *, std::optional<Node>>(op)
      .Case<arith::AddFOp>([&](auto) { return node(kSum, " + "); })
      .Case<arith::SubFOp>([&](auto) { return node(kSum, " - "); })
      .Case<arith::MulFOp>([&](auto) { return node(kProduct, " * "); })
      .Case<arith::DivFOp>([&](auto) { return node(kProduct, " / "); })
      .Case<arith::NegFOp>([&](auto) { return node(kUnary, "-"); })
      .Case<arith::MinimumFOp>([&](auto) { return node(kPrimary, "min"); })
      .Case<arith::MaximumFOp>([&](auto) { return node(kPrimary, "max"); })
      .Case<arith::SelectOp>([&](auto select) -> std::optional<Node> {
        if (!select.getType().isF32())
          return std::nullopt;
        return node(kPrimary, "where");
      })
      .Case<math::ExpOp>([&](auto) { return node(kPrimary, "exp"); })
      .Case<math::Exp2Op>([&](auto) { return node(kPrimary, "exp2"); })
      .Case<math::LogOp>([&](auto) { return node(kPrimary, "log"); })
      .Case<math::Log1pOp>([&](auto) { return node(kPrimary, "log1p"); })
      .Case<math::Log2Op>([&](auto) { return node(kPrimary, "log2"); })
      .Case<math::SqrtOp>([&](auto) { return node(kPrimary, "sqrt"); })
      .Case<math::RsqrtOp>([&](auto) { return node(kPrimary, "rsqrt"); })
      .Case<math::SinOp>([&](auto) { return node(kPrimary, "sin"); })
      .Case<math::CosOp>([&](auto) { return node(kPrimary, "cos"); })
      .Case<math::PowFOp>([&](auto) { return node(kPrimary, "pow"); })
      .Case<math::TanhOp>([&](auto) { return node(kPrimary, "tanh"); })
      .Case<math::AbsFOp>([&](auto) { return node(kPrimary, "abs"); })
      .Case<SizeOp>([&](SizeOp size) { return Node{kPrimary, size.getDim().str(), {}}; })
      .Case<arith::CmpFOp>([&](arith::CmpFOp compare) -> std::optional<Node> {
        StringRef sign = comparisonSign(compare.getPredicate());
        if (sign.empty())
          return std::nullopt;
        return node(kComparison, (" " + sign + " ").str());
      })
      .Case<arith::ConstantOp>([&](arith::ConstantOp constant) -> std::optional<Node> {
        auto value = dyn_cast<FloatAttr>(constant.getValue());
        if (!value || value.getValue().isNaN())
          return std::nullopt;
        return Node{value.getValue().isNegative() ? kUnary : kPrimary, printNumber(value.getValue()), {}};
      })
      .Default([](Operation *) { return std::nullopt; });
}

/// A name that a parameter or let may have.
static bool isFree(StringRef name, const llvm::StringSet<> &used) {
  bool reserved = name == "let" || name == "in" || name == "inf" || (name.size() == 1 && kBoundDims.contains(name));
  return !reserved && !used.contains(name);
}

static bool isIdentifier(StringRef name) {
  return !name.empty() && (llvm::isAlpha(name[0]) || name[0] == '_') &&
         llvm::all_of(name, [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

void ExpressionPrinter::nameParameters(ArrayRef<std::string> operandNames) {
  // The name from the source where it is known, else the operand's, else a, b, c, ...
  for (auto [arg, operand] : llvm::zip(op.getBody()->getArguments(), operandNames)) {
    std::string name = operand.substr(1);
    if (auto loc = dyn_cast<NameLoc>(arg.getLoc()))
      name = loc.getName().str();
    for (char letter = 'a'; !isIdentifier(name) || !isFree(name, used); ++letter)
      name = letter <= 'z' ? std::string(1, letter) : "a" + std::to_string(arg.getArgNumber());
    used.insert(name);
    names[arg] = name;
  }
}

bool ExpressionPrinter::collect(Value value) {
  if (uses[value]++ || isa<BlockArgument>(value))
    return true;
  Operation *def = value.getDefiningOp();
  auto node = matchComposite(def);
  if (!node)
    node = matchOne(def);
  if (!node)
    return false;
  for (Value child : node->children)
    if (!collect(child))
      return false;
  nodes[value] = std::move(*node);
  return true;
}

std::string ExpressionPrinter::text(Value value, Precedence least) {
  auto name = names.find(value);
  if (name != names.end())
    return name->second;
  const Node &node = nodes[value];
  std::string inner = text(node);
  return node.precedence < least ? "(" + inner + ")" : inner;
}

std::string ExpressionPrinter::text(const Node &node) {
  if (node.children.empty())
    return node.name;
  if (node.precedence == kPrimary) {
    std::string args;
    for (Value child : node.children)
      args += (args.empty() ? "" : ", ") + text(child, kComparison);
    return node.name + "(" + args + ")";
  }
  // -(2) is written so: -2 is the constant.
  if (node.precedence == kUnary) {
    std::string inner = text(node.children[0], kUnary);
    return llvm::isDigit(inner[0]) || inner == "inf" ? "-(" + inner + ")" : "-" + inner;
  }
  // Operators group to the left; comparisons do not chain.
  auto left = node.precedence == kComparison ? kSum : node.precedence;
  return text(node.children[0], left) + node.name + text(node.children[1], Precedence(node.precedence + 1));
}

std::optional<std::string> ExpressionPrinter::print() {
  if (op->getNumRegions() == 0 || op.getBodyRegion().empty() || op.getBody()->empty())
    return std::nullopt;
  auto yield = dyn_cast<YieldOp>(op.getBody()->back());
  if (!yield || op.getBody()->getNumArguments() != op.getInputs().size() || !collect(yield.getValue()))
    return std::nullopt;
  std::string out = "(";
  for (BlockArgument arg : op.getBody()->getArguments())
    out += (arg.getArgNumber() ? ", " : "") + names[arg];
  out += ") -> ";
  unsigned next = 0;
  DenseMap<Value, unsigned> levels;
  for (auto &[value, node] : nodes) {
    unsigned &level = levels[value] = 1;
    for (Value child : node.children)
      level = std::max(level, 1 + levels.lookup(child));
    // What is used again gets a name, and what would nest too deep for the parser: a level here is at most two there.
    if (node.children.empty() || (uses[value] < 2 && level < kMostLevels / 4))
      continue;
    level = 0;
    std::string name = "u";
    while (!isFree(name, used))
      name = "u" + std::to_string(++next);
    used.insert(name);
    out += "let " + name + " = " + text(node) + " in ";
    names[value] = name;
  }
  return out + text(yield.getValue(), kComparison);
}

std::optional<std::string> printExpressionBody(MapOp op, ArrayRef<std::string> operandNames) {
  return ExpressionPrinter(op, operandNames).print();
}

} // namespace mixc::mixer
