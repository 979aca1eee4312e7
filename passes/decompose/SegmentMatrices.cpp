// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "SegmentMatrices.h"
#include "SegmentBuffers.h"
#include "SegmentPieces.h"
#include "Segments.h"

using namespace mlir;

namespace mixc {

bool joinsCopyInit(const Column &column) { return isa_and_nonnull<BlockArgument>(mixer::SemiseparableOp(column.op).getInit()); }

Value isFirstPiece(TileBuilder &b) {
  Value number = arith::AddIOp::create(b, b.segment, b.piece);
  return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, number, b.index(0));
}

//===--- Transitions ---===//

/// The recurrence of A: one state whose columns are those of the identity, and no x.
static Recurrence transitionOf(const Recurrence &recurrence) {
  Recurrence transition = recurrence;
  transition.columns = {Column{recurrence.columns.front().op, /*hasP=*/false, /*x=*/{}}};
  return transition;
}

static Tile identity(TileBuilder &b, ArrayRef<Axis> axes) {
  return b.generic(axes, b.getF32Type(), {}, [](TileBuilder &b, ValueRange) {
    Value column = arith::AddIOp::create(b, b.position(Axis::M), b.transitionColumn);
    Value same = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, column, b.position(Axis::N));
    return arith::SelectOp::create(b, same, b.number(1), b.number(0));
  });
}

/// A of this block's piece, in the buffer [B, splits, pieces x H, M, N]. That of the last segment is not needed either.
static void buildTransition(TileBuilder &b, SpecValues &values, const ProgramBuilder &program) {
  auto [first, last] = segmentBounds(b);
  auto [begin, end] = pieceBounds(b, first, last);
  auto isNeeded = [&]() -> Value {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, arith::OrIOp::create(b, isLastSegment(b), isFirstPiece(b)),
                                 arith::ConstantOp::create(b, b.getBoolAttr(false)));
  };
  end = arith::SelectOp::create(b, isNeeded(), end, begin);
  auto start = [&](const Column &column) { return identity(b, stateAxes(program, column)); };
  StatesAndDecays result = runStates(b, values, program, begin, end, start, /*withDecays=*/false);
  OpFoldResult zero = b.getIndexAttr(0), columns = b.transitionLimit();
  b.findSequence();
  auto branch = scf::IfOp::create(b, isNeeded(), /*withElse=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  SmallVector<OpFoldResult> offsets = b.segmentAt(b.segment);
  offsets.append({headOf(b, b.piece), b.transitionColumn, zero});
  for (auto [recurrence, transition] : llvm::zip(program.recurrences(), result.states))
    tile::StoreOp::create(b, transition.value, bufferOf(b, program.transitionBuffer(recurrence)), offsets, {2, 3, 4},
                          {b.getIndexAttr(b.shape.heads), columns, b.getIndexAttr(b.shape.n)});
}

//===--- States at segment starts ---===//

namespace {
/// One column's state on its way through the pieces of all segments, with its rows cut into slices [p, n] that are few enough for a
/// product. A step multiplies one slice of S by the rows of A that it meets, the first of the queue, which then goes to its end; after the
/// last slice, the sums are the next state.
class Join {
public:
  Join(TileBuilder &b, const ProgramBuilder &program, const Recurrence &recurrence, const Column &column)
      : b(b), program(program), recurrence(recurrence), column(column), slices(llvm::divideCeil(b.shape.n, b.shape.nTile)) {}

  int64_t numSlices() const { return slices; }

  /// The state after the first piece, then sums of nothing.
  SmallVector<Value> start() {
    SmallVector<Value> tiles;
    for (int64_t slice = 0; slice < slices; ++slice)
      tiles.push_back(load(b.index(0), b.index(0), slice, columnLimit()).value);
    tiles.append(slices, b.zeros(axes()).value);
    return tiles;
  }

  struct Step {
    Value segment, piece, slice, isLast; ///< of its slices
  };
  SmallVector<Value> next(const Step &step, ValueRange carried) {
    SmallVector<Tile> queue, sums;
    for (Value tile : carried)
      (int64_t(queue.size()) < slices ? queue : sums).push_back(Tile(tile, axes()));
    // Own states are added with the last slice, and the state before them takes their place.
    Value columns = onlyIf(step.isLast, columnLimit());
    for (auto [slice, sum] : llvm::enumerate(sums)) {
      Tile own = load(step.segment, step.piece, slice, columns);
      Tile product = b.contract(axes(), queue.front().renamed(Axis::N, Axis::M), loadTransition(step, slice), sum);
      sum = b.generic(axes(), b.getF32Type(), {product, own},
                      [](TileBuilder &b, ValueRange v) { return arith::AddFOp::create(b, v[0], v[1]); });
    }
    Value isFirstPiece = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, step.piece, b.index(0));
    Value starts = arith::AndIOp::create(b, step.isLast, isFirstPiece);
    for (int64_t slice = 0; slice < slices; ++slice) // the last one is the first of the queue
      store(step.segment, slice, queue[(slice + 1) % slices], onlyIf(starts, columnLimit()));
    SmallVector<Value> tiles;
    for (int64_t slice = 0; slice < slices; ++slice)
      tiles.push_back(choose(step.isLast, sums[slice], queue[(slice + 1) % slices]).value);
    for (const Tile &sum : sums)
      tiles.push_back(choose(step.isLast, b.zeros(axes()), sum).value);
    return tiles;
  }

  /// Leaves the state before the last segment, and a copy of that before the first one.
  void finish(Value segment, ValueRange carried) {
    for (int64_t slice = 0; slice < slices; ++slice) {
      store(segment, slice, Tile(carried[slice], axes()), columnLimit());
      if (joinsCopyInit(column))
        store(b.index(0), slice, loadInit(slice), columnLimit());
    }
  }

private:
  SmallVector<Axis> axes() const { return {column.axis(), Axis::N}; }

  Value onlyIf(Value condition, OpFoldResult limit) {
    return arith::SelectOp::create(b, condition, getValueOrCreateConstantIndexOp(b, b.getLoc(), limit), b.index(0));
  }
  Tile choose(Value condition, const Tile &one, const Tile &other) {
    return b.generic(axes(), b.getF32Type(), {one, other},
                     [&](TileBuilder &b, ValueRange v) { return arith::SelectOp::create(b, condition, v[0], v[1]); });
  }
  OpFoldResult columnLimit() { return column.hasP ? b.columnLimit() : OpFoldResult(b.getIndexAttr(1)); }
  OpFoldResult rowsOf(int64_t slice) const { return b.getIndexAttr(std::min(b.shape.nTile, b.shape.n - slice * b.shape.nTile)); }
  OpFoldResult firstColumn() const { return column.hasP && b.shape.pblocks > 1 ? OpFoldResult(b.column) : OpFoldResult(b.getIndexAttr(0)); }

  /// From the buffer [B, splits, pieces x H, P, N].
  Tile load(Value segment, Value piece, int64_t slice, OpFoldResult columns) {
    SmallVector<OpFoldResult> offsets = b.segmentAt(segment);
    offsets.append({headOf(b, piece), firstColumn(), b.getIndexAttr(slice * b.shape.nTile)});
    Value source = bufferOf(b, program.segmentBuffer(column));
    auto load = tile::LoadOp::create(b, b.tileType(axes(), b.getF32Type()), source, offsets, ArrayRef<int64_t>{3, 4},
                                     SmallVector<OpFoldResult>{columns, rowsOf(slice)});
    load.setUnstored(true); // with the last slice, when the segment's state has not taken its place yet
    return Tile(load, axes());
  }
  Tile loadInit(int64_t slice) {
    auto argument = cast<BlockArgument>(mixer::SemiseparableOp(column.op).getInit());
    mixer::TensorType type = typeOf(argument);
    SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0)), limits;
    SmallVector<Axis> present;
    SmallVector<int64_t> dims;
    auto add = [&](StringRef dim, Axis axis, OpFoldResult offset, OpFoldResult limit) {
      if (!type.hasDim(dim))
        return;
      offsets[type.indexOf(dim)] = offset;
      dims.push_back(type.indexOf(dim));
      limits.push_back(limit);
      present.push_back(axis);
    };
    offsets[type.indexOf("B")] = b.indexOfSequence(argument.getArgNumber(), /*hasTokens=*/false);
    offsets[type.indexOf("H")] = headOf(b, b.index(0));
    add("P", Axis::P, firstColumn(), columnLimit());
    add("N", Axis::N, b.getIndexAttr(slice * b.shape.nTile), rowsOf(slice));
    if (present.empty()) { // one number for each head
      dims.push_back(type.indexOf("H"));
      limits.push_back(b.getIndexAttr(1));
      present.push_back(Axis::One);
    }
    limits.front() = onlyIf(b.hasState(argument.getArgNumber()), limits.front());
    mixer::SpecOp spec = program.spec;
    Value source = bufferOf(b, argument.getArgNumber());
    Tile tile(tile::LoadOp::create(b, b.tileType(present, b.getF32Type()), source, offsets, dims, limits,
                                   spec.isArgOptional(argument.getArgNumber())),
              present);
    if (ArrayRef<Axis>(present) == ArrayRef<Axis>(axes()))
      return tile;
    return b.generic(axes(), b.getF32Type(), {tile.at(Axis::One, 0)},
                     [&](TileBuilder &, ValueRange v) { return b.zeroBeyondRows(v[0], type); });
  }
  /// What does not depend on the column of P is written by the blocks of the first ones only.
  void store(Value segment, int64_t slice, const Tile &state, OpFoldResult columns) {
    if (!column.hasP && b.shape.pblocks > 1)
      columns = onlyIf(arith::CmpIOp::create(b, arith::CmpIPredicate::eq, b.column, b.index(0)), columns);
    SmallVector<OpFoldResult> offsets = b.segmentAt(segment);
    offsets.append({headOf(b, b.index(0)), firstColumn(), b.getIndexAttr(slice * b.shape.nTile)});
    tile::StoreOp::create(b, state.value, bufferOf(b, program.segmentBuffer(column)), offsets, ArrayRef<int64_t>{3, 4},
                          SmallVector<OpFoldResult>{columns, rowsOf(slice)});
  }
  /// Of the rows that the step's slice of the state meets, those entries that go into a slice of the next one: [m, n]
  Tile loadTransition(const Step &step, int64_t slice) {
    SmallVector<Axis> axes = {Axis::M, Axis::N};
    Value row = arith::MulIOp::create(b, step.slice, b.index(b.shape.mTile));
    OpFoldResult rows = b.getIndexAttr(b.shape.mTile);
    if (b.shape.n % b.shape.mTile != 0)
      rows = arith::SubIOp::create(b, b.index(b.shape.n), row).getResult();
    SmallVector<OpFoldResult> offsets = b.segmentAt(step.segment);
    offsets.append({headOf(b, step.piece), row, b.getIndexAttr(slice * b.shape.nTile)});
    Value source = bufferOf(b, program.transitionBuffer(recurrence));
    return Tile(tile::LoadOp::create(b, b.tileType(axes, b.getF32Type()), source, offsets, ArrayRef<int64_t>{3, 4},
                                     SmallVector<OpFoldResult>{rows, rowsOf(slice)}),
                axes);
  }

  TileBuilder &b;
  const ProgramBuilder &program;
  const Recurrence &recurrence;
  const Column &column;
  const int64_t slices;
};
} // namespace

/// state(1) = own_0; state(i + 1) = A_i state(i) + own_i: state(i) takes the place of the first own state of segment i.
static void buildJoin(TileBuilder &b, const ProgramBuilder &program) {
  std::vector<Join> joins;
  SmallVector<Value> init;
  for (const Recurrence &recurrence : program.recurrences())
    for (const Column &column : recurrence.columns)
      llvm::append_range(init, joins.emplace_back(b, program, recurrence, column).start());
  const int64_t slices = joins.front().numSlices(), ofSegment = slices * b.shape.pieces;
  Value last = arith::SubIOp::create(b, b.splits(), b.index(1));
  Value steps = arith::MulIOp::create(b, last, b.index(ofSegment));
  auto loop = scf::ForOp::create(b, b.index(slices), steps, b.index(1), init);
  auto ofJoin = [&](ValueRange carried, size_t join) { return carried.slice(join * 2 * slices, 2 * slices); };
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value number = loop.getInductionVar();
    Value slice = arith::RemUIOp::create(b, number, b.index(slices)), run = arith::DivUIOp::create(b, number, b.index(slices));
    Value isLast = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, slice, b.index(slices - 1));
    const Join::Step step{arith::DivUIOp::create(b, run, b.index(b.shape.pieces)), arith::RemUIOp::create(b, run, b.index(b.shape.pieces)),
                          slice, isLast};
    SmallVector<Value> next;
    for (auto [i, join] : llvm::enumerate(joins))
      llvm::append_range(next, join.next(step, ofJoin(loop.getRegionIterArgs(), i)));
    scf::YieldOp::create(b, next);
  }
  for (auto [i, join] : llvm::enumerate(joins))
    join.finish(last, ofJoin(loop.getResults(), i));
}

/// Whether rows of a correction are an argument as it lies in memory. Parts share what is fetched for them.
static bool readsTiles(const Recurrence &recurrence) {
  auto isTile = [](const Expr &expr) { return !expr.scalar && isa<BlockArgument>(expr.value) && typeOf(expr.value).getIo(); };
  Expr r = withoutDecay(recurrence, recurrence.r).value_or(factorTokenScale(recurrence.r, "N", /*signs=*/true).base);
  return isTile(factorTokenScale(recurrence.l, "N", /*signs=*/true).base) || isTile(r);
}

void addMatrixKernels(ProgramBuilder &program) {
  std::vector<Recurrence> mixing, transitions;
  for (const Recurrence &recurrence : program.recurrences())
    if (recurrence.mixesEntries()) {
      mixing.push_back(recurrence);
      transitions.push_back(transitionOf(recurrence));
    }
  if (mixing.empty())
    return;
  program.eachOf(transitions, [&] {
    // Without pieces, the first segment and the last need none.
    const tile::When when = program.shape.pieces > 1 ? tile::When::Split : tile::When::Between;
    const PlanShape shape = program.shape.ofTransitions(llvm::any_of(transitions, readsTiles) ? program.shape.parts : 1);
    program.addKernel(
        "transitions", /*splits=*/true, /*rows=*/0, when, shape,
        [&](TileBuilder &b, SpecValues &values) { buildTransition(b, values, program); }, program.shape.pieces);
  });
  program.eachOf(mixing, [&] {
    program.addKernel("join", /*splits=*/false, /*rows=*/0, tile::When::Split, program.shapeOfJoins,
                      [&](TileBuilder &b, SpecValues &) { buildJoin(b, program); });
  });
}

} // namespace mixc
