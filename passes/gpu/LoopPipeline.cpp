// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "LoopPipeline.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

namespace {
/// What all loops have in common: the loop itself, and its body but for what is done ahead.
class LoopConversion {
public:
  LoopConversion(scf::ForOp loop, AheadWork work, OpConverter &ops, OpBuilder &b, TileValues &values)
      : source(loop), b(b), ops(ops), values(values), ahead(b, loop, std::move(work), ops, values), loc(loop.getLoc()),
        begin(values.scalar(loop.getLowerBound())), step(values.scalar(loop.getStep())) {}

protected:
  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); }
  Value later(Value counter, int64_t steps);
  SmallVector<Value> inits();
  void open(ArrayRef<Value> inits);
  LogicalResult convertBody();
  void close(ArrayRef<Value> carriedOn);
  /// What the loop carries besides what the source's does.
  ArrayRef<BlockArgument> extra() { return made.getRegionIterArgs().drop_front(source.getNumRegionIterArgs()); }

  scf::ForOp source, made;
  OpBuilder &b;
  OpConverter &ops;
  TileValues &values;
  AheadConversion ahead;
  Location loc;
  Value begin, step;
};

/// A loop without copies: its small loads are issued an iteration ahead.
class PlainLoop : public LoopConversion {
public:
  using LoopConversion::LoopConversion;
  LogicalResult run();

private:
  void loadStatesLast(ArrayRef<Value> starts);
};

/// A loop whose copies are issued `stages - 1` iterations ahead. The barrier at its top also lets it hand small tiles to the next iteration
/// through shared memory: they are computed an iteration ahead, from loads that are issued one earlier.
class RingLoop : public LoopConversion {
public:
  RingLoop(scf::ForOp loop, AheadWork work, OpConverter &ops, OpBuilder &b, TileValues &values, Workers &workers, int64_t stages)
      : LoopConversion(loop, std::move(work), ops, b, values), workers(workers), stages(stages), distance(stages - 1) {}
  LogicalResult run();

private:
  void findReaders();
  void allocRings();
  void copyIfWithin(Value counter, Value stage);
  LogicalResult computeChain(Value counter, Value parity, ArrayRef<Value> loaded);
  FailureOr<SmallVector<Value>> firstTiles();
  void startIteration();
  FailureOr<SmallVector<Value>> nextTiles();
  Value nextStage(Value stage, int64_t by);
  Value stage() { return extra().drop_back().back(); }
  Value parity() { return extra().back(); }

  Workers &workers;
  int64_t stages, distance;
  /// Rings of the copied tiles, and of the chain's that the rest reads in shared memory; those that it reads in registers.
  SmallVector<Value> buffers, inShared, inRegisters;
  DenseMap<Value, Value> parityRings;
};
} // namespace

//===--- All loops ---===//

/// counter + steps * step
Value LoopConversion::later(Value counter, int64_t steps) {
  if (steps == 0)
    return counter;
  return arith::AddIOp::create(b, loc, counter, arith::MulIOp::create(b, loc, step, index(steps)));
}

SmallVector<Value> LoopConversion::inits() {
  SmallVector<Type> types = llvm::map_to_vector(source.getRegionIterArgs(), [&](Value arg) { return values.convertedType(arg); });
  return values.yieldedAll(source.getInitArgs(), types);
}

/// Makes the loop; from here on ops are those of its body.
void LoopConversion::open(ArrayRef<Value> inits) {
  made = scf::ForOp::create(b, loc, begin, values.scalar(source.getUpperBound()), step, inits);
  if (!made.getBody()->empty())
    made.getBody()->back().erase();
  b.setInsertionPointToEnd(made.getBody());
  values.bind(source.getInductionVar(), made.getInductionVar());
  for (auto [old, fresh] : llvm::zip(source.getRegionIterArgs(), made.getRegionIterArgs()))
    values.bind(old, fresh);
}

LogicalResult LoopConversion::convertBody() {
  values.beginBlock(made.getBody());
  ops.elsewhere.insert_range(ahead.work.chain);
  LogicalResult done = ops.convertBlock(*source.getBody());
  for (Operation *op : ahead.work.chain)
    ops.elsewhere.erase(op);
  return done;
}

void LoopConversion::close(ArrayRef<Value> carriedOn) {
  scf::YieldOp::create(b, loc, carriedOn);
  for (auto [old, fresh] : llvm::zip(source.getResults(), made.getResults()))
    values.bind(old, fresh);
}

/// Moves what the loop starts with behind the first small loads, where it does nothing but load: what is converted, as 16-bit states are,
/// is waited for, and they would be after it.
void PlainLoop::loadStatesLast(ArrayRef<Value> starts) {
  for (Value start : starts) {
    Operation *def = start.getDefiningOp();
    if (!def || def->getBlock() != b.getInsertionBlock() || !def->use_empty())
      continue;
    WalkResult others = def->walk([](Operation *op) {
      return isa<LoadOp, MapOp, ConstantOp, IndexOp, gpu_tile::YieldOp, scf::IfOp, scf::YieldOp>(op) ||
                     isa<arith::ArithDialect>(op->getDialect())
                 ? WalkResult::advance()
                 : WalkResult::interrupt();
    });
    if (!others.wasInterrupted())
      def->moveBefore(b.getInsertionBlock(), b.getInsertionPoint());
  }
}

LogicalResult PlainLoop::run() {
  ahead.work.chain.insert_range(ahead.work.small);
  SmallVector<Value> carried = inits();
  llvm::append_range(carried, ahead.loadSmall(begin));
  loadStatesLast(ArrayRef(carried).take_front(source.getNumRegionIterArgs()));
  OpBuilder::InsertionGuard guard(b);
  open(carried);
  SmallVector<Value> next = ahead.loadSmall(later(made.getInductionVar(), 1));
  for (auto [load, raw] : llvm::zip(ahead.work.small, extra()))
    values.bind(load.getTile(), ahead.converted(load, raw));
  if (failed(convertBody()))
    return failure();
  SmallVector<Value> yields = values.yieldedAll(source.getYieldedValues(), ValueRange(made.getRegionIterArgs()).getTypes());
  values.awaitProducts();
  yields.append(next);
  close(yields);
  return success();
}

//===--- Loops with copies ---===//

/// Where the tiles of the chain are read.
void RingLoop::findReaders() {
  for (Operation *op : ahead.work.chain)
    for (Value result : op->getResults()) {
      bool shared = false, registers = false;
      for (OpOperand &use : result.getUses()) {
        bool local = values.types.readsAsFragment(use);
        shared |= !local;
        registers |= local && !ahead.work.chain.contains(use.getOwner());
      }
      if (shared)
        inShared.push_back(result);
      if (registers)
        inRegisters.push_back(result);
    }
}

void RingLoop::allocRings() {
  auto alloc = [&](Value tile, int64_t ofStages) {
    return workers.allocRing(withStages(workers.sharedType(tile, values.types), ofStages), tile.getLoc());
  };
  for (tile::LoadOp load : ahead.work.staged)
    buffers.push_back(alloc(load.getTile(), stages));
  for (Value tile : inShared) {
    parityRings[tile] = alloc(tile, 2);
    values.setRing(tile, parityRings[tile]);
  }
}

void RingLoop::copyIfWithin(Value counter, Value stage) {
  auto branch = scf::IfOp::create(b, loc, ahead.isWithin(counter), /*withElseRegion=*/false);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    IRMapping scalars = ahead.scalarsFor(counter);
    for (auto [load, buffer] : llvm::zip(ahead.work.staged, buffers))
      copyToShared(b, load, scalars, workers.slot(buffer, stage));
  }
  CommitOp::create(b, loc);
}

/// Computes the chain of an iteration, into the stages that `parity` names; outside of it only its tiles in registers are known.
LogicalResult RingLoop::computeChain(Value counter, Value parity, ArrayRef<Value> loaded) {
  TileValues::Names outer = values.names;
  values.setRingStage(parity);
  if (failed(ahead.convertChain(counter, loaded)))
    return failure();
  for (Value tile : inShared)
    values.sharedOf(tile);
  SmallVector<Value> carried = llvm::map_to_vector(inRegisters, [&](Value tile) { return values.fragmentOf(tile); });
  values.names = outer;
  values.bindAll(inRegisters, carried);
  return success();
}

/// The first copies and small tiles, before the loop; what the loop starts from.
FailureOr<SmallVector<Value>> RingLoop::firstTiles() {
  for (int64_t k = 0; k < distance; ++k) {
    Value counter = later(begin, k);
    copyIfWithin(counter, index(k));
  }
  SmallVector<Value> carried = inits();
  SmallVector<Value> loaded = ahead.loadSmall(begin);
  if (failed(computeChain(begin, index(0), loaded)))
    return failure();
  for (Value tile : inRegisters)
    carried.push_back(values.names.fragments.lookup(tile));
  carried.append(ahead.loadSmall(later(begin, 1)));
  carried.append({index(0), index(0)}); // stage of the copies, parity of the small tiles
  return carried;
}

/// (stage + by) mod stages, for 0 <= by < stages
Value RingLoop::nextStage(Value stage, int64_t by) {
  Value sum = arith::AddIOp::create(b, loc, stage, index(by)), all = index(stages);
  Value wraps = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, sum, all);
  return arith::SelectOp::create(b, loc, wraps, arith::SubIOp::create(b, loc, sum, all), sum);
}

/// The top of an iteration: its copies have arrived, the copies `distance` iterations ahead are issued, its tiles are named.
void RingLoop::startIteration() {
  Value target = later(made.getInductionVar(), distance);
  if (distance > 0)
    workers.awaitCopies(distance - 1, loc);
  BarrierOp::create(b, loc, /*warp=*/false);
  copyIfWithin(target, nextStage(stage(), distance));
  if (distance == 0) {
    workers.awaitCopies(0, loc);
    BarrierOp::create(b, loc, /*warp=*/false);
  }
  for (auto [load, buffer] : llvm::zip(ahead.work.staged, buffers))
    values.names.shared[load.getTile()] = workers.slot(buffer, stage());
  for (Value tile : inShared)
    values.names.shared[tile] = workers.slot(parityRings.lookup(tile), parity());
  for (auto [tile, arg] : llvm::zip(inRegisters, extra()))
    values.bind(tile, arg);
}

/// The next iteration's small tiles, here where the first products hide their latency, and the loads of the one after; what is carried on.
FailureOr<SmallVector<Value>> RingLoop::nextTiles() {
  Value counter = made.getInductionVar();
  SmallVector<Value> loads = ahead.loadSmall(later(counter, 2)), carried;
  ArrayRef<BlockArgument> loaded = extra().slice(inRegisters.size(), ahead.work.small.size());
  Value other = arith::SubIOp::create(b, loc, index(1), parity());
  TileValues::Names current = values.names;
  if (failed(computeChain(later(counter, 1), other, SmallVector<Value>(loaded.begin(), loaded.end()))))
    return failure();
  for (Value tile : inRegisters)
    carried.push_back(values.names.fragments.lookup(tile));
  values.names = current;
  carried.append(loads);
  carried.append({Value(), other}); // the stage is known at the end
  return carried;
}

LogicalResult RingLoop::run() {
  findChain(ahead.work, source, values.types, [](Value) { return true; });
  findReaders();
  allocRings();
  FailureOr<SmallVector<Value>> first = firstTiles();
  if (failed(first))
    return failure();
  OpBuilder::InsertionGuard guard(b);
  open(*first);
  startIteration();
  FailureOr<SmallVector<Value>> next = nextTiles();
  if (failed(next) || failed(convertBody()))
    return failure();
  SmallVector<Value> yields = values.yieldedAll(source.getYieldedValues(), ValueRange(made.getRegionIterArgs()).getTypes());
  values.awaitProducts();
  (*next)[next->size() - 2] = nextStage(stage(), 1 % stages);
  yields.append(*next);
  close(yields);
  return success();
}

LogicalResult mixc::gpu::convertPipelined(scf::ForOp loop, OpConverter &ops, OpBuilder &b, TileValues &values, Workers &workers,
                                          int64_t stages) {
  AheadWork work = loadsAhead(loop, values.types.placement);
  if (work.staged.empty())
    return PlainLoop(loop, std::move(work), ops, b, values).run();
  return RingLoop(loop, std::move(work), ops, b, values, workers, stages).run();
}
