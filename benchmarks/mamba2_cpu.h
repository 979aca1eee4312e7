// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Mamba-2 on one sequence, f32: what the baseline and mixc's compiled spec are both called with.

#ifndef MIXC_BENCHMARKS_MAMBA2_CPU_H
#define MIXC_BENCHMARKS_MAMBA2_CPU_H

#include <stdint.h>

// Head and state dimension are known when compiling, for the baseline as for mixc.
enum { HEAD_DIM = 64, STATE_DIM = 128 };

typedef struct cpu_problem {
  int64_t T, H;
  const float *x;       // [T,H,P]
  const float *dt;      // [T,H]
  const float *dt_bias; // [H]
  const float *A;       // [H]
  const float *B;       // [T,N]
  const float *C;       // [T,N]
  const float *D;       // [H]
  float *y;             // [T,H,P]
  float *state;         // [H,P,N], final state; may be null
} cpu_problem;

// One call, on all cores. 0 if all went well.
int cpu_run(const cpu_problem *problem);

#endif // MIXC_BENCHMARKS_MAMBA2_CPU_H
