// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Verifiers of matrix products, by warps and by warpgroups.

#include "mixc/dialect/GpuTile.h"

using namespace mlir;
using namespace mixc::gpu_tile;

static constexpr int64_t kWarpgroupRows = 64, kWarpgroupColumns = 256;

/// The dimensions that a map's results name, or nothing if a result is no plain dimension or names one again.
static std::optional<SmallVector<int64_t>> plainDims(AffineMap map) {
  SmallVector<int64_t> dims;
  for (AffineExpr expr : map.getResults()) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (!dim || llvm::is_contained(dims, dim.getPosition()))
      return std::nullopt;
    dims.push_back(dim.getPosition());
  }
  return dims;
}

/// What products of both kinds have in common, with the labels of gpu_tile.contract.
template <typename Op> static LogicalResult verifyContraction(Op op) {
  if (op.getIndexingMaps().size() != 3) // C1
    return op.emitOpError("expected 3 maps, got ") << op.getIndexingMaps().size();
  auto mapAt = [&](int i) { return cast<AffineMapAttr>(op.getIndexingMaps()[i]).getValue(); };
  SmallVector<SmallVector<int64_t>> maps;
  std::array<Type, 3> types = {op.getLhs().getType(), op.getRhs().getType(), op.getResult().getType()};
  SmallVector<int64_t> sizes(mapAt(0).getNumDims());
  for (auto [i, type] : llvm::enumerate(types)) {
    if (!isa<FragmentType, SharedType>(type))
      return op.emitOpError("expected operands in registers or shared memory, got ") << type;
    AffineMap map = mapAt(i);
    auto dims = plainDims(map);
    if (!dims || dims->size() != tileShape(type).size() || map.getNumDims() != sizes.size()) // C1
      return op.emitOpError("expected map ") << i << " to name " << tileShape(type).size() << " of " << sizes.size() << " dimensions, got "
                                             << AffineMapAttr::get(map);
    for (auto [d, size] : llvm::zip(*dims, tileShape(type))) {
      if (sizes[d] != 0 && sizes[d] != size) // C6
        return op.emitOpError("expected dimension ") << d << " to have one size, got " << sizes[d] << " and " << size;
      sizes[d] = size;
    }
    maps.push_back(*dims);
  }
  SmallVector<int64_t> contracted;
  for (int64_t d : maps[0])
    if (!llvm::is_contained(maps[2], d))
      contracted.push_back(d);
  if (contracted.size() != 1 || !llvm::is_contained(maps[1], contracted[0])) // C1
    return op.emitOpError("expected one contracted dimension in lhs and rhs, got ") << contracted.size();
  for (int64_t d : maps[1])
    if (d != contracted[0] && !llvm::is_contained(maps[2], d)) // C1
      return op.emitOpError("expected dimension ") << d << " of rhs in the result";
  auto result = cast<FragmentType>(op.getResult().getType());
  auto layout = dyn_cast<MmaAttr>(result.getLayout());
  if (!layout || !layout.getOuter().empty()) // C2
    return op.emitOpError("expected a result of mma layout without outer dimensions, got ") << result;
  for (int64_t d : layout.getRows())
    if (!llvm::is_contained(maps[0], maps[2][d])) // C2
      return op.emitOpError("expected row dimension ") << d << " of the result in lhs";
  if (llvm::is_contained(maps[1], maps[2][layout.getRows().back()])) // C2
    return op.emitOpError("expected the innermost row dimension ") << layout.getRows().back() << " of the result in lhs only";
  for (int64_t d : layout.getCols())
    if (llvm::is_contained(maps[0], maps[2][d]) || !llvm::is_contained(maps[1], maps[2][d])) // C2
      return op.emitOpError("expected column dimension ") << d << " of the result in rhs only";
  auto lhs = dyn_cast<FragmentType>(op.getLhs().getType());
  if (lhs && !suppliesRows(lhs, mapAt(0), result, mapAt(2))) // C3
    return op.emitOpError("expected lhs to hold the result's rows in the same warps, got ") << lhs << " for " << result;
  Type element = tileElement(op.getLhs().getType());
  if (element != tileElement(op.getRhs().getType()) || !result.getElementType().isF32()) // C4
    return op.emitOpError("expected equal operand types and an f32 result, got ")
           << element << " and " << tileElement(op.getRhs().getType());
  auto k = llvm::find(maps[1], contracted[0]) - maps[1].begin();
  if (tileShape(op.getRhs().getType())[k] % 16 != 0) // C5
    return op.emitOpError("expected the contracted dimension to be a multiple of 16, got ") << tileShape(op.getRhs().getType())[k];
  return success();
}

LogicalResult ContractOp::verify() {
  if (failed(verifyContraction(*this)))
    return failure();
  if (Type element = tileElement(getLhs().getType()); getTf32() && !element.isF32()) // C7
    return emitOpError("expected operands of f32 with tf32, got ") << element;
  return success();
}

//===--- By warpgroups ---===//

static bool isWhole(MmaAttr layout) { return layout && layout.getWarpRows() == 4 && layout.getWarpCols() == 1; }

/// Rows or panels of 128 bytes, swizzled by the row, whichever unit dimensions stand around it; groups of eight rows may stand in outer
/// dimensions.
static bool isOperand(SharedType type) {
  ArrayRef<int64_t> shape = type.getShape();
  int64_t width = type.getElementType().getIntOrFloatBitWidth() / 8, row = type.getSwizzle();
  if (row < 0 || shape[row] == 1 || shape.back() == 1 || type.getRow() * width != 128 || type.getMask() != 7)
    return false;
  auto elements = [](ArrayRef<int64_t> sizes) { return ShapedType::getNumElements(sizes); };
  return elements(shape.drop_front(row + 1)) == shape.back() && (shape[row] % 8 == 0 || elements(shape.take_front(row)) == 1);
}

static bool isLarge(int64_t size) { return size > 1; }

/// One row, one contracted dimension larger than 1 and one column, or several that follow each other in rhs as in the result, where the
/// contracted one is the last of rhs.
static bool hasOneOfEach(WgmmaOp op, SharedType rhs, FragmentType result) {
  auto layout = cast<MmaAttr>(result.getLayout());
  auto map = [&](int i) { return cast<AffineMapAttr>(op.getIndexingMaps()[i]).getValue(); };
  SmallVector<AffineExpr> stored, computed, contracted;
  for (auto [size, expr] : llvm::zip(rhs.getShape(), map(1).getResults()))
    if (isLarge(size))
      (llvm::is_contained(map(2).getResults(), expr) ? stored : contracted).push_back(expr);
  for (int64_t d : layout.getCols())
    if (isLarge(result.getShape()[d]))
      computed.push_back(map(2).getResult(d));
  const bool isLast = contracted.size() == 1 && map(1).getResults().back() == contracted.front();
  return llvm::count_if(tileShape(op.getLhs().getType()), isLarge) == 2 &&
         llvm::count_if(layout.getRows(), [&](int64_t d) { return isLarge(result.getShape()[d]); }) == 1 && contracted.size() == 1 &&
         stored == computed && (stored.size() == 1 || isLast);
}

LogicalResult WgmmaOp::verify() {
  auto result = cast<FragmentType>(getResult().getType());
  auto layout = dyn_cast<MmaAttr>(result.getLayout());
  ArrayRef<int64_t> shape = result.getShape();
  if (!isWhole(layout) || !layout.getOuter().empty()) // C2
    return emitOpError("expected a result of layout mma with warps = [4, 1], got ") << result.getLayout();
  int64_t rows = product(shape, layout.getRows()), columns = product(shape, layout.getCols());
  if (rows % kWarpgroupRows != 0 || columns > kWarpgroupColumns) // C2
    return emitOpError("expected a multiple of 64 rows and at most 256 columns, got ") << rows << " x " << columns;
  if (failed(verifyContraction(*this))) // C1, C3, C5
    return failure();
  auto rhs = cast<SharedType>(getRhs().getType()), lhs = dyn_cast<SharedType>(getLhs().getType());
  if (!rhs.getElementType().isBF16() && !rhs.getElementType().isF16()) // C4
    return emitOpError("expected operands of bf16 or f16, got ") << rhs.getElementType();
  if (!hasOneOfEach(*this, rhs, result)) // C1
    return emitOpError("expected one row, one column and one contracted dimension larger than 1, got ")
           << getLhs().getType() << " times " << rhs << " for " << result;
  if (lhs && rows > kWarpgroupRows) // C2
    return emitOpError("expected 64 rows with those of lhs in shared memory, got ") << rows;
  if (!isOperand(rhs) || (lhs && !isOperand(lhs))) // C4
    return emitOpError("expected shared operands in rows or panels of 128 bytes, swizzled by the row");
  for (Operation *user : getResult().getUsers())
    if (!isa<WgmmaWaitOp>(user)) // C6
      return emitOpError("expected its result to be waited for before it is used, got a use by ") << user->getName();
  return success();
}
