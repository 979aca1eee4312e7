// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How a block for sm_90a shares its registers among its roles: RoleTable.cpp writes it to the kernel, EmitRole.cpp sets it.
#pragma once

#include <cstdint>

namespace mixc {

/// Tokens of a chunk, which are a product's columns, and columns of P, which are its rows, and threads of a
/// warpgroup.
constexpr int64_t kWarpgroupChunk = 64, kWarpgroupColumns = 64, kWarpgroupThreads = 128;
/// Each part's small tiles need a warp of the helpers, and those that fetch and flush have one.
constexpr int64_t kMostParts = 2;

/// Registers of a thread in each role; 0 leaves what it has at launch.
struct RoleRegisters {
  int64_t helpers = 0, early = 0, compute = 0;
  /// What a thread of any role has at launch, where none gives some to others, else 0.
  int64_t kept = 0;
  /// All parts' vectors take the registers of more than one part's.
  bool plenty = true;

  /// Registers that the others do not need go to those who compute, with `state` registers a thread of what the loop carries.
  RoleRegisters(int64_t parts, bool hasEarly, int64_t state, bool rebalance);
  /// With teams, whose threads have what is left in `early`; products of `compute` have `chunk` columns.
  static RoleRegisters withTeams(int64_t parts, int64_t teams, int64_t state, int64_t chunk);

  /// Whether a thread of `compute` has registers for tiles that it reads once, besides the state's and those of its work.
  bool canHold(int64_t state) const;

private:
  RoleRegisters() = default;
};

/// Registers a thread that the state may take; all but those that the work itself needs.
int64_t mostStateRegisters(int64_t parts, bool rebalance);
/// Warps of a team: half a warpgroup where there are four, which share the registers of two.
constexpr int64_t warpsOfTeam(int64_t teams) { return teams > 3 ? 2 : 4; }
/// Whether teams and those who carry the state get along with what a block has.
bool haveRegisters(int64_t parts, int64_t teams, int64_t state, int64_t chunk, bool rebalance);

} // namespace mixc
