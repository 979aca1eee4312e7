// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The sizes that code is compiled for.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace mixc {

/// Sizes by dimension letter. Where heads are free, code is for any number of bands of them, and the sizes of H and of its groups are those
/// of a call that one expects.
struct Shape : std::map<std::string, int64_t> {
  using map::map;
  Shape() = default;
  Shape(map sizes) : map(std::move(sizes)) {}

  int64_t band = 0;                     ///< heads of a band, 0: they are not free; as users write it, without what groups ask for
  std::map<char, int64_t> headsOfGroup; ///< where these are given, and not the number of groups

  bool isFree(char dim) const { return band > 0 && (dim == 'H' || headsOfGroup.count(dim)); }
  /// Bands of a call of these sizes.
  int64_t bands() const { return band > 0 ? at("H") / band : 1; }
  /// As users write it, without what is expected: "B=1,T=4096,H=16*?,G=H/16,N=128".
  std::string text() const;
};

} // namespace mixc
