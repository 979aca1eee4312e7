// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "RoleTable.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// Registers of a thread of the helpers, if there are plenty and if not; of `early`, the least; of `compute`, however small the state is,
/// and besides those of the state.
static constexpr int64_t kManyHelperRegisters = 56, kHelperRegisters = 40, kEarlyRegisters = 104, kLeastComputeRegisters = 152,
                         kComputeRegisters = 120, kMostRegistersOfThread = 240;
/// Warps that take turns at the chunks' vectors: each has the time of as many chunks for what it waits for.
static constexpr int64_t kVectorWarps = 2;

namespace {
/// Registers of a thread in each role; 0 leaves what it has at launch.
struct Registers {
  int64_t helpers = 0, early = 0, compute = 0;
  /// All parts' vectors take the registers of more than one part's.
  bool plenty = true;
};
} // namespace

/// Registers that the others do not need go to those who compute.
static Registers shareRegisters(const RoleNeeds &needs) {
  Registers shares;
  int64_t groups = needs.parts + (needs.early ? 2 : 1);
  int64_t atLaunch = kRegisterFile / (kLanes * kWarpgroup * groups) / 8 * 8;
  if (atLaunch >= kMostRegistersOfThread)
    return shares;
  int64_t all = atLaunch * groups, least = needs.early ? kEarlyRegisters : 0;
  int64_t wanted = kMostRegistersOfThread;
  if (needs.early && needs.parts > 1)
    wanted = std::max<int64_t>(llvm::alignTo(needs.stateRegisters + kComputeRegisters, 8), kLeastComputeRegisters);
  shares.plenty = !needs.early || needs.parts == 1 || all - kManyHelperRegisters - least >= needs.parts * wanted;
  shares.helpers = shares.plenty ? kManyHelperRegisters : kHelperRegisters;
  int64_t rest = all - shares.helpers;
  shares.compute = std::min({(rest - least) / needs.parts / 8 * 8, wanted, kMostRegistersOfThread});
  if (needs.early)
    shares.early = std::min((rest - shares.compute * needs.parts) / 8 * 8, kMostRegistersOfThread);
  return shares;
}

SmallVector<RoleAttr> mixc::gpu::roleTable(MLIRContext *context, const RoleNeeds &needs) {
  Registers registers = shareRegisters(needs);
  SmallVector<RoleAttr> table;
  auto add = [&](Role role, int64_t first, int64_t warps, int64_t parts, int64_t registers, bool single = false, bool turns = false) {
    table.push_back(RoleAttr::get(context, role, first, warps, parts, registers, single, turns));
  };
  add(Role::Helpers, 0, kWarpgroup, 1, registers.helpers);
  add(Role::Fetch, 0, 1, 1, 0, /*single=*/true);
  if (needs.vectors)
    add(Role::Vectors, 1, 1, registers.plenty ? std::min(kVectorWarps, needs.stages) : needs.parts, 0, /*single=*/false, registers.plenty);
  if (needs.flush)
    add(Role::Flush, 3, 1, 1, 0, /*single=*/true);
  if (needs.early)
    add(Role::Early, kWarpgroup, kWarpgroup, 1, registers.early);
  add(Role::Compute, needs.early ? 2 * kWarpgroup : kWarpgroup, kWarpgroup, needs.parts, registers.compute);
  return table;
}

int64_t mixc::gpu::stateRegisters(scf::ForOp loop) {
  int64_t state = 0;
  for (Value arg : loop.getRegionIterArgs())
    if (auto type = dyn_cast<RankedTensorType>(arg.getType()))
      state += type.getNumElements() / (kLanes * kWarpgroup);
  return state;
}

bool mixc::gpu::canHold(RoleAttr compute, int64_t stateRegisters) {
  int64_t needed = stateRegisters + kComputeRegisters;
  return needed <= compute.getRegisters() && needed < kMostRegistersOfThread;
}
