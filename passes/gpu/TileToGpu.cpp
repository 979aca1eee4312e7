// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "KernelConverter.h"
#include "mixc/dialect/Arch.h"
#include "mixc/dialect/Mixer.h"
#include "mixc/passes/Gpu.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;

namespace mixc {
#define GEN_PASS_DEF_TILETOGPU
#include "mixc/passes/GpuPasses.h.inc"
} // namespace mixc

static constexpr int64_t kDefaultWarps = 4, kDefaultStages = 2, kElementsPerThread = 32;
// Of the warpgroup that does not compute, each part's small tiles need a warp, and those that fetch and flush have one.
static constexpr int64_t kMostWarpgroups = 2;

/// Dynamic shared memory that a block may have, in bytes; 0 for an architecture that is too old or unknown.
static int64_t sharedBytesOf(StringRef name) {
  std::optional<Arch> arch = parseArch(name);
  if (!arch)
    return 0;
  const int number = arch->number;
  if (number == 80 || number == 87)
    return 163 * 1024;
  if (number == 86 || number == 89 || number >= 120)
    return 99 * 1024;
  return 227 * 1024;
}

/// Elementwise arith on whole tiles, parts of tiles and reductions become linalg.generic with parallel loops, the one elementwise form that
/// has a placement. What is left of them is reported by the conversion.
static void normalise(tile::KernelOp kernel) {
  RewritePatternSet patterns(kernel.getContext());
  linalg::populateElementwiseToLinalgConversionPatterns(patterns);
  tile::populateToElementwisePatterns(patterns);
  (void)applyPatternsGreedily(kernel, std::move(patterns));
}

/// Warps of a kernel: the plan's, but without products only as many as keep the largest tile in few registers a thread.
static int64_t warpsOf(tile::KernelOp kernel, mixer::AlgorithmAttr plan) {
  int64_t warps = plan && plan.getWarps() > 0 ? plan.getWarps() : kDefaultWarps, largest = 0;
  bool products = false;
  kernel.walk([&](Operation *op) {
    products |= isa<linalg::ContractOp, tile::ScanOp>(op);
    for (Value result : op->getResults())
      if (auto type = dyn_cast<RankedTensorType>(result.getType()))
        largest = std::max(largest, type.getNumElements());
  });
  // Of each part.
  if (plan && plan.getWarpgroups() > 0)
    warps /= plan.getWarpgroups();
  return products ? warps : std::clamp<int64_t>(largest / (32 * kElementsPerThread), 1, 16);
}

namespace {
struct TileToGpu : mixc::impl::TileToGpuBase<TileToGpu> {
  using TileToGpuBase::TileToGpuBase;

  void runOnOperation() override {
    int64_t budget = sharedBytesOf(arch);
    if (budget == 0) {
      getOperation().emitError("expected arch to be ") << kKnownArchs << ", got " << arch;
      return signalPassFailure();
    }
    for (tile::ProgramOp program : llvm::make_early_inc_range(getOperation().getOps<tile::ProgramOp>()))
      if (failed(convert(program, budget)))
        return signalPassFailure();
  }

  LogicalResult convert(tile::ProgramOp program, int64_t budget);
  LogicalResult convert(tile::KernelOp kernel, mixer::AlgorithmAttr plan, OpBuilder &b, int64_t budget);
};
} // namespace

LogicalResult TileToGpu::convert(tile::ProgramOp program, int64_t budget) {
  OpBuilder b(program);
  auto plan = dyn_cast<mixer::AlgorithmAttr>(program.getPlan());
  auto dest =
      gpu_tile::ProgramOp::create(b, program.getLoc(), program.getSymName(), program.getSpec(), program.getPlan(), program.getBuffers());
  b.createBlock(&dest.getBody());
  for (auto kernel : program.getBody().getOps<tile::KernelOp>())
    if (failed(convert(kernel, plan, b, budget)))
      return failure();
  program.erase();
  return success();
}

LogicalResult TileToGpu::convert(tile::KernelOp kernel, mixer::AlgorithmAttr plan, OpBuilder &b, int64_t budget) {
  normalise(kernel);
  if (failed(checkKernel(kernel)))
    return failure();
  int64_t warpgroups = plan ? plan.getWarpgroups() : 0, warps = warpsOf(kernel, plan);
  if (warpgroups > 0 && arch != "sm_90a")
    return kernel.emitOpError("expected arch to be sm_90a for a plan with warpgroups, got ") << arch;
  if (warpgroups > kMostWarpgroups)
    return kernel.emitOpError("expected at most ") << kMostWarpgroups << " warpgroups in the plan, got " << warpgroups;
  int64_t stages = plan ? std::max<int64_t>(plan.getStages(), 1) : kDefaultStages;
  Placement placement(kernel, warps);
  if (failed(placement.run()))
    return failure();
  auto dest = gpu_tile::KernelOp::create(b, kernel.getLoc(), kernel.getSymName(), kernel.getFunctionType(), kernel.getGrid(),
                                         kernel.getWhen(), warps * 32, /*shared_bytes=*/0, arch, /*arg_attrs=*/nullptr,
                                         /*res_attrs=*/nullptr);
  KernelConverter converter(kernel, dest, placement, stages, warpgroups);
  bool roles = converter.hasRoles();
  if (failed(converter.run()))
    return failure();
  int64_t bytes = planSharedMemory(dest, budget);
  if (bytes > budget)
    return kernel.emitOpError("expected at most ") << budget << " bytes of shared memory on " << arch << ", got " << bytes
                                                   << "; choose fewer stages, fewer heads per block or a smaller chunk";
  dest.setSharedBytes(bytes);
  if (!roles) // where there are, the converter did it for each role
    insertBarriers(dest.getBody().front(), warps);
  return success();
}
