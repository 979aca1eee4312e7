// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "TileBuffers.h"
#include "KernelOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace mixc::cpu {

static constexpr int64_t kAlignment = 64;
/// Offsets into scratch are constants of LLVM's getelementptr, which has 29 bits for them in MLIR.
static constexpr int64_t kMostBytes = int64_t(1) << 28;

int64_t lanesFor(int64_t size, int64_t vectorWidth) {
  int64_t lanes = 1;
  while (lanes < vectorWidth && size % (2 * lanes) == 0)
    lanes *= 2;
  return lanes;
}

std::optional<Tile> withoutBuffer(Value value) {
  Tile tile;
  tile.type = cast<RankedTensorType>(value.getType());
  tile.order = orderWithInnermost(tile.type.getRank(), tile.type.getRank() - 1);
  if (value.getDefiningOp<tensor::EmptyOp>())
    return tile;
  if (auto constant = value.getDefiningOp<arith::ConstantOp>()) {
    tile.kind = Tile::Kind::Splat;
    tile.splat = cast<SplatElementsAttr>(constant.getValue()).getSplatValue<Attribute>();
    return tile;
  }
  return std::nullopt;
}

SmallVector<int64_t> orderWithInnermost(int64_t rank, int64_t dim) {
  SmallVector<int64_t> order;
  for (int64_t i = 0; i < rank; ++i)
    if (i != dim)
      order.push_back(i);
  if (rank)
    order.push_back(dim);
  return order;
}

Tile makeBuffer(RankedTensorType type, ArrayRef<int64_t> order, int64_t offset) {
  Tile tile;
  tile.kind = Tile::Kind::Buffer;
  tile.type = type;
  tile.offset = offset;
  tile.order.assign(order.begin(), order.end());
  tile.strides.resize(type.getRank());
  int64_t stride = 1;
  for (int64_t dim : llvm::reverse(order)) {
    tile.strides[dim] = stride;
    stride *= type.getDimSize(dim);
  }
  return tile;
}

static int64_t bytesOf(RankedTensorType type) {
  return llvm::alignTo(type.getNumElements() * llvm::divideCeil(type.getElementTypeBitWidth(), 8), kAlignment);
}

static bool overlap(ArrayRef<Interval> a, ArrayRef<Interval> b) {
  for (Interval x : a)
    for (Interval y : b)
      if (x.begin <= y.end && y.begin <= x.end)
        return true;
  return false;
}

//===--- Lifetimes ---===//

void TileBuffers::number(Region &region) {
  for (Operation &op : region.getOps()) {
    int64_t begin = clock++;
    bool nested = isa<scf::ForOp, scf::IfOp>(op);
    if (nested)
      for (Region &inner : op.getRegions())
        number(inner);
    span[&op] = {begin, nested ? clock++ : begin};
  }
}

/// Whether the user reads each element of the operand before it writes the same element of its result.
static bool readsBeforeWriting(OpOperand &use) {
  Operation *user = use.getOwner();
  if (isa<scf::ForOp, scf::YieldOp>(user))
    return true;
  if (auto scan = dyn_cast<tile::ScanOp>(user))
    return &use == &scan.getInitMutable();
  if (auto guard = dyn_cast<tile::GuardOp>(user))
    return &use == &guard.getSumsMutable();
  if (auto since = dyn_cast<tile::SinceResetOp>(user))
    return &use == &since.getStateMutable();
  auto op = dyn_cast<linalg::LinalgOp>(user);
  if (!op)
    return false;
  if (isRenaming(op))
    return !op.isDpsInit(&use);
  if (isContraction(op))
    return op.isDpsInit(&use);
  AffineMap map = op.getMatchingIndexingMap(&use);
  return llvm::all_of(op.getDpsInitsMutable(), [&](OpOperand &init) { return op.getMatchingIndexingMap(&init) == map; });
}

/// The point of the last read that `use` stands for: all later iterations of a loop that repeats it count.
int64_t TileBuffers::lastRead(Value value, OpOperand &use, bool closed) const {
  Operation *user = use.getOwner();
  Operation *loop = nullptr;
  for (Operation *op = user; op->getParentRegion() != value.getParentRegion(); op = op->getParentOp())
    if (isa<scf::ForOp>(op->getParentOp()))
      loop = op->getParentOp();
  if (loop)
    return 2 * span.lookup(loop).second + 1;
  // Rows of other operations are written in between; of a whole tile, those that have been read.
  if (ArrayRef<linalg::LinalgOp> together = rowsOf(user); !together.empty()) {
    auto op = cast<linalg::LinalgOp>(user);
    if (closed || op.isDpsInit(&use) || !op.getMatchingIndexingMap(&use).isIdentity())
      return 2 * span.lookup(together.back()).first + 1;
  }
  return 2 * span.lookup(rootOf(user)).first + (closed || !readsBeforeWriting(use));
}

void TileBuffers::addIntervals(Value value, TileClass &tiles) {
  auto add = [&](int64_t begin, int64_t end, int64_t closedEnd) {
    tiles.intervals.push_back({begin, end});
    tiles.occupied.push_back({begin, closedEnd});
  };
  int64_t begin;
  if (auto arg = dyn_cast<BlockArgument>(value)) {
    // Written before the loop, then once more at the end of every iteration.
    auto [first, last] = span.lookup(arg.getOwner()->getParentOp());
    begin = 2 * first + 1;
    add(2 * last - 1, 2 * last, 2 * last);
  } else {
    Operation *op = value.getDefiningOp();
    begin = 2 * span.lookup(op).second + 1;
    if (auto branch = dyn_cast<scf::IfOp>(op))
      for (Region *region : {&branch.getThenRegion(), &branch.getElseRegion()}) {
        int64_t yield = 2 * span.lookup(region->front().getTerminator()).first + 1;
        add(yield, yield, yield);
      }
  }
  int64_t end = begin, closedEnd = begin;
  for (OpOperand &use : value.getUses()) {
    end = std::max(end, lastRead(value, use, false));
    closedEnd = std::max(closedEnd, lastRead(value, use, true));
  }
  add(begin, end, closedEnd);
}

void TileBuffers::addValue(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || withoutBuffer(value) || rootOf(value) != value)
    return;
  classOf[value] = classes.size();
  TileClass tiles;
  tiles.values.push_back(value);
  tiles.type = type;
  addIntervals(value, tiles);
  classes.push_back(std::move(tiles));
}

//===--- Classes ---===//

void TileBuffers::tryMerge(Value a, Value b, bool renames) {
  auto from = classOf.find(b), to = classOf.find(a);
  if (from == classOf.end() || to == classOf.end() || from->second == to->second)
    return;
  TileClass &target = classes[to->second], &source = classes[from->second];
  if ((target.type != source.type && !renames) || target.transfer || source.transfer || overlap(target.intervals, source.intervals))
    return;
  target.values.append(source.values);
  target.intervals.append(source.intervals);
  target.occupied.append(source.occupied);
  for (Value value : source.values)
    classOf[value] = to->second;
  source = TileClass();
}

void TileBuffers::mergeControlFlow(Operation *op) {
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    for (auto [arg, yielded] : llvm::zip_equal(loop.getRegionIterArgs(), loop.getYieldedValues()))
      tryMerge(arg, yielded);
    for (auto [arg, init] : llvm::zip_equal(loop.getRegionIterArgs(), loop.getInitArgs()))
      tryMerge(arg, init);
  }
  if (auto branch = dyn_cast<scf::IfOp>(op); branch && branch.getNumResults())
    for (auto [i, result] : llvm::enumerate(branch.getResults())) {
      tryMerge(result, branch.thenYield().getOperand(i));
      tryMerge(result, branch.elseYield().getOperand(i));
    }
}

void TileBuffers::mergeInPlace(linalg::LinalgOp op) {
  if (isa_and_nonnull<tile::ScanOp>(fused.lookup(op))) // reads its operands again for other rows
    return;
  for (OpOperand &operand : op->getOpOperands())
    for (OpResult result : op->getResults()) {
      AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(result.getResultNumber()));
      if (readsBeforeWriting(operand) && op.getMatchingIndexingMap(&operand) == map)
        tryMerge(rootOf(result), operand.get());
    }
}

/// Tiles that end a branch or an iteration are moved to their places one after the other; no move may overwrite the
/// source of a later one.
LogicalResult TileBuffers::checkMoves(tile::KernelOp kernel) const {
  auto place = [&](Value value) {
    auto it = classOf.find(rootOf(value));
    return it == classOf.end() ? -1 : int64_t(it->second);
  };
  auto check = [&](Operation *op, ValueRange from, ValueRange to) -> LogicalResult {
    for (size_t i = 0; i < from.size(); ++i)
      for (size_t j = i + 1; j < from.size(); ++j)
        if (place(to[i]) >= 0 && place(from[i]) != place(to[i]) && place(from[j]) == place(to[i]))
          return op->emitOpError("expected no tile to be carried on as another one, got tile ")
                 << j << " in the place of tile " << i << "; pass a copy on";
    return success();
  };
  WalkResult result = kernel.walk([&](Operation *op) {
    bool ok = true;
    if (auto loop = dyn_cast<scf::ForOp>(op))
      ok = succeeded(check(op, loop.getInitArgs(), loop.getRegionIterArgs())) &&
           succeeded(check(op, loop.getYieldedValues(), loop.getRegionIterArgs()));
    if (auto branch = dyn_cast<scf::IfOp>(op); branch && branch.getNumResults())
      ok = succeeded(check(op, branch.thenYield().getOperands(), op->getResults())) &&
           succeeded(check(op, branch.elseYield().getOperands(), op->getResults()));
    return ok ? WalkResult::advance() : WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

//===--- Places ---===//

Tile TileBuffers::lookup(Value value) const {
  if (std::optional<Tile> tile = withoutBuffer(value))
    return *tile;
  auto type = cast<RankedTensorType>(value.getType());
  if (Operation *user = fused.lookup(value.getDefiningOp()); isa_and_nonnull<tile::ScanOp>(user))
    return makeBuffer(type, orderWithInnermost(type.getRank(), type.getRank() - 1), /*offset=*/0);
  const TileClass &tiles = classes[classOf.lookup(rootOf(value))];
  Tile tile = makeBuffer(type, renamedOrder(tiles.type, tiles.order, type), tiles.offset);
  tile.number = &tiles - classes.data();
  if (const CarriedTile *before = carriedAs(value)) // elsewhere in the first trip
    tile.number = classes.size() + (before - carried.data());
  return tile;
}

template <typename Copies> static std::optional<Tile> placeIn(const Copies &copies, OpOperand &operand) {
  auto it = copies.find(&operand);
  if (it == copies.end())
    return std::nullopt;
  return makeBuffer(it->second.type, it->second.order, it->second.offset);
}

std::optional<Tile> TileBuffers::copyOf(OpOperand &operand) const { return placeIn(copies, operand); }
std::optional<Tile> TileBuffers::rescaledOf(OpOperand &operand) const { return placeIn(rescaled, operand); }

void TileBuffers::addCopies(tile::KernelOp kernel) {
  kernel.walk([&](Operation *op) {
    if (!isa<linalg::LinalgOp, tile::ScanOp>(op))
      return;
    const int64_t point = 2 * span.lookup(rootOf(op)).first;
    auto add = [&](auto &all, OpOperand &operand, RankedTensorType type, int64_t dim) {
      all.insert({&operand, Copy{type, orderWithInnermost(type.getRank(), dim), {point, point + 1}}});
    };
    auto scan = dyn_cast<tile::ScanOp>(op);
    for (OpOperand &operand : op->getOpOperands()) {
      int64_t dim = requiredInnermost(operand, [&](Value value) { return lookup(value); });
      if (dim >= 0)
        add(copies, operand, cast<RankedTensorType>(operand.get().getType()), dim);
      if (RankedTensorType type = scan ? rescaledType(scan, operand) : RankedTensorType())
        add(rescaled, operand, type, type.getRank() - 1);
    }
  });
}

/// First fit, the largest first.
void TileBuffers::allocate() {
  struct Item {
    SmallVector<Interval> occupied;
    int64_t bytes;
    int64_t *offset;
    size_t number;
  };
  SmallVector<Item> items;
  for (TileClass &tiles : classes)
    if (!tiles.values.empty())
      items.push_back({tiles.occupied, bytesOf(tiles.type), &tiles.offset, items.size()});
  for (auto *all : {&copies, &rescaled})
    for (auto &[operand, copy] : *all)
      items.push_back({{copy.occupied}, bytesOf(copy.type), &copy.offset, items.size()});
  llvm::sort(items, [](const Item &a, const Item &b) { return std::pair(-a.bytes, a.number) < std::pair(-b.bytes, b.number); });
  for (auto [i, item] : llvm::enumerate(items)) {
    SmallVector<std::pair<int64_t, int64_t>> taken;
    for (const Item &other : ArrayRef(items).take_front(i))
      if (overlap(item.occupied, other.occupied))
        taken.push_back({*other.offset, *other.offset + other.bytes});
    llvm::sort(taken);
    int64_t offset = 0;
    for (auto [begin, end] : taken) {
      if (offset + item.bytes <= begin)
        break;
      offset = std::max(offset, end);
    }
    *item.offset = offset;
    totalBytes = std::max(totalBytes, offset + item.bytes);
  }
}

FailureOr<TileBuffers> TileBuffers::compute(tile::KernelOp kernel, int64_t vectorWidth) {
  if (failed(checkSupported(kernel)))
    return failure();
  TileBuffers buffers;
  buffers.chooseFusion(kernel);
  buffers.chooseRows(kernel);
  buffers.number(kernel.getBody());
  kernel.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isa<linalg::LinalgOp>(op->getParentOp()))
      return;
    if (auto loop = dyn_cast<scf::ForOp>(op))
      for (Value arg : loop.getRegionIterArgs())
        buffers.addValue(arg);
    for (Value result : op->getResults())
      buffers.addValue(result);
  });
  kernel.walk([&](linalg::GenericOp op) {
    if (isRenaming(op) && !buffers.isFused(op))
      buffers.tryMerge(op->getOperand(0), op->getResult(0), /*renames=*/true);
  });
  buffers.findInMemory(kernel);
  // A loop's result always lies where the carried tile does.
  kernel.walk([&](scf::ForOp loop) {
    for (auto [arg, result] : llvm::zip_equal(loop.getRegionIterArgs(), loop.getResults()))
      buffers.tryMerge(arg, result);
  });
  kernel.walk([&](Operation *op) { buffers.mergeControlFlow(op); });
  kernel.walk([&](tile::ScanOp op) { buffers.tryMerge(op.getState(), op.getInit()); });
  kernel.walk([&](tile::GuardOp op) { buffers.tryMerge(op.getGuarded(), op.getSums()); });
  kernel.walk([&](tile::SinceResetOp op) { buffers.tryMerge(op.getResult(), op.getState()); });
  kernel.walk([&](linalg::LinalgOp op) { buffers.mergeInPlace(op); });
  buffers.chooseLayouts(kernel, vectorWidth);
  buffers.findCarried(kernel);
  if (failed(buffers.checkMoves(kernel)))
    return failure();
  buffers.addCopies(kernel);
  buffers.allocate();
  if (buffers.totalBytes > kMostBytes) {
    InFlightDiagnostic error = kernel.emitError("expected tiles of at most ") << kMostBytes << " bytes, got " << buffers.totalBytes;
    if (auto program = kernel->getParentOfType<tile::ProgramOp>())
      error << " with " << program.getPlan();
    return error << "; take a smaller chunk or fewer heads per block";
  }
  return buffers;
}

} // namespace mixc::cpu
