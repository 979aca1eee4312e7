// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Addresses in shared memory, and ldmatrix.
#pragma once

#include "ThreadCode.h"

namespace mixc::gpu {

class SharedCode : protected ThreadCode {
protected:
  using ThreadCode::ThreadCode;

  mlir::Value sharedPointer(mlir::Value buffer, mlir::ArrayRef<Index> indices);
  mlir::Value offsetPointer(mlir::Value pointer, mlir::Value bytes, int64_t constant);
  Values loadMatrices(mlir::Value buffer, mlir::ArrayRef<Index> indices, bool transposed);
  void storeMatrices(mlir::ArrayRef<mlir::Value> values, mlir::Value buffer, mlir::ArrayRef<Index> indices, bool transposed);
  mlir::Value loadShared(mlir::Value buffer, mlir::ArrayRef<Index> indices);
  void storeShared(mlir::Value value, mlir::Value buffer, mlir::ArrayRef<Index> indices);
};

} // namespace mixc::gpu
