// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bulk copies by tensor maps.

#include "BulkCopyEmitter.h"
#include "mixc/passes/Gpu.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// Policies of the second-level cache, as createpolicy encodes them.
static constexpr int64_t kEvictFirst = 0x12f0000000000000, kEvictLast = 0x14f0000000000000;

/// A box of a tensor: what a kernel's tensor map describes.
template <typename Op> static TensorMap mapOf(Op op, SharedType shared) {
  auto type = cast<MemRefType>(op.getMemref().getType());
  TensorMap map{int64_t(cast<BlockArgument>(op.getMemref()).getArgNumber()) - tile::KernelOp::kFirstMemref,
                SmallVector<int64_t>(type.getRank(), 1)};
  for (auto [size, dim] : llvm::zip(shared.getShape(), op.getDims()))
    map.box[dim] = size;
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
  constexpr unsigned kSharedCluster = 7;
  eachPanel(op, op.getDest(), [&](Value pointer, ArrayRef<Value> at) {
    Value dest = LLVM::AddrSpaceCastOp::create(b, LLVM::LLVMPointerType::get(b.getContext(), kSharedCluster), pointer);
    NVVM::CpAsyncBulkTensorGlobalToSharedClusterOp::create(b, dest, map, at, done, ValueRange(), Value(), hint, NVVM::TMALoadMode::TILE,
                                                           /*isCTAOnly=*/false, NVVM::CTAGroupKindAttr(), Value());
  });
  return success();
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
