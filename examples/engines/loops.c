// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception

#include "loops.h"

#include <math.h>

static double softplus(double x) { return x > 20 ? x : log1p(exp(x)); }

void loop_ssm(ssm_sizes s, int T, const float *x, const float *dt, const float *A, const float *B, const float *C, const float *D,
              const float *z, const float *dt_bias, double *state, double *y) {
  for (int t = 0; t < T; ++t)
    for (int h = 0; h < s.H; ++h) {
      const float *b = B + (t * s.G + h / (s.H / s.G)) * s.N, *c = C + (t * s.G + h / (s.H / s.G)) * s.N;
      const double d = softplus(dt[t * s.H + h] + (dt_bias ? (double)dt_bias[h] : 0)), decay = exp(d * A[h]);
      for (int p = 0; p < s.P; ++p) {
        const int at = (t * s.H + h) * s.P + p;
        double *row = state + (h * s.P + p) * s.N, sum = D ? (double)D[h] * x[at] : 0;
        for (int n = 0; n < s.N; ++n) {
          row[n] = decay * row[n] + d * x[at] * b[n];
          sum += row[n] * c[n];
        }
        y[at] = z ? sum * z[at] / (1 + exp(-(double)z[at])) : sum;
      }
    }
}

void loop_ssm1(int H, int N, int T, const float *x, const float *dt, const float *A, const float *B, const float *C, double *state,
               double *y) {
  for (int t = 0; t < T; ++t)
    for (int h = 0; h < H; ++h) {
      const double d = softplus(dt[t * H + h]);
      double sum = 0;
      for (int n = 0; n < N; ++n) {
        double *entry = &state[h * N + n];
        *entry = exp(d * A[h * N + n]) * *entry + d * x[t * H + h] * B[t * N + n];
        sum += *entry * C[t * N + n];
      }
      y[t * H + h] = sum;
    }
}

// What a key or query is multiplied by.
static double scale_of(const float *values, int count, int normed) {
  double sum = 1e-6;
  for (int i = 0; i < count; ++i)
    sum += (double)values[i] * values[i];
  return normed ? 1 / sqrt(sum) : 1;
}

// S_t = (I - beta k k^T) exp(g) S_{t-1} + beta k v^T,  o = S^T q / sqrt(S), column by column.
void loop_delta(delta_form f, int T, const float *q, const float *k, const float *v, const float *g, const float *beta, double *state,
                double *o) {
  for (int t = 0; t < T; ++t)
    for (int h = 0; h < f.heads; ++h) {
      const int key = f.tiled ? h % f.keys : h / (f.heads / f.keys), at = t * f.heads + h;
      const float *kt = k + (t * f.keys + key) * f.S, *qt = q + (t * f.keys + key) * f.S;
      const double of_k = scale_of(kt, f.S, f.normed), of_q = scale_of(qt, f.S, f.normed) / sqrt(f.S);
      for (int p = 0; p < f.S; ++p) {
        double *column = state + (h * f.S + p) * f.S, held = 0, sum = 0;
        for (int n = 0; n < f.S; ++n) {
          column[n] *= exp(f.entries ? g[at * f.S + n] : g[at]);
          held += column[n] * of_k * kt[n];
        }
        for (int n = 0; n < f.S; ++n) {
          column[n] += beta[at] * (v[at * f.S + p] - held) * of_k * kt[n];
          sum += column[n] * of_q * qt[n];
        }
        o[at * f.S + p] = sum;
      }
    }
}
