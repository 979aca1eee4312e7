// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Whether the roles of a kernel can meet: who waits is told, what is read is written, and what threads write for bulk copies and wgmma is
// fenced. A kernel that gets this wrong hangs, or computes something else, on a GPU only.

#include "Accesses.h"
#include "ConvertKernel.h"
#include "mixc/passes/Gpu.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

namespace mixc {
#define GEN_PASS_DEF_GPUTILECHECKCHANNELS
#include "mixc/passes/GpuPasses.h.inc"
} // namespace mixc

/// Whose op it is: a role's, or that of one thread of it, which may wait for the others.
static Operation *partyOf(Operation *op) {
  while (op && !isa<RoleOp, SingleOp>(op))
    op = op->getParentOp();
  return op;
}

/// Somebody else arrives at what an op waits for: another role, or for one thread of a group all of it.
static LogicalResult checkAwait(AwaitOp op) {
  bool isTold = llvm::any_of(op.getBarriers().getUsers(),
                             [&](Operation *user) { return isa<ArriveOp, ExpectOp>(user) && partyOf(user) != partyOf(op); });
  return isTold ? success() : op.emitOpError("expected another role, or others of its own, to arrive at the barriers that it waits for");
}

namespace {
/// The ops that write and read each buffer.
struct BufferUses {
  explicit BufferUses(KernelOp kernel);
  llvm::DenseSet<Operation *> written;
  /// The ops by which bulk copies or wgmma read each buffer.
  llvm::DenseMap<Operation *, SmallVector<Operation *>> readAsynchronously;
  SmallVector<std::pair<Operation *, Operation *>> reads; // op, buffer
};
} // namespace

BufferUses::BufferUses(KernelOp kernel) {
  auto add = [](llvm::DenseSet<Operation *> &buffers, Value shared) {
    if (AllocOp buffer = isa<SharedType>(shared.getType()) ? bufferOf(shared) : AllocOp())
      buffers.insert(buffer);
  };
  kernel.walk([&](Operation *op) {
    for (const Access &access : accessesOf(op)) {
      if (access.writes)
        written.insert(access.buffer);
      else
        reads.push_back({op, access.buffer});
    }
    if (auto fetch = dyn_cast<FetchOp>(op))
      add(written, fetch.getDest());
    if (isa<FlushOp, WgmmaOp>(op))
      for (Value operand : op->getOperands())
        if (AllocOp buffer = isa<SharedType>(operand.getType()) ? bufferOf(operand) : AllocOp())
          readAsynchronously[buffer].push_back(op);
  });
}

/// Whether the arrival lets one of the readers go on.
static bool tells(ArriveOp arrive, ArrayRef<Operation *> readers) {
  return llvm::any_of(arrive.getBarriers().getUsers(), [&](Operation *user) {
    auto role = isa<AwaitOp>(user) ? user->getParentOfType<RoleOp>() : RoleOp();
    return role && llvm::any_of(readers, [&](Operation *reader) { return reader->getParentOfType<RoleOp>() == role; });
  });
}

/// What bulk copies or wgmma read is fenced before those who issue them are told of it.
static LogicalResult checkPut(PutOp op, const BufferUses &uses) {
  AllocOp buffer = bufferOf(op.getDest());
  auto readers = buffer ? uses.readAsynchronously.find(buffer) : uses.readAsynchronously.end();
  if (readers == uses.readAsynchronously.end())
    return success();
  for (Operation *next = op->getNextNode(); next; next = next->getNextNode()) {
    if (isa<FenceOp>(next))
      return success();
    if (auto arrive = dyn_cast<ArriveOp>(next); isa<WgmmaOp>(next) || (arrive && tells(arrive, readers->second)))
      break;
  }
  return op.emitOpError("expected a gpu_tile.fence behind it, before other threads are told: a bulk copy or wgmma reads the tile");
}

LogicalResult mixc::gpu::checkChannels(KernelOp kernel) {
  if (kernel.getBody().getOps<RoleOp>().empty())
    return success();
  BufferUses uses(kernel);
  for (auto [op, buffer] : uses.reads)
    if (!uses.written.contains(buffer))
      return op->emitOpError("expected the shared tile that it reads to be written");
  WalkResult checked = kernel.walk([&](Operation *op) -> WalkResult {
    if (auto await = dyn_cast<AwaitOp>(op))
      return checkAwait(await);
    if (auto put = dyn_cast<PutOp>(op))
      return checkPut(put, uses);
    return WalkResult::advance();
  });
  return failure(checked.wasInterrupted());
}

namespace {
struct GpuTileCheckChannels : mixc::impl::GpuTileCheckChannelsBase<GpuTileCheckChannels> {
  void runOnOperation() override {
    WalkResult checked = getOperation().walk([](KernelOp kernel) -> WalkResult { return checkChannels(kernel); });
    if (checked.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
