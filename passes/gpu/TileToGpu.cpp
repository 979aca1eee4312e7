// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "ConvertKernel.h"
#include "Partition.h"
#include "PrepareKernel.h"
#include "mixc/dialect/Arch.h"
#include "mixc/passes/Gpu.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;

namespace mixc {
#define GEN_PASS_DEF_TILETOGPU
#include "mixc/passes/GpuPasses.h.inc"
} // namespace mixc

static LogicalResult checkArch(Operation *op, StringRef arch) {
  if (!parseArch(arch))
    return op->emitError("expected arch to be ") << kKnownArchs << ", got " << arch;
  return success();
}

static LogicalResult convert(tile::KernelOp kernel, mixer::AlgorithmAttr plan, OpBuilder &b, StringRef arch, int64_t budget) {
  FailureOr<KernelPlan> prepared = prepareKernel(kernel, plan, arch);
  if (failed(prepared))
    return failure();
  Placement placement(kernel, prepared->warps);
  if (failed(placement.run()) || failed(assignRoles(kernel, placement, *prepared)))
    return failure();
  const int64_t warps = prepared->warps;
  auto dest = gpu_tile::KernelOp::create(b, kernel.getLoc(), kernel.getSymName(), kernel.getFunctionType(), kernel.getGrid(),
                                         kernel.getWhen(), warps * 32, /*shared_bytes=*/0, arch, /*arg_attrs=*/nullptr,
                                         /*res_attrs=*/nullptr);
  if (failed(convertKernel(kernel, dest, placement, *prepared)))
    return failure();
  eraseRoles(dest); // scalars are copied with theirs
  if (failed(checkChannels(dest)))
    return failure();
  int64_t bytes = orderAndPlanMemory(dest, budget);
  if (bytes > budget)
    return kernel.emitError("expected at most ") << budget << " bytes of shared memory on " << arch << ", got " << bytes
                                                 << "; choose fewer stages, fewer heads per block or a smaller chunk";
  dest.setSharedBytes(bytes);
  // Other roles' buffers lie apart, and they have their barriers.
  for (auto role : dest.getBody().getOps<gpu_tile::RoleOp>())
    if (hasOwnMemory(role)) {
      insertBarriers(role.getBody().front(), role.getWarps());
      workBehindBarriers(role);
      workInIdleWarps(role);
    }
  if (dest.getBody().getOps<gpu_tile::RoleOp>().empty())
    insertBarriers(dest.getBody().front(), warps);
  return success();
}

LogicalResult mixc::lowerToGpuTile(tile::ProgramOp program, StringRef arch) {
  if (failed(checkArch(program, arch)))
    return failure();
  const int64_t budget = sharedBytesOf(parseArch(arch)->number);
  OpBuilder b(program);
  auto plan = dyn_cast<mixer::AlgorithmAttr>(program.getPlan());
  auto dest = gpu_tile::ProgramOp::create(b, program.getLoc(), program.getSymName(), program.getSpec(), program.getPlan(),
                                          program.getBuffers(), program.getBands());
  b.createBlock(&dest.getBody());
  for (auto kernel : program.getBody().getOps<tile::KernelOp>())
    if (failed(convert(kernel, plan, b, arch, budget)))
      return failure();
  program.erase();
  return success();
}

namespace {
struct TileToGpu : mixc::impl::TileToGpuBase<TileToGpu> {
  using TileToGpuBase::TileToGpuBase;

  void runOnOperation() override {
    if (failed(checkArch(getOperation(), arch)))
      return signalPassFailure();
    for (tile::ProgramOp program : llvm::make_early_inc_range(getOperation().getOps<tile::ProgramOp>()))
      if (failed(lowerToGpuTile(program, arch)))
        return signalPassFailure();
  }
};
} // namespace
