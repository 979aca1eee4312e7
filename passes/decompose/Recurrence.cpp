// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Recurrence.h"
#include "mixc/passes/Forms.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;

namespace mixc {

//===--- Analysis ---===//

static LogicalResult checkHeads(mixer::SpecOp spec, mixer::AlgorithmAttr plan, const Recurrence &recurrence) {
  int64_t heads = spec.getSize("H").value_or(1), groups = spec.getSize("G").value_or(1), perBlock = plan.getHeads();
  if (perBlock < 1 || heads % perBlock)
    return spec.emitOpError("expected heads per block that divide H = ") << heads << ", got " << perBlock;
  if ((heads / groups) % perBlock)
    return spec.emitOpError("expected heads per block that divide H / G = ") << heads / groups << ", got " << perBlock;
  int64_t pblock = plan.getPblock() ? plan.getPblock() : spec.getSize("P").value_or(1);
  int64_t pblocks = llvm::divideCeil(spec.getSize("P").value_or(1), pblock), parts = std::max<int64_t>(1, plan.getWarpgroups());
  if (int64_t headParts = parts / std::gcd(parts, pblocks); (heads / groups / perBlock) % headParts)
    return spec.emitOpError("expected warpgroups whose heads share b and c: a divisor of ")
           << heads / groups / perBlock * pblocks << ", got " << parts;
  for (Value value : {recurrence.b, recurrence.c})
    if (perBlock > 1 && typeOf(value).hasDim("H"))
      return spec.emitOpError("expected heads = 1 per block because b or c has its own heads, got ") << perBlock;
  if (plan.getChunk() < 1)
    return spec.emitOpError("expected a chunk of at least 1 token, got ") << plan.getChunk();
  if (plan.getAlgorithm() != mixer::Algorithm::Scan && plan.getChunk() % 16)
    return spec.emitOpError("expected a chunk that is a multiple of 16, got ") << plan.getChunk();
  return success();
}

static LogicalResult checkSizes(mixer::SpecOp spec) {
  auto check = [&](mixer::TensorType type, StringRef name) -> LogicalResult {
    for (StringAttr dim : type.getDims())
      if (mixer::kBoundDims.contains(dim.getValue()) && !spec.getSize(dim.getValue()))
        return spec.emitOpError("expected a size for dimension ")
               << dim.getValue() << " of " << name << "; bind it with --shape " << dim.getValue() << "=...";
    if (type.getIo() && !spec.getIoType())
      return spec.emitOpError("expected the io type to be bound; pass --dtype=f32, bf16 or f16");
    return success();
  };
  for (unsigned i = 0; i < spec.getNumArgs(); ++i)
    if (failed(check(spec.getArgType(i), spec.getArgName(i))))
      return failure();
  for (unsigned i = 0; i < spec.getNumOutputs(); ++i)
    if (failed(check(spec.getResultType(i), spec.getResultName(i))))
      return failure();
  return success();
}

FailureOr<Recurrence> analyseRecurrence(mixer::SpecOp spec, mixer::AlgorithmAttr plan) {
  Recurrence recurrence;
  llvm::DenseMap<Value, unsigned> columnOfState;
  if (failed(checkForms(spec)))
    return failure();
  for (auto op : spec.getBodyRegion().getOps<mixer::SemiseparableOp>()) {
    if (recurrence.columns.empty()) {
      recurrence.b = op.getB();
      recurrence.c = op.getC();
      recurrence.decay = op.getDecay();
      recurrence.factoredB = factorTokenScale(op.getB(), "N");
      recurrence.factoredC = factorTokenScale(op.getC(), "N");
    }
    columnOfState[op.getState()] = recurrence.columns.size();
    recurrence.columns.push_back({op, typeOf(op.getX()).hasDim("P"), factorTokenScale(op.getX(), "P")});
  }
  if (failed(checkSizes(spec)) || failed(checkHeads(spec, plan, recurrence)))
    return failure();
  for (auto [i, value] : llvm::enumerate(spec.getReturn().getResults())) {
    if (auto found = columnOfState.find(value); found != columnOfState.end())
      recurrence.columns[found->second].stateResult = i;
    else
      recurrence.outputs.push_back(i);
  }
  return recurrence;
}

//===--- Programs ---===//

static MemRefType stridedMemref(ArrayRef<int64_t> dims, Type elem) {
  SmallVector<int64_t> strides(dims.size(), ShapedType::kDynamic);
  return MemRefType::get(dims, elem, StridedLayoutAttr::get(elem.getContext(), ShapedType::kDynamic, strides));
}

static MemRefType memrefOf(mixer::SpecOp spec, mixer::TensorType type) {
  SmallVector<int64_t> dims;
  for (StringAttr dim : type.getDims())
    dims.push_back(spec.getSize(dim.getValue()).value_or(ShapedType::kDynamic));
  return stridedMemref(dims, type.getIo() ? spec.getIoType() : Float32Type::get(spec.getContext()));
}

ProgramBuilder::ProgramBuilder(mixer::SpecOp spec, mixer::AlgorithmAttr plan, const Recurrence &recurrence)
    : spec(spec), plan(plan), recurrence(recurrence), shape(spec, plan), shapeOfStates(shape.ofStates()) {
  for (unsigned i = 0; i < spec.getNumArgs(); ++i)
    memrefs.push_back(memrefOf(spec, spec.getArgType(i)));
  for (unsigned i = 0; i < spec.getNumOutputs(); ++i)
    memrefs.push_back(memrefOf(spec, spec.getResultType(i)));
  tensors = memrefs.size();
  units = shape.headBlocks * shape.pblocks;

  Operation *module = spec->getParentOp();
  std::string base = (spec.getSymName() + "_" + stringifyAlgorithm(plan.getAlgorithm())).str(), name = base;
  for (unsigned i = 1; SymbolTable::lookupSymbolIn(module, name); ++i)
    name = base + std::to_string(i);
  OpBuilder builder(spec.getContext());
  builder.setInsertionPointToEnd(&module->getRegion(0).front());
  program = tile::ProgramOp::create(builder, spec.getLoc(), name, spec.getSymName(), plan, ArrayRef<Attribute>());
}

void ProgramBuilder::useSegments() {
  if (!program.getBuffers().empty())
    return;
  int64_t heads = spec.getSize("H").value_or(1);
  SmallVector<Attribute> buffers;
  auto add = [&](ArrayRef<int64_t> inner) {
    SmallVector<int64_t> sizes = {tile::kSizeBatch, tile::kSizeSplits}, dims(2, ShapedType::kDynamic);
    llvm::append_range(sizes, inner);
    llvm::append_range(dims, inner);
    buffers.push_back(tile::BufferAttr::get(spec.getContext(), sizes));
    // Contiguous: the strides inside a segment are known, which spares the kernels their address arithmetic.
    SmallVector<int64_t> strides(dims.size(), ShapedType::kDynamic);
    strides.back() = 1;
    for (unsigned d = dims.size() - 2; d >= 1; --d)
      strides[d] = strides[d + 1] * dims[d + 1];
    Type elem = Float32Type::get(spec.getContext());
    memrefs.push_back(MemRefType::get(dims, elem, StridedLayoutAttr::get(elem.getContext(), ShapedType::kDynamic, strides)));
  };
  for (const Column &column : recurrence.columns)
    add({shape.pieces * heads, column.hasP ? shape.p : 1, shape.n});
  add({shape.pieces * heads});
  if (canHalve())
    add({units});
  program.setBuffersAttr(ArrayAttr::get(spec.getContext(), buffers));
}

void ProgramBuilder::addKernel(StringRef name, bool splits, int64_t rows, tile::When when,
                               function_ref<void(TileBuilder &, SpecValues &)> body, int64_t pieces, bool states) {
  // Work without tokens has nothing that parts could share.
  int64_t parts = splits ? shape.parts : 1;
  OpBuilder builder = OpBuilder::atBlockEnd(&program.getBody().front());
  bool halves = canHalve() && splits && when == tile::When::Always;
  const PlanShape &own = states ? shapeOfStates : shape;
  int64_t blocks = when == tile::When::Halved ? 1 : own.headBlocks * own.pblocks / parts * pieces;
  auto grid = tile::GridAttr::get(spec.getContext(), blocks, /*batch=*/true, splits, rows, halves);
  auto kernel = tile::KernelOp::create(builder, spec.getLoc(), name, TypeRange(memrefs), grid, when);
  TileBuilder b(kernel, own, parts, pieces);
  SpecValues values(spec, b);
  body(b, values);
  tile::ReturnOp::create(b);
}

LogicalResult decomposePlans(Operation *module, mixer::Algorithm algorithm, function_ref<void(ProgramBuilder &)> build) {
  for (auto spec : llvm::to_vector(module->getRegion(0).getOps<mixer::SpecOp>())) {
    if (!spec.getPlans())
      return spec.emitOpError("expected plans; run --mixer-select or write them");
    for (auto plan : spec.getPlans()->getAsRange<mixer::AlgorithmAttr>()) {
      if (plan.getAlgorithm() != algorithm)
        continue;
      FailureOr<Recurrence> recurrence = analyseRecurrence(spec, plan);
      if (failed(recurrence))
        return failure();
      ProgramBuilder program(spec, plan, *recurrence);
      build(program);
    }
  }
  return success();
}

//===--- Shared pieces ---===//

SmallVector<Axis, 3> stateAxes(const ProgramBuilder &program, const Column &column) {
  if (program.plan.getAlgorithm() == mixer::Algorithm::Scan)
    return {Axis::H, Axis::N, column.axis()};
  return {Axis::H, column.axis(), Axis::N};
}

Tile loadInitialState(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, const Column &column) {
  SmallVector<Axis, 3> axes = stateAxes(program, column);
  mixer::SemiseparableOp op = column.op;
  if (!op.getInit())
    return b.zeros(axes);
  SmallVector<Axis> present;
  for (Axis axis : axes)
    if (typeOf(op.getInit()).hasDim(letterOf(axis)))
      present.push_back(axis);
  Tile tile;
  if (auto argument = dyn_cast<BlockArgument>(op.getInit())) {
    tile = b.load(argument.getArgNumber(), typeOf(argument), present, b.getF32Type(), nullptr,
                  values.spec.isArgOptional(argument.getArgNumber()));
    if (present.size() == axes.size())
      return tile;
    return b.generic(axes, b.getF32Type(), {tile}, [&](TileBuilder &, ValueRange v) {
      return b.shape.n == 1 && b.shape.nTile > 1 ? b.zeroFrom(v[0], Axis::N, b.index(1)) : v[0];
    });
  }
  TokenScope none({}, {});
  return values.evaluate({op.getInit(), {}}, axes, b.getF32Type(), none, [&](TileBuilder &, Value v) {
    return b.shape.n < b.shape.nTile ? b.zeroFrom(v, Axis::N, b.index(b.shape.n)) : v;
  });
}

/// The tile over those of its axes that `type` has; the others hold one value and are read at 0.
static Tile dropMissingAxes(TileBuilder &b, const Tile &tile, mixer::TensorType type) {
  SmallVector<Axis> kept;
  Tile narrowed = tile;
  for (Tile::Use &use : narrowed.axes)
    if (type.hasDim(letterOf(use.axis)))
      kept.push_back(use.axis);
    else
      use.at = 0;
  if (kept.size() == tile.axes.size())
    return tile;
  return b.generic(kept, cast<ShapedType>(tile.value.getType()).getElementType(), {narrowed},
                   [](TileBuilder &, ValueRange v) { return v[0]; });
}

void storeFinalState(TileBuilder &b, const ProgramBuilder &program, const Column &column, const Tile &state) {
  if (column.stateResult < 0)
    return;
  mixer::SpecOp spec = program.spec;
  mixer::TensorType type = spec.getResultType(column.stateResult);
  Type elem = type.getIo() ? program.shape.io : Type(b.getF32Type());
  Tile tile = b.cast(dropMissingAxes(b, state, type), elem);
  b.store(tile, spec.getNumArgs() + column.stateResult, type, nullptr, spec.isResultOptional(column.stateResult));
}

void storeOutputs(TileBuilder &b, SpecValues &values, const ProgramBuilder &program, ArrayRef<Tile> ys, ArrayRef<Axis> axes,
                  TokenScope &tokens) {
  mixer::SpecOp spec = program.spec;
  for (auto [column, y] : llvm::zip(program.recurrence.columns, ys))
    values.bind(column.op->getResult(0), y, tokens);
  for (unsigned i : program.recurrence.outputs) {
    mixer::TensorType type = spec.getResultType(i);
    Type elem = type.getIo() ? program.shape.io : Type(b.getF32Type());
    SmallVector<Axis> out;
    for (Axis axis : axes)
      if (type.hasDim(letterOf(axis)))
        out.push_back(axis);
    Tile tile = values.evaluate({spec.getReturn().getResults()[i], {}}, out, elem, tokens);
    b.store(tile, spec.getNumArgs() + i, type, &tokens, spec.isResultOptional(i));
  }
}

SmallVector<Tile> loopOverChunks(TileBuilder &b, SpecValues &values, Value begin, Value end, ArrayRef<Tile> init,
                                 function_ref<SmallVector<Tile>(TokenScope &, ArrayRef<Tile>)> body) {
  SmallVector<Value> initValues;
  for (const Tile &tile : init)
    initValues.push_back(tile.value);
  auto loop = scf::ForOp::create(b, begin, end, b.index(b.shape.chunk), initValues);
  values.setEntry(loop);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    Value valid = arith::SubIOp::create(b, b.length(), loop.getInductionVar());
    TokenScope tokens(loop.getInductionVar(), valid);
    SmallVector<Tile> carried(init.begin(), init.end());
    for (auto [tile, value] : llvm::zip(carried, loop.getRegionIterArgs()))
      tile.value = value;
    SmallVector<Value> yielded;
    for (const Tile &tile : body(tokens, carried))
      yielded.push_back(tile.value);
    if (!yielded.empty())
      scf::YieldOp::create(b, yielded);
  }
  SmallVector<Tile> results(init.begin(), init.end());
  for (auto [tile, value] : llvm::zip(results, loop.getResults()))
    tile.value = value;
  return results;
}

Tile decayTile(TileBuilder &b, SpecValues &values, const Recurrence &recurrence, TokenScope &tokens) {
  if (!recurrence.decay)
    return {};
  return values.evaluate({recurrence.decay, {}}, {Axis::H, Axis::T}, b.getF32Type(), tokens, [&](TileBuilder &, Value g) {
    Value log2e = arith::ConstantOp::create(b, b.getF32FloatAttr(1.44269504f));
    return b.zeroFrom(arith::MulFOp::create(b, g, log2e), Axis::T, tokens.valid);
  });
}

} // namespace mixc
