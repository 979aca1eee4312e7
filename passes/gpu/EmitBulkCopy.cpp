// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bulk copies by tensor maps.

#include "BulkCopyEmitter.h"
#include "BulkTiles.h"
#include "mixc/passes/Gpu.h"
#include "mixc/runtime/descriptor.h"
#include <numeric>

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// Policies of the second-level cache, as createpolicy encodes them.
static constexpr int64_t kEvictFirst = 0x12f0000000000000, kEvictLast = 0x14f0000000000000;

static tile::ReverseOp reverseOf(Value memref) { return memref.getDefiningOp<tile::ReverseOp>(); }

/// A box of a tensor: what a kernel's tensor map describes. One row of what is reversed.
template <typename Op> static TensorMap mapOf(Op op, SharedType shared) {
  auto type = cast<MemRefType>(op.getMemref().getType());
  tile::ReverseOp reverse = reverseOf(op.getMemref());
  auto tensor = cast<BlockArgument>(reverse ? reverse.getSource() : op.getMemref());
  TensorMap map{int64_t(tensor.getArgNumber()) - tile::KernelOp::kFirstMemref, SmallVector<int64_t>(type.getRank(), 1)};
  for (auto [size, dim] : llvm::zip(shared.getShape(), op.getDims()))
    map.box[dim] = reverse && dim == int64_t(reverse.getDim()) ? 1 : size;
  map.box.back() = shared.getRow();
  return map;
}

void BulkCopyEmitter::collectTensorMaps() {
  kernel.walk([&](Operation *op) {
    TensorMap map;
    if (auto fetch = dyn_cast<FetchOp>(op))
      map = mapOf(fetch, cast<SharedType>(fetch.getDest().getType()));
    else if (auto flush = dyn_cast<FlushOp>(op))
      map = mapOf(flush, cast<SharedType>(flush.getSource().getType()));
    else
      return;
    if (!llvm::is_contained(state.tensorMaps, map))
      state.tensorMaps.push_back(map);
  });
}

/// The attribute that tells the runtime which maps to pass, after the other parameters.
void BulkCopyEmitter::describeTensorMaps(unsigned firstArgument) {
  SmallVector<Attribute> maps;
  for (auto [i, map] : llvm::enumerate(state.tensorMaps)) {
    auto tensor = cast<MemRefType>(kernel.getArgumentTypes()[tile::KernelOp::kFirstMemref + map.tensor]);
    int64_t rowBytes = map.box.back() * tensor.getElementTypeBitWidth() / 8; // which is also the swizzle's width
    maps.push_back(b.getDictionaryAttr({b.getNamedAttr("tensor", b.getI32IntegerAttr(map.tensor)),
                                        b.getNamedAttr("box", b.getDenseI64ArrayAttr(map.box)),
                                        b.getNamedAttr("swizzle", b.getI32IntegerAttr(rowBytes))}));
    unsigned arg = firstArgument + i;
    auto bytes = LLVM::LLVMArrayType::get(b.getI8Type(), 128);
    state.function.setArgAttr(arg, LLVM::LLVMDialect::getByValAttrName(), TypeAttr::get(bytes));
    state.function.setArgAttr(arg, LLVM::LLVMDialect::getAlignAttrName(), b.getI64IntegerAttr(64));
    state.function.setArgAttr(arg, NVVM::NVVMDialect::getGridConstantAttrName(), b.getUnitAttr());
  }
  if (!maps.empty())
    state.function->setAttr(kTensorMapsAttr, b.getArrayAttr(maps));
}

Value BulkCopyEmitter::tensorMapPointer(const TensorMap &map) {
  auto found = llvm::find(state.tensorMaps, map);
  unsigned first = state.function.getNumArguments() - state.tensorMaps.size() - (state.allBlocks ? 1 : 0);
  return state.function.getArgument(first + (found - state.tensorMaps.begin()));
}

/// The sequence whose row the offset is, null if it is none's.
static tile::SequenceOp rowOf(OpFoldResult offset) {
  auto value = dyn_cast<Value>(offset);
  auto sequence = value ? value.getDefiningOp<tile::SequenceOp>() : tile::SequenceOp();
  return sequence && value == sequence.getRow() ? sequence : tile::SequenceOp();
}

/// A tensor of packed sequences is described with T tokens and as many along B, with the stride of one, both from T tokens before its first
/// one (cuda_launch.c): of a sequence's token t = 0 .. length - 1 the coordinates are T - length + t and row + length. So those of
/// its end, and none before, are where the tensor ends. What is reversed goes beyond its first token instead: t and row + T.
template <typename Op> void BulkCopyEmitter::packCoordinates(Values &coordinates, Op op) {
  auto type = cast<MemRefType>(op.getMemref().getType());
  const bool isReversed = bool(reverseOf(op.getMemref()));
  tile::SequenceOp sequence;
  // Heads may be of any number as well, but tokens alone end where a sequence does (canMap).
  const int64_t limited = limitedTokens(type, op.getDims(), op.getMixedLimits());
  int64_t batch = -1, tokens = limited, rank = type.getRank();
  for (auto [dim, offset] : llvm::enumerate(op.getMixedOffsets())) {
    if (tile::SequenceOp of = rowOf(offset)) {
      sequence = of;
      batch = dim;
    } else if (limited < 0 && type.isDynamicDim(dim)) {
      tokens = dim;
    }
  }
  if (!sequence || tokens < 0)
    return;
  auto narrow = [&](Value value) -> Value { return arith::TruncIOp::create(b, b.getI32Type(), value); };
  Value bits = arith::AndIOp::create(b, state.sequences.kinds, i64(MIXC_STARTS));
  Value isPacked = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, bits, i64(0));
  Value all = narrow(scalars.lookup(kernel.getBody().getArgument(tile::KernelOp::kLength)));
  Value own = narrow(scalars.lookup(sequence.getLength()));
  auto moveBy = [&](int64_t dim, Value by) {
    Value &coordinate = coordinates[rank - 1 - dim];
    coordinate = add(coordinate, arith::SelectOp::create(b, isPacked, by, i32(0)));
  };
  moveBy(batch, isReversed ? all : own);
  if (!isReversed)
    moveBy(tokens, arith::SubIOp::create(b, all, own));
}

/// Where the tile begins, innermost dimension first.
template <typename Op> Values BulkCopyEmitter::coordinates(Op op) {
  Values values;
  SmallVector<OpFoldResult> offsets = op.getMixedOffsets();
  for (OpFoldResult offset : llvm::reverse(offsets)) {
    if (auto attr = dyn_cast<Attribute>(offset))
      values.push_back(i32(cast<IntegerAttr>(attr).getInt()));
    else
      values.push_back(arith::TruncIOp::create(b, b.getI32Type(), scalars.lookup(cast<Value>(offset))));
  }
  packCoordinates(values, op);
  return values;
}

/// body(pointer, coordinates) for each panel of the tile.
template <typename Op> void BulkCopyEmitter::eachPanel(Op op, Value tile, function_ref<void(Value, ArrayRef<Value>)> body) {
  auto type = cast<SharedType>(tile.getType());
  int64_t width = type.getElementType().getIntOrFloatBitWidth() / 8;
  Values at = coordinates(op);
  Value inner = at.front();
  for (int64_t panel = 0; panel * type.getRow() < type.getShape().back(); ++panel) {
    at.front() = panel ? add(inner, i32(panel * type.getRow())) : inner;
    body(offsetPointer(buffers.lookup(tile), Value(), panel * type.getPanelStride() * width), at);
  }
}

LogicalResult BulkCopyEmitter::emit(FetchOp op) {
  Value map = tensorMapPointer(mapOf(op, cast<SharedType>(op.getDest().getType())));
  Value done = barrierPointer(op.getBarriers(), op.getIndex()), hint = i64(op.getReused() ? kEvictLast : kEvictFirst);
  auto copy = [&](Value pointer, ArrayRef<Value> at) {
    constexpr unsigned kSharedCluster = 7;
    Value dest = LLVM::AddrSpaceCastOp::create(b, LLVM::LLVMPointerType::get(b.getContext(), kSharedCluster), pointer);
    NVVM::CpAsyncBulkTensorGlobalToSharedClusterOp::create(b, dest, map, at, done, ValueRange(), Value(), hint, NVVM::TMALoadMode::TILE,
                                                           /*isCTAOnly=*/false, NVVM::CTAGroupKindAttr(), Value());
  };
  if (tile::ReverseOp reverse = reverseOf(op.getMemref()))
    eachRow(op, reverse, copy);
  else
    eachPanel(op, op.getDest(), copy);
  return success();
}

/// Rows that lie the other way round in memory, several in an iteration: one thread issues them all, which would wait for its own address
/// arithmetic. The swizzle follows the address, so that a row is swizzled as in a whole tile.
void BulkCopyEmitter::eachRow(FetchOp op, tile::ReverseOp reverse, function_ref<void(Value, ArrayRef<Value>)> copy) {
  constexpr int64_t kTogether = 8;
  auto type = cast<SharedType>(op.getDest().getType());
  const int64_t rows = type.getShape()[type.getSwizzle()], rowBytes = type.getRow() * type.getElementType().getIntOrFloatBitWidth() / 8;
  const int64_t together = std::gcd(rows, kTogether);
  const int64_t dim = cast<MemRefType>(op.getMemref().getType()).getRank() - 1 - int64_t(reverse.getDim()); // innermost first
  Value last = arith::SubIOp::create(b, arith::TruncIOp::create(b, b.getI32Type(), scalars.lookup(reverse.getLength())), i32(1));
  auto loop = scf::ForOp::create(b, i32(0), i32(rows), i32(together));
  forbidUnrolling(loop);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value first = loop.getInductionVar(), bytes = mul(first, rowBytes);
  eachPanel(op, op.getDest(), [&](Value pointer, ArrayRef<Value> at) {
    Values reversed(at);
    Value start = arith::SubIOp::create(b, last, arith::AddIOp::create(b, at[dim], first));
    for (int64_t row = 0; row < together; ++row) {
      reversed[dim] = arith::SubIOp::create(b, start, i32(row));
      copy(offsetPointer(pointer, bytes, row * rowBytes), reversed);
    }
  });
}

LogicalResult BulkCopyEmitter::emit(FlushOp op) {
  Value map = tensorMapPointer(mapOf(op, cast<SharedType>(op.getSource().getType())));
  ifValid(arith::CmpIOp::create(b, arith::CmpIPredicate::eq, thread, i32(0)), [&] {
    eachPanel(op, op.getSource(), [&](Value pointer, ArrayRef<Value> at) {
      NVVM::CpAsyncBulkTensorSharedCTAToGlobalOp::create(b, map, pointer, at, i64(kEvictFirst), NVVM::TMAStoreMode::TILE, Value());
    });
    NVVM::CpAsyncBulkCommitGroupOp::create(b);
  });
  return success();
}

LogicalResult BulkCopyEmitter::emit(DrainOp op) {
  ifValid(arith::CmpIOp::create(b, arith::CmpIPredicate::eq, thread, i32(0)),
          [&] { NVVM::CpAsyncBulkWaitGroupOp::create(b, 0, op.getWritten() ? UnitAttr() : b.getUnitAttr()); });
  return success();
}
