// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "KernelEmitter.h"
#include "mixc/passes/Gpu.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

static constexpr unsigned kGlobal = 1, kShared = 3;

KernelEmitter::KernelEmitter(KernelOp kernel, StringRef name, Operation *before)
    : kernel(kernel), b(kernel.getLoc(), kernel.getContext()), threads(kernel.getThreads()), storesMatrices(kernel.getArch() == "sm_90a") {
  createFunction(name, before);
}

void KernelEmitter::createFunction(StringRef name, Operation *before) {
  b.setInsertionPoint(before);
  Type pointer = LLVM::LLVMPointerType::get(b.getContext(), kGlobal);
  SmallVector<Type> types(4, b.getI64Type());
  for (Type type : kernel.getArgumentTypes().drop_front(tile::KernelOp::kFirstMemref)) {
    types.push_back(pointer);
    types.append(cast<MemRefType>(type).getRank(), b.getI64Type());
  }
  collectTensorMaps();
  unsigned firstMap = types.size();
  types.append(tensorMaps.size(), LLVM::LLVMPointerType::get(b.getContext()));
  bool persistent = false;
  kernel.walk([&](GridOp) { persistent = true; });
  if (persistent)
    types.push_back(b.getI64Type());
  auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(b.getContext()), types);
  function = LLVM::LLVMFuncOp::create(b, name, type);
  function->setAttr(NVVM::NVVMDialect::getKernelFuncAttrName(), b.getUnitAttr());
  function->setAttr(NVVM::NVVMDialect::getMaxntidAttrName(), b.getDenseI32ArrayAttr({int32_t(threads)}));
  bool moves = false; // registers between roles, of which ptxas must know the number at launch
  kernel.walk([&](RoleOp role) { moves |= role.getRegisters() != 0; });
  if (moves)
    function->setAttr(NVVM::NVVMDialect::getMinctasmAttrName(), b.getI32IntegerAttr(1));
  function->setAttr(kThreadsAttr, b.getI32IntegerAttr(threads));
  function->setAttr(kSharedBytesAttr, b.getI32IntegerAttr(kernel.getSharedBytes()));
  function.setPassthroughAttr(b.getArrayAttr({b.getStrArrayAttr({"denormal-fp-math-f32", "preserve-sign,preserve-sign"})}));
  describeTensorMaps(firstMap);
  Block *entry = function.addEntryBlock(b);
  if (persistent) {
    function->setAttr(kPersistentAttr, b.getUnitAttr());
    allBlocks = entry->getArguments().back();
  }
  b.setInsertionPointToStart(entry);
  blockThread = NVVM::ThreadIdXOp::create(b, b.getI32Type());
  setThread(blockThread);
  sharedBase = LLVM::AddressOfOp::create(b, LLVM::LLVMPointerType::get(b.getContext(), kShared), "dyn_smem");
  Block &body = kernel.getBody().front();
  scalars.map(body.getArgument(0), widen(NVVM::BlockIdXOp::create(b, b.getI32Type())));
  unsigned next = 0;
  for (BlockArgument arg : body.getArguments().drop_front()) {
    auto memref = dyn_cast<MemRefType>(arg.getType());
    if (!memref) {
      scalars.map(arg, entry->getArgument(next++));
      continue;
    }
    Memref &made = memrefs[arg];
    made.pointer = entry->getArgument(next++);
    for (int64_t stride : memref.getStridesAndOffset().first) {
      made.strides.push_back(ShapedType::isDynamic(stride) ? entry->getArgument(next) : i64(stride));
      ++next;
    }
  }
  entryMemrefs = memrefs;
}

/// The last element comes first. A null pointer stays null.
KernelEmitter::Memref KernelEmitter::reversed(tile::ReverseOp op) {
  Memref memref = memrefs.lookup(op.getSource());
  Value &stride = memref.strides[op.getDim()];
  Value last = arith::SubIOp::create(b, scalars.lookup(op.getLength()), i64(1));
  Type element = cast<MemRefType>(op.getSource().getType()).getElementType();
  Value offset = arith::MulIOp::create(b, last, stride);
  Value moved = LLVM::GEPOp::create(b, memref.pointer.getType(), element, memref.pointer, ValueRange{offset});
  Value null = LLVM::ZeroOp::create(b, memref.pointer.getType());
  Value isNull = LLVM::ICmpOp::create(b, LLVM::ICmpPredicate::eq, memref.pointer, null);
  memref.pointer = arith::SelectOp::create(b, isNull, null, moved);
  stride = arith::SubIOp::create(b, i64(0), stride);
  return memref;
}

void KernelEmitter::setThread(Value number) {
  thread = number;
  lane = arith::AndIOp::create(b, thread, i32(31));
  warp = div(thread, 32);
}

/// A special register, read anew: what is computed from it inside a loop is not kept in registers from before the loop.
Value KernelEmitter::reread(StringRef special) {
  auto dialect = LLVM::AsmDialectAttr::get(b.getContext(), LLVM::AsmDialect::AD_ATT);
  return LLVM::InlineAsmOp::create(b, b.getI32Type(), ValueRange(), ("mov.u32 $0, %" + special + ";").str(), "=r",
                                   /*has_side_effects=*/true, /*is_align_stack=*/false, LLVM::TailCallKind::None, dialect, ArrayAttr())
      .getRes();
}

/// The same number, of which nothing is known from before.
Value KernelEmitter::opaque(Value number) { return assembly("", number, {}).front(); }

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
  unsigned next = 0;
  for (BlockArgument arg : kernel.getBody().getArguments().drop_front()) {
    auto found = memrefs.find(arg);
    if (found == memrefs.end()) {
      scalars.map(arg, opaque(function.getArgument(next++)));
      continue;
    }
    found->second.pointer = opaque(function.getArgument(next++));
    SmallVector<int64_t> strides = cast<MemRefType>(arg.getType()).getStridesAndOffset().first;
    for (auto [stride, size] : llvm::zip(found->second.strides, strides)) {
      if (ShapedType::isDynamic(size))
        stride = opaque(function.getArgument(next));
      ++next;
    }
  }
}

Value KernelEmitter::rereadThread() {
  Value number = reread("tid.x");
  return threads == int64_t(kernel.getThreads()) ? number : Value(arith::AndIOp::create(b, number, i32(threads - 1)));
}

LogicalResult KernelEmitter::run() {
  if (failed(emitBlock(kernel.getBody().front())) || bad)
    return failure();
  return success();
}

LogicalResult KernelEmitter::emitBlock(Block &block) {
  for (Operation &op : block)
    if (failed(emitOp(op)))
      return failure();
  return success();
}

LogicalResult KernelEmitter::emitOp(Operation &op) {
  b.setLoc(op.getLoc());
  return llvm::TypeSwitch<Operation *, LogicalResult>(&op)
      .Case<scf::ForOp, scf::IfOp, MapOp, PutOp, CumsumOp, LagOp, SpansOp, SolveOp, NotFiniteOp, GuardOp, SinceResetOp, ConstantOp, ContractOp, CopyOp,
            WriteOp, LoadOp, StoreOp, ScanOp, RoleOp, AwaitLaunchOp, MbarriersOp, ArriveOp, ExpectOp, AwaitOp, FetchOp, FlushOp, DrainOp,
            FenceOp, WgmmaOp, WgmmaWaitOp, tile::ReleaseOp, tile::AcquireOp>([&](auto typed) { return emit(typed); })
      .Case<ReturnOp>([&](auto) {
        LLVM::ReturnOp::create(b, ValueRange());
        return success();
      })
      .Case<scf::YieldOp>([](auto) { return success(); })
      .Case<AllocOp>([&](AllocOp alloc) -> LogicalResult {
        if (int64_t(alloc.getOffset()) < 0)
          return alloc.emitOpError("expected a planned offset, got none; run --tile-to-gpu");
        buffers[alloc.getBuffer()] = offsetPointer(sharedBase, Value(), alloc.getOffset());
        return success();
      })
      .Case<SlotOp>([&](SlotOp slot) {
        int64_t bytes = cast<SharedType>(slot.getSlot().getType()).getBytes();
        Value stage = arith::TruncIOp::create(b, b.getI32Type(), scalars.lookup(slot.getStage()));
        buffers[slot.getSlot()] = offsetPointer(buffers.lookup(slot.getBuffer()), mul(stage, bytes), 0);
        return success();
      })
      .Case<BarrierOp>([&](BarrierOp barrier) {
        if (barrier.getWarp() || threads == 32)
          NVVM::SyncWarpOp::create(b, i32(-1));
        else if (part)
          NVVM::BarrierOp::create(b, Type(), add(part, i32(firstBarrier)), i32(threads), NVVM::BarrierReductionAttr(), Value());
        else
          NVVM::Barrier0Op::create(b);
        return success();
      })
      .Case<tile::BlocksOp>([&](tile::BlocksOp blocks) {
        scalars.map(blocks.getCount(), allBlocks ? opaque(allBlocks) : widen(NVVM::GridDimXOp::create(b, b.getI32Type())));
        return success();
      })
      .Case<tile::ReverseOp>([&](tile::ReverseOp reverse) {
        memrefs[reverse.getResult()] = reversed(reverse);
        return success();
      })
      .Case<GridOp>([&](GridOp grid) {
        scalars.map(grid.getCount(), widen(NVVM::GridDimXOp::create(b, b.getI32Type())));
        return success();
      })
      .Case<BlockOp>([&](BlockOp block) {
        rereadParameters();
        rereadPart();
        Value of = block.getOf();
        Value number = !of                     ? reread("ctaid.x")
                       : of == keptBlockNumber ? loadBlockNumber()
                                               : opaque(arith::TruncIOp::create(b, b.getI32Type(), scalars.lookup(of)));
        scalars.map(block.getNumber(), widen(number));
        return success();
      })
      .Case<CommitOp>([&](auto) {
        NVVM::CpAsyncCommitGroupOp::create(b);
        return success();
      })
      .Case<WaitOp>([&](WaitOp wait) {
        NVVM::CpAsyncWaitGroupOp::create(b, wait.getPending());
        return success();
      })
      .Default([&](Operation *other) { return emitScalar(*other, scalars); });
}

//===--- Control ---===//

/// Loops and branches carry registers: numbers and fragments.
static LogicalResult checkCarried(Operation *op, TypeRange types) {
  for (Type type : types)
    if (!type.isIntOrIndexOrFloat() && !isa<FragmentType>(type))
      return op->emitOpError("expected to carry numbers and fragments, got ") << type;
  return success();
}

SmallVector<Type> KernelEmitter::registerTypes(FragmentType type) {
  Type element = type.getElementType();
  ArrayRef<int64_t> shape = type.getShape();
  if (auto mma = dyn_cast<MmaAttr>(type.getLayout())) {
    int64_t blocks = outerCount(mma, shape) * rowBlocksPerWarp(mma, shape) * colBlocksPerWarp(mma, shape);
    return element.isF32() ? SmallVector<Type>(blocks * 8, element) : SmallVector<Type>(blocks * 4, b.getI32Type());
  }
  int64_t count;
  if (isa<LanesAttr>(type.getLayout())) {
    count = rowsPerWarp(type) * lanesPerRow(type);
  } else {
    count = 1;
    for (int64_t size : shape)
      count *= size;
    count = (count + threads - 1) / threads;
  }
  return SmallVector<Type>(count, element);
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

KernelEmitter::Values KernelEmitter::flatten(ValueRange values) {
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

/// Where a thread keeps the number of the block that it works on, while a loop over chunks has no register to spare for it.
Value KernelEmitter::blockNumberPointer() {
  int64_t all = kernel.getThreads();
  return offsetPointer(sharedBase, mul(reread("tid.x"), kBlockNumberBytes), kernel.getSharedBytes() - all * kBlockNumberBytes);
}

Value KernelEmitter::loadBlockNumber() {
  return LLVM::LoadOp::create(b, b.getI32Type(), blockNumberPointer(), /*alignment=*/kBlockNumberBytes, /*isVolatile=*/true);
}

/// A loop over blocks whose counter is in shared memory.
LogicalResult KernelEmitter::emitOverBlocks(scf::ForOp op, Value begin, Value end, Value step) {
  auto store = [&](Value number) {
    LLVM::StoreOp::create(b, number, blockNumberPointer(), /*alignment=*/kBlockNumberBytes, /*isVolatile=*/true);
  };
  store(begin);
  Names outer = names();
  Values inits = flatten(op.getInitArgs());
  SmallVector<Type> types = flatTypes(op.getResultTypes());
  auto loop = scf::WhileOp::create(b, types, inits);
  {
    OpBuilder::InsertionGuard guard(b);
    SmallVector<Location> locs(types.size(), op.getLoc());
    Block *before = b.createBlock(&loop.getBefore(), {}, types, locs);
    scf::ConditionOp::create(b, arith::CmpIOp::create(b, arith::CmpIPredicate::slt, loadBlockNumber(), end), before->getArguments());
    Block *after = b.createBlock(&loop.getAfter(), {}, types, locs);
    llvm::SaveAndRestore outerThread(thread), outerLane(lane), outerWarp(warp);
    setThread(rereadThread());
    rereadParameters();
    rereadPart();
    scalars.map(op.getInductionVar(), widen(loadBlockNumber()));
    size_t at = 0;
    for (BlockArgument arg : op.getRegionIterArgs())
      at = bind(arg, after->getArguments(), at);
    llvm::SaveAndRestore kept(keptBlockNumber, Value(op.getInductionVar()));
    if (failed(emitBlock(*op.getBody())))
      return failure();
    store(add(loadBlockNumber(), op.getStep().getDefiningOp<GridOp>() ? reread("nctaid.x") : step));
    scf::YieldOp::create(b, flatten(op.getYieldedValues()));
  }
  restore(outer);
  size_t at = 0;
  for (Value result : op.getResults())
    at = bind(result, loop.getResults(), at);
  return success();
}

/// Whether a loop in it carries more than leaves registers to spare.
bool KernelEmitter::holdsManyRegisters(scf::ForOp op) {
  return llvm::any_of(op.getBody()->getOps<scf::ForOp>(),
                      [&](scf::ForOp inner) { return flatTypes(inner.getResultTypes()).size() >= kManyRegisters; });
}

void mixc::gpu::forbidUnrolling(scf::ForOp loop) {
  MLIRContext *context = loop.getContext();
  auto off = LLVM::LoopUnrollAttr::get(context, BoolAttr::get(context, true), {}, {}, {}, {}, {}, {});
  loop->setAttr("loop_annotation", LLVM::LoopAnnotationAttr::get(context, {}, {}, {}, off, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}));
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
  if (allBlocks && isa<RoleOp>(op->getParentOp()) && holdsManyRegisters(op))
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
  if (overBlocks || counts)
    rereadPart();
  if (overBlocks || loop.getNumRegionIterArgs() >= kManyRegisters || (role && role.getWarps() == 1 && !role.getSingle()))
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
