// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bulk copies by tensor maps.
#pragma once

#include "BarrierEmitter.h"

namespace mixc::gpu {

class BulkCopyEmitter : BarrierEmitter {
public:
  explicit BulkCopyEmitter(KernelState &state) : BarrierEmitter(state) {}
  mlir::LogicalResult emit(gpu_tile::FetchOp op);
  mlir::LogicalResult emit(gpu_tile::FlushOp op);
  mlir::LogicalResult emit(gpu_tile::DrainOp op);
  /// Finds the tensor maps that the kernel takes.
  void collectTensorMaps();
  /// Says on the function which these are, from that argument on.
  void describeTensorMaps(unsigned firstArgument);

private:
  mlir::Value tensorMapPointer(const TensorMap &map);
  template <typename Op> Values coordinates(Op op);
  template <typename Op> void packCoordinates(Values &coordinates, Op op);
  void eachRow(gpu_tile::FetchOp op, tile::ReverseOp reverse, llvm::function_ref<void(mlir::Value, mlir::ArrayRef<mlir::Value>)> copy);
  template <typename Op> void eachPanel(Op op, mlir::Value tile, llvm::function_ref<void(mlir::Value, mlir::ArrayRef<mlir::Value>)> body);
};

} // namespace mixc::gpu
