// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Verifiers of what only kernels for sm_90a have.

#include "mixc/dialect/Arch.h"
#include "mixc/dialect/GpuTile.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu_tile;

static constexpr int64_t kWarpgroupRows = 64, kWarpgroupColumns = 256, kStepK = 16, kLeastRegisters = 24, kMostRegisters = 240, kLeastArch = 90;

LogicalResult RoleOp::verify() {
  int64_t first = getFirst(), warps = getWarps(), end = first + warps * int64_t(getParts());
  if (warps < 1 || !llvm::isPowerOf2_64(warps) || first < 0 || first % warps != 0) // C1
    return emitOpError("expected warps to be a power of two that divides first, got ") << warps << " from " << first << " on";
  int64_t registers = getRegisters();
  if (registers != 0 && (registers < kLeastRegisters || registers > kMostRegisters || registers % 8 != 0 || warps % 4 != 0)) // C2
    return emitOpError("expected registers to be a multiple of 8 from 24 to 240, for warps in fours, got ")
           << registers << " for " << warps << " warps";
  Operation *around = (*this)->getParentOp();
  auto outer = dyn_cast<RoleOp>(around);
  if (outer && registers != 0) // C2
    return emitOpError("expected no registers of its own in role \"") << outer.getName() << "\", got " << registers;
  int64_t begin = outer ? int64_t(outer.getFirst()) : 0;
  int64_t limit = outer ? begin + int64_t(outer.getWarps()) : int64_t(cast<KernelOp>(around).getThreads()) / 32;
  if (int64_t(getParts()) < 1 || (outer && int64_t(outer.getParts()) != 1) || first < begin || end > limit) // C3
    return emitOpError("expected warps from ") << begin << " up to " << limit << ", got " << first << " to " << end;
  for (auto other : around->getRegion(0).getOps<RoleOp>()) {
    int64_t from = other.getFirst(), to = from + int64_t(other.getWarps()) * other.getParts();
    if (other != *this && from < end && first < to) // C3
      return emitOpError("expected warps of its own, got those of role \"") << other.getName() << "\" too";
  }
  if (getBody().getNumArguments() != 1 || !getBody().getArgument(0).getType().isIndex())
    return emitOpError("expected a body with one index, the part, as its argument");
  return success();
}

LogicalResult AwaitLaunchOp::verify() {
  auto kernel = (*this)->getParentOfType<KernelOp>();
  if (!kernel) // C1
    return emitOpError("expected to be in a gpu_tile.kernel");
  if (std::optional<Arch> arch = parseArch(kernel.getArch()); arch && arch->number >= kLeastArch) // C1
    return success();
  return emitOpError("expected the kernel's arch to be sm_90 or later, got ") << kernel.getArch();
}

LogicalResult MbarriersOp::verify() {
  int64_t offset = getOffset();
  if (offset < -1 || (offset > 0 && offset % 8 != 0)) // C1
    return emitOpError("expected an offset of -1 or a multiple of 8, got ") << offset;
  if (int64_t(getArrivals()) < 1) // C2
    return emitOpError("expected at least 1 arrival, got ") << getArrivals();
  return success();
}

//===--- Matrix products ---===//

static bool isWhole(MmaAttr layout) { return layout && layout.getWarpRows() == 4 && layout.getWarpCols() == 1; }

/// Rows or panels of 128 bytes, swizzled, of a tile with two dimensions larger than 1, the last of which is its last one.
static bool isOperand(SharedType type) {
  ArrayRef<int64_t> shape = type.getShape();
  int64_t width = type.getElementType().getIntOrFloatBitWidth() / 8;
  int64_t large = llvm::count_if(shape, [](int64_t size) { return size > 1; });
  if (large != 2 || shape.back() == 1 || type.getRow() * width != 128 || type.getMask() != 7)
    return false;
  // The swizzle follows the row, whichever unit dimensions stand around it.
  return llvm::all_of(llvm::seq<int64_t>(0, shape.size() - 1),
                      [&](int64_t d) { return (shape[d] > 1) == (d == type.getSwizzle()); });
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
  if (getIndexingMaps().size() != 3) // C1
    return emitOpError("expected three maps, got ") << getIndexingMaps().size();
  auto map = [&](int i) { return cast<AffineMapAttr>(getIndexingMaps()[i]).getValue(); };
  auto rhs = cast<SharedType>(getRhs().getType());
  if (!rhs.getElementType().isBF16() && !rhs.getElementType().isF16()) // C4
    return emitOpError("expected operands of bf16 or f16, got ") << rhs.getElementType();
  SmallVector<int64_t> sizes(map(2).getNumDims(), 0);
  auto note = [&](AffineMap operand, ArrayRef<int64_t> extents) {
    if (operand.getNumDims() != sizes.size() || operand.getNumResults() != extents.size())
      return false;
    for (auto [expr, size] : llvm::zip(operand.getResults(), extents)) {
      auto dim = dyn_cast<AffineDimExpr>(expr);
      if (!dim || (sizes[dim.getPosition()] && sizes[dim.getPosition()] != size))
        return false;
      sizes[dim.getPosition()] = size;
    }
    return true;
  };
  auto lhsShared = dyn_cast<SharedType>(getLhs().getType());
  auto lhsFragment = dyn_cast<FragmentType>(getLhs().getType());
  if (!lhsShared && !lhsFragment)
    return emitOpError("expected lhs to be a fragment or a shared tile, got ") << getLhs().getType();
  if (!note(map(2), shape) || !note(map(1), rhs.getShape()) ||
      !note(map(0), lhsShared ? lhsShared.getShape() : lhsFragment.getShape())) // C1
    return emitOpError("expected maps of plain dimensions that agree with the shapes");
  int64_t large = llvm::count_if(sizes, [](int64_t size) { return size > 1; }), contracted = 1;
  for (auto [d, size] : llvm::enumerate(sizes))
    if (!map(2).isFunctionOfDim(d))
      contracted *= size;
  if (large != 3 || contracted % kStepK != 0) // C1, C5
    return emitOpError("expected one row, one column and one contracted dimension, the last a multiple of 16, got ")
           << large << " dimensions larger than 1 and " << contracted << " to contract";
  Type element = lhsShared ? lhsShared.getElementType() : lhsFragment.getElementType();
  if (element != rhs.getElementType()) // C4
    return emitOpError("expected operands of one type, got ") << element << " and " << rhs.getElementType();
  if (!isOperand(rhs) || (lhsShared && !isOperand(lhsShared))) // C4
    return emitOpError("expected shared operands in rows or panels of 128 bytes, swizzled by the row");
  if (lhsFragment) // C3
    if (auto from = dyn_cast<MmaAttr>(lhsFragment.getLayout()); !isWhole(from) || !from.getOuter().empty())
      return emitOpError("expected a fragment lhs of layout mma with warps = [4, 1], got ") << lhsFragment.getLayout();
  for (Operation *user : getResult().getUsers())
    if (!isa<WgmmaWaitOp>(user)) // C6
      return emitOpError("expected its result to be waited for before it is used, got a use by ") << user->getName();
  return success();
}

LogicalResult WgmmaWaitOp::verify() {
  if (int32_t(getPending()) < 0) // C1
    return emitOpError("expected pending to be at least 0, got ") << int32_t(getPending());
  return success();
}
