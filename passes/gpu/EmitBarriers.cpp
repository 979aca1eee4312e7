// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Barriers in shared memory, and what orders launches and memory.

#include "BarrierEmitter.h"
#include "mixc/passes/Gpu.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// Nanoseconds that a waiting thread may sleep before it looks again.
static constexpr int64_t kSleep = 10000000;

LogicalResult BarrierEmitter::emit(AwaitLaunchOp) {
  NVVM::GriddepcontrolOp::create(b, NVVM::GridDepActionKind::wait);
  NVVM::GriddepcontrolOp::create(b, NVVM::GridDepActionKind::launch_dependents);
  state.function->setAttr(kOverlapsAttr, b.getUnitAttr());
  return success();
}

LogicalResult BarrierEmitter::emit(FenceOp op) {
  NVVM::FenceProxyOp::create(b, NVVM::ProxyKind::async_shared, NVVM::SharedSpaceAttr::get(b.getContext(), NVVM::SharedSpace::shared_cta));
  return success();
}

//===--- Barriers in shared memory ---===//

/// The constant part comes last, so that instructions take it as an immediate and barriers with one index share a register.
Value BarrierEmitter::barrierPointer(Value barriers, Value index, int64_t *constant) {
  Value number = arith::TruncIOp::create(b, b.getI32Type(), scalars.lookup(index));
  int64_t offset = barriers.getDefiningOp<MbarriersOp>().getOffset();
  Value pointer = offsetPointer(state.sharedBase, mul(number, 8), 0);
  if (!constant)
    return offsetPointer(pointer, Value(), offset);
  *constant = offset;
  return pointer;
}

LogicalResult BarrierEmitter::emit(MbarriersOp op) {
  int64_t offset = op.getOffset();
  if (offset < 0)
    return op.emitOpError("expected a planned offset, got none; run --tile-to-gpu");
  Value pointer = offsetPointer(state.sharedBase, Value(), offset);
  ifValid(arith::CmpIOp::create(b, arith::CmpIPredicate::eq, thread, i32(0)), [&] {
    for (int64_t i = 0; i < cast<MbarriersType>(op.getBarriers().getType()).getCount(); ++i)
      NVVM::MBarrierInitOp::create(b, offsetPointer(pointer, Value(), 8 * i), i32(op.getArrivals()), Value());
    NVVM::FenceMbarrierInitOp::create(b);
  });
  return success();
}

LogicalResult BarrierEmitter::emit(ArriveOp op) {
  NVVM::MBarrierArriveOp::create(b, Type(), barrierPointer(op.getBarriers(), op.getIndex()), Value());
  return success();
}

LogicalResult BarrierEmitter::emit(ExpectOp op) {
  NVVM::MBarrierArriveExpectTxOp::create(b, Type(), barrierPointer(op.getBarriers(), op.getIndex()), i32(op.getBytes()),
                                         NVVM::MemScopeKind::CTA, /*relaxed=*/false, Value());
  return success();
}

LogicalResult BarrierEmitter::emit(AwaitOp op) {
  Value parity = arith::TruncIOp::create(b, b.getI32Type(), scalars.lookup(op.getParity()));
  int64_t offset;
  Value pointer = barrierPointer(op.getBarriers(), op.getIndex(), &offset);
  Value address = LLVM::PtrToIntOp::create(b, b.getI32Type(), pointer);
  // As nvvm.mbarrier.try_wait.parity, whose address has no immediate.
  std::string text = ("{\n.reg .pred p;\nwait:\nmbarrier.try_wait.parity.shared::cta.b64 p, [$0+" + Twine(offset) + "], $1, " +
                      Twine(kSleep) + ";\n@!p bra wait;\n}")
                         .str();
  assembly(text, {}, {address, parity});
  return success();
}
