// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rewrites one tile.kernel as a gpu_tile.kernel, with buffers at no offset yet and without barriers.
#pragma once

#include "AheadWork.h"
#include "mlir/IR/IRMapping.h"

namespace mixc::gpu {

class KernelConverter {
public:
  KernelConverter(tile::KernelOp source, gpu_tile::KernelOp dest, const Placement &placement, int64_t stages, int64_t warpgroups)
      : source(source), dest(dest), placement(placement), stages(stages), warpgroups(warpgroups), types(placement), b(source.getContext()) {
  }
  mlir::LogicalResult run();
  /// Whether the kernel's warps have roles: those that `assignRoles` wrote on it.
  bool hasRoles() { return source->hasAttr(gpu_tile::kRolesAttr); }

private:
  mlir::LogicalResult convertBlock(mlir::Block &block);
  mlir::LogicalResult convertOp(mlir::Operation &op);
  mlir::LogicalResult convert(tile::LoadOp op);
  mlir::LogicalResult convert(tile::StoreOp op);
  mlir::LogicalResult convert(tile::ScanOp op);
  mlir::LogicalResult convert(mlir::linalg::GenericOp op);
  mlir::LogicalResult convert(mlir::linalg::ContractOp op);
  mlir::LogicalResult convert(tile::CumsumOp op);
  mlir::LogicalResult convert(tile::LagOp op);
  mlir::LogicalResult convert(tile::SpansOp op);
  mlir::LogicalResult convert(tile::SolveOp op);
  mlir::LogicalResult convert(tile::GuardOp op);
  mlir::LogicalResult convert(tile::SinceResetOp op);
  mlir::LogicalResult convert(mlir::scf::ForOp op);
  mlir::LogicalResult convert(mlir::scf::IfOp op);

  // Tiles.
  gpu_tile::FragmentType fragmentType(mlir::Value tile) const { return types.fragment(tile); }
  mlir::Value fragmentOf(mlir::Value tile);
  mlir::Value fragmentOf(mlir::Value tile, gpu_tile::FragmentType type);
  mlir::Value sharedOf(mlir::Value tile);
  mlir::Value put(mlir::Value fragment, mlir::ArrayRef<int64_t> perm, int64_t swizzle);
  mlir::Value put(mlir::Value fragment, mlir::ArrayRef<int64_t> perm, gpu_tile::SharedType type);
  mlir::Value cast(mlir::Value fragment, mlir::Type element);
  mlir::Value readBack(mlir::Value tile, gpu_tile::FragmentType type);
  mlir::Value anyNotFinite(tile::GuardOp op, mlir::Value x);
  mlir::Value sumShares(mlir::Value y, mlir::Value partials, int64_t shares);
  mlir::Value yielded(mlir::Value value, mlir::Type type);
  gpu_tile::SharedType stageType(mlir::Value tile, int64_t ofStages);
  mlir::Value allocStages(mlir::Value tile, int64_t ofStages);
  mlir::Value loadFragment(tile::LoadOp op, mlir::IRMapping &scalars, gpu_tile::FragmentType type);
  void copyToShared(tile::LoadOp op, mlir::IRMapping &scalars, mlir::Value dest);
  bool isDeferred(mlir::linalg::GenericOp op);
  bool readsAgain(mlir::linalg::GenericOp op, mlir::Value x);

  // Loops whose loads run ahead (Pipeline.cpp).
  struct Ahead : AheadWork {
    mlir::SmallVector<mlir::Value> buffers;
    /// What of the chain the rest reads in shared memory or in registers.
    mlir::SmallVector<mlir::Value> chainShared, chainFragments;
  };
  void startIteration(Ahead &ahead, mlir::scf::ForOp loop, mlir::Value target, mlir::ArrayRef<mlir::BlockArgument> extra);
  void findReaders(Ahead &ahead);
  mlir::LogicalResult emitChain(Ahead &ahead, mlir::scf::ForOp loop, mlir::Value counter, mlir::Value parity,
                                mlir::ArrayRef<mlir::Value> loads);
  void enterChain(Ahead &ahead, mlir::scf::ForOp loop, mlir::Value counter, mlir::ArrayRef<mlir::Value> loads);
  mlir::IRMapping cloneSlice(const Ahead &ahead, mlir::scf::ForOp loop, mlir::Value counter);
  void copyIfWithin(Ahead &ahead, mlir::scf::ForOp loop, mlir::Value counter, mlir::Value stage);
  mlir::Value loadIfWithin(Ahead &ahead, mlir::scf::ForOp loop, tile::LoadOp load, mlir::Value counter);
  void awaitCopies(int64_t pending, mlir::Location loc);
  mlir::Value allocRing(gpu_tile::SharedType type, mlir::Location loc);
  mlir::Value ringSlot(mlir::Value ring, mlir::Value stage);
  mlir::Value index(int64_t value);
  mlir::Value i32(int64_t value);
  mlir::Value nextStage(mlir::Value stage, int64_t by);

  // Warps with roles (Specialise.cpp, RoleLoops.cpp, HelperRoles.cpp, ComputeRoles.cpp).
  struct Roles {
    mlir::scf::ForOp loop;
    Ahead ahead;
    /// The stages of the small tiles, and of what the early role hands over.
    llvm::DenseMap<mlir::Value, mlir::Value> smallBuffers;
    mlir::SmallVector<mlir::Value> handedOver;
    /// What `early` does, and what `compute` does of the loop and before and after it, in order.
    mlir::SmallVector<mlir::Operation *> early, compute, computeBefore, computeAfter;
    /// Scalars around the loop.
    mlir::SmallVector<mlir::Operation *> scalars;
    /// Barriers of the stages: loaded, small tiles computed, weights computed (for each part), read by all.
    mlir::Value full, decayed, weighted, empty;
    /// Stores of the loop, which another warp carries out.
    mlir::SmallVector<tile::StoreOp> stores;
  };
  /// What the source's values are called where ops are made.
  struct Scope {
    mlir::IRMapping map;
    llvm::DenseMap<mlir::Value, mlir::Value> fragments, shared;
  };
  Scope scope() const { return {map, fragments, shared}; }
  void enter(const Scope &scope);
  mlir::LogicalResult runWithRoles();
  Roles readRoles();
  void readHandedOver(Roles &roles);
  mlir::SmallVector<mlir::Operation *> opsOf(mlir::Block &block, gpu_tile::Role role);
  void allocRings(Roles &roles);
  void makeBarriers(Roles &roles);
  mlir::Value allocForPart(gpu_tile::SharedType type, mlir::Location loc);
  gpu_tile::RoleOp openRole(gpu_tile::Role role);
  void bindPart(Roles &roles, mlir::Value number);
  mlir::SmallVector<mlir::IRMapping> mapsOfParts(Roles &roles);
  mlir::Value slotOf(mlir::Value ring, mlir::Value number);
  mlir::Value numberOfPart(mlir::Value stage, mlir::Value ofPart);
  bool readsSmallTile(Roles &roles, mlir::Operation *op);
  void nameStage(Roles &roles, mlir::Value stage, mlir::Value ofPart);
  mlir::LogicalResult emitWeights(Roles &roles);
  mlir::LogicalResult computeWeights(Roles &roles);
  mlir::Value slotOfPart(mlir::Value ring, mlir::Value stage, mlir::Value ofPart);
  mlir::LogicalResult eachBlock(llvm::function_ref<mlir::LogicalResult()> body);
  mlir::scf::ForOp chunkLoopOf(mlir::scf::ForOp loop, mlir::ArrayRef<mlir::Value> inits,
                               llvm::function_ref<mlir::LogicalResult(mlir::scf::ForOp, mlir::Value, mlir::Value)> body,
                               mlir::Value first = {}, int64_t stride = 1);
  mlir::Value firstOfTurns(int64_t stride);
  mlir::Value countChunks(mlir::scf::ForOp loop);
  mlir::Value tokenOf(mlir::scf::ForOp loop, mlir::Value chunk);
  mlir::LogicalResult handOver(tile::StoreOp op);
  void fetch(tile::LoadOp load, mlir::IRMapping &scalars, mlir::Value dest, mlir::Value full, mlir::Value stage, bool reused);
  mlir::LogicalResult emitFetcher(Roles &roles);
  mlir::LogicalResult fetchBlock(Roles &roles);
  mlir::LogicalResult emitFlusher(Roles &roles);
  mlir::LogicalResult flushBlock(Roles &roles);
  mlir::LogicalResult emitSmallTiles(Roles &roles);
  mlir::LogicalResult computeSmallTiles(Roles &roles, mlir::Location loc);
  mlir::SmallVector<mlir::Value> loadSmallTiles(Roles &roles, mlir::ArrayRef<Scope> parts, mlir::Value counter);
  mlir::LogicalResult emitComputing(Roles &roles);
  mlir::LogicalResult computeBlock(Roles &roles);
  mlir::Value finished(mlir::Value tile, mlir::Value fragment);
  void awaitProducts();

  tile::KernelOp source;
  gpu_tile::KernelOp dest;
  const Placement &placement;
  int64_t stages, warpgroups;
  TileTypes types;
  mlir::OpBuilder b;
  mlir::IRMapping map; // scalars and memrefs
  llvm::DenseMap<mlir::Value, mlir::Value> fragments, shared;
  /// Double buffers of tiles that are computed one iteration ahead, and the one to write now.
  llvm::DenseMap<mlir::Value, mlir::Value> chainBuffers, weightBuffers;
  /// Of the stores of a chunk loop whose warps have roles: a buffer, and barriers that say that it is written, and that it is read.
  struct Handover {
    mlir::Value buffer, written, read;
  };
  llvm::DenseMap<mlir::Operation *, Handover> handovers;
  /// 0 and 1 in turns, chunk by chunk.
  mlir::Value turn;
  /// The block whose work a role does now, and where it stands in the rings: stage, parity and turn, or, where warps take turns, the
  /// number of chunks of the blocks before it.
  mlir::Value blockNumber, place;
  /// Rows of products that are packed ahead of them.
  llvm::DenseSet<mlir::Value> packedAhead;
  mlir::Value chainParity;
  llvm::DenseSet<mlir::Operation *> chained;
  /// The op of a loop's body after which tiles that the loop carries may be put to shared memory.
  llvm::DenseMap<mlir::Block *, mlir::Operation *> afterArguments;
  /// Whether something was reported where there is no way to fail.
  bool bad = false;
  /// The number of the part, in a role that computes, or of the warp among those of the decays, of how many; its products that are under
  /// way, in order; what a chunk loop carries on.
  mlir::Value part;
  int64_t parts = 0;
  llvm::SmallVector<std::pair<mlir::Value, mlir::Value>> underWay; // tiles and products
  mlir::SmallVector<mlir::Value> carriedOut;
};

/// Places buffers in shared memory; buffers that live at the same time lie apart. Returns the bytes used.
int64_t planSharedMemory(gpu_tile::KernelOp kernel, int64_t budget);
/// Inserts barriers where one of the warps that run the block could read, or overwrite, what another wrote, or reads, since the last
/// one.
void insertBarriers(mlir::Block &block, int64_t warps);

} // namespace mixc::gpu
