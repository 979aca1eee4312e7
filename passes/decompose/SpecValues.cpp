// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "SpecValues.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace mixc {

mixer::TensorType typeOf(Value value) { return cast<mixer::TensorType>(value.getType()); }

static bool isColumnwise(mixer::TensorType type) { return type.hasDim("N") || type.hasDim("P"); }

SmallVector<Axis, 4> axesInOrder(mixer::TensorType type) {
  SmallVector<Axis, 4> axes;
  for (StringAttr dim : type.getDims())
    for (Axis axis : {Axis::T, Axis::H, Axis::P, Axis::N})
      if (dim.getValue() == letterOf(axis))
        axes.push_back(axis);
  return axes;
}

/// Index and constant tensors cost nothing to make anew; a map over N or P is computed where it is used, one over
/// tokens or heads only is made once as a small tile.
static bool isInlined(Value value) {
  Operation *op = value.getDefiningOp();
  if (isa_and_nonnull<mixer::IndexOp, mixer::ConstantOp>(op))
    return true;
  mixer::TensorType type = typeOf(value);
  bool ofUpdatesAlone = type.hasDim("R") && !type.hasDim("T"); // which no tile is over
  return isa_and_nonnull<mixer::MapOp>(op) && (isColumnwise(type) || type.getRank() == 0 || ofUpdatesAlone);
}

//===--- Leaves ---===//

void SpecValues::collectLeaves(Expr expr, TokenScope &tokens, llvm::SmallSetVector<Value, 8> &leaves, llvm::DenseSet<Value> &seen) {
  if (!seen.insert(expr.scalar ? expr.scalar : expr.value).second)
    return;
  if (expr.scalar) {
    auto map = cast<mixer::MapOp>(expr.value.getDefiningOp());
    if (auto arg = dyn_cast<BlockArgument>(expr.scalar))
      return collectLeaves({map.getInputs()[arg.getArgNumber()], {}}, tokens, leaves, seen);
    for (Value operand : expr.scalar.getDefiningOp()->getOperands())
      collectLeaves({expr.value, operand}, tokens, leaves, seen);
    return;
  }
  if (!isInlined(expr.value) || tokens.tiles.count(expr.value) || left.count(expr.value)) {
    leaves.insert(expr.value);
    return;
  }
  if (auto map = expr.value.getDefiningOp<mixer::MapOp>())
    collectLeaves({expr.value, map.getYield().getValue()}, tokens, leaves, seen);
}

/// Axes of a tile in memory order of use: a token's row is contiguous where it has columns, a head's row of tokens
/// where it has none. q, k and v of one head are read without the head's axis, and so is what several heads of a block share.
/// Where lanes run over heads, as the tensor lies. A value of a batch entry, or of the block's group, is one element.
static SmallVector<Axis, 4> axesOf(mixer::TensorType type, const PlanShape &shape) {
  SmallVector<Axis, 4> axes;
  if (shape.headsAsColumns) {
    axes = axesInOrder(type);
    if (axes.empty())
      axes.push_back(Axis::One);
    return axes;
  }
  bool columns = isColumnwise(type);
  bool hasHead = shape.heads == 1 ? !type.getHeadDim().empty() && !type.hasDim("N") : type.hasDim("H");
  if (columns && type.hasDim("T"))
    axes.push_back(Axis::T);
  if (hasHead)
    axes.push_back(Axis::H);
  if (!columns && type.hasDim("T"))
    axes.push_back(Axis::T);
  if (type.hasDim("P"))
    axes.push_back(Axis::P);
  if (type.hasDim("N"))
    axes.push_back(Axis::N);
  if (axes.empty())
    axes.push_back(Axis::One);
  return axes;
}

SmallVector<Axis, 4> SpecValues::ownAxes(mixer::TensorType type, const TokenScope &tokens) const {
  SmallVector<Axis, 4> axes = axesOf(type, b.shape);
  if (tokens.areDistances)
    llvm::replace(axes, Axis::T, Axis::D);
  return axes;
}

Tile SpecValues::loadTensor(const Left &tensor, TokenScope &tokens) {
  mixer::TensorType type = tensor.type;
  // Big io tiles stay in the operand's 16-bit type; small ones and f32 tensors are widened at once.
  bool narrow = type.getIo() && isColumnwise(type) && type.hasDim("T") && b.shape.operand == b.shape.io;
  Type elem = narrow ? b.shape.io : Type(b.getF32Type());
  SmallVector<Axis, 4> axes;
  if (type.getRank() > 0)
    axes = ownAxes(type, tokens);
  return b.load(tensor.memref, type, axes, elem, type.hasDim("T") ? &tokens : nullptr, tensor.optional, {tokens.earlier});
}

Tile SpecValues::loadArgument(BlockArgument argument, TokenScope &tokens) {
  const unsigned number = argument.getArgNumber();
  return loadTensor({number, typeOf(argument), spec.isArgOptional(number)}, tokens);
}

/// Rows that are padded end in zeros.
Tile SpecValues::sumOf(mixer::SumOp sum, TokenScope &tokens) {
  bool overN = sum.getDim() == "N";
  Axis axis = overN ? Axis::N : Axis::P;
  SmallVector<Axis> axes(axesOf(typeOf(sum.getResult()), b.shape));
  axes.push_back(axis);
  int64_t size = overN ? b.shape.n : b.shape.p;
  Tile terms = evaluate({sum.getInput(), {}}, axes, b.getF32Type(), tokens,
                        [&](TileBuilder &b, Value v) { return size < b.shape.extent(axis) ? b.zeroFrom(v, axis, b.index(size)) : v; });
  return b.reduce(terms, axis, 0, [](TileBuilder &b, Value sum, Value term) { return arith::AddFOp::create(b, sum, term); });
}

//===--- Other tokens ---===//

/// Tokens of an argument, so many earlier than `tokens` says, and where those are before the first one those of `after`, if any. Each
/// load is zero where the other one is not.
Tile SpecValues::tokensFrom(mixer::TensorType type, ArrayRef<Axis> axes, Value argument, const TokenRange &tokens, LoadPlace place,
                            Value after, const TokenRange &before, LoadPlace placeBefore) {
  auto load = [&](Value value, const TokenRange &range, LoadPlace place) {
    unsigned number = cast<BlockArgument>(value).getArgNumber();
    return b.load(number, typeOf(value), axes, b.getF32Type(), &range, spec.isArgOptional(number), place);
  };
  Tile own = load(argument, tokens, place);
  if (!after)
    return own;
  return b.generic(axes, b.getF32Type(), {own, load(after, before, placeBefore)},
                   [](TileBuilder &b, ValueRange v) { return arith::AddFOp::create(b, v[0], v[1]); });
}

// x_{t-by}, and for t < by the token L + t - by of those before.
Tile SpecValues::previousOf(mixer::PreviousOp op, TokenScope &tokens) {
  mixer::TensorType type = typeOf(op.getInput());
  int64_t by = op.getBy(), earlier = tokens.earlier, updates = b.shape.updates;
  Value first = arith::AddIOp::create(b, tokens.first, b.index((b.shape.handed - by) * updates));
  TokenRange before{first, arith::SubIOp::create(b, b.index((by + earlier) * updates), tokens.first)};
  return tokensFrom(type, axesOf(type, b.shape), op.getInput(), tokens, {by + earlier}, op.getAfter(), before, {earlier});
}

// The tokens T - L .. T - 1, and where i < L - T the token T + i of those before.
Tile SpecValues::lastTokens(mixer::LastOp op, Value end) {
  mixer::TensorType type = typeOf(op.getInput());
  SmallVector<Axis, 4> axes = axesOf(type, b.shape);
  llvm::replace(axes, Axis::T, Axis::Handed);
  Value handed = b.index(b.shape.handed);
  TokenRange tokens{end, handed}, before{end, arith::SubIOp::create(b, handed, end)};
  return tokensFrom(type, axes, op.getInput(), tokens, {b.shape.handed}, op.getAfter(), before, {});
}

Tile SpecValues::tapOf(mixer::TapOp op) {
  auto argument = cast<BlockArgument>(op.getWeights());
  return b.load(argument.getArgNumber(), typeOf(argument), axesOf(typeOf(op.getResult()), b.shape), b.getF32Type(), nullptr,
                spec.isArgOptional(argument.getArgNumber()), {0, int64_t(op.getAt())});
}

Tile SpecValues::leaf(Value value, TokenScope &tokens) {
  bool perToken = typeOf(value).hasDim("T");
  auto &made = perToken ? tokens.tiles : constants;
  if (auto found = made.find(value); found != made.end())
    return found->second;
  OpBuilder::InsertionGuard guard(b);
  if (!perToken && entry)
    b.setInsertionPoint(entry);
  else if (!perToken) // others would not see what is made inside a branch
    while (auto branch = dyn_cast<scf::IfOp>(b.getInsertionBlock()->getParentOp()))
      b.setInsertionPoint(branch);
  Tile tile;
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    tile = loadArgument(argument, tokens);
  } else if (auto found = left.find(value); found != left.end()) {
    tile = loadTensor(found->second, tokens);
  } else if (auto sum = value.getDefiningOp<mixer::SumOp>()) {
    tile = sumOf(sum, tokens);
  } else if (auto previous = value.getDefiningOp<mixer::PreviousOp>()) {
    tile = previousOf(previous, tokens);
  } else if (auto tap = value.getDefiningOp<mixer::TapOp>()) {
    tile = tapOf(tap);
  } else {
    auto map = value.getDefiningOp<mixer::MapOp>();
    tile = evaluate({value, map.getYield().getValue()}, ownAxes(typeOf(value), tokens), b.getF32Type(), tokens);
  }
  made[value] = tile;
  return tile;
}

//===--- Scalars ---===//

/// The place along a dimension of the element that a generic's body computes.
Value SpecValues::indexAlong(StringRef dim) {
  if (mixer::kGroupDims.contains(dim))
    return b.group(dim);
  if (dim == "R")
    return b.update();
  if (dim == "N")
    return b.position(Axis::N);
  if (dim == "P")
    return arith::AddIOp::create(b, b.position(Axis::P), b.column);
  return b.shape.heads == 1 ? b.head : arith::AddIOp::create(b, b.position(Axis::H), b.head).getResult();
}

/// The size of a dimension as a number. Others than those of heads are constants by now.
Value SpecValues::sizeOf(StringRef dim) {
  const int64_t size = spec.getSize(dim).value_or(1);
  if (!spec.isFree(dim))
    return b.number(double(size));
  Value integer = arith::IndexCastOp::create(b, b.getI32Type(), b.timesBands(b.index(size)));
  return arith::SIToFPOp::create(b, b.getF32Type(), integer);
}

Value SpecValues::emit(Expr expr, llvm::DenseMap<Value, Value> &scalars) {
  if (auto found = scalars.find(expr.scalar ? expr.scalar : expr.value); found != scalars.end())
    return found->second;
  if (expr.scalar)
    return emitMap(cast<mixer::MapOp>(expr.value.getDefiningOp()), expr.scalar, scalars);
  Operation *op = expr.value.getDefiningOp();
  Value result;
  if (auto constant = dyn_cast<mixer::ConstantOp>(op)) {
    result = arith::ConstantOp::create(b, b.getF32FloatAttr(constant.getValue().convertToFloat()));
  } else if (auto index = dyn_cast<mixer::IndexOp>(op)) {
    Value integer = arith::IndexCastOp::create(b, b.getI32Type(), indexAlong(index.getDim()));
    result = arith::SIToFPOp::create(b, b.getF32Type(), integer);
  } else {
    auto map = cast<mixer::MapOp>(op);
    result = emitMap(map, map.getYield().getValue(), scalars);
  }
  return scalars[expr.value] = result;
}

Value SpecValues::emitMap(mixer::MapOp map, Value scalar, llvm::DenseMap<Value, Value> &scalars) {
  if (auto found = scalars.find(scalar); found != scalars.end())
    return found->second;
  Value result;
  if (auto arg = dyn_cast<BlockArgument>(scalar)) {
    result = emit({map.getInputs()[arg.getArgNumber()], {}}, scalars);
  } else if (auto size = scalar.getDefiningOp<mixer::SizeOp>()) {
    result = sizeOf(size.getDim());
  } else {
    IRMapping mapping;
    Operation *op = scalar.getDefiningOp();
    for (Value operand : op->getOperands())
      mapping.map(operand, emitMap(map, operand, scalars));
    result = b.clone(*op, mapping)->getResult(cast<OpResult>(scalar).getResultNumber());
  }
  return scalars[scalar] = result;
}

/// Reads the tile over `axes`: the head's axis is at 0 where the block has one head, a padded column at 0.
Tile SpecValues::fit(const Tile &tile, ArrayRef<Axis> axes) {
  Tile fitted = tile;
  for (Tile::Use &use : fitted.axes) {
    if (llvm::is_contained(axes, use.axis))
      continue;
    if (use.axis == Axis::T && llvm::is_contained(axes, Axis::S))
      use.axis = Axis::S;
    else
      use.at = 0;
  }
  return fitted;
}

Tile SpecValues::evaluate(Expr expr, ArrayRef<Axis> axes, Type elem, TokenScope &tokens, function_ref<Value(TileBuilder &, Value)> finish) {
  llvm::SmallSetVector<Value, 8> leaves;
  llvm::DenseSet<Value> seen;
  collectLeaves(expr, tokens, leaves, seen);
  SmallVector<Tile> inputs;
  for (Value value : leaves)
    inputs.push_back(fit(leaf(value, tokens), axes));
  return b.generic(axes, elem, inputs, [&](TileBuilder &, ValueRange elements) {
    llvm::DenseMap<Value, Value> scalars;
    for (auto [value, element] : llvm::zip(leaves, elements))
      scalars[value] = element;
    Value result = emit(expr, scalars);
    return finish ? finish(b, result) : result;
  });
}

// With `earlier`, the tile's index 0 is the distance - chunk, and those below 0 read as zeros.
Tile SpecValues::atDistances(Value value, Value distance) {
  const int64_t chunk = b.shape.chunk;
  TokenScope distances(distance, arith::SubIOp::create(b, arith::AddIOp::create(b, b.length(), b.index(chunk)), distance));
  distances.earlier = chunk;
  distances.areDistances = true;
  return evaluate({value, {}}, ownAxes(typeOf(value), distances), b.getF32Type(), distances);
}

Tile SpecValues::evaluateOnce(ArrayRef<Expr> factors, ArrayRef<Axis> axes, function_ref<Value(TileBuilder &, Value)> finish) {
  OpBuilder::InsertionGuard guard(b);
  if (entry)
    b.setInsertionPoint(entry);
  TokenScope none({}, {});
  SmallVector<Tile> tiles;
  for (const Expr &factor : factors)
    tiles.push_back(evaluate(factor, axes, b.getF32Type(), none));
  return b.generic(axes, b.getF32Type(), tiles, [&](TileBuilder &b, ValueRange v) {
    Value product = v[0];
    for (Value other : v.drop_front())
      product = arith::MulFOp::create(b, product, other);
    return finish(b, product);
  });
}

Tile SpecValues::loadedArgument(Expr expr, ArrayRef<Axis> axes, Type elem, TokenScope &tokens) {
  if (expr.scalar || !isa<BlockArgument>(expr.value))
    return {};
  Tile tile = leaf(expr.value, tokens);
  if (cast<ShapedType>(tile.value.getType()).getElementType() != elem || tile.axes.size() != axes.size())
    return {};
  for (auto [use, axis] : llvm::zip(tile.axes, axes))
    if (use.axis != axis)
      return {};
  return tile;
}

//===--- Factoring ---===//

/// Whether the scalar of the map's body is computed from an operand that has the dimension.
static bool dependsOn(StringRef dim, mixer::MapOp map, Value scalar) {
  llvm::SetVector<Value> values;
  values.insert(scalar);
  for (size_t i = 0; i < values.size(); ++i) {
    auto arg = dyn_cast<BlockArgument>(values[i]);
    if (arg && typeOf(map.getInputs()[arg.getArgNumber()]).hasDim(dim))
      return true;
    if (Operation *def = values[i].getDefiningOp())
      values.insert(def->operand_begin(), def->operand_end());
  }
  return false;
}

// b (s x)^T = s b x^T and (s c)^T S = s c^T S: the scale joins the f32 factors of the decay, and the operand stays as
// it lies in memory instead of being rounded once more.
Factored factorTokenScale(Value value, StringRef dim, bool signs) {
  Factored result{{value, {}}, {}};
  if (!typeOf(value).hasDim(dim))
    return result;
  while (auto map = result.base.value.getDefiningOp<mixer::MapOp>()) {
    Value scalar = result.base.scalar ? result.base.scalar : map.getYield().getValue();
    if (auto arg = dyn_cast<BlockArgument>(scalar)) {
      result.base = {map.getInputs()[arg.getArgNumber()], {}};
      continue;
    }
    if (auto negation = scalar.getDefiningOp<arith::NegFOp>(); negation && signs) {
      result.base = {result.base.value, negation.getOperand()};
      result.negative = !result.negative;
      continue;
    }
    auto mul = scalar.getDefiningOp<arith::MulFOp>();
    if (!mul || dependsOn(dim, map, mul.getLhs()) == dependsOn(dim, map, mul.getRhs()))
      break;
    bool left = dependsOn(dim, map, mul.getLhs());
    result.scales.push_back({result.base.value, left ? mul.getRhs() : mul.getLhs()});
    result.base = {result.base.value, left ? mul.getLhs() : mul.getRhs()};
  }
  return result;
}

/// The value outside of maps that a scalar of one is, if it passes through unchanged; else null.
static Value passedThrough(mixer::MapOp map, Value scalar) {
  while (auto arg = dyn_cast<BlockArgument>(scalar)) {
    Value input = map.getInputs()[arg.getArgNumber()];
    map = input.getDefiningOp<mixer::MapOp>();
    if (!map || !isa<BlockArgument>(map.getYield().getValue()))
      return input;
    scalar = map.getYield().getValue();
  }
  return {};
}

std::optional<Expr> withoutExpOf(Value exponent, Value value) {
  auto map = value.getDefiningOp<mixer::MapOp>();
  auto product = map ? map.getYield().getValue().getDefiningOp<arith::MulFOp>() : arith::MulFOp();
  if (!product)
    return std::nullopt;
  for (auto [factor, rest] : {std::pair(product.getLhs(), product.getRhs()), {product.getRhs(), product.getLhs()}})
    if (auto exp = factor.getDefiningOp<math::ExpOp>(); exp && passedThrough(map, exp.getOperand()) == exponent) {
      Value whole = passedThrough(map, rest);
      return whole ? Expr{whole, {}} : Expr{value, rest};
    }
  return std::nullopt;
}

} // namespace mixc
