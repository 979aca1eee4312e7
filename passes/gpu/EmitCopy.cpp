// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tiles between device memory and shared memory: in pieces of 16 bytes, of 8 or 4 where rows are no multiple of those, or element by
// element.

#include "TransferEmitter.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// The longest pieces that rows consist of, by the size that is known of the tensor and of the tile; any of its own where they do not.
static int64_t pieceBytesFor(int64_t tensorRow, int64_t tileRow, int64_t width) {
  for (int64_t bytes : {16, 8, 4})
    if (bytes >= width && tensorRow * width % bytes == 0 && tileRow * width % bytes == 0)
      return bytes;
  return 16;
}

/// Whether pieces of so many elements can be moved: pointer and strides allow it, and the innermost offset and limit.
Value TransferEmitter::wideAccess(const Transfer &transfer, Value memref, int64_t perPiece) {
  int64_t inner = transfer.dims.back(), width = transfer.memElement.getIntOrFloatBitWidth() / 8;
  if (transfer.shape.back() % perPiece != 0)
    return Value();
  // A reversed tensor is aligned as the one it is made of; its own rows go backwards.
  if (auto steps = memref.getDefiningOp<tile::StepsOp>()) {
    if (int64_t(steps.getDim()) == inner)
      return Value();
    memref = steps.getSource();
  }
  if (auto earlier = memref.getDefiningOp<tile::EarlierOp>()) {
    if (int64_t(earlier.getDim()) == inner)
      return Value();
    memref = earlier.getSource();
  }
  for (auto reverse = memref.getDefiningOp<tile::ReverseOp>(); reverse; reverse = memref.getDefiningOp<tile::ReverseOp>()) {
    if (int64_t(reverse.getDim()) == inner)
      return Value();
    memref = reverse.getSource();
  }
  Value &aligned = state.alignments[{memref.getAsOpaquePointer(), inner, perPiece}];
  if (!aligned) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointAfter(state.sharedBase.getDefiningOp());
    const Memref &entry = state.entryMemrefs.find(memref)->second;
    auto type = cast<MemRefType>(memref.getType());
    SmallVector<int64_t> sizes = type.getStridesAndOffset().first;
    auto strideOf = [&](int64_t d) { return ShapedType::isDynamic(sizes[d]) ? entry.strides[d] : i64(sizes[d]); };
    Value bits = LLVM::PtrToIntOp::create(b, b.getI64Type(), entry.pointer);
    for (int64_t d = 0; d < type.getRank(); ++d)
      if (d != inner && type.getDimSize(d) != 1)
        bits = arith::OrIOp::create(b, bits, arith::MulIOp::create(b, strideOf(d), i64(width)));
    Value low = arith::AndIOp::create(b, bits, i64(perPiece * width - 1));
    Value even = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, low, i64(0));
    Value dense = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, strideOf(inner), i64(1));
    aligned = arith::AndIOp::create(b, even, dense);
  }
  Value all = aligned;
  if (transfer.innerOffset) {
    Value low = arith::AndIOp::create(b, transfer.innerOffset, i64(perPiece - 1));
    all = arith::AndIOp::create(b, all, arith::CmpIOp::create(b, arith::CmpIPredicate::eq, low, i64(0)));
  }
  if (Value limit = transfer.limits.back()) {
    Value low = arith::AndIOp::create(b, limit, i32(perPiece - 1));
    all = arith::AndIOp::create(b, all, arith::CmpIOp::create(b, arith::CmpIPredicate::eq, low, i32(0)));
  }
  return all;
}

/// Indices of the first element of this thread's k-th piece. Pieces of one index of the first dimension that divide the threads
/// keep the other indices for all k.
SmallVector<Index> TransferEmitter::copiedPiece(const Transfer &transfer, int64_t k, Value &valid) {
  ArrayRef<int64_t> shape = transfer.shape;
  int64_t perPiece = transfer.perPiece(), pieces = 1, rank = shape.size();
  for (int64_t size : shape)
    pieces *= size;
  pieces /= perPiece;
  SmallVector<Index> indices(rank, Index{Value(), 0, 0});
  int64_t perRow = pieces / shape.front();
  bool even = rank > 1 && threads % perRow == 0;
  Value piece = even || k == 0 ? thread : add(thread, i32(k * threads));
  if ((k + 1) * threads > pieces)
    valid = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, even && k ? add(piece, i32(k * threads)) : piece, i32(pieces));
  int64_t after = 1;
  for (int64_t d = rank; d-- > 0;) {
    int64_t size = d + 1 == rank ? shape[d] / perPiece : shape[d];
    Value part = div(piece, after);
    if (d > 0)
      part = rem(part, size);
    indices[d] = {d + 1 == rank ? mul(part, perPiece) : part, 0};
    after *= size;
  }
  if (even)
    indices[0].constant = k * threads / perRow;
  return indices;
}

/// body(indices) for every piece of this thread.
void TransferEmitter::eachPiece(const Transfer &transfer, function_ref<void(ArrayRef<Index>)> body) {
  int64_t pieces = 1;
  for (int64_t size : transfer.shape)
    pieces *= size;
  pieces /= transfer.perPiece();
  for (int64_t k = 0; k * threads < pieces; ++k) {
    Value valid;
    SmallVector<Index> indices = copiedPiece(transfer, k, valid);
    ifValid(valid, [&] { body(indices); });
  }
}

/// body(indices) for every element of this thread, in a loop.
void TransferEmitter::eachElement(const Transfer &transfer, function_ref<void(ArrayRef<Index>)> body) {
  int64_t elements = 1;
  for (int64_t size : transfer.shape)
    elements *= size;
  auto loop = scf::ForOp::create(b, thread, i32(elements), i32(threads));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  SmallVector<Index> indices(transfer.shape.size());
  Value rest = loop.getInductionVar();
  for (size_t d = transfer.shape.size(); d-- > 0;) {
    indices[d] = {d ? rem(rest, transfer.shape[d]) : rest, 0};
    rest = div(rest, transfer.shape[d]);
  }
  body(indices);
}

/// piece(indices, bytes) for every piece of this thread where pieces can be moved, else element(indices) for every element.
void TransferEmitter::moveTile(Transfer transfer, Value memref, PieceBody piece, function_ref<void(ArrayRef<Index>)> element) {
  const int64_t row = cast<MemRefType>(memref.getType()).getDimSize(transfer.dims.back());
  transfer.pieceBytes =
      pieceBytesFor(ShapedType::isDynamic(row) ? 0 : row, transfer.shape.back(), transfer.memElement.getIntOrFloatBitWidth() / 8);
  Value wide = wideAccess(transfer, memref, transfer.perPiece());
  if (!wide)
    return eachElement(transfer, element);
  auto branch = scf::IfOp::create(b, wide, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  eachPiece(transfer, [&](ArrayRef<Index> indices) { piece(indices, transfer.pieceBytes); });
  b.setInsertionPointToStart(branch.elseBlock());
  eachElement(transfer, element);
}

LogicalResult TransferEmitter::emit(CopyOp op) {
  auto type = cast<SharedType>(op.getDest().getType());
  Transfer transfer = transferOf(op, type.getShape());
  auto piece = [&](ArrayRef<Index> indices, int64_t bytes) {
    Value copied;
    if (Value in = within(transfer, indices))
      copied = arith::SelectOp::create(b, in, i32(bytes), i32(0));                                      // 0: fills with zeros
    const auto cache = bytes == 16 ? NVVM::LoadCacheModifierKind::CG : NVVM::LoadCacheModifierKind::CA; // shorter ones pass the first level
    NVVM::CpAsyncOp::create(b, sharedPointer(op.getDest(), indices), globalPointer(transfer, indices), static_cast<int32_t>(bytes), cache,
                            copied);
  };
  auto element = [&](ArrayRef<Index> indices) {
    storeShared(loadElement(transfer, indices, within(transfer, indices), type.getElementType()), op.getDest(), indices);
  };
  moveTile(transfer, op.getMemref(), piece, element);
  return success();
}

/// The same, for the strips of warps: each goes through its own, and names what it has there as all would.
void TransferEmitter::moveStrips(Transfer transfer, int64_t strips, Value memref, PieceBody piece,
                                 function_ref<void(ArrayRef<Index>)> element) {
  if (strips == 0)
    return moveTile(transfer, memref, piece, element);
  transfer.shape.back() /= strips;
  Value first = mul(warp, transfer.shape.back());
  llvm::SaveAndRestore outerThread(thread, lane);
  llvm::SaveAndRestore<int64_t> outerThreads(threads, 32);
  auto inStrip = [&](ArrayRef<Index> indices) {
    SmallVector<Index> all(indices);
    all.back() = {add(first, all.back().value), all.back().constant};
    return all;
  };
  moveTile(
      transfer, memref, [&](ArrayRef<Index> indices, int64_t bytes) { piece(inStrip(indices), bytes); },
      [&](ArrayRef<Index> indices) { element(inStrip(indices)); });
}

LogicalResult TransferEmitter::emit(WriteOp op) {
  auto type = cast<SharedType>(op.getSource().getType());
  Transfer transfer = transferOf(op, type.getShape());
  transfer.isStore = true;
  auto piece = [&](ArrayRef<Index> indices, int64_t bytes) {
    ifValid(within(transfer, indices), [&] {
      Type words = VectorType::get(bytes / 4, b.getI32Type());
      Value data = LLVM::LoadOp::create(b, words, sharedPointer(op.getSource(), indices), bytes);
      LLVM::StoreOp::create(b, data, globalPointer(transfer, indices), bytes);
    });
  };
  auto element = [&](ArrayRef<Index> indices) {
    ifValid(within(transfer, indices),
            [&] { LLVM::StoreOp::create(b, loadShared(op.getSource(), indices), globalPointer(transfer, indices)); });
  };
  moveStrips(transfer, int32_t(op.getStrips()), op.getMemref(), piece, element);
  return success();
}
