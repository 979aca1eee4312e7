// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Random inputs of the CPU benchmarks, the same in every run.
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t random_state = 0x9e3779b97f4a7c15u;
// Uniform in [low, high).
static float uniform(double low, double high) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (float)(low + (high - low) * ((double)(random_state >> 11) / 9007199254740992.0));
}

static float *array(int64_t count, double low, double high) {
  float *data = aligned_alloc(64, ((size_t)count * sizeof(float) + 63) / 64 * 64);
  if (!data) {
    fprintf(stderr, "expected memory for %lld floats, got none\n", (long long)count);
    exit(1);
  }
  for (int64_t i = 0; i < count; ++i)
    data[i] = uniform(low, high);
  return data;
}
