// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception

#include "Pool.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

Pool::Pool(int32_t slots, int64_t floats) : slots(slots), floats(floats), states(slots * floats) {
  for (int32_t slot = 0; slot < slots; ++slot)
    giveBack(slot);
}

int32_t Pool::take() {
  if (free.empty())
    throw std::runtime_error("the pool has no free state");
  int32_t slot = free.back();
  free.pop_back();
  most = std::max(most, taken());
  return slot;
}

void Pool::giveBack(int32_t slot) {
  std::fill_n(states.begin() + slot * floats, floats, std::numeric_limits<float>::quiet_NaN());
  free.push_back(slot);
}
