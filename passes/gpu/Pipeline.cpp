// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loops whose loads run ahead of their use: asynchronous copies into a ring of buffers, small tiles in registers.

#include "KernelConverter.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

Value KernelConverter::index(int64_t value) { return arith::ConstantIndexOp::create(b, source.getLoc(), value); }

Value KernelConverter::i32(int64_t value) { return arith::ConstantIntOp::create(b, source.getLoc(), value, 32); }

void KernelConverter::findReaders(Ahead &ahead) {
  for (Operation *op : ahead.chain)
    for (Value result : op->getResults()) {
      bool inShared = false, inRegisters = false;
      for (OpOperand &use : result.getUses()) {
        bool local = types.readsAsFragment(use);
        inShared |= !local;
        inRegisters |= local && !ahead.chain.contains(use.getOwner());
      }
      if (inShared)
        ahead.chainShared.push_back(result);
      if (inRegisters)
        ahead.chainFragments.push_back(result);
    }
}

/// Computes the chain for a value of the counter, into the buffers that `parity` names.
LogicalResult KernelConverter::emitChain(Ahead &ahead, scf::ForOp loop, Value counter, Value parity, ArrayRef<Value> loads) {
  IRMapping outer = map;
  auto outerFragments = fragments, outerShared = shared;
  enterChain(ahead, loop, counter, loads);
  chainParity = parity;
  for (Operation *op : ahead.chain)
    if (failed(convertOp(*op)))
      return failure();
  for (Value tile : ahead.chainShared)
    sharedOf(tile);
  SmallVector<Value> carried = llvm::map_to_vector(ahead.chainFragments, [&](Value tile) { return fragmentOf(tile); });
  fragments = outerFragments;
  shared = outerShared;
  for (auto [tile, value] : llvm::zip(ahead.chainFragments, carried))
    fragments[tile] = value;
  map = outer;
  return success();
}

/// Makes the chain's values those of another iteration, whose small loads are given.
void KernelConverter::enterChain(Ahead &ahead, scf::ForOp loop, Value counter, ArrayRef<Value> loads) {
  map = cloneSlice(ahead, loop, counter);
  for (Operation *op : ahead.chain) // in the loop these name this iteration's tiles
    for (Value result : op->getResults()) {
      fragments.erase(result);
      shared.erase(result);
    }
  for (auto [load, loaded] : llvm::zip(ahead.small, loads))
    fragments[load.getTile()] = cast(loaded, fragmentType(load.getTile()).getElementType());
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
    for (auto [load, buffer] : llvm::zip(ahead.staged, ahead.buffers))
      copyToShared(load, scalars, ringSlot(buffer, stage));
  }
  CommitOp::create(b, loc);
}

Value KernelConverter::loadIfWithin(Ahead &ahead, scf::ForOp loop, tile::LoadOp load, Value counter) {
  Location loc = loop.getLoc();
  FragmentType type = fragmentType(load.getTile());
  // As it lies in memory: converting would wait for the data here instead of where it is used.
  auto raw =
      FragmentType::get(b.getContext(), type.getShape(), ::cast<MemRefType>(load.getSource().getType()).getElementType(), type.getLayout());
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
  awaitProducts(); // a wait inside would be repeated
  Location loc = op.getLoc();
  Ahead ahead{loadsAhead(op, placement)};
  Value begin = map.lookupOrDefault(op.getLowerBound()), step = map.lookupOrDefault(op.getStep());
  bool ring = !ahead.staged.empty();
  int64_t distance = stages - 1;
  auto later = [&](Value counter, int64_t steps) -> Value {
    if (steps == 0)
      return counter;
    return arith::AddIOp::create(b, loc, counter, arith::MulIOp::create(b, loc, step, index(steps)));
  };
  auto loadSmall = [&](Value counter) {
    return llvm::map_to_vector(ahead.small, [&](tile::LoadOp load) { return loadIfWithin(ahead, op, load, counter); });
  };
  // Only a loop with a barrier at its top can hand tiles to the next iteration through shared memory.
  if (ring) {
    findChain(ahead, op, types);
    findReaders(ahead);
  } else {
    for (tile::LoadOp load : ahead.small)
      ahead.chain.insert(load);
  }

  // Before the loop: the first copies, the first small tiles.
  for (tile::LoadOp load : ahead.staged)
    ahead.buffers.push_back(allocRing(stageType(load.getTile(), stages), load.getLoc()));
  for (Value tile : ahead.chainShared)
    chainBuffers[tile] = allocRing(stageType(tile, 2), loc);
  for (int64_t k = 0; ring && k < distance; ++k)
    copyIfWithin(ahead, op, later(begin, k), index(k));
  SmallVector<Value> inits;
  for (auto [init, arg] : llvm::zip(op.getInitArgs(), op.getRegionIterArgs()))
    inits.push_back(yielded(init, isa<RankedTensorType>(arg.getType()) ? Type(fragmentType(arg)) : arg.getType()));
  SmallVector<Value> loaded = loadSmall(begin);
  if (ring) {
    if (failed(emitChain(ahead, op, begin, index(0), loaded)))
      return failure();
    for (Value tile : ahead.chainFragments)
      inits.push_back(fragments.lookup(tile));
    inits.append(loadSmall(later(begin, 1)));
    inits.append({index(0), index(0)}); // stage of the copies, parity of the small tiles
  } else {
    inits.append(loaded);
  }
  auto loop = scf::ForOp::create(b, loc, begin, map.lookupOrDefault(op.getUpperBound()), step, inits);

  OpBuilder::InsertionGuard guard(b);
  if (!loop.getBody()->empty())
    loop.getBody()->back().erase();
  b.setInsertionPointToEnd(loop.getBody());
  Value counter = loop.getInductionVar();
  map.map(op.getInductionVar(), counter);
  ArrayRef<BlockArgument> args = loop.getRegionIterArgs();
  unsigned carried = op.getNumRegionIterArgs();
  for (auto [old, fresh] : llvm::zip(op.getRegionIterArgs(), args)) {
    if (isa<RankedTensorType>(old.getType()))
      fragments[old] = fresh;
    else
      map.map(old, fresh);
  }
  if (ring)
    startIteration(ahead, op, later(counter, distance), args.drop_front(carried));
  SmallVector<Value> next = loadSmall(later(counter, ring ? 2 : 1)), chainNext;
  if (ring) {
    // The next iteration's small tiles, here where the first products hide their latency.
    unsigned kept = ahead.chainFragments.size();
    SmallVector<Value> raw(args.slice(carried + kept, ahead.small.size()).begin(), args.slice(carried + kept, ahead.small.size()).end());
    Value other = arith::SubIOp::create(b, loc, index(1), args.back());
    SmallVector<std::pair<Value, Value>> current;
    for (Value tile : ahead.chainShared)
      current.push_back({tile, shared.lookup(tile)});
    if (failed(emitChain(ahead, op, later(counter, 1), other, raw)))
      return failure();
    for (auto [tile, arg] : llvm::zip(ahead.chainFragments, args.drop_front(carried))) {
      chainNext.push_back(fragments.lookup(tile));
      fragments[tile] = arg;
    }
    for (auto [tile, slot] : current)
      shared[tile] = slot;
    chainNext.append(next);
    chainNext.append({Value(), other});
  } else
    for (auto [load, arg] : llvm::zip(ahead.small, args.drop_front(carried)))
      fragments[load.getTile()] = cast(arg, fragmentType(load.getTile()).getElementType());
  if (!loop.getBody()->empty())
    afterArguments[loop.getBody()] = &loop.getBody()->back();
  chained.insert(ahead.chain.begin(), ahead.chain.end());
  if (failed(convertBlock(*op.getBody())))
    return failure();
  for (Operation *done : ahead.chain)
    chained.erase(done);

  SmallVector<Value> yields;
  for (auto [value, arg] : llvm::zip(op.getYieldedValues(), args))
    yields.push_back(yielded(value, arg.getType()));
  awaitProducts();
  if (ring) {
    chainNext[chainNext.size() - 2] = nextStage(args[args.size() - 2], 1 % stages);
    yields.append(chainNext);
  } else {
    yields.append(next);
  }
  scf::YieldOp::create(b, loc, yields);
  for (auto [old, fresh] : llvm::zip(op.getResults(), loop.getResults())) {
    if (isa<RankedTensorType>(old.getType()))
      fragments[old] = fresh;
    else
      map.map(old, fresh);
  }
  return success();
}

/// Copies are there; wgmma, which roles have, sees what threads wrote after a fence.
void KernelConverter::awaitCopies(int64_t pending, Location loc) {
  WaitOp::create(b, loc, pending);
  if (part)
    FenceOp::create(b, loc);
}

/// A ring of stages; in a role, one for each of its parts.
Value KernelConverter::allocRing(SharedType type, Location loc) {
  if (!part)
    return AllocOp::create(b, loc, type, int64_t(-1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(&dest.getBody().front());
  return AllocOp::create(b, loc, withStages(type, type.getStages() * parts), int64_t(-1));
}

/// A stage of this part's.
Value KernelConverter::ringSlot(Value ring, Value stage) {
  if (!part)
    return slotOf(ring, stage);
  Location loc = ring.getLoc();
  int64_t perPart = ::cast<SharedType>(ring.getType()).getStages() / parts;
  return slotOf(ring, arith::AddIOp::create(b, loc, arith::MulIOp::create(b, loc, part, index(perPart)), stage));
}

/// The top of an iteration: its copies have arrived, the copies `distance` iterations ahead are issued, its tiles are named.
void KernelConverter::startIteration(Ahead &ahead, scf::ForOp loop, Value target, ArrayRef<BlockArgument> extra) {
  Location loc = loop.getLoc();
  int64_t distance = stages - 1;
  Value stage = extra[extra.size() - 2], parity = extra.back();
  if (distance > 0)
    awaitCopies(distance - 1, loc);
  BarrierOp::create(b, loc, /*warp=*/false);
  copyIfWithin(ahead, loop, target, nextStage(stage, distance));
  if (distance == 0) {
    awaitCopies(0, loc);
    BarrierOp::create(b, loc, /*warp=*/false);
  }
  for (auto [load, buffer] : llvm::zip(ahead.staged, ahead.buffers))
    shared[load.getTile()] = ringSlot(buffer, stage);
  for (Value tile : ahead.chainShared)
    shared[tile] = ringSlot(chainBuffers.lookup(tile), parity);
  for (auto [tile, arg] : llvm::zip(ahead.chainFragments, extra))
    fragments[tile] = arg;
}
