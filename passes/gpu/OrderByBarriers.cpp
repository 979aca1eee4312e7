// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The order of a kernel's ops that needs the fewest barriers of the block. What is written to shared memory before the same barrier, by
// chains that do not depend on each other, stands together; everything else is computed right before the first of its users.

#include "../family/Occupancy.h"
#include "Accesses.h"
#include "ConvertKernel.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

namespace {

struct Need {
  unsigned node;
  bool barrier; ///< what it did must reach other warps
};

/// An op of a run without barriers, waits or branches of its own.
struct Node {
  Operation *op;
  SmallVector<Access> accesses;
  SmallVector<Need> needs;             ///< ops before it that must stay before it
  bool root = false;                   ///< not just computed right before the first of its users
  int64_t phase = -1;                  ///< barriers before it, once it is placed
  SmallVector<unsigned> narrowed = {}; ///< all work on its registers, if that makes narrow ones of them
};

/// A buffer that the run alone uses.
struct Buffer {
  int64_t bytes = 0;
  unsigned uses = 0, left = 0; ///< ops that use it, and those that are not placed yet
};

class Run {
public:
  Run(ArrayRef<Operation *> ops, int64_t limit) : limit(limit) {
    for (Operation *op : ops)
      indices[op] = nodes.size(), nodes.push_back({op, accessesOf(op), {}});
    for (unsigned i = 0; i < nodes.size(); ++i)
      connect(i);
    for (Operation *op : ops)
      if (auto alloc = dyn_cast<AllocOp>(op))
        countUses(alloc);
  }

  /// Phase by phase, all that can be done before the next barrier, in the order in which it stood; buffers that live at the same time take
  /// at most `limit` bytes.
  SmallVector<Operation *> order() {
    unsigned left = llvm::count_if(nodes, [](const Node &node) { return node.root; });
    for (; left > 0; ++phase, freed = 0) {
      unsigned before = left;
      for (unsigned i = 0; i < nodes.size(); ++i)
        if (nodes[i].root && nodes[i].phase < 0 && isReady(i) && fits(nodes[i])) {
          place(i);
          --left;
        }
      live -= freed;
      if (left == before) { // no room, or what it needs would never be computed for others first
        place(std::distance(nodes.begin(), llvm::find_if(nodes, [](const Node &node) { return node.root && node.phase < 0; })));
        --left;
      }
    }
    for (unsigned i = 0; i < nodes.size(); ++i)
      place(i);
    return std::move(ordered);
  }

private:
  static bool touchesDevice(Operation *op) { return isa<LoadOp, StoreOp, WriteOp>(op); }

  /// Whether the later access waits for the earlier one, and whether for other warps too.
  static std::pair<bool, bool> waits(const Access &earlier, const Access &later) {
    if ((!earlier.writes && !later.writes) || earlier.buffer != later.buffer || earlier.slot != later.slot)
      return {false, false};
    return {true, !earlier.isOfSameWarp(later)};
  }

  void connect(unsigned i) {
    Node &node = nodes[i];
    node.root = touchesDevice(node.op) || isa<ContractOp>(node.op) ||
                llvm::any_of(node.accesses, [](const Access &access) { return access.writes; });
    node.op->walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        if (Operation *def = operand.getDefiningOp())
          if (auto found = indices.find(def); found != indices.end() && found->second < i) {
            node.needs.push_back({found->second, false});
            if (llvm::all_of(def->getUsers(), [&](Operation *user) { return isNarrowing(user, def); }))
              nodes[found->second].narrowed.push_back(i);
          }
    });
    for (unsigned j = 0; j < i; ++j) {
      if (touchesDevice(node.op) && touchesDevice(nodes[j].op))
        node.needs.push_back({j, false});
      for (const Access &earlier : nodes[j].accesses)
        for (const Access &later : node.accesses)
          if (auto [any, barrier] = waits(earlier, later); any)
            node.needs.push_back({j, barrier});
    }
  }

  /// Whether the map makes narrower elements of as many wide ones.
  static bool isNarrowing(Operation *op, Operation *earlier) {
    auto map = op->getParentOfType<RoleOp>() ? dyn_cast<MapOp>(op) : MapOp(); // all warps of a block have registers to spare
    auto from = earlier->getNumResults() == 1 ? dyn_cast<FragmentType>(earlier->getResult(0).getType()) : FragmentType();
    auto to = map ? ::cast<FragmentType>(map.getResult().getType()) : FragmentType();
    return to && from && !map.getDeferred() && to.getShape() == from.getShape() &&
           to.getElementType().getIntOrFloatBitWidth() < from.getElementType().getIntOrFloatBitWidth();
  }

  void countUses(AllocOp alloc) {
    Buffer buffer;
    for (Node &node : nodes)
      buffer.uses += llvm::any_of(node.accesses, [&](const Access &access) { return access.buffer == alloc; });
    auto type = ::cast<SharedType>(alloc.getBuffer().getType());
    buffer.bytes = type.getBytes() * type.getStages();
    buffer.left = buffer.uses;
    buffers[alloc] = buffer;
  }

  /// Whether no barrier is needed before the op and what is computed for it.
  bool isReady(unsigned i) const {
    return llvm::all_of(nodes[i].needs, [&](const Need &need) {
      const Node &earlier = nodes[need.node];
      if (earlier.phase >= 0)
        return !need.barrier || earlier.phase < phase;
      return !need.barrier && !earlier.root && isReady(need.node);
    });
  }

  bool fits(const Node &node) const {
    int64_t more = 0;
    for (const Access &access : node.accesses)
      if (auto found = buffers.find(access.buffer); found != buffers.end() && found->second.left == found->second.uses)
        more += found->second.bytes;
    return more == 0 || live + more <= limit;
  }

  void place(unsigned i) {
    if (nodes[i].phase >= 0)
      return;
    nodes[i].phase = phase;
    for (const Need &need : nodes[i].needs)
      place(need.node);
    ordered.push_back(nodes[i].op);
    SmallPtrSet<Operation *, 4> seen;
    for (const Access &access : nodes[i].accesses) {
      auto found = buffers.find(access.buffer);
      if (found == buffers.end() || !seen.insert(access.buffer).second)
        continue;
      Buffer &buffer = found->second;
      if (buffer.left == buffer.uses)
        live += buffer.bytes;
      if (--buffer.left == 0) // others may still use it until the next barrier
        freed += buffer.bytes;
    }
    for (unsigned j : nodes[i].narrowed)
      if (nodes[j].phase < 0 && !nodes[j].root && isReady(j))
        place(j);
  }

  int64_t limit, live = 0, freed = 0, phase = 0;
  SmallVector<Node> nodes;
  DenseMap<Operation *, unsigned> indices;
  DenseMap<Operation *, Buffer> buffers;
  SmallVector<Operation *> ordered;
};

} // namespace

/// Ops that can stand elsewhere in a run; all others end it.
static bool canMove(Operation *op) {
  return isa<AllocOp, PutOp, SumOp, SpansOp, SolveOp, MapOp, ContractOp, GuardOp, SinceResetOp, LoadOp, StoreOp, WriteOp>(op) ||
         (op->getNumRegions() == 0 && isMemoryEffectFree(op) && !op->hasTrait<OpTrait::IsTerminator>());
}

static void orderByBarriers(Block &block, int64_t limit) {
  SmallVector<Operation *> run;
  auto finish = [&](Operation *end) {
    for (Operation *op : Run(run, limit).order())
      op->moveBefore(end);
    run.clear();
  };
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (canMove(&op)) {
      run.push_back(&op);
      continue;
    }
    finish(&op);
    if (isa<scf::ForOp, scf::IfOp>(op))
      for (Region &region : op.getRegions())
        for (Block &inner : region)
          orderByBarriers(inner, limit);
  }
}

namespace {
/// The order of the ops of a kernel's blocks.
struct Order {
  SmallVector<std::pair<Block *, SmallVector<Operation *>>> blocks;

  explicit Order(KernelOp kernel) {
    kernel.walk([&](Block *block) {
      blocks.push_back({block, {}});
      for (Operation &op : *block)
        blocks.back().second.push_back(&op);
    });
  }
  void restore() const {
    for (const auto &[block, ops] : blocks)
      for (Operation *op : ops)
        op->moveBefore(block, block->end());
  }
};
} // namespace

/// The most bytes of a block of which so many fit.
static int64_t largestOf(int64_t blocks, int64_t budget) { return (budget + 1024) / blocks - 1024; }

/// Elements of the fragments that an outermost loop carries, of the loop with most of them.
static int64_t carriedElements(KernelOp kernel) {
  int64_t most = 0;
  for (auto loop : kernel.getBody().getOps<scf::ForOp>()) {
    int64_t elements = 0;
    for (Type type : loop.getResultTypes())
      if (auto fragment = dyn_cast<FragmentType>(type))
        elements += ShapedType::getNumElements(fragment.getShape());
    most = std::max(most, elements);
  }
  return most;
}

static void forgetPlaces(KernelOp kernel) {
  kernel.walk([](AllocOp alloc) { alloc.setOffset(-1); });
}

/// The blocks whose ops are put in order: that of a kernel without roles, those of roles with memory of their own.
static SmallVector<Block *> orderedBlocks(KernelOp kernel) {
  SmallVector<Block *> blocks;
  for (auto role : kernel.getBody().getOps<RoleOp>())
    if (hasOwnMemory(role))
      blocks.push_back(&role.getBody().front());
  if (kernel.getBody().getOps<RoleOp>().empty())
    blocks.push_back(&kernel.getBody().front());
  return blocks;
}

/// What the blocks have besides the buffers of those that are put in order, and how many groups have these.
static std::pair<int64_t, int64_t> fixedBytes(KernelOp kernel, int64_t bytes) {
  int64_t groups = 1;
  for (auto role : kernel.getBody().getOps<RoleOp>())
    if (const int64_t own = role.getOwnBytes()) {
      groups = role.getParts();
      bytes -= own * groups;
    }
  return {kernel.getBody().getOps<RoleOp>().empty() ? 0 : bytes, groups};
}

int64_t mixc::gpu::orderAndPlanMemory(KernelOp kernel, int64_t budget) {
  const Order original(kernel);
  const int64_t plain = planSharedMemory(kernel, budget);
  const SmallVector<Block *> ordered = orderedBlocks(kernel);
  if (plain > budget || ordered.empty())
    return plain;
  const int64_t blocks = std::min(blocksPerUnit(plain, budget), blocksByRegisters(kernel.getThreads(), carriedElements(kernel)));
  const int64_t most = largestOf(blocks, budget);
  const auto [fixed, groups] = fixedBytes(kernel, plain);
  constexpr int64_t kSteps = 8;
  for (int64_t step = kSteps; step > 0; --step) {
    forgetPlaces(kernel);
    for (Block *block : ordered)
      orderByBarriers(*block, (most - fixed) / groups * step / kSteps);
    if (const int64_t bytes = planSharedMemory(kernel, budget); bytes <= most)
      return bytes;
    original.restore();
  }
  return planSharedMemory(kernel, budget);
}
