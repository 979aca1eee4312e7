// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "RoleTable.h"
#include "../family/RoleRegisters.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

/// Warps that take turns at the chunks' vectors: each has the time of as many chunks for what it waits for.
static constexpr int64_t kVectorWarps = 2;

/// Teams, of which one thread fetches, and those who carry the state.
static SmallVector<RoleAttr> tableWithTeams(MLIRContext *context, const RoleNeeds &needs) {
  const auto registers = RoleRegisters::withTeams(needs.parts, needs.teams, needs.stateRegisters, needs.chunk);
  const int64_t early = needs.rebalance ? registers.early : 0, held = needs.rebalance ? registers.compute : 0;
  const int64_t first = 0, warps = warpsOfTeam(needs.teams), compute = needs.teams * warps;
  return {RoleAttr::get(context, Role::Fetch, first, warps, needs.teams, 0, /*single=*/true, /*turns=*/true),
          RoleAttr::get(context, Role::Factors, first, warps, needs.teams, early, /*single=*/false, /*turns=*/true),
          RoleAttr::get(context, Role::Compute, compute, kWarpgroup, needs.parts, held, /*single=*/false, /*turns=*/false)};
}

SmallVector<RoleAttr> mixc::gpu::roleTable(MLIRContext *context, const RoleNeeds &needs) {
  if (needs.teams > 0)
    return tableWithTeams(context, needs);
  const RoleRegisters registers(needs.parts, needs.early, needs.stateRegisters, needs.rebalance);
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
  add(Role::Compute, (needs.early ? 2 : 1) * kWarpgroup, kWarpgroup, needs.parts, registers.compute);
  return table;
}

int64_t mixc::gpu::stateRegisters(scf::ForOp loop) {
  int64_t state = 0;
  for (Value arg : loop.getRegionIterArgs())
    if (auto type = dyn_cast<RankedTensorType>(arg.getType()))
      state += type.getNumElements() / (kLanes * kWarpgroup);
  return state;
}
