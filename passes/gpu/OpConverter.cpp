// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "OpConverter.h"
#include "LoopPipeline.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

LogicalResult OpConverter::convert(Operation &op) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(&op)
      .Case<tile::LoadOp, tile::StoreOp, tile::ScanOp, tile::CumsumOp, tile::LagOp, tile::RunningSumOp, tile::RunningMaxOp, tile::SpansOp,
            tile::SolveOp, tile::GuardOp, tile::SinceResetOp, linalg::GenericOp, linalg::ContractOp, scf::ForOp, scf::IfOp>(
          [&](auto typed) { return convert(typed); })
      .Case<tile::ReturnOp>([&](auto ret) {
        ReturnOp::create(b, ret.getLoc());
        return success();
      })
      .Case<tensor::EmptyOp, scf::YieldOp>([](auto) { return success(); })
      .Default([&](Operation *other) { return convertScalar(other); });
}

/// A scalar, which every thread computes, or a constant tile, of which each user makes its own.
LogicalResult OpConverter::convertScalar(Operation *op) {
  if (op->getNumResults() == 1 && splatOf(op->getResult(0)))
    return success();
  bool scalar = op->getNumRegions() == 0 && llvm::none_of(op->getResults(), isTile) &&
                (isa<arith::ArithDialect, math::MathDialect>(op->getDialect()) ||
                 isa<tile::BlocksOp, tile::BandsOp, tile::SequenceOp, tile::KeptOp, tile::SeedOp, tile::CopiedOp, tile::ReleaseOp,
                     tile::AcquireOp, tile::ReverseOp, tile::EarlierOp, tile::StepsOp>(op));
  if (!scalar)
    return op->emitOpError("expected an operation of a tile program that has a GPU form");
  b.clone(*op, values.names.scalars);
  return success();
}

LogicalResult OpConverter::convert(ArrayRef<Operation *> ops) {
  for (Operation *op : ops)
    if (failed(convert(*op)))
      return failure();
  return success();
}

LogicalResult OpConverter::convertBlock(Block &block) {
  for (Operation &op : block)
    if (!elsewhere.contains(&op) && failed(convert(op)))
      return failure();
  return success();
}

//===--- Control ---===//

LogicalResult OpConverter::convert(scf::IfOp op) {
  values.awaitProducts(); // a wait inside would be of one branch only
  SmallVector<Type> types = llvm::map_to_vector(op.getResults(), [&](Value result) { return values.convertedType(result); });
  auto branch = scf::IfOp::create(b, op.getLoc(), types, values.scalar(op.getCondition()),
                                  /*addThenBlock=*/true, /*addElseBlock=*/bool(op.elseBlock()));
  for (auto [from, to] : {std::pair{op.thenBlock(), branch.thenBlock()}, {op.elseBlock(), branch.elseBlock()}}) {
    if (!from)
      continue;
    OpBuilder::InsertionGuard guard(b);
    if (!to->empty())
      to->back().erase();
    b.setInsertionPointToEnd(to);
    auto fragments = values.names.fragments, shared = values.names.shared;
    if (failed(convertBlock(*from)))
      return failure();
    SmallVector<Value> yields = values.yieldedAll(from->getTerminator()->getOperands(), types);
    values.awaitProducts();
    scf::YieldOp::create(b, op.getLoc(), yields);
    values.names.fragments = fragments;
    values.names.shared = shared;
  }
  values.bindAll(op.getResults(), branch.getResults());
  return success();
}

LogicalResult OpConverter::convert(scf::ForOp op) {
  values.awaitProducts(); // a wait inside would be repeated
  return convertPipelined(op, *this, b, values, workers, stages);
}
