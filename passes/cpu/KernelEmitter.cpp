// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "KernelEmitter.h"
#include "KernelOps.h"

using namespace mlir;

namespace mixc::cpu {

KernelEmitter::KernelEmitter(tile::KernelOp kernel, const TileBuffers &buffers, int64_t vectorWidth)
    : ImplicitLocOpBuilder(kernel.getLoc(), kernel.getContext()), kernel(kernel), buffers(buffers), vectorWidth(vectorWidth) {}

//===--- Arguments ---===//

void KernelEmitter::readArguments(Value params, Value block) {
  int64_t next = 0;
  auto read = [&] {
    Value value = LLVM::LoadOp::create(*this, getI64Type(), address(params, 8 * next++, {}), 8);
    return value;
  };
  auto asIndex = [&](Value value) -> Value { return arith::IndexCastOp::create(*this, getIndexType(), value); };
  Block &body = kernel.getBody().front();
  scalars.map(body.getArgument(tile::KernelOp::kBlock), asIndex(block));
  for (unsigned i = tile::KernelOp::kBatch; i < tile::KernelOp::kFirstMemref; ++i)
    scalars.map(body.getArgument(i), asIndex(read()));
  for (Value *value : {&sequences.kinds, &sequences.starts, &sequences.source, &sequences.target, &sequences.hasInitial, &sequences.order})
    *value = read();
  for (BlockArgument arg : body.getArguments().drop_front(tile::KernelOp::kFirstMemref)) {
    auto type = cast<MemRefType>(arg.getType());
    Edge &edge = edges[arg];
    edge.pointer = LLVM::IntToPtrOp::create(*this, LLVM::LLVMPointerType::get(getContext()), read());
    for (int64_t stride : type.getStridesAndOffset().first) {
      Value elements = asIndex(read());
      if (!ShapedType::isDynamic(stride))
        elements = index(stride);
      edge.strides.push_back(arith::MulIOp::create(*this, elements, index(type.getElementTypeBitWidth() / 8)));
    }
  }
  for (Value *value : {&kept.places, &kept.count, &kept.every, &seed.address})
    *value = read();
  if (cast<tile::ProgramOp>(kernel->getParentOp()).getBands())
    bands = asIndex(read());
}

void KernelEmitter::emit(Value params, Value block, Value scratchPointer) {
  scratch = scratchPointer;
  readArguments(params, block);
  emitBlock(kernel.getBody().front());
}

void KernelEmitter::emitSequence(tile::SequenceOp op) {
  auto asNumber = [&](Value value) -> Value { return arith::IndexCastOp::create(*this, getI64Type(), value); };
  auto parameter = [&](unsigned i) { return asNumber(scalars.lookup(kernel.getBody().getArgument(i))); };
  const tile::SequenceSizes sizes{parameter(tile::KernelOp::kBatch), parameter(tile::KernelOp::kLength), parameter(tile::KernelOp::kSplits),
                                  parameter(tile::KernelOp::kSpan)};
  SmallVector<Value> found =
      tile::expandSequence(*this, op, asNumber(scalars.lookup(op.getNumber())), sizes, sequences, /*addressSpace=*/0);
  for (auto [result, value] : llvm::zip(op.getResults(), found))
    scalars.map(result, arith::IndexCastOp::create(*this, getIndexType(), value).getResult());
}

void KernelEmitter::emitKept(tile::KeptOp op) {
  auto asNumber = [&](Value value) -> Value { return arith::IndexCastOp::create(*this, getI64Type(), scalars.lookup(value)); };
  Value place = tile::expandKept(*this, asNumber(op.getBatch()), asNumber(op.getTokens()), sequences.kinds, kept, /*addressSpace=*/0);
  scalars.map(op.getPlace(), arith::IndexCastOp::create(*this, getIndexType(), place).getResult());
}

void KernelEmitter::emitSeed(tile::SeedOp op) {
  auto [given, value] = tile::expandSeed(*this, seed, /*addressSpace=*/0);
  scalars.map(op.getGiven(), given);
  scalars.map(op.getSeed(), arith::IndexCastOp::create(*this, getIndexType(), value).getResult());
}

/// The last element comes first. A null pointer stays null.
void KernelEmitter::emitReverse(tile::ReverseOp op) {
  Edge edge = edges[op.getSource()];
  Value &stride = edge.strides[op.getDim()];
  Value last = arith::SubIOp::create(*this, scalars.lookup(op.getLength()), index(1));
  Value moved = address(edge.pointer, 0, {{arith::MulIOp::create(*this, last, stride), 1}});
  Value null = LLVM::ZeroOp::create(*this, edge.pointer.getType());
  Value isNull = LLVM::ICmpOp::create(*this, LLVM::ICmpPredicate::eq, edge.pointer, null);
  edge.pointer = arith::SelectOp::create(*this, isNull, null, moved);
  stride = arith::SubIOp::create(*this, index(0), stride);
  edges[op.getResult()] = edge;
}

//===--- Control flow ---===//

void KernelEmitter::loop(int64_t size, int64_t step, function_ref<void(Value)> body) {
  if (size <= step)
    return body(index(0));
  auto op = scf::ForOp::create(*this, index(0), index(size), index(step));
  InsertionGuard guard(*this);
  setInsertionPointToStart(op.getBody());
  body(op.getInductionVar());
}

Tile KernelEmitter::placeOf(OpOperand &operand) const {
  if (std::optional<Tile> copied = buffers.copyOf(operand))
    return *copied;
  return buffers.lookup(operand.get());
}

static bool isTile(Value value) { return isa<RankedTensorType>(value.getType()); }

void KernelEmitter::emitBlock(Block &block) {
  for (Operation &op : block.without_terminator()) {
    setLoc(op.getLoc());
    emitOp(&op);
  }
}

void KernelEmitter::emitOp(Operation *op) {
  if (buffers.isFused(op))
    return;
  if (const CarriedTile *carried = buffers.carriedFrom(op))
    return startCarried(*carried);
  emitInPlace(op);
}

/// Where the places of all tiles are known.
void KernelEmitter::emitInPlace(Operation *op) {
  for (Value result : op->getResults())
    if (isTile(result) && buffers.transferOf(result))
      openInMemory(result);
  if (isa<tile::ScanOp>(op))
    copyOperands(op);
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return emitFor(loop);
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return emitIf(branch);
  if (auto load = dyn_cast<tile::LoadOp>(op))
    return emitLoad(load);
  if (auto store = dyn_cast<tile::StoreOp>(op))
    return emitStore(store);
  if (auto reverse = dyn_cast<tile::ReverseOp>(op))
    return emitReverse(reverse);
  if (auto sequence = dyn_cast<tile::SequenceOp>(op))
    return emitSequence(sequence);
  if (auto places = dyn_cast<tile::KeptOp>(op))
    return emitKept(places);
  if (auto number = dyn_cast<tile::SeedOp>(op))
    return emitSeed(number);
  if (auto copied = dyn_cast<tile::CopiedOp>(op))
    return scalars.map(copied.getCopied(), tile::expandCopied(*this, sequences.kinds));
  if (auto count = dyn_cast<tile::BandsOp>(op))
    return scalars.map(count.getCount(), bands);
  if (auto earlier = dyn_cast<tile::EarlierOp>(op)) {
    edges[earlier.getResult()] = edges.lookup(earlier.getSource());
    edges[earlier.getResult()].earlier = earlier;
    return;
  }
  if (auto steps = dyn_cast<tile::StepsOp>(op)) {
    edges[steps.getResult()] = edges.lookup(steps.getSource());
    edges[steps.getResult()].steps = steps;
    return;
  }
  if (auto sum = dyn_cast<tile::CumsumOp>(op))
    return emitCumsum(sum);
  if (auto lag = dyn_cast<tile::LagOp>(op))
    return emitLag(lag);
  if (auto sum = dyn_cast<tile::RunningSumOp>(op))
    return emitRunningSum(sum);
  if (auto most = dyn_cast<tile::RunningMaxOp>(op))
    return emitRunningMax(most);
  if (auto spans = dyn_cast<tile::SpansOp>(op))
    return emitSpans(spans);
  if (auto solve = dyn_cast<tile::SolveOp>(op))
    return emitSolve(solve);
  if (auto guard = dyn_cast<tile::GuardOp>(op))
    return emitGuard(guard);
  if (auto since = dyn_cast<tile::SinceResetOp>(op))
    return emitSinceReset(since);
  if (auto scan = dyn_cast<tile::ScanOp>(op))
    return emitScan(scan);
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return emitLinalg(linalgOp);
  if (llvm::none_of(op->getResultTypes(), llvm::IsaPred<ShapedType>))
    clone(*op, scalars);
}

void KernelEmitter::emitLinalg(linalg::LinalgOp op) {
  if (ArrayRef<linalg::LinalgOp> together = buffers.rowsOf(op); !together.empty() && lieAlike(together)) {
    if (op != together.back())
      return;
    for (linalg::LinalgOp one : together)
      copyOperands(one);
    return emitRows(together);
  }
  if (isRenaming(op) && buffers.lookup(op->getOperand(0)).number == buffers.lookup(op->getResult(0)).number)
    return;
  copyOperands(op);
  if (isContraction(op))
    return emitContraction(op, {});
  if (isSum(op))
    return emitRows(op);
  for (Value operand : op->getOperands())
    if (auto producer = operand.getDefiningOp<linalg::LinalgOp>(); producer && buffers.isFused(producer))
      return emitContraction(producer, op);
  emitElementwise(op);
}

/// Brings operands, of fused operations too, to the layout that the loops need.
void KernelEmitter::copyOperands(Operation *op) {
  for (Value operand : op->getOperands())
    if (Operation *producer = operand.getDefiningOp(); producer && buffers.isFused(producer))
      copyOperands(producer);
  for (OpOperand &operand : op->getOpOperands())
    if (std::optional<Tile> to = buffers.copyOf(operand))
      copy(buffers.lookup(operand.get()), *to);
}

/// Moves yielded tiles to their places and yields the scalars.
void KernelEmitter::emitYield(ValueRange yielded, ArrayRef<Tile> places) {
  SmallVector<Value> values;
  for (auto [value, place] : llvm::zip_equal(yielded, places)) {
    if (isTile(value))
      copy(buffers.lookup(value), place);
    else
      values.push_back(scalars.lookup(value));
  }
  scf::YieldOp::create(*this, values);
}

void KernelEmitter::emitFor(scf::ForOp op) {
  SmallVector<Value> inits;
  SmallVector<Tile> places;
  for (auto [init, arg] : llvm::zip_equal(op.getInitArgs(), op.getRegionIterArgs())) {
    places.push_back(isTile(arg) ? buffers.lookup(arg) : Tile());
    if (isTile(arg))
      copy(buffers.lookup(init), places.back());
    else
      inits.push_back(scalars.lookup(init));
  }
  auto loop = scf::ForOp::create(*this, scalars.lookup(op.getLowerBound()), scalars.lookup(op.getUpperBound()),
                                 scalars.lookup(op.getStep()), inits);
  if (inits.empty())
    loop.getBody()->getTerminator()->erase();
  scalars.map(op.getInductionVar(), loop.getInductionVar());
  unsigned next = 0;
  for (auto [arg, result] : llvm::zip_equal(op.getRegionIterArgs(), op.getResults()))
    if (!isTile(arg)) {
      scalars.map(arg, loop.getRegionIterArg(next));
      scalars.map(result, loop.getResult(next++));
    }
  InsertionGuard guard(*this);
  setInsertionPointToStart(loop.getBody());
  for (Value arg : op.getRegionIterArgs())
    if (const CarriedTile *carried = buffers.carriedAs(arg))
      openCarried(*carried, loop.getInductionVar());
  emitBlock(*op.getBody());
  emitYield(op.getYieldedValues(), places);
}

void KernelEmitter::emitIf(scf::IfOp op) {
  SmallVector<Type> types;
  SmallVector<Tile> places;
  for (Value result : op.getResults()) {
    places.push_back(isTile(result) ? buffers.lookup(result) : Tile());
    if (!isTile(result))
      types.push_back(result.getType());
  }
  bool hasElse = !op.getElseRegion().empty();
  auto branch = scf::IfOp::create(*this, types, scalars.lookup(op.getCondition()), /*addThenBlock=*/true, hasElse);
  for (auto [from, to] : llvm::zip_equal(op->getRegions(), branch->getRegions())) {
    if (from.empty())
      continue;
    InsertionGuard guard(*this);
    if (!to.front().empty())
      to.front().back().erase();
    setInsertionPointToStart(&to.front());
    emitBlock(from.front());
    emitYield(from.front().getTerminator()->getOperands(), places);
  }
  unsigned next = 0;
  for (Value result : op.getResults())
    if (!isTile(result))
      scalars.map(result, branch.getResult(next++));
}

} // namespace mixc::cpu
