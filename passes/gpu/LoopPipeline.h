// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loops whose loads run ahead of their use: asynchronous copies into a ring of buffers, small tiles in registers.
#pragma once

#include "AheadWork.h"
#include "OpConverter.h"

namespace mixc::gpu {

/// The work of a loop that is done for later iterations than the one that is converted.
class AheadConversion {
public:
  AheadConversion(mlir::OpBuilder &b, mlir::scf::ForOp loop, AheadWork work, OpConverter &ops, TileValues &values)
      : work(std::move(work)), b(b), loop(loop), ops(ops), values(values) {}
  AheadWork work;

  /// The scalars that the loads need, for another value of the counter.
  mlir::IRMapping scalarsFor(mlir::Value counter);
  /// Loads of an iteration, as they lie in memory: converting would wait for the data here, not where it is used. Zero beyond the loop's
  /// end.
  mlir::SmallVector<mlir::Value> load(llvm::ArrayRef<tile::LoadOp> loads, mlir::Value counter);
  mlir::SmallVector<mlir::Value> loadSmall(mlir::Value counter) { return load(work.small, counter); }
  /// Computes the chain of an iteration, whose small loads are given; what is called by its tiles' names is from here on that iteration's.
  mlir::LogicalResult convertChain(mlir::Value counter, mlir::ArrayRef<mlir::Value> loaded);
  /// The loads in the element types of the tiles.
  mlir::Value converted(tile::LoadOp load, mlir::Value raw);
  /// Whether an iteration is one of the loop's.
  mlir::Value isWithin(mlir::Value counter);

private:
  mlir::OpBuilder &b;
  mlir::scf::ForOp loop;
  OpConverter &ops;
  TileValues &values;
};

mlir::LogicalResult convertPipelined(mlir::scf::ForOp loop, OpConverter &ops, mlir::OpBuilder &b, TileValues &values, Workers &workers,
                                     int64_t stages);

} // namespace mixc::gpu
