// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/passes/Cost.h"
#include "mixc/passes/Work.h"

using namespace mlir;

namespace mixc {
#define GEN_PASS_DEF_TILECOUNTWORK
#include "mixc/passes/CostPasses.h.inc"

static void remark(tile::KernelOp kernel, const Twine &what, const Work &work) {
  InFlightDiagnostic diagnostic = kernel.emitRemark(what);
  for (auto [name, count] :
       {std::pair("matrix", work.matrix), {"operands", work.operands}, {"scalar", work.scalar}, {"special", work.special}})
    diagnostic << ", " << name << " " << static_cast<int64_t>(count);
  diagnostic << ", moved";
  for (const auto &[number, moved] : work.moved)
    diagnostic << " #" << number << ": " << static_cast<int64_t>(moved.bytes);
}

namespace {
struct CountWork : impl::TileCountWorkBase<CountWork> {
  using TileCountWorkBase::TileCountWorkBase;

  void runOnOperation() override {
    OpCosts costs;
    costs.warps = warps;
    const KernelWork work = countWork(getOperation(), costs);
    remark(getOperation(), "once", work.once);
    remark(getOperation(), "each " + Twine(work.tokens), work.iteration);
    markAllAnalysesPreserved();
  }
};
} // namespace
} // namespace mixc
