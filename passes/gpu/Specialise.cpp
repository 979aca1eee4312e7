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

/// Tiles that bulk copies or wgmma can read in shared memory have rows, or panels, of 128 bytes, swizzled. None if it cannot be laid
/// out so.
static std::optional<SharedType> operandTypeOf(RankedTensorType type, int64_t stages) {
  ArrayRef<int64_t> shape = type.getShape();
  int64_t row = -1, width = type.getElementTypeBitWidth() / 8;
  for (int64_t d = 0; d + 1 < type.getRank(); ++d)
    if (shape[d] > 1)
      row = row < 0 ? d : type.getRank();
  if (type.getElementType().isF32() || row < 0 || row >= type.getRank() || shape.back() % kColumnUnit != 0)
    return std::nullopt;
  int64_t panel = shape.back() * width == kRowBytes ? 0 : kRowBytes / width;
  return SharedType::get(type.getContext(), shape, type.getElementType(), row, stages, panel);
}

/// Whether a transfer's limit along a tile's dimension is the tensor's end or beyond the tile: all that a bulk copy knows of.
template <typename Op> static bool endsWithTensor(tile::KernelOp kernel, Op op, MemRefType memref, int64_t k, int64_t size) {
  int64_t dim = op.getDims()[k];
  OpFoldResult limit = op.getMixedLimits()[k], offset = op.getMixedOffsets()[dim];
  std::optional<int64_t> end = memref.isDynamicDim(dim) ? std::nullopt : std::optional(memref.getDimSize(dim)),
                         from = getConstantIntValue(offset);
  if (std::optional<int64_t> most = getConstantIntValue(limit))
    return *most >= size || (end && from && *most >= *end - *from);
  auto left = ::cast<Value>(limit).getDefiningOp<arith::SubIOp>();
  if (!left || OpFoldResult(left.getRhs()) != offset)
    return false;
  if (std::optional<int64_t> all = getConstantIntValue(left.getLhs()))
    return end && *all >= *end;
  auto argument = dyn_cast<BlockArgument>(left.getLhs());
  return !end && argument && argument.getOwner() == &kernel.getBody().front() && argument.getArgNumber() == tile::KernelOp::kLength;
}

/// Whether a tensor map can describe a transfer of the tile: a tensor of the caller's, whose last dimension is the tile's, to its end.
template <typename Op> static bool canMap(tile::KernelOp kernel, Op op, Value memref, RankedTensorType tile, ArrayRef<int64_t> dims) {
  auto argument = dyn_cast<BlockArgument>(memref);
  auto type = ::cast<MemRefType>(memref.getType());
  auto program = kernel->getParentOfType<tile::ProgramOp>();
  int64_t tensors = kernel.getBody().getNumArguments() - (program ? program.getBuffers().size() : 0);
  if (!argument || argument.getArgNumber() >= tensors || dims.empty() || !llvm::is_sorted(dims) || dims.back() + 1 != type.getRank())
    return false;
  return llvm::all_of(llvm::enumerate(tile.getShape()),
                      [&](auto size) { return endsWithTensor(kernel, op, type, size.index(), size.value()); });
}

/// Whether a bulk copy can fetch it.
static bool canFetch(tile::KernelOp kernel, tile::LoadOp load) {
  auto tile = ::cast<RankedTensorType>(load.getTile().getType());
  return canMap(kernel, load, load.getSource(), tile, load.getDims()) && operandTypeOf(tile, 1);
}

/// The loop over chunks, if the kernel has one.
static scf::ForOp chunkLoop(tile::KernelOp kernel, const Placement &placement) {
  for (auto loop : kernel.getBody().front().getOps<scf::ForOp>())
    for (auto load : loop.getBody()->getOps<tile::LoadOp>()) {
      SetVector<Operation *> slice;
      if (placement.isStaged(load.getTile()) && canFetch(kernel, load) &&
          llvm::all_of(load->getOperands(), [&](Value v) { return collectSlice(v, loop, slice); }))
        return loop;
    }
  return {};
}

bool KernelConverter::hasRoles() { return warpgroups > 0 && chunkLoop(source, placement); }

FailureOr<SharedType> KernelConverter::operandType(RankedTensorType type, int64_t stages, Location loc) {
  if (std::optional<SharedType> made = operandTypeOf(type, stages))
    return *made;
  emitError(loc) << "expected a 16-bit tile of rows and a multiple of " << kColumnUnit << " columns for a warpgroup, got " << type
                 << "; choose a plan without warpgroups";
  return failure();
}

/// Stages of a tile that is copied: an operand of products of a warpgroup, or a tile like another.
SharedType KernelConverter::stageType(Value tile, int64_t ofStages) {
  auto type = ::cast<RankedTensorType>(tile.getType());
  if (std::optional<SharedType> operand = part && feedsProduct(tile) ? operandTypeOf(type, ofStages) : std::nullopt)
    return *operand;
  return sharedType(tile, ofStages);
}

/// What a store's tile is in shared memory, if a bulk copy can write it back from there.
std::optional<SharedType> KernelConverter::storedType(tile::StoreOp op) {
  SmallVector<int64_t> shape, dims;
  for (int64_t d : memoryOrder(op.getDims())) {
    shape.push_back(::cast<RankedTensorType>(op.getTile().getType()).getShape()[d]);
    dims.push_back(op.getDims()[d]);
  }
  Type element = ::cast<MemRefType>(op.getDest().getType()).getElementType();
  std::optional<SharedType> type = operandTypeOf(RankedTensorType::get(shape, element), warpgroups);
  bool wholePanels = type && shape.back() % type->getRow() == 0;
  return wholePanels && canMap(source, op, op.getDest(), ::cast<RankedTensorType>(op.getTile().getType()), dims) ? type : std::nullopt;
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
      if (def && def->getBlock() == loop->getBlock() && def->isBeforeInBlock(loop) && !needed.contains(def)) {
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

void KernelConverter::findWeights(Roles &roles) {
  auto isShared = [&](Value tile) {
    Operation *def = tile.getDefiningOp();
    return llvm::is_contained(roles.ahead.chainShared, tile) || llvm::is_contained(roles.ahead.staged, def);
  };
  auto canLoad = [&](tile::LoadOp load) { // once for all parts
    return !placement.isStaged(load.getTile()) && !dependsOnPart(roles, load);
  };
  auto canHandOver = [&](Value tile) { return operandTypeOf(::cast<RankedTensorType>(tile.getType()), 1).has_value(); };
  roles.early = findEarlyWork(roles.loop, {isShared, canLoad, canHandOver});
}

/// Whether an op of the loop has, by its scalars, another meaning for another part.
bool KernelConverter::dependsOnPart(Roles &roles, Operation *op) {
  SetVector<Operation *> inLoop, before = neededBefore(roles.loop, {op});
  for (Value operand : op->getOperands())
    collectSlice(operand, roles.loop, inLoop);
  for (Operation *scalar : inLoop)
    before.insert_range(neededBefore(roles.loop, {scalar}));
  return llvm::any_of(before, llvm::IsaPred<tile::PartOp>);
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
  // What no bulk copy can fetch is loaded by those who read it.
  llvm::erase_if(roles.ahead.staged, [&](tile::LoadOp load) { return !canFetch(source, load); });
  findChain(roles.ahead, roles.loop);
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
    bool own = dependsOnPart(roles, load);
    if (own)
      roles.own.insert(load);
    auto ring = SharedType::get(b.getContext(), type->getShape(), type->getElementType(), type->getSwizzle(),
                                stages * (own ? warpgroups : 1), type->getPanel());
    roles.ahead.buffers.push_back(AllocOp::create(b, load.getLoc(), ring, int64_t(-1)));
  }
  for (Value tile : roles.ahead.chainShared)
    roles.smallBuffers[tile] = AllocOp::create(b, tile.getLoc(), sharedType(tile, stages * warpgroups), int64_t(-1));
  findWeights(roles);
  for (Value tile : roles.early.handedOver) {
    FailureOr<SharedType> type = operandType(::cast<RankedTensorType>(tile.getType()), stages * warpgroups, tile.getLoc());
    if (failed(type))
      return failure();
    weightBuffers[tile] = AllocOp::create(b, tile.getLoc(), *type, int64_t(-1));
  }
  int64_t readers = warpgroups + (roles.early.ops.empty() ? 0 : 1);
  Registers registers = shareRegisters(roles.loop, warpgroups, !roles.early.ops.empty());
  roles.decayTurns = registers.plenty;
  auto barriers = MbarriersType::get(b.getContext(), stages);
  bool chain = !roles.ahead.chain.empty();
  roles.full = MbarriersOp::create(b, loc, barriers, int64_t(-1), int32_t(chain && !roles.decayTurns ? 1 + kLanes * warpgroups : 1));
  if (chain && roles.decayTurns)
    roles.decayed = MbarriersOp::create(b, loc, barriers, int64_t(-1), int32_t(kLanes));
  roles.empty = MbarriersOp::create(b, loc, barriers, int64_t(-1), int32_t(kLanes * kWarpgroup * readers));
  for (auto store : roles.loop.getBody()->getOps<tile::StoreOp>()) {
    std::optional<SharedType> type = storedType(store);
    SetVector<Operation *> slice = roles.ahead.slice;
    // What no bulk copy can write is stored by those who have it.
    if (!type || !llvm::all_of(store->getOperands().drop_front(), [&](Value v) { return collectSlice(v, roles.loop, slice); }))
      continue;
    roles.ahead.slice = slice;
    auto each = MbarriersType::get(b.getContext(), warpgroups);
    handovers[store] = {AllocOp::create(b, loc, *type, int64_t(-1)),
                        MbarriersOp::create(b, loc, each, int64_t(-1), int32_t(kLanes * kWarpgroup)),
                        MbarriersOp::create(b, loc, each, int64_t(-1), int32_t(1))};
    roles.stores.push_back(store);
  }
  if (!roles.early.ops.empty())
    roles.weighted =
        MbarriersOp::create(b, loc, MbarriersType::get(b.getContext(), stages * warpgroups), int64_t(-1), int32_t(kLanes * kWarpgroup));
  BarrierOp::create(b, loc, /*warp=*/false);
  dest.setThreads(registers.threads);
  {
    OpBuilder::InsertionGuard guard(b);
    openRole("helpers", 0, kWarpgroup, 1, registers.helping, /*single=*/false);
    if (failed(emitFetcher(roles)) || (chain && failed(emitSmallTiles(roles))) || (!roles.stores.empty() && failed(emitFlusher(roles))))
      return failure();
  }
  if (!roles.early.ops.empty() && failed(emitWeights(roles, registers.weighing)))
    return failure();
  if (failed(emitComputing(roles, registers.computing)))
    return failure();
  ReturnOp::create(b, loc);
  return success();
}
