// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What blocks take, found out by lowering: no second copy of the sizes of tiles, rings and roles.

#include "mixc/passes/Gpu.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mixc;

/// Elements of the tiles that an outermost loop carries, of the loop with most of them.
static int64_t stateElements(tile::KernelOp kernel) {
  int64_t most = 0;
  for (auto loop : kernel.getBody().getOps<scf::ForOp>()) {
    int64_t elements = 0;
    for (Type type : loop.getResultTypes())
      if (auto tile = dyn_cast<RankedTensorType>(type))
        elements += tile.getNumElements();
    most = std::max(most, elements);
  }
  return most;
}

FailureOr<BlockNeeds> mixc::measureBlocks(tile::ProgramOp program, StringRef arch) {
  program.getContext()->getOrLoadDialect<gpu_tile::GpuTileDialect>();
  BlockNeeds needs;
  for (auto kernel : program.getBody().getOps<tile::KernelOp>())
    needs.stateElements = std::max(needs.stateElements, stateElements(kernel));
  OwningOpRef<ModuleOp> module = ModuleOp::create(program.getLoc());
  OpBuilder b = OpBuilder::atBlockEnd(module->getBody());
  if (failed(lowerToGpuTile(cast<tile::ProgramOp>(b.clone(*program)), arch)))
    return failure();
  module->walk([&](gpu_tile::KernelOp kernel) {
    needs.threads = std::max<int64_t>(needs.threads, kernel.getThreads());
    needs.sharedBytes = std::max<int64_t>(needs.sharedBytes, kernel.getSharedBytes());
  });
  return needs;
}
