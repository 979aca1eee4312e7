// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The recurrence of a spec, as the decompositions need it, and the program that a plan becomes.
#pragma once

#include "HeadSums.h"
#include "SpecValues.h"

namespace mixc {

/// One x of the recurrence with its own columns of the state. A normaliser (x without P) is a second one. Columns of a transition have no
/// x: what tokens make of states apart from what they add.
struct Column {
  mixer::SemiseparableOp op;
  bool hasP;
  Factored x; ///< without a base in a transition's
  /// The spec's results that return the final state.
  llvm::SmallVector<unsigned, 1> stateResults;
  /// Among those of the spec.
  unsigned number = 0;
  bool hasX() const { return bool(x.base.value); }
  Axis axis() const { return !hasX() ? Axis::M : hasP ? Axis::P : Axis::U; }
  /// That of y.
  Axis resultAxis() const { return mixer::SemiseparableOp(op).isReadAlongP() ? Axis::N : axis(); }
};

/// Semiseparable ops of a spec that differ in x alone: scores and decays are computed once for them.
struct Recurrence {
  llvm::SmallVector<Column> columns;
  mlir::Value b, c, decay, keep, l, r, mask; ///< but for b and c they may be null
  mixer::Read read = mixer::Read::Post;
  mixer::Direction direction = mixer::Direction::Causal;
  /// b and c without the factors that have no N.
  Factored factoredB, factoredC;
  /// Among those of the spec.
  unsigned number = 0;
  /// What no logarithm of its decays is less than, if that is known.
  double decayBound = -INFINITY;

  /// Whether its chunks are scores times one decay for each pair of tokens and head.
  bool isPlain() const;
  /// Whether the state is multiplied by a decay, or by a factor that it keeps of itself.
  bool decays() const { return decay || keep; }
  /// Whether c is over the state's columns, and y over its rows.
  bool isReadAlongP() const { return mixer::SemiseparableOp(columns.front().op).isReadAlongP(); }
  /// Whether every entry of the state has a decay of its own.
  bool decaysEntries() const;
  /// Whether entries of the state go into others: several tokens then multiply it by a matrix, else by a number for each head or entry.
  bool mixesEntries() const { return bool(l); }
  /// Whether l = -b, as in a delta rule.
  bool erasesB() const;
  /// The axes of a tile of decays over tokens: the tokens last.
  llvm::SmallVector<Axis> decayAxes() const;
};

/// What a spec computes. A recurrence in both directions is two: the anticausal one leaves out the token itself.
struct Recurrences {
  std::vector<Recurrence> all;
  /// The spec's results that the recurrence's kernels compute from the columns' y, by number.
  llvm::SmallVector<unsigned> outputs;
  /// Those that are the last tokens of an argument, and the last running values.
  llvm::SmallVector<unsigned> lastTokens, lastRunning;
  HeadSums headSums;

  unsigned numColumns() const { return all.back().columns.back().number + 1; }
};

/// Emits a diagnostic where `plan` cannot compute the spec.
mlir::FailureOr<Recurrences> analyseRecurrences(mixer::SpecOp spec, mixer::AlgorithmAttr plan);

/// Builds one tile.program for a plan.
class ProgramBuilder {
public:
  ProgramBuilder(mixer::SpecOp spec, mixer::AlgorithmAttr plan, const Recurrences &recurrences);

  /// Adds a kernel, which runs after those before it (cuda_launch.c); `body` fills it. One with a shape of its
  /// `own` has its blocks.
  void addKernel(llvm::StringRef name, bool splits, int64_t rows, tile::When when,
                 llvm::function_ref<void(TileBuilder &, SpecValues &)> body, int64_t pieces = 1) {
    addKernel(name, splits, rows, when, shape, body, pieces);
  }
  void addKernel(llvm::StringRef name, bool splits, int64_t rows, tile::When when, const PlanShape &own,
                 llvm::function_ref<void(TileBuilder &, SpecValues &)> body, int64_t pieces = 1);

  /// Calls `build` for each op whose kernel comes before all others, which read what it leaves in the workspace: running values and sums
  /// over heads of operands, in the order of the spec.
  void eachBefore(llvm::function_ref<void(mixer::RunningOp)> buildRunning, llvm::function_ref<void(mixer::SumOp)> buildSum);
  /// Adds a kernel that walks all tokens of values of the type, before all of the recurrence's.
  void addRunningKernel(llvm::StringRef name, mixer::TensorType type, mlir::Location loc,
                        llvm::function_ref<void(TileBuilder &, SpecValues &)> body);
  /// Calls `build` for each bound of decays that calls check, with the buffer for what is found.
  void eachCheckedBound(llvm::function_ref<void(mixer::SemiseparableOp, SpecValues::Left)> build) const;
  /// Adds a kernel of sums over heads, before all of the recurrence's or after those that there are, with a block for each `rows` tokens
  /// or, if that is 0, for all.
  void addHeadKernel(llvm::StringRef name, int64_t rows, const PlanShape &own, bool before, mlir::Location loc,
                     llvm::function_ref<void(TileBuilder &)> body);
  /// Adds the kernel that comes before all others, of calls that copy what they hand on.
  void addCopyKernel(const PlanShape &own, llvm::function_ref<void(TileBuilder &)> body);
  /// Where the values of kernels before all others lie, and with those what the recurrence's kernels leave for the ones after.
  const SpecValues::LeftValues &leftValues() const { return left; }
  const SpecValues::LeftValues &unfinishedValues() const { return unfinished; }

  /// Calls `build` for the anticausal recurrences, if there are others too, whose y then go through the workspace, and for the rest.
  void eachDirection(llvm::function_ref<void()> build);
  /// The recurrences of the direction that is being built.
  llvm::ArrayRef<Recurrence> recurrences() const { return current; }
  /// Calls `build` for some of them alone.
  void eachOf(llvm::ArrayRef<Recurrence> some, llvm::function_ref<void()> build);
  /// Whether y goes to the workspace, for the kernels of the other direction.
  bool leavesResults() const { return isFirstOfTwo; }
  /// The columns whose y the kernels of the first direction have left.
  llvm::SmallVector<Column> columnsLeft() const;

  /// Workspace of the states at segment starts, of the segments' transitions and of flags; makes the buffers on first use.
  void useSegments();
  unsigned segmentBuffer(const Column &column) const { return firstSegment + column.number; }
  /// The decays of a recurrence, or the matrices where it mixes entries.
  unsigned transitionBuffer(const Recurrence &recurrence) const { return firstSegment + everything.numColumns() + recurrence.number; }
  /// Flags of the first halves of T that are done, by unit of heads and columns (TileBuilder::unit).
  unsigned flagBuffer() const { return firstSegment + everything.numColumns() + everything.all.size(); }
  /// y of an anticausal column, [B, T, H, P] in f32.
  unsigned resultBuffer(const Column &column) const;
  /// Whether T may be cut into segments: as long as there are buffers for what they hand on.
  bool canSplit() const;
  /// Whether the recurrence of the column mixes entries.
  bool mixesEntries(const Column &column) const;
  /// Whether the plan's blocks may be halved.
  bool canHalve() const { return plan.getPieces() > 1 && canSplit(); }
  unsigned numTensors() const { return tensors; }
  unsigned numKernels() { return llvm::range_size(program.getBody().getOps<tile::KernelOp>()); }
  unsigned numBuffers() const { return memrefs.size() - tensors; }
  /// Units of heads and columns of a batch entry.
  int64_t numUnits() const { return units; }

  mixer::SpecOp spec;
  mixer::AlgorithmAttr plan;
  const Recurrences &everything;
  const PlanShape shape, shapeOfStates, shapeOfJoins;

private:
  unsigned addBuffer(llvm::ArrayRef<int64_t> sizes, int64_t headDim, mlir::FloatAttr most = {}, mlir::StringAttr of = {});
  void useResults();
  const TensorRoles &tensorRoles();
  void useRunning();
  void useHeadSums();
  void useBounds();
  SpecValues::Left addValueBuffer(mixer::TensorType type, mlir::FloatAttr most = {}, mlir::StringAttr of = {});
  size_t numResultBuffers() const;

  llvm::ArrayRef<Recurrence> current;
  bool isFirstOfTwo = false;
  std::string prefix; ///< of the kernels' names
  unsigned firstSegment = 0, firstResult = 0;
  unsigned valueBuffers = 0; ///< of running values, sums over heads and unfinished values
  SpecValues::LeftValues left, unfinished;
  llvm::SmallVector<std::pair<mixer::SemiseparableOp, SpecValues::Left>> checked;
  mlir::Block::iterator endOfBefore; ///< the first kernel of the recurrence
  llvm::StringMap<unsigned> named;   ///< kernels of sums over heads and running values, by name
  llvm::SmallVector<mlir::Type> memrefs;
  TensorRoles roles;
  tile::ProgramOp program;
  int64_t units;
  unsigned tensors;
};

//===--- Pieces that the decompositions share ---===//

/// The state of a column as a tile: [h, p, n] (chunked, quadratic) or [h, n, p] (scan).
llvm::SmallVector<Axis, 3> stateAxes(const ProgramBuilder &program, const Column &column);
/// The spec's initial state of the column, zero where it has none.
Tile loadInitialState(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, const Column &column);
/// Writes the final state where the caller asks for it.
void storeFinalState(TileBuilder &b, const ProgramBuilder &program, const Column &column, const Tile &state);
/// Writes the last tokens of arguments that the spec returns, of the first `end`.
void storeLastTokens(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, mlir::Value end);
/// Evaluates the spec's outputs from the columns' y, of all recurrences in order, and writes them.
void storeOutputs(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, llvm::ArrayRef<Tile> ys, llvm::ArrayRef<Axis> axes,
                  TokenScope &tokens);
/// Rounds up to whole chunks: the loop over the tokens [begin, end) with the tiles of `init` carried.
llvm::SmallVector<Tile> loopOverChunks(TileBuilder &b, SpecValues &values, mlir::Value begin, mlir::Value end, llvm::ArrayRef<Tile> init,
                                       llvm::function_ref<llvm::SmallVector<Tile>(TokenScope &, llvm::ArrayRef<Tile>)> body);
/// How many tokens of the sequence the chunk of these steps ends at.
mlir::Value tokensUpTo(TileBuilder &b, const TokenRange &steps);
/// A token's value, inside a generic's body over steps: that of its first update up to the last token, `otherwise` elsewhere.
mlir::Value ofToken(TileBuilder &b, mlir::Value value, const TokenRange &tokens, double otherwise);
/// log2 of a step's decay, inside a generic's body over steps, of a token's g: 0 past the last one, and for all updates of a token but the
/// first.
mlir::Value log2Decay(TileBuilder &b, mlir::Value g, const TokenRange &tokens);
/// The log2 of what every step multiplies the state by, signs apart, over the axes, 0 past the last token; null where the recurrence has
/// none. `finish` makes of a decay's logarithm what is wanted of it.
Tile decayTile(TileBuilder &b, SpecValues &values, const Recurrence &recurrence, TokenScope &tokens, llvm::ArrayRef<Axis> axes,
               llvm::function_ref<mlir::Value(TileBuilder &, mlir::Value)> finish = nullptr);
/// Those signs, of the product from the first of the steps to each or, with `pre`, to the one before: [h, t].
Tile signsFromStart(TileBuilder &b, SpecValues &values, const Recurrence &recurrence, TokenScope &tokens, bool pre);
/// Rows of which `value` is a step's decay times: what reads the state before a step then reads it after the decay. None where the state
/// keeps a factor of itself besides.
std::optional<Expr> withoutDecay(const Recurrence &recurrence, mlir::Value value);

} // namespace mixc
