// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Device memory: addresses, bounds, and moves between it and registers.

#include "TransferEmitter.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

static constexpr StringLiteral kDeviceScope = "device";

/// Pointer to the tile's first element, and its limits as i32 inside the tile's shape.
template <typename Op> TransferEmitter::Transfer TransferEmitter::transferOf(Op op, ArrayRef<int64_t> shape) {
  Transfer transfer;
  auto type = cast<MemRefType>(op.getMemref().getType());
  transfer.memref = memrefs.lookup(op.getMemref());
  transfer.memElement = type.getElementType();
  transfer.shape = llvm::to_vector(shape);
  transfer.dims = llvm::to_vector(op.getDims());
  auto value64 = [&](OpFoldResult v) -> Value {
    if (auto attr = dyn_cast<Attribute>(v))
      return i64(cast<IntegerAttr>(attr).getInt());
    return scalars.lookup(cast<Value>(v));
  };
  tile::StepsOp steps = transfer.memref.steps;
  tile::EarlierOp earlier = transfer.memref.earlier;
  Value elements, start; // start: along the dimension of `earlier`
  for (auto [d, offset] : llvm::enumerate(op.getMixedOffsets())) {
    const bool isStepped = steps && d == steps.getDim(), isEarlier = earlier && d == earlier.getDim();
    if (getConstantIntValue(offset) == 0 && !isEarlier)
      continue;
    Value at = value64(offset);
    if (isEarlier)
      start = arith::SubIOp::create(b, i64(earlier.getBy() * (isStepped ? steps.getCount() : 1)), at);
    if (isStepped)
      at = arith::DivUIOp::create(b, at, i64(steps.getCount()));
    if (isEarlier)
      at = arith::SubIOp::create(b, at, i64(earlier.getBy()));
    Value product = mul(at, transfer.memref.strides[d]);
    elements = add(elements, product);
    if (int64_t(d) == transfer.dims.back())
      transfer.innerOffset = value64(offset);
  }
  transfer.base = transfer.memref.pointer;
  if (elements)
    transfer.base = LLVM::GEPOp::create(b, transfer.base.getType(), transfer.memElement, transfer.base, ValueRange{elements});
  Value present;
  if (op.getOptional()) {
    Value address = LLVM::PtrToIntOp::create(b, b.getI64Type(), transfer.memref.pointer);
    present = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, address, i64(0));
  }
  for (auto [d, limit] : llvm::enumerate(op.getMixedLimits())) {
    auto clamped = [&, size = shape[d]](Value value) -> Value {
      Value inside = arith::MaxSIOp::create(b, arith::MinSIOp::create(b, value, i64(size)), i64(0));
      return arith::TruncIOp::create(b, b.getI32Type(), inside);
    };
    transfer.starts.push_back(earlier && transfer.dims[d] == int64_t(earlier.getDim()) ? clamped(start) : Value());
    std::optional<int64_t> fixed = getConstantIntValue(limit);
    Value bound;
    if (fixed && *fixed < shape[d])
      bound = i32(std::max<int64_t>(*fixed, 0));
    else if (!fixed)
      bound = clamped(value64(limit));
    if (present && d == 0) // a null pointer is a tile without rows
      bound = arith::SelectOp::create(b, present, bound ? bound : i32(shape[d]), i32(0));
    transfer.limits.push_back(bound);
  }
  return transfer;
}

/// Elements from the first one of an index's steps to another one.
Value TransferEmitter::stepOffset(const Transfer &transfer, const Index &index) {
  tile::StepsOp steps = transfer.memref.steps;
  Value step = valueOf(index), offset = mul(widen(div(step, steps.getCount())), transfer.memref.strides[steps.getDim()]);
  if (!steps.getThrough())
    return offset;
  return add(offset, mul(widen(rem(step, steps.getCount())), transfer.memref.strides[*steps.getThrough()]));
}

template TransferEmitter::Transfer TransferEmitter::transferOf(CopyOp, ArrayRef<int64_t>);
template TransferEmitter::Transfer TransferEmitter::transferOf(WriteOp, ArrayRef<int64_t>);

Value TransferEmitter::globalPointer(const Transfer &transfer, ArrayRef<Index> indices) {
  Value elements;
  for (auto [d, index] : llvm::enumerate(indices)) {
    Value stride = transfer.memref.strides[transfer.dims[d]];
    if (transfer.isStepped(d)) {
      elements = add(elements, stepOffset(transfer, index));
      continue;
    }
    if (index.value)
      elements = add(elements, mul(widen(index.value), stride));
    if (index.constant)
      elements = add(elements, mul(i64(index.constant), stride));
  }
  if (!elements)
    return transfer.base;
  return LLVM::GEPOp::create(b, transfer.base.getType(), transfer.memElement, transfer.base, ValueRange{elements});
}

/// Whether an element is inside the limits; null if it always is.
Value TransferEmitter::within(const Transfer &transfer, ArrayRef<Index> indices) {
  Value all;
  auto require = [&](Value in) { all = all ? Value(arith::AndIOp::create(b, all, in)) : in; };
  for (auto [d, limit] : llvm::enumerate(transfer.limits)) {
    if (limit)
      require(arith::CmpIOp::create(b, arith::CmpIPredicate::slt, valueOf(indices[d]), limit));
    if (Value start = transfer.starts[d])
      require(arith::CmpIOp::create(b, arith::CmpIPredicate::sge, valueOf(indices[d]), start));
  }
  for (auto [d, index] : llvm::enumerate(indices))
    if (transfer.isStore && transfer.isStepped(d) && !tile::StepsOp(transfer.memref.steps).getThrough()) { // the last step alone is written
      int64_t count = tile::StepsOp(transfer.memref.steps).getCount();
      require(less(arith::CmpIPredicate::eq, rem(valueOf(index), count), i32(count - 1)));
    }
  return all;
}

Value TransferEmitter::converted(Value value, Type element) {
  if (value.getType() == element)
    return value;
  value = widenFloat(value);
  return element.isF32() ? value : Value(arith::TruncFOp::create(b, element, value));
}

/// One element, converted; zero where not valid.
Value TransferEmitter::loadElement(const Transfer &transfer, ArrayRef<Index> indices, Value valid, Type element) {
  if (!valid)
    return converted(LLVM::LoadOp::create(b, transfer.memElement, globalPointer(transfer, indices)), element);
  auto branch = scf::IfOp::create(b, TypeRange{transfer.memElement}, valid, /*withElseRegion=*/true);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    Value loaded = LLVM::LoadOp::create(b, transfer.memElement, globalPointer(transfer, indices));
    scf::YieldOp::create(b, loaded);
    b.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(b, zeroOf(transfer.memElement));
  }
  return converted(branch.getResult(0), element);
}

static Value both(OpBuilder &b, Location loc, Value x, Value y) { return !x ? y : !y ? x : Value(arith::AndIOp::create(b, loc, x, y)); }

Values TransferEmitter::loadRegisters(const Transfer &transfer, FragmentType type, Value memref) {
  Type element = type.getElementType();
  Values result;
  if (isa<PiecesAttr>(type.getLayout())) {
    Value wide = movesPieces(transfer, type, memref);
    if (!wide)
      return loadPieces(transfer, type, /*wide=*/false);
    auto branch = scf::IfOp::create(b, registerTypes(type), wide, /*addThenBlock=*/true, /*addElseBlock=*/true);
    for (bool pieces : {true, false}) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(pieces ? branch.thenBlock() : branch.elseBlock());
      scf::YieldOp::create(b, loadPieces(transfer, type, pieces));
    }
    return Values(branch.getResults().begin(), branch.getResults().end());
  }
  auto mma = dyn_cast<MmaAttr>(type.getLayout());
  if (!mma) {
    for (size_t reg = 0, count = registerTypes(type).size(); reg < count; ++reg) {
      Value valid;
      SmallVector<Index> indices = registerIndices(type, reg, valid);
      result.push_back(loadElement(transfer, indices, both(b, b.getLoc(), valid, within(transfer, indices)), element));
    }
    return result;
  }
  for (int64_t o = 0; o < outerCount(mma, type.getShape()); ++o)
    for (int64_t i = 0; i < rowBlocksPerWarp(mma, type.getShape()); ++i)
      for (int64_t j = 0; j < colBlocksPerWarp(mma, type.getShape()); ++j) {
        Values elements;
        for (unsigned e = 0; e < 8; ++e) {
          SmallVector<Index> indices = elementIndices(type, o, i, j, e);
          Type wide = element.isF32() ? element : Type(b.getF32Type());
          elements.push_back(loadElement(transfer, indices, within(transfer, indices), wide));
        }
        if (element.isF32())
          llvm::append_range(result, elements);
        for (unsigned e = 0; e < 8 && !element.isF32(); e += 2)
          result.push_back(pack(elements[e], elements[e + 1], element));
      }
  return result;
}

LogicalResult TransferEmitter::emit(LoadOp op) {
  auto type = cast<FragmentType>(op.getFragment().getType());
  Transfer transfer = transferOf(op, type.getShape());
  if (!op.getOptional()) {
    registers[op.getFragment()] = loadRegisters(transfer, type, op.getMemref());
    return success();
  }
  Value address = LLVM::PtrToIntOp::create(b, b.getI64Type(), transfer.memref.pointer);
  Value present = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, address, i64(0));
  auto branch = scf::IfOp::create(b, registerTypes(type), present, /*addThenBlock=*/true, /*addElseBlock=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  // The limits need no null test in here.
  if (getConstantIntValue(op.getMixedLimits()[0]) == type.getShape()[0])
    transfer.limits[0] = Value();
  scf::YieldOp::create(b, loadRegisters(transfer, type, op.getMemref()));
  b.setInsertionPointToStart(branch.elseBlock());
  Values zeros;
  for (Type t : registerTypes(type))
    zeros.push_back(zeroOf(t));
  scf::YieldOp::create(b, zeros);
  registers[op.getFragment()] = Values(branch.getResults().begin(), branch.getResults().end());
  return success();
}

void TransferEmitter::storeElement(const Transfer &transfer, ArrayRef<Index> indices, Value valid, Value value) {
  ifValid(both(b, b.getLoc(), valid, within(transfer, indices)),
          [&] { LLVM::StoreOp::create(b, converted(value, transfer.memElement), globalPointer(transfer, indices)); });
}

void TransferEmitter::storeRegisters(const Transfer &transfer, FragmentType type, ArrayRef<Value> values, Value memref) {
  if (isa<PiecesAttr>(type.getLayout())) {
    Value wide = movesPieces(transfer, type, memref);
    if (!wide)
      return storePieces(transfer, type, values, /*wide=*/false);
    auto branch = scf::IfOp::create(b, wide, /*withElseRegion=*/true);
    for (bool pieces : {true, false}) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(pieces ? branch.thenBlock() : branch.elseBlock());
      storePieces(transfer, type, values, pieces);
    }
    return;
  }
  auto mma = dyn_cast<MmaAttr>(type.getLayout());
  if (!mma) {
    for (auto [reg, value] : llvm::enumerate(values)) {
      Value valid;
      SmallVector<Index> indices = registerIndices(type, reg, valid);
      storeElement(transfer, indices, valid, value);
    }
    return;
  }
  int64_t rows = rowBlocksPerWarp(mma, type.getShape()), cols = colBlocksPerWarp(mma, type.getShape());
  bool wide = type.getElementType().isF32();
  for (int64_t o = 0; o < outerCount(mma, type.getShape()); ++o)
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < cols; ++j)
        for (unsigned e = 0; e < 8; ++e) {
          size_t at = (o * rows + i) * cols + j;
          Value value = wide ? values[at * 8 + e] : unpack(values[at * 4 + e / 2], e % 2, type.getElementType());
          storeElement(transfer, elementIndices(type, o, i, j, e), Value(), value);
        }
}

LogicalResult TransferEmitter::emit(StoreOp op) {
  auto type = cast<FragmentType>(op.getFragment().getType());
  const Values values = registers.lookup(op.getFragment());
  llvm::SaveAndRestore outerThread(thread), outerLane(lane), outerWarp(warp);
  if (values.size() >= kManyRegisters) // the addresses of a load before are not kept for this
    setThread(rereadThread());
  Transfer transfer = transferOf(op, type.getShape());
  transfer.isStore = true;
  Value present;
  if (op.getOptional()) {
    Value address = LLVM::PtrToIntOp::create(b, b.getI64Type(), transfer.memref.pointer);
    present = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, address, i64(0));
    if (getConstantIntValue(op.getMixedLimits()[0]) == type.getShape()[0])
      transfer.limits[0] = Value();
  }
  ifValid(present, [&] { storeRegisters(transfer, type, values, op.getMemref()); });
  return success();
}

//===--- Flags ---===//

template <typename Op> Value TransferEmitter::flagPointer(Op op) {
  const Memref &flags = memrefs.lookup(op.getFlags());
  Value element;
  for (auto [index, stride] : llvm::zip(op.getIndices(), flags.strides))
    element = add(element, mul(scalars.lookup(index), stride));
  return LLVM::GEPOp::create(b, flags.pointer.getType(), b.getI32Type(), flags.pointer, ValueRange{element});
}

/// Every thread counts itself, after its own stores: no thread has to wait for the others.
LogicalResult TransferEmitter::emit(tile::ReleaseOp op) {
  LLVM::AtomicRMWOp::create(b, LLVM::AtomicBinOp::add, flagPointer(op), i32(1), LLVM::AtomicOrdering::release, kDeviceScope);
  return success();
}

/// Every thread waits for all threads of the other block's part, which has as many as this one.
LogicalResult TransferEmitter::emit(tile::AcquireOp op) {
  Value pointer = flagPointer(op);
  auto loop = scf::WhileOp::create(b, TypeRange(), ValueRange());
  OpBuilder::InsertionGuard guard(b);
  b.createBlock(&loop.getBefore());
  Value count = LLVM::LoadOp::create(b, b.getI32Type(), pointer, /*alignment=*/4, /*isVolatile=*/false, /*isNonTemporal=*/false,
                                     /*isInvariant=*/false, /*isInvariantGroup=*/false, LLVM::AtomicOrdering::acquire, kDeviceScope);
  scf::ConditionOp::create(b, arith::CmpIOp::create(b, arith::CmpIPredicate::ult, count, i32(threads)), ValueRange());
  b.createBlock(&loop.getAfter());
  scf::YieldOp::create(b);
  return success();
}
