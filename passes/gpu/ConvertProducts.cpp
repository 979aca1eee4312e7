// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "OpConverter.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// Where the product takes its rows: from the registers that they are computed in, else from shared memory, or from there by way of
/// registers.
Value OpConverter::rowsOf(linalg::ContractOp product, Value lhs) {
  if (values.types.staysInRegisters(lhs, product))
    return values.fragmentOf(lhs);
  if (workers.readsSharedRows(values.fragmentType(product->getResult(0))))
    return values.sharedOf(lhs);
  return values.readWhereUsed(lhs, values.types.rowsFragment(product));
}

LogicalResult OpConverter::convert(linalg::ContractOp op) {
  FailureOr<ContractRoles> roles = rolesOf(op);
  if (failed(roles))
    return failure();
  FragmentType type = values.fragmentType(op->getResult(0));
  Value rhs = values.sharedOf(roles->rhs);
  Value lhs = rowsOf(op, roles->lhs);
  Value init = values.fragmentOf(roles->init, type);
  auto maps = b.getAffineMapArrayAttr({roles->lhsMap, roles->rhsMap, roles->outMap});
  values.bindProduct(op->getResult(0), workers.multiply(op, type, {lhs, rhs, init}, maps));
  return success();
}

//===--- Sums along a row ---===//

LogicalResult OpConverter::convert(tile::CumsumOp op) {
  Value input = values.fragmentOf(op.getInput(), values.fragmentType(op.getSums()));
  auto sum = CumsumOp::create(b, op.getLoc(), input.getType(), input.getType(), input);
  values.bindAll(op.getResults(), sum.getResults());
  return success();
}

LogicalResult OpConverter::convert(tile::LagOp op) {
  FragmentType type = values.fragmentType(op.getLag());
  Value input = values.fragmentOf(op.getInput(), type), before = values.fragmentOf(op.getBefore(), type);
  Value low = values.fragmentOf(op.getBeforeLow(), type);
  auto lag = LagOp::create(b, op.getLoc(), input, before, low);
  values.bindAll(op.getResults(), lag.getResults());
  return success();
}

LogicalResult OpConverter::convert(tile::RunningSumOp op) {
  FragmentType type = values.fragmentType(op.getSums());
  Value input = values.fragmentOf(op.getInput(), type), before = values.fragmentOf(op.getBefore(), type);
  Value low = values.fragmentOf(op.getBeforeLow(), type);
  values.bindAll(op.getResults(), RunningSumOp::create(b, op.getLoc(), input, before, low).getResults());
  return success();
}

LogicalResult OpConverter::convert(tile::RunningMaxOp op) {
  FragmentType type = values.fragmentType(op.getMaxima());
  Value input = values.fragmentOf(op.getInput(), type), decay = values.fragmentOf(op.getDecay(), type);
  Value before = values.fragmentOf(op.getBefore(), type);
  values.bindAll(op.getResults(), RunningMaxOp::create(b, op.getLoc(), input, decay, before).getResults());
  return success();
}

//===--- Values that are not finite ---===//

/// Whether the threads that have a row of x have that of the sums: rows of their product.
static bool hasSameRows(tile::GuardOp op, const TileTypes &types) {
  return llvm::any_of(op.getFinite().getUsers(), [&](Operation *user) {
    auto product = dyn_cast<linalg::ContractOp>(user);
    return product && product->getOperand(2) == op.getGuarded() && types.staysInRegisters(op.getFinite(), product);
  });
}

/// Whether neither layout has dimensions besides its rows and columns.
static bool outerIsOne(FragmentType rows, FragmentType sums) {
  return llvm::all_of(ArrayRef{rows, sums}, [](FragmentType type) {
    auto mma = dyn_cast<MmaAttr>(type.getLayout());
    return mma && mma.getOuter().empty() && mma.getWarpCols() == 1;
  });
}

/// Whether the warp has rows of x that are not finite, asked right after x is there: known for the sums if those of the product have the
/// same rows.
Value OpConverter::anyNotFinite(tile::GuardOp op, Value x) {
  if (!hasSameRows(op, values.types))
    return arith::ConstantOp::create(b, op.getLoc(), b.getBoolAttr(true)); // no other way to know
  OpBuilder::InsertionGuard guard(b);
  if (Operation *def = x.getDefiningOp(); def && def->getBlock() == b.getInsertionBlock())
    b.setInsertionPointAfter(def);
  return NotFiniteOp::create(b, op.getLoc(), b.getI1Type(), x);
}

LogicalResult OpConverter::convert(tile::GuardOp op) {
  FragmentType rows = values.fragmentType(op.getFinite()), type = values.fragmentType(op.getGuarded());
  Value x = values.fragmentOf(op.getX(), rows), sums = values.fragmentOf(op.getSums(), type);
  if (x.getType() != rows) // as the product wants its rows
    x = values.readBack(op.getX(), rows);
  Value resets = op.getResets() ? values.sharedOf(op.getResets()) : Value(), any = anyNotFinite(op, x);
  const bool inRegisters = workers.guardsInRegisters() && !resets && hasSameRows(op, values.types) &&
                           !values.names.shared.count(op.getX()) && outerIsOne(rows, type);
  auto guard =
      GuardOp::create(b, op.getLoc(), rows, type, x, sums, inRegisters ? Value() : values.sharedOf(op.getX()), resets, any, op.getPre());
  values.bindAll(op->getResults(), guard->getResults());
  return success();
}

LogicalResult OpConverter::convert(tile::SinceResetOp op) {
  FragmentType type = values.fragmentType(op.getResult());
  Value state = values.fragmentOf(op.getState(), type), x = values.sharedOf(op.getX()), scale = values.sharedOf(op.getScale());
  Value rows = values.sharedOf(op.getB()), resets = values.sharedOf(op.getResets());
  values.bind(op.getResult(), SinceResetOp::create(b, op.getLoc(), type, state, x, scale, rows, resets).getResult());
  return success();
}
