// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Matrix products: mma.m16n8k16 for 16-bit operands, mma.m16n8k8 in tf32 for f32: one of rounded operands, or three that add up
// to a product of f32 accuracy.

#include "ProductEmitter.h"
#include <numeric>

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

namespace {
/// The dimensions of a contraction as its maps number them.
struct ContractDims {
  explicit ContractDims(ContractOp op) {
    auto map = [&](int i) { return cast<AffineMapAttr>(op.getIndexingMaps()[i]).getValue(); };
    lhs = map(0), rhs = map(1), out = map(2);
    for (AffineExpr expr : lhs.getResults())
      if (!llvm::is_contained(out.getResults(), expr))
        k = cast<AffineDimExpr>(expr).getPosition();
  }
  AffineMap lhs, rhs, out;
  unsigned k = 0;
};
} // namespace

/// Whether products of f32 are the sum of three in tf32.
static bool isSplit(ContractOp op) { return cast<SharedType>(op.getRhs().getType()).getElementType().isF32() && !op.getTf32(); }

/// What the matrix units take of f32 operands. `rounded`: to nearest with 10 bits of mantissa; the unit itself would cut them off.
/// Else hi of all values, then lo, of value = hi + lo. hi is rounded to nearest in integers, which spares the conversion's test for
/// NaN: a NaN is in lo = value - hi whatever becomes of hi. lo has 12 bits, of which the last is cut off.
Values ProductEmitter::tf32Operands(ArrayRef<Value> values, bool rounded) {
  Type f = b.getF32Type(), i = b.getI32Type();
  if (rounded)
    return llvm::map_to_vector(values, [&](Value value) { return intrinsic("llvm.nvvm.f2tf32.rna", i, value); });
  auto keepTf32 = [&](Value bits) { return arith::AndIOp::create(b, bits, i32(int32_t(0xffffe000))).getResult(); };
  Values operands, low;
  for (Value value : values) {
    Value hi = keepTf32(arith::AddIOp::create(b, arith::BitcastOp::create(b, i, value), i32(0x1000)));
    Value rest = arith::SubFOp::create(b, value, arith::BitcastOp::create(b, f, hi));
    operands.push_back(hi);
    low.push_back(keepTf32(arith::BitcastOp::create(b, i, rest)));
  }
  llvm::append_range(operands, low);
  return operands;
}

/// 16 rows by 16 of the contracted dimension, in the accumulator's order, which is also the order of the A operand.
Values ProductEmitter::rowsBlock(ContractOp op, int64_t row, int64_t k, LoadCache &cache) {
  Values values;
  if (isa<FragmentType>(op.getLhs().getType())) {
    values = block(op.getLhs(), 0, row, k, cache);
  } else {
    // Read as a fragment of the result's rows and the contracted dimension.
    ContractDims dims(op);
    auto result = cast<FragmentType>(op.getResult().getType());
    auto mma = cast<MmaAttr>(result.getLayout());
    auto shared = cast<SharedType>(op.getLhs().getType());
    SmallVector<int64_t> shape, rows;
    DenseMap<unsigned, unsigned> position;
    for (int64_t d : mma.getRows()) {
      position[cast<AffineDimExpr>(dims.out.getResult(d)).getPosition()] = shape.size();
      rows.push_back(shape.size());
      shape.push_back(result.getShape()[d]);
    }
    position[dims.k] = shape.size();
    SmallVector<AffineExpr> exprs;
    for (auto [d, expr] : llvm::enumerate(dims.lhs.getResults())) {
      unsigned dim = cast<AffineDimExpr>(expr).getPosition();
      if (dim == dims.k)
        shape.push_back(shared.getShape()[d]);
      exprs.push_back(b.getAffineDimExpr(position.lookup(dim)));
    }
    auto layout = MmaAttr::get(b.getContext(), {}, rows, {int64_t(shape.size()) - 1}, mma.getWarpRows(), 1);
    auto type = FragmentType::get(b.getContext(), shape, shared.getElementType(), layout);
    values = blockOfShared(op.getLhs(), AffineMap::get(shape.size(), 0, exprs, b.getContext()), type, 0, row, k);
    if (values.size() == 8 && !shared.getElementType().isF32()) {
      Values packed;
      for (unsigned e = 0; e < 8; e += 2) {
        Value pair = LLVM::UndefOp::create(b, VectorType::get(2, shared.getElementType()));
        for (unsigned half = 0; half < 2; ++half)
          pair = LLVM::InsertElementOp::create(b, pair, values[e + half], i32(half));
        packed.push_back(LLVM::BitcastOp::create(b, b.getI32Type(), pair));
      }
      values = packed;
    }
  }
  bool wide = cast<SharedType>(op.getRhs().getType()).getElementType().isF32();
  return wide ? tf32Operands(values, op.getTf32()) : values;
}

/// 16 of the contracted dimension by 16 columns. 16-bit: (k lower, k upper) of the left 8 columns, then of the right ones.
/// f32: the same elements as rows supply, k = 2 l and 2 l + 1 of every 8 for l = lane mod 4.
Values ProductEmitter::columnsBlock(ContractOp op, int64_t row, int64_t col, int64_t k) {
  ContractDims dims(op);
  auto result = cast<FragmentType>(op.getResult().getType());
  auto mma = cast<MmaAttr>(result.getLayout());
  auto shared = cast<SharedType>(op.getRhs().getType());
  unsigned colDim = cast<AffineDimExpr>(dims.out.getResult(mma.getCols().back())).getPosition();
  SmallVector<Index> origin = blockOrigin(result, 0, row, col), byDim(dims.out.getNumDims(), Index{Value(), 0, 0});
  for (auto [d, expr] : llvm::enumerate(dims.out.getResults()))
    byDim[cast<AffineDimExpr>(expr).getPosition()] = origin[d];
  byDim[dims.k] = {Value(), k * 16, 0};
  auto indices = [&](Value kValue, uint64_t kBits, int64_t kConstant, Value nValue, uint64_t nBits, int64_t nConstant) {
    SmallVector<Index> at;
    for (AffineExpr expr : dims.rhs.getResults()) {
      unsigned d = cast<AffineDimExpr>(expr).getPosition();
      Index index = byDim[d];
      if (d == dims.k)
        index = {kValue, index.constant + kConstant, kBits};
      if (d == colDim) {
        index.bits = !index.value ? nBits : (index.bits & nBits) ? ~uint64_t(0) : index.bits | nBits;
        index.value = add(index.value, nValue);
        index.constant += nConstant;
      }
      at.push_back(index);
    }
    return at;
  };
  Value eight = rem(lane, 8), odd = mul(rem(div(lane, 8), 2), 8), high = mul(div(lane, 16), 8);
  unsigned last = cast<AffineDimExpr>(dims.rhs.getResults().back()).getPosition();
  bool wide = shared.getElementType().isF32(), pieces = shared.getShape().back() % 8 == 0;
  if (!wide && pieces && last == dims.k)
    return loadMatrices(op.getRhs(), indices(odd, 8, 0, add(high, eight), 15, 0), /*transposed=*/false);
  if (!wide && pieces && last == colDim)
    return loadMatrices(op.getRhs(), indices(add(odd, eight), 15, 0, high, 8, 0), /*transposed=*/true);
  Value pair = mul(rem(lane, 4), 2), quad = div(lane, 4);
  Values values;
  for (int64_t n : {0, 8})
    for (int64_t half : {0, 8})
      for (int64_t bit : {0, 1})
        values.push_back(loadShared(op.getRhs(), indices(pair, 6, half + bit, quad, 7, n)));
  if (wide)
    return tf32Operands(values, op.getTf32());
  Values packed;
  for (unsigned e = 0; e < 8; e += 2) {
    Value both = LLVM::UndefOp::create(b, VectorType::get(2, shared.getElementType()));
    for (unsigned half = 0; half < 2; ++half)
      both = LLVM::InsertElementOp::create(b, both, values[e + half], i32(half));
    packed.push_back(LLVM::BitcastOp::create(b, b.getI32Type(), both));
  }
  return packed;
}

/// acc (4 values: a tile of 16 x 8) += a * b, one mma of `k` steps.
void ProductEmitter::multiply(MutableArrayRef<Value> acc, Values as, Values columns, Type element, int64_t k) {
  auto type = LLVM::LLVMStructType::getLiteral(b.getContext(), SmallVector<Type>(4, b.getF32Type()));
  auto kind = element.isF32() ? NVVM::MMATypes::tf32 : element.isBF16() ? NVVM::MMATypes::bf16 : NVVM::MMATypes::f16;
  std::array<NVVM::MMATypes, 2> kinds = {kind, kind};
  std::array<NVVM::MMALayout, 2> layouts = {NVVM::MMALayout::row, NVVM::MMALayout::col};
  if (element.isF16())
    for (Values *operands : {&as, &columns})
      for (Value &v : *operands)
        v = LLVM::BitcastOp::create(b, VectorType::get(2, element), v);
  Value d = NVVM::MmaOp::create(b, type, as, columns, acc, ArrayRef<int64_t>{16, 8, k}, std::nullopt, std::nullopt, kinds, layouts);
  for (unsigned i = 0; i < 4; ++i)
    acc[i] = LLVM::ExtractValueOp::create(b, d, i);
}

/// acc (4 values) += a * b of the tile's 8 columns, 16 steps in tf32.
void ProductEmitter::multiplyTf32(MutableArrayRef<Value> acc, ArrayRef<Value> a, ArrayRef<Value> columns) {
  for (unsigned half = 0; half < 2; ++half) // a0 a1 a2 a3 are (row, k) (row + 8, k) (row, k + 4) (row + 8, k + 4)
    multiply(acc, {a[half * 4], a[half * 4 + 2], a[half * 4 + 1], a[half * 4 + 3]}, {columns[half * 2], columns[half * 2 + 1]},
             b.getF32Type(), 8);
}

/// The same with the accuracy of f32, where operands are hi and lo, for each 16 steps. The unit cuts sums off: its own start at 0, with
/// the small products, and are added with rounding.
void ProductEmitter::multiplySplit(MutableArrayRef<Value> acc, ArrayRef<Values> a, ArrayRef<Values> columns, unsigned tile) {
  Values sums(4, f32(0));
  for (auto [rows, cols] : llvm::zip(a, columns)) {
    multiplyTf32(sums, ArrayRef(rows).drop_front(8), ArrayRef(cols).slice(tile * 4, 4));
    multiplyTf32(sums, ArrayRef(rows).take_front(8), ArrayRef(cols).slice(8 + tile * 4, 4));
  }
  for (auto [rows, cols] : llvm::zip(a, columns))
    multiplyTf32(sums, ArrayRef(rows).take_front(8), ArrayRef(cols).slice(tile * 4, 4));
  for (auto [value, sum] : llvm::zip(acc, sums))
    value = arith::AddFOp::create(b, value, sum);
}

/// acc (8 values: two tiles of 16 x 8) += a * b; operands as rowsBlock and columnsBlock give them, for each 16 steps.
void ProductEmitter::multiplyBlock(Values &acc, ArrayRef<Values> a, ArrayRef<Values> columns, ContractOp op) {
  Type element = cast<SharedType>(op.getRhs().getType()).getElementType();
  for (unsigned tile = 0; tile < 2; ++tile) {
    MutableArrayRef<Value> sums = MutableArrayRef(acc).slice(tile * 4, 4);
    if (isSplit(op)) {
      multiplySplit(sums, a, columns, tile);
      continue;
    }
    for (auto [rows, cols] : llvm::zip(a, columns))
      if (element.isF32())
        multiplyTf32(sums, rows, ArrayRef(cols).slice(tile * 4, 4));
      else
        multiply(sums, rows, {cols[tile * 2], cols[tile * 2 + 1]}, element, 16);
  }
}

LogicalResult ProductEmitter::emit(ContractOp op) {
  ContractDims dims(op);
  auto type = cast<FragmentType>(op.getResult().getType());
  auto mma = cast<MmaAttr>(type.getLayout());
  auto shared = cast<SharedType>(op.getRhs().getType());
  int64_t rows = rowBlocksPerWarp(mma, type.getShape()), cols = colBlocksPerWarp(mma, type.getShape()), steps = 0;
  for (auto [d, expr] : llvm::enumerate(dims.rhs.getResults()))
    if (cast<AffineDimExpr>(expr).getPosition() == dims.k)
      steps = shared.getShape()[d] / 16;
  // Row blocks with the same batch index share columns.
  int64_t sharing = rows;
  for (int64_t d : mma.getRows())
    if (dims.rhs.isFunctionOfDim(cast<AffineDimExpr>(dims.out.getResult(d)).getPosition()))
      sharing = std::gcd(rows, type.getShape()[mma.getRows().back()] / 16);
  LoadCache accumulators, cache;
  std::vector<Values> acc(rows * cols);
  for (int64_t j = 0; j < cols; ++j)
    for (int64_t i = 0; i < rows; ++i)
      acc[i * cols + j] = block(op.getAccumulator(), 0, i, j, accumulators);
  // Two blocks of steps at once where their sums are apart: half as many additions.
  const int64_t together = isSplit(op) ? std::gcd(steps, 2) : 1;
  for (int64_t k = 0; k < steps; k += together) {
    std::vector<SmallVector<Values>> a(rows);
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t step = k; step < k + together; ++step)
        a[i].push_back(rowsBlock(op, i, step, cache));
    for (int64_t first = 0; first < rows; first += sharing)
      for (int64_t j = 0; j < cols; ++j) {
        SmallVector<Values> columns;
        for (int64_t step = k; step < k + together; ++step)
          columns.push_back(columnsBlock(op, first, j, step));
        for (int64_t i = first; i < first + sharing; ++i)
          multiplyBlock(acc[i * cols + j], a[i], columns, op);
      }
  }
  Values result;
  for (Values &values : acc)
    llvm::append_range(result, values);
  registers[op.getResult()] = result;
  return success();
}
