// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Recurrences on one sequence, f32: what the plain loops and mixc's compiled specs are both called with.

#ifndef MIXC_BENCHMARKS_SCANS_H
#define MIXC_BENCHMARKS_SCANS_H

#include <stdint.h>

// Known when compiling, for the loops as for mixc: Mamba-1's state of a channel, and the others' states of a head.
enum { CHANNEL_STATE = 16, STATE_DIM = 64, HEAD_DIM = 64 };

// Contiguous arrays by the names that the specs under mixers/ give them; a recurrence has some of them.
typedef struct scan_problem {
  int64_t T, H;
  const float *x, *a;                              // cumprodsum: [T,H]; rwkv7_dplr's a: [T,H,N]
  const float *u, *delta, *delta_bias, *A, *B, *C; // mamba1: [H,T], [H,T], [H], [H,N], [N,T], [N,T]
  const float *D, *z;                              //   [H], [H,T]
  const float *q, *k, *v, *gk, *g, *beta, *b;      // the others: [T,H,N], [T,H,N], [T,H,P], [T,H,N], [T,H], [T,H], [T,H,N]
  float *y;                                        // as x, u or v
} scan_problem;

// One of the equal parts that a call is cut into, for a thread each.
typedef void scan_loops(const scan_problem *problem, int part, int parts);

#endif // MIXC_BENCHMARKS_SCANS_H
