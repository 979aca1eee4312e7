// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// tile.scan with a block of state rows in registers over all tokens of the tile:
//
//     for h, for p by vectors, for a block of rows n:
//       s[r] = init[h, n + r, p]
//       for q:  s[r] = decay[h, q] * s[r] + (excess[h, q] * s[r] + b[q, n + r] * x[q, h, p]);   y[q, h, p] += c[q, n + r] * s[r]
//       state[h, n + r, p] = s[r]
//
// A number of a row is read once for several vectors of columns. Decays and rows that the columns have their own of are vectors as x is;
// elementwise work that makes them is done here, in registers.
// With a correction a token needs all rows before it changes one: CorrectedScan.cpp. Decays that rows have of their own are taken out of
// the loop over tokens: RescaledScan.cpp.
// Where c is over the columns, y is a sum across them: of vectors of columns one sum for each row, whose lanes are added up then.
// An associative scan of single numbers (N = P = 1) runs along the tokens instead, a vector of them in log steps.

#include "ScanNest.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;

namespace mixc::cpu {

SmallVector<int64_t> stridesOf(const Tile &tile) {
  SmallVector<int64_t> strides = tile.strides;
  strides.resize(tile.type.getRank()); // a splat has none
  return strides;
}

bool scansTokens(tile::ScanOp op) {
  auto state = cast<RankedTensorType>(op.getState().getType());
  return op.getAssociative() && state.getDimSize(1) == 1 && state.getDimSize(2) == 1;
}

/// How many vectors of columns go together, at most: those of two rows, where vectors are long, fill the registers.
static int64_t vectorsFor(int64_t columns, int64_t lanes, int64_t most) {
  while (columns % (lanes * most) != 0)
    most /= 2;
  return most;
}

void KernelEmitter::emitScan(tile::ScanOp op) {
  ScanNest nest;
  auto entriesOf = [&](Value value) {
    ScanEntries entries;
    if (!value)
      return entries;
    for (OpOperand &operand : op->getOpOperands())
      if (operand.get() == value)
        entries.tile = placeOf(operand);
    if (Operation *producer = value.getDefiningOp(); producer && buffers.isFused(producer)) {
      entries.computed = cast<linalg::LinalgOp>(producer);
      for (OpOperand &input : producer->getOpOperands())
        entries.inputs.push_back(accessTo(placeOf(input), entries.computed.getMatchingIndexingMap(&input)));
    }
    nest.ofColumns |= entries.tile.type.getRank() == 4;
    return entries;
  };
  nest.decay = entriesOf(op.getDecay());
  nest.excess = entriesOf(op.getExcess());
  nest.b = entriesOf(op.getB());
  nest.c = entriesOf(op.getC());
  nest.l = entriesOf(op.getL());
  nest.r = entriesOf(op.getR());
  nest.x = entriesOf(op.getX());
  nest.init = placeOf(op.getInitMutable());
  nest.y = buffers.lookup(op.getY());
  nest.state = buffers.lookup(op.getState());
  nest.pre = op.getPre();
  nest.across = op.getAcross();
  nest.tokens = nest.y.size(0);
  if (scansTokens(op))
    return loop(nest.y.size(1), 1, [&](Value h) {
      nest.h = h;
      scanTokens(nest);
    });
  const bool wide = vectorWidth >= 16;
  const int64_t columns = nest.state.size(2), n = nest.state.size(1);
  nest.lanes = lanesFor(columns, vectorWidth);
  if (nest.ofColumns) { // what the columns have of their own takes registers too
    nest.rows = lanesFor(n, wide ? 8 : 4);
    nest.vectors = vectorsFor(columns, nest.lanes, nest.r ? 1 : (wide ? 8 : 4) / nest.rows);
  } else {
    nest.vectors = vectorsFor(columns, nest.lanes, 2);
    nest.rows = lanesFor(n, (wide ? 16 : 8) / nest.vectors);
  }
  if (nest.r)
    copy(nest.init, nest.state);
  if (rescalesRows(op))
    return scanRescaled(nest, op);
  scanColumns(nest);
}

void KernelEmitter::scanColumns(ScanNest &nest) {
  loop(nest.y.size(1), 1, [&](Value h) {
    nest.h = h;
    scanHead(nest);
  });
}

void KernelEmitter::scanHead(ScanNest &nest) {
  if (nest.across)
    clearRowSums(nest);
  loop(nest.state.size(2), nest.vectors * nest.lanes, [&](Value p) {
    nest.p = p;
    if (nest.r)
      return scanCorrected(nest);
    scanBlock(nest, {});
    const int64_t n = nest.state.size(1);
    if (n == nest.rows)
      return;
    auto rest = scf::ForOp::create(*this, index(nest.rows), index(n), index(nest.rows));
    InsertionGuard guard(*this);
    setInsertionPointToStart(rest.getBody());
    scanBlock(nest, rest.getInductionVar());
  });
}

//===--- Reading ---===//

/// Of the head that the nest is at and one of its vectors of columns: a row of the state.
Value KernelEmitter::readState(const ScanNest &nest, const Tile &tile, Value firstRow, int64_t row, int64_t vector) {
  SmallVector<int64_t> strides = stridesOf(tile);
  return read(tile, row * strides[1] + vector * nest.lanes * strides[2], strides, {nest.h, firstRow, nest.p}, strides[2], nest.lanes);
}

/// Of x or y.
Value KernelEmitter::readColumns(const ScanNest &nest, const Tile &tile, Value q, int64_t vector) {
  SmallVector<int64_t> strides = stridesOf(tile);
  return read(tile, vector * nest.lanes * strides[2], strides, {q, nest.h, nest.p}, strides[2], nest.lanes);
}

/// An entry of b, c, l or r at token q: one in all lanes, or each lane's of a vector of columns.
Value KernelEmitter::readEntry(const ScanNest &nest, const ScanEntries &entries, Value q, Value firstRow, int64_t row, int64_t vector) {
  const Tile &tile = entries.tile;
  SmallVector<int64_t> strides = stridesOf(tile);
  if (tile.type.getRank() == 2)
    return read(tile, row * strides[1], strides, {q, firstRow}, 0, nest.lanes);
  if (tile.type.getRank() == 3)
    return read(tile, row * strides[2], strides, {q, nest.h, firstRow}, 0, nest.lanes);
  if (tile.size(2) == 1) {
    firstRow = {};
    row = 0;
  }
  if (entries.computed)
    return computeEntry(nest, entries, {q, nest.h, firstRow, nest.p}, row, vector);
  return read(tile, row * strides[2] + vector * nest.lanes * strides[3], strides, {q, nest.h, firstRow, nest.p}, strides[3], nest.lanes);
}

/// Of an elementwise operation over [q, h, n, p], or [q, h, p]: `row` after ivs[2], `vector` after the last. Null indices are 0.
Value KernelEmitter::readInput(const ScanNest &nest, const Operand &input, ArrayRef<Value> ivs, int64_t row, int64_t vector) {
  ArrayRef<int64_t> coefficients = input.access.coefficients;
  int64_t element = input.access.constant + vector * nest.lanes * coefficients.back();
  if (ivs.size() == 4)
    element += row * coefficients[2];
  return read(input.tile, element, coefficients, ivs, coefficients.back(), nest.lanes);
}

void KernelEmitter::readFixedInputs(ScanNest &nest, Value firstRow) {
  for (ScanEntries *entries : {&nest.decay, &nest.excess, &nest.b, &nest.c}) {
    entries->fixed.assign(entries->inputs.size(), {});
    for (auto [number, input] : llvm::enumerate(entries->inputs))
      if (input.access.coefficients[0] == 0 && entries->computed.payloadUsesValueFromOperand(&entries->computed->getOpOperand(number)))
        for (int64_t row = 0; row < (entries->tile.size(2) == 1 ? 1 : nest.rows); ++row)
          for (int64_t v = 0; v < nest.vectors; ++v)
            entries->fixed[number].push_back(readInput(nest, input, {Value(), nest.h, firstRow, nest.p}, row, v));
  }
}

Value KernelEmitter::computeEntry(const ScanNest &nest, const ScanEntries &entries, ArrayRef<Value> ivs, int64_t row, int64_t vector) {
  linalg::LinalgOp op = entries.computed;
  SmallVector<Value> args;
  for (auto [number, input] : llvm::enumerate(entries.inputs)) {
    if (!op.payloadUsesValueFromOperand(&op->getOpOperand(number)))
      args.push_back({});
    else if (!entries.fixed.empty() && !entries.fixed[number].empty())
      args.push_back(entries.fixed[number][row * nest.vectors + vector]);
    else
      args.push_back(readInput(nest, input, ivs, row, vector));
  }
  const int64_t last = ivs.size() - 1;
  auto position = [&](int64_t loop) -> Value {
    int64_t after = loop == last ? vector * nest.lanes : loop == 2 ? row : 0;
    Value first = ivs[loop] ? ivs[loop] : index(0);
    return after ? arith::AddIOp::create(*this, first, index(after)).getResult() : first;
  };
  return evaluate(op, args, nest.lanes, /*vectorLoop=*/last, position).front();
}

/// x at token q.
Value KernelEmitter::readX(const ScanNest &nest, Value q, int64_t vector) {
  if (nest.x.computed)
    return computeEntry(nest, nest.x, {q, nest.h, nest.p}, /*row=*/0, vector);
  return readColumns(nest, nest.x.tile, q, vector);
}

//===--- Steps ---===//

/// What a row's state is multiplied by at token q; decays of a head are known from `ofHead`, once they are.
RowDecay KernelEmitter::readDecay(const ScanNest &nest, Value q, Value firstRow, int64_t row, const RowDecay &ofHead, int64_t vector) {
  if (!nest.decay || nest.undecayed || ofHead.factor)
    return ofHead;
  auto readOne = [&](const ScanEntries &entries) -> Value {
    SmallVector<int64_t> strides = stridesOf(entries.tile);
    if (entries.tile.type.getRank() == 2)
      return read(entries.tile, 0, strides, {nest.h, q}, 0, nest.lanes);
    if (entries.tile.type.getRank() == 3)
      return read(entries.tile, row * strides[1], strides, {nest.h, firstRow, q}, 0, nest.lanes);
    return readEntry(nest, entries, q, firstRow, row, vector);
  };
  RowDecay decay;
  if (nest.excess)
    decay.excess = readOne(nest.excess);
  decay.factor = readOne(nest.decay);
  decay.keeps = arith::CmpFOp::create(*this, arith::CmpFPredicate::UNE, decay.factor, f32(0, nest.lanes));
  return decay;
}

/// decay state + sum of the products. A factor of 0 forgets the state, NaN too; no factor is one of 1.
Value KernelEmitter::nextState(const RowDecay &decay, Value state, ArrayRef<std::pair<Value, Value>> products) {
  const bool startsWithState = !decay.factor;
  Value sum = startsWithState ? state : Value();
  for (auto [left, right] : products)
    sum = sum ? vector::FMAOp::create(*this, left, right, sum).getResult() : arith::MulFOp::create(*this, left, right).getResult();
  if (startsWithState)
    return sum;
  Value next = sum;
  for (Value factor : {decay.excess, decay.factor})
    if (factor)
      next = vector::FMAOp::create(*this, factor, state, next);
  return arith::SelectOp::create(*this, decay.keeps, next, sum);
}

/// Emits a token's step, twice where a head's decay is often 1 or rows are rescaled: a state that is kept by a power of two loses nothing
/// then.
SmallVector<Value> KernelEmitter::emitStep(ScanNest &nest, Value q, TypeRange types,
                                           function_ref<SmallVector<Value>(const RowDecay &ofHead)> body) {
  const bool ofHead = nest.decay && nest.decay.tile.type.getRank() == 2;
  if (!ofHead && !nest.isRescaled())
    return body({});
  if (ofHead && nest.excess)
    return body(readDecay(nest, q, {}, 0, {}, 0));
  Value decides = ofHead ? readElement(nest.decay.tile, {nest.h, q}) : readElement(nest.anchors, {q});
  Value isUndecayed = arith::CmpFOp::create(*this, arith::CmpFPredicate::OEQ, decides, scalar(ofHead ? 1 : 0, getF32Type()));
  auto branch = scf::IfOp::create(*this, types, isUndecayed, /*addThenBlock=*/true, /*addElseBlock=*/true);
  for (bool undecayed : {true, false}) {
    InsertionGuard guard(*this);
    setInsertionPointToStart(undecayed ? branch.thenBlock() : branch.elseBlock());
    llvm::SaveAndRestore saved(nest.undecayed, undecayed);
    scf::YieldOp::create(*this, body(ofHead && !undecayed ? readDecay(nest, q, {}, 0, {}, 0) : RowDecay()));
  }
  return SmallVector<Value>(branch.getResults());
}

/// One block of state rows, through all tokens. The first block (no `firstRow`) starts y, the others add to it.
void KernelEmitter::scanBlock(ScanNest &nest, Value firstRow) {
  const int64_t rows = nest.rows, vectors = nest.vectors;
  SmallVector<Value> init;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t v = 0; v < vectors; ++v)
      init.push_back(readState(nest, nest.init, firstRow, row, v));
  readFixedInputs(nest, firstRow);
  auto loop = scf::ForOp::create(*this, index(0), index(nest.tokens), index(1), init);
  {
    InsertionGuard guard(*this);
    setInsertionPointToStart(loop.getBody());
    Value q = loop.getInductionVar();
    SmallVector<Value> x, columns;
    // Two sums of a vector: the chain of additions is half as long.
    SmallVector<Value> firstSums;
    for (int64_t v = 0; v < vectors; ++v) {
      x.push_back(readX(nest, q, v));
      if (nest.across)
        columns.push_back(readColumns(nest, nest.c.tile, q, v));
      else
        firstSums.append({firstRow ? readColumns(nest, nest.y, q, v) : f32(0, nest.lanes), f32(0, nest.lanes)});
    }
    if (nest.across)
      firstSums.assign(rows, f32(0, nest.lanes));
    const int64_t count = rows * vectors;
    SmallVector<Type> types(count + firstSums.size(), x[0].getType());
    /// The states and sums after the token.
    SmallVector<Value> after = emitStep(nest, q, types, [&](const RowDecay &ofHead) {
      SmallVector<Value> states, sums = firstSums;
      for (int64_t row = 0; row < rows; ++row) {
        Value b, c;
        RowDecay decay;
        for (int64_t v = 0; v < vectors; ++v) {
          if (v == 0 || nest.ofColumns) {
            b = readEntry(nest, nest.b, q, firstRow, row, v);
            if (!nest.across)
              c = readEntry(nest, nest.c, q, firstRow, row, v);
            decay = readDecay(nest, q, firstRow, row, ofHead, v);
          }
          Value before = loop.getRegionIterArg(row * vectors + v), &sum = sums[nest.across ? row : 2 * v + row % 2];
          if (!nest.undecayed)
            before = wholeState(nest, before, q, firstRow, row);
          states.push_back(nextState(decay, before, {{b, x[v]}}));
          sum = vector::FMAOp::create(*this, nest.across ? columns[v] : c, nest.pre ? before : states.back(), sum);
        }
      }
      states.append(sums);
      return states;
    });
    if (nest.across)
      addRowSums(nest, q, firstRow, SmallVector<Value>(ArrayRef(after).drop_front(count)));
    for (int64_t v = 0; !nest.across && v < vectors; ++v) {
      Value y = after[count + 2 * v];
      if (rows > 1)
        y = arith::AddFOp::create(*this, y, after[count + 2 * v + 1]);
      write(y, nest.y, v * nest.lanes, nest.y.strides, {q, nest.h, nest.p}, 1);
    }
    scf::YieldOp::create(*this, ArrayRef(after).take_front(count));
  }
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t v = 0; v < vectors; ++v)
      writeState(nest, wholeState(nest, loop.getResult(row * vectors + v), index(nest.tokens), firstRow, row), firstRow, row, v);
}

void KernelEmitter::writeState(const ScanNest &nest, Value state, Value firstRow, int64_t row, int64_t vector) {
  write(state, nest.state, row * nest.state.strides[1] + vector * nest.lanes, nest.state.strides, {nest.h, firstRow, nest.p}, 1);
}

/// All tokens of a head, for N = P = 1. (a, u) stands for the step S -> a S + u, or S -> u where a is 0; after the steps s = 1, 2, 4,
/// .. lane i holds the composition of the steps i - 2s + 1 .. i of the vector.
void KernelEmitter::scanTokens(ScanNest &nest) {
  int64_t lanes = lanesFor(nest.tokens, vectorWidth);
  Value ones = f32(1, lanes), zeros = f32(0, lanes);
  auto step = [&](Value a, Value state, Value u) -> Value {
    Value keeps = arith::CmpFOp::create(*this, arith::CmpFPredicate::UNE, a, zeros);
    return arith::SelectOp::create(*this, keeps, vector::FMAOp::create(*this, a, state, u), u);
  };
  auto at = [&](const Tile &tile, int64_t tokenDim, ValueRange ivs) {
    SmallVector<int64_t> strides = stridesOf(tile);
    return read(tile, 0, strides, ivs, strides[tokenDim], lanes);
  };
  Value zero = index(0);
  Value init = vector::ExtractOp::create(*this, read(nest.init, 0, stridesOf(nest.init), {nest.h, zero, zero}, 0, 1), 0);
  auto loop = scf::ForOp::create(*this, zero, index(nest.tokens), index(lanes), ValueRange{init});
  {
    InsertionGuard guard(*this);
    setInsertionPointToStart(loop.getBody());
    Value q = loop.getInductionVar();
    Value a = nest.decay ? at(nest.decay.tile, 1, {nest.h, q}) : ones;
    Value u = arith::MulFOp::create(*this, at(nest.b.tile, 0, {q, zero}), at(nest.x.tile, 0, {q, nest.h, zero}));
    for (int64_t distance = 1; distance < lanes; distance *= 2) {
      SmallVector<int64_t> earlier;
      for (int64_t lane = 0; lane < lanes; ++lane)
        earlier.push_back(lane < distance ? lanes : lane - distance);
      Value before = vector::ShuffleOp::create(*this, u, zeros, earlier);
      u = step(a, before, u);
      a = step(a, vector::ShuffleOp::create(*this, a, ones, earlier), zeros);
    }
    Value state = step(a, splat(loop.getRegionIterArg(0), lanes), u);
    Value y = arith::MulFOp::create(*this, at(nest.c.tile, 0, {q, zero}), state);
    write(y, nest.y, 0, nest.y.strides, {q, nest.h, zero}, nest.y.strides[0]);
    scf::YieldOp::create(*this, ValueRange{vector::ExtractOp::create(*this, state, lanes - 1)});
  }
  write(splat(loop.getResult(0), 1), nest.state, 0, nest.state.strides, {nest.h, zero, zero}, 1);
}

} // namespace mixc::cpu
