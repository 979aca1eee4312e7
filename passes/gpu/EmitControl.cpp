// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loops and branches, and what is computed anew in them and in roles.

#include "KernelEmitter.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

//===--- Names ---===//

KernelEmitter::Names KernelEmitter::names() {
  Names names{memrefs, {}, part};
  auto keep = [&](Value value) {
    if (Value mapped = scalars.lookupOrNull(value))
      names.scalars.push_back({value, mapped});
  };
  llvm::for_each(kernel.getBody().getArguments(), keep);
  if (role)
    keep(role.getBody().getArgument(0));
  return names;
}

void KernelEmitter::restore(const Names &names) {
  memrefs = names.memrefs;
  for (auto [value, mapped] : names.scalars)
    scalars.map(value, mapped);
  part = names.part;
}

/// What follows from the part's number a role computes anew from here on.
void KernelEmitter::rereadPart() {
  if (!role)
    return;
  part = opaque(part);
  scalars.map(role.getBody().getArgument(0), widen(part));
}

/// What a role computes from the kernel's parameters it computes anew, instead of keeping it in registers.
void KernelEmitter::rereadParameters() {
  unsigned next = nameSizes([&](Value parameter) { return opaque(parameter); });
  for (BlockArgument arg : kernel.getBody().getArguments().drop_front(tile::KernelOp::kFirstMemref)) {
    auto found = memrefs.find(arg);
    found->second.pointer = opaque(state.function.getArgument(next++));
    SmallVector<int64_t> strides = cast<MemRefType>(arg.getType()).getStridesAndOffset().first;
    for (auto [stride, size] : llvm::zip(found->second.strides, strides)) {
      if (ShapedType::isDynamic(size))
        stride = opaque(state.function.getArgument(next));
      ++next;
    }
  }
}

//===--- Loops and branches ---===//

/// Loops and branches carry registers: numbers and fragments.
static LogicalResult checkCarried(Operation *op, TypeRange types) {
  for (Type type : types)
    if (!type.isIntOrIndexOrFloat() && !isa<FragmentType>(type))
      return op->emitOpError("expected to carry numbers and fragments, got ") << type;
  return success();
}

SmallVector<Type> KernelEmitter::flatTypes(TypeRange types) {
  SmallVector<Type> flat;
  for (Type type : types) {
    if (auto fragment = dyn_cast<FragmentType>(type))
      llvm::append_range(flat, registerTypes(fragment));
    else
      flat.push_back(type.isIndex() ? b.getI64Type() : type);
  }
  return flat;
}

Values KernelEmitter::flatten(ValueRange values) {
  Values flat;
  for (Value value : values) {
    if (isa<FragmentType>(value.getType()))
      llvm::append_range(flat, registers.lookup(value));
    else
      flat.push_back(scalars.lookupOrDefault(value));
  }
  return flat;
}

/// Takes the registers of `old` from `fresh`, from position `at` on; returns the position after them.
size_t KernelEmitter::bind(Value old, ValueRange fresh, size_t at) {
  auto fragment = dyn_cast<FragmentType>(old.getType());
  if (!fragment) {
    scalars.map(old, fresh[at]);
    return at + 1;
  }
  size_t count = registerTypes(fragment).size();
  registers[old] = llvm::to_vector(fresh.slice(at, count));
  return at + count;
}

LogicalResult KernelEmitter::emit(scf::ForOp op) {
  if (failed(checkCarried(op, op.getResultTypes())))
    return failure();
  if (!op.getInductionVar().getType().isIndex())
    return op.emitOpError("expected a counter of type index, got ") << op.getInductionVar().getType();
  Values inits = flatten(op.getInitArgs());
  Value begin = scalars.lookup(op.getLowerBound()), end = scalars.lookup(op.getUpperBound()), step = scalars.lookup(op.getStep());
  // Roles have no registers to spare for numbers of 64 bits: those of blocks, and of tokens in a tensor map, have 31.
  auto narrow = [&](Value value) { return role ? arith::TruncIOp::create(b, b.getI32Type(), value) : value; };
  if (state.allBlocks && isa<RoleOp>(op->getParentOp()) && holdsManyRegisters(op))
    return emitOverBlocks(op, narrow(begin), narrow(end), narrow(step));
  // Where they have none at all, rounds are counted up to 0, which takes one.
  bool counts = role && inits.size() >= kManyRegisters;
  Value first = begin, rounds;
  if (counts) {
    Value length = arith::AddIOp::create(b, arith::SubIOp::create(b, end, begin), arith::SubIOp::create(b, step, i64(1)));
    rounds = arith::DivSIOp::create(b, length, step);
    begin = arith::SubIOp::create(b, i64(0), rounds);
    end = i64(0);
  }
  auto loop = scf::ForOp::create(b, narrow(begin), narrow(end), counts ? i32(1) : narrow(step), inits);
  forbidUnrolling(loop);
  OpBuilder::InsertionGuard guard(b);
  if (!loop.getBody()->empty())
    loop.getBody()->back().erase();
  b.setInsertionPointToEnd(loop.getBody());
  Value counter = loop.getInductionVar();
  if (counts) {
    Value done = arith::AddIOp::create(b, arith::ExtSIOp::create(b, b.getI64Type(), counter), rounds);
    counter = arith::AddIOp::create(b, first, arith::MulIOp::create(b, done, step));
  } else if (role) {
    counter = widen(counter);
  }
  scalars.map(op.getInductionVar(), counter);
  llvm::SaveAndRestore outerThread(thread), outerLane(lane), outerWarp(warp);
  bool overBlocks = isa<RoleOp>(op->getParentOp());
  Names outer = names();
  if (overBlocks)
    rereadParameters();
  if (overBlocks || counts || isTeam())
    rereadPart();
  if (overBlocks || loop.getNumRegionIterArgs() >= kManyRegisters || (role && role.getWarps() == 1 && !role.getSingle()) || isTeam())
    setThread(rereadThread());
  size_t at = 0;
  for (BlockArgument arg : op.getRegionIterArgs())
    at = bind(arg, loop.getRegionIterArgs(), at);
  if (failed(emitBlock(*op.getBody())))
    return failure();
  scf::YieldOp::create(b, flatten(op.getYieldedValues()));
  restore(outer);
  at = 0;
  for (Value result : op.getResults())
    at = bind(result, loop.getResults(), at);
  return success();
}

LogicalResult KernelEmitter::emit(scf::IfOp op) {
  if (failed(checkCarried(op, op.getResultTypes())))
    return failure();
  auto branch = scf::IfOp::create(b, flatTypes(op.getResultTypes()), scalars.lookup(op.getCondition()),
                                  /*addThenBlock=*/true, /*addElseBlock=*/bool(op.elseBlock()));
  for (auto [from, to] : {std::pair{op.thenBlock(), branch.thenBlock()}, {op.elseBlock(), branch.elseBlock()}}) {
    if (!from)
      continue;
    OpBuilder::InsertionGuard guard(b);
    if (!to->empty())
      to->back().erase();
    b.setInsertionPointToEnd(to);
    Names outer = names();
    if (failed(emitBlock(*from)))
      return failure();
    scf::YieldOp::create(b, flatten(from->getTerminator()->getOperands()));
    restore(outer);
  }
  size_t at = 0;
  for (Value result : op.getResults())
    at = bind(result, branch.getResults(), at);
  return success();
}
