// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What all roles of a kernel have in common: each goes through the blocks and their chunks for itself, with names of its own for the
// source's values, and meets the others at the channels.
#pragma once

#include "Channel.h"
#include "LoopPipeline.h"

namespace mixc::gpu {

/// A loop over chunks, while its kernel is made.
struct ChunkLoop {
  ChunkWork work;
  Channels channels;
  /// Which set of rings the channels have.
  int64_t rings;
};

/// A kernel whose warps have roles, while it is made.
struct RoleKernel {
  tile::KernelOp source;
  gpu_tile::KernelOp dest;
  const Placement &placement, &placementOfTeams;
  int64_t stages, parts;
  /// The source's arguments.
  mlir::IRMapping arguments;
  std::vector<ChunkLoop> loops;
  /// For each set of rings, their numbers of stages.
  llvm::SmallVector<llvm::SmallVector<int64_t>, 1> depths;
};

class RoleConverter {
public:
  virtual ~RoleConverter() = default;

protected:
  /// Ops are made where `point` makes them.
  RoleConverter(RoleKernel &kernel, gpu_tile::Role role, const mlir::OpBuilder &point);

  /// Makes the role; from here on ops are those of its body.
  void open();
  /// The work of this block's number and of those that no block is launched for: `body` does that of `blockNumber` in a loop over
  /// chunks, from `places` on, for one loop after the other in which the role has work.
  mlir::LogicalResult eachBlock(llvm::function_ref<mlir::LogicalResult()> body);

  /// How a role goes through a block's chunks: from token `begin` on by `step`, `starts` in the rings of each depth, `stride` chunks at a
  /// time.
  struct Walk {
    mlir::Value begin, step;
    llvm::SmallVector<mlir::Value> starts;
    int64_t stride = 1;
  };
  /// Every chunk, from `places` on.
  Walk allChunks();
  /// Every stride-th chunk, from the block's chunk `first` on, where the chunks of the blocks before are counted.
  Walk everyNth(mlir::Value first, int64_t stride);
  /// What is done with a chunk; what the loop carries on of it, besides where it is in the rings.
  using ChunkBody = llvm::function_ref<mlir::FailureOr<mlir::SmallVector<mlir::Value>>(mlir::scf::ForOp, const Position &)>;
  mlir::FailureOr<mlir::scf::ForOp> walk(const Walk &walk, mlir::ArrayRef<mlir::Value> inits, ChunkBody body);
  /// A walk over all chunks, which leaves `places` to the next block.
  mlir::FailureOr<mlir::scf::ForOp> forEachChunk(mlir::ArrayRef<mlir::Value> inits, ChunkBody body);
  /// What a group of warps does at its turns at a block's chunks, if it has any: `begin`, for the first one, gives what the walk carries.
  mlir::LogicalResult inTurns(llvm::function_ref<mlir::FailureOr<mlir::SmallVector<mlir::Value>>(mlir::Value)> begin, ChunkBody body);
  /// Where a chunk of the block begins.
  mlir::Value tokenOf(mlir::Value chunk);
  /// Where it is at the start of a walk, and so many chunks after that, at most a round of a ring.
  Position startOf(const Walk &walk);
  Position after(const Position &at, int64_t chunks);

  /// Names the part, and the scalars around the loop.
  void bindPart(mlir::Value number);
  mlir::SmallVector<mlir::Value> allParts();
  /// The scalars around the loop for each part, for a thread that works for all of them.
  mlir::SmallVector<mlir::IRMapping> scalarsOfParts();
  /// The scalars of the loop that addresses need, for a chunk.
  mlir::IRMapping addressesOf(mlir::Value counter) { return ahead->scalarsFor(counter); }
  /// Waits for an empty stage and has copies bring a chunk's tiles of a channel into it, what every part shares and what each part, with
  /// the scalars of its own, has alone; by one thread.
  void fetchChunk(const Channel &loads, mlir::ArrayRef<mlir::IRMapping> scalarsOfParts, mlir::Value counter, const Position &at);
  /// Lets the loop's ops find the tiles of the channels that the role reads in a stage.
  void nameStage(const Position &at, mlir::Value part);

  mlir::Value index(int64_t value) { return mlir::arith::ConstantIndexOp::create(b, source.getLoc(), value); }
  mlir::Value i32(int64_t value) { return mlir::arith::ConstantIntOp::create(b, source.getLoc(), value, 32); }

  RoleKernel &kernel;
  tile::KernelOp source;
  int64_t parts;
  gpu_tile::RoleAttr entry;
  mlir::OpBuilder b;
  std::unique_ptr<RolePart> ownWorkers;
  RolePart &workers;
  TileValues values;
  OpConverter ops;
  gpu_tile::RoleOp role;
  /// The block whose work the role does now, and the loop, with what it has of the kernel.
  mlir::Value blockNumber;
  const ChunkLoop *chunks = nullptr;
  mlir::scf::ForOp loop;
  std::optional<AheadConversion> ahead;
  /// Where it is in the loop's rings of each depth: stage, parity and turn; or, for a role whose groups take turns, the number of chunks
  /// before.
  llvm::SmallVector<mlir::Value> places;

  const ChunkWork &work() const { return chunks->work; }
  const Channels &channels() const { return chunks->channels; }

private:
  void enter(const ChunkLoop &next);
  mlir::ArrayRef<int64_t> depths() const { return kernel.depths[chunks->rings]; }
  mlir::Value startAt(mlir::Value chunk, int64_t depth);
  mlir::Value moved(mlir::Value now, int64_t depth, int64_t stride);
  Position positionOf(mlir::ArrayRef<mlir::Value> numbers);
  void fetch(const Channel &channel, tile::LoadOp load, const mlir::IRMapping &scalars, const Position &at, mlir::Value part, bool reused);
  mlir::Value firstOfTurns();
  mlir::Value countChunks();
};

mlir::LogicalResult convertFetch(RoleKernel &kernel, const mlir::OpBuilder &point);
mlir::LogicalResult convertVectors(RoleKernel &kernel, const mlir::OpBuilder &point);
mlir::LogicalResult convertFlush(RoleKernel &kernel, const mlir::OpBuilder &point);
mlir::LogicalResult convertEarly(RoleKernel &kernel, const mlir::OpBuilder &point);
mlir::LogicalResult convertFactors(RoleKernel &kernel, const mlir::OpBuilder &point);
mlir::LogicalResult convertCompute(RoleKernel &kernel, const mlir::OpBuilder &point);

/// The role without its work.
gpu_tile::RoleOp createRole(mlir::OpBuilder &b, gpu_tile::RoleAttr entry, mlir::Location loc);

} // namespace mixc::gpu
