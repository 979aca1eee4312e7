// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a tensor map can describe of a kernel's loads and stores. Its limits: TensorMaps.cpp of the dialect; addresses and strides, with
// each call: validate.c.

#include "BulkTiles.h"
#include "TileTypes.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// An operand of a product lies in rows of 128 bytes; its columns are a multiple of what a product takes at a time.
static constexpr int64_t kRowBytes = 128, kColumnUnit = 16;

std::optional<SharedType> mixc::gpu::bulkTypeOf(RankedTensorType type) {
  ArrayRef<int64_t> shape = type.getShape();
  int64_t row = -1, width = type.getElementTypeBitWidth() / 8;
  for (int64_t d = 0; d + 1 < type.getRank(); ++d)
    if (shape[d] > 1)
      row = row < 0 ? d : type.getRank();
  if (row < 0 || row >= type.getRank() || shape.back() % kColumnUnit != 0)
    return std::nullopt;
  int64_t panel = shape.back() * width == kRowBytes ? 0 : kRowBytes / width;
  return SharedType::get(type.getContext(), shape, type.getElementType(), row, /*stages=*/1, panel);
}

/// Tiles of rows one behind the other are one operand, as long as the swizzle, which follows the row, follows those of all together.
std::optional<SharedType> mixc::gpu::operandTypeOf(RankedTensorType type) {
  constexpr int64_t kSwizzledRows = 8;
  if (type.getElementType().isF32() || type.getRank() < 2)
    return std::nullopt;
  SmallVector<int64_t> shape(type.getShape());
  int64_t row = shape.size() - 2;
  while (row > 0 && shape[row] == 1)
    --row;
  if (shape[row] % kSwizzledRows == 0)
    std::fill(shape.begin(), shape.begin() + row, 1);
  std::optional<SharedType> ofRows = bulkTypeOf(RankedTensorType::get(shape, type.getElementType()));
  if (!ofRows)
    return std::nullopt;
  return SharedType::get(type.getContext(), type.getShape(), type.getElementType(), ofRows->getSwizzle(), /*stages=*/1, ofRows->getPanel());
}

FailureOr<SharedType> mixc::gpu::expectOperandType(RankedTensorType type, bool sideBySide, Location loc) {
  if (std::optional<SharedType> made = operandTypeOf(type); made && (sideBySide || bulkTypeOf(type)))
    return *made;
  emitError(loc) << "expected a 16-bit tile of rows and a multiple of " << kColumnUnit << " columns for a warpgroup, got " << type
                 << "; choose a plan of family = portable";
  return failure();
}

int64_t mixc::gpu::limitedTokens(MemRefType tensor, ArrayRef<int64_t> dims, ArrayRef<OpFoldResult> limits) {
  for (auto [dim, limit] : llvm::zip(dims, limits))
    if (isa<Value>(limit) && tensor.isDynamicDim(dim))
      return dim;
  return -1;
}

/// Whether a transfer's limit along a tile's dimension is the tensor's end or beyond the tile: all that a bulk copy knows of.
template <typename Op> static bool endsWithTensor(tile::KernelOp kernel, Op op, MemRefType memref, int64_t k, int64_t size) {
  int64_t dim = op.getDims()[k];
  OpFoldResult limit = op.getMixedLimits()[k], offset = op.getMixedOffsets()[dim];
  std::optional<int64_t> end = memref.isDynamicDim(dim) ? std::nullopt : std::optional(memref.getDimSize(dim)),
                         from = getConstantIntValue(offset);
  if (std::optional<int64_t> most = getConstantIntValue(limit))
    return *most >= size || (end && from && *most >= *end - *from);
  auto left = cast<Value>(limit).getDefiningOp<arith::SubIOp>();
  if (!left || OpFoldResult(left.getRhs()) != offset)
    return false;
  if (std::optional<int64_t> all = getConstantIntValue(left.getLhs()))
    return end && *all >= *end;
  // Of packed sequences a tensor map is made to end where each of them does, by its row. One without B has the tokens of the longest.
  if (auto sequence = left.getLhs().getDefiningOp<tile::SequenceOp>())
    return !end && left.getLhs() == sequence.getLength() && llvm::is_contained(op.getMixedOffsets(), OpFoldResult(sequence.getRow()));
  auto argument = dyn_cast<BlockArgument>(left.getLhs());
  return !end && argument && argument.getOwner() == &kernel.getBody().front() && argument.getArgNumber() == tile::KernelOp::kLength;
}

/// Whether a tensor map can describe a transfer of the tile: a tensor of the caller's, whose last dimension is the tile's, to its end.
template <typename Op> static bool canMap(tile::KernelOp kernel, Op op, Value memref, RankedTensorType tile, ArrayRef<int64_t> dims) {
  auto argument = dyn_cast<BlockArgument>(memref);
  auto type = cast<MemRefType>(memref.getType());
  auto program = kernel->getParentOfType<tile::ProgramOp>();
  int64_t tensors = kernel.getBody().getNumArguments() - (program ? program.getBuffers().size() : 0);
  // Where heads are of any number, tokens are known by their limit.
  if (program && program.getBands() && limitedTokens(type, op.getDims(), op.getMixedLimits()) < 0)
    return false;
  if (!argument || argument.getArgNumber() >= tensors || dims.empty() || !llvm::is_sorted(dims) || dims.back() + 1 != type.getRank())
    return false;
  return llvm::all_of(llvm::enumerate(tile.getShape()),
                      [&](auto size) { return endsWithTensor(kernel, op, type, size.index(), size.value()); });
}

/// Whether the tile's rows, one below the other, are what is reversed: they are copied one by one.
static bool areRowsReversed(tile::ReverseOp reverse, RankedTensorType tile, ArrayRef<int64_t> dims) {
  return llvm::all_of(llvm::zip(tile.getShape().drop_back(), dims.drop_back()),
                      [&](auto at) { return std::get<0>(at) == 1 || std::get<1>(at) == int64_t(reverse.getDim()); });
}

bool mixc::gpu::canFetch(tile::KernelOp kernel, tile::LoadOp load) {
  RankedTensorType tile = tileType(load.getTile());
  Value memref = load.getSource();
  if (auto reverse = memref.getDefiningOp<tile::ReverseOp>()) {
    if (!areRowsReversed(reverse, tile, load.getDims()))
      return false;
    memref = reverse.getSource();
  }
  const bool isOperand = feedsProduct(load.getTile());
  return canMap(kernel, load, memref, tile, load.getDims()) && bulkTypeOf(tile) && !(isOperand && tile.getElementType().isF32());
}

std::optional<SharedType> mixc::gpu::flushedType(tile::KernelOp kernel, tile::StoreOp store) {
  SmallVector<int64_t> shape, dims;
  for (int64_t d : memoryOrder(store.getDims())) {
    shape.push_back(tileType(store.getTile()).getShape()[d]);
    dims.push_back(store.getDims()[d]);
  }
  Type element = cast<MemRefType>(store.getDest().getType()).getElementType();
  std::optional<SharedType> type = element.isF32() ? std::nullopt : bulkTypeOf(RankedTensorType::get(shape, element));
  bool wholePanels = type && shape.back() % type->getRow() == 0;
  return wholePanels && canMap(kernel, store, store.getDest(), tileType(store.getTile()), dims) ? type : std::nullopt;
}

bool mixc::gpu::feedsProduct(Value tile) {
  return llvm::any_of(tile.getUses(), [](OpOperand &use) { return isa<linalg::ContractOp>(use.getOwner()) && use.getOperandNumber() < 2; });
}
