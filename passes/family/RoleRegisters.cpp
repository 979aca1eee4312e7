// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "RoleRegisters.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace mixc;

static constexpr int64_t kRegisterFile = 65536, kMostRegistersOfThread = 240;
/// Registers of a thread of the helpers, without `early`, else if there are plenty, and if not; of `early`, the least.
static constexpr int64_t kLoneHelperRegisters = 72, kManyHelperRegisters = 56, kHelperRegisters = 40, kEarlyRegisters = 104;
/// Of `compute`: however small the state is; besides those of the state, as many as do no harm and the fewest.
static constexpr int64_t kLeastComputeRegisters = 152, kComputeRegisters = 120, kFewestComputeRegisters = 112;
RoleRegisters::RoleRegisters(int64_t parts, bool hasEarly, int64_t state, bool rebalance) {
  const int64_t groups = parts + (hasEarly ? 2 : 1), atLaunch = kRegisterFile / (kWarpgroupThreads * groups) / 8 * 8;
  if (!rebalance)
    kept = std::min(atLaunch, kMostRegistersOfThread);
  if (!rebalance || atLaunch >= kMostRegistersOfThread)
    return;
  const int64_t all = atLaunch * groups, least = hasEarly ? kEarlyRegisters : 0;
  int64_t wanted = kMostRegistersOfThread;
  if (hasEarly && parts > 1)
    wanted = std::max<int64_t>(llvm::alignTo(state + kComputeRegisters, 8), kLeastComputeRegisters);
  plenty = !hasEarly || parts == 1 || all - kManyHelperRegisters - least >= parts * wanted;
  helpers = !hasEarly ? kLoneHelperRegisters : plenty ? kManyHelperRegisters : kHelperRegisters;
  const int64_t rest = all - helpers;
  compute = std::min({(rest - least) / parts / 8 * 8, wanted, kMostRegistersOfThread});
  if (hasEarly)
    early = std::min((rest - compute * parts) / 8 * 8, kMostRegistersOfThread);
}

/// The fewest of a thread of a team for each 16 tokens of a chunk and besides.
static constexpr int64_t kTeamRegistersOfTokens = 8, kTeamRegisters = 72;

/// As many as a thread can have: setmaxnreg counts in eights, and ptxas uses all but one of 256.
static constexpr int64_t kAllRegistersOfThread = 256;

static int64_t fewestOfTeams(int64_t chunk) { return kTeamRegisters + chunk / 16 * kTeamRegistersOfTokens; }

/// The state, its operand, two products and what is made of them, and addresses.
static int64_t wantedForState(int64_t state, int64_t chunk) { return int64_t(llvm::alignTo(state * 3 / 2 + chunk * 3 / 2 + 40, 8)); }

/// Of all threads of a block together, for each warp of a warpgroup.
static int64_t registersOfGroups(int64_t groups) {
  return std::min(kRegisterFile / (kWarpgroupThreads * groups) / 8 * 8, kMostRegistersOfThread) * groups;
}

RoleRegisters RoleRegisters::withTeams(int64_t parts, int64_t teams, int64_t state, int64_t chunk) {
  RoleRegisters registers;
  const int64_t groups = teams * warpsOfTeam(teams) / 4, rest = registersOfGroups(parts + groups);
  const int64_t left = (rest - groups * fewestOfTeams(chunk)) / parts / 8 * 8;
  registers.compute = std::min({left, wantedForState(state, chunk), kAllRegistersOfThread});
  registers.early = std::min((rest - parts * registers.compute) / groups / 8 * 8, kMostRegistersOfThread);
  return registers;
}

bool mixc::haveRegisters(int64_t parts, int64_t teams, int64_t state, int64_t chunk, bool rebalance) {
  const int64_t groups = parts + teams * warpsOfTeam(teams) / 4, wanted = wantedForState(state, chunk);
  if (!rebalance) { // ptxas serialises products that get less than that at launch
    const int64_t kept = registersOfGroups(groups) / groups;
    return kept >= wanted && kept >= fewestOfTeams(chunk);
  }
  constexpr int64_t kSpared = 32; // that less overlap spares
  return RoleRegisters::withTeams(parts, teams, state, chunk).compute + kSpared >= wanted && wanted <= kMostRegistersOfThread + kSpared;
}

bool RoleRegisters::canHold(int64_t state) const {
  const int64_t needed = state + kComputeRegisters;
  return needed <= std::max(compute, kept) && needed < kMostRegistersOfThread;
}

int64_t mixc::mostStateRegisters(int64_t parts, bool rebalance) {
  const RoleRegisters registers(parts, /*hasEarly=*/true, kMostRegistersOfThread, rebalance);
  return std::max(registers.compute, registers.kept) - kFewestComputeRegisters;
}
