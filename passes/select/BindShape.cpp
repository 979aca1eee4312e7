// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// --mixer-bind-shape

#include "mixc/passes/Select.h"
#include "mixc/passes/Shape.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringSwitch.h"

namespace mixc {
#define GEN_PASS_DEF_MIXERBINDSHAPE
#include "mixc/passes/SelectPasses.h.inc"
} // namespace mixc

using namespace mlir;

namespace {
struct MixerBindShape : mixc::impl::MixerBindShapeBase<MixerBindShape> {
  using MixerBindShapeBase::MixerBindShapeBase;

  void runOnOperation() override {
    auto sizes = mixc::parseShape(shape);
    if (!sizes) {
      getOperation().emitError() << "shape: " << llvm::toString(sizes.takeError());
      return signalPassFailure();
    }
    Builder builder(&getContext());
    Type io = llvm::StringSwitch<Type>(dtype.getValue())
                  .Case("f32", builder.getF32Type())
                  .Case("bf16", builder.getBF16Type())
                  .Case("f16", builder.getF16Type())
                  .Default(Type());
    if (!io && !dtype.empty()) {
      getOperation().emitError() << "dtype: expected f32, bf16 or f16, got '" << dtype << "'";
      return signalPassFailure();
    }
    bool found = false;
    for (auto op : getOperation().getOps<mixc::mixer::SpecOp>()) {
      if (!spec.empty() && op.getSymName() != spec)
        continue;
      found = true;
      if (llvm::Error error = mixc::bindShape(op, *sizes, io)) {
        op.emitOpError(llvm::toString(std::move(error)));
        return signalPassFailure();
      }
    }
    if (!found && !spec.empty()) {
      getOperation().emitError() << "spec: expected the name of a spec of this module, got '" << spec << "'";
      signalPassFailure();
    }
  }
};
} // namespace
