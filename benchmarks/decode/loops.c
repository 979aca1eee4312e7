// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A decoding step as plain loops, whose innermost ones run over what lies side by side.

#include "decode.h"

#include <math.h>

// S = exp(d A) S + d x B^T,  y = S C + D x,  d = softplus(dt + bias): the state is read once and written once.
void loops_mamba2(const decode_problem *m) {
  for (int64_t i = 0; i < m->B * MAMBA_HEADS; ++i) {
    const int64_t h = i % MAMBA_HEADS, b = i / MAMBA_HEADS;
    const float *restrict B = m->Bt + b * MAMBA_N, *restrict C = m->Ct + b * MAMBA_N, *restrict x = m->x + i * MAMBA_P;
    float *restrict y = m->y + i * MAMBA_P;
    float (*restrict S)[MAMBA_N] = (float (*)[MAMBA_N])m->state + i * MAMBA_P;
    const float u = m->dt[i] + m->dt_bias[h], d = u > 20 ? u : log1pf(expf(u)), f = expf(d * m->A[h]);
    for (int p = 0; p < MAMBA_P; ++p) {
      const float dx = d * x[p];
      float sum = 0;
      for (int n = 0; n < MAMBA_N; ++n) {
        const float s = f * S[p][n] + dx * B[n];
        S[p][n] = s;
        sum += C[n] * s;
      }
      y[p] = sum + m->D[h] * x[p];
    }
  }
}

// S = (I - beta k k^T) exp(g) S + beta k v^T,  y = q^T S / sqrt(N): a pass over the state for what is erased, and one for the update.
void loops_gated_delta_rule(const decode_problem *m) {
  for (int64_t i = 0; i < m->B * DELTA_HEADS; ++i) {
    const float *restrict k = m->k + i * DELTA_N, *restrict q = m->q + i * DELTA_N, *restrict v = m->v + i * DELTA_P;
    float *restrict y = m->y + i * DELTA_P;
    float (*restrict S)[DELTA_P] = (float (*)[DELTA_P])m->state + i * DELTA_N;
    const float f = expf(m->g[i]), beta = m->beta[i];
    float u[DELTA_P] = {0}, sums[DELTA_P] = {0};
    for (int n = 0; n < DELTA_N; ++n)
      for (int p = 0; p < DELTA_P; ++p)
        u[p] += k[n] * S[n][p];
    for (int p = 0; p < DELTA_P; ++p)
      u[p] = beta * (v[p] - f * u[p]);
    for (int n = 0; n < DELTA_N; ++n)
      for (int p = 0; p < DELTA_P; ++p) {
        const float s = f * S[n][p] + k[n] * u[p];
        S[n][p] = s;
        sums[p] += q[n] * s;
      }
    for (int p = 0; p < DELTA_P; ++p)
      y[p] = sums[p] * 0.125f;
  }
}
