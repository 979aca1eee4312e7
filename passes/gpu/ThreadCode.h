// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The code of one thread: integers, floats and math functions, the thread's numbers, inline PTX, branches.
#pragma once

#include "KernelState.h"

namespace mixc::gpu {

/// Unrolling a loop over chunks, or one that is rarely run, only makes it larger.
void forbidUnrolling(mlir::scf::ForOp loop);

class ThreadCode {
protected:
  explicit ThreadCode(KernelState &state)
      : state(state), kernel(state.kernel), b(state.b), scalars(state.scalars), registers(state.registers), buffers(state.buffers),
        memrefs(state.memrefs), thread(state.thread), lane(state.lane), warp(state.warp), part(state.part), role(state.role),
        threads(state.threads), bad(state.bad) {}

  // Integers.
  mlir::Value constant(mlir::TypedAttr value);
  template <typename Op> mlir::Value integer(mlir::Value a, mlir::Value b = nullptr);
  mlir::Value i32(int64_t value);
  mlir::Value i64(int64_t value);
  mlir::Value f32(double value);
  mlir::Value zeroOf(mlir::Type type);
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, int64_t factor);
  mlir::Value mul(mlir::Value a, mlir::Value b);
  mlir::Value div(mlir::Value a, int64_t divisor);
  mlir::Value rem(mlir::Value a, int64_t divisor);
  mlir::Value bitAnd(mlir::Value a, int64_t mask);
  mlir::Value bitXor(mlir::Value a, mlir::Value b);
  mlir::Value shiftLeft(mlir::Value a, int64_t bits);
  /// i32, not negative, to i64
  mlir::Value widen(mlir::Value a);
  mlir::Value valueOf(const Index &index);
  Index indexOf(mlir::AffineExpr expr, mlir::ArrayRef<Index> dims);
  mlir::Value less(mlir::arith::CmpIPredicate predicate, mlir::Value a, mlir::Value b);

  // Floats and math functions.
  mlir::Value intrinsic(llvm::StringRef name, mlir::Type type, mlir::ValueRange operands);
  mlir::Value logOf(mlir::Value x);
  mlir::Value log1pOf(mlir::Value x);
  mlir::Value tanhOf(mlir::Value x);
  mlir::Value expm1Of(mlir::Value x);
  mlir::Value sineOf(mlir::Value x, int64_t quarters);
  mlir::Value erfOf(mlir::Value x);
  mlir::Value powerOf(mlir::Value x, mlir::Value y);
  mlir::Value exp2Of(mlir::Value x);
  mlir::Value polynomial(mlir::Value x, mlir::ArrayRef<double> coefficients);
  mlir::Value fma(mlir::Value a, mlir::Value b, mlir::Value c);
  mlir::Value pack(mlir::Value low, mlir::Value high, mlir::Type element);
  mlir::Value unpackWide(mlir::Value packed, unsigned half, mlir::Type element);
  mlir::Value unpack(mlir::Value packed, unsigned half, mlir::Type element);
  mlir::Value widenFloat(mlir::Value value);
  /// Scalar arith and math; an index is an i64.
  mlir::LogicalResult emitScalar(mlir::Operation &op, mlir::IRMapping &map);
  mlir::LogicalResult emitMath(mlir::Operation &op, mlir::IRMapping &map);

  // The thread's numbers, and what is read anew: it is not kept in registers from before.
  void setThread(mlir::Value number);
  mlir::Value reread(mlir::StringRef special);
  mlir::Value rereadThread();
  /// Whether a team of warps runs the code, whose work takes all registers.
  bool isTeam() const { return role && int32_t(role.getOwnBytes()) > 0; }
  mlir::Value opaque(mlir::Value number);

  /// Inline PTX whose first operands are read and written in place.
  Values assembly(llvm::StringRef text, mlir::ValueRange inOut, mlir::ValueRange in, bool touchesMemory = true);
  Values computedHere(mlir::ValueRange values);
  /// The body where the condition, unless it is null, holds.
  void ifValid(mlir::Value condition, llvm::function_ref<void()> body);
  Values rarely(mlir::Value condition, mlir::ArrayRef<mlir::Value> values, llvm::function_ref<Values()> body);

  KernelState &state;
  gpu_tile::KernelOp &kernel;
  mlir::ImplicitLocOpBuilder &b;
  mlir::IRMapping &scalars;
  llvm::DenseMap<mlir::Value, Values> &registers;
  llvm::DenseMap<mlir::Value, mlir::Value> &buffers;
  llvm::DenseMap<mlir::Value, Memref> &memrefs;
  mlir::Value &thread, &lane, &warp, &part;
  gpu_tile::RoleOp &role;
  int64_t &threads;
  bool &bad;
};

} // namespace mixc::gpu
