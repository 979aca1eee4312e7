// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Accesses.h"
#include "ConvertKernel.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

namespace {
/// A buffer and the ops, numbered in order, between which it holds data.
struct Lifetime {
  AllocOp buffer;
  int64_t bytes, begin, end, alignment, offset = 0;
};
} // namespace

static constexpr int64_t kAlignment = 128, kSwizzleAlignment = 1024, kBarrierBytes = 8;

/// The last op of the outermost loop around `user` that does not hold the buffer, or the user itself.
static Operation *lastUse(AllocOp buffer, Operation *user) {
  Operation *last = user;
  for (Operation *parent = user->getParentOp(); parent && !parent->isAncestor(buffer); parent = parent->getParentOp())
    if (isa<scf::ForOp>(parent))
      last = parent;
  return last;
}

static SmallVector<Lifetime> lifetimesOf(KernelOp kernel) {
  DenseMap<Operation *, int64_t> begins, ends;
  int64_t next = 0;
  std::function<void(Block &)> number = [&](Block &block) {
    for (Operation &op : block) {
      begins[&op] = next++;
      if (!isa<MapOp>(op))
        for (Region &region : op.getRegions())
          for (Block &inner : region)
            number(inner);
      ends[&op] = next++;
    }
  };
  number(kernel.getBody().front());
  SmallVector<Lifetime> lifetimes;
  DenseMap<Operation *, unsigned> indices;
  kernel.walk([&](AllocOp alloc) {
    auto type = ::cast<SharedType>(alloc.getBuffer().getType());
    indices[alloc] = lifetimes.size();
    // The pattern of a swizzle of 128 bytes, which bulk copies and wgmma go by, starts anew every 1024 bytes.
    int64_t alignment = type.getMask() == 7 && type.getBytes() % kSwizzleAlignment == 0 ? kSwizzleAlignment : kAlignment;
    lifetimes.push_back(
        {alloc, int64_t(llvm::alignTo(type.getBytes() * type.getStages(), kAlignment)), begins[alloc], ends[alloc], alignment});
  });
  auto use = [&](AllocOp buffer, Operation *user) {
    Lifetime &lifetime = lifetimes[indices[buffer]];
    lifetime.end = std::max(lifetime.end, ends[lastUse(buffer, user)]);
  };
  kernel.walk([&](Operation *op) {
    for (const Access &access : accessesOf(op))
      use(access.buffer, op);
    if (auto slot = dyn_cast<SlotOp>(op))
      if (auto buffer = slot.getBuffer().getDefiningOp<AllocOp>())
        use(buffer, op);
  });
  return lifetimes;
}

/// First fit, largest buffers first. Without `reuse` every buffer has its own place.
static int64_t place(MutableArrayRef<Lifetime> lifetimes, bool reuse) {
  SmallVector<const Lifetime *> placed;
  int64_t total = 0;
  for (Lifetime &lifetime : lifetimes) {
    // The lowest gap among the buffers that live at the same time.
    llvm::sort(placed, [](const Lifetime *a, const Lifetime *b) { return a->offset < b->offset; });
    int64_t offset = 0;
    for (const Lifetime *other : placed)
      if ((!reuse || (other->begin <= lifetime.end && lifetime.begin <= other->end)) && offset + lifetime.bytes > other->offset)
        offset = llvm::alignTo(std::max(offset, other->offset + other->bytes), lifetime.alignment);
    lifetime.offset = offset;
    placed.push_back(&lifetime);
    total = std::max(total, offset + lifetime.bytes);
  }
  return total;
}

bool mixc::gpu::hasOwnMemory(RoleOp role) {
  return role.walk([](AllocOp) { return WalkResult::interrupt(); }).wasInterrupted();
}

static void sortBySize(MutableArrayRef<Lifetime> lifetimes) {
  llvm::sort(lifetimes, [](const Lifetime &a, const Lifetime &b) { return std::tuple(-a.bytes, a.begin) < std::tuple(-b.bytes, b.begin); });
}

namespace {
/// What the groups of a role have of their own.
struct OwnMemory {
  RoleOp role;
  SmallVector<Lifetime> lifetimes;
  int64_t bytes = 0; ///< of a group
};
} // namespace

/// Places the buffers of roles that have memory of their own behind all others, which end at `total`. They share places: only one group
/// uses them.
static int64_t planOwnMemory(MutableArrayRef<OwnMemory> memories, int64_t total) {
  for (OwnMemory &own : memories) {
    sortBySize(own.lifetimes);
    own.bytes = llvm::alignTo(place(own.lifetimes, /*reuse=*/true), kSwizzleAlignment);
    const int64_t begin = llvm::alignTo(total, kSwizzleAlignment);
    for (Lifetime &lifetime : own.lifetimes)
      lifetime.buffer.setOffset(begin + lifetime.offset);
    own.role.setOwnBytes(own.bytes);
    total = begin + own.bytes * int64_t(own.role.getParts());
  }
  return total;
}

int64_t mixc::gpu::planSharedMemory(KernelOp kernel, int64_t budget) {
  SmallVector<Lifetime> lifetimes;
  SmallVector<OwnMemory> memories;
  for (const Lifetime &lifetime : lifetimesOf(kernel)) {
    auto role = lifetime.buffer->getParentOfType<RoleOp>();
    if (!role) {
      lifetimes.push_back(lifetime);
      continue;
    }
    auto own = llvm::find_if(memories, [&](const OwnMemory &own) { return own.role == role; });
    if (own == memories.end())
      own = memories.insert(own, {role, {}});
    own->lifetimes.push_back(lifetime);
  }
  sortBySize(lifetimes);
  int64_t apart = place(lifetimes, /*reuse=*/false), total = apart;
  // Sharing a place costs barriers: only where more blocks fit for it. Roles run at the same time.
  if (kernel.getBody().getOps<RoleOp>().empty()) {
    int64_t shared = place(lifetimes, /*reuse=*/true);
    if (apart <= budget && blocksPerUnit(shared, budget) == blocksPerUnit(apart, budget))
      place(lifetimes, /*reuse=*/false);
    else
      total = shared;
  }
  for (Lifetime &lifetime : lifetimes)
    lifetime.buffer.setOffset(lifetime.offset);
  total = planOwnMemory(memories, total);
  kernel.walk([&](MbarriersOp barriers) {
    barriers.setOffset(total);
    total += kBarrierBytes * ::cast<MbarriersType>(barriers.getBarriers().getType()).getCount();
  });
  // At the end, where each thread may keep the number of the block that it works on.
  WalkResult persistent = kernel.walk([](GridOp) { return WalkResult::interrupt(); });
  return persistent.wasInterrupted() ? total + kBlockNumberBytes * int64_t(kernel.getThreads()) : total;
}
