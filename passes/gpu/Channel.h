// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How tiles get from role to role: through a ring in shared memory, whose stages a producer fills and consumers empty.
#pragma once

#include "ChunkWork.h"
#include "llvm/ADT/MapVector.h"

namespace mixc::gpu {

/// Where a role is in the rings of so many stages: the stage, and the parity of the round.
struct Place {
  int64_t depth;
  mlir::Value stage, parity;
  /// Both in one, as a role carries them from chunk to chunk.
  mlir::Value number;
};

/// Where a role is: in the rings of each depth, and the parity of the chunk's number, which is the round of a ring of one stage.
struct Position {
  llvm::SmallVector<Place, 2> places;
  mlir::Value turn;

  const Place &in(int64_t depth) const;
};

/// Barriers in shared memory, one for each stage, or for each stage of each part.
struct Signal {
  mlir::Value barriers;
  bool eachPart = false;
};

/// A chunk's tiles, one stage each in a ring, or in one of each part. The producer acquires a stage, writes its tiles and commits
/// them; consumers await them, read them and release the stage. Channels that are read by the same warps may share a signal.
class Channel {
public:
  /// `full` completes when the tiles are there, `empty` when all consumers have read them.
  Signal full, empty;
  /// Stages of the ring; none is a channel in which every chunk is a round, with one place a part.
  std::optional<int64_t> depth;
  /// Whether what the producer's threads write is read by bulk copies or wgmma, which see it after a fence.
  bool fenced = false;
  /// For loads that the teams have copied themselves: how many chunks after the one that a team works on is the one whose copies it issues.
  int64_t lead = 0;
  /// Who awaits it.
  llvm::SmallVector<gpu_tile::Role, 2> readers;

  void add(mlir::Value tile, mlir::Value ring, bool eachPart) { rings[tile] = {ring, eachPart}; }
  bool carries(mlir::Value tile) const { return rings.contains(tile); }
  /// Whether the op reads one of the tiles.
  bool feeds(mlir::Operation *op) const;
  auto tiles() const { return llvm::make_first_range(rings); }
  /// The same stages for the tiles of another loop, `to` in the place of `from`.
  void rename(llvm::ArrayRef<mlir::Value> from, llvm::ArrayRef<mlir::Value> to);
  bool isEmpty() const { return rings.empty(); }
  /// Bytes of one stage of all tiles, of all parts.
  int64_t bytes() const;
  mlir::Value slot(mlir::OpBuilder &b, mlir::Value tile, const Position &at, mlir::Value part) const;

  void acquire(mlir::OpBuilder &b, const Position &at, mlir::Value part) const;
  /// Instead of a commit, where copies bring the tiles: as many bytes are on their way.
  void expect(mlir::OpBuilder &b, const Position &at, int64_t bytes) const;
  void commit(mlir::OpBuilder &b, const Position &at, mlir::Value part) const;
  void await(mlir::OpBuilder &b, const Position &at, mlir::Value part) const;
  void release(mlir::OpBuilder &b, const Position &at, mlir::Value part) const;

private:
  struct Ring {
    mlir::Value buffer;
    bool eachPart = false;
  };
  mlir::Value number(mlir::OpBuilder &b, bool eachPart, const Position &at, mlir::Value part) const;
  mlir::Value parity(const Position &at) const { return depth ? at.in(*depth).parity : at.turn; }

  llvm::MapVector<mlir::Value, Ring> rings;
};

/// The channels of a loop over chunks, or of several that hand over tiles of the same forms one after the other.
struct Channels {
  /// What is copied, by who reads it.
  llvm::SmallVector<Channel, 3> loads;
  /// What `vectors`, `early` and `factors` compute.
  Channel vectors, early, factors;
  /// What `flush` writes back, for each store.
  llvm::MapVector<mlir::Operation *, Channel> results;

  /// Of the loads, those that a role reads.
  llvm::SmallVector<const Channel *> loadsFor(gpu_tile::Role role) const;
  /// Of what is computed, the channels that a role reads and that are full at another time than the loads that it reads.
  llvm::SmallVector<const Channel *> computedFor(gpu_tile::Role role) const;
  /// The numbers of stages that rings have.
  llvm::SmallVector<int64_t> depths() const;
};

/// Makes the buffers and barriers of all channels of a loop.
Channels makeChannels(mlir::OpBuilder &b, tile::KernelOp source, const ChunkWork &work, int64_t stages, int64_t parts);

/// Whether two loops hand over tiles of the same forms to the same roles: one can have the channels of the other, which then go on from
/// where it left them.
bool haveSameChannels(const ChunkWork &a, const ChunkWork &b);
/// Those of `from`, for a loop that can have them.
Channels channelsFor(const ChunkWork &work, Channels channels, const ChunkWork &from);

/// Tells that a role has read a stage of all these, each signal once.
void releaseAll(mlir::OpBuilder &b, llvm::ArrayRef<const Channel *> channels, const Position &at, mlir::Value part);

} // namespace mixc::gpu
