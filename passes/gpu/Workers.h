// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The warps that carry out ops together: all of a block, or those of one part of a role. What the conversion of an op depends on them for
// is decided here.
#pragma once

#include "TileTypes.h"

namespace mixc::gpu {

class Workers {
public:
  Workers(mlir::OpBuilder &b, int64_t warps) : b(b), warps(warps) {}
  virtual ~Workers() = default;

  /// Shared memory of their own; a ring of such; a stage of a ring.
  virtual mlir::Value alloc(gpu_tile::SharedType type, mlir::Location loc) = 0;
  virtual mlir::Value allocRing(gpu_tile::SharedType type, mlir::Location loc) = 0;
  virtual mlir::Value slot(mlir::Value ring, mlir::Value stage) = 0;
  /// One stage of a tile that they put or copy to shared memory.
  virtual gpu_tile::SharedType sharedType(mlir::Value tile, const TileTypes &types) const = 0;
  /// What follows when they have put the tile there, or their copies have arrived.
  virtual void afterPut(mlir::Value tile) = 0;
  virtual void afterCopies(mlir::Location loc) = 0;
  /// Waits until at most `pending` groups of copies are under way.
  void awaitCopies(int64_t pending, mlir::Location loc);
  /// A matrix product, which may go on until it is first read if `isUnderWay`.
  virtual mlir::Value multiply(mlir::linalg::ContractOp source, gpu_tile::FragmentType type, mlir::ValueRange operands,
                               mlir::ArrayAttr maps) = 0;
  virtual bool isUnderWay(mlir::Value product) const = 0;
  /// Whether a product of that type can read its rows in shared memory; else they come from registers.
  virtual bool readsSharedRows(gpu_tile::FragmentType product) const = 0;
  /// Whether a tile that is read again after products is better read from shared memory again than kept in registers.
  virtual bool spareRegisters() const = 0;
  /// Whether rows that are not finite are found in registers, where they can be, and not by way of shared memory: fewer barriers, for more
  /// registers.
  virtual bool guardsInRegisters() const = 0;
  /// Whether the threads store their registers of a fragment themselves, not by way of shared memory.
  virtual bool storesDirectly(gpu_tile::FragmentType type, mlir::ArrayRef<int64_t> dims, int64_t memrefRank) const = 0;

  /// Whether each warp writes what it has put to shared memory to device memory, where that are whole strips.
  virtual bool writesStrips() const = 0;

  int64_t getWarps() const { return warps; }

protected:
  mlir::OpBuilder &b;

private:
  int64_t warps;
};

/// Warps with mma.sync: operands lie in shared memory as any tile does, and what is allocated is theirs.
template <typename Base> class WithMmaSync : public Base {
public:
  using Base::Base;
  mlir::Value alloc(gpu_tile::SharedType type, mlir::Location loc) override;
  mlir::Value allocRing(gpu_tile::SharedType type, mlir::Location loc) override { return alloc(type, loc); }
  mlir::Value slot(mlir::Value ring, mlir::Value stage) override;
  gpu_tile::SharedType sharedType(mlir::Value tile, const TileTypes &types) const override { return types.shared(tile, /*stages=*/1); }
  void afterPut(mlir::Value) override {}
  void afterCopies(mlir::Location) override {}
  mlir::Value multiply(mlir::linalg::ContractOp source, gpu_tile::FragmentType type, mlir::ValueRange operands,
                       mlir::ArrayAttr maps) override;
  bool isUnderWay(mlir::Value) const override { return false; }
  bool readsSharedRows(gpu_tile::FragmentType) const override { return true; }
};

/// All warps of a block.
class AllWarps : public WithMmaSync<Workers> {
public:
  using WithMmaSync::WithMmaSync;
  bool spareRegisters() const override { return false; }
  bool guardsInRegisters() const override { return false; }
  bool writesStrips() const override { return false; }
  bool storesDirectly(gpu_tile::FragmentType type, mlir::ArrayRef<int64_t> dims, int64_t memrefRank) const override;
};

/// The warps of one of a role's `parts`, with wgmma: shared memory is that of all parts, at the kernel's start, of which each part has its
/// own.
class RolePart : public Workers {
public:
  RolePart(mlir::OpBuilder &b, int64_t warps, gpu_tile::KernelOp kernel, int64_t parts) : Workers(b, warps), kernel(kernel), parts(parts) {}
  /// Ops are from here on those of this part.
  void setPart(mlir::Value number) { part = number; }
  mlir::Value getPart() const { return part; }

  mlir::Value alloc(gpu_tile::SharedType type, mlir::Location loc) override;
  mlir::Value allocRing(gpu_tile::SharedType type, mlir::Location loc) override;
  mlir::Value slot(mlir::Value ring, mlir::Value stage) override;
  gpu_tile::SharedType sharedType(mlir::Value tile, const TileTypes &types) const override;
  void afterPut(mlir::Value tile) override;
  void afterCopies(mlir::Location loc) override;
  mlir::Value multiply(mlir::linalg::ContractOp source, gpu_tile::FragmentType type, mlir::ValueRange operands,
                       mlir::ArrayAttr maps) override;
  bool isUnderWay(mlir::Value product) const override;
  bool readsSharedRows(gpu_tile::FragmentType product) const override;
  bool spareRegisters() const override { return true; }
  bool guardsInRegisters() const override { return true; }
  bool writesStrips() const override { return true; }
  bool storesDirectly(gpu_tile::FragmentType type, mlir::ArrayRef<int64_t> dims, int64_t memrefRank) const override;

private:
  gpu_tile::KernelOp kernel;
  int64_t parts;
  mlir::Value part;
};

/// The warps of a team.
using TeamWarps = WithMmaSync<RolePart>;

/// Those of a part of the role.
std::unique_ptr<RolePart> workersOf(gpu_tile::RoleAttr role, mlir::OpBuilder &b, gpu_tile::KernelOp kernel);

} // namespace mixc::gpu
