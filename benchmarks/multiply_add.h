// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The multiply-add peak: chains of independent multiply-adds in registers of the widest kind that this is compiled for.

#ifndef MIXC_BENCHMARKS_MULTIPLY_ADD_H
#define MIXC_BENCHMARKS_MULTIPLY_ADD_H

#include <stdint.h>

#if defined(__AVX512F__)
enum { BYTES = 64 };
#elif defined(__AVX__)
enum { BYTES = 32 };
#else
enum { BYTES = 16 };
#endif
typedef float vec __attribute__((vector_size(BYTES)));
enum { LANES = BYTES / 4, CHAINS = 12 };

// Keeps a value alive without storing it.
static inline void use(vec v) { __asm__ volatile("" : : "x"(v)); }

// Does n rounds and returns the operations that it did.
static inline double multiply_add_rounds(int64_t n) {
  vec a[CHAINS], x = {0}, y = {0};
  for (int j = 0; j < CHAINS; ++j)
    a[j] = x + (float)j;
  x += 0.999f;
  y += 0.001f;
  __asm__ volatile("" : "+x"(x), "+x"(y));
  for (int64_t i = 0; i < n; ++i)
    for (int j = 0; j < CHAINS; ++j)
      a[j] = a[j] * x + y;
  for (int j = 0; j < CHAINS; ++j)
    use(a[j]);
  return 2.0 * LANES * CHAINS * (double)n;
}

#endif // MIXC_BENCHMARKS_MULTIPLY_ADD_H
