// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Shuffle.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

Value mixc::gpu::shuffle(ImplicitLocOpBuilder &b, NVVM::ShflKind kind, Value v, Value by, int64_t clamp) {
  auto i32 = [&](int64_t value) -> Value { return arith::ConstantIntOp::create(b, value, 32); };
  if (v.getType().getIntOrFloatBitWidth() != 64)
    return NVVM::ShflOp::create(b, v.getType(), i32(-1), v, by, i32(clamp), kind, UnitAttr());
  auto halves = VectorType::get(2, b.getI32Type());
  Value both = LLVM::BitcastOp::create(b, halves, v), moved = LLVM::UndefOp::create(b, halves);
  for (unsigned half : {0, 1}) {
    Value part = shuffle(b, kind, LLVM::ExtractElementOp::create(b, both, i32(half)), by, clamp);
    moved = LLVM::InsertElementOp::create(b, moved, part, i32(half));
  }
  return LLVM::BitcastOp::create(b, v.getType(), moved);
}
