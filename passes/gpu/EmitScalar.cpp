// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Integers and floats of one thread.

#include "ThreadCode.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

//===--- Integers ---===//

Value ThreadCode::constant(TypedAttr value) {
  Value &known = state.constants[value];
  if (!known) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&state.function.getBody().front());
    known = arith::ConstantOp::create(b, value);
  }
  return known;
}

Value ThreadCode::i32(int64_t value) { return constant(b.getI32IntegerAttr(static_cast<int32_t>(value))); }
Value ThreadCode::i64(int64_t value) { return constant(b.getI64IntegerAttr(value)); }
Value ThreadCode::f32(double value) { return constant(b.getF32FloatAttr(value)); }
Value ThreadCode::zeroOf(Type type) { return constant(b.getZeroAttr(type)); }

/// Whether code at the builder's place may use the value.
static bool isKnown(Value value, OpBuilder &b) {
  Block *home = value.getParentBlock(), *block = b.getInsertionBlock();
  Operation *next = b.getInsertionPoint() == block->end() ? nullptr : &*b.getInsertionPoint();
  for (; block != home; block = next->getBlock()) {
    next = block->getParentOp();
    if (!next || !next->getBlock() || isa<LLVM::LLVMFuncOp>(next))
      return false;
  }
  return !next || !value.getDefiningOp() || value.getDefiningOp()->isBeforeInBlock(next);
}

/// The op's value, which was computed before or is now.
template <typename Op> Value ThreadCode::integer(Value x, Value y) {
  Value &known = state.integers[{TypeID::get<Op>().getAsOpaquePointer(), x.getAsOpaquePointer(), y.getAsOpaquePointer()}];
  if (known && isKnown(known, b))
    return known;
  if constexpr (std::is_same_v<Op, arith::ExtUIOp>)
    return known = b.createOrFold<Op>(b.getI64Type(), x);
  else
    return known = b.createOrFold<Op>(x, y);
}

Value ThreadCode::add(Value x, Value y) {
  if (!x || !y)
    return x ? x : y;
  return integer<arith::AddIOp>(x, y);
}

Value ThreadCode::mul(Value x, int64_t factor) {
  if (!x || factor == 1)
    return x;
  return integer<arith::MulIOp>(x, x.getType().isInteger(64) ? i64(factor) : i32(factor));
}

Value ThreadCode::mul(Value x, Value y) { return integer<arith::MulIOp>(x, y); }

Value ThreadCode::div(Value x, int64_t divisor) { return divisor == 1 ? x : integer<arith::DivUIOp>(x, i32(divisor)); }

Value ThreadCode::rem(Value x, int64_t divisor) { return integer<arith::RemUIOp>(x, i32(divisor)); }

Value ThreadCode::bitAnd(Value x, int64_t mask) { return integer<arith::AndIOp>(x, i32(mask)); }

Value ThreadCode::bitXor(Value x, Value y) { return integer<arith::XOrIOp>(x, y); }

Value ThreadCode::shiftLeft(Value x, int64_t bits) { return integer<arith::ShLIOp>(x, i32(bits)); }

/// i32, not negative, to i64
Value ThreadCode::widen(Value x) { return integer<arith::ExtUIOp>(x); }

Value ThreadCode::valueOf(const Index &index) {
  if (!index.value)
    return i32(index.constant);
  return index.constant ? add(index.value, i32(index.constant)) : index.value;
}

/// An affine expression of the dimensions: sums and multiples by constants.
Index ThreadCode::indexOf(AffineExpr expr, ArrayRef<Index> dims) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return dims[dim.getPosition()];
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return {Value(), constant.getValue(), 0};
  auto binary = cast<AffineBinaryOpExpr>(expr); // the verifier takes no others
  Index l = indexOf(binary.getLHS(), dims);
  if (expr.getKind() == AffineExprKind::Add) {
    Index r = indexOf(binary.getRHS(), dims);
    return {add(l.value, r.value), l.constant + r.constant, r.value ? ~uint64_t(0) : l.bits};
  }
  int64_t factor = cast<AffineConstantExpr>(binary.getRHS()).getValue();
  return {mul(l.value, factor), l.constant * factor};
}

Value ThreadCode::less(arith::CmpIPredicate predicate, Value x, Value y) { return arith::CmpIOp::create(b, predicate, x, y); }

//===--- 16-bit floats ---===//

/// Two f32 values as a pair of 16-bit values, rounded to nearest.
Value ThreadCode::pack(Value low, Value high, Type element) {
  auto vector = VectorType::get(2, element);
  StringRef name = element.isBF16() ? "llvm.nvvm.ff2bf16x2.rn" : "llvm.nvvm.ff2f16x2.rn";
  return LLVM::BitcastOp::create(b, b.getI32Type(), intrinsic(name, vector, {high, low}));
}

/// One half of a pair, widened to f32.
Value ThreadCode::unpackWide(Value packed, unsigned half, Type element) {
  if (!element.isBF16())
    return arith::ExtFOp::create(b, b.getF32Type(), unpack(packed, half, element));
  Value bits = half ? Value(arith::AndIOp::create(b, packed, i32(int32_t(0xffff0000)))) : Value(arith::ShLIOp::create(b, packed, i32(16)));
  return arith::BitcastOp::create(b, b.getF32Type(), bits);
}

Value ThreadCode::unpack(Value packed, unsigned half, Type element) {
  Value pair = LLVM::BitcastOp::create(b, VectorType::get(2, element), packed);
  return LLVM::ExtractElementOp::create(b, pair, i32(half));
}

Value ThreadCode::widenFloat(Value value) {
  if (value.getType().isF32())
    return value;
  if (!value.getType().isBF16())
    return arith::ExtFOp::create(b, b.getF32Type(), value);
  Value bits = arith::BitcastOp::create(b, b.getI16Type(), value);
  bits = arith::ShLIOp::create(b, arith::ExtUIOp::create(b, b.getI32Type(), bits), i32(16));
  return arith::BitcastOp::create(b, b.getF32Type(), bits);
}

static arith::FastMathFlagsAttr contractFlag(MLIRContext *context) {
  return arith::FastMathFlagsAttr::get(context, arith::FastMathFlags::contract);
}

/// Scalar arith and math; an index is an i64.
LogicalResult ThreadCode::emitScalar(Operation &op, IRMapping &map) {
  if (isa<math::MathDialect>(op.getDialect()))
    return emitMath(op, map);
  if (!isa<arith::ArithDialect>(op.getDialect()))
    return op.emitOpError("expected an operation that has a GPU form");
  for (TypeRange types : {TypeRange(op.getOperandTypes()), TypeRange(op.getResultTypes())})
    for (Type type : types)
      if (!type.isIntOrIndexOrFloat())
        return op.emitOpError("expected numbers in a GPU kernel, got ") << type;
  if (auto constant = dyn_cast<arith::ConstantOp>(op); constant && constant.getType().isIndex()) {
    map.map(constant.getResult(), i64(cast<IntegerAttr>(constant.getValue()).getInt()));
    return success();
  }
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp>(op)) {
    Value in = map.lookupOrDefault(op.getOperand(0));
    Type type = op.getResult(0).getType().isIndex() ? b.getI64Type() : op.getResult(0).getType();
    unsigned from = in.getType().getIntOrFloatBitWidth(), to = type.getIntOrFloatBitWidth();
    if (from < to)
      in = isa<arith::IndexCastOp>(op) ? Value(arith::ExtSIOp::create(b, type, in)) : Value(arith::ExtUIOp::create(b, type, in));
    else if (from > to)
      in = arith::TruncIOp::create(b, type, in);
    map.map(op.getResult(0), in);
    return success();
  }
  if (isa<arith::DivFOp>(op) && op.getResult(0).getType().isF32()) {
    Value x = map.lookupOrDefault(op.getOperand(0)), y = map.lookupOrDefault(op.getOperand(1));
    map.map(op.getResult(0), intrinsic("llvm.nvvm.div.approx.ftz.f", b.getF32Type(), {x, y}));
    return success();
  }
  if (isa<arith::ExtFOp>(op) && op.getResult(0).getType().isF32()) {
    map.map(op.getResult(0), widenFloat(map.lookupOrDefault(op.getOperand(0))));
    return success();
  }
  Operation *copy = b.clone(op, map);
  for (OpResult result : copy->getResults())
    if (result.getType().isIndex())
      result.setType(b.getI64Type());
  if (isa<arith::AddFOp, arith::SubFOp, arith::MulFOp>(copy))
    copy->setAttr("fastmath", contractFlag(b.getContext()));
  return success();
}
