// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sizes and counts without overflow.

#ifndef MIXC_RUNTIME_ARITHMETIC_H
#define MIXC_RUNTIME_ARITHMETIC_H

#include <stdbool.h>
#include <stdint.h>

// ceil(a / b) for a >= 0 and b > 0.
static inline int64_t mixc_ceil_div(int64_t a, int64_t b) { return a / b + (a % b != 0); }

// *product *= factor, *sum += term. True where that would overflow; what is then left is not a size.
static inline bool mixc_mul(int64_t *product, int64_t factor) { return __builtin_mul_overflow(*product, factor, product); }
static inline bool mixc_add(int64_t *sum, int64_t term) { return __builtin_add_overflow(*sum, term, sum); }

#endif // MIXC_RUNTIME_ARITHMETIC_H
