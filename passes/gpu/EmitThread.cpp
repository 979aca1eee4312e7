// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the threads of a kernel have in common: their numbers, inline PTX, branches.

#include "ThreadCode.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

void ThreadCode::setThread(Value number) {
  thread = number;
  lane = arith::AndIOp::create(b, thread, i32(31));
  warp = div(thread, 32);
}

/// A special register, read anew: what is computed from it inside a loop is not kept in registers from before the loop.
Value ThreadCode::reread(StringRef special) {
  auto dialect = LLVM::AsmDialectAttr::get(b.getContext(), LLVM::AsmDialect::AD_ATT);
  return LLVM::InlineAsmOp::create(b, b.getI32Type(), ValueRange(), ("mov.u32 $0, %" + special + ";").str(), "=r",
                                   /*has_side_effects=*/true, /*is_align_stack=*/false, LLVM::TailCallKind::None, dialect, ArrayAttr())
      .getRes();
}

Value ThreadCode::rereadThread() {
  Value number = reread("tid.x");
  return threads == int64_t(kernel.getThreads()) ? number : Value(arith::AndIOp::create(b, number, i32(threads - 1)));
}

/// The same number, of which nothing is known from before.
Value ThreadCode::opaque(Value number) { return assembly("", number, {}).front(); }

/// The same values, which LLVM must not compute later, with what they are computed from in registers until then.
Values ThreadCode::computedHere(ValueRange values) { return assembly("", values, {}, /*touchesMemory=*/false); }

/// Inline PTX whose first operands are read and written in place.
Values ThreadCode::assembly(StringRef text, ValueRange inOut, ValueRange in, bool touchesMemory) {
  std::string constraints;
  auto letter = [](Type type) { return type.isF32() ? "f" : type.isInteger(64) || isa<LLVM::LLVMPointerType>(type) ? "l" : "r"; };
  auto append = [&](const Twine &constraint) { constraints += ((constraints.empty() ? "" : ",") + constraint).str(); };
  for (Value value : inOut)
    append(Twine("=") + letter(value.getType()));
  for (size_t i = 0; i < inOut.size(); ++i)
    append(Twine(i));
  for (Value value : in)
    append(letter(value.getType()));
  if (touchesMemory)
    append("~{memory}");
  SmallVector<Value> operands = llvm::to_vector(inOut);
  llvm::append_range(operands, in);
  SmallVector<Type> types = llvm::to_vector(inOut.getTypes());
  Type result = types.empty() ? Type() : types.size() == 1 ? types[0] : Type(LLVM::LLVMStructType::getLiteral(b.getContext(), types));
  auto dialect = LLVM::AsmDialectAttr::get(b.getContext(), LLVM::AsmDialect::AD_ATT);
  auto op = LLVM::InlineAsmOp::create(b, result ? TypeRange(result) : TypeRange(), operands, text, constraints, /*has_side_effects=*/true,
                                      /*is_align_stack=*/false, LLVM::TailCallKind::None, dialect, ArrayAttr());
  if (types.empty())
    return {};
  if (types.size() == 1)
    return {op.getRes()};
  Values results;
  for (size_t i = 0; i < types.size(); ++i)
    results.push_back(LLVM::ExtractValueOp::create(b, op.getRes(), i));
  return results;
}

//===--- Branches ---===//

void ThreadCode::ifValid(Value condition, function_ref<void()> body) {
  if (!condition)
    return body();
  auto branch = scf::IfOp::create(b, condition, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  body();
}

/// What the body gives in the place of the values where the condition holds, which must be the same in all threads of a warp.
Values ThreadCode::rarely(Value condition, ArrayRef<Value> values, function_ref<Values()> body) {
  auto branch = scf::IfOp::create(b, TypeRange(ValueRange(values)), condition, /*addThenBlock=*/true, /*addElseBlock=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(b, body());
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, values);
  return Values(branch.getResults().begin(), branch.getResults().end());
}

void mixc::gpu::forbidUnrolling(scf::ForOp loop) {
  MLIRContext *context = loop.getContext();
  auto off = LLVM::LoopUnrollAttr::get(context, BoolAttr::get(context, true), {}, {}, {}, {}, {}, {});
  loop->setAttr("loop_annotation", LLVM::LoopAnnotationAttr::get(context, {}, {}, {}, off, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}));
}
