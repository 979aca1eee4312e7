// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What programs that time mixc beside plain C loops share.

#ifndef MIXC_BENCHMARKS_CALLS_H
#define MIXC_BENCHMARKS_CALLS_H

#include <stdlib.h>
#include <time.h>

// Memory for the calls, which come one at a time.
static inline void *workspace(size_t bytes) {
  static void *memory;
  static size_t size;
  if (bytes > size) {
    free(memory);
    memory = malloc(bytes);
    size = bytes;
  }
  return memory;
}

// Seconds.
static inline double now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline int by_value(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static inline double median(double *times, int count) {
  qsort(times, (size_t)count, sizeof *times, by_value);
  return times[count / 2];
}

#endif // MIXC_BENCHMARKS_CALLS_H
