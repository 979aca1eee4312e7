// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "OpConverter.h"
#include "Sums.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// A tile is computed where it is used if that is one contraction's rows, or a move to shared memory, or a scan.
bool OpConverter::isDeferred(linalg::GenericOp op) {
  if (feedsScans(op))
    return true;
  Value result = op.getResult(0);
  if (!isa<MmaAttr>(values.fragmentType(result).getLayout()) || inPlace.contains(result))
    return false;
  int64_t asFragment = 0;
  for (OpOperand &use : result.getUses()) {
    if (isa<tile::GuardOp>(use.getOwner()))
      return false;
    if (!values.types.readsAsFragment(use))
      continue;
    if (++asFragment > 1 || use.getOwner()->getBlock() != op->getBlock() || !isa<linalg::ContractOp>(use.getOwner()) ||
        use.getOperandNumber() == 2)
      return false;
  }
  return true;
}

static bool isCountOfResets(Value tile) {
  if (auto sums = tile.getDefiningOp<tile::CumsumOp>())
    return tile == sums.getResets();
  auto lag = tile.getDefiningOp<tile::LagOp>();
  return lag && tile == lag.getResets();
}

/// Whether work after the guard reads x once more from shared memory, where it has to stay until the state is complete: in registers it
/// would be live across the products.
bool OpConverter::readsAgain(linalg::GenericOp op, Value x) {
  if (!workers.spareRegisters() || inPlace.contains(op.getResult(0)))
    return false;
  bool afterGuard = false, beforeSinceReset = false;
  for (Operation *other : x.getUsers()) {
    if (other->getBlock() != op->getBlock())
      continue;
    afterGuard |= isa<tile::GuardOp>(other) && other->isBeforeInBlock(op);
    beforeSinceReset |= isa<tile::SinceResetOp>(other) && op->isBeforeInBlock(other);
  }
  return afterGuard && beforeSinceReset;
}

namespace {
/// The operands of a map that is made of elementwise work, and what the work's body calls their elements.
struct MapOperands {
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  SmallVector<BlockArgument> arguments;
  /// An argument that stands for several inputs is their sum.
  /// Inputs whose elements ascend.
  SmallVector<int64_t> ascending;
  SmallVector<std::pair<BlockArgument, FloatAttr>> constants;
  IRMapping body;
};
} // namespace

/// The body of the work as that of the map.
static void fillBody(OpBuilder &b, linalg::GenericOp op, MapOp made, MapOperands &operands) {
  OpBuilder::InsertionGuard guard(b);
  Location loc = op.getLoc();
  IRMapping &body = operands.body;
  SmallVector<Type> types = llvm::map_to_vector(operands.arguments, [](BlockArgument arg) { return arg.getType(); });
  Block *block = b.createBlock(&made.getBody(), {}, types, SmallVector<Location>(types.size(), loc));
  for (auto [old, fresh] : llvm::zip(operands.arguments, block->getArguments())) {
    Value share = body.lookupOrNull(old);
    body.map(old, share ? arith::AddFOp::create(b, loc, share, fresh).getResult() : Value(fresh));
  }
  for (auto [arg, splat] : operands.constants)
    body.map(arg, arith::ConstantOp::create(b, loc, splat));
  for (Operation &inner : op.getBody()->without_terminator()) {
    if (auto position = dyn_cast<linalg::IndexOp>(inner))
      body.map(position.getResult(), IndexOp::create(b, inner.getLoc(), b.getIndexType(), position.getDim()).getResult());
    else
      b.clone(inner, body);
  }
  YieldOp::create(b, loc, body.lookupOrDefault(op.getBody()->getTerminator()->getOperand(0)));
}

/// A sum over the last dimension alone is complete in the threads that have the row; of others each warp has a share.
LogicalResult OpConverter::convertSum(linalg::GenericOp op) {
  Value result = op.getResult(0), input = op.getInputs()[0];
  Value fragment = values.fragmentOf(input, values.fragmentType(input));
  const SmallVector<int64_t> dims = summedDims(op);
  if (!sumsRows(tileType(input).getShape(), dims)) {
    Value sums = workers.alloc(workers.sharedType(result, values.types), op.getLoc());
    SumOp::create(b, op.getLoc(), fragment, sums, dims);
    values.names.shared[result] = sums;
    return success();
  }
  SmallVector<int64_t> shape{workers.getWarps()};
  llvm::append_range(shape, tileType(result).getShape());
  Value partials = workers.alloc(SharedType::get(b.getContext(), shape, b.getF32Type(), -1, 1, /*panel=*/0), op.getLoc());
  SumOp::create(b, op.getLoc(), fragment, partials, dims);
  const bool addedByUsers = llvm::all_of(result.getUsers(), [&](Operation *user) {
    auto generic = dyn_cast<linalg::GenericOp>(user);
    return generic && generic.getNumReductionLoops() == 0 && generic->getBlock() == op->getBlock();
  });
  if (addedByUsers)
    shares[result] = partials;
  else
    values.bind(result, sumShares(result, partials));
  return success();
}

LogicalResult OpConverter::convert(linalg::GenericOp op) {
  if (op.getNumReductionLoops() > 0)
    return convertSum(op);
  FragmentType type = values.fragmentType(op.getResult(0));
  MapOperands operands;
  operands.body = values.names.scalars;
  for (OpOperand &operand : op->getOpOperands()) {
    BlockArgument arg = op.getMatchingBlockArgument(&operand);
    Value value = operand.get();
    if (arg.use_empty())
      continue;
    if (!isTile(value)) {
      operands.body.map(arg, values.scalar(value));
      continue;
    }
    if (std::optional<FloatAttr> splat = splatOf(value)) {
      operands.constants.push_back({arg, *splat});
      continue;
    }
    AffineMap indexing = op.getMatchingIndexingMap(&operand);
    if (Value partials = shares.lookup(value)) {
      for (int64_t share = 0; share < cast<SharedType>(partials.getType()).getShape().front(); ++share) {
        operands.inputs.push_back(partials);
        operands.maps.push_back(mapOfShare(indexing, share));
        operands.arguments.push_back(arg);
      }
      continue;
    }
    Value fragment = values.fragmentOf(value);
    bool local = fragment && !feedsScans(op) && agrees(cast<FragmentType>(fragment.getType()), indexing, type) && !readsAgain(op, value);
    if (isCountOfResets(value) && !local)
      operands.ascending.push_back(operands.inputs.size());
    operands.inputs.push_back(local ? fragment : values.sharedOf(value));
    operands.maps.push_back(indexing);
    operands.arguments.push_back(arg);
  }
  auto made =
      MapOp::create(b, op.getLoc(), type, operands.inputs, b.getAffineMapArrayAttr(operands.maps), isDeferred(op), operands.ascending);
  fillBody(b, op, made, operands);
  values.bind(op.getResult(0), made.getResult());
  return success();
}
