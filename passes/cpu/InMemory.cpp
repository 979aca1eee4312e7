// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tiles beside a scan of one row that need no place in scratch memory: one that is loaded and read once is read in the tensor, one that is
// written once and then stored is written there. At run time that is so where the rows of the tensor are contiguous and no limit cuts the
// tile; a pointer and the distance of rows, chosen then, say where the tile lies, and the transfer is left out.

#include "KernelEmitter.h"
#include "KernelOps.h"

using namespace mlir;

namespace mixc::cpu {

//===--- Which tiles ---===//

/// The dimensions of more than one element.
static SmallVector<int64_t> wideDims(RankedTensorType type) {
  SmallVector<int64_t> dims;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (type.getDimSize(dim) > 1)
      dims.push_back(dim);
  return dims;
}

SmallVector<int64_t> renamedOrder(RankedTensorType from, ArrayRef<int64_t> order, RankedTensorType to) {
  if (from == to)
    return SmallVector<int64_t>(order);
  SmallVector<int64_t> names = wideDims(from), newNames = wideDims(to), result;
  for (int64_t dim = 0; dim < to.getRank(); ++dim)
    if (to.getDimSize(dim) == 1)
      result.push_back(dim);
  for (int64_t dim : order)
    if (auto *it = llvm::find(names, dim); it != names.end())
      result.push_back(newNames[it - names.begin()]);
  return result;
}

bool isRenaming(Operation *op) {
  auto generic = dyn_cast_or_null<linalg::GenericOp>(op);
  if (!generic || !isParallel(generic) || generic.getNumDpsInputs() != 1 || generic->getNumResults() != 1)
    return false;
  auto from = cast<RankedTensorType>(generic.getInputs()[0].getType()), to = cast<RankedTensorType>(generic->getResult(0).getType());
  if (generic.getBody()->getTerminator()->getOperand(0) != generic.getBody()->getArgument(0) ||
      from.getElementType() != to.getElementType())
    return false;
  auto loops = [&](OpOperand &operand, RankedTensorType type) {
    AffineMap map = generic.getMatchingIndexingMap(&operand);
    return llvm::map_to_vector(wideDims(type), [&](int64_t dim) { return map.getResult(dim); });
  };
  return loops(*generic.getDpsInputOperand(0), from) == loops(*generic.getDpsInitOperand(0), to);
}

/// Whether the tensor's elements are the tile's, in rows.
template <typename Op> static bool isPlain(Op op, Value memref) {
  auto type = cast<RankedTensorType>(op.getTile().getType());
  Operation *view = memref.getDefiningOp();
  const SmallVector<int64_t> wide = wideDims(type);
  return !op.getOptional() && !isa_and_nonnull<tile::StepsOp, tile::EarlierOp>(view) && !wide.empty() && wide.size() <= 2 &&
         wide.back() == type.getRank() - 1 && type.getElementType() == cast<MemRefType>(memref.getType()).getElementType();
}

static bool hasOneRow(tile::ScanOp scan) { return cast<RankedTensorType>(scan.getState().getType()).getDimSize(1) == 1; }

static Operation *onlyUserOf(Value value) { return value.hasOneUse() ? *value.user_begin() : nullptr; }

/// Whether an elementwise operation is all that reads the tile, each element once.
bool TileBuffers::isReadOnce(tile::LoadOp load) const {
  auto user = dyn_cast_or_null<linalg::LinalgOp>(onlyUserOf(load.getTile()));
  if (!user || isContraction(user) || !isParallel(user) || user->getBlock() != load->getBlock())
    return false;
  int64_t iterations = 1;
  for (int64_t range : user.getStaticLoopRanges())
    iterations *= range;
  auto root = dyn_cast<linalg::LinalgOp>(rootOf(user.getOperation()));
  return !(root && isContraction(root)) && iterations == cast<RankedTensorType>(load.getTile().getType()).getNumElements();
}

/// The operation that writes the tile, each element once, before whose time it is known where it will be stored.
Operation *TileBuffers::writerOf(tile::StoreOp store) const {
  Value tile = store.getTile();
  if (onlyUserOf(tile) != store)
    return nullptr;
  if (Operation *op = tile.getDefiningOp(); isRenaming(op) && onlyUserOf(op->getOperand(0)) == op)
    tile = op->getOperand(0);
  Operation *writer = tile.getDefiningOp();
  if (!writer || writer->getBlock() != store->getBlock() || isFused(writer))
    return nullptr;
  auto scan = dyn_cast<tile::ScanOp>(writer);
  auto op = dyn_cast<linalg::LinalgOp>(writer);
  const bool isScanned = scan && !scansTokens(scan) && !scan.getAcross() && tile == scan.getY() && hasOneRow(scan);
  if (!isScanned && !(op && !isContraction(op) && isParallel(op) && op->getNumResults() == 1))
    return nullptr;
  for (Value operand : store->getOperands())
    if (Operation *def = operand.getDefiningOp();
        operand != store.getTile() && def && def->getBlock() == writer->getBlock() && !def->isBeforeInBlock(writer))
      return nullptr;
  return writer;
}

/// Beside scans of one row, which do little for a token: others want their tiles together, in the first-level cache. Renamings are merged
/// before.
void TileBuffers::findInMemory(tile::KernelOp kernel) {
  auto leave = [&](Value tile, Operation *transfer) {
    if (auto it = classOf.find(rootOf(tile)); it != classOf.end() && !classes[it->second].transfer)
      classes[it->second].transfer = transfer;
  };
  auto isScanned = [](Operation *transfer) { return llvm::any_of(transfer->getBlock()->getOps<tile::ScanOp>(), hasOneRow); };
  kernel.walk([&](tile::LoadOp load) {
    if (isScanned(load) && isPlain(load, load.getSource()) && isReadOnce(load))
      leave(load.getTile(), load);
  });
  kernel.walk([&](tile::StoreOp store) {
    if (isScanned(store) && isPlain(store, store.getDest()) && writerOf(store))
      leave(store.getTile(), store);
  });
}

Operation *TileBuffers::transferOf(Value tile) const {
  if (withoutBuffer(tile))
    return nullptr;
  auto it = classOf.find(rootOf(tile));
  if (it == classOf.end() || !classes[it->second].transfer)
    return nullptr;
  // Rows are what the last dimension counts, in order.
  auto type = cast<RankedTensorType>(tile.getType());
  SmallVector<int64_t> wide = wideDims(type), order;
  for (int64_t dim : lookup(tile).order)
    if (type.getDimSize(dim) > 1)
      order.push_back(dim);
  return order == wide ? classes[it->second].transfer : nullptr;
}

//===--- Where they lie ---===//

/// Chooses where the tile lies that is loaded or stored.
void KernelEmitter::openInMemory(Value tile) {
  Operation *transfer = buffers.transferOf(tile);
  if (auto load = dyn_cast<tile::LoadOp>(transfer))
    openInMemory(load, load.getSource());
  else
    openInMemory(cast<tile::StoreOp>(transfer), cast<tile::StoreOp>(transfer).getDest());
}

/// Of the first element of what is loaded or stored.
template <typename Op> Value KernelEmitter::addressInTensor(Op op, Value memref) {
  const Edge &edge = edges[memref];
  Value offset = index(0);
  for (auto [at, each] : llvm::zip_equal(op.getMixedOffsets(), edge.strides))
    offset = arith::AddIOp::create(*this, offset, arith::MulIOp::create(*this, valueOf(at), each));
  return address(edge.pointer, 0, {{offset, 1}});
}

/// Whether no limit cuts the tile; null where that is known.
template <typename Op> Value KernelEmitter::isWhole(Op op, const Tile &tile) {
  Value result;
  for (auto [dim, limit] : llvm::enumerate(op.getMixedLimits())) {
    if (std::optional<int64_t> known = getConstantIntValue(limit); known && *known >= tile.size(dim))
      continue;
    Value whole = arith::CmpIOp::create(*this, arith::CmpIPredicate::sge, valueOf(limit), index(tile.size(dim)));
    result = result ? arith::AndIOp::create(*this, result, whole).getResult() : whole;
  }
  return result;
}

template Value KernelEmitter::addressInTensor(tile::LoadOp op, Value memref);
template Value KernelEmitter::addressInTensor(tile::StoreOp op, Value memref);
template Value KernelEmitter::isWhole(tile::LoadOp op, const Tile &tile);
template Value KernelEmitter::isWhole(tile::StoreOp op, const Tile &tile);

template <typename Op> void KernelEmitter::openInMemory(Op op, Value memref) {
  Tile tile = buffers.lookup(op.getTile());
  const int64_t bytes = tile.type.getElementTypeBitWidth() / 8;
  const Edge &edge = edges[memref];
  const SmallVector<int64_t> wide = wideDims(tile.type);
  auto stride = [&](int64_t dim) { return edge.strides[op.getDims()[dim]]; };
  Value isThere = arith::CmpIOp::create(*this, arith::CmpIPredicate::eq, stride(wide.back()), index(bytes));
  if (Value whole = isWhole(op, tile))
    isThere = arith::AndIOp::create(*this, isThere, whole);
  Value there = addressInTensor(op, memref), here = address(scratch, tile.offset, {});
  Value row = index(tile.size(wide.back()) * bytes), distance = row;
  if (wide.size() == 2)
    distance = arith::SelectOp::create(*this, isThere, stride(wide.front()), row);
  Value ahead = bytesToNext(op, memref);
  if (ahead)
    ahead = arith::SelectOp::create(*this, isThere, ahead, index(0));
  inMemory[tile.number] = {arith::SelectOp::create(*this, isThere, there, here), distance, isThere, ahead};
}

/// What brings the tile to its place in scratch memory, or from there.
void KernelEmitter::unlessInMemory(const Tile &tile, function_ref<void()> body) {
  Value isThere = inMemory.lookup(tile.number).isThere, yes = arith::ConstantOp::create(*this, getBoolAttr(true));
  when(arith::XOrIOp::create(*this, isThere, yes), body);
}

/// What the next trip of the loop over tokens reads or writes here, a vector at a time: a burst of all rows is more than the processor
/// takes. A store that waits for its line holds up those behind it.
void KernelEmitter::fetchAhead(const Tile &tile, Value pointer) {
  constexpr int kRead = 0, kSecondLevel = 2, kData = 1;
  if (Value ahead = inMemory.lookup(tile.number).ahead; ahead)
    LLVM::Prefetch::create(*this, address(pointer, 0, {{ahead, 1}}), kRead, kSecondLevel, kData);
}

/// Elements count in rows as in scratch memory, wherever these lie.
Value KernelEmitter::addressInMemory(const Tile &tile, int64_t element, ArrayRef<int64_t> strides, ValueRange indices) {
  const InMemory &place = inMemory[tile.number];
  const int64_t row = tile.size(tile.innermost()), bytes = tile.type.getElementTypeBitWidth() / 8;
  SmallVector<Term> terms;
  if (!place.rowBytes) {
    for (auto [stride, index] : llvm::zip_equal(strides, indices))
      terms.push_back({index, stride * bytes});
    return address(place.pointer, element * bytes, terms);
  }
  auto add = [&](Value index, int64_t elements) {
    terms.push_back({index, elements % row * bytes});
    if (elements / row)
      terms.push_back({arith::MulIOp::create(*this, index, place.rowBytes), elements / row});
  };
  if (element / row)
    terms.push_back({place.rowBytes, element / row});
  for (auto [stride, index] : llvm::zip_equal(strides, indices))
    if (stride && index && getConstantIntValue(index) != 0)
      add(index, stride);
  return address(place.pointer, element % row * bytes, terms);
}

} // namespace mixc::cpu
