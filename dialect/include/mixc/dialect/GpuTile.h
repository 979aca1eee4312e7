// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The gpu_tile dialect: a tile program placed on a GPU. dialect/gpu_tile/*.td defines it.
#pragma once

#include "mixc/dialect/Tile.h"

#include "mixc/dialect/GpuTileDialect.h.inc"
#include "mixc/dialect/GpuTileRoles.h.inc"

#define GET_ATTRDEF_CLASSES
#include "mixc/dialect/GpuTileAttrs.h.inc"

#define GET_TYPEDEF_CLASSES
#include "mixc/dialect/GpuTileTypes.h.inc"

#define GET_OP_CLASSES
#include "mixc/dialect/GpuTileOps.h.inc"

namespace mixc::gpu_tile {
/// On ops of the tile dialect: the kernel's table of roles, and who carries out an op (WorkAttrs.td).
inline constexpr const char kRolesAttr[] = "gpu_tile.roles", kWorkAttr[] = "gpu_tile.work";
/// The kernel's entry for a role, null if it has none.
RoleAttr roleOf(tile::KernelOp kernel, Role role);
/// The op's work, null if nobody is named.
WorkAttr workOf(mlir::Operation *op);
/// Whether the role carries out the op.
bool isDoneBy(mlir::Operation *op, Role role);
/// Shared memory in which a thread of a kernel with `gpu_tile.grid` may keep the number of the block that it works on.
inline constexpr int64_t kBlockNumberBytes = 4;
/// Registers of a multiprocessor.
inline constexpr int64_t kRegisterFile = 65536;
/// Dimensions of a tensor map, and elements of its box along one of them.
inline constexpr int64_t kMostMapDims = 5, kMostBoxElements = 256;
/// Whether the map of a tensor can carry a tile, of its last dimension among others (TensorMaps.cpp); an error of the op's else.
llvm::LogicalResult verifyTensorMap(mlir::Operation *op, mlir::Value memref, SharedType type, llvm::ArrayRef<int64_t> dims);
/// Product of the sizes of some dimensions.
int64_t product(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> dims);
/// Shape and element type of a fragment or a shared tile.
llvm::ArrayRef<int64_t> tileShape(mlir::Type type);
mlir::Type tileElement(mlir::Type type);
/// Warps that run an op together: those of a part of the role around it, or of the kernel; 0 outside of a kernel.
int64_t warpsAround(mlir::Operation *op);
/// Row blocks of 16, and such blocks per warp.
int64_t rowBlocks(MmaAttr layout, llvm::ArrayRef<int64_t> shape);
int64_t rowBlocksPerWarp(MmaAttr layout, llvm::ArrayRef<int64_t> shape);
/// Column blocks of 16 per warp.
int64_t colBlocksPerWarp(MmaAttr layout, llvm::ArrayRef<int64_t> shape);
/// Elements of all outer dimensions.
int64_t outerCount(MmaAttr layout, llvm::ArrayRef<int64_t> shape);
/// Whether a fragment of layout `operand`, read by `map` from the dimensions of a result of layout `result`, lies in the threads that
/// compute the result.
bool agrees(FragmentType operand, mlir::AffineMap map, FragmentType result);
/// Whether a fragment can be the lhs of a contraction: its rows are the result's, in the same warps, its column the contracted dimension.
bool suppliesRows(FragmentType lhs, mlir::AffineMap lhsMap, FragmentType result, mlir::AffineMap resultMap);
/// Rows of a tile in pieces, and the pieces of a row that a lane has.
int64_t rowsInPieces(llvm::ArrayRef<int64_t> shape);
int64_t piecesPerLane(PiecesAttr layout, llvm::ArrayRef<int64_t> shape);
/// Whether sums over `dims` of a tile in pieces add up rows.
bool sumsRows(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> dims);
/// What keeps `gpu_tile.sum` over `dims` from summing a tile in such pieces, in a block of so many warps ("" if nothing).
std::string sumProblem(PiecesAttr layout, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> dims, int64_t warps);
/// Why `layout` does not fit a tile of this shape ("" when it does).
std::string layoutProblem(mlir::Attribute layout, llvm::ArrayRef<int64_t> shape);
} // namespace mixc::gpu_tile
