// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Matrix products by warps.
#pragma once

#include "MapCode.h"

namespace mixc::gpu {

class ProductEmitter : MapCode {
public:
  explicit ProductEmitter(KernelState &state) : MapCode(state) {}
  mlir::LogicalResult emit(gpu_tile::ContractOp op);

private:
  Values rowsBlock(gpu_tile::ContractOp op, int64_t row, int64_t k, LoadCache &cache);
  Values columnsBlock(gpu_tile::ContractOp op, int64_t row, int64_t col, int64_t k);
  Values tf32Operands(mlir::ArrayRef<mlir::Value> values, bool rounded);
  void multiply(mlir::MutableArrayRef<mlir::Value> acc, Values a, Values columns, mlir::Type element, int64_t k);
  void multiplyTf32(mlir::MutableArrayRef<mlir::Value> acc, mlir::ArrayRef<mlir::Value> a, mlir::ArrayRef<mlir::Value> columns);
  void multiplySplit(mlir::MutableArrayRef<mlir::Value> acc, mlir::ArrayRef<Values> a, mlir::ArrayRef<Values> columns, unsigned tile);
  void multiplyBlock(Values &acc, mlir::ArrayRef<Values> a, mlir::ArrayRef<Values> columns, gpu_tile::ContractOp op);
};

} // namespace mixc::gpu
