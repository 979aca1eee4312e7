// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "KernelEmitter.h"
#include "KernelOps.h"
#include "mixc/passes/Cpu.h"

using namespace mlir;

namespace mixc {

#define GEN_PASS_DEF_TILETOCPU
#include "mixc/passes/CpuPasses.h.inc"

/// From here on subnormal numbers count as zero: a product with one takes a hundred cycles, and decays are full of
/// them. Returns the place of the caller's control word.
static Value flushSubnormals(ImplicitLocOpBuilder &b) {
  constexpr int32_t kFlushResults = 0x8000, kSubnormalsAreZero = 0x0040;
  Type i32 = b.getI32Type(), pointer = LLVM::LLVMPointerType::get(b.getContext());
  Value one = LLVM::ConstantOp::create(b, i32, 1);
  Value callers = LLVM::AllocaOp::create(b, pointer, i32, one, 4);
  Value own = LLVM::AllocaOp::create(b, pointer, i32, one, 4);
  LLVM::CallIntrinsicOp::create(b, b.getStringAttr("llvm.x86.sse.stmxcsr"), ValueRange{callers});
  Value bits = LLVM::ConstantOp::create(b, i32, kFlushResults | kSubnormalsAreZero);
  Value word = LLVM::LoadOp::create(b, i32, callers, 4);
  LLVM::StoreOp::create(b, LLVM::OrOp::create(b, word, bits), own, 4);
  LLVM::CallIntrinsicOp::create(b, b.getStringAttr("llvm.x86.sse.ldmxcsr"), ValueRange{own});
  return callers;
}

namespace {
struct TileToCpu : impl::TileToCpuBase<TileToCpu> {
  using TileToCpuBase::TileToCpuBase;

  void runOnOperation() override {
    if (vectorWidth != 8 && vectorWidth != 16) {
      getOperation().emitError("tile-to-cpu: expected vector-width 8 or 16, got ") << int64_t(vectorWidth);
      return signalPassFailure();
    }
    for (tile::ProgramOp program : llvm::make_early_inc_range(getOperation().getOps<tile::ProgramOp>())) {
      for (tile::KernelOp kernel : program.getBody().getOps<tile::KernelOp>())
        if (failed(lower(program, kernel)))
          return signalPassFailure();
      program.erase();
    }
  }

  LogicalResult lower(tile::ProgramOp program, tile::KernelOp kernel) {
    std::string name = (program.getSymName() + "__" + kernel.getSymName() + suffix).str();
    if (getOperation().lookupSymbol(name))
      return kernel.emitOpError("expected @") << name << " to be free; give another suffix";
    cpu::cutWholeTiles(kernel);
    cpu::bringStoresAhead(kernel);
    if (failed(cpu::normalise(kernel)))
      return failure();
    FailureOr<cpu::TileBuffers> buffers = cpu::TileBuffers::compute(kernel, vectorWidth);
    if (failed(buffers))
      return failure();
    cpu::KernelEmitter emitter(kernel, *buffers, vectorWidth);
    emitter.setInsertionPoint(program);
    Type pointer = LLVM::LLVMPointerType::get(&getContext());
    auto type = emitter.getFunctionType({pointer, emitter.getI64Type(), pointer}, {});
    auto func = func::FuncOp::create(emitter, name, type);
    func->setAttr(kScratchBytesAttr, emitter.getI64IntegerAttr(buffers->scratchBytes()));
    // The kernel's tensors never lie in scratch memory.
    func.setArgAttr(2, LLVM::LLVMDialect::getNoAliasAttrName(), emitter.getUnitAttr());
    Block *entry = func.addEntryBlock();
    emitter.setInsertionPointToStart(entry);
    Value callersWord = flushSubnormals(emitter);
    emitter.emit(entry->getArgument(0), entry->getArgument(1), entry->getArgument(2));
    LLVM::CallIntrinsicOp::create(emitter, emitter.getStringAttr("llvm.x86.sse.ldmxcsr"), ValueRange{callersWord});
    func::ReturnOp::create(emitter);
    return success();
  }
};
} // namespace

} // namespace mixc
