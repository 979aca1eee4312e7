// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A role: the branch that its warps take, with the registers that they have in it.

#include "KernelEmitter.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// From here on by one thread of the warp. Elected, which tells ptxas that it is one: else it repeats each bulk copy for all threads that
/// might be there.
void KernelEmitter::electThread() {
  Value elected = NVVM::ElectSyncOp::create(b, b.getI1Type(), Value());
  b.setInsertionPointToStart(scf::IfOp::create(b, elected, /*withElseRegion=*/false).thenBlock());
}

LogicalResult KernelEmitter::emit(SingleOp op) {
  OpBuilder::InsertionGuard guard(b);
  if (threads > 32) {
    Value last = arith::CmpIOp::create(b, arith::CmpIPredicate::uge, thread, i32(threads - 32));
    b.setInsertionPointToStart(scf::IfOp::create(b, last, /*withElseRegion=*/false).thenBlock());
  }
  electThread();
  Names outer = names();
  LogicalResult emitted = emitBlock(op.getBody().front());
  restore(outer);
  return emitted;
}

LogicalResult KernelEmitter::emit(RoleOp op) {
  int64_t group = op.getWarps() * 32, parts = op.getParts(), first = op.getFirst() * 32, end = first + group * parts;
  Value cond =
      arith::CmpIOp::create(b, arith::CmpIPredicate::ult, arith::SubIOp::create(b, state.blockThread, i32(first)), i32(end - first));
  Value number = arith::AndIOp::create(b, state.blockThread, i32(group - 1));
  if (op.getSingle() && op.getWarps() > 1) // of one of its warps
    cond = arith::AndIOp::create(b, cond, arith::CmpIOp::create(b, arith::CmpIPredicate::ult, number, i32(32)));
  auto branch = scf::IfOp::create(b, cond, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  if (op.getSingle()) {
    electThread();
    number = i32(0);
  }
  if (int64_t registers = op.getRegisters()) {
    int64_t atLaunch = kRegisterFile / kernel.getThreads() / 8 * 8;
    NVVM::SetMaxRegisterOp::create(b, registers,
                                   registers > atLaunch ? NVVM::SetMaxRegisterAction::increase : NVVM::SetMaxRegisterAction::decrease);
  }
  llvm::SaveAndRestore outerThread(thread), outerLane(lane), outerWarp(warp);
  Names outer = names();
  llvm::SaveAndRestore outerRole(role, op);
  llvm::SaveAndRestore outerThreads(threads, group), outerBarrier(state.firstBarrier, state.nextBarrier);
  part = i32(0);
  if (parts > 1) // the same in all lanes, which ptxas sees after a shuffle
    part = NVVM::ShflOp::create(b, b.getI32Type(), i32(-1), div(arith::SubIOp::create(b, state.blockThread, i32(first)), group), i32(0),
                                i32(31), NVVM::ShflKind::idx, UnitAttr());
  setThread(number);
  state.nextBarrier += parts;
  scalars.map(op.getBody().getArgument(0), widen(part));
  LogicalResult emitted = emitBlock(op.getBody().front());
  restore(outer);
  return emitted;
}
