// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/dialect/Comparison.h"
#include "mixc/dialect/Tile.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/FunctionImplementation.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/Support/CheckedArithmetic.h"

using namespace mlir;
using namespace mixc::tile;

#define GET_OP_CLASSES
#include "mixc/dialect/TileOps.cpp.inc"

//===--- ProgramOp ---===//

void ProgramOp::build(OpBuilder &b, OperationState &state, StringRef name, StringRef spec, Attribute plan, ArrayRef<Attribute> buffers) {
  state.addAttribute(getSymNameAttrName(state.name), b.getStringAttr(name));
  state.addAttribute(getSpecAttrName(state.name), FlatSymbolRefAttr::get(b.getContext(), spec));
  state.addAttribute(getPlanAttrName(state.name), plan);
  state.addAttribute(getBuffersAttrName(state.name), b.getArrayAttr(buffers));
  state.addRegion()->emplaceBlock();
}

LogicalResult ProgramOp::verifyRegions() {
  for (auto buffer : getBuffers().getAsRange<BufferAttr>())
    if (!getBands() && buffer.getBands() >= 0) // C2
      return emitOpError("expected bands on the program for the buffer ") << buffer;
  KernelOp first;
  for (KernelOp kernel : getBody().getOps<KernelOp>()) {
    if (!first)
      first = kernel;
    if (!getBands() && kernel.getGrid().getBands()) // C2
      return kernel.emitOpError("expected bands on the program for ") << kernel.getGrid();
    if (kernel.getArgumentTypes() != first.getArgumentTypes()) // C1
      return kernel.emitOpError("expected the argument types of kernel @") << first.getSymName();
  }
  return success();
}

//===--- KernelOp ---===//

void KernelOp::build(OpBuilder &b, OperationState &state, StringRef name, TypeRange memrefs, GridAttr grid, When when) {
  SmallVector<Type> types(kFirstMemref, b.getIndexType());
  types.append(memrefs.begin(), memrefs.end());
  state.addAttribute(getSymNameAttrName(state.name), b.getStringAttr(name));
  state.addAttribute(getFunctionTypeAttrName(state.name), TypeAttr::get(b.getFunctionType(types, {})));
  state.addAttribute(getGridAttrName(state.name), grid);
  state.addAttribute(getWhenAttrName(state.name), WhenAttr::get(b.getContext(), when));
  Block &block = state.addRegion()->emplaceBlock();
  for (Type type : types)
    block.addArgument(type, state.location);
}

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

/// At least one, and few enough for sums of the bytes of all tiles.
static bool hasFewElements(RankedTensorType type) {
  std::optional<int64_t> elements = 1;
  for (int64_t d = 0; elements && d < type.getRank(); ++d)
    elements = llvm::checkedMul(*elements, type.getDimSize(d));
  return elements && *elements > 0 && *elements <= int64_t(1) << 40;
}

LogicalResult KernelOp::verify() {
  if (failed(verifyKernelArguments(*this))) // C1, C2
    return failure();
  if (getBody().empty() || getBody().front().empty() || !isa<ReturnOp>(getBody().back().back())) // C2
    return emitOpError("expected a body that ends in tile.return");
  WalkResult walk = getBody().walk([](Operation *op) {
    if (isConstantComparison(*op))
      return WalkResult(op->emitOpError("expected a predicate that depends on the operands; write the constant instead"));
    for (Type result : op->getResultTypes())
      if (auto type = dyn_cast<RankedTensorType>(result); type && type.hasStaticShape() && !hasFewElements(type)) // C3
        return WalkResult(op->emitOpError("expected tiles of 1 to 2^40 elements, got ") << type);
    return WalkResult::advance();
  });
  return failure(walk.wasInterrupted());
}

LogicalResult ReverseOp::verify() {
  auto type = cast<MemRefType>(getSource().getType());
  if (getDim() >= uint64_t(type.getRank())) // C1
    return emitOpError("expected one of ") << type.getRank() << " dimensions, got " << int64_t(getDim());
  auto [strides, offset] = type.getStridesAndOffset();
  if (!ShapedType::isDynamic(strides[getDim()]) || !ShapedType::isDynamic(offset)) // C1
    return emitOpError("expected a dynamic stride of dimension ") << getDim() << " and a dynamic offset, got " << type;
  return success();
}

/// Whether the op is a transfer, of this dialect or one that it is lowered to, which runs along `dim` and stands at 0 of `through`.
static bool stepsAlong(Operation *op, int64_t dim, std::optional<int64_t> through) {
  auto dims = op->getAttrOfType<DenseI64ArrayAttr>("dims"), offsets = op->getAttrOfType<DenseI64ArrayAttr>("static_offsets");
  if (!dims || !offsets || !llvm::is_contained(dims.asArrayRef(), dim))
    return false;
  return !through || (!llvm::is_contained(dims.asArrayRef(), *through) && *through < offsets.size() && offsets[*through] == 0);
}

/// Whether the op is tile.load, or one that it is lowered to.
static bool isLoad(Operation *op) {
  StringRef name = op->getName().stripDialect();
  return name == "load" || name == "copy";
}

LogicalResult EarlierOp::verify() {
  int64_t dim = getDim(), by = getBy(), rank = cast<MemRefType>(getSource().getType()).getRank();
  if (dim < 0 || dim >= rank || by < 1) // C1
    return emitOpError("expected one of ") << rank << " dimensions and by at least 1, got " << dim << " and " << by;
  for (Operation *user : getResult().getUsers()) { // C2
    auto steps = dyn_cast<StepsOp>(user);
    if (steps ? int64_t(steps.getDim()) != dim : !isLoad(user) || !stepsAlong(user, dim, std::nullopt))
      return emitOpError("expected loads along dimension ") << dim << ", or its steps, got " << *user;
  }
  return success();
}

LogicalResult StepsOp::verify() {
  auto type = cast<MemRefType>(getSource().getType());
  int64_t dim = getDim(), count = getCount(), rank = type.getRank();
  std::optional<int64_t> through = getThrough();
  if (dim < 0 || dim >= rank || count < 1) // C1
    return emitOpError("expected one of ") << rank << " dimensions and a count of at least 1, got " << dim << " and " << count;
  if (through && (*through < 0 || *through >= rank || *through == dim || type.getDimSize(*through) != count)) // C1
    return emitOpError("expected through another dimension, of size ") << count << ", got " << *through << " of " << type;
  bool isEarlier = bool(getSource().getDefiningOp<EarlierOp>());
  for (Operation *user : getResult().getUsers()) // C2
    if (!stepsAlong(user, dim, through) || (isEarlier && !isLoad(user)))
      return emitOpError("expected loads") << (isEarlier ? "" : " and stores") << " along dimension " << dim
                                           << " alone that begin at 0 of the steps, got " << *user;
  return success();
}

LogicalResult BandsOp::verify() {
  Operation *kernel = (*this)->getParentOfType<FunctionOpInterface>(), *program = kernel ? kernel->getParentOp() : nullptr;
  if (program && !program->hasAttr("bands")) // C1
    return emitOpError("expected a program with bands");
  return success();
}

LogicalResult PartOp::verify() {
  if (getCount() < 1) // C1
    return emitOpError("expected a positive count, got ") << getCount();
  auto kernel = (*this)->getParentOfType<KernelOp>();
  WalkResult same = !kernel ? WalkResult::advance() : kernel.walk([&](PartOp other) {
    return other.getCountAttr() == getCountAttr() ? WalkResult::advance() : WalkResult::interrupt();
  });
  if (same.wasInterrupted()) // C1
    return emitOpError("expected one count in all of the kernel, got ") << getCount() << " and another";
  return success();
}

LogicalResult SequenceOp::verify() {
  const int64_t rows = getRows();
  if (rows < 0 || (rows > 0 && getSplit())) // C1
    return emitOpError("expected rows of at least 0, and none with split, got ") << rows;
  return success();
}

template <typename Op> static LogicalResult verifyFlag(Op op) {
  auto type = cast<MemRefType>(op.getFlags().getType());
  if (!type.getElementType().isF32() || type.getRank() != int64_t(op.getIndices().size())) // C1
    return op.emitOpError("expected a memref of f32 with ") << op.getIndices().size() << " dimensions, got " << type;
  return success();
}

LogicalResult ReleaseOp::verify() { return verifyFlag(*this); }
LogicalResult AcquireOp::verify() { return verifyFlag(*this); }

//===--- LoadOp, StoreOp ---===//

template <typename Op> static LogicalResult verifyTile(Op op, ShapedType tile, MemRefType memref) {
  if (failed(verifyTransfer(op, memref, tile.getRank()))) // C1, C2
    return failure();
  if (!isa<FloatType>(tile.getElementType()) || !isa<FloatType>(memref.getElementType())) // C3
    return op.emitOpError("expected float elements, got ") << memref.getElementType() << " and " << tile.getElementType();
  return success();
}

template <typename Op>
static void addTransferAttributes(OpBuilder &b, OperationState &state, ArrayRef<OpFoldResult> offsets, ArrayRef<int64_t> dims,
                                  ArrayRef<OpFoldResult> limits, bool optional, int before) {
  SmallVector<Value> dynOffsets, dynLimits;
  SmallVector<int64_t> staticOffsets, staticLimits;
  dispatchIndexOpFoldResults(offsets, dynOffsets, staticOffsets);
  dispatchIndexOpFoldResults(limits, dynLimits, staticLimits);
  state.addOperands(dynOffsets);
  state.addOperands(dynLimits);
  SmallVector<int32_t> segments(before, 1);
  segments.push_back(dynOffsets.size());
  segments.push_back(dynLimits.size());
  auto &props = state.getOrAddProperties<typename Op::Properties>();
  llvm::copy(segments, props.operandSegmentSizes.begin());
  props.static_offsets = b.getDenseI64ArrayAttr(staticOffsets);
  props.static_limits = b.getDenseI64ArrayAttr(staticLimits);
  props.dims = b.getDenseI64ArrayAttr(dims);
  if (optional)
    props.optional = b.getUnitAttr();
}

void LoadOp::build(OpBuilder &b, OperationState &state, Type tile, Value source, ArrayRef<OpFoldResult> offsets, ArrayRef<int64_t> dims,
                   ArrayRef<OpFoldResult> limits, bool optional) {
  state.addOperands(source);
  addTransferAttributes<LoadOp>(b, state, offsets, dims, limits, optional, 1);
  state.addTypes(tile);
}

LogicalResult LoadOp::verify() { return verifyTile(*this, cast<ShapedType>(getTile().getType()), cast<MemRefType>(getSource().getType())); }

void LoadOp::getEffects(SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  effects.emplace_back(MemoryEffects::Read::get(), &getSourceMutable());
}

void StoreOp::build(OpBuilder &b, OperationState &state, Value tile, Value dest, ArrayRef<OpFoldResult> offsets, ArrayRef<int64_t> dims,
                    ArrayRef<OpFoldResult> limits, bool optional) {
  state.addOperands({tile, dest});
  addTransferAttributes<StoreOp>(b, state, offsets, dims, limits, optional, 2);
}

LogicalResult StoreOp::verify() { return verifyTile(*this, cast<ShapedType>(getTile().getType()), cast<MemRefType>(getDest().getType())); }

void StoreOp::getEffects(SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  effects.emplace_back(MemoryEffects::Write::get(), &getDestMutable());
}

//===--- CumsumOp, LagOp, RunningSumOp, RunningMaxOp ---===//

static LogicalResult verifyRows(Operation *op, Value tile) {
  auto type = cast<ShapedType>(tile.getType());
  if (!type.getElementType().isF32() || type.getRank() < 1) // C1
    return op->emitOpError("expected an f32 tile of rank 1 or more, got ") << type;
  return success();
}

LogicalResult CumsumOp::verify() { return verifyRows(*this, getInput()); }

LogicalResult LagOp::verify() { return verifyRows(*this, getInput()); }

LogicalResult RunningSumOp::verify() { return verifyRows(*this, getInput()); }

LogicalResult RunningMaxOp::verify() { return verifyRows(*this, getInput()); }

LogicalResult mixc::tile::verifyBlocks(Operation *op, int64_t tokens, ArrayRef<int64_t> blocks, ArrayRef<int64_t> anchors) {
  if (blocks.empty() || blocks.size() != anchors.size())
    return op->emitOpError("expected one anchor for each of one or more blocks, got ") << anchors.size() << " for " << blocks.size();
  for (auto [block, anchor] : llvm::zip(blocks, anchors)) {
    if (block < 1 || tokens % block)
      return op->emitOpError("expected a block that divides the ") << tokens << " tokens, got " << block;
    if (anchor < 0 || anchor > block)
      return op->emitOpError("expected an anchor from 0 to ") << block << ", got " << anchor;
  }
  return success();
}

LogicalResult SpansOp::verify() {
  auto type = cast<ShapedType>(getInput().getType()), spans = cast<ShapedType>(getSpans().getType());
  if (!type.getElementType().isF32() || type.getRank() != 2) // C1
    return emitOpError("expected an f32 tile of rank 2, got ") << type;
  if (failed(verifyBlocks(*this, type.getDimSize(0), getBlocks(), getAnchors()))) // C2
    return failure();
  const int64_t sizes = getBlocks().size();
  if (!spans.getElementType().isF32() || spans.getShape() != ArrayRef<int64_t>{sizes, type.getDimSize(0), type.getDimSize(1)}) // C1
    return emitOpError("expected f32 spans of ") << sizes << " times " << type << ", got " << spans;
  return success();
}

//===--- GuardOp, SinceResetOp ---===//

static LogicalResult verifyOperand(Operation *op, StringRef name, Value value, ArrayRef<int64_t> shape, bool anyFloat = false) {
  auto type = cast<ShapedType>(value.getType());
  if (anyFloat ? !isa<FloatType>(type.getElementType()) : !type.getElementType().isF32())
    return op->emitOpError("expected ") << name << " to hold " << (anyFloat ? "floats" : "f32") << ", got " << type.getElementType();
  if (type.getShape() != shape)
    return op->emitOpError("expected ") << name << " of shape [" << shape << "], got [" << type.getShape() << "]";
  return success();
}

LogicalResult GuardOp::verify() {
  ArrayRef<int64_t> shape = cast<ShapedType>(getSums().getType()).getShape();
  if (shape.size() != 3) // C1
    return emitOpError("expected sums of rank 3, got ") << shape.size();
  int64_t h = shape[0], p = shape[1], t = shape[2];
  if (failed(verifyOperand(*this, "the sums", getSums(), shape)) || failed(verifyOperand(*this, "x", getX(), {t, h, p}, /*anyFloat=*/true)))
    return failure();
  return getResets() ? verifyOperand(*this, "resets", getResets(), {h, t}) : success();
}

LogicalResult SinceResetOp::verify() {
  ArrayRef<int64_t> shape = cast<ShapedType>(getState().getType()).getShape(), x = cast<ShapedType>(getX().getType()).getShape();
  if (shape.size() != 3 || x.size() != 3) // C1
    return emitOpError("expected a state and x of rank 3, got ") << shape.size() << " and " << x.size();
  int64_t h = shape[0], p = shape[1], n = shape[2], s = x[0];
  return success(succeeded(verifyOperand(*this, "the state", getState(), shape)) &&
                 succeeded(verifyOperand(*this, "x", getX(), {s, h, p}, /*anyFloat=*/true)) &&
                 succeeded(verifyOperand(*this, "scale", getScale(), {h, s})) &&
                 succeeded(verifyOperand(*this, "b", getB(), {s, n}, /*anyFloat=*/true)) &&
                 succeeded(verifyOperand(*this, "resets", getResets(), {h, s})));
}

//===--- SolveOp ---===//

LogicalResult SolveOp::verify() {
  ArrayRef<int64_t> sums = cast<ShapedType>(getSums().getType()).getShape();
  if (sums.size() != 3) // C1
    return emitOpError("expected sums of rank 3, got ") << sums.size();
  int64_t h = sums[0], p = sums[1], t = sums[2];
  return success(succeeded(verifyOperand(*this, "the sums", getSums(), sums)) &&
                 succeeded(verifyOperand(*this, "the matrix", getMatrix(), {h, t, t})) &&
                 succeeded(verifyOperand(*this, "the result", getResult(), {t, h, p})));
}

//===--- ScanOp ---===//

/// Of rows of the state: for each column, for each head, or for all of them alike.
static LogicalResult verifyRowsOfState(Operation *op, StringRef name, Value value, ArrayRef<int64_t> ofColumns, ArrayRef<int64_t> ofEach,
                                       ArrayRef<int64_t> ofAll) {
  int64_t rank = cast<ShapedType>(value.getType()).getRank();
  return verifyOperand(op, name, value, rank == 4 ? ofColumns : rank == 3 ? ofEach : ofAll);
}

LogicalResult ScanOp::verify() {
  auto x = cast<ShapedType>(getX().getType());
  auto init = cast<ShapedType>(getInit().getType());
  if (x.getRank() != 3 || init.getRank() != 3) // C1
    return emitOpError("expected x and init of rank 3, got ") << x.getRank() << " and " << init.getRank();
  int64_t q = x.getDimSize(0), h = x.getDimSize(1), p = x.getDimSize(2), n = init.getDimSize(1);
  if (getExcess() && (!getDecay() || getExcess().getType() != getDecay().getType())) // C5
    return emitOpError("expected excess with a decay of its type, got ") << getExcess().getType();
  if (Value decay = getDecay()) { // C1, C2
    auto type = cast<ShapedType>(decay.getType());
    int64_t entries = type.getRank() == 4 && type.getDimSize(2) == 1 ? 1 : n;
    if (failed(verifyRowsOfState(*this, "decay", decay, {q, h, entries, p}, {h, n, q}, {h, q})))
      return failure();
  }
  bool ofColumns = false;
  if (getAcross() && failed(verifyOperand(*this, "c", getC(), {q, h, p}))) // C1
    return failure();
  for (auto [name, value] :
       {std::pair<StringRef, Value>{"b", getB()}, {"c", getAcross() ? Value() : getC()}, {"l", getL()}, {"r", getR()}}) {
    if (value && failed(verifyRowsOfState(*this, name, value, {q, h, n, p}, {q, h, n}, {q, n})))
      return failure();
    ofColumns |= value && cast<ShapedType>(value.getType()).getRank() == 4;
  }
  if (getL() && !getR()) // C3
    return emitOpError("expected r beside l");
  bool ofEntries = getDecay() && cast<ShapedType>(getDecay().getType()).getRank() != 2;
  if (getAssociative() && (getR() || getPre() || getAcross() || ofEntries || getExcess() || ofColumns)) // C4
    return emitOpError("expected associative without ") << (getR()        ? "r"
                                                            : getPre()    ? "pre"
                                                            : getAcross() ? "across"
                                                            : ofEntries   ? "a decay for each entry"
                                                            : getExcess() ? "excess"
                                                                          : "b or c for each column");
  return success(succeeded(verifyOperand(*this, "x", getX(), {q, h, p})) && succeeded(verifyOperand(*this, "init", getInit(), {h, n, p})) &&
                 succeeded(verifyOperand(*this, "y", getY(), {q, h, getAcross() ? n : p})) &&
                 succeeded(verifyOperand(*this, "state", getState(), {h, n, p})));
}
