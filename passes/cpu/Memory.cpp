// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Addresses, loads and stores of scratch memory and of tensors.

#include "KernelEmitter.h"

using namespace mlir;

namespace mixc::cpu {

static int64_t bytesOf(Type elem) { return elem.getIntOrFloatBitWidth() / 8; }

Value KernelEmitter::index(int64_t value) { return arith::ConstantIndexOp::create(*this, value); }

Value KernelEmitter::f32(float value, int64_t lanes) {
  auto type = VectorType::get(lanes, getF32Type());
  return arith::ConstantOp::create(*this, DenseElementsAttr::get(type, value));
}

Value KernelEmitter::scalar(double value, Type type) { return arith::ConstantOp::create(*this, FloatAttr::get(type, value)); }

Value KernelEmitter::valueOf(OpFoldResult ofr) {
  if (auto value = dyn_cast<Value>(ofr))
    return scalars.lookup(value);
  return index(*getConstantIntValue(ofr));
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
  if (inMemory.contains(tile.number))
    return addressInMemory(tile, element, strides, indices);
  int64_t bytes = bytesOf(tile.type.getElementType());
  SmallVector<Term> terms;
  for (auto [stride, index] : llvm::zip_equal(strides, indices))
    terms.push_back({index, stride * bytes});
  return address(scratch, tile.offset + element * bytes, terms);
}

/// bf16 travels as i16 through memory: x86 has no bf16 registers.
static Type memoryType(Type elem) { return elem.isBF16() ? IntegerType::get(elem.getContext(), 16) : elem; }

Value fromMemory(ImplicitLocOpBuilder &b, Value raw, Type elem) {
  auto type = cast<VectorType>(raw.getType());
  return elem == type.getElementType() ? raw : arith::BitcastOp::create(b, type.clone(elem), raw).getResult();
}

Value toMemory(ImplicitLocOpBuilder &b, Value vector) {
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

Value KernelEmitter::read(const Tile &tile, int64_t element, ArrayRef<int64_t> coefficients, ValueRange ivs, int64_t along, int64_t lanes) {
  Type elem = tile.type.getElementType();
  if (!tile.isBuffer()) {
    TypedAttr value = tile.splat ? cast<TypedAttr>(tile.splat) : FloatAttr::get(elem, 0);
    return splat(arith::ConstantOp::create(*this, value), lanes);
  }
  auto load = [&](int64_t offset, int64_t count) {
    Value pointer = address(tile, element + offset, coefficients, ivs);
    if (count > 1)
      fetchAhead(tile, pointer);
    return loadVector(elem, count, pointer);
  };
  if (along == 1 || lanes == 1)
    return load(0, lanes);
  if (along == 0)
    return splat(vector::ExtractOp::create(*this, load(0, 1), 0), lanes);
  if (along == -1) {
    auto backwards = llvm::to_vector(llvm::reverse(llvm::seq(lanes)));
    Value vector = load(1 - lanes, lanes);
    return vector::ShuffleOp::create(*this, vector, vector, backwards);
  }
  SmallVector<Value> parts;
  for (int64_t lane = 0; lane < lanes; ++lane)
    parts.push_back(vector::ExtractOp::create(*this, load(lane * along, 1), 0));
  return vector::FromElementsOp::create(*this, VectorType::get(lanes, elem), parts);
}

void KernelEmitter::write(Value vector, const Tile &tile, int64_t element, ArrayRef<int64_t> coefficients, ValueRange ivs, int64_t along) {
  int64_t lanes = cast<VectorType>(vector.getType()).getNumElements();
  if (along == 1 || lanes == 1) {
    Value pointer = address(tile, element, coefficients, ivs);
    if (lanes > 1)
      fetchAhead(tile, pointer);
    return storeVector(vector, pointer);
  }
  for (int64_t lane = 0; lane < lanes; ++lane)
    storeVector(splat(vector::ExtractOp::create(*this, vector, lane), 1), address(tile, element + lane * along, coefficients, ivs));
}

Value KernelEmitter::readElement(const Tile &tile, ValueRange ivs) {
  SmallVector<int64_t> strides = tile.strides;
  strides.resize(tile.type.getRank()); // a splat has none
  return vector::ExtractOp::create(*this, read(tile, 0, strides, ivs, 0, 1), 0);
}

void KernelEmitter::writeElement(Value element, const Tile &tile, ValueRange ivs) {
  write(splat(convert(element, tile.type.getElementType()), 1), tile, 0, tile.strides, ivs, 1);
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
  auto typeOf = [&](Type to) -> Type {
    auto vector = dyn_cast<VectorType>(value.getType());
    return vector ? vector.clone(to) : to;
  };
  if (from == elem)
    return value;
  // f16 and bf16 only meet by way of f32.
  if (from.getIntOrFloatBitWidth() == elem.getIntOrFloatBitWidth())
    return convert(convert(value, getF32Type()), elem);
  if (from.getIntOrFloatBitWidth() < elem.getIntOrFloatBitWidth())
    return arith::ExtFOp::create(*this, typeOf(elem), value);
  return arith::TruncFOp::create(*this, typeOf(elem), value);
}

} // namespace mixc::cpu
