// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Edits.h"
#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/TypeSwitch.h"
#include <limits>

using namespace llvm;
using namespace mlir;
using namespace mixc::fuzz;

//===--- Values ---===//

/// A value of this type that is there before the op, or null.
static Value pickValueBefore(Operation *op, Type type, Random &random) {
  SmallVector<Value> found;
  auto note = [&](Value value) {
    if (value.getType() == type)
      found.push_back(value);
  };
  for (Operation *at = op; at && at->getBlock(); at = at->getParentOp()) {
    for_each(at->getBlock()->getArguments(), note);
    for (Operation &other : *at->getBlock()) {
      if (&other == at)
        break;
      for_each(other.getResults(), note);
    }
    if (at->getParentOp() && at->getParentOp()->hasTrait<OpTrait::IsIsolatedFromAbove>())
      break;
  }
  return found.empty() ? Value() : random.pick(found);
}

static void replaceOperand(Operation *op, Random &random) {
  if (op->getNumOperands() == 0)
    return;
  OpOperand &operand = op->getOpOperand(random.below(op->getNumOperands()));
  if (Value other = pickValueBefore(op, operand.get().getType(), random))
    operand.set(other);
}

static void swapOperands(Operation *op, Random &random) {
  if (op->getNumOperands() < 2)
    return;
  OpOperand &a = op->getOpOperand(random.below(op->getNumOperands())), &b = op->getOpOperand(random.below(op->getNumOperands()));
  Value value = a.get();
  a.set(b.get());
  b.set(value);
}

//===--- Attributes ---===//

static int64_t otherNumber(int64_t number, Random &random) {
  static const int64_t strange[] = {0,
                                    1,
                                    2,
                                    3,
                                    8,
                                    16,
                                    24,
                                    32,
                                    48,
                                    64,
                                    100,
                                    128,
                                    1024,
                                    65536,
                                    1LL << 31,
                                    1LL << 40,
                                    -1,
                                    -16,
                                    std::numeric_limits<int64_t>::max(),
                                    std::numeric_limits<int64_t>::min()};
  switch (random.below(6)) {
  case 0:
    return static_cast<int64_t>(static_cast<uint64_t>(number) + 1);
  case 1:
    return static_cast<int64_t>(static_cast<uint64_t>(number) - 1);
  case 2:
    return number < (1LL << 40) && number > -(1LL << 40) ? number * 2 : number;
  case 3:
    return number / 2;
  default:
    return strange[random.below(std::size(strange))];
  }
}

template <typename Int> static SmallVector<Int> otherArray(ArrayRef<Int> array, Random &random) {
  SmallVector<Int> changed(array);
  if (changed.empty())
    return {Int(random.below(3))};
  size_t at = random.below(changed.size());
  switch (random.below(5)) {
  case 0:
    changed.erase(changed.begin() + at);
    break;
  case 1:
    changed.insert(changed.begin() + at, changed[at]);
    break;
  case 2:
    std::swap(changed[at], changed[random.below(changed.size())]);
    break;
  default:
    changed[at] = static_cast<Int>(otherNumber(changed[at], random));
  }
  return changed;
}

static AffineMap otherMap(AffineMap map, Random &random) {
  SmallVector<AffineExpr> exprs(map.getResults());
  MLIRContext *context = map.getContext();
  if (exprs.empty())
    return map;
  AffineExpr &expr = random.pick(exprs);
  switch (random.below(6)) {
  case 0:
    std::swap(expr, random.pick(exprs));
    break;
  case 1:
    expr = getAffineConstantExpr(static_cast<int64_t>(random.below(3)), context);
    break;
  case 2:
    expr = expr + 1;
    break;
  case 3:
    expr = expr * 2;
    break;
  default:
    if (map.getNumDims())
      expr = getAffineDimExpr(random.below(map.getNumDims()), context);
  }
  return AffineMap::get(map.getNumDims(), map.getNumSymbols(), exprs, context);
}

/// Null where there is none.
static Attribute otherAttribute(Attribute attr, Random &random) {
  MLIRContext *context = attr.getContext();
  return llvm::TypeSwitch<Attribute, Attribute>(attr)
      .Case<BoolAttr>([&](BoolAttr flag) { return BoolAttr::get(context, !flag.getValue()); })
      .Case<IntegerAttr>([&](IntegerAttr number) -> Attribute {
        if (number.getValue().getBitWidth() > 64)
          return {};
        APInt value(64, static_cast<uint64_t>(otherNumber(number.getValue().getSExtValue(), random)));
        return IntegerAttr::get(number.getType(), value.sextOrTrunc(number.getValue().getBitWidth()));
      })
      .Case<FloatAttr>([&](FloatAttr number) {
        static const double strange[] = {0.0, -0.0, 1.0, -1.0, 1e-40, 3e38, 1e300};
        return FloatAttr::get(number.getType(), strange[random.below(std::size(strange))]);
      })
      .Case<DenseI64ArrayAttr>([&](auto array) { return DenseI64ArrayAttr::get(context, otherArray(array.asArrayRef(), random)); })
      .Case<DenseI32ArrayAttr>([&](auto array) { return DenseI32ArrayAttr::get(context, otherArray(array.asArrayRef(), random)); })
      .Case<AffineMapAttr>([&](auto map) { return AffineMapAttr::get(otherMap(map.getValue(), random)); })
      .Case<StringAttr>([&](auto) {
        static const char *const names[] = {"", "sm_80", "sm_90", "sm_90a", "x"};
        return StringAttr::get(context, names[random.below(std::size(names))]);
      })
      .Case<ArrayAttr>([&](ArrayAttr array) -> Attribute {
        SmallVector<Attribute> elements(array.getValue());
        if (elements.empty())
          return {};
        Attribute &element = random.pick(elements);
        if (random.once(4)) {
          std::swap(element, random.pick(elements));
        } else if (Attribute other = otherAttribute(element, random)) {
          element = other;
        }
        return ArrayAttr::get(context, elements);
      })
      .Default([](Attribute) { return Attribute(); });
}

static void changeAttribute(Operation *op, Random &random) {
  static const char *const flags[] = {"deferred", "optional", "associative", "reused", "single", "warp", "written"};
  if (random.once(6))
    return op->setAttr(flags[random.below(std::size(flags))], UnitAttr::get(op->getContext()));
  SmallVector<NamedAttribute> attrs(op->getAttrDictionary().getValue());
  erase_if(attrs, [](NamedAttribute attr) { return attr.getName() == "operandSegmentSizes" || attr.getName() == "sym_name"; });
  if (attrs.empty())
    return;
  NamedAttribute attr = random.pick(attrs);
  if (isa<UnitAttr>(attr.getValue()))
    op->removeAttr(attr.getName());
  else if (Attribute other = otherAttribute(attr.getValue(), random))
    op->setAttr(attr.getName(), other);
}

//===--- Ops ---===//

static void eraseOp(Operation *op, Random &random) {
  if (op->hasTrait<OpTrait::IsTerminator>())
    return;
  SmallVector<Value> others;
  for (Value result : op->getResults()) {
    Value other = pickValueBefore(op, result.getType(), random);
    if (!other && !result.use_empty())
      return;
    others.push_back(other);
  }
  for (auto [result, other] : zip_equal(op->getResults(), others))
    if (other)
      result.replaceAllUsesWith(other);
  op->erase();
}

/// The op again, further down in its block; some of its users take the copy's results.
static void repeatOp(Operation *op, Random &random) {
  if (op->hasTrait<OpTrait::IsTerminator>())
    return;
  SmallVector<Operation *> after;
  for (Operation *other = op; other && !other->hasTrait<OpTrait::IsTerminator>(); other = other->getNextNode())
    after.push_back(other);
  Operation *copy = op->clone();
  op->getBlock()->getOperations().insertAfter(Block::iterator(random.pick(after)), copy);
  for (auto [old, fresh] : zip_equal(op->getResults(), copy->getResults()))
    old.replaceUsesWithIf(fresh, [&, copy = copy](OpOperand &use) {
      Operation *user = copy->getBlock()->findAncestorOpInBlock(*use.getOwner());
      return user && user != copy && copy->isBeforeInBlock(user) && random.once(2);
    });
}

static void moveOp(Operation *op, Random &random) {
  Operation *next = op->getNextNode();
  if (!next || op->hasTrait<OpTrait::IsTerminator>() || next->hasTrait<OpTrait::IsTerminator>())
    return;
  SmallVector<Operation *> places;
  for (Operation &other : *op->getBlock())
    if (!other.hasTrait<OpTrait::IsTerminator>() && &other != op)
      places.push_back(&other);
  op->moveAfter(random.pick(places));
}

void mixc::fuzz::editIr(ModuleOp module, Random &random) {
  do {
    SmallVector<Operation *> ops;
    module.walk([&](Operation *op) {
      if (op != module)
        ops.push_back(op);
    });
    if (ops.empty())
      return;
    Operation *op = random.pick(ops);
    switch (random.below(12)) {
    case 0:
    case 1:
    case 2:
      replaceOperand(op, random);
      break;
    case 3:
      swapOperands(op, random);
      break;
    case 4:
      eraseOp(op, random);
      break;
    case 5:
      repeatOp(op, random);
      break;
    case 6:
      moveOp(op, random);
      break;
    default:
      changeAttribute(op, random);
    }
  } while (random.once(2));
}
