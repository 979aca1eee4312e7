// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Partition.h"
#include "../family/RoleRegisters.h"
#include "AheadWork.h"
#include "BulkTiles.h"
#include "ComputeOrder.h"
#include "EarlyWork.h"
#include "FactorWork.h"
#include "Regions.h"
#include "RoleTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

static bool isScalar(Operation *op) { return op->getNumRegions() == 0 && llvm::none_of(op->getResults(), isTile); }

SmallVector<Operation *> mixc::gpu::scalarsAround(tile::KernelOp kernel) {
  SetVector<Operation *> scalars;
  auto isKnown = [&](Value value) {
    Operation *def = value.getDefiningOp();
    return !def || isa<tile::PartOp>(def) || scalars.contains(def);
  };
  for (Operation &op : kernel.getBody().front())
    if (isScalar(&op) && llvm::all_of(op.getOperands(), isKnown) &&
        (isa<arith::ArithDialect, math::MathDialect>(op.getDialect()) ||
         isa<tile::BlocksOp, tile::BandsOp, tile::SequenceOp, tile::KeptOp, tile::SeedOp, tile::CopiedOp, tile::ReverseOp, tile::EarlierOp,
             tile::StepsOp>(op)))
      scalars.insert(&op);
  return scalars.takeVector();
}

/// The loops over chunks: they have products and load what `fetch` can take, for teams small tiles too, and the scalars around them are
/// known to every role.
static SmallVector<scf::ForOp> chunkLoops(tile::KernelOp kernel, const Placement &placement, int64_t teams) {
  const SmallVector<Operation *> scalars = scalarsAround(kernel);
  auto isKnown = [&](Value value) {
    Operation *def = value.getDefiningOp();
    return isTile(value) || !def || isa<tile::PartOp>(def) || llvm::is_contained(scalars, def);
  };
  auto isFetched = [&](scf::ForOp loop, tile::LoadOp load) {
    SetVector<Operation *> slice;
    return (placement.isStaged(load.getTile()) || (teams > 0 && placement.isSmall(load.getTile()))) && canFetch(kernel, load) &&
           llvm::all_of(load->getOperands(), [&](Value v) { return collectSlice(v, loop, slice); });
  };
  SmallVector<scf::ForOp> loops;
  for (auto loop : kernel.getBody().front().getOps<scf::ForOp>())
    if (!loop.getBody()->getOps<linalg::ContractOp>().empty() && llvm::all_of(usedBy(loop), isKnown) &&
        llvm::any_of(loop.getBody()->getOps<tile::LoadOp>(), [&](tile::LoadOp load) { return isFetched(loop, load); }))
      loops.push_back(loop);
  return loops;
}

SetVector<Operation *> mixc::gpu::neededBefore(scf::ForOp loop, ArrayRef<Operation *> ops) {
  SetVector<Operation *> needed;
  std::function<void(Operation *)> visit = [&](Operation *op) {
    for (Value value : usedBy(op)) {
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

namespace {
/// A #gpu_tile.work that is being made.
struct Work {
  SmallVector<Role> roles;
  bool eachPart = false, ahead = false;
  std::optional<int64_t> order;
  SmallVector<Type> through;
  Attribute held;
  bool isBy(Role role) const { return llvm::is_contained(roles, role); }
};

/// What of a loop over chunks is not left to `compute`.
struct LoopWork {
  scf::ForOp loop;
  AheadWork ahead;
  EarlyWork early;
  FactorWork factors;
  /// Whether nobody else does the op of the loop for `compute`, which then does it itself. A result that another role writes back is
  /// handed to it.
  bool isByCompute(Operation *op) const {
    return !ahead.chain.contains(op) && !factors.ops.contains(op) && (!early.ops.contains(op) || early.repeated.contains(op));
  }
};

class Partition {
public:
  Partition(tile::KernelOp kernel, ArrayRef<scf::ForOp> chunkLoops, const Placement &placement, const KernelPlan &plan)
      : kernel(kernel), stages(plan.stages), chunk(plan.chunk), parts(plan.parts), teams(plan.teams), rebalance(plan.rebalance),
        types(placement) {
    for (scf::ForOp loop : chunkLoops)
      loops.push_back({loop, {}, {}, {}});
    findBehind();
  }
  LogicalResult run();

private:
  // Each step takes what those before it left.
  void fetchTiles(LoopWork &own);
  void computeVectors(LoopWork &own);
  void computeEarly(LoopWork &own);
  void computeFactors(LoopWork &own);
  bool haveTeams() const;
  void flushResults(LoopWork &own);
  bool canFlush(tile::StoreOp store);
  LogicalResult makeTable();
  void computeRest();
  void shareScalars(LoopWork &own);
  LogicalResult checkOwners();
  LogicalResult checkOperands();
  LogicalResult checkProducts();
  void write();

  void assign(Operation *op, Role role);
  bool isBy(Operation *op, Role role) const;
  bool isHandedOver(Value tile) const;
  bool reaches(Value tile, Operation *user, Role role) const;
  void handOver(Value tile, SharedType stage);
  bool dependsOnPart(Operation *op);
  bool isOverChunks(Operation *op) const;
  void findBehind();
  bool isFromBehind(Operation *op) const;
  int64_t mostState() const;
  SetVector<Operation *> computedBefore();

  tile::KernelOp kernel;
  /// The loops over chunks, in order.
  SmallVector<LoopWork, 1> loops;
  /// Them, what around them follows from what they leave, and loads of what the kernel stores: `compute` alone knows these.
  DenseSet<Operation *> behind;
  int64_t stages, chunk, parts, teams;
  bool rebalance;
  TileTypes types;
  llvm::MapVector<Operation *, Work> work;
  SmallVector<RoleAttr> table;
};
} // namespace

void Partition::assign(Operation *op, Role role) {
  if (!isBy(op, role))
    work[op].roles.push_back(role);
}

bool Partition::isBy(Operation *op, Role role) const {
  auto found = work.find(op);
  return found != work.end() && found->second.isBy(role);
}

/// Lets the other roles find the tile in shared memory.
void Partition::handOver(Value tile, SharedType stage) {
  auto result = cast<OpResult>(tile);
  SmallVector<Type> &through = work[result.getOwner()].through;
  through.resize(result.getOwner()->getNumResults(), NoneType::get(tile.getContext()));
  through[result.getResultNumber()] = stage;
}

bool Partition::isHandedOver(Value tile) const {
  auto result = dyn_cast<OpResult>(tile);
  auto found = result ? work.find(result.getOwner()) : work.end();
  return found != work.end() && !found->second.through.empty() && isa<SharedType>(found->second.through[result.getResultNumber()]);
}

bool Partition::isOverChunks(Operation *op) const {
  return llvm::any_of(loops, [&](const LoopWork &own) { return own.loop == op; });
}

/// A load of what the kernel stores too: what a helper loads would wait for no store of `compute`, nor that for the load.
static bool isStoredToo(tile::LoadOp load) {
  WalkResult stores = load->getParentOfType<tile::KernelOp>().walk([&](tile::StoreOp store) -> WalkResult {
    return llvm::is_contained(othersOf(store), load.getOperation()) ? WalkResult::interrupt() : WalkResult::advance();
  });
  return stores.wasInterrupted();
}

void Partition::findBehind() {
  kernel.walk([&](tile::LoadOp load) {
    if (isStoredToo(load))
      behind.insert(load);
  });
  for (Operation &op : kernel.getBody().front())
    if (isOverChunks(&op) || isFromBehind(&op))
      behind.insert(&op);
}

bool Partition::isFromBehind(Operation *op) const {
  return llvm::any_of(usedBy(op), [&](Value value) {
    Operation *def = value.getDefiningOp();
    return def && behind.contains(def);
  });
}

/// Registers of a thread of `compute` for what a loop carries.
int64_t Partition::mostState() const {
  int64_t most = 0;
  for (const LoopWork &own : loops)
    most = std::max(most, stateRegisters(own.loop));
  return most;
}

/// Whether an op of a loop has, by its scalars, another meaning for another part.
bool Partition::dependsOnPart(Operation *op) {
  auto loop = cast<scf::ForOp>(op->getParentOp());
  SetVector<Operation *> inLoop, before = neededBefore(loop, {op});
  for (Value operand : op->getOperands())
    collectSlice(operand, loop, inLoop);
  for (Operation *scalar : inLoop)
    before.insert_range(neededBefore(loop, {scalar}));
  return llvm::any_of(before, llvm::IsaPred<tile::PartOp>);
}

/// `fetch` takes what a bulk copy can bring. The rest is loaded by those who read it.
void Partition::fetchTiles(LoopWork &own) {
  own.ahead = loadsAhead(own.loop, types.placement);
  if (teams > 0) // whose warps have no time for loads that a bulk copy can do
    own.ahead.staged.append(own.ahead.small);
  auto isBehind = [&](tile::LoadOp load) { return behind.contains(load); };
  llvm::erase_if(own.ahead.small, isBehind);
  llvm::erase_if(own.ahead.staged, [&](tile::LoadOp load) { return isBehind(load) || !canFetch(kernel, load); });
  for (tile::LoadOp load : own.ahead.staged) {
    assign(load, Role::Fetch);
    work[load].eachPart = dependsOnPart(load);
    handOver(load.getTile(), *bulkTypeOf(tileType(load.getTile())));
    if (!types.placement.isStaged(load.getTile()))
      types.findInShared(load.getTile());
  }
}

/// `vectors` takes the small tiles that follow from small loads; they all reach others through shared memory. Factors of products, which
/// are there in a form of their own, it leaves to those who multiply.
void Partition::computeVectors(LoopWork &own) {
  SetVector<Operation *> &chain = own.ahead.chain;
  findChain(own.ahead, own.loop, types, [&](Value tile) { return !feedsProduct(tile) && !isFromBehind(tile.getDefiningOp()); });
  for (Operation *op : chain) {
    assign(op, Role::Vectors);
    for (Value result : op->getResults())
      if (llvm::any_of(result.getUsers(), [&](Operation *user) { return !chain.contains(user); }) ||
          llvm::any_of(result.getUses(), [&](OpOperand &use) { return !types.readsAsFragment(use); }))
        handOver(result, types.shared(result, /*stages=*/1));
  }
  for (Operation *op : neededBefore(own.loop, chain.getArrayRef()))
    if (llvm::any_of(op->getResults(), isTile))
      assign(op, Role::Vectors);
}

/// `early` takes products that do not depend on the state; once for all parts, as long as nothing of one part's goes into them.
void Partition::computeEarly(LoopWork &own) {
  auto isShared = [&](Value tile) { return isHandedOver(tile); };
  auto canLoad = [&](tile::LoadOp load) {
    return !behind.contains(load) && !types.placement.isStaged(load.getTile()) && !dependsOnPart(load);
  };
  auto canHandOver = [&](Value tile) { return operandTypeOf(tileType(tile)).has_value(); };
  own.early = findEarlyWork(own.loop, {isShared, canLoad, canHandOver});
  auto isOfPart = [&](Operation *op) { return own.ahead.chain.contains(op) || (work.contains(op) && work[op].eachPart); };
  for (Operation *op : own.early.ops) {
    bool eachPart = llvm::any_of(usedBy(op), [&](Value operand) {
      Operation *def = operand.getDefiningOp();
      return def && isOfPart(def);
    });
    assign(op, Role::Early);
    work[op].eachPart = eachPart;
  }
  for (Value tile : own.early.handedOver)
    handOver(tile, *operandTypeOf(tileType(tile)));
}

/// `factors` takes all tiles that others read and that do not depend on the state; once for all parts, as long as nothing of one part's
/// goes into them.
void Partition::computeFactors(LoopWork &own) {
  auto isFetched = [&](Value tile) { return isHandedOver(tile); };
  auto isSmall = [&](tile::LoadOp load) { return types.placement.isSmall(load.getTile()); };
  own.factors = findFactorWork(own.loop, isFetched, isSmall, [&](Operation *op) { return behind.contains(op) || isFromBehind(op); });
  for (Operation *op : own.factors.ops) {
    bool eachPart = dependsOnPart(op) || llvm::any_of(usedBy(op), [&](Value operand) {
                      Operation *def = operand.getDefiningOp();
                      return def && work.contains(def) && work[def].eachPart;
                    });
    assign(op, Role::Factors);
    work[op].eachPart = eachPart;
  }
  for (Value tile : own.factors.handedOver) {
    std::optional<SharedType> operand = feedsProduct(tile) ? operandTypeOf(tileType(tile)) : std::nullopt;
    handOver(tile, operand.value_or(types.shared(tile, /*stages=*/1)));
  }
  for (Operation *op : neededBefore(own.loop, own.factors.ops.getArrayRef()))
    if (llvm::any_of(op->getResults(), isTile))
      assign(op, Role::Factors);
}

/// Whether there is work for the plan's teams. `compute` then stores its results itself: there are no helpers.
bool Partition::haveTeams() const {
  return llvm::any_of(loops, [](const LoopWork &own) { return !own.factors.ops.empty(); });
}

/// Whether a bulk copy can carry out the store: no later one of its loop may overtake it.
bool Partition::canFlush(tile::StoreOp store) {
  auto own = llvm::find_if(loops, [&](const LoopWork &own) { return own.loop == store->getParentOp(); });
  SetVector<Operation *> slice;
  return own != loops.end() && flushedType(kernel, store) && movesOn(store, own->loop) &&
         llvm::all_of(store->getOperands().drop_front(), [&](Value v) { return collectSlice(v, own->loop, slice); });
}

/// `flush` takes stores that bulk copies can carry out, all of a tensor. The rest is stored by those who have it.
void Partition::flushResults(LoopWork &own) {
  for (auto store : own.loop.getBody()->getOps<tile::StoreOp>()) {
    WalkResult others = kernel.walk([&](tile::StoreOp other) -> WalkResult {
      return tensorOf(other.getDest()) == tensorOf(store.getDest()) && !canFlush(other) ? WalkResult::interrupt() : WalkResult::advance();
    });
    auto isBeside = [&](Operation *other) { return isa<tile::StoreOp>(other) && other->getBlock() == store->getBlock(); };
    if (others.wasInterrupted() || llvm::any_of(othersOf(store), isBeside))
      continue;
    for (Value operand : store->getOperands().drop_front())
      collectSlice(operand, own.loop, own.ahead.slice);
    assign(store, Role::Flush);
    work[store].through = {*flushedType(kernel, store)};
  }
}

LogicalResult Partition::makeTable() {
  auto any = [&](auto has) { return llvm::any_of(loops, has); };
  const int64_t state = mostState(), used = haveTeams() ? teams : 0;
  if (used > 0 && !haveRegisters(parts, used, state, chunk, rebalance))
    return kernel.emitError("expected registers for ")
           << state << " of the state a thread beside " << used << " teams, " << parts << " parts and chunks of " << chunk
           << ", which a block does not have; choose " << (rebalance ? "" : "rebalance = true, ")
           << "fewer teams, a smaller chunk or family = portable";
  bool vectors = any([](const LoopWork &own) { return !own.ahead.chain.empty(); }),
       early = any([](const LoopWork &own) { return !own.early.ops.empty(); }),
       flush = llvm::any_of(work, [](auto &entry) { return entry.second.isBy(Role::Flush); });
  table = roleTable(kernel.getContext(), {parts, stages, used, chunk, vectors, early, flush, rebalance, state});
  return success();
}

/// The tiles before the loops that `compute` needs: of what their bodies read, of what follows the first, and what they start from.
SetVector<Operation *> Partition::computedBefore() {
  SmallVector<Operation *> users, inits;
  for (LoopWork &own : loops) {
    for (Operation &op : *own.loop.getBody())
      if (own.isByCompute(&op))
        users.push_back(&op);
    for (Value init : own.loop.getInitArgs())
      if (Operation *def = init.getDefiningOp(); def && !isOverChunks(def) && def->isBeforeInBlock(loops.front().loop))
        inits.push_back(def);
  }
  for (Operation *op = loops.front().loop->getNextNode(); op; op = op->getNextNode())
    if (!isOverChunks(op))
      users.push_back(op);
  llvm::append_range(users, inits);
  SetVector<Operation *> before = neededBefore(loops.front().loop, users);
  before.insert_range(inits);
  return before;
}

/// `compute` takes the rest, in an order that keeps the matrix units busy.
void Partition::computeRest() {
  for (const LoopWork &own : loops)
    for (const auto &handedOver : {own.early.handedOver, own.factors.handedOver})
      for (Value tile : handedOver)
        types.findInShared(tile);
  auto hasRole = [&](Role role) { return llvm::any_of(table, [&](RoleAttr entry) { return entry.getRole() == role; }); };
  const int64_t state = mostState();
  if (!hasRole(Role::Factors) && RoleRegisters(parts, hasRole(Role::Early), state, rebalance).canHold(state))
    for (LoopWork &own : loops)
      holdRows(own.loop, own.early.ops, types);
  kernel.walk([&](tile::LoadOp load) {
    if (FragmentType held = types.heldAs(load.getTile()))
      work[load].held = held.getLayout();
  });
  int64_t next = 0;
  auto take = [&](Operation *op) {
    if (op->getNumResults() == 1 && isTile(op->getResult(0)) && splatOf(op->getResult(0)))
      return; // each role has constants
    assign(op, Role::Compute);
    work[op].order = next++;
  };
  for (Operation *op : computedBefore())
    if (llvm::any_of(op->getResults(), isTile) || op->getNumRegions() > 0)
      take(op);
  for (LoopWork &own : loops) {
    size_t ownTiles = llvm::count_if(own.ahead.staged, [&](tile::LoadOp load) { return work[load].eachPart; });
    ComputeOrder order = orderComputing(own.loop, types, ownTiles);
    for (Operation *op : order.ops)
      if (own.isByCompute(op) && !isBy(op, Role::Fetch))
        take(op);
    for (Value rows : order.ahead)
      work[rows.getDefiningOp()].ahead = true;
  }
  for (Operation *op = loops.front().loop->getNextNode(); op; op = op->getNextNode())
    if (!isOverChunks(op) && !isa<tile::ReturnOp>(op))
      take(op);
}

/// Scalars of the loop are computed by each role that needs them: addresses by the helpers, and what follows from the counter by `early`
/// and `factors`, which do not know what the loop carries. A role goes through the loops in which it has work.
void Partition::shareScalars(LoopWork &own) {
  const bool flush =
      llvm::any_of(own.loop.getBody()->getOps<tile::StoreOp>(), [&](tile::StoreOp store) { return isBy(store, Role::Flush); });
  auto takesPart = [&](Role role) {
    return role == Role::Fetch || role == Role::Compute || (role == Role::Vectors && !own.ahead.chain.empty()) ||
           (role == Role::Flush && flush) || (role == Role::Early && !own.early.ops.empty()) ||
           role == Role::Factors; // of which a thread fetches
  };
  for (RoleAttr entry : table) {
    const Role role = entry.getRole();
    if (!takesPart(role))
      continue;
    assign(own.loop, role);
    if (role == Role::Compute)
      continue;
    for (Operation &op : own.loop.getBody()->without_terminator()) {
      SetVector<Operation *> slice;
      bool follows = isScalar(&op) && isa<arith::ArithDialect>(op.getDialect()) && collectSlice(op.getResult(0), own.loop, slice);
      if (role < Role::Early ? own.ahead.slice.contains(&op) : follows)
        assign(&op, role);
    }
  }
}

/// Every op has an owner, but for constants, for scalars outside of the loops and for what has neither users nor effects.
LogicalResult Partition::checkOwners() {
  SmallVector<Operation *> scalars = scalarsAround(kernel);
  SmallVector<Block *> blocks = {&kernel.getBody().front()};
  for (LoopWork &own : loops)
    blocks.push_back(own.loop.getBody());
  for (Block *block : blocks)
    for (Operation &op : block->without_terminator())
      if (!work.contains(&op) && !llvm::is_contained(scalars, &op) && !isa<tile::PartOp>(op) && !isMemoryEffectFree(&op) &&
          !wouldOpBeTriviallyDead(&op))
        return op.emitOpError(
            "expected only tiles that the loop over chunks needs before it, got an operation with effects of its own; put "
            "it behind the loop or choose a plan of family = portable");
  return success();
}

/// Whether the role has the tile where the op reads it.
bool Partition::reaches(Value tile, Operation *user, Role role) const {
  Operation *def = tile.getDefiningOp();
  if (!def) // what the loop carries is known to `compute` alone
    return role == Role::Compute;
  return splatOf(tile) || isBy(def, role) || isHandedOver(tile) || def == user;
}

/// Every role has the tiles that its ops read.
LogicalResult Partition::checkOperands() {
  for (auto &[op, by] : work) {
    if (isOverChunks(op))
      continue;
    for (Role role : by.roles)
      for (Value value : usedBy(op)) {
        bool fromCompute = role == Role::Flush && isBy(op, Role::Flush); // handed over by `compute`
        if (isTile(value) && !reaches(value, op, fromCompute ? Role::Compute : role))
          return op->emitOpError("expected tiles that the role ")
                 << stringifyRole(role) << " has, got one of another role; choose a plan of family = portable";
      }
  }
  return success();
}

/// Columns of a product of a warpgroup, whose instruction ptxas compiles with the registers that a thread has at launch: those of the
/// result, and so many besides.
static int64_t mostColumns(ArrayRef<RoleAttr> table) {
  constexpr int64_t kMost = 256, kBesides = 30;
  int64_t warps = 0;
  for (RoleAttr role : table)
    warps = std::max<int64_t>(warps, role.getEnd());
  const int64_t atLaunch = kRegisterFile / (warps * kLanes) / 8 * 8;
  return std::min(kMost, (atLaunch - kBesides) * 2 / 8 * 8);
}

/// A product is one that a warpgroup can compute.
static LogicalResult checkProduct(linalg::ContractOp op, FragmentType result, int64_t mostColumns) {
  constexpr int64_t kRows = 64;
  auto layout = cast<MmaAttr>(result.getLayout());
  int64_t rows = product(result.getShape(), layout.getRows()), columns = product(result.getShape(), layout.getCols());
  if (rows % kRows != 0 || columns > mostColumns || layout.getWarpCols() != 1)
    return op.emitOpError("expected a product of a multiple of ")
           << kRows << " rows and at most " << mostColumns << " columns for a warpgroup, got " << rows << " x " << columns
           << "; choose a plan of family = portable";
  if (Type element = tileType(op->getOperand(0)).getElementType(); element.isF32())
    return op.emitOpError("expected operands of bf16 or f16 for a warpgroup, got ") << element << "; choose a plan of family = portable";
  return success();
}

/// Whether the columns stand in rhs in their order, each of them a row of what is contracted: tiles of them may then stand side by side.
static bool columnsAreRows(const ContractRoles &roles) {
  SmallVector<AffineExpr> columns;
  for (int64_t d : roles.cols)
    columns.push_back(roles.outMap.getResult(d));
  ArrayRef<AffineExpr> stored = roles.rhsMap.getResults();
  return stored.back() == roles.lhsMap.getResult(roles.lhsK) && stored.size() > columns.size() &&
         stored.drop_back().take_back(columns.size()) == ArrayRef(columns);
}

/// What products read from shared memory, wgmma can read there.
LogicalResult Partition::checkProducts() {
  WalkResult checked = kernel.walk([&](linalg::ContractOp op) {
    if (isBy(op, Role::Factors)) // by mma.sync
      return WalkResult::advance();
    FailureOr<ContractRoles> roles = rolesOf(op);
    if (failed(roles) || failed(checkProduct(op, types.fragment(op->getResult(0)), mostColumns(table))))
      return WalkResult::interrupt();
    for (Value tile : {roles->lhs, roles->rhs})
      if (!types.placement.isStaged(tile) && !splatOf(tile) && !types.staysInRegisters(tile, op) &&
          failed(expectOperandType(tileType(tile), tile == roles->rhs && columnsAreRows(*roles), tile.getLoc())))
        return WalkResult::interrupt();
    return WalkResult::advance();
  });
  return failure(checked.wasInterrupted());
}

void Partition::write() {
  MLIRContext *context = kernel.getContext();
  SmallVector<Attribute> roles(table.begin(), table.end());
  kernel->setAttr(kRolesAttr, ArrayAttr::get(context, roles));
  for (auto &[op, by] : work) {
    SmallVector<Role> roles(by.roles);
    llvm::sort(roles);
    op->setAttr(kWorkAttr, WorkAttr::get(context, roles, by.eachPart, by.order, by.ahead, by.through, by.held));
  }
}

LogicalResult Partition::run() {
  for (LoopWork &own : loops) {
    fetchTiles(own);
    if (teams > 0) {
      computeFactors(own);
    } else {
      computeVectors(own);
      computeEarly(own);
    }
  }
  if (!haveTeams())
    for (LoopWork &own : loops)
      flushResults(own);
  if (failed(makeTable()))
    return failure();
  computeRest();
  for (LoopWork &own : loops)
    shareScalars(own);
  if (failed(checkOwners()) || failed(checkOperands()) || failed(checkProducts()))
    return failure();
  write();
  return success();
}

void mixc::gpu::eraseRoles(Operation *kernel) {
  kernel->removeAttr(kRolesAttr);
  kernel->walk([](Operation *op) { op->removeAttr(kWorkAttr); });
}

LogicalResult mixc::gpu::assignRoles(tile::KernelOp kernel, const Placement &placement, const KernelPlan &plan) {
  eraseRoles(kernel);
  SmallVector<scf::ForOp> loops = plan.family.hasRoles() ? chunkLoops(kernel, placement, plan.teams) : SmallVector<scf::ForOp>();
  if (loops.empty())
    return success();
  WalkResult loads = kernel.walk([](tile::LoadOp load) -> WalkResult {
    if (!mayReadStored(load))
      return WalkResult::advance();
    return load.emitOpError(
        "expected no element that the same kernel may have stored, as other warps load ahead of stores; carry the tile, "
        "load it in a kernel of its own or choose a plan of family = portable");
  });
  return failure(loads.wasInterrupted() || failed(Partition(kernel, loops, placement, plan).run()));
}
