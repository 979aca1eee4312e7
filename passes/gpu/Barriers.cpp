// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Accesses.h"
#include "ConvertKernel.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

namespace {
/// An access since the last barrier of the block.
struct Pending {
  Access access;
  bool warpSynced = false;
};

enum class Need { None, Warp, Block };

class BarrierInserter {
public:
  explicit BarrierInserter(int64_t warps) : warps(warps) {}
  void visit(Block &block) {
    for (Operation &op : llvm::make_early_inc_range(block))
      visit(op);
  }

private:
  void visit(Operation &op);
  void visitLoop(scf::ForOp loop);
  void visitBranch(scf::IfOp branch);
  static bool overlap(AllocOp a, AllocOp b);
  Need needBefore(const Access &access) const;
  static void add(SmallVector<Pending> &to, ArrayRef<Pending> more);

  int64_t warps;
  SmallVector<Pending> pending;
};
} // namespace

bool BarrierInserter::overlap(AllocOp a, AllocOp b) {
  auto extent = [](AllocOp op) {
    auto type = ::cast<SharedType>(op.getBuffer().getType());
    return type.getBytes() * type.getStages();
  };
  int64_t beginA = a.getOffset(), beginB = b.getOffset();
  if (beginA < 0 || beginB < 0) // not planned: apart
    return a == b;
  return beginA < beginB + extent(b) && beginB < beginA + extent(a);
}

Need BarrierInserter::needBefore(const Access &access) const {
  Need need = Need::None;
  for (const Pending &earlier : pending) {
    if ((!earlier.access.writes && !access.writes) || !overlap(earlier.access.buffer, access.buffer))
      continue;
    const bool sameBuffer = earlier.access.buffer == access.buffer;
    if (sameBuffer && (earlier.access.slot != access.slot || earlier.access.intoRing || access.intoRing))
      continue;
    bool sameWarp = sameBuffer && earlier.access.isOfSameWarp(access);
    if (!sameWarp)
      return Need::Block;
    if (!earlier.warpSynced)
      need = Need::Warp;
  }
  return need;
}

void BarrierInserter::visit(Operation &op) {
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return visitLoop(loop);
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return visitBranch(branch);
  if (auto barrier = dyn_cast<BarrierOp>(op)) {
    if (!barrier.getWarp() || warps == 1)
      pending.clear();
    for (Pending &earlier : pending)
      earlier.warpSynced = true;
    return;
  }
  if (isa<AwaitOp>(op)) // what stages hold is from now on of another round, which others have handed over
    llvm::erase_if(pending, [&](const Pending &earlier) {
      Operation *slot = earlier.access.slot ? earlier.access.slot.getDefiningOp() : nullptr;
      return slot && slot->getBlock() == op.getBlock();
    });
  SmallVector<Access> accesses = accessesOf(&op);
  Need need = Need::None;
  for (const Access &access : accesses)
    need = std::max(need, needBefore(access));
  if (need != Need::None) {
    OpBuilder b(&op);
    auto barrier = BarrierOp::create(b, op.getLoc(), need == Need::Warp || warps == 1);
    visit(*barrier);
  }
  for (const Access &access : accesses)
    add(pending, Pending{access, false});
}

/// Each access once: what is under way before a branch comes back from both of its blocks.
void BarrierInserter::add(SmallVector<Pending> &to, ArrayRef<Pending> more) {
  for (const Pending &one : more) {
    auto *known = llvm::find_if(to, [&](const Pending &other) { return other.access == one.access; });
    if (known == to.end())
      to.push_back(one);
    else
      known->warpSynced &= one.warpSynced;
  }
}

void BarrierInserter::visitLoop(scf::ForOp loop) {
  // Twice: the second time what the end of an iteration leaves meets the start of the next.
  SmallVector<Pending> before = pending;
  visit(*loop.getBody());
  add(pending, before);
  visit(*loop.getBody());
  add(pending, before);
}

void BarrierInserter::visitBranch(scf::IfOp branch) {
  SmallVector<Pending> before = pending, after;
  for (Block *block : {branch.thenBlock(), branch.elseBlock()}) {
    pending = before;
    if (block)
      visit(*block);
    add(after, pending);
  }
  pending = after;
}

void mixc::gpu::insertBarriers(Block &block, int64_t warps) { BarrierInserter(warps).visit(block); }

/// Whether the op works in registers, and on shared memory that is not the role's own.
static bool isRegisterWork(Operation *op, RoleOp role) {
  if (!isa<MapOp, ColumnSpansOp, ConstantOp, AllocOp, SlotOp>(op) &&
      !(op->getNumRegions() == 0 && isa<arith::ArithDialect>(op->getDialect())))
    return false;
  return llvm::none_of(accessesOf(op), [&](const Access &access) { return access.buffer->getParentOfType<RoleOp>() == role; });
}

void mixc::gpu::workBehindBarriers(RoleOp role) {
  role.walk([&](BarrierOp barrier) {
    while (Operation *before = barrier->getPrevNode()) {
      if (!isRegisterWork(before, role))
        break;
      barrier->moveBefore(before);
    }
  });
}
