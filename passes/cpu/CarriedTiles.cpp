// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tiles that a loop carries, elementwise from trip to trip, from a tensor to a tensor: the state of a recurrence that takes tokens one by
// one. Where the tensors have the tile as it is, without gaps and cut by no limit, which is known at run time, it has no place in scratch
// memory: the first trip reads it where it is loaded from, and all trips write it where it is stored. The tensors may be the same, in
// place: what may lie in one place in scratch memory may lie in theirs.

#include "KernelEmitter.h"
#include "KernelOps.h"

using namespace mlir;

namespace mixc::cpu {

//===--- Which tiles ---===//

/// The branch around the operation, if its block is not the one of the loop.
static scf::IfOp branchAround(Operation *op, scf::ForOp loop) {
  return op && op->getBlock() != loop->getBlock() ? dyn_cast<scf::IfOp>(op->getParentOp()) : scf::IfOp();
}

Value CarriedTile::loadedIf() const {
  scf::IfOp branch = branchAround(load, loop);
  return branch ? branch.getCondition() : Value();
}

Value CarriedTile::storedIf() const {
  scf::IfOp branch = branchAround(store, loop);
  return branch ? branch.getCondition() : Value();
}

/// The load that makes `start`, alone or as the first side of a branch that does nothing else.
static tile::LoadOp loadOf(Operation *start) {
  if (auto load = dyn_cast_or_null<tile::LoadOp>(start))
    return load;
  auto branch = dyn_cast_or_null<scf::IfOp>(start);
  if (!branch || branch.getNumResults() != 1 || !withoutBuffer(branch.elseYield().getOperand(0)))
    return {};
  auto load = branch.thenYield().getOperand(0).getDefiningOp<tile::LoadOp>();
  const bool isAlone = load && load->getBlock() == branch.thenBlock() && llvm::hasNItems(*branch.thenBlock(), 2) &&
                       llvm::hasSingleElement(*branch.elseBlock());
  return isAlone ? load : tile::LoadOp();
}

/// The store that is all that is done with the result of a loop, perhaps in a branch with one side.
static tile::StoreOp storeOf(Value result, scf::ForOp loop) {
  auto store = result.hasOneUse() ? dyn_cast<tile::StoreOp>(*result.user_begin()) : tile::StoreOp();
  if (!store || store->getBlock() == loop->getBlock())
    return store;
  scf::IfOp branch = branchAround(store, loop);
  return branch && branch->getBlock() == loop->getBlock() && branch.getElseRegion().empty() ? store : tile::StoreOp();
}

/// The tile that the loop carries from a load on, with its store if there is one.
static std::optional<CarriedTile> carriedBy(scf::ForOp loop, unsigned number) {
  Value init = loop.getInitArgs()[number];
  CarriedTile carried{loop, number, init.getDefiningOp()};
  carried.load = loadOf(carried.start);
  if (!carried.load || !init.hasOneUse() || !carried.load.getTile().hasOneUse() || carried.start->getBlock() != loop->getBlock())
    return std::nullopt;
  carried.store = storeOf(loop.getResult(number), loop);
  return carried;
}

/// What has to be known where the loop's first tile is made, to know where it ends.
static SmallVector<Value> whatPlacesNeed(const CarriedTile &carried) {
  scf::ForOp loop = carried.loop;
  SmallVector<Value> needed = {loop.getLowerBound(), loop.getUpperBound()};
  if (tile::StoreOp store = carried.store) {
    llvm::append_range(needed, store->getOperands().drop_front()); // of the tile
    if (Value condition = carried.storedIf())
      needed.push_back(condition);
  }
  return needed;
}

static bool isKnownBefore(Value value, Operation *op) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    return argument.getOwner() == op->getBlock();
  Operation *def = value.getDefiningOp();
  return def->getBlock() == op->getBlock() && def->isBeforeInBlock(op);
}

/// Moves what computes a number to before `op`, behind which it is in the same block.
static void bringAhead(Value value, Operation *op) {
  Operation *def = value.getDefiningOp();
  if (!def || def->getBlock() != op->getBlock() || def->isBeforeInBlock(op) || def->getNumRegions() || !isMemoryEffectFree(def))
    return;
  for (Value operand : def->getOperands())
    bringAhead(operand, op);
  if (llvm::all_of(def->getOperands(), [&](Value operand) { return isKnownBefore(operand, op); }))
    def->moveBefore(op);
}

/// A kernel finds its sequence once: nothing writes the table.
static void findSequencesOnce(Block &body) {
  SmallVector<tile::SequenceOp> found;
  for (auto op : llvm::make_early_inc_range(body.getOps<tile::SequenceOp>())) {
    auto *same = llvm::find_if(found, [&](tile::SequenceOp before) {
      return before.getNumber() == op.getNumber() && before->getAttrDictionary() == op->getAttrDictionary();
    });
    if (same == found.end()) {
      found.push_back(op);
      continue;
    }
    op->replaceAllUsesWith(same->getResults());
    op->erase();
  }
}

void bringStoresAhead(tile::KernelOp kernel) {
  Block &body = kernel.getBody().front();
  findSequencesOnce(body);
  for (auto loop : body.getOps<scf::ForOp>())
    for (unsigned i = 0; i < loop.getNumResults(); ++i)
      if (std::optional<CarriedTile> carried = carriedBy(loop, i))
        for (Value needed : whatPlacesNeed(*carried))
          bringAhead(needed, carried->start);
}

/// Whether the tensor is an argument that nothing else in the kernel reads or writes, and holds the tile's type.
template <typename Op> static bool hasTensorAlone(Op op, Value memref) {
  return isa<BlockArgument>(memref) && memref.hasOneUse() &&
         cast<MemRefType>(memref.getType()).getElementType() == cast<RankedTensorType>(op.getTile().getType()).getElementType();
}

/// Whether the class of tiles is this one and what elementwise operations make of it in the loop, all read there by such.
bool TileBuffers::isKeptInPlace(const CarriedTile &tile) const {
  scf::ForOp loop = tile.loop;
  Value arg = tile.inLoop(), init = loop.getInitArgs()[tile.number], yielded = loop.getYieldedValues()[tile.number];
  auto found = classOf.find(arg);
  if (found == classOf.end() || yielded == arg)
    return false;
  auto isOfClass = [&](Value value) {
    auto it = classOf.find(value);
    return it != classOf.end() && it->second == found->second;
  };
  tile::LoadOp load = tile.load;
  if (!isOfClass(init) || !isOfClass(load.getTile()) || !isOfClass(yielded) || !isOfClass(loop.getResult(tile.number)))
    return false;
  auto isElementwise = [&](Operation *op) {
    auto linalgOp = dyn_cast_or_null<linalg::LinalgOp>(op);
    return linalgOp && linalgOp->getBlock() == loop.getBody() && !isContraction(linalgOp) && !isFused(op);
  };
  const TileClass &tiles = classes[found->second];
  return llvm::is_sorted(tiles.order) && llvm::all_of(tiles.values, [&](Value value) {
           if (value == init || value == load.getTile() || value == loop.getResult(tile.number))
             return true;
           return (value == arg || (isElementwise(value.getDefiningOp()) && isParallel(cast<linalg::LinalgOp>(value.getDefiningOp())))) &&
                  llvm::all_of(value.getUsers(), [&](Operation *user) { return isElementwise(user) || isa<scf::YieldOp>(user); });
         });
}

void TileBuffers::findCarried(tile::KernelOp kernel) {
  for (auto loop : kernel.getBody().getOps<scf::ForOp>())
    for (unsigned i = 0; i < loop.getNumResults(); ++i) {
      std::optional<CarriedTile> tile = carriedBy(loop, i);
      if (!tile || !isKeptInPlace(*tile) || !hasTensorAlone(tile->load, tile->load.getSource()))
        continue;
      if (tile->store && (!hasTensorAlone(tile->store, tile->store.getDest()) ||
                          !llvm::all_of(whatPlacesNeed(*tile), [&](Value value) { return isKnownBefore(value, tile->start); })))
        tile->store = {};
      if (llvm::all_of(whatPlacesNeed(*tile), [&](Value value) { return isKnownBefore(value, tile->start); }))
        carried.push_back(*tile);
    }
}

template <typename Predicate> static const CarriedTile *findTile(ArrayRef<CarriedTile> tiles, Predicate is) {
  const CarriedTile *found = llvm::find_if(tiles, is);
  return found == tiles.end() ? nullptr : found;
}

const CarriedTile *TileBuffers::carriedFrom(Operation *op) const {
  return findTile(carried, [&](const CarriedTile &tile) { return tile.start == op; });
}
const CarriedTile *TileBuffers::carriedAs(Value value) const {
  return findTile(carried, [&](const CarriedTile &tile) { return tile.inLoop() == value; });
}
const CarriedTile *TileBuffers::carriedTo(tile::StoreOp store) const {
  return findTile(carried, [&](const CarriedTile &tile) { return tile.store == store; });
}

//===--- Where they lie ---===//

/// Whether the tensor has the tile's elements in the tile's order without gaps, and all of them.
template <typename Op> Value KernelEmitter::isDense(Op op, Value memref, const Tile &tile, Value condition) {
  const Edge &edge = edges[memref];
  Value result = isWhole(op, tile);
  auto require = [&](Value holds) { result = result ? arith::AndIOp::create(*this, result, holds).getResult() : holds; };
  const int64_t bytes = tile.type.getElementTypeBitWidth() / 8;
  for (auto [dim, stride] : llvm::enumerate(tile.strides))
    if (tile.size(dim) > 1)
      require(arith::CmpIOp::create(*this, arith::CmpIPredicate::eq, edge.strides[op.getDims()[dim]], index(stride * bytes)));
  if (condition)
    require(scalars.lookup(condition));
  if (op.getOptional())
    require(LLVM::ICmpOp::create(*this, LLVM::ICmpPredicate::ne, edge.pointer, LLVM::ZeroOp::create(*this, edge.pointer.getType())));
  return result ? result : arith::ConstantOp::create(*this, getBoolAttr(true));
}

/// Chooses the places of a carried tile, and makes what the loop starts with unless its first trip reads that in the tensor.
void KernelEmitter::startCarried(const CarriedTile &carried) {
  tile::LoadOp load = carried.load;
  tile::StoreOp store = carried.store;
  scf::ForOp loop = carried.loop;
  const Tile tile = buffers.lookup(load.getTile()), inLoop = buffers.lookup(carried.inLoop());
  auto choose = [&](Value isThere, Value there, Value otherwise) -> Value {
    return arith::SelectOp::create(*this, isThere, there, otherwise);
  };
  InMemory kept{address(scratch, tile.offset, {}), {}, arith::ConstantOp::create(*this, getBoolAttr(false)), {}};
  if (store) {
    kept.isThere = isDense(store, store.getDest(), tile, carried.storedIf());
    kept.pointer = choose(kept.isThere, addressInTensor(store, store.getDest()), kept.pointer);
  }
  inMemory[tile.number] = kept;
  Value hasTrips =
      arith::CmpIOp::create(*this, arith::CmpIPredicate::slt, scalars.lookup(loop.getLowerBound()), scalars.lookup(loop.getUpperBound()));
  InMemory first{{}, {}, arith::AndIOp::create(*this, isDense(load, load.getSource(), tile, carried.loadedIf()), hasTrips), {}};
  first.pointer = choose(first.isThere, addressInTensor(load, load.getSource()), kept.pointer);
  inMemory[inLoop.number] = first;
  unlessInMemory(inLoop, [&] { emitInPlace(carried.start); });
}

/// At the beginning of a trip: the first one reads what the loop starts with.
void KernelEmitter::openCarried(const CarriedTile &carried, Value counter) {
  scf::ForOp loop = carried.loop;
  Value isFirst = arith::CmpIOp::create(*this, arith::CmpIPredicate::eq, counter, scalars.lookup(loop.getLowerBound()));
  InMemory &place = inMemory[buffers.lookup(carried.inLoop()).number];
  Value kept = inMemory[buffers.lookup(loop.getResult(carried.number)).number].pointer;
  place.pointer = arith::SelectOp::create(*this, isFirst, place.pointer, kept);
}

} // namespace mixc::cpu
