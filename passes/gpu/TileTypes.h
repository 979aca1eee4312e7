// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a kernel's tiles are in registers and in shared memory, and where the ops that use them read them.
#pragma once

#include "Placement.h"

namespace mixc::gpu {

inline bool isTile(mlir::Value value) { return llvm::isa<mlir::RankedTensorType>(value.getType()); }
inline mlir::RankedTensorType tileType(mlir::Value tile) { return llvm::cast<mlir::RankedTensorType>(tile.getType()); }

/// The order of a tile's dimensions in memory.
inline mlir::SmallVector<int64_t> identityPerm(int64_t rank) { return llvm::to_vector(llvm::seq<int64_t>(0, rank)); }
mlir::SmallVector<int64_t> memoryOrder(mlir::ArrayRef<int64_t> dims);

/// As many stages of a tile in shared memory.
gpu_tile::SharedType withStages(gpu_tile::SharedType stage, int64_t stages);

class TileTypes {
public:
  explicit TileTypes(const Placement &placement) : placement(placement) {}

  gpu_tile::FragmentType fragment(mlir::Value tile) const;
  gpu_tile::SharedType shared(mlir::Value tile, int64_t stages) const;
  /// Whether a use reads the tile in the registers where it is computed.
  bool readsAsFragment(mlir::OpOperand &use) const;
  /// Whether the rows of a contraction come from registers.
  bool staysInRegisters(mlir::Value tile, mlir::linalg::ContractOp user) const;
  /// The registers that a product takes its rows from, where it takes them from registers; null if a tile has no such layout.
  gpu_tile::FragmentType rowsFragment(mlir::linalg::ContractOp product) const;

  /// From here on the tile is read from shared memory once, into such registers, for products' rows and for elementwise work.
  void hold(mlir::Value tile, gpu_tile::FragmentType type) { held[tile] = type; }
  /// The registers of a tile that is held, null for others.
  gpu_tile::FragmentType heldAs(mlir::Value tile) const { return held.lookup(tile); }
  /// From here on the tile, which other warps compute, is found in shared memory.
  void findInShared(mlir::Value tile) { fromOthers.insert(tile); }

  const Placement &placement;

private:
  llvm::DenseMap<mlir::Value, gpu_tile::FragmentType> held;
  llvm::DenseSet<mlir::Value> fromOthers;
};

} // namespace mixc::gpu
