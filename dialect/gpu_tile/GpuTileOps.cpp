// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/dialect/GpuTile.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/FunctionImplementation.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace mixc::gpu_tile;

#define GET_OP_CLASSES
#include "mixc/dialect/GpuTileOps.cpp.inc"

//===--- KernelOp ---===//

ParseResult KernelOp::parse(OpAsmParser &parser, OperationState &result) {
  auto buildType = [](Builder &b, ArrayRef<Type> args, ArrayRef<Type> results, function_interface_impl::VariadicFlag,
                      std::string &) { return b.getFunctionType(args, results); };
  return function_interface_impl::parseFunctionOp(parser, result, /*allowVariadic=*/false,
                                                  getFunctionTypeAttrName(result.name), buildType,
                                                  getArgAttrsAttrName(result.name), getResAttrsAttrName(result.name));
}

void KernelOp::print(OpAsmPrinter &p) {
  function_interface_impl::printFunctionOp(p, *this, /*isVariadic=*/false, getFunctionTypeAttrName(),
                                           getArgAttrsAttrName(), getResAttrsAttrName());
}

LogicalResult KernelOp::verify() {
  int64_t threads = getThreads();
  if (threads <= 0 || threads % 32 != 0 || threads > 1024) // C1
    return emitOpError("expected threads to be a multiple of 32 up to 1024, got ") << threads;
  WalkResult walk = getBody().walk([&](AllocOp alloc) -> WalkResult {
    auto type = cast<SharedType>(alloc.getBuffer().getType());
    int64_t end = int64_t(alloc.getOffset()) + type.getBytes() * type.getStages();
    if (int64_t(alloc.getOffset()) >= 0 && end > int64_t(getSharedBytes())) // C2
      return alloc.emitOpError("expected to end within ") << getSharedBytes() << " bytes of shared memory, got " << end;
    return WalkResult::advance();
  });
  return failure(walk.wasInterrupted());
}

//===--- Shared memory ---===//

LogicalResult AllocOp::verify() {
  int64_t offset = getOffset();
  if (offset != -1 && (offset < 0 || offset % 16 != 0)) // C1
    return emitOpError("expected offset to be a multiple of 16, got ") << offset;
  return success();
}

LogicalResult SlotOp::verify() {
  auto slot = cast<SharedType>(getSlot().getType()), buffer = cast<SharedType>(getBuffer().getType());
  if (slot != buffer.getStage())
    return emitOpError("expected a slot of type ") << buffer.getStage() << ", got " << slot;
  return success();
}

//===--- Transfers ---===//

template <typename Op>
static LogicalResult verifyTransfer(Op op, int64_t rank, Type element, bool sameElement) {
  auto memref = cast<MemRefType>(op.getMemref().getType());
  if (int64_t(op.getStaticOffsets().size()) != memref.getRank()) // C1
    return op.emitOpError("expected ") << memref.getRank() << " offsets, got " << op.getStaticOffsets().size();
  if (int64_t(op.getDims().size()) != rank) // C1
    return op.emitOpError("expected ") << rank << " entries in dims, got " << op.getDims().size();
  if (int64_t(op.getStaticLimits().size()) != rank) // C1
    return op.emitOpError("expected ") << rank << " limits, got " << op.getStaticLimits().size();
  for (int64_t dim : op.getDims())
    if (dim < 0 || dim >= memref.getRank()) // C1
      return op.emitOpError("expected dims below ") << memref.getRank() << ", got " << dim;
  if (sameElement && element != memref.getElementType()) // C2
    return op.emitOpError("expected elements of ") << memref.getElementType() << ", got " << element;
  return success();
}

LogicalResult CopyOp::verify() {
  auto type = cast<SharedType>(getDest().getType());
  return verifyTransfer(*this, type.getShape().size(), type.getElementType(), true);
}

LogicalResult WriteOp::verify() {
  auto type = cast<SharedType>(getSource().getType());
  return verifyTransfer(*this, type.getShape().size(), type.getElementType(), true);
}

LogicalResult LoadOp::verify() {
  auto type = cast<FragmentType>(getFragment().getType());
  return verifyTransfer(*this, type.getShape().size(), type.getElementType(), false);
}

LogicalResult StoreOp::verify() {
  auto type = cast<FragmentType>(getFragment().getType());
  return verifyTransfer(*this, type.getShape().size(), type.getElementType(), false);
}

//===--- MapOp ---===//

static ArrayRef<int64_t> tileShape(Type type) {
  if (auto fragment = dyn_cast<FragmentType>(type))
    return fragment.getShape();
  return cast<SharedType>(type).getShape();
}

static Type tileElement(Type type) {
  if (auto fragment = dyn_cast<FragmentType>(type))
    return fragment.getElementType();
  return cast<SharedType>(type).getElementType();
}

LogicalResult MapOp::verify() {
  auto result = cast<FragmentType>(getResult().getType());
  if (getIndexingMaps().size() != getInputs().size()) // C1
    return emitOpError("expected ") << getInputs().size() << " maps, got " << getIndexingMaps().size();
  Block &body = getBody().front();
  if (body.getNumArguments() != getInputs().size()) // C3
    return emitOpError("expected ") << getInputs().size() << " body arguments, got " << body.getNumArguments();
  for (auto [i, input] : llvm::enumerate(getInputs())) {
    AffineMap map = cast<AffineMapAttr>(getIndexingMaps()[i]).getValue();
    if (!isa<FragmentType, SharedType>(input.getType()))
      return emitOpError("expected input ") << i << " to be a fragment or shared, got " << input.getType();
    if (map.getNumDims() != result.getShape().size() || map.getNumResults() != tileShape(input.getType()).size()) // C1
      return emitOpError("expected map ") << i << " from " << result.getShape().size() << " to "
                                          << tileShape(input.getType()).size() << " dimensions, got " << AffineMapAttr::get(map);
    auto fragment = dyn_cast<FragmentType>(input.getType());
    if (fragment && !agrees(fragment, map, result)) // C2
      return emitOpError("expected input ") << i << " to be laid out like the result, got " << fragment << " for " << result;
    if (body.getArgument(i).getType() != tileElement(input.getType())) // C3
      return emitOpError("expected body argument ") << i << " of type " << tileElement(input.getType());
  }
  auto yield = dyn_cast<YieldOp>(body.back());
  if (!yield || yield.getValue().getType() != result.getElementType()) // C3
    return emitOpError("expected the body to yield ") << result.getElementType();
  return success();
}

//===--- ContractOp ---===//

/// The dimensions that a map's results name, or nothing if a result is no plain dimension.
static std::optional<SmallVector<int64_t>> plainDims(AffineMap map) {
  SmallVector<int64_t> dims;
  for (AffineExpr expr : map.getResults()) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (!dim)
      return std::nullopt;
    dims.push_back(dim.getPosition());
  }
  return dims;
}

LogicalResult ContractOp::verify() {
  if (getIndexingMaps().size() != 3) // C1
    return emitOpError("expected 3 maps, got ") << getIndexingMaps().size();
  SmallVector<SmallVector<int64_t>> maps;
  std::array<Type, 3> types = {getLhs().getType(), getRhs().getType(), getResult().getType()};
  for (auto [i, type] : llvm::enumerate(types)) {
    if (!isa<FragmentType, SharedType>(type))
      return emitOpError("expected operands in registers or shared memory, got ") << type;
    auto dims = plainDims(cast<AffineMapAttr>(getIndexingMaps()[i]).getValue());
    if (!dims || dims->size() != tileShape(type).size()) // C1
      return emitOpError("expected map ") << i << " to name " << tileShape(type).size() << " dimensions";
    maps.push_back(*dims);
  }
  SmallVector<int64_t> contracted;
  for (int64_t d : maps[0])
    if (!llvm::is_contained(maps[2], d))
      contracted.push_back(d);
  if (contracted.size() != 1 || !llvm::is_contained(maps[1], contracted[0])) // C1
    return emitOpError("expected one contracted dimension in lhs and rhs, got ") << contracted.size();
  auto result = cast<FragmentType>(getResult().getType());
  auto layout = dyn_cast<MmaAttr>(result.getLayout());
  if (!layout || !layout.getOuter().empty()) // C2
    return emitOpError("expected a result of mma layout without outer dimensions, got ") << result;
  for (int64_t d : layout.getRows())
    if (!llvm::is_contained(maps[0], maps[2][d])) // C2
      return emitOpError("expected row dimension ") << d << " of the result in lhs";
  for (int64_t d : layout.getCols())
    if (llvm::is_contained(maps[0], maps[2][d]) || !llvm::is_contained(maps[1], maps[2][d])) // C2
      return emitOpError("expected column dimension ") << d << " of the result in rhs only";
  AffineMap lhsMap = cast<AffineMapAttr>(getIndexingMaps()[0]).getValue();
  auto lhs = dyn_cast<FragmentType>(getLhs().getType());
  if (lhs && !suppliesRows(lhs, lhsMap, result, cast<AffineMapAttr>(getIndexingMaps()[2]).getValue())) // C3
    return emitOpError("expected lhs to hold the result's rows in the same warps, got ") << lhs << " for " << result;
  Type element = tileElement(getLhs().getType());
  if (element != tileElement(getRhs().getType()) || !result.getElementType().isF32()) // C4
    return emitOpError("expected equal operand types and an f32 result, got ") << element << " and "
                                                                               << tileElement(getRhs().getType());
  auto k = llvm::find(maps[1], contracted[0]) - maps[1].begin();
  if (tileShape(getRhs().getType())[k] % 16 != 0) // C5
    return emitOpError("expected the contracted dimension to be a multiple of 16, got ") << tileShape(getRhs().getType())[k];
  return success();
}

//===--- PutOp, CumsumOp, ScanOp ---===//

LogicalResult PutOp::verify() {
  auto from = cast<FragmentType>(getFragment().getType());
  auto to = cast<SharedType>(getDest().getType());
  SmallVector<bool> seen(from.getShape().size());
  if (getPerm().size() != from.getShape().size() || to.getShape().size() != from.getShape().size()) // C1
    return emitOpError("expected a permutation of ") << from.getShape().size() << " dimensions";
  for (auto [d, p] : llvm::enumerate(getPerm())) {
    if (p < 0 || p >= int64_t(seen.size()) || seen[p] || to.getShape()[d] != from.getShape()[p]) // C1
      return emitOpError("expected perm to carry ") << from << " to " << to;
    seen[p] = true;
  }
  if (from.getElementType() != to.getElementType()) // C2
    return emitOpError("expected elements of ") << from.getElementType() << ", got " << to.getElementType();
  return success();
}

LogicalResult CumsumOp::verify() {
  auto type = cast<FragmentType>(getInput().getType());
  auto lanes = dyn_cast<LanesAttr>(type.getLayout());
  if (!lanes || lanes.getRows() + 1 != int64_t(type.getShape().size())) // C1
    return emitOpError("expected a lanes layout with all dimensions but the last as rows, got ") << type;
  return success();
}

LogicalResult ScanOp::verify() {
  auto x = tileShape(getX().getType()), init = tileShape(getInit().getType()), b = tileShape(getB().getType());
  auto partials = tileShape(getPartials().getType());
  if (x.size() != 3 || init.size() != 3 || b.size() != 2 || partials.size() != 4) // C1
    return emitOpError("expected x [q, h, p], b [q, n], init [h, n, p] and partials [share, q, h, p]");
  SmallVector<int64_t> bShape{x[0], init[1]}, stateShape{x[1], init[1], x[2]};
  if (b != ArrayRef(bShape) || tileShape(getC().getType()) != ArrayRef(bShape) || init != ArrayRef(stateShape) ||
      partials.drop_front() != x) // C1
    return emitOpError("expected shapes that agree, got x [") << x << "], b [" << b << "], init [" << init << "]";
  return success();
}
