// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The tiles of a kernel while it is converted: what they are called in registers and in shared memory.
#pragma once

#include "Workers.h"
#include "mlir/IR/IRMapping.h"

namespace mixc::gpu {

class TileValues {
public:
  TileValues(mlir::OpBuilder &b, const TileTypes &types, Workers &workers) : types(types), b(b), workers(workers) {}

  TileTypes types;
  /// What the source's values are called where ops are made.
  struct Names {
    mlir::IRMapping scalars; // and memrefs
    llvm::DenseMap<mlir::Value, mlir::Value> fragments, shared;
  };
  Names names;

  mlir::Value scalar(mlir::Value source) const { return names.scalars.lookupOrDefault(source); }
  bool isKnown(mlir::Value tile) const { return names.fragments.count(tile) || names.shared.count(tile); }
  /// From here on the source's value, a scalar or a tile in registers, is called that.
  void bind(mlir::Value source, mlir::Value made);
  void bindAll(mlir::ValueRange source, mlir::ValueRange made);

  gpu_tile::FragmentType fragmentType(mlir::Value tile) const { return types.fragment(tile); }
  /// What an op's result, or a region's argument, has as its type.
  mlir::Type convertedType(mlir::Value value) const { return isTile(value) ? mlir::Type(fragmentType(value)) : value.getType(); }
  /// A tile in registers, null if it is in shared memory only; a constant becomes a fragment.
  mlir::Value fragmentOf(mlir::Value tile);
  /// The same as a user wants it: constants and tiles that are in shared memory only come in any layout.
  mlir::Value fragmentOf(mlir::Value tile, gpu_tile::FragmentType type);
  /// A tile in shared memory, put there right after it was computed.
  mlir::Value sharedOf(mlir::Value tile);
  /// What a region yields: a scalar, or a fragment of the type that the op's result has.
  mlir::Value yielded(mlir::Value value, mlir::Type type);
  mlir::SmallVector<mlir::Value> yieldedAll(mlir::ValueRange values, mlir::TypeRange types);

  /// A fragment in shared memory, as `type`; its dimension i is the fragment's dimension perm[i].
  mlir::Value put(mlir::Value fragment, mlir::ArrayRef<int64_t> perm, gpu_tile::SharedType type);
  mlir::Value put(mlir::Value fragment, mlir::ArrayRef<int64_t> perm, int64_t swizzle);
  /// Narrows or widens every element.
  mlir::Value cast(mlir::Value fragment, mlir::Type element);
  /// A tile that is in shared memory, as a fragment.
  mlir::Value readBack(mlir::Value tile, gpu_tile::FragmentType type);
  /// The same for a product alone, which reads it piece by piece.
  mlir::Value readWhereUsed(mlir::Value tile, gpu_tile::FragmentType type);

  /// A product, which is waited for where it is first read if it may be under way.
  void bindProduct(mlir::Value tile, mlir::Value product);
  void awaitProducts();

  /// A tile that is computed an iteration ahead is put to a ring, now to that stage.
  void setRing(mlir::Value tile, mlir::Value ring) { rings[tile] = ring; }
  void setRingStage(mlir::Value stage) { ringStage = stage; }
  /// Tiles that a block has as arguments may be put to shared memory after what is there by now.
  void beginBlock(mlir::Block *block);

private:
  mlir::Value fromShared(mlir::Value tile, gpu_tile::FragmentType type, bool deferred);
  mlir::Value finished(mlir::Value tile, mlir::Value fragment);
  mlir::Value putToRing(mlir::Value tile, mlir::Value fragment, mlir::Value ring);
  void setPointAfter(mlir::Value fragment);

  mlir::OpBuilder &b;
  Workers &workers;
  llvm::DenseMap<mlir::Value, mlir::Value> rings;
  mlir::Value ringStage;
  llvm::DenseMap<mlir::Block *, mlir::Operation *> afterArguments;
  /// Tiles and products, in the order in which these began.
  llvm::SmallVector<std::pair<mlir::Value, mlir::Value>> underWay;
};

} // namespace mixc::gpu
