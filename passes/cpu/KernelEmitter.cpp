// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "KernelEmitter.h"
#include "KernelOps.h"

using namespace mlir;

namespace mixc::cpu {

KernelEmitter::KernelEmitter(tile::KernelOp kernel, const TileBuffers &buffers, int64_t vectorWidth)
    : ImplicitLocOpBuilder(kernel.getLoc(), kernel.getContext()), kernel(kernel), buffers(buffers),
      vectorWidth(vectorWidth) {}

//===--- Small pieces ---===//

static int64_t bytesOf(Type elem) { return elem.getIntOrFloatBitWidth() / 8; }

Value KernelEmitter::index(int64_t value) { return arith::ConstantIndexOp::create(*this, value); }

Value KernelEmitter::f32(float value, int64_t lanes) {
  auto type = VectorType::get(lanes, getF32Type());
  return arith::ConstantOp::create(*this, DenseElementsAttr::get(type, value));
}

Value KernelEmitter::address(Value base, int64_t bytes, ArrayRef<Term> terms) {
  Value sum;
  for (const Term &term : terms) {
    if (term.bytes == 0 || !term.index || getConstantIntValue(term.index) == 0)
      continue;
    Value product = term.bytes == 1 ? term.index : arith::MulIOp::create(*this, term.index, index(term.bytes));
    sum = sum ? arith::AddIOp::create(*this, sum, product).getResult() : product;
  }
  Type pointer = LLVM::LLVMPointerType::get(getContext());
  if (sum) {
    Value offset = arith::IndexCastOp::create(*this, getI64Type(), sum);
    base = LLVM::GEPOp::create(*this, pointer, getI8Type(), base, ArrayRef<LLVM::GEPArg>{offset});
  }
  if (bytes)
    base = LLVM::GEPOp::create(*this, pointer, getI8Type(), base, ArrayRef<LLVM::GEPArg>{int32_t(bytes)});
  return base;
}

Value KernelEmitter::address(const Tile &tile, int64_t element, ArrayRef<int64_t> strides, ValueRange indices) {
  int64_t bytes = bytesOf(tile.type.getElementType());
  SmallVector<Term> terms;
  for (auto [stride, index] : llvm::zip_equal(strides, indices))
    terms.push_back({index, stride * bytes});
  return address(scratch, tile.offset + element * bytes, terms);
}

/// bf16 travels as i16 through memory: x86 has no bf16 registers.
static Type memoryType(Type elem) { return elem.isBF16() ? IntegerType::get(elem.getContext(), 16) : elem; }

static Value fromMemory(ImplicitLocOpBuilder &b, Value raw, Type elem) {
  auto type = cast<VectorType>(raw.getType());
  return elem == type.getElementType() ? raw : arith::BitcastOp::create(b, type.clone(elem), raw).getResult();
}

static Value toMemory(ImplicitLocOpBuilder &b, Value vector) {
  auto type = cast<VectorType>(vector.getType());
  return fromMemory(b, vector, memoryType(type.getElementType()));
}

Value KernelEmitter::loadVector(Type elem, int64_t lanes, Value pointer) {
  auto type = VectorType::get(lanes, memoryType(elem));
  return fromMemory(*this, LLVM::LoadOp::create(*this, type, pointer, bytesOf(elem)), elem);
}

void KernelEmitter::storeVector(Value vector, Value pointer) {
  int64_t alignment = bytesOf(getElementTypeOrSelf(vector.getType()));
  LLVM::StoreOp::create(*this, toMemory(*this, vector), pointer, alignment);
}

Value KernelEmitter::loadMasked(Type elem, Value pointer, Value mask) {
  auto type = cast<VectorType>(mask.getType()).clone(memoryType(elem));
  Value zero = arith::ConstantOp::create(*this, cast<TypedAttr>(getZeroAttr(type)));
  return fromMemory(*this, LLVM::MaskedLoadOp::create(*this, type, pointer, mask, zero, bytesOf(elem)), elem);
}

void KernelEmitter::storeMasked(Value vector, Value pointer, Value mask) {
  int64_t alignment = bytesOf(getElementTypeOrSelf(vector.getType()));
  LLVM::MaskedStoreOp::create(*this, toMemory(*this, vector), pointer, mask, alignment);
}

Value KernelEmitter::read(const Tile &tile, int64_t element, ArrayRef<int64_t> coefficients, ValueRange ivs,
                          int64_t along, int64_t lanes) {
  Type elem = tile.type.getElementType();
  if (!tile.isBuffer()) {
    TypedAttr value = tile.splat ? cast<TypedAttr>(tile.splat) : FloatAttr::get(elem, 0);
    return splat(arith::ConstantOp::create(*this, value), lanes);
  }
  auto load = [&](int64_t offset, int64_t count) {
    return loadVector(elem, count, address(tile, element + offset, coefficients, ivs));
  };
  if (along == 1 || lanes == 1)
    return load(0, lanes);
  if (along == 0)
    return splat(vector::ExtractOp::create(*this, load(0, 1), 0), lanes);
  SmallVector<Value> parts;
  for (int64_t lane = 0; lane < lanes; ++lane)
    parts.push_back(vector::ExtractOp::create(*this, load(lane * along, 1), 0));
  return vector::FromElementsOp::create(*this, VectorType::get(lanes, elem), parts);
}

void KernelEmitter::write(Value vector, const Tile &tile, int64_t element, ArrayRef<int64_t> coefficients,
                          ValueRange ivs, int64_t along) {
  int64_t lanes = cast<VectorType>(vector.getType()).getNumElements();
  if (along == 1 || lanes == 1)
    return storeVector(vector, address(tile, element, coefficients, ivs));
  for (int64_t lane = 0; lane < lanes; ++lane)
    storeVector(splat(vector::ExtractOp::create(*this, vector, lane), 1),
                address(tile, element + lane * along, coefficients, ivs));
}

KernelEmitter::Operand KernelEmitter::accessTo(const Tile &tile, AffineMap map) {
  SmallVector<int64_t> strides = tile.strides;
  strides.resize(tile.type.getRank()); // a splat has none
  return {tile, *linearise(map, strides), {}};
}

Value KernelEmitter::splat(Value scalar, int64_t lanes) {
  return vector::BroadcastOp::create(*this, VectorType::get(lanes, scalar.getType()), scalar);
}

Value KernelEmitter::convert(Value value, Type elem) {
  Type from = getElementTypeOrSelf(value.getType());
  auto typeOf = [&](Type to) { return isa<VectorType>(value.getType()) ? cast<VectorType>(value.getType()).clone(to) : to; };
  if (from == elem)
    return value;
  // f16 and bf16 only meet by way of f32.
  if (from.getIntOrFloatBitWidth() == elem.getIntOrFloatBitWidth())
    return convert(convert(value, getF32Type()), elem);
  if (from.getIntOrFloatBitWidth() < elem.getIntOrFloatBitWidth())
    return arith::ExtFOp::create(*this, typeOf(elem), value);
  return arith::TruncFOp::create(*this, typeOf(elem), value);
}

void KernelEmitter::loop(int64_t size, int64_t step, function_ref<void(Value)> body) {
  if (size <= step)
    return body(index(0));
  auto op = scf::ForOp::create(*this, index(0), index(size), index(step));
  InsertionGuard guard(*this);
  setInsertionPointToStart(op.getBody());
  body(op.getInductionVar());
}

Tile KernelEmitter::placeOf(OpOperand &operand) const {
  if (std::optional<Tile> copied = buffers.copyOf(operand))
    return *copied;
  return buffers.lookup(operand.get());
}

//===--- Arguments ---===//

void KernelEmitter::readArguments(Value params, Value block) {
  int64_t next = 0;
  auto read = [&] {
    Value value = LLVM::LoadOp::create(*this, getI64Type(), address(params, 8 * next++, {}), 8);
    return value;
  };
  auto asIndex = [&](Value value) -> Value { return arith::IndexCastOp::create(*this, getIndexType(), value); };
  Block &body = kernel.getBody().front();
  scalars.map(body.getArgument(tile::KernelOp::kBlock), asIndex(block));
  for (unsigned i = tile::KernelOp::kBatch; i < tile::KernelOp::kFirstMemref; ++i)
    scalars.map(body.getArgument(i), asIndex(read()));
  for (BlockArgument arg : body.getArguments().drop_front(tile::KernelOp::kFirstMemref)) {
    auto type = cast<MemRefType>(arg.getType());
    Edge &edge = edges[arg];
    edge.pointer = LLVM::IntToPtrOp::create(*this, LLVM::LLVMPointerType::get(getContext()), read());
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      edge.strides.push_back(arith::MulIOp::create(*this, asIndex(read()), index(bytesOf(type.getElementType()))));
  }
}

void KernelEmitter::emit(Value params, Value block, Value scratchPointer) {
  scratch = scratchPointer;
  readArguments(params, block);
  emitBlock(kernel.getBody().front());
}

//===--- Control flow ---===//

void KernelEmitter::emitBlock(Block &block) {
  for (Operation &op : block.without_terminator()) {
    setLoc(op.getLoc());
    emitOp(&op);
  }
}

void KernelEmitter::emitOp(Operation *op) {
  if (buffers.isFused(op))
    return;
  if (isa<tile::ScanOp>(op))
    copyOperands(op);
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return emitFor(loop);
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return emitIf(branch);
  if (auto load = dyn_cast<tile::LoadOp>(op))
    return emitLoad(load);
  if (auto store = dyn_cast<tile::StoreOp>(op))
    return emitStore(store);
  if (auto sum = dyn_cast<tile::CumsumOp>(op))
    return emitCumsum(sum);
  if (auto scan = dyn_cast<tile::ScanOp>(op))
    return emitScan(scan);
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return emitLinalg(linalgOp);
  if (llvm::none_of(op->getResultTypes(), llvm::IsaPred<ShapedType>))
    clone(*op, scalars);
}

void KernelEmitter::emitLinalg(linalg::LinalgOp op) {
  copyOperands(op);
  if (isContraction(op))
    return emitContraction(op, {});
  for (Value operand : op->getOperands())
    if (auto producer = operand.getDefiningOp<linalg::LinalgOp>(); producer && buffers.isFused(producer))
      return emitContraction(producer, op);
  emitElementwise(op);
}

/// Brings operands, of fused operations too, to the layout that the loops need.
void KernelEmitter::copyOperands(Operation *op) {
  for (Value operand : op->getOperands())
    if (Operation *producer = operand.getDefiningOp(); producer && buffers.isFused(producer))
      copyOperands(producer);
  for (OpOperand &operand : op->getOpOperands())
    if (std::optional<Tile> to = buffers.copyOf(operand))
      copy(buffers.lookup(operand.get()), *to);
}

static bool isTile(Value value) { return isa<RankedTensorType>(value.getType()); }

/// Moves yielded tiles to their places and yields the scalars.
void KernelEmitter::emitYield(ValueRange yielded, ArrayRef<Tile> places) {
  SmallVector<Value> values;
  for (auto [value, place] : llvm::zip_equal(yielded, places)) {
    if (isTile(value))
      copy(buffers.lookup(value), place);
    else
      values.push_back(scalars.lookup(value));
  }
  scf::YieldOp::create(*this, values);
}

void KernelEmitter::emitFor(scf::ForOp op) {
  SmallVector<Value> inits;
  SmallVector<Tile> places;
  for (auto [init, arg] : llvm::zip_equal(op.getInitArgs(), op.getRegionIterArgs())) {
    places.push_back(isTile(arg) ? buffers.lookup(arg) : Tile());
    if (isTile(arg))
      copy(buffers.lookup(init), places.back());
    else
      inits.push_back(scalars.lookup(init));
  }
  auto loop = scf::ForOp::create(*this, scalars.lookup(op.getLowerBound()), scalars.lookup(op.getUpperBound()),
                                 scalars.lookup(op.getStep()), inits);
  if (inits.empty())
    loop.getBody()->getTerminator()->erase();
  scalars.map(op.getInductionVar(), loop.getInductionVar());
  unsigned next = 0;
  for (auto [arg, result] : llvm::zip_equal(op.getRegionIterArgs(), op.getResults()))
    if (!isTile(arg)) {
      scalars.map(arg, loop.getRegionIterArg(next));
      scalars.map(result, loop.getResult(next++));
    }
  InsertionGuard guard(*this);
  setInsertionPointToStart(loop.getBody());
  emitBlock(*op.getBody());
  emitYield(op.getYieldedValues(), places);
}

void KernelEmitter::emitIf(scf::IfOp op) {
  SmallVector<Type> types;
  SmallVector<Tile> places;
  for (Value result : op.getResults()) {
    places.push_back(isTile(result) ? buffers.lookup(result) : Tile());
    if (!isTile(result))
      types.push_back(result.getType());
  }
  bool hasElse = !op.getElseRegion().empty();
  auto branch = scf::IfOp::create(*this, types, scalars.lookup(op.getCondition()), /*addThenBlock=*/true, hasElse);
  for (auto [from, to] : llvm::zip_equal(op->getRegions(), branch->getRegions())) {
    if (from.empty())
      continue;
    InsertionGuard guard(*this);
    if (!to.front().empty())
      to.front().back().erase();
    setInsertionPointToStart(&to.front());
    emitBlock(from.front());
    emitYield(from.front().getTerminator()->getOperands(), places);
  }
  unsigned next = 0;
  for (Value result : op.getResults())
    if (!isTile(result))
      scalars.map(result, branch.getResult(next++));
}

//===--- Copies ---===//

void KernelEmitter::copy(const Tile &from, const Tile &to) {
  if (from.kind == Tile::Kind::Undefined || (from.isBuffer() && from.offset == to.offset && from.order == to.order))
    return;
  Type elem = to.type.getElementType();
  if (from.isBuffer() && from.order != to.order)
    return copyTransposed(from, to);
  int64_t count = to.type.getNumElements(), lanes = lanesFor(count, vectorWidth);
  Value value;
  if (!from.isBuffer())
    value = splat(arith::ConstantOp::create(*this, cast<TypedAttr>(from.splat)), lanes);
  loop(count, lanes, [&](Value i) {
    Value source = value ? value : loadVector(elem, lanes, address(from, 0, {1}, {i}));
    storeVector(source, address(to, 0, {1}, {i}));
  });
}

/// Step s exchanges the off-diagonal s x s blocks of every 2s x 2s block.
void transposeBlock(ImplicitLocOpBuilder &b, MutableArrayRef<Value> rows) {
  int64_t lanes = rows.size();
  for (int64_t s = 1; s < lanes; s *= 2)
    for (int64_t i = 0; i < lanes; ++i) {
      if (i & s)
        continue;
      SmallVector<int64_t> low, high;
      for (int64_t lane = 0; lane < lanes; ++lane) {
        low.push_back(lane & s ? lanes + (lane ^ s) : lane);
        high.push_back(lane & s ? lanes + lane : lane ^ s);
      }
      Value a = rows[i], c = rows[i + s];
      rows[i] = vector::ShuffleOp::create(b, a, c, low);
      rows[i + s] = vector::ShuffleOp::create(b, a, c, high);
    }
}

void KernelEmitter::copyTransposed(const Tile &from, const Tile &to) {
  Type elem = to.type.getElementType();
  int64_t source = from.innermost(), dest = to.innermost();
  int64_t lanes = 1;
  if (source != dest)
    while (lanes < vectorWidth && from.size(source) % (2 * lanes) == 0 && from.size(dest) % (2 * lanes) == 0)
      lanes *= 2;
  SmallVector<Value> ivs(from.order.size());
  auto body = [&] {
    SmallVector<Value> rows;
    for (int64_t i = 0; i < lanes; ++i)
      rows.push_back(loadVector(elem, lanes, address(from, i * from.strides[dest], from.strides, ivs)));
    transposeBlock(*this, rows);
    for (int64_t i = 0; i < lanes; ++i)
      storeVector(rows[i], address(to, i * to.strides[source], to.strides, ivs));
  };
  std::function<void(unsigned)> level = [&](unsigned depth) {
    if (depth == to.order.size())
      return body();
    int64_t dim = to.order[depth];
    loop(to.size(dim), dim == source || dim == dest ? lanes : 1, [&](Value iv) {
      ivs[dim] = iv;
      level(depth + 1);
    });
  };
  level(0);
}

} // namespace mixc::cpu
