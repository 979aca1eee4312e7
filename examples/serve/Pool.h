// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception
//
// States of requests, by slot. A slot that is given back is filled with NaN: what reads a state that it should not shows.
#pragma once

#include <cstdint>
#include <vector>

class Pool {
public:
  Pool(int32_t slots, int64_t floats);

  int32_t take();
  void giveBack(int32_t slot);

  float *data() { return states.data(); }
  const float *at(int32_t slot) const { return states.data() + slot * floats; }
  int32_t size() const { return slots; }
  int32_t taken() const { return slots - int32_t(free.size()); }
  int32_t mostTaken() const { return most; }

private:
  int32_t slots, most = 0;
  int64_t floats;
  std::vector<float> states;
  std::vector<int32_t> free;
};
