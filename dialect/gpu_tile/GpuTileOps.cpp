// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/dialect/GpuTile.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/FunctionImplementation.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace mixc;
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
  int64_t threads = int32_t(getThreads()), shared = int32_t(getSharedBytes());
  if (threads <= 0 || threads % 32 != 0 || threads > 1024) // C1
    return emitOpError("expected threads to be a multiple of 32 up to 1024, got ") << threads;
  if (shared < 0) // C2
    return emitOpError("expected shared_bytes of at least 0, got ") << shared;
  if (failed(tile::verifyKernelArguments(*this))) // C3
    return failure();
  if (getBody().front().empty() || !isa<ReturnOp>(getBody().front().back())) // C3
    return emitOpError("expected a body that ends in gpu_tile.return");
  if (getBody().walk([](GridOp) { return WalkResult::interrupt(); }).wasInterrupted()) {
    if (shared < kBlockNumberBytes * threads || shared % kBlockNumberBytes != 0) // C2
      return emitOpError("expected shared_bytes to be a multiple of 4, and at least 4 a thread, with gpu_tile.grid, got ") << shared;
    shared -= kBlockNumberBytes * threads;
  }
  WalkResult walk = getBody().walk([&](Operation *op) -> WalkResult {
    if (auto alloc = dyn_cast<AllocOp>(op)) {
      auto type = cast<SharedType>(alloc.getBuffer().getType());
      int64_t offset = alloc.getOffset(), room = shared - type.getBytes() * type.getStages();
      if (offset >= 0 && offset > room) // C2
        return alloc.emitOpError("expected to end within ") << shared << " bytes of shared memory, got "
                                                             << type.getBytes() * type.getStages() << " bytes at " << offset;
    }
    if (auto barriers = dyn_cast<MbarriersOp>(op)) {
      int64_t offset = barriers.getOffset(), bytes = cast<MbarriersType>(barriers.getBarriers().getType()).getCount() * 8;
      if (offset >= 0 && offset > shared - bytes) // C2
        return barriers.emitOpError("expected to end within ") << shared << " bytes of shared memory, got " << bytes << " bytes at "
                                                                << offset;
    }
    for (Type result : op->getResultTypes()) {
      auto fragment = dyn_cast<FragmentType>(result);
      auto mma = fragment ? dyn_cast<MmaAttr>(fragment.getLayout()) : nullptr;
      if (mma && mma.getWarpRows() * mma.getWarpCols() * 32 > threads) // C4
        return op->emitOpError("expected a layout for at most ") << threads / 32 << " warps, got " << mma;
    }
    return WalkResult::advance();
  });
  return failure(walk.wasInterrupted());
}

/// The most registers that a thread gets at launch.
static constexpr int64_t kMostRegistersAtLaunch = 248;

LogicalResult KernelOp::verifyRegions() {
  const int64_t threads = getThreads(), atLaunch = std::min(kRegisterFile / threads / 8 * 8, kMostRegistersAtLaunch);
  int64_t sum = atLaunch * threads; // warps whose role gives no number keep what they have
  for (auto role : getBody().getOps<RoleOp>())
    if (int64_t registers = role.getRegisters())
      sum += (registers - atLaunch) * 32 * int64_t(role.getWarps()) * int64_t(role.getParts());
  if (sum > atLaunch * threads) // C5
    return emitOpError("expected roles with at most ") << atLaunch * threads << " registers together, got " << sum;
  return success();
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
  if (slot != buffer.getStage()) // C1
    return emitOpError("expected a slot of type ") << buffer.getStage() << ", got " << slot;
  return success();
}

LogicalResult WaitOp::verify() {
  if (int32_t(getPending()) < 0) // C1
    return emitOpError("expected pending to be at least 0, got ") << int32_t(getPending());
  return success();
}

//===--- Transfers ---===//

template <typename Op> static LogicalResult verifyTile(Op op, ArrayRef<int64_t> shape) {
  return tile::verifyTransfer(op, op.getMemref().getType(), shape.size()); // C1
}

/// Shared memory takes elements as they are.
template <typename Op> static LogicalResult verifySharedTile(Op op, SharedType type) {
  if (failed(verifyTile(op, type.getShape())))
    return failure();
  Type element = op.getMemref().getType().getElementType();
  if (type.getElementType() != element) // C2
    return op.emitOpError("expected elements of ") << element << ", got " << type.getElementType();
  return success();
}

/// Registers take them converted.
template <typename Op> static LogicalResult verifyFragmentTile(Op op, FragmentType type) {
  if (failed(verifyTile(op, type.getShape())))
    return failure();
  Type element = op.getMemref().getType().getElementType();
  if (!element.isF32() && !element.isBF16() && !element.isF16()) // C2
    return op.emitOpError("expected a memref of f32, bf16 or f16, got ") << op.getMemref().getType();
  return success();
}

LogicalResult CopyOp::verify() { return verifySharedTile(*this, cast<SharedType>(getDest().getType())); }

/// What a tensor map can carry.
template <typename Op> static LogicalResult verifyMappedTile(Op op, SharedType type) {
  if (failed(verifySharedTile(op, type))) // C1
    return failure();
  ArrayRef<int64_t> dims = op.getDims();
  if (!llvm::is_sorted(dims) || dims.back() + 1 != op.getMemref().getType().getRank()) // C2
    return op.emitOpError("expected ascending dims that end with the memref's last, got [") << dims << "]";
  int64_t bytes = type.getRow() * type.getElementType().getIntOrFloatBitWidth() / 8;
  if (type.getStages() != 1 || type.getSwizzle() < 0 || (bytes != 32 && bytes != 64 && bytes != 128)) // C3
    return op.emitOpError("expected one swizzled stage of rows or panels of 32, 64 or 128 bytes, got ") << type;
  return success();
}

LogicalResult FetchOp::verify() { return verifyMappedTile(*this, cast<SharedType>(getDest().getType())); }

LogicalResult FlushOp::verify() {
  auto type = cast<SharedType>(getSource().getType());
  if (failed(verifyMappedTile(*this, type)))
    return failure();
  if (type.getShape().back() % type.getRow() != 0) // C4
    return emitOpError("expected whole panels, which is what it writes, got ") << type;
  return success();
}

LogicalResult WriteOp::verify() { return verifySharedTile(*this, cast<SharedType>(getSource().getType())); }

LogicalResult LoadOp::verify() { return verifyFragmentTile(*this, cast<FragmentType>(getFragment().getType())); }

LogicalResult StoreOp::verify() { return verifyFragmentTile(*this, cast<FragmentType>(getFragment().getType())); }

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
  for (int64_t i : getAscending())
    if (i < 0 || i >= int64_t(getInputs().size())) // C5
      return emitOpError("expected ascending to number the inputs, 0 to ") << int64_t(getInputs().size()) - 1 << ", got " << i;
  for (auto [i, input] : llvm::enumerate(getInputs())) {
    AffineMap map = cast<AffineMapAttr>(getIndexingMaps()[i]).getValue();
    if (!isa<FragmentType, SharedType>(input.getType()))
      return emitOpError("expected input ") << i << " to be a fragment or shared, got " << input.getType();
    if (map.getNumDims() != result.getShape().size() || map.getNumSymbols() != 0 ||
        map.getNumResults() != tileShape(input.getType()).size()) // C1
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
  if (!getDeferred())
    return success();
  if (!isa<MmaAttr>(result.getLayout())) // C4
    return emitOpError("expected a deferred result of mma layout, got ") << result;
  for (Operation *user : getResult().getUsers())
    if (!isa<MapOp, ContractOp, WgmmaOp, PutOp>(user) || user->getBlock() != (*this)->getBlock()) // C4
      return emitOpError("expected a deferred result to be used in the same block by map, contract, wgmma and put, got ")
             << user->getName();
  return success();
}

LogicalResult IndexOp::verify() {
  auto result = cast<FragmentType>(cast<MapOp>((*this)->getParentOp()).getResult().getType());
  if (int64_t(getDim()) < 0 || int64_t(getDim()) >= int64_t(result.getShape().size())) // C1
    return emitOpError("expected dim below ") << result.getShape().size() << ", got " << int64_t(getDim());
  return success();
}

//===--- ContractOp ---===//

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

LogicalResult ContractOp::verify() {
  if (getIndexingMaps().size() != 3) // C1
    return emitOpError("expected 3 maps, got ") << getIndexingMaps().size();
  SmallVector<SmallVector<int64_t>> maps;
  std::array<Type, 3> types = {getLhs().getType(), getRhs().getType(), getResult().getType()};
  SmallVector<int64_t> sizes(cast<AffineMapAttr>(getIndexingMaps()[0]).getValue().getNumDims());
  for (auto [i, type] : llvm::enumerate(types)) {
    if (!isa<FragmentType, SharedType>(type))
      return emitOpError("expected operands in registers or shared memory, got ") << type;
    AffineMap map = cast<AffineMapAttr>(getIndexingMaps()[i]).getValue();
    auto dims = plainDims(map);
    if (!dims || dims->size() != tileShape(type).size() || map.getNumDims() != sizes.size()) // C1
      return emitOpError("expected map ") << i << " to name " << tileShape(type).size() << " of " << sizes.size()
                                          << " dimensions, got " << AffineMapAttr::get(map);
    for (auto [d, size] : llvm::zip(*dims, tileShape(type))) {
      if (sizes[d] != 0 && sizes[d] != size) // C6
        return emitOpError("expected dimension ") << d << " to have one size, got " << sizes[d] << " and " << size;
      sizes[d] = size;
    }
    maps.push_back(*dims);
  }
  SmallVector<int64_t> contracted;
  for (int64_t d : maps[0])
    if (!llvm::is_contained(maps[2], d))
      contracted.push_back(d);
  if (contracted.size() != 1 || !llvm::is_contained(maps[1], contracted[0])) // C1
    return emitOpError("expected one contracted dimension in lhs and rhs, got ") << contracted.size();
  for (int64_t d : maps[1])
    if (d != contracted[0] && !llvm::is_contained(maps[2], d)) // C1
      return emitOpError("expected dimension ") << d << " of rhs in the result";
  auto result = cast<FragmentType>(getResult().getType());
  auto layout = dyn_cast<MmaAttr>(result.getLayout());
  if (!layout || !layout.getOuter().empty()) // C2
    return emitOpError("expected a result of mma layout without outer dimensions, got ") << result;
  for (int64_t d : layout.getRows())
    if (!llvm::is_contained(maps[0], maps[2][d])) // C2
      return emitOpError("expected row dimension ") << d << " of the result in lhs";
  if (llvm::is_contained(maps[1], maps[2][layout.getRows().back()])) // C2
    return emitOpError("expected the innermost row dimension ") << layout.getRows().back() << " of the result in lhs only";
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

//===--- PutOp, CumsumOp, LagOp, ScanOp ---===//

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

static LogicalResult verifyRows(Operation *op, FragmentType type) {
  auto lanes = dyn_cast<LanesAttr>(type.getLayout());
  if (!lanes || lanes.getRows() + 1 != int64_t(type.getShape().size())) // C1
    return op->emitOpError("expected a lanes layout with all dimensions but the last as rows, got ") << type;
  if (!type.getElementType().isF32()) // C2
    return op->emitOpError("expected elements of f32, got ") << type.getElementType();
  return success();
}

LogicalResult CumsumOp::verify() { return verifyRows(*this, cast<FragmentType>(getInput().getType())); }

LogicalResult LagOp::verify() { return verifyRows(*this, cast<FragmentType>(getInput().getType())); }

/// Shape [h, rows, columns] of f32 in an mma layout.
static LogicalResult verifyAccumulator(Operation *op, FragmentType type) {
  if (type.getShape().size() != 3) // C1
    return op->emitOpError("expected a fragment of rank 3, got ") << type;
  if (!isa<MmaAttr>(type.getLayout()) || !type.getElementType().isF32()) // C2
    return op->emitOpError("expected f32 in an mma layout, got ") << type;
  return success();
}

static LogicalResult verifyShared(Operation *op, StringRef name, Value value, ArrayRef<int64_t> shape, bool isF32) {
  auto type = cast<SharedType>(value.getType());
  if (type.getShape() != shape) // C1
    return op->emitOpError("expected ") << name << " of shape [" << shape << "], got [" << type.getShape() << "]";
  if (isF32 && !type.getElementType().isF32())
    return op->emitOpError("expected ") << name << " to hold f32, got " << type.getElementType();
  return success();
}

LogicalResult GuardOp::verify() {
  auto type = cast<FragmentType>(getSums().getType());
  if (failed(verifyAccumulator(*this, type)))
    return failure();
  int64_t h = type.getShape()[0], p = type.getShape()[1], t = type.getShape()[2];
  if (failed(verifyShared(*this, "rows", getRows(), {t, h, p}, /*isF32=*/false)))
    return failure();
  auto x = cast<FragmentType>(getX().getType());
  if (x.getShape() != tileShape(getRows().getType()) || !isa<MmaAttr>(x.getLayout())) // C1, C2
    return emitOpError("expected x of the shape of rows and in an mma layout, got ") << x;
  return getResets() ? verifyShared(*this, "resets", getResets(), {h, t}, /*isF32=*/true) : success();
}

LogicalResult SinceResetOp::verify() {
  auto type = cast<FragmentType>(getState().getType());
  ArrayRef<int64_t> x = tileShape(getX().getType());
  if (failed(verifyAccumulator(*this, type)))
    return failure();
  if (x.size() != 3) // C1
    return emitOpError("expected x [s, h, p], got rank ") << x.size();
  int64_t h = type.getShape()[0], p = type.getShape()[1], n = type.getShape()[2], s = x[0];
  return success(succeeded(verifyShared(*this, "x", getX(), {s, h, p}, /*isF32=*/false)) &&
                 succeeded(verifyShared(*this, "scale", getScale(), {h, s}, /*isF32=*/true)) &&
                 succeeded(verifyShared(*this, "b", getB(), {s, n}, /*isF32=*/false)) &&
                 succeeded(verifyShared(*this, "resets", getResets(), {h, s}, /*isF32=*/true)));
}

LogicalResult ScanOp::verify() {
  auto x = tileShape(getX().getType()), init = tileShape(getInit().getType()), b = tileShape(getB().getType());
  auto partials = tileShape(getPartials().getType());
  if (x.size() != 3 || init.size() != 3 || b.size() != 2 || partials.size() != 4) // C1
    return emitOpError("expected x [q, h, p], b [q, n], init [h, n, p] and partials [share, q, h, p]");
  int64_t q = x[0], heads = x[1], n = init[1];
  SmallVector<int64_t> bShape{q, n}, decayShape{heads, q}, stateShape{heads, n, x[2]};
  if (b != ArrayRef(bShape) || tileShape(getC().getType()) != ArrayRef(bShape) || init != ArrayRef(stateShape) ||
      partials.drop_front() != x) // C1
    return emitOpError("expected shapes that agree, got x [") << x << "], b [" << b << "], c [" << tileShape(getC().getType())
                                                              << "], init [" << init << "], partials [" << partials << "]";
  if (getDecay() && tileShape(getDecay().getType()) != ArrayRef(decayShape)) // C1
    return emitOpError("expected decay of shape [") << decayShape << "], got [" << tileShape(getDecay().getType()) << "]";
  if (getState().getType() != getInit().getType()) // C1
    return emitOpError("expected a state of init's type ") << getInit().getType() << ", got " << getState().getType();
  for (Value operand : getOperands())
    if (!tileElement(operand.getType()).isF32()) // C1
      return emitOpError("expected elements of f32, got ") << tileElement(operand.getType());
  auto lanes = dyn_cast<LanesAttr>(cast<FragmentType>(getInit().getType()).getLayout());
  if (!lanes || lanes.getRows() != 2) // C2
    return emitOpError("expected a state of layout lanes<rows = 2>, got ") << getInit().getType();
  auto kernel = (*this)->getParentOfType<KernelOp>();
  if (!kernel)
    return success();
  int64_t warps = std::max<int64_t>(int64_t(kernel.getThreads()) / 32, 1), perWarp = (heads * n + warps - 1) / warps;
  if (perWarp % n != 0 && n % perWarp != 0) // C2
    return emitOpError("expected the rows of a warp to lie in one head, got ") << perWarp << " rows a warp and " << n << " a head";
  int64_t shares = std::max<int64_t>(1, n / perWarp);
  if (partials[0] != shares) // C3
    return emitOpError("expected ") << shares << " shares in partials, got " << partials[0];
  return success();
}
