// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Builds the body of a tile.kernel: tiles whose axes have names, so that elementwise work and contractions are
// written like einsums and broadcast by name. The three decompositions share it.
#pragma once

#include "mixc/dialect/Mixer.h"
#include "mixc/dialect/Tile.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/SmallBitVector.h"
#include <map>

namespace mixc {

/// Axes of tiles. T and S are both tokens of a chunk: T of the row (output) side, S of the column side.
/// U is the column axis of a value without P, padded to what the matrix units need. One is that of a tile without any other: a single
/// element, which tiles of other axes read everywhere. L are the halvings of a chunk down to single tokens: its blocks of 2, 4, 8, ..
/// Handed are the last tokens of a sequence, which one call hands to the next. M are the rows of a state before a segment, of which the
/// segment's transition makes the rows N after it. D are the distances of a chunk's tokens to those of an earlier one, which a tile of T
/// and S reads at t - s + chunk: those within two chunks.
enum class Axis { H, T, S, N, P, U, L, Handed, One, M, D };

/// A tile and what its dimensions stand for; an axis may be read at a fixed index.
struct Tile {
  struct Use {
    Axis axis;
    int64_t at = -1;
  };
  mlir::Value value;
  llvm::SmallVector<Use, 4> axes;

  Tile() = default;
  Tile(mlir::Value value, llvm::ArrayRef<Axis> names) : value(value) {
    for (Axis axis : names)
      axes.push_back({axis});
  }
  explicit operator bool() const { return bool(value); }
  llvm::SmallVector<Axis> names() const;
  /// Those that are not read at a fixed index.
  llvm::SmallVector<Axis> freeNames() const;
  Tile at(Axis axis, int64_t index) const;
  Tile renamed(Axis from, Axis to) const;
};

/// The steps that tiles with an axis T hold: `first` .. `first + valid - 1`, as far as the chunk goes. A token has as many as it updates
/// the state: mostly one, and then they are tokens.
struct TokenRange {
  mlir::Value first, valid;
};

/// Which of the places that a tensor has for a tile a load reads: those of so many tokens earlier, one of the weights along W.
struct LoadPlace {
  int64_t earlier = 0, tap = 0;
};

/// Static sizes of one plan of one spec.
struct PlanShape {
  PlanShape(mixer::SpecOp spec, mixer::AlgorithmAttr plan);
  int64_t extent(Axis axis) const;
  /// Columns or rows without padding: 1 of U.
  int64_t sizeOf(Axis columns) const { return columns == Axis::P ? p : columns == Axis::N ? n : 1; }
  /// For work on states without tokens: fewer columns a block, more blocks.
  PlanShape ofStates() const;
  /// For a running value: a block for each of its heads or groups, which are the heads then, and tiles of many tokens.
  PlanShape ofRunning(mixer::TensorType type) const;
  /// For sums over heads: tiles of a few tokens and as many of `headsOfBlock` as fit, which may share entries of the groups named in
  /// `letters`; `columns` are those of the largest value.
  PlanShape ofHeadSums(int64_t headsOfBlock, llvm::StringRef letters, int64_t columns) const;
  /// For copies of tensors over those heads and groups, `letters`, of at most so many elements for each head of a tile: a block for each
  /// tile of heads.
  PlanShape ofCopies(llvm::StringRef letters, int64_t elements) const;
  /// For flags: a block has all heads and columns of a band.
  PlanShape ofFlags() const;
  /// For transitions of segments: blocks of so many parts have columns of theirs instead of columns of P.
  PlanShape ofTransitions(int64_t parts) const;
  /// For products of states and transitions: tiles of some rows of the state.
  PlanShape ofJoins() const;
  /// Columns of P that a block computes, and the blocks that P is cut into.
  int64_t pblock, pblocks;
  /// Columns of a transition that a block computes, and the blocks that these are cut into.
  int64_t mblock = 1, mblocks = 1;
  /// Heads of a block and of all blocks; where `hasBands`, those of one band.
  int64_t heads, allHeads, headBlocks, n, p;
  /// Whether a call has any number of bands of heads, and blocks for each.
  bool hasBands;
  /// Groups that all bands share: there is one of each.
  std::string sharedGroups;
  /// Updates of the state a token, and steps of a chunk: so many for each of its tokens.
  int64_t updates, chunk;
  /// Tokens that one call hands to the next.
  int64_t handed;
  /// Heads of a group, by the dimension that the groups are.
  std::map<char, int64_t> headsPerGroup;
  int64_t headsOfOneGroup;
  /// Whether the heads of a block, each of one column, stand where the columns of one head do: a scan's lanes then run over heads.
  bool headsAsColumns;
  /// Whether calls may keep states behind chunks.
  bool keepsStates;
  /// Whether a scan takes its tokens one by one, with the state's entries as they lie in memory.
  bool oneToken;
  /// Parts that the blocks of the kernels over chunks compute at once (see tile.part).
  int64_t parts;
  /// Pieces of a segment whose states are computed apart.
  int64_t pieces;
  int64_t nTile, pTile, uTile, mTile = 16;
  /// Of the plan's family: what rows of a product are a multiple of.
  int64_t rowsOfProduct;
  /// Whether other warps have the factors of a chunk ready, its inverses among them.
  bool factorsAhead;
  mlir::Type operand, io;
  mixer::Precision precision;
};

/// Which of a program's memrefs are states, by number: those that a call hands to a sequence and those that it gets back. Of the former,
/// those of which a call may have copies (tile.copied).
struct TensorRoles {
  llvm::SmallBitVector initial, final, copied;
};

class TileBuilder : public mlir::ImplicitLocOpBuilder {
public:
  using ScalarFn = llvm::function_ref<mlir::Value(TileBuilder &, mlir::ValueRange)>;

  /// `parts`: units of heads and columns that each block computes at once; `pieces`: those of its segment that blocks share;
  /// `reversed`: whether the kernel sees all tensors from their last token on.
  TileBuilder(tile::KernelOp kernel, const PlanShape &shape, const TensorRoles &tensors, int64_t parts, int64_t pieces, bool reversed);

  const PlanShape &shape;
  tile::KernelOp kernel;
  /// This block's batch entry, segment (or row of chunks), first head and first column of P.
  mlir::Value batch, segment, head, column;
  /// What tile.sequence says of the block's sequence: its tokens, its states, its segments, and where those stand in buffers.
  tile::SequenceOp sequence;
  /// The first column of a transition, in a kernel that computes some.
  mlir::Value transitionColumn;
  /// The number of its heads and columns among those of a batch entry.
  mlir::Value unit;
  /// How many bands of heads the call has; null where it has the heads that were compiled in.
  mlir::Value bands;
  /// Its piece of the segment.
  mlir::Value piece;
  /// Whether it computes the first or the second half of T for them; null in a kernel whose blocks are not halved.
  mlir::Value isFirstHalf, isSecondHalf;

  /// While one lives, final states are those after so many tokens of the sequence, and go where the call wants them, if it does: inside a
  /// loop over chunks.
  class InsideCall {
  public:
    InsideCall(TileBuilder &b, mlir::Value tokens);
    ~InsideCall() { b.keptPlace = {}; }

  private:
    TileBuilder &b;
  };

  /// Asks for the block's sequence once more, for what follows: behind a loop over tokens that is cheaper than keeping the answer.
  void findSequence();
  /// Goes on to the tile's heads from that one on.
  void setHead(mlir::Value first);
  /// So many for each band of heads.
  mlir::Value timesBands(mlir::Value count) { return bands ? mlir::arith::MulIOp::create(*this, count, bands).getResult() : count; }
  /// The number of its heads' group.
  mlir::Value group(llvm::StringRef dim) const { return groups.at(dim.front()); }

  mlir::Value index(int64_t value);
  mlir::Value number(double value);
  /// `value` where `condition` holds; elsewhere 0, and not a product with 0, which NaN would survive.
  mlir::Value zeroUnless(mlir::Value condition, mlir::Value value);
  mlir::Value isNotZero(mlir::Value value);
  mlir::Value arg(unsigned i) { return kernel.getBody().getArgument(i); }
  /// Steps of the sequence, and of a segment.
  mlir::Value length() { return stepsOf(sequence.getLength()); }
  mlir::Value span() { return stepsOf(arg(tile::KernelOp::kSpan)); }
  /// Segments of the sequence.
  mlir::Value splits() { return sequence.getParts(); }
  /// Where a segment of the sequence stands along the first two dimensions of a buffer [B, splits, ..].
  llvm::SmallVector<mlir::OpFoldResult> segmentAt(mlir::Value segment);
  /// Whether the sequence takes or leaves the state that the memref holds; null where it holds none.
  mlir::Value hasState(unsigned memref);
  /// The index along B of a tensor or buffer with these dimensions.
  mlir::Value indexOfSequence(unsigned memref, bool hasTokens);

  /// One element of the result from one element of each input, given widened to f32; the value is narrowed to `elem`.
  Tile generic(llvm::ArrayRef<Axis> out, mlir::Type elem, llvm::ArrayRef<Tile> inputs, ScalarFn body);
  /// The position along `axis`, inside a generic's body.
  mlir::Value position(Axis axis);
  /// The number of the update among those of its token, inside a generic's body over steps.
  mlir::Value update();
  /// `value` where the position along `axis` is below `limit`, 0 or `otherwise` elsewhere; inside a generic's body.
  mlir::Value zeroFrom(mlir::Value value, Axis axis, mlir::Value limit);
  mlir::Value valueFrom(mlir::Value value, Axis axis, mlir::Value limit, double otherwise);
  /// `value` in the rows of the state that a value of the type has, 0 in the others and in padding: all N, or without N the first one
  /// alone; inside a generic's body.
  mlir::Value zeroBeyondRows(mlir::Value value, mixer::TensorType type);

  /// sum of a * b over the axes that are not in `out`, plus `acc` (or zero).
  Tile contract(llvm::ArrayRef<Axis> out, const Tile &a, const Tile &b, Tile acc = {});
  /// What `combine` makes of the elements along one of the tile's axes, from `start`, which changes nothing; f32.
  Tile reduce(const Tile &tile, Axis axis, double start, llvm::function_ref<mlir::Value(TileBuilder &, mlir::Value, mlir::Value)> combine);
  Tile zeros(llvm::ArrayRef<Axis> axes);
  /// The tile narrowed or widened to `elem`.
  Tile cast(const Tile &tile, mlir::Type elem);

  /// Offsets and limits follow from the tensor's dimension names; `tokens` is needed where it has T or L. With the axis Handed they are
  /// tokens, whatever updates they make.
  Tile load(unsigned memref, mixer::TensorType type, llvm::ArrayRef<Axis> axes, mlir::Type elem, const TokenRange *tokens, bool optional,
            LoadPlace place = {});
  void store(const Tile &tile, unsigned memref, mixer::TensorType type, const TokenRange *tokens, bool optional);
  /// Narrows a state to the tensor's type, to nearest or (`stochastic`) by the call's seed if it has one, and stores it.
  void storeState(const Tile &tile, unsigned memref, mixer::TensorType type, bool stochastic, bool optional);
  /// A tensor or buffer as the kernel sees it, by steps; `tokens` and `updates`: its dimensions of tokens and of their updates, -1 for
  /// none.
  mlir::Value tensor(unsigned memref, int64_t tokens, int64_t updates = -1) { return view(memref, tokens, updates, true, reversed, 0); }

  mlir::RankedTensorType tileType(llvm::ArrayRef<Axis> axes, mlir::Type elem);
  mlir::OpFoldResult columnLimit();
  mlir::OpFoldResult headLimit();
  /// How many columns of a transition there are from this block's first one on; none in blocks that only fill up others' parts.
  mlir::OpFoldResult transitionLimit();

private:
  struct Edge {
    llvm::SmallVector<mlir::OpFoldResult> offsets, limits;
    llvm::SmallVector<int64_t> dims;
  };
  Tile reduceInSteps(const Tile &tile, Axis axis, double start,
                     llvm::function_ref<mlir::Value(TileBuilder &, mlir::Value, mlir::Value)> combine);
  Edge edge(unsigned memref, mixer::TensorType type, llvm::ArrayRef<Tile::Use> axes, const TokenRange *tokens, int64_t tap);
  Tile rounded(const Tile &tile, unsigned memref, mixer::TensorType type);
  mlir::Value view(unsigned memref, int64_t tokens, int64_t updates, bool bySteps, bool fromEnd, int64_t earlier);
  mlir::Value tensorOf(unsigned memref, mixer::TensorType type, llvm::ArrayRef<Axis> axes, int64_t earlier);
  mlir::AffineMap mapOf(llvm::ArrayRef<Tile::Use> uses, llvm::ArrayRef<Axis> domain);
  mlir::Value stepsOf(mlir::Value tokens);
  mlir::Value wholeBlock();
  void findGroups(mlir::Value firstHead);
  void locateBlock(int64_t parts, int64_t pieces);
  /// The place of the final states that are written.
  mlir::Value target() { return keptPlace ? keptPlace : mlir::Value(sequence.getTarget()); }
  /// The place of an initial state, or of its copy (tile.copied); negative where the sequence begins with none.
  mlir::Value source(unsigned memref);
  mlir::Value sequenceNumber, keptPlace, sourceOfCopies;
  tile::SequenceOp firstSequence;
  std::map<char, mlir::Value> groups;
  llvm::SmallVector<Axis, 4> genericAxes;
  const TensorRoles &tensors;
  bool reversed;
  std::map<std::tuple<unsigned, bool, bool, int64_t>, mlir::Value> views;
};

llvm::StringRef letterOf(Axis axis);

} // namespace mixc
