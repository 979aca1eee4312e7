// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "PrepareKernel.h"
#include "../family/RoleRegisters.h"
#include "Sums.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;

static constexpr int64_t kDefaultWarps = 4, kDefaultStages = 2, kElementsPerThread = 32;

/// Elementwise arith on whole tiles, parts of tiles and reductions become linalg.generic with parallel loops, the one elementwise form that
/// has a placement, but for sums. What is left of others is reported by the conversion.
static void normalise(tile::KernelOp kernel, int64_t warps) {
  RewritePatternSet patterns(kernel.getContext());
  linalg::populateElementwiseToLinalgConversionPatterns(patterns);
  tile::populateToElementwisePatterns(patterns, [=](linalg::GenericOp op) { return isSum(op, warps); });
  (void)applyPatternsGreedily(kernel, std::move(patterns));
}

/// Whether the loop carries a state from token to token, element by element.
static bool carriesState(Operation *op, mixer::AlgorithmAttr plan) {
  auto loop = dyn_cast<scf::ForOp>(op);
  return loop && plan && plan.getAlgorithm() == mixer::Algorithm::Scan && plan.getChunk() == 1 &&
         llvm::any_of(loop.getResultTypes(), llvm::IsaPred<RankedTensorType>) && loop.getOps<tile::RunningSumOp>().empty() &&
         loop.getOps<tile::RunningMaxOp>().empty();
}

/// Warps of a kernel: the plan's, but without products only as many as keep the largest tile in few registers a thread.
static int64_t warpsOf(tile::KernelOp kernel, mixer::AlgorithmAttr plan) {
  int64_t warps = plan && plan.getWarps() > 0 ? plan.getWarps() : kDefaultWarps, largest = 0;
  bool products = false;
  kernel.walk([&](Operation *op) {
    products |= isa<linalg::ContractOp, tile::ScanOp>(op) || carriesState(op, plan);
    for (Value result : op->getResults())
      if (auto type = dyn_cast<RankedTensorType>(result.getType()); type && type.hasStaticShape())
        largest = std::max(largest, type.getNumElements());
  });
  if (plan)
    warps /= plan.getParts();
  return products ? warps : std::clamp<int64_t>(largest / (32 * kElementsPerThread), 1, 16);
}

/// Of its blocks: those of the plan, or 1 where it has none.
static int64_t partsOf(tile::KernelOp kernel) {
  int64_t parts = 1;
  kernel.walk([&](tile::PartOp part) { parts = part.getCount(); });
  return parts;
}

FailureOr<KernelPlan> mixc::gpu::prepareKernel(tile::KernelOp kernel, mixer::AlgorithmAttr plan, StringRef arch) {
  const int64_t warps = warpsOf(kernel, plan);
  normalise(kernel, warps);
  if (failed(checkKernel(kernel, warps)))
    return failure();
  if (plan)
    if (std::string problem = problemOf(plan); !problem.empty())
      return kernel.emitOpError("plan: ") << problem;
  const Family &family = plan ? familyOf(plan) : *findFamily(kPortableFamily);
  if (!family.getArch().empty() && family.getArch() != arch)
    return kernel.emitOpError("expected arch to be ")
           << family.getArch() << " for a plan of family = " << family.getName() << ", got " << arch;
  const int64_t stages = plan ? plan.getStages() : kDefaultStages, teams = plan ? plan.getTeams() : 0;
  return KernelPlan{
      family, warps, stages, plan ? plan.getChunk() : 0, partsOf(kernel), teams, warpsOfTeam(teams), !plan || plan.getRebalance()};
}
