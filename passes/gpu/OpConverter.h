// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rewrites the ops of a tile.kernel, one by one, as ops of gpu_tile: with buffers at no offset yet and without barriers of the block.
// Which warps carry them out, and how products are computed and tiles kept, is their `Workers`' matter.
#pragma once

#include "TileValues.h"

namespace mixc::gpu {

class OpConverter {
public:
  /// `stages`: iterations under way of a loop whose loads run ahead.
  OpConverter(mlir::OpBuilder &b, TileValues &values, Workers &workers, int64_t stages)
      : b(b), values(values), workers(workers), stages(stages) {}

  mlir::LogicalResult convert(mlir::Operation &op);
  mlir::LogicalResult convert(llvm::ArrayRef<mlir::Operation *> ops);
  mlir::LogicalResult convertBlock(mlir::Block &block);
  /// The elementwise work is done where it stands, not where its result is used.
  void computeInPlace(mlir::Value tile) { inPlace.insert(tile); }
  /// Ops that are converted elsewhere while a block is.
  llvm::DenseSet<mlir::Operation *> elsewhere;

private:
  mlir::LogicalResult convert(tile::LoadOp op);
  mlir::LogicalResult convert(tile::StoreOp op);
  mlir::LogicalResult convert(tile::ScanOp op);
  mlir::LogicalResult convert(mlir::linalg::GenericOp op);
  mlir::LogicalResult convertSum(mlir::linalg::GenericOp op);
  mlir::LogicalResult convert(mlir::linalg::ContractOp op);
  mlir::LogicalResult convert(tile::CumsumOp op);
  mlir::LogicalResult convert(tile::LagOp op);
  mlir::LogicalResult convert(tile::RunningSumOp op);
  mlir::LogicalResult convert(tile::RunningMaxOp op);
  mlir::LogicalResult convert(tile::SpansOp op);
  mlir::LogicalResult convert(tile::SolveOp op);
  mlir::LogicalResult convert(tile::GuardOp op);
  mlir::LogicalResult convert(tile::SinceResetOp op);
  mlir::LogicalResult convert(mlir::scf::ForOp op);
  mlir::LogicalResult convert(mlir::scf::IfOp op);
  mlir::LogicalResult convertScalar(mlir::Operation *op);
  mlir::Value rowsOf(mlir::linalg::ContractOp product, mlir::Value lhs);
  bool meetsOtherThreads(tile::StoreOp store);
  bool isDeferred(mlir::linalg::GenericOp op);
  bool readsAgain(mlir::linalg::GenericOp op, mlir::Value x);
  mlir::Value anyNotFinite(tile::GuardOp op, mlir::Value x);
  mlir::Value sumShares(mlir::Value y, mlir::Value partials);

  mlir::OpBuilder &b;
  TileValues &values;
  Workers &workers;
  int64_t stages;
  llvm::DenseSet<mlir::Value> inPlace;
  /// Sums whose shares, [share, ..] in shared memory, are added up where they are read.
  llvm::DenseMap<mlir::Value, mlir::Value> shares;
};

/// What reads a share of a tile, where `map` reads the tile.
mlir::AffineMap mapOfShare(mlir::AffineMap map, int64_t share);
/// What a transfer of a source's op is for a fragment or a buffer.
mlir::Value loadFragment(mlir::OpBuilder &b, tile::LoadOp op, const mlir::IRMapping &scalars, gpu_tile::FragmentType type);
void copyToShared(mlir::OpBuilder &b, tile::LoadOp op, const mlir::IRMapping &scalars, mlir::Value dest);
/// The elements as they lie in memory, in the tile's registers.
gpu_tile::FragmentType rawFragmentType(tile::LoadOp load, gpu_tile::FragmentType type);
/// A store's limits in the order of its dimensions in memory, which are `dims`.
struct OrderedLimits {
  OrderedLimits(tile::StoreOp op, const mlir::IRMapping &scalars);
  mlir::SmallVector<int64_t> dims, staticLimits;
  mlir::SmallVector<mlir::Value> limits;
};
mlir::SmallVector<mlir::Value> mapped(mlir::ValueRange values, const mlir::IRMapping &scalars);

} // namespace mixc::gpu
