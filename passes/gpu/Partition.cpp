// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Partition.h"
#include "../family/RoleRegisters.h"
#include "AheadWork.h"
#include "BulkTiles.h"
#include "ComputeOrder.h"
#include "EarlyWork.h"
#include "FactorWork.h"
#include "RoleTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

static bool isScalar(Operation *op) { return op->getNumRegions() == 0 && llvm::none_of(op->getResults(), isTile); }

SmallVector<Operation *> mixc::gpu::scalarsAround(scf::ForOp loop) {
  SmallVector<Operation *> scalars;
  for (Operation &op : *loop->getBlock())
    if (isScalar(&op) && (isa<arith::ArithDialect, math::MathDialect>(op.getDialect()) ||
                          isa<tile::BlocksOp, tile::ReverseOp, tile::EarlierOp, tile::StepsOp>(op)))
      scalars.push_back(&op);
  return scalars;
}

/// The loop over chunks, if the kernel has one: it has products and loads what `fetch` can take, for teams small tiles too.
static scf::ForOp chunkLoop(tile::KernelOp kernel, const Placement &placement, int64_t teams) {
  for (auto loop : kernel.getBody().front().getOps<scf::ForOp>()) {
    if (loop.getBody()->getOps<linalg::ContractOp>().empty())
      continue;
    for (auto load : loop.getBody()->getOps<tile::LoadOp>()) {
      SetVector<Operation *> slice;
      if ((placement.isStaged(load.getTile()) || (teams > 0 && placement.isSmall(load.getTile()))) && canFetch(kernel, load) &&
          llvm::all_of(load->getOperands(), [&](Value v) { return collectSlice(v, loop, slice); }))
        return loop;
    }
  }
  return {};
}

/// What `ops` need of the ops before the loop, in order.
static SetVector<Operation *> neededBefore(scf::ForOp loop, ArrayRef<Operation *> ops) {
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

class Partition {
public:
  Partition(tile::KernelOp kernel, scf::ForOp loop, const Placement &placement, const KernelPlan &plan)
      : kernel(kernel), loop(loop), stages(plan.stages), chunk(plan.chunk), parts(plan.parts), teams(plan.teams), types(placement) {}
  LogicalResult run();

private:
  // Each step takes what those before it left.
  void fetchTiles();
  void computeVectors();
  void computeEarly();
  void computeFactors();
  void flushResults();
  LogicalResult makeTable();
  void computeRest();
  void shareScalars();
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
  bool isByCompute(Operation *op) const;
  SetVector<Operation *> computedBefore();

  tile::KernelOp kernel;
  scf::ForOp loop;
  int64_t stages, chunk, parts, teams;
  TileTypes types;
  AheadWork ahead;
  EarlyWork early;
  FactorWork factors;
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

/// Whether an op of the loop has, by its scalars, another meaning for another part.
bool Partition::dependsOnPart(Operation *op) {
  SetVector<Operation *> inLoop, before = neededBefore(loop, {op});
  for (Value operand : op->getOperands())
    collectSlice(operand, loop, inLoop);
  for (Operation *scalar : inLoop)
    before.insert_range(neededBefore(loop, {scalar}));
  return llvm::any_of(before, llvm::IsaPred<tile::PartOp>);
}

/// `fetch` takes what a bulk copy can bring. The rest is loaded by those who read it.
void Partition::fetchTiles() {
  ahead = loadsAhead(loop, types.placement);
  if (teams > 0) // whose warps have no time for loads that a bulk copy can do
    ahead.staged.append(ahead.small);
  llvm::erase_if(ahead.staged, [&](tile::LoadOp load) { return !canFetch(kernel, load); });
  for (tile::LoadOp load : ahead.staged) {
    assign(load, Role::Fetch);
    work[load].eachPart = dependsOnPart(load);
    handOver(load.getTile(), *bulkTypeOf(tileType(load.getTile())));
    if (!types.placement.isStaged(load.getTile()))
      types.findInShared(load.getTile());
  }
}

/// `vectors` takes the small tiles that follow from small loads; they all reach others through shared memory. Factors of products, which
/// are there in a form of their own, it leaves to those who multiply.
void Partition::computeVectors() {
  findChain(ahead, loop, types, [](Value tile) { return !feedsProduct(tile); });
  for (Operation *op : ahead.chain) {
    assign(op, Role::Vectors);
    for (Value result : op->getResults())
      if (llvm::any_of(result.getUsers(), [&](Operation *user) { return !ahead.chain.contains(user); }) ||
          llvm::any_of(result.getUses(), [&](OpOperand &use) { return !types.readsAsFragment(use); }))
        handOver(result, types.shared(result, /*stages=*/1));
  }
  for (Operation *op : neededBefore(loop, ahead.chain.getArrayRef()))
    if (llvm::any_of(op->getResults(), isTile))
      assign(op, Role::Vectors);
}

/// `early` takes products that do not depend on the state; once for all parts, as long as nothing of one part's goes into them.
void Partition::computeEarly() {
  auto isShared = [&](Value tile) { return isHandedOver(tile); };
  auto canLoad = [&](tile::LoadOp load) { return !types.placement.isStaged(load.getTile()) && !dependsOnPart(load); };
  auto canHandOver = [&](Value tile) { return operandTypeOf(tileType(tile)).has_value(); };
  early = findEarlyWork(loop, {isShared, canLoad, canHandOver});
  auto isOfPart = [&](Operation *op) { return ahead.chain.contains(op) || (work.contains(op) && work[op].eachPart); };
  for (Operation *op : early.ops) {
    bool eachPart = llvm::any_of(usedBy(op), [&](Value operand) {
      Operation *def = operand.getDefiningOp();
      return def && isOfPart(def);
    });
    assign(op, Role::Early);
    work[op].eachPart = eachPart;
  }
  for (Value tile : early.handedOver)
    handOver(tile, *operandTypeOf(tileType(tile)));
}

/// `factors` takes all tiles that others read and that do not depend on the state; once for all parts, as long as nothing of one part's
/// goes into them.
void Partition::computeFactors() {
  auto isFetched = [&](Value tile) { return isHandedOver(tile); };
  factors = findFactorWork(loop, isFetched, [&](tile::LoadOp load) { return types.placement.isSmall(load.getTile()); });
  for (Operation *op : factors.ops) {
    bool eachPart = dependsOnPart(op) || llvm::any_of(usedBy(op), [&](Value operand) {
                      Operation *def = operand.getDefiningOp();
                      return def && work.contains(def) && work[def].eachPart;
                    });
    assign(op, Role::Factors);
    work[op].eachPart = eachPart;
  }
  for (Value tile : factors.handedOver) {
    std::optional<SharedType> operand = feedsProduct(tile) ? operandTypeOf(tileType(tile)) : std::nullopt;
    handOver(tile, operand.value_or(types.shared(tile, /*stages=*/1)));
  }
  for (Operation *op : neededBefore(loop, factors.ops.getArrayRef()))
    if (llvm::any_of(op->getResults(), isTile))
      assign(op, Role::Factors);
}

/// `flush` takes stores that a bulk copy can carry out. The rest is stored by those who have it.
void Partition::flushResults() {
  for (auto store : loop.getBody()->getOps<tile::StoreOp>()) {
    std::optional<SharedType> type = flushedType(kernel, store);
    SetVector<Operation *> slice = ahead.slice;
    if (!type || !llvm::all_of(store->getOperands().drop_front(), [&](Value v) { return collectSlice(v, loop, slice); }))
      continue;
    ahead.slice = slice;
    assign(store, Role::Flush);
    work[store].through = {*type};
  }
}

LogicalResult Partition::makeTable() {
  const int64_t used = factors.ops.empty() ? 0 : teams, state = stateRegisters(loop);
  if (used > 0 && !haveRegisters(parts, used, state, chunk))
    return kernel.emitError("expected registers for ")
           << state << " of the state a thread beside " << used << " teams, " << parts << " parts and chunks of " << chunk
           << ", which a block does not have; choose fewer teams, a smaller chunk or family = portable";
  bool flush = llvm::any_of(work, [](auto &entry) { return entry.second.isBy(Role::Flush); });
  table = roleTable(kernel.getContext(), {parts, stages, used, chunk, !ahead.chain.empty(), !early.ops.empty(), flush, state});
  return success();
}

/// Whether nobody else does the op of the loop for `compute`, which then does it itself. A result that another role writes back is
/// handed to it.
bool Partition::isByCompute(Operation *op) const {
  return !ahead.chain.contains(op) && !factors.ops.contains(op) && (!early.ops.contains(op) || early.repeated.contains(op));
}

/// The tiles before the loop that `compute` needs: of what its body reads, of what follows it, and what the loop starts from.
SetVector<Operation *> Partition::computedBefore() {
  SmallVector<Operation *> users, inits;
  for (Operation &op : *loop.getBody())
    if (isByCompute(&op))
      users.push_back(&op);
  for (Operation *op = loop->getNextNode(); op; op = op->getNextNode())
    users.push_back(op);
  for (Value init : loop.getInitArgs())
    if (Operation *def = init.getDefiningOp())
      inits.push_back(def);
  llvm::append_range(users, inits);
  SetVector<Operation *> before = neededBefore(loop, users);
  before.insert_range(inits);
  return before;
}

/// `compute` takes the rest, in an order that keeps the matrix units busy.
void Partition::computeRest() {
  for (const auto &handedOver : {early.handedOver, factors.handedOver})
    for (Value tile : handedOver)
      types.findInShared(tile);
  const int64_t state = stateRegisters(loop);
  if (factors.ops.empty() && RoleRegisters(parts, !early.ops.empty(), state).canHold(state))
    holdRows(loop, early.ops, types);
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
  size_t ownTiles = llvm::count_if(ahead.staged, [&](tile::LoadOp load) { return work[load].eachPart; });
  ComputeOrder order = orderComputing(loop, types, ownTiles);
  for (Operation *op : order.ops)
    if (isByCompute(op) && !isBy(op, Role::Fetch))
      take(op);
  for (Value rows : order.ahead)
    work[rows.getDefiningOp()].ahead = true;
  for (Operation *op = loop->getNextNode(); op; op = op->getNextNode())
    if (!isa<tile::ReturnOp>(op))
      take(op);
}

/// Scalars of the loop are computed by each role that needs them: addresses by the helpers, and what follows from the counter by `early`
/// and `factors`, which do not know what the loop carries.
void Partition::shareScalars() {
  for (Operation &op : loop.getBody()->without_terminator()) {
    if (ahead.slice.contains(&op))
      for (RoleAttr role : ArrayRef(table).drop_front())
        if (role.getRole() < Role::Early)
          assign(&op, role.getRole());
    SetVector<Operation *> slice;
    if (!isScalar(&op) || !isa<arith::ArithDialect>(op.getDialect()) || !collectSlice(op.getResult(0), loop, slice))
      continue;
    if (!early.ops.empty())
      assign(&op, Role::Early);
    if (!factors.ops.empty())
      assign(&op, Role::Factors);
  }
  for (RoleAttr role : ArrayRef(table).drop_front())
    assign(loop, role.getRole());
}

/// Every op has an owner, but for constants, for scalars outside of the loop and for what has neither users nor effects.
LogicalResult Partition::checkOwners() {
  SmallVector<Operation *> scalars = scalarsAround(loop);
  for (Block *block : {loop->getBlock(), loop.getBody()})
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
    if (op == loop.getOperation())
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

/// A product is one that a warpgroup can compute.
static LogicalResult checkProduct(linalg::ContractOp op, FragmentType result) {
  constexpr int64_t kRows = 64, kMostColumns = 256;
  auto layout = cast<MmaAttr>(result.getLayout());
  int64_t rows = product(result.getShape(), layout.getRows()), columns = product(result.getShape(), layout.getCols());
  if (rows % kRows != 0 || columns > kMostColumns || layout.getWarpCols() != 1)
    return op.emitOpError("expected a product of a multiple of ")
           << kRows << " rows and at most " << kMostColumns << " columns for a warpgroup, got " << rows << " x " << columns
           << "; choose a plan of family = portable";
  if (Type element = tileType(op->getOperand(0)).getElementType(); element.isF32())
    return op.emitOpError("expected operands of bf16 or f16 for a warpgroup, got ") << element << "; choose a plan of family = portable";
  return success();
}

/// What products read from shared memory, wgmma can read there.
LogicalResult Partition::checkProducts() {
  WalkResult checked = kernel.walk([&](linalg::ContractOp op) {
    if (isBy(op, Role::Factors)) // by mma.sync
      return WalkResult::advance();
    FailureOr<ContractRoles> roles = rolesOf(op);
    if (failed(roles) || failed(checkProduct(op, types.fragment(op->getResult(0)))))
      return WalkResult::interrupt();
    for (Value tile : {roles->lhs, roles->rhs})
      if (!types.placement.isStaged(tile) && !splatOf(tile) && !types.staysInRegisters(tile, op) &&
          failed(expectOperandType(tileType(tile), tile.getLoc())))
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
  fetchTiles();
  if (teams > 0) {
    computeFactors();
  } else {
    computeVectors();
    computeEarly();
  }
  flushResults();
  if (failed(makeTable()))
    return failure();
  computeRest();
  shareScalars();
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
  scf::ForOp loop = plan.family.hasRoles() ? chunkLoop(kernel, placement, plan.teams) : scf::ForOp();
  return loop ? Partition(kernel, loop, placement, plan).run() : success();
}
