// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The baseline of the CPU benchmark: the recurrence as plain loops, one head a thread.
//
//     d_t = softplus(dt_t + bias),  S_t = exp(d_t A) S_{t-1} + B_t (d_t x_t)^T,  y_t = C_t^T S_t + D x_t

#include "mamba2_cpu.h"

#include <math.h>
#include <string.h>

static void run_head(const cpu_problem *m, int64_t h) {
  float S[STATE_DIM][HEAD_DIM];
  memset(S, 0, sizeof S);
  for (int64_t t = 0; t < m->T; ++t) {
    const float *restrict x = m->x + (t * m->H + h) * HEAD_DIM;
    const float *restrict b = m->B + t * STATE_DIM;
    const float *restrict c = m->C + t * STATE_DIM;
    float *restrict y = m->y + (t * m->H + h) * HEAD_DIM;
    const float u = m->dt[t * m->H + h] + m->dt_bias[h];
    const float d = u > 20 ? u : log1pf(expf(u));
    const float g = expf(d * m->A[h]);
    float acc[HEAD_DIM];
    for (int p = 0; p < HEAD_DIM; ++p)
      acc[p] = m->D[h] * x[p];
    for (int n = 0; n < STATE_DIM; ++n) {
      const float bd = b[n] * d, cn = c[n];
      for (int p = 0; p < HEAD_DIM; ++p) {
        S[n][p] = g * S[n][p] + bd * x[p];
        acc[p] += cn * S[n][p];
      }
    }
    for (int p = 0; p < HEAD_DIM; ++p)
      y[p] = acc[p];
  }
  if (m->state)
    for (int n = 0; n < STATE_DIM; ++n)
      for (int p = 0; p < HEAD_DIM; ++p)
        m->state[(h * HEAD_DIM + p) * STATE_DIM + n] = S[n][p];
}

int cpu_run(const cpu_problem *m) {
#pragma omp parallel for schedule(dynamic)
  for (int64_t h = 0; h < m->H; ++h)
    run_head(m, h);
  return 0;
}
