// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Small tile programs drawn from a seed: a loop over chunks (or two) that loads tiles, maps and multiplies them, carries a state and
// stores what it has made.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace mixc::test {

/// A spec and a program that carries it out, for plans of several families; its kernel is the same.
struct ProgramText {
  std::string name, dtype;
  std::map<std::string, int64_t> sizes; ///< H, N, P
  std::string spec, program;
  int64_t teams = 0; ///< of the plan of family = sm_90a

  /// The spec with a program for each family: portable, sm_90a, whose warps have roles.
  std::string text(const std::vector<std::string> &families) const;
};

/// With `forRoles` of sizes and types that wgmma takes.
ProgramText drawProgram(uint64_t seed, bool forRoles);

} // namespace mixc::test
