// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Recurrences, token by token.
#pragma once

#include "FragmentCode.h"

namespace mixc::gpu {

class ScanEmitter : FragmentCode {
public:
  explicit ScanEmitter(KernelState &state) : FragmentCode(state) {}
  mlir::LogicalResult emit(gpu_tile::ScanOp op);

private:
  struct ScanPlace;
  void scanSequential(gpu_tile::ScanOp op);
  Values loadRows(const ScanPlace &at, mlir::Value rows, Index token, Index head);
  mlir::Value sumOfRows(mlir::ArrayRef<mlir::Value> factors, mlir::ArrayRef<mlir::Value> states, const ScanPlace &at, int64_t k);
  Values correctionOf(gpu_tile::ScanOp op, const ScanPlace &at, mlir::ArrayRef<mlir::Value> states, Index token, Index head,
                      mlir::Value valid);
  void decayRows(gpu_tile::ScanOp op, const ScanPlace &at, mlir::MutableArrayRef<mlir::Value> states, Index token, Index head);
  void scanAssociative(gpu_tile::ScanOp op);
};

} // namespace mixc::gpu
