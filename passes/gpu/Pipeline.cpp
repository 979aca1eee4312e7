// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loops whose loads run ahead of their use: asynchronous copies into a ring of buffers, small tiles in registers.

#include "KernelConverter.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

Value KernelConverter::index(int64_t value) { return arith::ConstantIndexOp::create(b, source.getLoc(), value); }

/// Collects what computes `value` inside the loop; false if that needs more than the counter.
static bool collectSlice(Value value, scf::ForOp loop, SetVector<Operation *> &slice) {
  if (value == loop.getInductionVar() || !loop.getRegion().isAncestor(value.getParentRegion()))
    return true;
  Operation *def = value.getDefiningOp();
  if (!def || def->getBlock() != loop.getBody() || !isa<arith::ArithDialect>(def->getDialect()))
    return false;
  for (Value operand : def->getOperands())
    if (!collectSlice(operand, loop, slice))
      return false;
  slice.insert(def);
  return true;
}

KernelConverter::Ahead KernelConverter::loadsAhead(scf::ForOp loop) {
  Ahead ahead;
  for (auto load : loop.getBody()->getOps<tile::LoadOp>()) {
    SetVector<Operation *> slice = ahead.slice;
    bool movable = llvm::all_of(load->getOperands(), [&](Value v) { return collectSlice(v, loop, slice); });
    bool isStaged = placement.isStaged(load.getTile());
    if (!movable || (!isStaged && !placement.isSmall(load.getTile())))
      continue;
    ahead.slice = slice;
    (isStaged ? ahead.staged : ahead.small).push_back(load);
  }
  return ahead;
}

/// The scalars that the loads need, for another value of the counter.
IRMapping KernelConverter::cloneSlice(const Ahead &ahead, scf::ForOp loop, Value counter) {
  IRMapping scalars = map;
  scalars.map(loop.getInductionVar(), counter);
  for (Operation *op : ahead.slice)
    b.clone(*op, scalars);
  return scalars;
}

void KernelConverter::copyIfWithin(Ahead &ahead, scf::ForOp loop, Value counter, Value stage) {
  Location loc = loop.getLoc();
  Value end = map.lookupOrDefault(loop.getUpperBound());
  Value within = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, counter, end);
  auto branch = scf::IfOp::create(b, loc, within, /*withElseRegion=*/false);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    IRMapping scalars = cloneSlice(ahead, loop, counter);
    for (auto [load, buffer] : llvm::zip(ahead.staged, ahead.buffers)) {
      auto type = ::cast<SharedType>(buffer.getType());
      copyToShared(load, scalars, SlotOp::create(b, loc, type.getStage(), buffer, stage));
    }
  }
  CommitOp::create(b, loc);
}

Value KernelConverter::loadIfWithin(Ahead &ahead, scf::ForOp loop, tile::LoadOp load, Value counter) {
  Location loc = loop.getLoc();
  FragmentType type = fragmentType(load.getTile());
  // As it lies in memory: converting would wait for the data here instead of where it is used.
  auto raw = FragmentType::get(b.getContext(), type.getShape(),
                               ::cast<MemRefType>(load.getSource().getType()).getElementType(), type.getLayout());
  Value end = map.lookupOrDefault(loop.getUpperBound());
  Value within = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, counter, end);
  auto branch = scf::IfOp::create(b, loc, TypeRange{raw}, within, /*addThenBlock=*/true, /*addElseBlock=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  IRMapping scalars = cloneSlice(ahead, loop, counter);
  scf::YieldOp::create(b, loc, loadFragment(load, scalars, raw));
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, loc, ConstantOp::create(b, loc, raw, b.getF32FloatAttr(0)).getResult());
  return branch.getResult(0);
}

/// (stage + by) mod stages, for 0 <= by < stages
Value KernelConverter::nextStage(Value stage, int64_t by) {
  Location loc = stage.getLoc();
  Value sum = arith::AddIOp::create(b, loc, stage, index(by)), all = index(stages);
  Value wraps = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, sum, all);
  return arith::SelectOp::create(b, loc, wraps, arith::SubIOp::create(b, loc, sum, all), sum);
}

LogicalResult KernelConverter::convert(scf::ForOp op) {
  Location loc = op.getLoc();
  Ahead ahead = loadsAhead(op);
  Value begin = map.lookupOrDefault(op.getLowerBound()), step = map.lookupOrDefault(op.getStep());
  bool ring = !ahead.staged.empty();
  int64_t distance = stages - 1;
  auto later = [&](Value counter, int64_t steps) -> Value {
    if (steps == 0)
      return counter;
    return arith::AddIOp::create(b, loc, counter, arith::MulIOp::create(b, loc, step, index(steps)));
  };
  for (tile::LoadOp load : ahead.staged)
    ahead.buffers.push_back(AllocOp::create(b, load.getLoc(), sharedType(load.getTile(), stages), int64_t(-1)));
  for (int64_t k = 0; ring && k < distance; ++k)
    copyIfWithin(ahead, op, later(begin, k), index(k));
  SmallVector<Value> inits;
  for (auto [init, arg] : llvm::zip(op.getInitArgs(), op.getRegionIterArgs()))
    inits.push_back(yielded(init, isa<RankedTensorType>(arg.getType()) ? Type(fragmentType(arg)) : arg.getType()));
  for (tile::LoadOp load : ahead.small)
    inits.push_back(loadIfWithin(ahead, op, load, begin));
  if (ring)
    inits.push_back(index(0));
  auto loop = scf::ForOp::create(b, loc, begin, map.lookupOrDefault(op.getUpperBound()), step, inits);

  OpBuilder::InsertionGuard guard(b);
  if (!loop.getBody()->empty())
    loop.getBody()->back().erase();
  b.setInsertionPointToEnd(loop.getBody());
  Value counter = loop.getInductionVar();
  map.map(op.getInductionVar(), counter);
  unsigned carried = op.getNumRegionIterArgs();
  for (auto [old, fresh] : llvm::zip(op.getRegionIterArgs(), loop.getRegionIterArgs())) {
    if (isa<RankedTensorType>(old.getType()))
      fragments[old] = fresh;
    else
      map.map(old, fresh);
  }
  Value stage = ring ? loop.getRegionIterArgs().back() : Value();
  if (ring) {
    if (distance > 0)
      WaitOp::create(b, loc, distance - 1);
    BarrierOp::create(b, loc, /*warp=*/false);
    copyIfWithin(ahead, op, later(counter, distance), nextStage(stage, distance));
    if (distance == 0) {
      WaitOp::create(b, loc, 0);
      BarrierOp::create(b, loc, /*warp=*/false);
    }
    for (auto [load, buffer] : llvm::zip(ahead.staged, ahead.buffers))
      shared[load.getTile()] = SlotOp::create(b, loc, ::cast<SharedType>(buffer.getType()).getStage(), buffer, stage);
  }
  SmallVector<Value> next;
  Operation *last = loop.getBody()->empty() ? nullptr : &loop.getBody()->back();
  for (auto [i, load] : llvm::enumerate(ahead.small)) {
    next.push_back(loadIfWithin(ahead, op, load, later(counter, 1)));
    last = next.back().getDefiningOp();
    fragments[load.getTile()] = cast(loop.getRegionIterArgs()[carried + i], fragmentType(load.getTile()).getElementType());
  }
  if (last)
    afterArguments[loop.getBody()] = last;
  if (failed(convertBlock(*op.getBody())))
    return failure();
  SmallVector<Value> yields;
  for (auto [value, arg] : llvm::zip(op.getYieldedValues(), loop.getRegionIterArgs()))
    yields.push_back(yielded(value, arg.getType()));
  llvm::append_range(yields, next);
  if (ring)
    yields.push_back(nextStage(stage, 1 % stages));
  scf::YieldOp::create(b, loc, yields);
  for (auto [old, fresh] : llvm::zip(op.getResults(), loop.getResults())) {
    if (isa<RankedTensorType>(old.getType()))
      fragments[old] = fresh;
    else
      map.map(old, fresh);
  }
  return success();
}
