// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The recurrences as plain loops, whose innermost ones run over what lies side by side; every part has its own heads. Compiled by two
// compilers, with SCAN(name) as the functions' names.

#include "scans.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int64_t first_of(int64_t count, int part, int parts) { return count * part / parts; }

// y_t = a_t y_{t-1} + x_t
void SCAN(cumprodsum)(const scan_problem *m, int part, int parts) {
  const int64_t first = first_of(m->H, part, parts), end = first_of(m->H, part + 1, parts);
  for (int64_t t = 0; t < m->T; ++t) {
    const float *restrict x = m->x + t * m->H, *restrict a = m->a + t * m->H;
    float *restrict y = m->y + t * m->H;
    if (t == 0) {
      memcpy(y + first, x + first, (size_t)(end - first) * sizeof *y);
      continue;
    }
    const float *restrict before = y - m->H;
    for (int64_t h = first; h < end; ++h)
      y[h] = a[h] * before[h] + x[h];
  }
}

// h_t = exp(d_t A) h_{t-1} + d_t B_t u_t,  y_t = (C_t^T h_t + D u_t) silu(z_t),  d = softplus(delta + bias)
void SCAN(mamba1)(const scan_problem *m, int part, int parts) {
  enum { N = CHANNEL_STATE };
  const int64_t T = m->T;
  float *rows = malloc(sizeof(float) * (size_t)T * (2 * N + 2));
  float (*b)[N] = (float (*)[N])rows, (*c)[N] = b + T, *d = (float *)(c + T), *gate = d + T;
  for (int64_t t = 0; t < T; ++t)
    for (int n = 0; n < N; ++n) {
      b[t][n] = m->B[n * T + t];
      c[t][n] = m->C[n * T + t];
    }
  for (int64_t h = first_of(m->H, part, parts); h < first_of(m->H, part + 1, parts); ++h) {
    const float *restrict u = m->u + h * T, *restrict delta = m->delta + h * T, *restrict z = m->z + h * T, *restrict A = m->A + h * N;
    float *restrict y = m->y + h * T;
    const float bias = m->delta_bias[h], D = m->D[h];
    for (int64_t t = 0; t < T; ++t) {
      const float v = delta[t] + bias;
      d[t] = v > 20 ? v : logf(1 + expf(v));
      gate[t] = z[t] / (1 + expf(-z[t]));
    }
    float S[N] = {0};
    for (int64_t t = 0; t < T; ++t) {
      const float dt = d[t], du = dt * u[t];
      float sum = 0;
      for (int n = 0; n < N; ++n) {
        S[n] = expf(dt * A[n]) * S[n] + du * b[t][n];
        sum += c[t][n] * S[n];
      }
      y[t] = (sum + D * u[t]) * gate[t];
    }
  }
  free(rows);
}

// One step of a head: S = Diag(f) S + l (r^T S) + b x^T,  y = c^T S / sqrt(N)
static inline void step(float (*restrict S)[HEAD_DIM], const float *restrict f, const float *restrict l, const float *restrict r,
                        const float *restrict b, const float *restrict c, const float *restrict x, float *restrict y) {
  float sums[HEAD_DIM] = {0}, u[HEAD_DIM] = {0};
  if (r)
    for (int n = 0; n < STATE_DIM; ++n)
      for (int p = 0; p < HEAD_DIM; ++p)
        u[p] += r[n] * S[n][p];
  for (int n = 0; n < STATE_DIM; ++n)
    for (int p = 0; p < HEAD_DIM; ++p) {
      float s = f[n] * S[n][p] + b[n] * x[p];
      if (r)
        s += l[n] * u[p];
      S[n][p] = s;
      sums[p] += c[n] * s;
    }
  for (int p = 0; p < HEAD_DIM; ++p)
    y[p] = sums[p] * 0.125f;
}

void SCAN(gla)(const scan_problem *m, int part, int parts) {
  for (int64_t h = first_of(m->H, part, parts); h < first_of(m->H, part + 1, parts); ++h) {
    float S[STATE_DIM][HEAD_DIM] = {{0}}, f[STATE_DIM];
    for (int64_t t = 0; t < m->T; ++t) {
      const int64_t at = t * m->H + h;
      for (int n = 0; n < STATE_DIM; ++n)
        f[n] = expf(m->gk[at * STATE_DIM + n]);
      step(S, f, NULL, NULL, m->k + at * STATE_DIM, m->q + at * STATE_DIM, m->v + at * HEAD_DIM, m->y + at * HEAD_DIM);
    }
  }
}

// Decays, then erases along k with strength beta: (I - beta k k^T) Diag(f)
static inline void delta_rule(const scan_problem *m, float (*S)[HEAD_DIM], const float *f, int64_t at) {
  float r[STATE_DIM], l[STATE_DIM], b[STATE_DIM];
  const float *restrict k = m->k + at * STATE_DIM;
  const float beta = m->beta[at];
  for (int n = 0; n < STATE_DIM; ++n) {
    r[n] = f[n] * k[n];
    b[n] = beta * k[n];
    l[n] = -b[n];
  }
  step(S, f, l, r, b, m->q + at * STATE_DIM, m->v + at * HEAD_DIM, m->y + at * HEAD_DIM);
}

void SCAN(gated_delta_rule)(const scan_problem *m, int part, int parts) {
  for (int64_t h = first_of(m->H, part, parts); h < first_of(m->H, part + 1, parts); ++h) {
    float S[STATE_DIM][HEAD_DIM] = {{0}}, f[STATE_DIM];
    for (int64_t t = 0; t < m->T; ++t) {
      const float one = expf(m->g[t * m->H + h]);
      for (int n = 0; n < STATE_DIM; ++n)
        f[n] = one;
      delta_rule(m, S, f, t * m->H + h);
    }
  }
}

void SCAN(kda)(const scan_problem *m, int part, int parts) {
  for (int64_t h = first_of(m->H, part, parts); h < first_of(m->H, part + 1, parts); ++h) {
    float S[STATE_DIM][HEAD_DIM] = {{0}}, f[STATE_DIM];
    for (int64_t t = 0; t < m->T; ++t) {
      for (int n = 0; n < STATE_DIM; ++n)
        f[n] = expf(m->gk[(t * m->H + h) * STATE_DIM + n]);
      delta_rule(m, S, f, t * m->H + h);
    }
  }
}

void SCAN(rwkv7)(const scan_problem *m, int part, int parts) {
  for (int64_t h = first_of(m->H, part, parts); h < first_of(m->H, part + 1, parts); ++h) {
    float S[STATE_DIM][HEAD_DIM] = {{0}}, f[STATE_DIM];
    for (int64_t t = 0; t < m->T; ++t) {
      const int64_t at = t * m->H + h;
      for (int n = 0; n < STATE_DIM; ++n)
        f[n] = expf(m->gk[at * STATE_DIM + n]);
      step(S, f, m->b + at * STATE_DIM, m->a + at * STATE_DIM, m->k + at * STATE_DIM, m->q + at * STATE_DIM, m->v + at * HEAD_DIM,
           m->y + at * HEAD_DIM);
    }
  }
}
