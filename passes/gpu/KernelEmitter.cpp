// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "KernelEmitter.h"
#include "BulkCopyEmitter.h"
#include "ColumnEmitter.h"
#include "ColumnRun.h"
#include "MapEmitter.h"
#include "NotFiniteEmitter.h"
#include "ProductEmitter.h"
#include "RunningEmitter.h"
#include "ScanEmitter.h"
#include "SumEmitter.h"
#include "SumsEmitter.h"
#include "TransferEmitter.h"
#include "WgmmaEmitter.h"
#include "mixc/passes/Gpu.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

static constexpr unsigned kGlobal = 1, kShared = 3;

KernelEmitter::KernelEmitter(KernelState &state, StringRef name, Operation *before) : MapCode(state) { createFunction(name, before); }

/// How the kernel is launched and compiled.
static void describe(LLVM::LLVMFuncOp function, KernelOp kernel) {
  Builder b(function.getContext());
  function->setAttr(NVVM::NVVMDialect::getKernelFuncAttrName(), b.getUnitAttr());
  function->setAttr(NVVM::NVVMDialect::getMaxntidAttrName(), b.getDenseI32ArrayAttr({int32_t(kernel.getThreads())}));
  bool moves = false; // registers between roles, of which ptxas must know the number at launch
  kernel.walk([&](RoleOp role) { moves |= role.getRegisters() != 0; });
  if (moves)
    function->setAttr(NVVM::NVVMDialect::getMinctasmAttrName(), b.getI32IntegerAttr(1));
  function->setAttr(kThreadsAttr, b.getI32IntegerAttr(kernel.getThreads()));
  function->setAttr(kSharedBytesAttr, b.getI32IntegerAttr(kernel.getSharedBytes()));
  function.setPassthroughAttr(b.getArrayAttr({b.getStrArrayAttr({"denormal-fp-math-f32", "preserve-sign,preserve-sign"})}));
}

void KernelEmitter::createFunction(StringRef name, Operation *before) {
  b.setInsertionPoint(before);
  Type pointer = LLVM::LLVMPointerType::get(b.getContext(), kGlobal);
  SmallVector<Type> types(tile::KernelOp::kFirstMemref - 1 + tile::SequenceTable::kParameters, b.getI64Type());
  for (Type type : kernel.getArgumentTypes().drop_front(tile::KernelOp::kFirstMemref)) {
    types.push_back(pointer);
    types.append(cast<MemRefType>(type).getRank(), b.getI64Type());
  }
  types.append(tile::KeptStates::kParameters + tile::SeedAddress::kParameters, b.getI64Type());
  if (kernel->getParentOfType<ProgramOp>().getBands())
    types.push_back(b.getI64Type());
  BulkCopyEmitter bulkCopies(state);
  bulkCopies.collectTensorMaps();
  unsigned firstMap = types.size();
  types.append(state.tensorMaps.size(), LLVM::LLVMPointerType::get(b.getContext()));
  bool persistent = false;
  kernel.walk([&](GridOp) { persistent = true; });
  if (persistent)
    types.push_back(b.getI64Type());
  state.function = LLVM::LLVMFuncOp::create(b, name, LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(b.getContext()), types));
  describe(state.function, kernel);
  bulkCopies.describeTensorMaps(firstMap);
  Block *entry = state.function.addEntryBlock(b);
  if (persistent) {
    state.function->setAttr(kPersistentAttr, b.getUnitAttr());
    state.allBlocks = entry->getArguments().back();
  }
  b.setInsertionPointToStart(entry);
  state.blockThread = NVVM::ThreadIdXOp::create(b, b.getI32Type());
  setThread(state.blockThread);
  state.sharedBase = LLVM::AddressOfOp::create(b, LLVM::LLVMPointerType::get(b.getContext(), kShared), "dyn_smem");
  nameArguments(*entry);
}

unsigned KernelEmitter::nameSizes(function_ref<Value(Value)> make) {
  unsigned next = 0;
  for (unsigned i = tile::KernelOp::kBatch; i < tile::KernelOp::kFirstMemref; ++i)
    scalars.map(kernel.getBody().getArgument(i), make(state.function.getArgument(next++)));
  tile::SequenceTable &table = state.sequences;
  for (Value *value : {&table.kinds, &table.starts, &table.source, &table.target, &table.hasInitial, &table.order})
    *value = make(state.function.getArgument(next++));
  return next;
}

/// The kernel's arguments, as parameters of the function.
void KernelEmitter::nameArguments(Block &entry) {
  Block &body = kernel.getBody().front();
  scalars.map(body.getArgument(0), widen(NVVM::BlockIdXOp::create(b, b.getI32Type())));
  unsigned next = nameSizes([](Value parameter) { return parameter; });
  for (BlockArgument arg : body.getArguments().drop_front(tile::KernelOp::kFirstMemref)) {
    auto memref = cast<MemRefType>(arg.getType());
    Memref &made = memrefs[arg];
    made.pointer = entry.getArgument(next++);
    for (int64_t stride : memref.getStridesAndOffset().first) {
      made.strides.push_back(ShapedType::isDynamic(stride) ? entry.getArgument(next) : i64(stride));
      ++next;
    }
  }
  for (Value *value : {&state.kept.places, &state.kept.count, &state.kept.every, &state.seed.address})
    *value = entry.getArgument(next++);
  if (kernel->getParentOfType<ProgramOp>().getBands())
    state.bands = entry.getArgument(next++);
  state.entryMemrefs = memrefs;
}

//===--- Ops ---===//

LogicalResult KernelEmitter::run() { return failure(failed(emitBlock(kernel.getBody().front())) || bad); }

/// Whether the op reads fragments in columns, or what a run puts to shared memory.
static bool readsColumns(Operation &op) { return llvm::any_of(op.getOperands(), isInColumns); }

LogicalResult KernelEmitter::emitBlock(Block &block) {
  SmallVector<Operation *> run;
  auto finish = [&] {
    LogicalResult emitted = run.empty() ? success() : ColumnRun(state).emit(run);
    run.clear();
    return emitted;
  };
  for (Operation &op : block) {
    if (ColumnRun::takes(op)) {
      run.push_back(&op);
      continue;
    }
    // Names and register work may stand in between: a run's puts are to memory of their own.
    if (!isa<AllocOp, SlotOp, ConstantOp>(op) && !(isa<MapOp, PutOp>(op) && !readsColumns(op)) && failed(finish()))
      return failure();
    if (failed(emitOp(op)))
      return failure();
  }
  return finish();
}

LogicalResult KernelEmitter::emitOp(Operation &op) {
  b.setLoc(op.getLoc());
  return llvm::TypeSwitch<Operation *, LogicalResult>(&op)
      .Case<scf::ForOp, scf::IfOp, RoleOp, SingleOp, ConstantOp, AllocOp>([&](auto typed) { return emit(typed); })
      .Case<MapOp, PutOp>([&](auto typed) { return MapEmitter(state).emit(typed); })
      .Case<SumOp>([&](auto typed) { return SumEmitter(state).emit(typed); })
      .Case<CumsumOp, LagOp>([&](auto typed) { return SumsEmitter(state).emit(typed); })
      .Case<RunningSumOp, RunningMaxOp>([&](auto typed) { return RunningEmitter(state).emit(typed); })
      .Case<SpansOp, SolveOp>([&](auto typed) { return ColumnEmitter(state).emit(typed); })
      .Case<NotFiniteOp, GuardOp, SinceResetOp>([&](auto typed) { return NotFiniteEmitter(state).emit(typed); })
      .Case<ContractOp>([&](auto typed) { return ProductEmitter(state).emit(typed); })
      .Case<WgmmaOp, WgmmaWaitOp>([&](auto typed) { return WgmmaEmitter(state).emit(typed); })
      .Case<ScanOp>([&](auto typed) { return ScanEmitter(state).emit(typed); })
      .Case<CopyOp, WriteOp, LoadOp, StoreOp, tile::ReleaseOp, tile::AcquireOp>(
          [&](auto typed) { return TransferEmitter(state).emit(typed); })
      .Case<MbarriersOp, ArriveOp, ExpectOp, AwaitOp, FenceOp, AwaitLaunchOp>([&](auto typed) { return BarrierEmitter(state).emit(typed); })
      .Case<FetchOp, FlushOp, DrainOp>([&](auto typed) { return BulkCopyEmitter(state).emit(typed); })
      .Case<SlotOp, BarrierOp, BlockOp>([&](auto typed) {
        emit(typed);
        return success();
      })
      .Case<ReturnOp>([&](auto) {
        LLVM::ReturnOp::create(b, ValueRange());
        return success();
      })
      .Case<scf::YieldOp>([](auto) { return success(); })
      .Case<tile::BlocksOp>([&](tile::BlocksOp blocks) {
        scalars.map(blocks.getCount(), state.allBlocks ? opaque(state.allBlocks) : widen(NVVM::GridDimXOp::create(b, b.getI32Type())));
        return success();
      })
      .Case<tile::BandsOp>([&](tile::BandsOp bands) {
        scalars.map(bands.getCount(), role ? opaque(state.bands) : state.bands);
        return success();
      })
      .Case<tile::SequenceOp>([&](tile::SequenceOp sequence) {
        emit(sequence);
        return success();
      })
      .Case<tile::KeptOp>([&](tile::KeptOp kept) {
        emit(kept);
        return success();
      })
      .Case<tile::SeedOp>([&](tile::SeedOp seed) {
        emit(seed);
        return success();
      })
      .Case<tile::CopiedOp>([&](tile::CopiedOp copied) {
        scalars.map(copied.getCopied(), tile::expandCopied(b, state.sequences.kinds));
        return success();
      })
      .Case<tile::ReverseOp>([&](tile::ReverseOp reverse) {
        memrefs[reverse.getResult()] = reversed(reverse);
        return success();
      })
      .Case<tile::EarlierOp>([&](tile::EarlierOp earlier) {
        Memref memref = memrefs.lookup(earlier.getSource());
        memref.earlier = earlier;
        memrefs[earlier.getResult()] = memref;
        return success();
      })
      .Case<tile::StepsOp>([&](tile::StepsOp steps) {
        Memref memref = memrefs.lookup(steps.getSource());
        memref.steps = steps;
        memrefs[steps.getResult()] = memref;
        return success();
      })
      .Case<GridOp>([&](GridOp grid) {
        scalars.map(grid.getCount(), widen(NVVM::GridDimXOp::create(b, b.getI32Type())));
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

LogicalResult KernelEmitter::emit(AllocOp op) {
  if (int64_t(op.getOffset()) < 0)
    return op.emitOpError("expected a planned offset, got none; run --tile-to-gpu");
  auto role = op->getParentOfType<RoleOp>();
  Value ofPart = role && role.getOwnBytes() > 0 && int32_t(role.getParts()) > 1 ? mul(part, role.getOwnBytes()) : Value();
  buffers[op.getBuffer()] = offsetPointer(state.sharedBase, ofPart, op.getOffset());
  return success();
}

void KernelEmitter::emit(SlotOp op) {
  int64_t bytes = cast<SharedType>(op.getSlot().getType()).getBytes();
  Value stage = arith::TruncIOp::create(b, b.getI32Type(), scalars.lookup(op.getStage()));
  buffers[op.getSlot()] = offsetPointer(buffers.lookup(op.getBuffer()), mul(stage, bytes), 0);
}

void KernelEmitter::emit(BarrierOp op) {
  if (op.getWarp() || threads == 32)
    NVVM::SyncWarpOp::create(b, i32(-1));
  else if (part)
    NVVM::BarrierOp::create(b, Type(), add(part, i32(state.firstBarrier)), i32(threads), NVVM::BarrierReductionAttr(), Value());
  else
    NVVM::Barrier0Op::create(b);
  if (isTeam() && !op.getWarp()) // the addresses of what follows are not kept for what comes later
    setThread(opaque(thread));
}

void KernelEmitter::emit(BlockOp op) {
  rereadParameters();
  rereadPart();
  Value of = op.getOf();
  Value number = !of                           ? reread("ctaid.x")
                 : of == state.keptBlockNumber ? loadBlockNumber()
                                               : opaque(arith::TruncIOp::create(b, b.getI32Type(), scalars.lookup(of)));
  scalars.map(op.getNumber(), widen(number));
}

void KernelEmitter::emit(tile::SequenceOp op) {
  auto parameter = [&](unsigned i) { return scalars.lookup(kernel.getBody().getArgument(i)); };
  const tile::SequenceSizes sizes{parameter(tile::KernelOp::kBatch), parameter(tile::KernelOp::kLength), parameter(tile::KernelOp::kSplits),
                                  parameter(tile::KernelOp::kSpan)};
  scalars.map(op.getResults(), tile::expandSequence(b, op, scalars.lookup(op.getNumber()), sizes, state.sequences, kGlobal));
}

void KernelEmitter::emit(tile::KeptOp op) {
  scalars.map(op.getPlace(), tile::expandKept(b, scalars.lookup(op.getBatch()), scalars.lookup(op.getTokens()), state.sequences.kinds,
                                              state.kept, kGlobal));
}

void KernelEmitter::emit(tile::SeedOp op) {
  auto [given, seed] = tile::expandSeed(b, state.seed, kGlobal);
  scalars.map(op.getGiven(), given);
  scalars.map(op.getSeed(), seed);
}

/// The last element comes first. A null pointer stays null.
Memref KernelEmitter::reversed(tile::ReverseOp op) {
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

LogicalResult KernelEmitter::emit(ConstantOp op) {
  auto type = cast<FragmentType>(op.getFragment().getType());
  double value = op.getValue().convertToFloat();
  SmallVector<Type> types = registerTypes(type);
  Value one;
  if (types[0].isInteger(32)) {
    Value wide = f32(value);
    one = value == 0 ? i32(0) : pack(wide, wide, type.getElementType());
  } else {
    one = arith::ConstantOp::create(b, b.getFloatAttr(types[0], value));
  }
  registers[op.getFragment()] = Values(types.size(), one);
  return success();
}
