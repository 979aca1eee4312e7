// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The names of NVIDIA's architectures.
#pragma once

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"
#include <optional>

namespace mixc {

struct Arch {
  int number;  ///< 90 of sm_90a
  char suffix; ///< 'a': what only that architecture has; 'f': what its family has; 0: neither
};

/// Nothing if there is no such architecture, or it is older than sm_80, the oldest that code is made for.
inline std::optional<Arch> parseArch(llvm::StringRef name) {
  static constexpr int known[] = {80, 86, 87, 88, 89, 90, 100, 101, 103, 110, 120, 121};
  Arch arch{0, 0};
  if (!name.consume_front("sm_") || name.empty() || name.front() == '0' || name.consumeInteger(10, arch.number))
    return std::nullopt;
  if (!name.empty())
    arch.suffix = name.front();
  const bool fits = name.empty() || name == (arch.number >= 90 ? "a" : "") || name == (arch.number >= 100 ? "f" : "");
  return fits && llvm::is_contained(known, arch.number) ? std::optional(arch) : std::nullopt;
}

/// Dynamic shared memory that a block may have, in bytes (CUDA Programming Guide, "compute capabilities").
inline int64_t sharedBytesOf(int number) {
  if (number == 80 || number == 87)
    return 163 * 1024;
  if (number == 86 || number == 89 || number >= 120)
    return 99 * 1024;
  return 227 * 1024;
}

/// For messages.
inline constexpr llvm::StringLiteral kKnownArchs =
    "sm_80, sm_86, sm_87, sm_88, sm_89, sm_90, sm_90a; sm_100, sm_101, sm_103, sm_110, sm_120, sm_121, each also with a or f";

} // namespace mixc
