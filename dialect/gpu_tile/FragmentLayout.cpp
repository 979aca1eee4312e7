// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a layout says about a tile: block counts, and which layouts agree.

#include "mixc/dialect/GpuTile.h"

using namespace mlir;
using namespace mixc::gpu_tile;

int64_t mixc::gpu_tile::product(ArrayRef<int64_t> shape, ArrayRef<int64_t> dims) {
  int64_t n = 1;
  for (int64_t d : dims)
    n *= shape[d];
  return n;
}

ArrayRef<int64_t> mixc::gpu_tile::tileShape(Type type) {
  if (auto fragment = dyn_cast<FragmentType>(type))
    return fragment.getShape();
  return cast<SharedType>(type).getShape();
}

Type mixc::gpu_tile::tileElement(Type type) {
  if (auto fragment = dyn_cast<FragmentType>(type))
    return fragment.getElementType();
  return cast<SharedType>(type).getElementType();
}

int64_t mixc::gpu_tile::rowBlocks(MmaAttr layout, ArrayRef<int64_t> shape) { return product(shape, layout.getRows()) / 16; }

int64_t mixc::gpu_tile::rowBlocksPerWarp(MmaAttr layout, ArrayRef<int64_t> shape) {
  return (rowBlocks(layout, shape) + layout.getWarpRows() - 1) / layout.getWarpRows();
}

int64_t mixc::gpu_tile::colBlocksPerWarp(MmaAttr layout, ArrayRef<int64_t> shape) {
  return product(shape, layout.getCols()) / 16 / layout.getWarpCols();
}

int64_t mixc::gpu_tile::outerCount(MmaAttr layout, ArrayRef<int64_t> shape) { return product(shape, layout.getOuter()); }

static std::string mmaProblem(MmaAttr layout, ArrayRef<int64_t> shape) {
  llvm::SmallDenseSet<int64_t> seen;
  for (ArrayRef<int64_t> dims : {layout.getOuter(), layout.getRows(), layout.getCols()})
    for (int64_t d : dims)
      if (d < 0 || d >= int64_t(shape.size()) || !seen.insert(d).second) // C1
        return "expected outer, rows and cols to name every dimension once, got " + std::to_string(d);
  if (seen.size() != shape.size() || layout.getRows().empty() || layout.getCols().empty()) // C1
    return "expected outer, rows and cols to name all " + std::to_string(shape.size()) + " dimensions";
  if (layout.getWarpRows() < 1 || layout.getWarpCols() < 1) // C3
    return "expected positive warps, got " + std::to_string(layout.getWarpRows()) + " and " + std::to_string(layout.getWarpCols());
  if (shape[layout.getRows().back()] % 16 != 0) // C2
    return "expected the innermost row dimension to be a multiple of 16, got " + std::to_string(shape[layout.getRows().back()]);
  if (shape[layout.getCols().back()] % 16 != 0 || product(shape, layout.getCols()) / 16 % layout.getWarpCols() != 0) // C2
    return "expected the columns of a warp to be a multiple of 16, got " + std::to_string(product(shape, layout.getCols())) + " over " +
           std::to_string(layout.getWarpCols()) + " warps";
  if (layout.getWarpRows() > rowBlocks(layout, shape)) // C3
    return "expected at most " + std::to_string(rowBlocks(layout, shape)) + " row groups, got " + std::to_string(layout.getWarpRows());
  return "";
}

//===--- Pieces ---===//

int64_t mixc::gpu_tile::rowsInPieces(ArrayRef<int64_t> shape) { return ShapedType::getNumElements(shape.drop_back()); }

int64_t mixc::gpu_tile::piecesPerLane(PiecesAttr layout, ArrayRef<int64_t> shape) {
  return llvm::divideCeil(shape.back(), layout.getWidth() * layout.getLanes());
}

bool mixc::gpu_tile::sumsRows(ArrayRef<int64_t> shape, ArrayRef<int64_t> dims) {
  return !dims.empty() && dims.front() + 1 < int64_t(shape.size());
}

std::string mixc::gpu_tile::sumProblem(PiecesAttr layout, ArrayRef<int64_t> shape, ArrayRef<int64_t> dims, int64_t warps) {
  const int64_t rank = shape.size();
  SmallVector<int64_t> rows(dims);
  if (!rows.empty() && rows.back() == rank - 1)
    rows.pop_back();
  bool together = !dims.empty() && dims.front() >= 0 && int64_t(dims.size()) < rank;
  for (auto [i, d] : llvm::enumerate(rows))
    together &= d == rank - 1 - int64_t(rows.size()) + int64_t(i);
  if (!together) // C2
    return "expected dims that are the last of the rows', the last one, or both, and not all";
  if (rows.empty())
    return "";
  const int64_t summed = gpu_tile::product(shape, rows), groups = std::max<int64_t>(1, warps) * 32 / layout.getLanes();
  if (summed != rowsInPieces(shape) && summed % groups != 0) // C3
    return "expected a multiple of " + std::to_string(groups) + " rows in a sum, got " + std::to_string(summed);
  return "";
}

static std::string piecesProblem(PiecesAttr layout, ArrayRef<int64_t> shape) {
  if (layout.getWidth() < 1 || shape.empty() || shape.back() % layout.getWidth() != 0) // C1
    return "expected a width that divides the last dimension, got " + std::to_string(layout.getWidth());
  if (layout.getLanes() < 1 || layout.getLanes() > 32 || !llvm::isPowerOf2_64(layout.getLanes())) // C2
    return "expected lanes that are a power of two up to 32, got " + std::to_string(layout.getLanes());
  return "";
}

/// Whether a thread that has a piece of the result has what the map reads of the operand: a single row is in all groups of lanes, and a
/// single element in all lanes.
static bool agreesInPieces(FragmentType operand, AffineMap map, FragmentType result) {
  if (operand.getLayout() == result.getLayout() && operand.getShape() == result.getShape() && map.isIdentity())
    return true;
  if (rowsInPieces(operand.getShape()) != 1)
    return false;
  if (operand.getShape().back() == 1)
    return true;
  auto last = dyn_cast<AffineDimExpr>(map.getResults().back());
  return last && last.getPosition() + 1 == result.getShape().size() && operand.getShape().back() == result.getShape().back() &&
         operand.getLayout() == result.getLayout();
}

std::string mixc::gpu_tile::layoutProblem(Attribute layout, ArrayRef<int64_t> shape) {
  if (isa<LinearAttr, ColumnsAttr>(layout))
    return "";
  if (auto pieces = dyn_cast<PiecesAttr>(layout))
    return piecesProblem(pieces, shape);
  if (auto mma = dyn_cast<MmaAttr>(layout))
    return mmaProblem(mma, shape);
  auto lanes = dyn_cast<LanesAttr>(layout);
  if (!lanes)
    return "expected an mma, lanes, linear, columns or pieces layout";
  if (lanes.getRows() < 0 || lanes.getRows() > int64_t(shape.size())) // C1
    return "expected at most " + std::to_string(shape.size()) + " row dimensions, got " + std::to_string(lanes.getRows());
  return "";
}

/// Whether the operand's dims, seen through the map, are exactly the result's dims.
static bool sameDims(ArrayRef<int64_t> operand, AffineMap map, ArrayRef<int64_t> result) {
  if (operand.size() != result.size())
    return false;
  for (auto [o, r] : llvm::zip(operand, result)) {
    auto dim = dyn_cast<AffineDimExpr>(map.getResult(o));
    if (!dim || int64_t(dim.getPosition()) != r)
      return false;
  }
  return true;
}

/// Whether the operand's columns, those at the indices that the map fixes, are exactly the result's. A thread then has both, as long as no
/// other warp has columns.
static bool sameColumns(FragmentType operand, AffineMap map, MmaAttr result) {
  auto own = cast<MmaAttr>(operand.getLayout());
  SmallVector<int64_t> read;
  for (int64_t o : own.getCols()) {
    auto constant = dyn_cast<AffineConstantExpr>(map.getResult(o));
    if (!constant)
      read.push_back(o);
    else if (o == own.getCols().back() || own.getWarpCols() != 1 || constant.getValue() < 0 || constant.getValue() >= operand.getShape()[o])
      return false;
  }
  return sameDims(read, map, result.getCols());
}

/// Whether a thread that has a column of the result has all that the map reads of the operand.
static bool agreesInColumns(FragmentType operand, AffineMap map, FragmentType result) {
  for (auto [d, expr] : llvm::enumerate(map.getResults())) {
    const bool isColumn = d + 1 == operand.getShape().size();
    auto dim = dyn_cast<AffineDimExpr>(expr);
    auto constant = dyn_cast<AffineConstantExpr>(expr);
    if (dim && result.getShape()[dim.getPosition()] != operand.getShape()[d])
      return false;
    if (dim && (dim.getPosition() + 1 == result.getShape().size()) != isColumn)
      return false;
    if (!dim && (isColumn || !constant || constant.getValue() < 0 || constant.getValue() >= operand.getShape()[d]))
      return false;
  }
  return map.getNumResults() > 0;
}

bool mixc::gpu_tile::agrees(FragmentType operand, AffineMap map, FragmentType result) {
  if (isa<ColumnsAttr>(operand.getLayout()) && isa<ColumnsAttr>(result.getLayout()))
    return agreesInColumns(operand, map, result);
  if (isa<PiecesAttr>(operand.getLayout()) && isa<PiecesAttr>(result.getLayout()))
    return agreesInPieces(operand, map, result);
  if (operand.getLayout().getTypeID() != result.getLayout().getTypeID())
    return false;
  auto mma = dyn_cast<MmaAttr>(operand.getLayout());
  if (!mma)
    return operand.getLayout() == result.getLayout() && operand.getShape() == result.getShape() && map.isIdentity();
  auto to = cast<MmaAttr>(result.getLayout());
  if (!sameDims(mma.getRows(), map, to.getRows()) || !sameColumns(operand, map, to) || mma.getWarpRows() != to.getWarpRows() ||
      mma.getWarpCols() != to.getWarpCols())
    return false;
  for (int64_t o : mma.getOuter()) {
    auto dim = dyn_cast<AffineDimExpr>(map.getResult(o));
    auto constant = dyn_cast<AffineConstantExpr>(map.getResult(o));
    bool inside = constant && constant.getValue() >= 0 && constant.getValue() < operand.getShape()[o];
    if (!inside && !(dim && llvm::is_contained(to.getOuter(), int64_t(dim.getPosition()))))
      return false;
  }
  for (auto [d, size] : llvm::enumerate(operand.getShape()))
    if (auto dim = dyn_cast<AffineDimExpr>(map.getResult(d)))
      if (result.getShape()[dim.getPosition()] != size)
        return false;
  return true;
}

bool mixc::gpu_tile::suppliesRows(FragmentType lhs, AffineMap lhsMap, FragmentType result, AffineMap resultMap) {
  auto own = dyn_cast<MmaAttr>(lhs.getLayout());
  auto to = dyn_cast<MmaAttr>(result.getLayout());
  if (!own || !to || !own.getOuter().empty() || own.getCols().size() != 1 || own.getRows().size() != to.getRows().size() ||
      own.getWarpRows() != to.getWarpRows() || own.getWarpCols() != 1 || to.getWarpCols() != 1)
    return false;
  for (auto [l, r] : llvm::zip(own.getRows(), to.getRows()))
    if (lhsMap.getResult(l) != resultMap.getResult(r))
      return false;
  return !llvm::is_contained(resultMap.getResults(), lhsMap.getResult(own.getCols()[0]));
}
