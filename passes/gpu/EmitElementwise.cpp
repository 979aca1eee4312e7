// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Elementwise work: maps over fragments, and moving their results to shared memory.

#include "MapEmitter.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// Whether all elements of the ascending inputs are equal; null if the map has none, or more than one row of them.
Value MapEmitter::allEqual(MapOp op) {
  llvm::SmallSetVector<Value, 2> inputs;
  for (int64_t i : op.getAscending())
    inputs.insert(op.getInputs()[i]);
  Value known, equal;
  for (Value input : inputs) {
    auto type = dyn_cast<SharedType>(input.getType());
    if (!type || op.getAscending().size() < 2 || type.getNumElements() != type.getShape().back())
      return {};
    SmallVector<Index> first(type.getShape().size(), Index{Value(), 0, 0}), last = first;
    last.back().constant = type.getShape().back() - 1;
    for (ArrayRef<Index> at : {ArrayRef<Index>(first), ArrayRef<Index>(last)}) {
      Value element = loadShared(input, at);
      Value same = known ? Value(arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, known, element)) : Value();
      equal = equal ? Value(arith::AndIOp::create(b, equal, same)) : same;
      known = element;
    }
  }
  return equal;
}

LogicalResult MapEmitter::emit(MapOp op) {
  if (op.getDeferred())
    return success();
  Value equal = isa<MmaAttr>(cast<FragmentType>(op.getResult().getType()).getLayout()) ? allEqual(op) : Value();
  if (!equal)
    return emitElements(op);
  auto branch = scf::IfOp::create(b, registerTypes(cast<FragmentType>(op.getResult().getType())), equal, /*addThenBlock=*/true,
                                  /*addElseBlock=*/true);
  for (bool same : {true, false}) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(same ? branch.thenBlock() : branch.elseBlock());
    llvm::SaveAndRestore saved(state.ascendingEqual, same);
    if (failed(emitElements(op)))
      return failure();
    scf::YieldOp::create(b, registers.lookup(op.getResult()));
  }
  registers[op.getResult()] = Values(branch.getResults().begin(), branch.getResults().end());
  return success();
}

LogicalResult MapEmitter::emitElements(MapOp op) {
  auto type = cast<FragmentType>(op.getResult().getType());
  auto mma = dyn_cast<MmaAttr>(type.getLayout());
  if (mma && part && (op.getAscending().empty() || state.ascendingEqual))
    if (std::optional<CausalMap> causal = causalMapOf(op)) {
      registers[op.getResult()] = emitCausal(op, *causal, 0, mma.getWarpRows());
      return success(!bad);
    }
  Values result;
  if (mma) {
    LoadCache cache;
    int64_t rows = rowBlocksPerWarp(mma, type.getShape()), cols = colBlocksPerWarp(mma, type.getShape());
    size_t per = type.getElementType().isF32() ? 8 : 4;
    result.resize(outerCount(mma, type.getShape()) * rows * cols * per);
    // Rows inside columns: what depends on the column only is loaded once for all rows, and then dead.
    for (int64_t o = 0; o < outerCount(mma, type.getShape()); ++o)
      for (int64_t j = 0; j < cols; ++j)
        for (int64_t i = 0; i < rows; ++i) {
          Values made = mapBlock(op, o, i, j, cache);
          llvm::copy(isTeam() && per < 8 ? computedHere(made) : made, result.begin() + ((o * rows + i) * cols + j) * per);
        }
  } else {
    SmallVector<Values> operands;
    for (Value input : op.getInputs()) {
      auto fragment = dyn_cast<FragmentType>(input.getType());
      operands.push_back(fragment ? elementsOf(fragment, registers.find(input)->second) : Values());
    }
    for (size_t reg = 0, count = elementCount(type); reg < count; ++reg) {
      Value valid;
      SmallVector<Index> indices = registerIndices(type, reg, valid);
      Values in;
      for (auto [i, input] : llvm::enumerate(op.getInputs())) {
        AffineMap map = cast<AffineMapAttr>(op.getIndexingMaps()[i]).getValue();
        if (auto fragment = dyn_cast<FragmentType>(input.getType())) {
          in.push_back(operands[i][registerOf(fragment, map, type, reg)]);
          continue;
        }
        SmallVector<Index> at;
        for (AffineExpr expr : map.getResults())
          at.push_back(indexOf(expr, indices));
        in.push_back(loadShared(input, at));
      }
      FailureOr<Value> value = emitBody(op, in, indices, /*wide=*/false);
      if (failed(value))
        return failure();
      result.push_back(*value);
    }
    result = registersOf(type, result);
  }
  registers[op.getResult()] = result;
  return success();
}

//===--- To shared memory ---===//

void MapEmitter::putBlock(PutOp op, int64_t outer, int64_t row, int64_t col, LoadCache &cache) {
  auto type = cast<FragmentType>(op.getFragment().getType());
  auto mma = cast<MmaAttr>(type.getLayout());
  Values values = block(op.getFragment(), outer, row, col, cache);
  SmallVector<AffineExpr> exprs = llvm::map_to_vector(op.getPerm(), [&](int64_t d) { return b.getAffineDimExpr(d); });
  AffineMap map = AffineMap::get(op.getPerm().size(), 0, exprs, b.getContext());
  int form =
      state.storesMatrices ? matrixForm(cast<SharedType>(op.getDest().getType()), map, mma.getRows().back(), mma.getCols().back()) : 0;
  if (form != 0) {
    storeMatrices(values, op.getDest(), matrixRows(type, map, outer, row, col, form == 2), form == 2);
    return;
  }
  bool alongColumns = op.getPerm().back() == mma.getCols().back();
  for (unsigned e = 0; e < 8; ++e) {
    if (alongColumns && e % 2 == 1)
      continue; // stored with its neighbour
    SmallVector<Index> dims = elementIndices(type, outer, row, col, e), at;
    for (int64_t p : op.getPerm())
      at.push_back(dims[p]);
    Value stored;
    if (values.size() == 8) {
      stored = values[e];
      if (alongColumns) {
        Value pair = LLVM::UndefOp::create(b, VectorType::get(2, b.getF32Type()));
        for (unsigned half = 0; half < 2; ++half)
          pair = LLVM::InsertElementOp::create(b, pair, values[e + half], i32(half));
        stored = pair;
      }
    } else if (alongColumns) {
      stored = values[e / 2];
    } else {
      Value bits = e % 2 ? Value(arith::ShRUIOp::create(b, values[e / 2], i32(16))) : values[e / 2];
      stored = arith::TruncIOp::create(b, b.getI16Type(), bits);
    }
    storeShared(stored, op.getDest(), at);
  }
}

LogicalResult MapEmitter::emit(PutOp op) {
  auto type = cast<FragmentType>(op.getFragment().getType());
  if (auto mma = dyn_cast<MmaAttr>(type.getLayout())) {
    LoadCache cache;
    for (int64_t o = 0; o < outerCount(mma, type.getShape()); ++o)
      for (int64_t j = 0; j < colBlocksPerWarp(mma, type.getShape()); ++j)
        for (int64_t i = 0; i < rowBlocksPerWarp(mma, type.getShape()); ++i)
          putBlock(op, o, i, j, cache);
    return success();
  }
  const Values values = elementsOf(type, registers.lookup(op.getFragment()));
  for (auto [reg, value] : llvm::enumerate(values)) {
    Value valid;
    SmallVector<Index> dims = registerIndices(type, reg, valid), at;
    for (int64_t p : op.getPerm())
      at.push_back(dims[p]);
    ifValid(valid, [&, value = value] { storeShared(value, op.getDest(), at); });
  }
  return success();
}
