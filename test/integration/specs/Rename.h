// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A spec's text with other names: those of the spec, of arguments, results and values, and of what maps bind.
#pragma once

#include <map>
#include <random>
#include <string>
#include <vector>

namespace mixc::test {

struct Renamed {
  std::string text;                         ///< without comments
  std::map<std::string, std::string> names; ///< of spec and values: new to old
};

/// Half of the new names are drawn from `known`, such as what other mixers call their arguments.
Renamed rename(const std::string &text, const std::vector<std::string> &known, std::mt19937_64 &random);

/// The names of a spec's values, in the order of their appearance.
std::vector<std::string> namesOf(const std::string &text);

} // namespace mixc::test
