// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "KernelEmitter.h"
#include "mixc/passes/Gpu.h"

using namespace mlir;
using namespace mixc;

namespace mixc {
#define GEN_PASS_DEF_GPUTILETONVVM
#include "mixc/passes/GpuPasses.h.inc"
} // namespace mixc

namespace {
struct GpuTileToNvvm : mixc::impl::GpuTileToNvvmBase<GpuTileToNvvm> {
  void runOnOperation() override {
    for (auto program : llvm::make_early_inc_range(getOperation().getOps<gpu_tile::ProgramOp>()))
      if (failed(convert(program)))
        return signalPassFailure();
  }

  LogicalResult convert(gpu_tile::ProgramOp program) {
    OpBuilder b(program);
    Location loc = program.getLoc();
    auto module = mlir::gpu::GPUModuleOp::create(b, loc, program.getSymName());
    b.setInsertionPointToStart(module.getBody());
    auto bytes = LLVM::LLVMArrayType::get(b.getI8Type(), 0);
    auto shared = LLVM::GlobalOp::create(b, loc, bytes, /*isConstant=*/false, LLVM::Linkage::External, "dyn_smem", Attribute(),
                                         /*alignment=*/1024, /*addrSpace=*/3);
    for (auto kernel : program.getBody().getOps<gpu_tile::KernelOp>()) {
      std::string name = (program.getSymName() + "__" + kernel.getSymName()).str();
      // The emitter inserts before an op that marks the module's end.
      auto end = LLVM::GlobalOp::create(b, loc, bytes, /*isConstant=*/false, LLVM::Linkage::External, "end", Attribute());
      mixc::gpu::KernelState state(kernel);
      LogicalResult emitted = mixc::gpu::KernelEmitter(state, name, end).run();
      end.erase();
      if (failed(emitted))
        return failure();
    }
    (void)shared;
    program.erase();
    return success();
  }
};
} // namespace
