// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Random numbers that are the same everywhere: a mutant is a function of seed, kind and index alone.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mixc::fuzz {

/// splitmix64
class Random {
public:
  Random(uint64_t seed, uint64_t stream) : state(seed) { state = next() ^ (stream * 0x9e3779b97f4a7c15u); }

  uint64_t next() {
    uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// 0 to n - 1; n is above 0.
  size_t below(size_t n) { return next() % n; }
  /// True once in n times.
  bool once(size_t n) { return below(n) == 0; }
  template <typename Range> auto &pick(Range &range) { return range[below(range.size())]; }

private:
  uint64_t state;
};

} // namespace mixc::fuzz
