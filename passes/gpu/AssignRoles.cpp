// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The pass; Partition.cpp decides who does what.

#include "Partition.h"
#include "PrepareKernel.h"
#include "mixc/passes/Gpu.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;

namespace mixc {
#define GEN_PASS_DEF_TILEASSIGNROLES
#include "mixc/passes/GpuPasses.h.inc"
} // namespace mixc

namespace {
struct TileAssignRoles : mixc::impl::TileAssignRolesBase<TileAssignRoles> {
  void runOnOperation() override {
    for (auto program : getOperation().getOps<tile::ProgramOp>())
      for (auto kernel : program.getBody().getOps<tile::KernelOp>())
        if (failed(assign(kernel, dyn_cast<mixer::AlgorithmAttr>(program.getPlan()))))
          return signalPassFailure();
  }

  LogicalResult assign(tile::KernelOp kernel, mixer::AlgorithmAttr plan) {
    FailureOr<KernelPlan> prepared = prepareKernel(kernel, plan, "sm_90a");
    if (failed(prepared))
      return failure();
    Placement placement(kernel, prepared->warps);
    return failure(failed(placement.run()) || failed(assignRoles(kernel, placement, *prepared)));
  }
};
} // namespace
