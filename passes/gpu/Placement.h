// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where every tile of a kernel lives, decided before anything is rewritten.
#pragma once

#include "mixc/dialect/GpuTile.h"
#include <deque>

namespace mixc::gpu {

/// A contraction's operands by what they supply: lhs the rows of the result, rhs its columns.
struct ContractRoles {
  mlir::Value lhs, rhs, init;
  mlir::AffineMap lhsMap, rhsMap, outMap;
  /// Position of the contracted dimension in lhs.
  int64_t lhsK = -1;
  /// Positions of rows and columns in the result, and of the rows in lhs.
  llvm::SmallVector<int64_t> rows, cols, lhsRows;
};

mlir::FailureOr<ContractRoles> rolesOf(mlir::linalg::ContractOp op);

/// Whether the kernel holds only tiles, and products and elementwise work of forms, that have a placement; reports where not.
mlir::LogicalResult checkKernel(tile::KernelOp kernel, int64_t warps);

/// The splat value of a constant tile, if it is one; an empty tile, whose elements nobody may rely on, is zero.
std::optional<mlir::FloatAttr> splatOf(mlir::Value tile);

/// Whether the elementwise work makes what only scans read, for each column of their states: it is done there.
bool feedsScans(mlir::linalg::GenericOp op);

class Placement {
public:
  Placement(tile::KernelOp kernel, int64_t warps);
  mlir::LogicalResult run();

  /// Tiles that are in shared memory: loads that go through it, and what is computed there.
  bool isStaged(mlir::Value tile) const { return staged.contains(tile); }
  /// The layout of every other tile.
  mlir::Attribute layoutOf(mlir::Value tile) const;
  bool isSmall(mlir::Value tile) const;
  /// The dimension whose index picks the row that ldmatrix reads of an operand tile; -1 for a plain tile.
  int64_t swizzleOf(mlir::Value tile) const;

private:
  struct Group {
    mlir::Attribute layout;
    bool oneColumnPart = false;
  };
  int find(mlir::Value tile);
  void unite(mlir::Value a, mlir::Value b);
  bool hasGroup(mlir::Value tile) const;
  void stageLoads();
  void uniteTiles();
  mlir::LogicalResult seedContractions();
  void seedOperands();
  bool isInColumns(tile::SpansOp op) const;
  void seedColumns();
  void seedLanes();
  void inheritColumns();
  void inherit();
  void setWarps();
  mlir::Attribute defaultLayout(mlir::Value tile) const;
  bool feedsContraction(mlir::Value tile) const;

  tile::KernelOp kernel;
  int64_t warps;
  bool inPieces; ///< all tiles, as sums want them
  llvm::DenseSet<mlir::Value> staged;
  llvm::DenseMap<mlir::Value, int> ids;
  std::vector<int> parents;
  std::deque<Group> groups; // find() adds some while others are referred to
  std::vector<mlir::Value> members;
  llvm::DenseMap<mlir::Operation *, ContractRoles> roles;
};

} // namespace mixc::gpu
