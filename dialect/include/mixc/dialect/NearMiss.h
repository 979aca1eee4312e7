// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What somebody may have meant who mistyped a name.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <string>

namespace mixc {

/// The name of `names` with the fewest edits from `given`, the first of several; empty if none is within three edits, or within as
/// many as `given` has characters.
template <typename Range> llvm::StringRef nearMiss(llvm::StringRef given, const Range &names) {
  llvm::StringRef closest;
  unsigned least = std::min<size_t>(4, given.size());
  for (llvm::StringRef name : names) {
    unsigned distance = given.edit_distance(name, /*AllowReplacements=*/true, least);
    if (distance < least)
      least = distance, closest = name;
  }
  return closest;
}

/// "; did you mean 'NAME'?", or `otherwise` where there is none.
template <typename Range> std::string didYouMean(llvm::StringRef given, const Range &names, llvm::StringRef otherwise = "") {
  llvm::StringRef closest = nearMiss(given, names);
  return closest.empty() ? otherwise.str() : "; did you mean '" + closest.str() + "'?";
}

} // namespace mixc
