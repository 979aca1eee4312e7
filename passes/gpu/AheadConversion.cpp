// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "LoopPipeline.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

IRMapping AheadConversion::scalarsFor(Value counter) {
  IRMapping scalars = values.names.scalars;
  scalars.map(loop.getInductionVar(), counter);
  for (Operation *op : work.slice)
    b.clone(*op, scalars);
  return scalars;
}

Value AheadConversion::isWithin(Value counter) {
  return arith::CmpIOp::create(b, loop.getLoc(), arith::CmpIPredicate::slt, counter, values.scalar(loop.getUpperBound()));
}

SmallVector<Value> AheadConversion::load(ArrayRef<tile::LoadOp> loads, Value counter) {
  Location loc = loop.getLoc();
  SmallVector<Value> loaded;
  for (tile::LoadOp load : loads) {
    FragmentType raw = rawFragmentType(load, values.fragmentType(load.getTile()));
    auto branch = scf::IfOp::create(b, loc, TypeRange{raw}, isWithin(counter), /*addThenBlock=*/true, /*addElseBlock=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    IRMapping scalars = scalarsFor(counter);
    scf::YieldOp::create(b, loc, loadFragment(b, load, scalars, raw));
    b.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(b, loc, ConstantOp::create(b, loc, raw, b.getF32FloatAttr(0)).getResult());
    loaded.push_back(branch.getResult(0));
  }
  return loaded;
}

Value AheadConversion::converted(tile::LoadOp load, Value raw) {
  return values.cast(raw, values.fragmentType(load.getTile()).getElementType());
}

LogicalResult AheadConversion::convertChain(Value counter, ArrayRef<Value> loaded) {
  values.names.scalars = scalarsFor(counter);
  for (Operation *op : work.chain) // in the loop these name this iteration's tiles
    for (Value result : op->getResults()) {
      values.names.fragments.erase(result);
      values.names.shared.erase(result);
    }
  for (auto [load, raw] : llvm::zip(work.small, loaded))
    values.bind(load.getTile(), converted(load, raw));
  return ops.convert(work.chain.getArrayRef());
}
