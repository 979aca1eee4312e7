// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Elementwise work of a team in columns, from spans to shared memory, row by row of what is put there: a row's values are in registers
// until they are stored, not those of all rows at once.
#pragma once

#include "ColumnEmitter.h"

namespace mixc::gpu {

class ColumnRun : ColumnEmitter {
public:
  explicit ColumnRun(KernelState &state) : ColumnEmitter(state) {}
  /// Whether an op may be part of a run: register work, and puts.
  static bool takes(mlir::Operation &op);
  /// Emits the ops of a run that are in columns.
  mlir::LogicalResult emit(llvm::ArrayRef<mlir::Operation *> run);

private:
  mlir::Value valueOf(mlir::Value fragment, size_t reg);
  mlir::Value valueOf(gpu_tile::MapOp op, size_t reg);
  void makeSpans(gpu_tile::ColumnSpansOp op, size_t reg);
  mlir::Value readShared(mlir::Value buffer, llvm::ArrayRef<Index> at, int64_t column);
  void store(gpu_tile::PutOp op, size_t reg);
  size_t periodOf(mlir::Value fragment);

  llvm::DenseMap<std::pair<mlir::Value, size_t>, mlir::Value> made;
  std::map<std::pair<void *, std::vector<int64_t>>, mlir::Value> reads;
};

/// Whether the value is a fragment in columns.
bool isInColumns(mlir::Value value);

} // namespace mixc::gpu
