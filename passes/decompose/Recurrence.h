// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The recurrence of a spec, as the decompositions need it, and the program that a plan becomes.
#pragma once

#include "SpecValues.h"

namespace mixc {

/// One x of the recurrence with its own columns of the state. A normaliser (x without P) is a second one.
struct Column {
  mixer::SemiseparableOp op;
  bool hasP;
  Factored x;
  /// The spec's result that returns the final state, or -1.
  int64_t stateResult = -1;
  Axis axis() const { return hasP ? Axis::P : Axis::U; }
};

/// All semiseparable ops of a spec: they share b, c and the decay, so scores and decays are computed once.
struct Recurrence {
  llvm::SmallVector<Column> columns;
  mlir::Value b, c, decay;
  /// b and c without the factors that have no N.
  Factored factoredB, factoredC;
  /// The spec's results that are computed from y, by number.
  llvm::SmallVector<unsigned> outputs;
};

/// Emits a diagnostic where `algorithm` cannot compute the spec's recurrence with `plan`.
mlir::FailureOr<Recurrence> analyseRecurrence(mixer::SpecOp spec, mixer::AlgorithmAttr plan);

/// Builds one tile.program for a plan.
class ProgramBuilder {
public:
  ProgramBuilder(mixer::SpecOp spec, mixer::AlgorithmAttr plan, const Recurrence &recurrence);

  /// Adds a kernel; `body` fills it. One that prepares halves has a block for each batch entry; with `states`, it works on
  /// states alone, `shape.ofStates()`.
  void addKernel(llvm::StringRef name, bool splits, int64_t rows, tile::When when,
                 llvm::function_ref<void(TileBuilder &, SpecValues &)> body, int64_t pieces = 1, bool states = false);

  /// Workspace of the states at segment starts, of the segments' decays and of flags; makes the buffers on first use.
  void useSegments();
  unsigned segmentBuffer(unsigned column) const { return numTensors() + column; }
  unsigned decayBuffer() const { return numTensors() + recurrence.columns.size(); }
  /// Flags of the first halves of T that are done, by unit of heads and columns (TileBuilder::unit).
  unsigned flagBuffer() const { return decayBuffer() + 1; }
  /// Whether the plan's blocks may be halved.
  bool canHalve() const { return plan.getWarpgroups() > 0; }
  unsigned numTensors() const { return tensors; }
  /// Units of heads and columns of a batch entry.
  int64_t numUnits() const { return units; }

  mixer::SpecOp spec;
  mixer::AlgorithmAttr plan;
  const Recurrence &recurrence;
  const PlanShape shape, shapeOfStates;

private:
  llvm::SmallVector<mlir::Type> memrefs;
  tile::ProgramOp program;
  int64_t units;
  unsigned tensors;
};

/// `build` fills a program for every plan of `algorithm` on every spec of the module.
mlir::LogicalResult decomposePlans(mlir::Operation *module, mixer::Algorithm algorithm, llvm::function_ref<void(ProgramBuilder &)> build);

//===--- Pieces that the decompositions share ---===//

/// The state of a column as a tile: [h, p, n] (chunked, quadratic) or [h, n, p] (scan).
llvm::SmallVector<Axis, 3> stateAxes(const ProgramBuilder &program, const Column &column);
/// The spec's initial state of the column, zero where it has none.
Tile loadInitialState(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, const Column &column);
/// Writes the final state where the caller asks for it.
void storeFinalState(TileBuilder &b, const ProgramBuilder &program, const Column &column, const Tile &state);
/// Evaluates the spec's outputs from the columns' y and writes them.
void storeOutputs(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, llvm::ArrayRef<Tile> ys, llvm::ArrayRef<Axis> axes,
                  TokenScope &tokens);
/// Rounds up to whole chunks: the loop over the tokens [begin, end) with the tiles of `init` carried.
llvm::SmallVector<Tile> loopOverChunks(TileBuilder &b, SpecValues &values, mlir::Value begin, mlir::Value end, llvm::ArrayRef<Tile> init,
                                       llvm::function_ref<llvm::SmallVector<Tile>(TokenScope &, llvm::ArrayRef<Tile>)> body);
/// The log2 decay of every token and head, 0 past the last token; null where the recurrence has none.
Tile decayTile(TileBuilder &b, SpecValues &values, const Recurrence &recurrence, TokenScope &tokens);

} // namespace mixc
