// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Matrix products by warpgroups.
#pragma once

#include "MapCode.h"

namespace mixc::gpu {

class WgmmaEmitter : MapCode {
public:
  explicit WgmmaEmitter(KernelState &state) : MapCode(state) {}
  mlir::LogicalResult emit(gpu_tile::WgmmaOp op);
  mlir::LogicalResult emit(gpu_tile::WgmmaWaitOp op);

private:
  struct Product;
  Product productOf(gpu_tile::WgmmaOp op);
  Values accumulators(gpu_tile::WgmmaOp op, bool fromZero);
  void fence(Values &acc, Values &rows, bool hasSums);
  Values multiplyStep(const Product &product, int64_t tile, int64_t step, mlir::ArrayRef<mlir::Value> rows,
                      mlir::ArrayRef<mlir::Value> sums);
  void awaitBefore(mlir::Value rows, Values &acc);
  mlir::Value matrixDescriptor(mlir::Value tile, int64_t panelBytes);
};

} // namespace mixc::gpu
