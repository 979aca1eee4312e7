// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernels for sm_90a: the warps of a block have roles. One thread fetches the tiles of coming chunks and another one writes results
// back, some warps take turns to compute a chunk's small tiles (the decays), one warpgroup computes what products need that does not
// depend on the state (the weights), and one warpgroup for each part does the rest, its state in registers. They meet at barriers in
// shared memory: `full` says that a stage holds a chunk, `decayed` (or `full`, where each part has a warp for them) that its decays
// are there, `weighted` its weights, `empty` that all have read it. Each role does the work of one block after the other, so that
// the next one's chunks are fetched while this one's last are computed.

#include "Roles.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// Registers of a thread that fetches or computes decays, if there are plenty and if not; of one that computes weights (the least);
/// of one that computes the rest, however small the state is.
static constexpr int64_t kManyHelperRegisters = 56, kHelperRegisters = 40, kWeightRegisters = 104, kLeastComputeRegisters = 152;
/// An operand of a product lies in rows of 128 bytes; its columns are a multiple of what a product takes at a time.
static constexpr int64_t kRowBytes = 128, kColumnUnit = 16;

/// The loop over chunks, if the kernel has one.
static scf::ForOp chunkLoop(tile::KernelOp kernel, const Placement &placement) {
  for (auto loop : kernel.getBody().front().getOps<scf::ForOp>())
    for (auto load : loop.getBody()->getOps<tile::LoadOp>())
      if (placement.isStaged(load.getTile()))
        return loop;
  return {};
}

bool KernelConverter::hasRoles() { return warpgroups > 0 && chunkLoop(source, placement); }

/// Stages and other tiles that bulk copies or wgmma read: rows, or panels, of 128 bytes, swizzled.
FailureOr<SharedType> KernelConverter::operandType(RankedTensorType type, int64_t stages, Location loc) {
  ArrayRef<int64_t> shape = type.getShape();
  int64_t row = -1, width = type.getElementTypeBitWidth() / 8;
  for (int64_t d = 0; d + 1 < type.getRank(); ++d)
    if (shape[d] > 1)
      row = row < 0 ? d : type.getRank();
  if (type.getElementType().isF32() || row < 0 || row >= type.getRank() || shape.back() % kColumnUnit != 0) {
    emitError(loc) << "expected a 16-bit tile of rows and a multiple of " << kColumnUnit << " columns for a warpgroup, got " << type
                   << "; choose a plan without warpgroups";
    return failure();
  }
  int64_t panel = shape.back() * width == kRowBytes ? 0 : kRowBytes / width;
  return SharedType::get(type.getContext(), shape, type.getElementType(), row, stages, panel);
}

//===--- Scalars ---===//

/// The scalar ops before the loop. Every role has its own: values that live across all of them would take registers from each.
static SmallVector<Operation *> scalarsBefore(scf::ForOp loop) {
  SmallVector<Operation *> scalars;
  for (Operation &op : *loop->getBlock())
    if (op.getNumRegions() == 0 && llvm::none_of(op.getResults(), isTile) &&
        (isa<arith::ArithDialect>(op.getDialect()) || isa<tile::BlocksOp>(op)))
      scalars.push_back(&op);
  return scalars;
}

SetVector<Operation *> mixc::gpu::neededBefore(scf::ForOp loop, ArrayRef<Operation *> ops) {
  SetVector<Operation *> needed;
  std::function<void(Operation *)> visit = [&](Operation *op) {
    SetVector<Value> used(op->operand_begin(), op->operand_end());
    getUsedValuesDefinedAbove(op->getRegions(), used);
    for (Value value : used) {
      Operation *def = value.getDefiningOp();
      if (def && def->getBlock() == loop->getBlock() && def != loop && !needed.contains(def)) {
        visit(def);
        needed.insert(def);
      }
    }
  };
  for (Operation *op : ops)
    visit(op);
  SetVector<Operation *> ordered;
  for (Operation &op : *loop->getBlock())
    if (needed.contains(&op))
      ordered.insert(&op);
  return ordered;
}

//===--- Roles ---===//

RoleOp KernelConverter::openRole(StringRef name, int64_t first, int64_t warps, int64_t parts, int64_t registers, bool single) {
  auto role = RoleOp::create(b, source.getLoc(), b.getStringAttr(name), b.getI32IntegerAttr(first), b.getI32IntegerAttr(warps),
                             b.getI32IntegerAttr(parts), b.getI32IntegerAttr(registers), single ? b.getUnitAttr() : UnitAttr());
  Block *body = b.createBlock(&role.getBody(), {}, {b.getIndexType()}, {source.getLoc()});
  b.setInsertionPointToStart(body);
  return role;
}

bool KernelConverter::feedsProduct(Value tile) {
  return llvm::any_of(tile.getUses(), [](OpOperand &use) {
    return isa<linalg::ContractOp>(use.getOwner()) && use.getOperandNumber() < 2;
  });
}

/// This part's of buffers that all parts have.
Value KernelConverter::allocForPart(SharedType type, Location loc) {
  Value all;
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&dest.getBody().front());
    auto ring = SharedType::get(b.getContext(), type.getShape(), type.getElementType(), type.getSwizzle(), parts, type.getPanel());
    all = AllocOp::create(b, loc, ring, int64_t(-1));
  }
  return SlotOp::create(b, loc, type, all, part);
}

/// Names the part, and the scalars before the loop.
void KernelConverter::bindPart(Roles &roles, Value number) {
  source.walk([&](tile::PartOp op) { map.map(op.getResult(), number); });
  for (Operation *op : roles.scalars)
    b.clone(*op, map);
}

/// Work of the loop that does not depend on what it carries: products, and what is computed from them, if other products read that
/// in shared memory only.
void KernelConverter::findWeights(Roles &roles) {
  SetVector<Operation *> carried, early;
  for (Operation &op : roles.loop.getBody()->without_terminator()) {
    SetVector<Value> used(op.operand_begin(), op.operand_end());
    getUsedValuesDefinedAbove(op.getRegions(), used);
    bool fromProduct = false, fromState = false;
    for (Value value : used) {
      Operation *def = value.getDefiningOp();
      fromState |= (def && carried.contains(def)) || llvm::is_contained(roles.loop.getRegionIterArgs(), value);
      fromProduct |= def && early.contains(def);
    }
    if (fromState)
      carried.insert(&op);
    else if (isa<linalg::ContractOp>(op) || (fromProduct && isa<linalg::GenericOp>(op)))
      early.insert(&op);
  }
  for (Operation *op : early)
    for (OpOperand &use : op->getResult(0).getUses()) {
      if (early.contains(use.getOwner()))
        continue;
      auto product = dyn_cast<linalg::ContractOp>(use.getOwner());
      if (!product || use.getOperandNumber() == 2 || staysInRegisters(use.get(), product))
        return; // a register would have to change hands
      roles.weightTiles.insert(op->getResult(0));
    }
  roles.weights = early;
}

/// The weights' warpgroup has what is loaded, small tiles, constants and the weights themselves; it makes no other tile.
LogicalResult KernelConverter::checkWeights(const Roles &roles) {
  for (Operation *op : roles.weights) {
    SetVector<Value> used(op->operand_begin(), op->operand_end());
    getUsedValuesDefinedAbove(op->getRegions(), used);
    for (Value value : used) {
      Operation *def = value.getDefiningOp();
      auto load = dyn_cast_if_present<tile::LoadOp>(def);
      bool known = def && (roles.weights.contains(def) || roles.ahead.chain.contains(def) || isa<tensor::EmptyOp>(def) ||
                           (load && llvm::is_contained(roles.ahead.staged, load)));
      if (isTile(value) && !known && !splatOf(value))
        return (def ? def : op)->emitOpError("expected products of tiles that are loaded as they are, got a computed one; make it an "
                                             "argument, or choose a plan without warpgroups");
    }
  }
  return success();
}

//===--- The kernel ---===//

int64_t mixc::gpu::stateRegisters(scf::ForOp loop) {
  int64_t state = 0;
  for (Value arg : loop.getRegionIterArgs())
    if (auto type = dyn_cast<RankedTensorType>(arg.getType()))
      state += type.getNumElements() / (kLanes * kWarpgroup);
  return state;
}

namespace {
/// Threads of a block, and registers of a thread in each role; 0 leaves what it has at launch.
struct Registers {
  int64_t threads, helping = 0, weighing = 0, computing = 0;
  /// All parts' decays take the registers of more than one part's.
  bool plenty = true;
};
} // namespace

/// Registers that the others do not need go to those who compute.
static Registers shareRegisters(scf::ForOp loop, int64_t warpgroups, bool weights) {
  int64_t groups = warpgroups + (weights ? 2 : 1);
  Registers shares{32 * kWarpgroup * groups};
  int64_t atLaunch = kRegisterFile / shares.threads / 8 * 8;
  if (atLaunch >= kMostRegistersOfThread)
    return shares;
  int64_t all = atLaunch * groups, least = weights ? kWeightRegisters : 0;
  int64_t wanted = kMostRegistersOfThread;
  if (weights && warpgroups > 1)
    wanted = std::max<int64_t>(llvm::alignTo(stateRegisters(loop) + kComputeRegisters, 8), kLeastComputeRegisters);
  shares.plenty = !weights || warpgroups == 1 || all - kManyHelperRegisters - least >= warpgroups * wanted;
  shares.helping = shares.plenty ? kManyHelperRegisters : kHelperRegisters;
  int64_t rest = all - shares.helping;
  shares.computing = std::min({(rest - least) / warpgroups / 8 * 8, wanted, kMostRegistersOfThread});
  if (weights)
    shares.weighing = std::min((rest - shares.computing * warpgroups) / 8 * 8, kMostRegistersOfThread);
  return shares;
}

LogicalResult KernelConverter::runWithRoles() {
  Location loc = source.getLoc();
  Roles roles;
  parts = warpgroups;
  roles.loop = chunkLoop(source, placement);
  roles.scalars = scalarsBefore(roles.loop);
  roles.ahead = loadsAhead(roles.loop);
  findChain(roles.ahead, roles.loop);
  for (auto load : roles.loop.getBody()->getOps<tile::LoadOp>())
    if (!llvm::is_contained(roles.ahead.staged, load) && !llvm::is_contained(roles.ahead.small, load))
      return load.emitOpError("expected an address that follows from the chunk's number; choose a plan without warpgroups");
  // What the small tiles hand on goes through shared memory, to other warps.
  roles.ahead.chainShared.clear();
  roles.ahead.chainFragments.clear();
  for (Operation *op : roles.ahead.chain)
    for (Value result : op->getResults())
      if (llvm::any_of(result.getUsers(), [&](Operation *user) { return !roles.ahead.chain.contains(user); }) ||
          llvm::any_of(result.getUses(), [&](OpOperand &use) { return !readsAsFragment(use); }))
        roles.ahead.chainShared.push_back(result);
  for (tile::LoadOp load : roles.ahead.staged) {
    FailureOr<SharedType> type = operandType(::cast<RankedTensorType>(load.getTile().getType()), 1, load.getLoc());
    if (failed(type))
      return failure();
    SetVector<Operation *> slice = neededBefore(roles.loop, {load});
    for (Operation *op : roles.ahead.slice)
      for (Operation *needed : neededBefore(roles.loop, {op}))
        if (llvm::is_contained(load->getOperands(), op->getResult(0)))
          slice.insert(needed);
    bool own = llvm::any_of(slice, [](Operation *op) { return isa<tile::PartOp>(op); });
    if (own)
      roles.own.insert(load);
    auto ring = SharedType::get(b.getContext(), type->getShape(), type->getElementType(), type->getSwizzle(),
                                stages * (own ? warpgroups : 1), type->getPanel());
    roles.ahead.buffers.push_back(AllocOp::create(b, load.getLoc(), ring, int64_t(-1)));
  }
  for (Value tile : roles.ahead.chainShared)
    roles.smallBuffers[tile] = AllocOp::create(b, tile.getLoc(), sharedType(tile, stages * warpgroups), int64_t(-1));
  findWeights(roles);
  if (failed(checkWeights(roles)))
    return failure();
  for (Value tile : roles.weightTiles) {
    FailureOr<SharedType> type = operandType(::cast<RankedTensorType>(tile.getType()), stages * warpgroups, tile.getLoc());
    if (failed(type))
      return failure();
    weightBuffers[tile] = AllocOp::create(b, tile.getLoc(), *type, int64_t(-1));
  }
  int64_t readers = warpgroups + (roles.weights.empty() ? 0 : 1);
  Registers registers = shareRegisters(roles.loop, warpgroups, !roles.weights.empty());
  roles.decayTurns = registers.plenty;
  auto barriers = MbarriersType::get(b.getContext(), stages);
  bool chain = !roles.ahead.chain.empty();
  roles.full = MbarriersOp::create(b, loc, barriers, int64_t(-1), int32_t(chain && !roles.decayTurns ? 1 + kLanes * warpgroups : 1));
  if (chain && roles.decayTurns)
    roles.decayed = MbarriersOp::create(b, loc, barriers, int64_t(-1), int32_t(kLanes));
  roles.empty = MbarriersOp::create(b, loc, barriers, int64_t(-1), int32_t(kLanes * kWarpgroup * readers));
  for (auto store : roles.loop.getBody()->getOps<tile::StoreOp>()) {
    FailureOr<SharedType> type = storedType(store);
    if (failed(type))
      return failure();
    for (Value operand : store->getOperands().drop_front())
      if (!collectSlice(operand, roles.loop, roles.ahead.slice))
        return store.emitOpError("expected an address that follows from the chunk's number; choose a plan without warpgroups");
    auto each = MbarriersType::get(b.getContext(), warpgroups);
    handovers[store] = {AllocOp::create(b, loc, *type, int64_t(-1)), MbarriersOp::create(b, loc, each, int64_t(-1), int32_t(kLanes * kWarpgroup)),
                        MbarriersOp::create(b, loc, each, int64_t(-1), int32_t(1))};
    roles.stores.push_back(store);
  }
  if (!roles.weights.empty())
    roles.weighted = MbarriersOp::create(b, loc, MbarriersType::get(b.getContext(), stages * warpgroups), int64_t(-1), int32_t(kLanes * kWarpgroup));
  BarrierOp::create(b, loc, /*warp=*/false);
  dest.setThreads(registers.threads);
  {
    OpBuilder::InsertionGuard guard(b);
    openRole("helpers", 0, kWarpgroup, 1, registers.helping, /*single=*/false);
    if (failed(emitFetcher(roles)) || (chain && failed(emitSmallTiles(roles))) || (!roles.stores.empty() && failed(emitFlusher(roles))))
      return failure();
  }
  if (!roles.weights.empty() && failed(emitWeights(roles, registers.weighing)))
    return failure();
  if (failed(emitComputing(roles, registers.computing)))
    return failure();
  ReturnOp::create(b, loc);
  return success();
}
