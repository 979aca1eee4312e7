// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One token of B sequences, f32, whose states are updated in place: what the plain loops and mixc's compiled specs are both called with.

#ifndef MIXC_BENCHMARKS_DECODE_H
#define MIXC_BENCHMARKS_DECODE_H

#include <stdint.h>

// Known when compiling, for the loops as for mixc.
enum { MAMBA_HEADS = 24, MAMBA_P = 64, MAMBA_N = 128, DELTA_HEADS = 16, DELTA_P = 64, DELTA_N = 64 };

// Contiguous arrays by the names that the specs under mixers/ give them; a recurrence has some of them.
typedef struct decode_problem {
  int64_t B;
  const float *x, *dt, *dt_bias, *A, *Bt, *Ct, *D; // mamba2: [B,H,P], [B,H], [H], [H], [B,N], [B,N], [H]
  const float *q, *k, *v, *g, *beta;               // gated_delta_rule: [B,H,N], [B,H,N], [B,H,P], [B,H], [B,H]
  float *state;                                    // [B,H,P,N] of mamba2, [B,H,N,P] of gated_delta_rule
  float *y;                                        // [B,H,P]
} decode_problem;

void loops_mamba2(const decode_problem *problem);
void loops_gated_delta_rule(const decode_problem *problem);

#endif // MIXC_BENCHMARKS_DECODE_H
