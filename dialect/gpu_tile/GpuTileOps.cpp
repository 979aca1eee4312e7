// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/dialect/GpuTile.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/FunctionImplementation.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/Support/CheckedArithmetic.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu_tile;

#define GET_OP_CLASSES
#include "mixc/dialect/GpuTileOps.cpp.inc"

//===--- KernelOp ---===//

ParseResult KernelOp::parse(OpAsmParser &parser, OperationState &result) {
  auto buildType = [](Builder &b, ArrayRef<Type> args, ArrayRef<Type> results, function_interface_impl::VariadicFlag, std::string &) {
    return b.getFunctionType(args, results);
  };
  return function_interface_impl::parseFunctionOp(parser, result, /*allowVariadic=*/false, getFunctionTypeAttrName(result.name), buildType,
                                                  getArgAttrsAttrName(result.name), getResAttrsAttrName(result.name));
}

void KernelOp::print(OpAsmPrinter &p) {
  function_interface_impl::printFunctionOp(p, *this, /*isVariadic=*/false, getFunctionTypeAttrName(), getArgAttrsAttrName(),
                                           getResAttrsAttrName());
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
  return success();
}

int64_t mixc::gpu_tile::warpsAround(Operation *op) {
  for (Operation *parent = op->getParentOp(); parent; parent = parent->getParentOp()) {
    if (auto role = dyn_cast<RoleOp>(parent))
      return role.getWarps();
    if (auto kernel = dyn_cast<KernelOp>(parent))
      return int64_t(kernel.getThreads()) / 32;
  }
  return 0;
}

/// What an op in a kernel takes of its `shared` bytes and of its warps.
static LogicalResult verifyInKernel(Operation *op, int64_t shared) {
  auto fits = [&](int64_t offset, int64_t bytes) -> LogicalResult {
    if (offset >= 0 && offset > shared - bytes) // C2
      return op->emitOpError("expected to end within ") << shared << " bytes of shared memory, got " << bytes << " bytes at " << offset;
    return success();
  };
  if (auto alloc = dyn_cast<AllocOp>(op)) {
    auto type = cast<SharedType>(alloc.getBuffer().getType());
    auto role = op->getParentOfType<RoleOp>();
    const int64_t others = role ? int64_t(role.getOwnBytes()) * (int64_t(role.getParts()) - 1) : 0; // of the groups behind the first
    return fits(alloc.getOffset(), type.getBytes() * type.getStages() + others);
  }
  if (auto barriers = dyn_cast<MbarriersOp>(op))
    return fits(barriers.getOffset(), cast<MbarriersType>(barriers.getBarriers().getType()).getCount() * 8);
  for (Type result : op->getResultTypes()) {
    auto fragment = dyn_cast<FragmentType>(result);
    auto mma = fragment ? dyn_cast<MmaAttr>(fragment.getLayout()) : nullptr;
    if (mma && mma.getWarpRows() * mma.getWarpCols() > warpsAround(op)) // C4
      return op->emitOpError("expected a layout for at most ") << warpsAround(op) << " warps, got " << mma;
  }
  return success();
}

/// The most registers that a thread gets at launch.
static constexpr int64_t kMostRegistersAtLaunch = 248;

/// Named barriers of a block besides the one that all its threads have: each part of a role has its own.
static constexpr int64_t kNamedBarriers = 15;

LogicalResult KernelOp::verifyRegions() {
  int64_t shared = getSharedBytes(), room = kBlockNumberBytes * int64_t(getThreads()), barriers = 0;
  if (getBody().walk([](GridOp) { return WalkResult::interrupt(); }).wasInterrupted()) {
    if (shared < room || shared % kBlockNumberBytes != 0) // C2
      return emitOpError("expected shared_bytes to be a multiple of 4, and at least 4 a thread, with gpu_tile.grid, got ") << shared;
    shared -= room;
  }
  if (getBody().walk([&](Operation *op) { return WalkResult(verifyInKernel(op, shared)); }).wasInterrupted())
    return failure();
  getBody().walk([&](RoleOp role) { barriers += role.getParts(); });
  if (barriers > kNamedBarriers) // C6
    return emitOpError("expected roles with at most ") << kNamedBarriers << " parts together, got " << barriers;
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

LogicalResult FetchOp::verify() {
  auto type = cast<SharedType>(getDest().getType());
  auto reverse = getMemref().getDefiningOp<tile::ReverseOp>();
  if (failed(verifySharedTile(*this, type)) || // C1
      failed(verifyTensorMap(*this, reverse ? reverse.getSource() : getMemref(), type, getDims())))
    return failure();
  const int64_t rows = type.getSwizzle();
  if (reverse &&
      (getDims()[rows] != int64_t(reverse.getDim()) || type.getShape()[rows] * type.getShape().back() != type.getNumElements())) // C4
    return emitOpError("expected a memref that is reversed along the tile's rows, the one dimension besides its last, got one along ")
           << reverse.getDim();
  return success();
}

LogicalResult FlushOp::verify() {
  auto type = cast<SharedType>(getSource().getType());
  if (failed(verifySharedTile(*this, type)) || failed(verifyTensorMap(*this, getMemref(), type, getDims())))
    return failure();
  if (type.getShape().back() % type.getRow() != 0) // C4
    return emitOpError("expected whole panels, which is what it writes, got ") << type;
  return success();
}

LogicalResult WriteOp::verify() {
  auto type = cast<SharedType>(getSource().getType());
  if (failed(verifySharedTile(*this, type)))
    return failure();
  const int64_t strips = int32_t(getStrips()), rowBytes = type.getShape().back() * type.getElementType().getIntOrFloatBitWidth() / 8;
  if (strips != 0 && (strips != warpsAround(*this) || rowBytes % (16 * strips) != 0)) // C3
    return emitOpError("expected strips of multiples of 16 bytes for ")
           << warpsAround(*this) << " warps, got " << strips << " of rows of " << rowBytes << " bytes";
  return success();
}

LogicalResult LoadOp::verify() { return verifyFragmentTile(*this, cast<FragmentType>(getFragment().getType())); }

LogicalResult StoreOp::verify() { return verifyFragmentTile(*this, cast<FragmentType>(getFragment().getType())); }

//===--- MapOp ---===//

/// The least and the largest value of sums and multiples of indices; nothing for other expressions, and for numbers beyond 64 bits.
static std::optional<std::pair<int64_t, int64_t>> rangeOf(AffineExpr expr, ArrayRef<int64_t> shape) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return std::pair<int64_t, int64_t>(0, shape[dim.getPosition()] - 1);
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return std::pair(constant.getValue(), constant.getValue());
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  auto left = binary ? rangeOf(binary.getLHS(), shape) : std::nullopt, right = binary ? rangeOf(binary.getRHS(), shape) : std::nullopt;
  if (!left || !right)
    return std::nullopt;
  std::optional<int64_t> low, high;
  if (expr.getKind() == AffineExprKind::Add) {
    low = llvm::checkedAdd(left->first, right->first);
    high = llvm::checkedAdd(left->second, right->second);
  } else if (expr.getKind() == AffineExprKind::Mul && isa<AffineConstantExpr>(binary.getRHS())) {
    low = llvm::checkedMul(left->first, right->first);
    high = llvm::checkedMul(left->second, right->first);
  }
  return low && high ? std::optional(std::minmax(*low, *high)) : std::nullopt;
}

/// Whether the map carries the indices of a result to indices of an operand.
static bool staysWithin(AffineMap map, ArrayRef<int64_t> result, ArrayRef<int64_t> operand) {
  return llvm::all_of(llvm::zip(map.getResults(), operand), [&](auto pair) {
    auto range = rangeOf(std::get<0>(pair), result);
    return range && range->first >= 0 && range->second < std::get<1>(pair);
  });
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
      return emitOpError("expected map ") << i << " from " << result.getShape().size() << " to " << tileShape(input.getType()).size()
                                          << " dimensions, got " << AffineMapAttr::get(map);
    auto fragment = dyn_cast<FragmentType>(input.getType());
    if (fragment && !agrees(fragment, map, result)) // C2
      return emitOpError("expected input ") << i << " to be laid out like the result, got " << fragment << " for " << result;
    if (!staysWithin(map, result.getShape(), tileShape(input.getType()))) // C1
      return emitOpError("expected map ") << i << " of sums and multiples that carry [" << result.getShape() << "] into ["
                                          << tileShape(input.getType()) << "], got " << AffineMapAttr::get(map);
    if (body.getArgument(i).getType() != tileElement(input.getType())) // C3
      return emitOpError("expected body argument ") << i << " of type " << tileElement(input.getType());
  }
  if (!getDeferred())
    return success();
  bool isMma = isa<MmaAttr>(result.getLayout());
  for (Operation *user : getResult().getUsers())
    if (!(isMma ? isa<MapOp, ContractOp, WgmmaOp, PutOp>(user) : isa<ScanOp>(user)) || user->getBlock() != (*this)->getBlock()) // C4
      return emitOpError("expected a deferred result to be used in the same block by ")
             << (isMma ? "map, contract, wgmma and put" : "scan, as it has no mma layout") << ", got " << user->getName();
  return success();
}

LogicalResult MapOp::verifyRegions() {
  Type element = cast<FragmentType>(getResult().getType()).getElementType();
  auto yield = dyn_cast<YieldOp>(getBody().front().back());
  if (!yield || yield.getValue().getType() != element) // C3
    return emitOpError("expected the body to yield ") << element;
  return success();
}

LogicalResult IndexOp::verify() {
  auto result = cast<FragmentType>(cast<MapOp>((*this)->getParentOp()).getResult().getType());
  if (int64_t(getDim()) < 0 || int64_t(getDim()) >= int64_t(result.getShape().size())) // C1
    return emitOpError("expected dim below ") << result.getShape().size() << ", got " << int64_t(getDim());
  return success();
}

//===--- PutOp, SumOp, CumsumOp, LagOp, RunningSumOp, RunningMaxOp, ScanOp ---===//

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

LogicalResult SumOp::verify() {
  auto from = cast<FragmentType>(getFragment().getType());
  auto to = cast<SharedType>(getDest().getType());
  auto pieces = dyn_cast<PiecesAttr>(from.getLayout());
  if (!pieces || !from.getElementType().isF32() || !to.getElementType().isF32()) // C1, C4
    return emitOpError("expected elements of f32, in pieces, got ") << from << " and " << to;
  const int64_t warps = warpsAround(*this);
  if (std::string problem = sumProblem(pieces, from.getShape(), getDims(), warps); !problem.empty()) // C2, C3
    return emitOpError(problem);
  SmallVector<int64_t> shape;
  if (sumsRows(from.getShape(), getDims()))
    shape.push_back(warps ? warps : to.getShape().front());
  for (auto [d, size] : llvm::enumerate(from.getShape()))
    if (!llvm::is_contained(getDims(), int64_t(d)))
      shape.push_back(size);
  if (to.getShape() != ArrayRef(shape)) // C4
    return emitOpError("expected a result of [") << shape << "], got " << to;
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

LogicalResult RunningSumOp::verify() { return verifyRows(*this, cast<FragmentType>(getInput().getType())); }

LogicalResult RunningMaxOp::verify() { return verifyRows(*this, cast<FragmentType>(getInput().getType())); }

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

/// Threads know all of a row of x, and have that of the sums.
static LogicalResult verifyGuardInRegisters(GuardOp op, MmaAttr x, MmaAttr sums) {
  auto rowsOf = [](MmaAttr layout, unsigned first) { return llvm::map_to_vector(layout.getRows(), [&](int64_t d) { return d - first; }); };
  bool alike = rowsOf(x, 1) == rowsOf(sums, 0) && x.getCols() == ArrayRef<int64_t>{0} && sums.getCols() == ArrayRef<int64_t>{2} &&
               x.getWarpRows() == sums.getWarpRows() && x.getWarpCols() == 1 && sums.getWarpCols() == 1;
  if (!alike || op.getResets()) // C3
    return op.emitOpError("expected x in shared memory, or no resets and the same rows of x and the sums in a warp, got ")
           << x << " and " << sums;
  return success();
}

LogicalResult GuardOp::verify() {
  auto type = cast<FragmentType>(getSums().getType());
  if (failed(verifyAccumulator(*this, type)))
    return failure();
  int64_t h = type.getShape()[0], p = type.getShape()[1], t = type.getShape()[2];
  auto x = cast<FragmentType>(getX().getType());
  auto layout = dyn_cast<MmaAttr>(x.getLayout());
  if (x.getShape() != ArrayRef<int64_t>{t, h, p} || !layout) // C1, C2
    return emitOpError("expected x of the shape of rows and in an mma layout, got ") << x;
  if (!getRows())
    return verifyGuardInRegisters(*this, layout, cast<MmaAttr>(type.getLayout()));
  if (failed(verifyShared(*this, "rows", getRows(), {t, h, p}, /*isF32=*/false)))
    return failure();
  if (x.getElementType() != tileElement(getRows().getType())) // C1
    return emitOpError("expected rows to hold x's elements ") << x.getElementType() << ", got " << tileElement(getRows().getType());
  return getResets() ? verifyShared(*this, "resets", getResets(), {h, t}, /*isF32=*/true) : success();
}

LogicalResult ColumnSpansOp::verify() {
  auto input = cast<FragmentType>(getInput().getType()), spans = cast<FragmentType>(getSpans().getType());
  const int64_t sizes = getBlocks().size();
  const bool inColumns = isa<ColumnsAttr>(input.getLayout()) && isa<ColumnsAttr>(spans.getLayout());
  if (input.getShape().size() != 2 || spans.getShape() != ArrayRef<int64_t>{sizes, input.getShape()[0], input.getShape()[1]} ||
      !input.getElementType().isF32() || !spans.getElementType().isF32() || !inColumns) // C1
    return emitOpError("expected columns of f32, of rank 2 and spans of ") << sizes << " times as many, got " << input << " and " << spans;
  return tile::verifyBlocks(*this, input.getShape()[0], getBlocks(), getAnchors()); // C1
}

LogicalResult SpansOp::verify() {
  auto input = cast<SharedType>(getInput().getType()), spans = cast<SharedType>(getSpans().getType());
  const int64_t sizes = getBlocks().size();
  if (input.getShape().size() != 2 || spans.getShape() != ArrayRef<int64_t>{sizes, input.getShape()[0], input.getShape()[1]} ||
      !input.getElementType().isF32() || !spans.getElementType().isF32() || input.getStages() != 1 || spans.getStages() != 1) // C1
    return emitOpError("expected a tile of f32 of rank 2 and spans of ") << sizes << " times its shape, got " << input << " and " << spans;
  return tile::verifyBlocks(*this, input.getShape()[0], getBlocks(), getAnchors()); // C1
}

LogicalResult SolveOp::verify() {
  auto sums = cast<SharedType>(getSums().getType());
  if (sums.getShape().size() != 3) // C1
    return emitOpError("expected sums [h, t, p], got rank ") << sums.getShape().size();
  int64_t h = sums.getShape()[0], t = sums.getShape()[1], p = sums.getShape()[2];
  if (t % 16 != 0) // C2
    return emitOpError("expected tokens that are a multiple of 16, got ") << t;
  for (Value value : getOperands())
    if (cast<SharedType>(value.getType()).getStages() != 1) // C1
      return emitOpError("expected one stage, got ") << value.getType();
  return success(succeeded(verifyShared(*this, "sums", getSums(), {h, t, p}, /*isF32=*/true)) &&
                 succeeded(verifyShared(*this, "the matrix", getMatrix(), {h, t, t}, /*isF32=*/true)) &&
                 succeeded(verifyShared(*this, "the result", getResult(), {t, h, p}, /*isF32=*/true)));
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

/// One of the shapes, which are told apart by their ranks.
static LogicalResult verifyShape(Operation *op, StringRef name, Value value, ArrayRef<ArrayRef<int64_t>> allowed) {
  auto shape = tileShape(value.getType());
  if (llvm::is_contained(allowed, shape))
    return success();
  auto ofRank = llvm::find_if(allowed, [&](ArrayRef<int64_t> other) { return other.size() == shape.size(); });
  return op->emitOpError("expected ") << name << " of shape [" << (ofRank == allowed.end() ? allowed.front() : *ofRank) << "], got ["
                                      << shape << "]";
}

/// Operands of a scan in registers are computed where the state needs them.
static LogicalResult verifyDeferred(Operation *op, StringRef name, Value value) {
  if (isa<SharedType>(value.getType()))
    return success();
  auto map = value.getDefiningOp<MapOp>();
  if (!map || !map.getDeferred() || !llvm::all_of(map.getInputs().getTypes(), llvm::IsaPred<SharedType>))
    return op->emitOpError("expected ") << name << " to be a shared tile or a deferred map of shared tiles";
  return success();
}

LogicalResult ScanOp::verify() {
  auto x = tileShape(getX().getType()), init = tileShape(getInit().getType()), partials = tileShape(getPartials().getType());
  if (x.size() != 3 || init.size() != 3 || partials.size() != 4) // C1
    return emitOpError("expected x [q, h, p], init [h, n, p] and partials [share, q, h, p]");
  int64_t q = x[0], heads = x[1], n = init[1], p = x[2];
  if (init != ArrayRef<int64_t>({heads, n, p}) || partials.drop_front() != ArrayRef<int64_t>({q, heads, getAcross() ? n : p})) // C1
    return emitOpError("expected shapes that agree, got x [") << x << "], init [" << init << "], partials [" << partials << "]";
  if (getExcess() && (!getDecay() || tileShape(getExcess().getType()) != tileShape(getDecay().getType()))) // C4
    return emitOpError("expected excess with a decay of its shape");
  for (auto [name, value] : {std::pair<StringRef, Value>{"decay", getDecay()}, {"excess", getExcess()}})
    if (value && (failed(verifyShape(*this, name, value, {{heads, n, q}, {heads, q}, {q, heads, n, p}, {q, heads, 1, p}})) || // C1
                  failed(verifyDeferred(*this, name, value))))                                                                // C5
      return failure();
  if (getAcross() && (failed(verifyShape(*this, "c", getC(), {{q, heads, p}})) || failed(verifyDeferred(*this, "c", getC())))) // C1, C5
    return failure();
  for (auto [name, value] : {std::pair<StringRef, Value>{"b", getB()}, {"c", getAcross() ? Value() : getC()}, {"l", getL()}, {"r", getR()}})
    if (value && (failed(verifyShape(*this, name, value, {{q, heads, n}, {q, n}, {q, heads, n, p}})) || // C1
                  failed(verifyDeferred(*this, name, value))))                                          // C5
      return failure();
  if (getState().getType() != getInit().getType()) // C1
    return emitOpError("expected a state of init's type ") << getInit().getType() << ", got " << getState().getType();
  for (Value operand : getOperands())
    if (!tileElement(operand.getType()).isF32()) // C1
      return emitOpError("expected elements of f32, got ") << tileElement(operand.getType());
  auto lanes = dyn_cast<LanesAttr>(cast<FragmentType>(getInit().getType()).getLayout());
  if (!lanes || lanes.getRows() != 2) // C2
    return emitOpError("expected a state of layout lanes<rows = 2>, got ") << getInit().getType();
  int64_t warps = warpsAround(*this);
  if (warps == 0)
    return success();
  int64_t perWarp = (heads * n + warps - 1) / warps;
  if (perWarp % n != 0 && n % perWarp != 0) // C2
    return emitOpError("expected the rows of a warp to lie in one head, got ") << perWarp << " rows a warp and " << n << " a head";
  int64_t shares = std::max<int64_t>(1, n / perWarp);
  if (int64_t sums = getAcross() ? 1 : shares; partials[0] != sums) // C3
    return emitOpError("expected ") << sums << " shares in partials, got " << partials[0];
  if ((getL() && !getR()) || (getAssociative() && (getR() || getPre() || getAcross()))) // C4
    return emitOpError("expected r beside l, and none of r, pre and across with associative");
  bool exchanges = getR() && shares > 1;
  if (exchanges != bool(getExchange())) // C4
    return emitOpError(exchanges ? "expected a buffer to exchange shares of u" : "expected no exchange without r, or with one share");
  return exchanges ? verifyShape(*this, "exchange", getExchange(), {{2, shares, heads, p}}) : success();
}
