// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ColumnRun.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

bool mixc::gpu::isInColumns(Value value) {
  auto type = dyn_cast<FragmentType>(value.getType());
  return type && isa<ColumnsAttr>(type.getLayout());
}

bool ColumnRun::takes(Operation &op) {
  if (auto put = dyn_cast<PutOp>(op))
    return isInColumns(put.getFragment());
  if (auto map = dyn_cast<MapOp>(op))
    return isInColumns(map.getResult());
  return isa<ColumnSpansOp>(op);
}

/// An element of shared memory in one of the thread's columns, read once for all rows: which row it is of, constants say.
Value ColumnRun::readShared(Value buffer, ArrayRef<Index> at, int64_t column) {
  std::vector<int64_t> constants{column};
  for (const Index &index : at)
    constants.push_back(index.constant);
  Value &read = reads[{buffer.getAsOpaquePointer(), constants}];
  if (!read)
    read = loadShared(buffer, at);
  return read;
}

/// All spans of the tokens of a size of blocks, for the register's column.
void ColumnRun::makeSpans(ColumnSpansOp op, size_t reg) {
  auto type = cast<FragmentType>(op.getInput().getType());
  const int64_t each = columnsPerThread(type), tokens = type.getShape()[0], column = int64_t(reg) % each,
                level = int64_t(reg) / each / tokens;
  Values steps;
  for (int64_t t = 0; t < tokens; ++t)
    steps.push_back(valueOf(op.getInput(), t * each + column));
  for (auto [t, span] : llvm::enumerate(spansOfTokens(steps, op.getBlocks()[level], op.getAnchors()[level], op.getPre())))
    made[{op.getSpans(), (level * tokens + t) * each + column}] = span;
}

Value ColumnRun::valueOf(MapOp op, size_t reg) {
  auto type = cast<FragmentType>(op.getResult().getType());
  Value valid;
  SmallVector<Index> indices = registerIndices(type, reg, valid);
  Values in;
  for (auto [i, input] : llvm::enumerate(op.getInputs())) {
    AffineMap map = cast<AffineMapAttr>(op.getIndexingMaps()[i]).getValue();
    if (auto fragment = dyn_cast<FragmentType>(input.getType())) {
      in.push_back(valueOf(input, registerOf(fragment, map, type, reg)));
      continue;
    }
    SmallVector<Index> at = llvm::map_to_vector(map.getResults(), [&](AffineExpr expr) { return indexOf(expr, indices); });
    in.push_back(readShared(input, at, int64_t(reg) % columnsPerThread(type)));
  }
  FailureOr<Value> value = emitBody(op, in, indices, /*wide=*/false);
  bad |= failed(value);
  return failed(value) ? zeroOf(type.getElementType()) : *value;
}

/// A register of a fragment, computed when it is first asked for.
Value ColumnRun::valueOf(Value fragment, size_t reg) {
  if (auto found = registers.find(fragment); found != registers.end())
    return found->second[reg];
  if (Value known = made.lookup({fragment, reg}))
    return known;
  if (auto spans = fragment.getDefiningOp<ColumnSpansOp>()) {
    makeSpans(spans, reg);
    return made.lookup({fragment, reg});
  }
  Value value = valueOf(fragment.getDefiningOp<MapOp>(), reg);
  return made[{fragment, reg}] = value;
}

void ColumnRun::store(PutOp op, size_t reg) {
  auto type = cast<FragmentType>(op.getFragment().getType());
  Value value = valueOf(op.getFragment(), reg), valid;
  SmallVector<Index> dims = registerIndices(type, reg, valid), at;
  for (int64_t p : op.getPerm())
    at.push_back(dims[p]);
  ifValid(valid, [&] { storeShared(value, op.getDest(), at); });
}

/// After how many registers of a fragment its rows are made of the same rows of others again, as those of tiles side by side are.
size_t ColumnRun::periodOf(Value fragment) {
  auto type = cast<FragmentType>(fragment.getType());
  const size_t count = registerTypes(type).size();
  auto map = fragment.getDefiningOp<MapOp>();
  const int64_t outer = std::max<int64_t>(int64_t(type.getShape().size()) - 2, 0); // a row alone is one dimension
  const bool isMadeOfOthers = map && llvm::none_of(map.getIndexingMaps().getAsValueRange<AffineMapAttr>(), [&](AffineMap read) {
                                return llvm::any_of(llvm::seq<int64_t>(0, outer), [&](int64_t d) { return read.isFunctionOfDim(d); });
                              });
  return isMadeOfOthers && outer > 0 ? type.getShape()[outer] * columnsPerThread(type) : count;
}

// What is put is computed row by row, of all puts together; what the rest of the block reads, after it.
LogicalResult ColumnRun::emit(ArrayRef<Operation *> run) {
  struct Rows {
    PutOp put;
    size_t count, period;
  };
  SmallVector<Rows> puts;
  size_t most = 0;
  for (Operation *op : run)
    if (auto put = dyn_cast<PutOp>(op)) {
      Value fragment = put.getFragment();
      puts.push_back({put, registerTypes(cast<FragmentType>(fragment.getType())).size(), periodOf(fragment)});
      most = std::max(most, puts.back().period);
    }
  for (size_t at = 0; at < most; ++at)
    for (const Rows &rows : puts)
      for (size_t reg = at; at < rows.period && reg < rows.count; reg += rows.period)
        store(rows.put, reg);
  llvm::SmallPtrSet<Operation *, 16> own(run.begin(), run.end());
  for (Operation *op : run) {
    if (op->getNumResults() == 0 || llvm::all_of(op->getUsers(), [&](Operation *user) { return own.contains(user); }))
      continue;
    Value result = op->getResult(0);
    Values all;
    for (size_t reg = 0, count = registerTypes(cast<FragmentType>(result.getType())).size(); reg < count; ++reg)
      all.push_back(valueOf(result, reg));
    registers[result] = all;
  }
  return success(!bad);
}
