// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where the tiles of a kernel lie in scratch memory.
//
// Tiles that may overwrite each other (a loop's carried value and its update, an operand that dies in an elementwise op
// and the result) form a class with one place and one layout. Lifetimes are intervals over the operations in program
// order, two points per operation: 2i reads, 2i + 1 writes. Classes whose intervals are disjoint may share memory.
#pragma once

#include "mixc/dialect/Tile.h"

namespace mixc::cpu {

/// A tile's place. A splat or an undefined tile (tensor.empty) has none.
struct Tile {
  enum class Kind { Buffer, Splat, Undefined };
  Kind kind = Kind::Undefined;
  mlir::RankedTensorType type;
  mlir::Attribute splat;
  int64_t offset = 0;                 ///< bytes
  llvm::SmallVector<int64_t> strides; ///< elements, per dimension
  llvm::SmallVector<int64_t> order;   ///< dimensions, outermost first
  int64_t number = -1;                ///< of its class, if it is of one

  bool isBuffer() const { return kind == Kind::Buffer; }
  int64_t size(int64_t dim) const { return type.getDimSize(dim); }
  /// The contiguous dimension; -1 for a tile of rank 0.
  int64_t innermost() const { return order.empty() ? -1 : order.back(); }
};

struct Interval {
  int64_t begin, end; ///< inclusive
};

/// Tiles that share one place.
struct TileClass {
  llvm::SmallVector<mlir::Value> values;
  llvm::SmallVector<Interval> intervals; ///< as merging sees them
  llvm::SmallVector<Interval> occupied;  ///< with reads extended over the reader's writes
  mlir::RankedTensorType type;
  llvm::SmallVector<int64_t> order;
  int64_t offset = 0;
  mlir::Operation *transfer = nullptr; ///< the load or store in whose tensor it may lie instead
};

/// A tile that a loop of the kernel carries and that lies in tensors where these have it whole: the first trip reads what the loop starts
/// with where it is loaded from, and everything else of its class is where it is stored in the end.
struct CarriedTile {
  mlir::scf::ForOp loop;
  unsigned number;                  ///< of the carried values
  mlir::Operation *start = nullptr; ///< the load, or the branch around it whose other side has zeros
  tile::LoadOp load;
  tile::StoreOp store; ///< null where the tile is not stored as it is
  mlir::BlockArgument inLoop() const { return mlir::scf::ForOp(loop).getRegionIterArg(number); }
  /// What is known to hold of the load or the store, beside what it says itself: the conditions of the branch around it, or null.
  mlir::Value loadedIf() const, storedIf() const;
};

class TileBuffers {
public:
  /// Analyses the kernel. Emits a diagnostic for what has no lowering.
  static mlir::FailureOr<TileBuffers> compute(tile::KernelOp kernel, int64_t vectorWidth);

  Tile lookup(mlir::Value value) const;
  /// The place of the copy of an operand that its user needs in another layout; none if it reads the operand itself.
  std::optional<Tile> copyOf(mlir::OpOperand &operand) const;
  /// The place of what a scan has of its own for an operand (rescaledType).
  std::optional<Tile> rescaledOf(mlir::OpOperand &operand) const;
  /// The load or store of a tile that may lie in the tensor itself, or null.
  mlir::Operation *transferOf(mlir::Value tile) const;
  /// The carried tile that starts with `op`, that `value` is in its loop, or that `store` stores; null for others.
  const CarriedTile *carriedFrom(mlir::Operation *op) const;
  const CarriedTile *carriedAs(mlir::Value value) const;
  const CarriedTile *carriedTo(tile::StoreOp store) const;
  int64_t scratchBytes() const { return totalBytes; }
  /// Whether `op` is computed inside the loops of the operation that uses its result.
  bool isFused(mlir::Operation *op) const { return fused.contains(op); }

  /// The operations whose rows this one's are done with, itself among them; none for others.
  llvm::ArrayRef<mlir::linalg::LinalgOp> rowsOf(mlir::Operation *op) const;

private:
  friend class LayoutChooser;
  struct Copy {
    mlir::RankedTensorType type;
    llvm::SmallVector<int64_t> order;
    Interval occupied;
    int64_t offset = 0;
  };

  /// Fusion.cpp
  void chooseFusion(tile::KernelOp kernel);
  void fuseIntoScans(tile::KernelOp kernel);
  void chooseRows(tile::KernelOp kernel);
  /// InMemory.cpp
  void findInMemory(tile::KernelOp kernel);
  bool isReadOnce(tile::LoadOp load) const;
  mlir::Operation *writerOf(tile::StoreOp store) const;
  /// CarriedTiles.cpp
  void findCarried(tile::KernelOp kernel);
  bool isKeptInPlace(const CarriedTile &carried) const;
  mlir::Operation *rootOf(mlir::Operation *op) const;
  mlir::Value rootOf(mlir::Value value) const;
  void number(mlir::Region &region);
  void addValue(mlir::Value value);
  void addIntervals(mlir::Value value, TileClass &tiles);
  void mergeControlFlow(mlir::Operation *op);
  void mergeInPlace(mlir::linalg::LinalgOp op);
  void tryMerge(mlir::Value a, mlir::Value b, bool renames = false);
  mlir::LogicalResult checkMoves(tile::KernelOp kernel) const;
  void addCopies(tile::KernelOp kernel);
  /// Layout.cpp
  void chooseLayouts(tile::KernelOp kernel, int64_t vectorWidth);
  void allocate();
  int64_t lastRead(mlir::Value value, mlir::OpOperand &use, bool closed) const;

  /// From an operation to the one in whose loops it is computed. Its result has the user's layout, before a scan its own, and no place.
  llvm::DenseMap<mlir::Operation *, mlir::Operation *> fused;
  std::vector<llvm::SmallVector<mlir::linalg::LinalgOp>> rows;
  llvm::DenseMap<mlir::Operation *, size_t> rowGroup;
  llvm::DenseMap<mlir::Operation *, std::pair<int64_t, int64_t>> span; ///< of an operation with what it contains
  llvm::DenseMap<mlir::Value, unsigned> classOf;
  std::vector<TileClass> classes;
  llvm::MapVector<mlir::OpOperand *, Copy> copies, rescaled;
  std::vector<CarriedTile> carried;
  int64_t clock = 0, totalBytes = 0;
};

/// The contiguous dimension that `operand` must have for its user to read it as vectors, given the layouts of `lookup`;
/// -1 if the operand may lie as it is.
int64_t requiredInnermost(mlir::OpOperand &operand, llvm::function_ref<Tile(mlir::Value)> lookup);

/// The loop of `op` that runs along the contiguous dimension of its first result, or of the tile that it sums; -1 if there is none.
int64_t vectorLoop(mlir::linalg::LinalgOp op, llvm::function_ref<Tile(mlir::Value)> lookup);

/// Largest power of two that divides `size`, up to the vector width.
int64_t lanesFor(int64_t size, int64_t vectorWidth);

/// A value of the program that is a splat constant or undefined, and so has no buffer.
std::optional<Tile> withoutBuffer(mlir::Value value);

/// The identity order with `dim` moved to the end.
llvm::SmallVector<int64_t> orderWithInnermost(int64_t rank, int64_t dim);

/// The order of a tile's dimensions under another type that differs in dimensions of one element.
llvm::SmallVector<int64_t> renamedOrder(mlir::RankedTensorType from, llvm::ArrayRef<int64_t> order, mlir::RankedTensorType to);

/// The tile of type `type` at `offset` whose dimensions lie in `order`.
Tile makeBuffer(mlir::RankedTensorType type, llvm::ArrayRef<int64_t> order, int64_t offset);

} // namespace mixc::cpu
