// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which element of a tile a register of a thread holds.

#include "FragmentCode.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

static constexpr uint64_t kUnknown = ~uint64_t(0);

Value FragmentCode::rowGroup(MmaAttr layout) {
  int64_t warps = threads / 32;
  if (layout.getWarpRows() == 1)
    return Value();
  return layout.getWarpRows() == warps ? warp : rem(warp, layout.getWarpRows());
}

Value FragmentCode::colPart(MmaAttr layout) {
  if (layout.getWarpCols() == 1)
    return Value();
  Value part = div(warp, layout.getWarpRows());
  return layout.getWarpRows() * layout.getWarpCols() == threads / 32 ? part : rem(part, layout.getWarpCols());
}

/// Splits the number of a block of 16 over the dimensions, whose innermost holds inner/16 blocks.
static void splitBlocks(ArrayRef<int64_t> dims, ArrayRef<int64_t> shape, function_ref<void(int64_t, int64_t, int64_t)> visit) {
  int64_t after = 1;
  for (size_t i = dims.size(); i-- > 0;) {
    int64_t size = i + 1 == dims.size() ? shape[dims[i]] / 16 : shape[dims[i]];
    visit(dims[i], after, size);
    after *= size;
  }
}

SmallVector<Index> FragmentCode::blockOrigin(FragmentType type, int64_t outer, int64_t row, int64_t col) {
  auto mma = cast<MmaAttr>(type.getLayout());
  ArrayRef<int64_t> shape = type.getShape();
  SmallVector<Index> indices(shape.size(), Index{Value(), 0, 0});
  for (int64_t d : llvm::reverse(mma.getOuter())) {
    indices[d].constant = outer % shape[d];
    outer /= shape[d];
  }
  auto place = [&](ArrayRef<int64_t> dims, Value group, int64_t perGroup, int64_t total, int64_t groups, int64_t i) {
    // The blocks of a group that lie inside one index of the outer dimensions differ by constants.
    int64_t inner = shape[dims.back()] / 16;
    bool even = groups * perGroup == total && inner % perGroup == 0;
    Value first = mul(group, perGroup), number = first;
    if (!even) {
      number = group ? add(first, i32(i)) : i32(i);
      if (groups * perGroup != total)
        number = b.createOrFold<arith::MinUIOp>(number, i32(total - 1));
    }
    splitBlocks(dims, shape, [&](int64_t d, int64_t after, int64_t size) {
      bool innermost = d == dims.back();
      int64_t scale = innermost ? 16 : 1;
      Index &index = indices[d];
      if (!number) {
        index.constant = i / after % size * scale;
        return;
      }
      Value part = div(number, after);
      if (after * size < total)
        part = rem(part, size);
      index.value = mul(part, scale);
      index.bits = innermost ? ~uint64_t(15) : kUnknown;
      if (innermost && even)
        index.constant = i * 16;
    });
  };
  if (state.knownRowGroup) {
    int64_t number = *state.knownRowGroup * rowBlocksPerWarp(mma, shape) + row;
    place(mma.getRows(), Value(), 1, 1, 1, number);
  } else {
    place(mma.getRows(), rowGroup(mma), rowBlocksPerWarp(mma, shape), rowBlocks(mma, shape), mma.getWarpRows(), row);
  }
  int64_t perPart = colBlocksPerWarp(mma, shape);
  place(mma.getCols(), colPart(mma), perPart, perPart * mma.getWarpCols(), mma.getWarpCols(), col);
  return indices;
}

static void shift(Index &index, Value value, uint64_t bits, int64_t constant, function_ref<Value(Value, Value)> add) {
  if (value) {
    index.bits = index.value ? (index.bits == kUnknown || (index.bits & bits) ? kUnknown : index.bits | bits) : bits;
    index.value = add(index.value, value);
  }
  index.constant += constant;
}

SmallVector<Index> FragmentCode::elementIndices(FragmentType type, int64_t outer, int64_t row, int64_t col, unsigned element) {
  auto mma = cast<MmaAttr>(type.getLayout());
  SmallVector<Index> indices = blockOrigin(type, outer, row, col);
  auto sum = [&](Value x, Value y) { return add(x, y); };
  shift(indices[mma.getRows().back()], div(lane, 4), 7, 8 * ((element >> 1) & 1), sum);
  shift(indices[mma.getCols().back()], mul(rem(lane, 4), 2), 6, 8 * (element >> 2) + (element & 1), sum);
  return indices;
}

int64_t FragmentCode::rowsOf(FragmentType type) {
  int64_t rows = 1;
  for (int64_t size : type.getShape().take_front(cast<LanesAttr>(type.getLayout()).getRows()))
    rows *= size;
  return rows;
}

int64_t FragmentCode::rowsPerWarp(FragmentType type) {
  int64_t warps = threads / 32;
  return (rowsOf(type) + warps - 1) / warps;
}

int64_t FragmentCode::lanesPerRow(FragmentType type) {
  int64_t elements = 1;
  for (int64_t size : type.getShape().drop_front(cast<LanesAttr>(type.getLayout()).getRows()))
    elements *= size;
  return (elements + 31) / 32;
}

Value FragmentCode::groupOfLanes(PiecesAttr layout) { return layout.getLanes() == threads ? Value() : div(thread, layout.getLanes()); }

Value FragmentCode::laneOfRow(PiecesAttr layout) { return layout.getLanes() == 1 ? Value() : rem(thread, layout.getLanes()); }

int64_t FragmentCode::registersOfRow(FragmentType type) const {
  auto layout = cast<PiecesAttr>(type.getLayout());
  return piecesPerLane(layout, type.getShape()) * layout.getWidth();
}

/// The indices of row number `group + constant`, of which the first is below `groups`, in dimensions of these sizes.
static SmallVector<Index> rowIndices(ArrayRef<int64_t> sizes, Value group, int64_t constant, int64_t groups,
                                     function_ref<Value(Value, int64_t)> add, function_ref<Value(Value, int64_t)> div,
                                     function_ref<Value(Value, int64_t)> rem) {
  SmallVector<Index> indices(sizes.size(), Index{Value(), 0, 0});
  for (size_t d = sizes.size(); d-- > 0;) {
    const int64_t size = sizes[d];
    if (!group || (groups > 0 && size % groups == 0 && constant % groups == 0)) { // the group is inside the dimension
      indices[d] = {group, constant % size, group ? kUnknown : 0};
      constant /= size;
      group = Value();
      continue;
    }
    if (groups > 0 && groups % size == 0 && constant % size == 0) {
      groups /= size;
      constant /= size;
    } else {
      group = add(group, constant);
      constant = groups = 0;
    }
    indices[d] = {d ? rem(group, size) : group, 0, kUnknown};
    if (size == 1)
      indices[d] = {Value(), 0, 0};
    group = div(group, size);
  }
  return indices;
}

SmallVector<Index> FragmentCode::pieceIndices(FragmentType type, size_t reg, Value &withRow, Value &withPiece) {
  auto layout = cast<PiecesAttr>(type.getLayout());
  ArrayRef<int64_t> shape = type.getShape();
  const int64_t width = layout.getWidth(), lanes = layout.getLanes(), groups = groupsOfLanes(layout), ofRow = registersOfRow(type);
  const int64_t rows = rowsInPieces(shape), pieces = shape.back() / width, first = int64_t(reg) / ofRow * groups;
  const int64_t piece = int64_t(reg) % ofRow / width * lanes, element = int64_t(reg) % width;
  auto sum = [&](Value v, int64_t by) { return by ? add(v, i32(by)) : v; };
  auto clamp = [&](Value number, int64_t count, Value &in) {
    in = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, number, i32(count));
    return b.createOrFold<arith::MinUIOp>(number, i32(count - 1));
  };
  Value group = groups > 1 ? groupOfLanes(layout) : Value(), lane = laneOfRow(layout);
  auto quotient = [&](Value v, int64_t by) { return div(v, by); };
  auto rest = [&](Value v, int64_t by) { return rem(v, by); };
  SmallVector<Index> indices;
  if (first + groups > rows) {
    Value row = clamp(sum(group, first), rows, withRow);
    indices = rowIndices(shape.drop_back(), rows == 1 ? Value() : row, 0, 0, sum, quotient, rest);
  } else {
    indices = rowIndices(shape.drop_back(), group, first, groups, sum, quotient, rest);
  }
  if (piece + lanes > pieces)
    indices.push_back({mul(clamp(sum(lane, piece), pieces, withPiece), width), element, kUnknown});
  else
    indices.push_back({lane ? mul(lane, width) : Value(), piece * width + element, lane ? uint64_t((lanes - 1) * width) : 0});
  return indices;
}

/// Indices of the element in one register of a lanes or linear fragment; `valid` is null if every thread has one. Threads
/// without one get the last element's indices.
SmallVector<Index> FragmentCode::registerIndices(FragmentType type, size_t reg, Value &valid) {
  ArrayRef<int64_t> shape = type.getShape();
  SmallVector<Index> indices(shape.size(), Index{Value(), 0, 0});
  auto split = [&](Value number, int64_t constant, unsigned begin, unsigned end) {
    // Only the first dimension of the range keeps the constant apart.
    int64_t after = 1;
    for (unsigned d = end; d-- > begin;) {
      Value part = number ? number : i32(constant);
      if (end - begin > 1) {
        part = div(number ? (constant ? add(number, i32(constant)) : number) : i32(constant), after);
        indices[d] = {d == begin ? part : rem(part, shape[d]), 0, kUnknown};
      } else {
        indices[d] = number ? Index{number, constant, kUnknown} : Index{Value(), constant, 0};
      }
      after *= shape[d];
    }
  };
  auto clamp = [&](Value number, int64_t count) {
    Value in = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, number, i32(count));
    valid = valid ? Value(arith::AndIOp::create(b, valid, in)) : in;
    return b.createOrFold<arith::MinUIOp>(number, i32(count - 1));
  };
  if (isa<PiecesAttr>(type.getLayout())) {
    Value withRow, withPiece;
    indices = pieceIndices(type, reg, withRow, withPiece);
    valid = withRow && withPiece ? Value(arith::AndIOp::create(b, withRow, withPiece)) : withRow ? withRow : withPiece;
    return indices;
  }
  if (auto lanes = dyn_cast<LanesAttr>(type.getLayout())) {
    int64_t perRow = lanesPerRow(type), perWarp = rowsPerWarp(type), rows = rowsOf(type), elements = 1;
    for (int64_t size : shape.drop_front(lanes.getRows()))
      elements *= size;
    int64_t r = reg / perRow, k = reg % perRow;
    Value row = mul(warp, perWarp);
    if (perWarp * (threads / 32) != rows)
      split(clamp(r ? add(row, i32(r)) : row, rows), 0, 0, lanes.getRows());
    else
      split(row, r, 0, lanes.getRows());
    if (k * 32 + 32 > elements)
      split(clamp(k ? add(lane, i32(k * 32)) : lane, elements), 0, lanes.getRows(), shape.size());
    else
      split(lane, k * 32, lanes.getRows(), shape.size());
    return indices;
  }
  if (isa<ColumnsAttr>(type.getLayout())) {
    const int64_t each = columnsPerThread(type), first = int64_t(reg) % each * threads;
    int64_t rest = int64_t(reg) / each;
    for (unsigned d = shape.size() - 1; d-- > 0; rest /= shape[d])
      indices[d] = {Value(), rest % shape[d], 0};
    if (first + threads > shape.back())
      indices.back() = {clamp(first ? add(thread, i32(first)) : thread, shape.back()), 0, kUnknown};
    else
      indices.back() = {thread, first, kUnknown};
    return indices;
  }
  int64_t elements = 1;
  for (int64_t size : shape)
    elements *= size;
  int64_t first = int64_t(reg) * threads;
  if (first + threads > elements)
    split(clamp(first ? add(thread, i32(first)) : thread, elements), 0, 0, shape.size());
  else
    split(thread, first, 0, shape.size());
  return indices;
}

bool FragmentCode::holdsPairs(FragmentType type) {
  auto pieces = dyn_cast<PiecesAttr>(type.getLayout());
  return pieces && pieces.getWidth() % 2 == 0 && type.getElementType().getIntOrFloatBitWidth() == 16;
}

Values FragmentCode::elementsOf(FragmentType type, ArrayRef<Value> registers) {
  if (!holdsPairs(type))
    return Values(registers);
  Values elements;
  for (Value pair : registers)
    for (Value bits : {pair, Value(arith::ShRUIOp::create(b, pair, i32(16)))})
      elements.push_back(arith::BitcastOp::create(b, type.getElementType(), Value(arith::TruncIOp::create(b, b.getI16Type(), bits))));
  return elements;
}

Values FragmentCode::registersOf(FragmentType type, ArrayRef<Value> elements) {
  if (!holdsPairs(type))
    return Values(elements);
  auto bits = [&](Value element) -> Value {
    return arith::ExtUIOp::create(b, b.getI32Type(), Value(arith::BitcastOp::create(b, b.getI16Type(), element)));
  };
  Values pairs;
  for (size_t i = 0; i < elements.size(); i += 2)
    pairs.push_back(arith::OrIOp::create(b, bits(elements[i]), Value(arith::ShLIOp::create(b, bits(elements[i + 1]), i32(16)))));
  return pairs;
}

SmallVector<Type> FragmentCode::registerTypes(FragmentType type) {
  Type element = type.getElementType();
  if (auto mma = dyn_cast<MmaAttr>(type.getLayout())) {
    ArrayRef<int64_t> shape = type.getShape();
    int64_t blocks = outerCount(mma, shape) * rowBlocksPerWarp(mma, shape) * colBlocksPerWarp(mma, shape);
    return element.isF32() ? SmallVector<Type>(blocks * 8, element) : SmallVector<Type>(blocks * 4, b.getI32Type());
  }
  const size_t count = elementCount(type);
  return holdsPairs(type) ? SmallVector<Type>(count / 2, b.getI32Type()) : SmallVector<Type>(count, element);
}

size_t FragmentCode::elementCount(FragmentType type) {
  ArrayRef<int64_t> shape = type.getShape();
  int64_t count;
  if (isa<LanesAttr>(type.getLayout())) {
    count = rowsPerWarp(type) * lanesPerRow(type);
  } else if (auto pieces = dyn_cast<PiecesAttr>(type.getLayout())) {
    count = llvm::divideCeil(rowsInPieces(shape), groupsOfLanes(pieces)) * registersOfRow(type);
  } else if (isa<ColumnsAttr>(type.getLayout())) {
    count = ShapedType::getNumElements(shape) / shape.back() * columnsPerThread(type);
  } else {
    count = 1;
    for (int64_t size : shape)
      count *= size;
    count = (count + threads - 1) / threads;
  }
  return count;
}

int64_t FragmentCode::columnsPerThread(FragmentType type) const { return llvm::divideCeil(type.getShape().back(), threads); }

size_t FragmentCode::registerOf(FragmentType operand, AffineMap map, FragmentType result, size_t reg) const {
  if (isa<PiecesAttr>(result.getLayout()) && operand.getShape() != result.getShape()) // a single row, or a single element
    return operand.getShape().back() == 1 ? 0 : reg % registersOfRow(operand);
  if (!isa<ColumnsAttr>(result.getLayout()))
    return reg;
  ArrayRef<int64_t> shape = result.getShape();
  const int64_t each = columnsPerThread(result);
  SmallVector<int64_t> at(shape.size());
  int64_t rest = int64_t(reg) / each, row = 0;
  for (unsigned d = shape.size() - 1; d-- > 0; rest /= shape[d])
    at[d] = rest % shape[d];
  for (auto [d, expr] : llvm::enumerate(map.getResults().drop_back())) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    row = row * operand.getShape()[d] + (dim ? at[dim.getPosition()] : cast<AffineConstantExpr>(expr).getValue());
  }
  return row * each + int64_t(reg) % each;
}
