// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sums of tiles along dimensions.
#pragma once

#include "FragmentCode.h"

namespace mixc::gpu {

class SumEmitter : FragmentCode {
public:
  explicit SumEmitter(KernelState &state) : FragmentCode(state) {}
  mlir::LogicalResult emit(gpu_tile::SumOp op);

private:
  mlir::Value added(mlir::Value sum, mlir::Value element);
  mlir::Value exchanged(mlir::Value sum, int64_t by);
  Values ofRows(gpu_tile::SumOp op);
  mlir::Value ofRow(gpu_tile::FragmentType type, mlir::ArrayRef<mlir::Value> elements, size_t row);
  void sumRows(gpu_tile::SumOp op);
  void sumInRows(gpu_tile::SumOp op);
};

} // namespace mixc::gpu
