// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Blocks of fragments: in registers, computed by maps, or read from shared memory.

#include "MapCode.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// The element that the body yields, before a last narrowing: pairs are narrowed together.
bool MapCode::yieldsNarrowed(MapOp op) {
  auto narrow = cast<YieldOp>(op.getBody().front().back()).getValue().getDefiningOp<arith::TruncFOp>();
  return narrow && narrow.getIn().getType().isF32();
}

/// The operand's outer index for one of the result's.
int64_t MapCode::outerOf(FragmentType operand, AffineMap map, FragmentType result, int64_t outer) {
  auto from = cast<MmaAttr>(operand.getLayout()), to = cast<MmaAttr>(result.getLayout());
  DenseMap<int64_t, int64_t> index;
  for (int64_t d : llvm::reverse(to.getOuter())) {
    index[d] = outer % result.getShape()[d];
    outer /= result.getShape()[d];
  }
  int64_t number = 0;
  for (int64_t d : from.getOuter()) {
    int64_t at = 0;
    if (auto dim = dyn_cast<AffineDimExpr>(map.getResult(d)))
      at = index.lookup(dim.getPosition());
    else if (auto constant = dyn_cast<AffineConstantExpr>(map.getResult(d)))
      at = constant.getValue();
    number = number * operand.getShape()[d] + at;
  }
  return number;
}

/// The operand's block of columns for one of the result's, where the map may fix an outer index of the columns.
int64_t MapCode::colOf(FragmentType operand, AffineMap map, int64_t col) {
  ArrayRef<int64_t> cols = cast<MmaAttr>(operand.getLayout()).getCols(), shape = operand.getShape();
  int64_t number = 0, after = 1;
  for (int64_t d : llvm::reverse(cols)) {
    const int64_t size = d == cols.back() ? shape[d] / 16 : shape[d];
    auto constant = dyn_cast<AffineConstantExpr>(map.getResult(d));
    number += (constant ? constant.getValue() : col % size) * after;
    if (!constant)
      col /= size;
    after *= size;
  }
  return number;
}

/// The registers of one block of a fragment, computed now if the map that makes it is deferred.
Values MapCode::block(Value fragment, int64_t outer, int64_t row, int64_t col, LoadCache &cache) {
  if (auto map = fragment.getDefiningOp<MapOp>(); map && map.getDeferred())
    return mapBlock(map, outer, row, col, cache);
  auto type = cast<FragmentType>(fragment.getType());
  auto mma = cast<MmaAttr>(type.getLayout());
  size_t per = type.getElementType().isF32() ? 8 : 4;
  size_t at = ((outer * rowBlocksPerWarp(mma, type.getShape()) + row) * colBlocksPerWarp(mma, type.getShape()) + col) * per;
  ArrayRef<Value> all = registers.find(fragment)->second;
  return llvm::to_vector(all.slice(at, per));
}

int mixc::gpu::matrixForm(SharedType type, AffineMap map, unsigned rowDim, unsigned colDim) {
  if (type.getElementType().isF32() || type.getShape().size() < 2 || type.getShape().back() % 8 != 0)
    return 0;
  auto last = dyn_cast<AffineDimExpr>(map.getResults().back());
  if (!last || (last.getPosition() != rowDim && last.getPosition() != colDim))
    return 0;
  unsigned other = last.getPosition() == colDim ? rowDim : colDim;
  bool found = false;
  for (AffineExpr expr : map.getResults().drop_back()) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (!dim && !isa<AffineConstantExpr>(expr))
      return 0;
    found |= dim && dim.getPosition() == other;
  }
  return !found ? 0 : last.getPosition() == colDim ? 1 : 2;
}

/// A block of a shared tile in the layout of `type`, whose dimensions `map` carries to the tile's.
Values MapCode::blockOfShared(Value buffer, AffineMap map, FragmentType type, int64_t outer, int64_t row, int64_t col) {
  auto shared = cast<SharedType>(buffer.getType());
  auto mma = cast<MmaAttr>(type.getLayout());
  unsigned rowDim = mma.getRows().back(), colDim = mma.getCols().back();
  int form = matrixForm(shared, map, rowDim, colDim);
  Values result;
  if (form == 0) {
    for (unsigned e = 0; e < 8; ++e) {
      SmallVector<Index> dims = elementIndices(type, outer, row, col, e), at;
      for (AffineExpr expr : map.getResults())
        at.push_back(indexOf(expr, dims));
      result.push_back(loadShared(buffer, at));
    }
    return result;
  }
  return loadMatrices(buffer, matrixRows(type, map, outer, row, col, form == 2), form == 2);
}

/// For each lane, the row of eight that it addresses of a block's matrices, in the order upper left, lower left, upper right, lower
/// right.
SmallVector<Index> MapCode::matrixRows(FragmentType type, AffineMap map, int64_t outer, int64_t row, int64_t col, bool transposed) {
  auto mma = cast<MmaAttr>(type.getLayout());
  unsigned rowDim = mma.getRows().back(), colDim = mma.getCols().back();
  SmallVector<Index> dims = blockOrigin(type, outer, row, col), at;
  Value eight = rem(lane, 8), odd = rem(div(lane, 8), 2), high = div(lane, 16);
  auto extend = [&](unsigned d, Value value, uint64_t bits) {
    dims[d].bits = !dims[d].value ? bits : (dims[d].bits & bits) ? ~uint64_t(0) : dims[d].bits | bits;
    dims[d].value = add(dims[d].value, value);
  };
  if (!transposed) {
    extend(rowDim, rem(lane, 16), 15);
    extend(colDim, mul(high, 8), 8);
  } else {
    extend(colDim, add(mul(high, 8), eight), 15);
    extend(rowDim, mul(odd, 8), 8);
  }
  for (AffineExpr expr : map.getResults())
    at.push_back(indexOf(expr, dims));
  return at;
}

static bool usesAny(AffineMap map, ArrayRef<int64_t> dims) {
  return llvm::any_of(dims, [&](int64_t d) { return map.isFunctionOfDim(d); });
}

/// The elements of a shared input for one block: 4 packed pairs, or 8 values of which equal ones are loaded once.
Values MapCode::sharedInput(MapOp op, unsigned input, int64_t outer, int64_t row, int64_t col, LoadCache &cache) {
  auto type = cast<FragmentType>(op.getResult().getType());
  auto mma = cast<MmaAttr>(type.getLayout());
  AffineMap map = cast<AffineMapAttr>(op.getIndexingMaps()[input]).getValue();
  Value buffer = op.getInputs()[input];
  if (matrixForm(cast<SharedType>(buffer.getType()), map, mma.getRows().back(), mma.getCols().back()))
    return blockOfShared(buffer, map, type, outer, row, col);
  bool byOuter = usesAny(map, mma.getOuter()), byRow = usesAny(map, mma.getRows()), byCol = usesAny(map, mma.getCols());
  Values result;
  for (unsigned e = 0; e < 8; ++e) {
    int64_t half = (e >> 1) & 1, column = (e >> 2) * 2 + (e & 1);
    auto key = std::make_tuple(op.getOperation(), input, byOuter ? outer : -1, byRow ? row * 2 + half : -1, byCol ? col * 4 + column : -1);
    Values &loaded = cache[key];
    if (loaded.empty()) {
      SmallVector<Index> dims = elementIndices(type, outer, row, col, e), at;
      for (AffineExpr expr : map.getResults())
        at.push_back(indexOf(expr, dims));
      loaded.push_back(loadShared(buffer, at));
    }
    result.push_back(loaded[0]);
  }
  return result;
}

/// The condition of a last `select(condition, value, 0)` before the narrowing, if it depends on the element's position only.
arith::SelectOp mixc::gpu::maskOf(MapOp op) {
  auto narrow = cast<YieldOp>(op.getBody().front().back()).getValue().getDefiningOp<arith::TruncFOp>();
  auto select = narrow ? narrow.getIn().getDefiningOp<arith::SelectOp>() : nullptr;
  if (!select || !select->hasOneUse() || !matchPattern(select.getFalseValue(), m_AnyZeroFloat()))
    return {};
  auto compare = select.getCondition().getDefiningOp<arith::CmpIOp>();
  if (!compare || !compare.getLhs().getDefiningOp<IndexOp>() || !compare.getRhs().getDefiningOp<IndexOp>())
    return {};
  return select;
}

/// All ones where the condition holds, for a pair of elements, as one register: the same in all chunks, and in all blocks on the
/// diagonal.
Value MapCode::pairMask(arith::SelectOp select, ArrayRef<Index> low, ArrayRef<Index> high) {
  auto compare = select.getCondition().getDefiningOp<arith::CmpIOp>();
  auto half = [&](ArrayRef<Index> indices, int64_t ones) -> Value {
    auto at = [&](Value v) { return indices[v.getDefiningOp<IndexOp>().getDim()]; };
    Index left = at(compare.getLhs()), right = at(compare.getRhs());
    int64_t common = std::min(left.constant, right.constant);
    left.constant -= common;
    right.constant -= common;
    Value holds = arith::CmpIOp::create(b, compare.getPredicate(), valueOf(left), valueOf(right));
    return arith::SelectOp::create(b, holds, i32(ones), i32(0));
  };
  return arith::OrIOp::create(b, half(low, 0xffff), half(high, int32_t(0xffff0000)));
}

bool mixc::gpu::isAscending(MapOp op, Value value) {
  auto arg = dyn_cast<BlockArgument>(value);
  return arg && arg.getOwner() == &op.getBody().front() && llvm::is_contained(op.getAscending(), int64_t(arg.getArgNumber()));
}

/// One element. 16-bit inputs may be given widened to f32 already; `wide` stops before a last narrowing, and before a mask that
/// pairs get after it.
FailureOr<Value> MapCode::emitBody(MapOp op, ArrayRef<Value> inputs, ArrayRef<Index> indices, bool wide) {
  IRMapping map = scalars;
  Block &body = op.getBody().front();
  for (auto [arg, value] : llvm::zip(body.getArguments(), inputs))
    map.map(arg, value);
  for (Operation &inner : body.without_terminator()) {
    if (auto index = dyn_cast<IndexOp>(inner)) {
      map.map(index.getResult(), widen(valueOf(indices[index.getDim()])));
      continue;
    }
    auto compare = state.ascendingEqual ? dyn_cast<arith::CmpFOp>(inner) : nullptr;
    if (compare && compare.getPredicate() == arith::CmpFPredicate::OEQ && isAscending(op, compare.getLhs()) &&
        isAscending(op, compare.getRhs())) {
      map.map(compare.getResult(), arith::ConstantOp::create(b, b.getBoolAttr(true)).getResult());
      continue;
    }
    auto extend = dyn_cast<arith::ExtFOp>(inner);
    if (extend && extend.getType().isF32() && map.lookupOrDefault(extend.getIn()).getType().isF32()) {
      map.map(extend.getResult(), map.lookup(extend.getIn()));
      continue;
    }
    if (failed(emitScalar(inner, map)))
      return failure();
  }
  Value result = cast<YieldOp>(body.back()).getValue();
  if (wide && yieldsNarrowed(op))
    result = result.getDefiningOp<arith::TruncFOp>().getIn();
  if (arith::SelectOp mask = wide ? maskOf(op) : nullptr)
    result = mask.getTrueValue();
  return map.lookupOrDefault(result);
}

/// Whether a 16-bit body argument is only ever widened to f32.
static bool onlyWidened(BlockArgument arg) {
  return llvm::all_of(arg.getUsers(), [](Operation *user) { return isa<arith::ExtFOp>(user) && user->getResult(0).getType().isF32(); });
}

Values MapCode::mapBlock(MapOp op, int64_t outer, int64_t row, int64_t col, LoadCache &cache) {
  auto type = cast<FragmentType>(op.getResult().getType());
  SmallVector<Values> inputs;
  for (auto [i, input] : llvm::enumerate(op.getInputs())) {
    AffineMap map = cast<AffineMapAttr>(op.getIndexingMaps()[i]).getValue();
    if (auto fragment = dyn_cast<FragmentType>(input.getType()))
      inputs.push_back(block(input, outerOf(fragment, map, type, outer), row, colOf(fragment, map, col), cache));
    else
      inputs.push_back(sharedInput(op, i, outer, row, col, cache));
  }
  bool narrow = !type.getElementType().isF32(), wide = narrow && yieldsNarrowed(op);
  Values elements;
  for (unsigned e = 0; e < 8; ++e) {
    Values in;
    for (auto [i, values] : llvm::enumerate(inputs)) {
      Type element = tileElement(op.getInputs()[i].getType());
      if (values.size() == 8)
        in.push_back(values[e]);
      else if (onlyWidened(op.getBody().getArgument(i)))
        in.push_back(unpackWide(values[e / 2], e % 2, element));
      else
        in.push_back(unpack(values[e / 2], e % 2, element));
    }
    FailureOr<Value> value = failure(); // what has been reported once need not be again for each element
    if (!bad)
      value = emitBody(op, in, elementIndices(type, outer, row, col, e), wide);
    if (failed(value)) {
      bad = true;
      value = zeroOf(wide ? b.getF32Type() : type.getElementType());
    }
    elements.push_back(*value);
  }
  if (!narrow)
    return elements;
  Values packed;
  arith::SelectOp mask = wide ? maskOf(op) : nullptr;
  for (unsigned e = 0; e < 8; e += 2) {
    if (wide) {
      Value pair = pack(elements[e], elements[e + 1], type.getElementType());
      if (mask)
        pair = arith::AndIOp::create(
            b, pair, pairMask(mask, elementIndices(type, outer, row, col, e), elementIndices(type, outer, row, col, e + 1)));
      packed.push_back(pair);
      continue;
    }
    Value pair = LLVM::UndefOp::create(b, VectorType::get(2, type.getElementType()));
    for (unsigned half = 0; half < 2; ++half)
      pair = LLVM::InsertElementOp::create(b, pair, elements[e + half], i32(half));
    packed.push_back(LLVM::BitcastOp::create(b, b.getI32Type(), pair));
  }
  return packed;
}
