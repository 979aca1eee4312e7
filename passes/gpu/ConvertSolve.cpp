// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "OpConverter.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// A buffer for a tile that is computed into shared memory.
static Value allocTile(Workers &workers, Value tile) {
  RankedTensorType type = tileType(tile);
  return workers.alloc(SharedType::get(type.getContext(), type.getShape(), type.getElementType(), -1, 1, /*panel=*/0), tile.getLoc());
}

LogicalResult OpConverter::convert(tile::SpansOp op) {
  if (FragmentType type = values.fragmentType(op.getSpans()); isa<ColumnsAttr>(type.getLayout())) {
    Value input = values.fragmentOf(op.getInput(), values.fragmentType(op.getInput()));
    values.bind(op.getSpans(),
                ColumnSpansOp::create(b, op.getLoc(), type, input, op.getBlocks(), op.getAnchors(), op.getPre()).getResult());
    return success();
  }
  Value input = values.sharedOf(op.getInput()), spans = allocTile(workers, op.getSpans());
  SpansOp::create(b, op.getLoc(), input, spans, op.getBlocks(), op.getAnchors(), op.getPre());
  values.names.shared[op.getSpans()] = spans;
  return success();
}

// Threads go along p: their columns of sums lie side by side then.
LogicalResult OpConverter::convert(tile::SolveOp op) {
  int64_t tokens = tileType(op.getResult()).getDimSize(0);
  if (tokens % 16 != 0)
    return op.emitOpError("expected tokens that are a multiple of 16, got ") << tokens;
  Value matrix = values.sharedOf(op.getMatrix()), sums = values.fragmentOf(op.getSums(), values.fragmentType(op.getSums()));
  Value columns = values.put(sums, {0, 2, 1}, /*swizzle=*/-1), result = allocTile(workers, op.getResult());
  SolveOp::create(b, op.getLoc(), matrix, columns, result);
  values.names.shared[op.getResult()] = result;
  return success();
}
