// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Two compilations of mamba2 in one program, `wide` in f32 and `narrow` in bf16 with other sizes, each compared with the recurrence.

#include "narrow.h"
#include "wide.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { T = 37, MOST = 4096 * 4 };

static float random_number(float lo, float hi) { return lo + (hi - lo) * (float)rand() / (float)RAND_MAX; }

// Numbers that bf16 holds exactly, so that both programs see the same ones.
static float *fill(size_t count, float lo, float hi) {
  float *values = malloc(count * sizeof *values);
  for (size_t i = 0; i < count; ++i) {
    float value = random_number(lo, hi);
    uint32_t bits;
    memcpy(&bits, &value, 4);
    bits &= 0xffff0000u;
    memcpy(&values[i], &bits, 4);
  }
  return values;
}

static uint16_t *to_bf16(const float *values, size_t count) {
  uint16_t *out = malloc(count * sizeof *out);
  for (size_t i = 0; i < count; ++i) {
    uint32_t bits;
    memcpy(&bits, &values[i], 4);
    out[i] = (uint16_t)(bits >> 16);
  }
  return out;
}

typedef struct problem {
  int H, P, N, G;
  float *x, *dt, *dt_bias, *A, *B, *C, *D;
} problem;

static problem make(int H, int P, int N, int G) {
  problem p = {H,
               P,
               N,
               G,
               fill((size_t)T * H * P, -1, 1),
               fill((size_t)T * H, -4, 0),
               fill((size_t)H, -1, 1),
               fill((size_t)H, -8, -1),
               fill((size_t)T * G * N, -1, 1),
               fill((size_t)T * G * N, -1, 1),
               fill((size_t)H, -1, 1)};
  return p;
}

// ||y - recurrence|| / ||recurrence||
static double error_of(const problem *q, const float *y) {
  static double h[MOST];
  double error = 0, size = 0;
  memset(h, 0, sizeof h);
  for (int t = 0; t < T; ++t)
    for (int head = 0; head < q->H; ++head) {
      const float *b = q->B + (t * q->G + head / (q->H / q->G)) * q->N, *c = q->C + (b - q->B);
      double d = log1p(exp((double)q->dt[t * q->H + head] + q->dt_bias[head])), decay = exp(d * q->A[head]);
      for (int p = 0; p < q->P; ++p) {
        double x = q->x[(t * q->H + head) * q->P + p], sum = q->D[head] * x, *state = h + (head * q->P + p) * q->N;
        for (int n = 0; n < q->N; ++n) {
          state[n] = decay * state[n] + d * x * b[n];
          sum += state[n] * c[n];
        }
        error += pow(sum - y[(t * q->H + head) * q->P + p], 2);
        size += sum * sum;
      }
    }
  return sqrt(error / size);
}

static int report(const char *name, mixc_status status, double error, double bound) {
  printf("%s: %s\n", name, status.code ? status.message : error <= bound ? "ok" : "too large");
  return status.code || !(error <= bound);
}

static int run_wide(void) {
  problem q = make(wide_H, wide_P, wide_N, wide_G);
  float *y = malloc((size_t)T * wide_H * wide_P * sizeof *y);
  wide_args args = {.B = 1,
                    .T = T,
                    .x.data = q.x,
                    .dt.data = q.dt,
                    .dt_bias.data = q.dt_bias,
                    .A.data = q.A,
                    .B_.data = q.B,
                    .C.data = q.C,
                    .D.data = q.D,
                    .y.data = y};
  size_t bytes = wide_workspace_bytes(&args);
  mixc_status status = wide_cpu(&args, malloc(bytes), bytes);
  return report("wide", status, error_of(&q, y), 5e-6);
}

static int run_narrow(void) {
  problem q = make(narrow_H, narrow_P, narrow_N, narrow_G);
  const size_t rows = (size_t)T * narrow_H, outputs = rows * narrow_P, keys = (size_t)T * narrow_G * narrow_N;
  uint16_t *y = malloc(outputs * sizeof *y);
  float *wide = malloc(outputs * sizeof *wide);
  narrow_args args = {.B = 1,
                      .T = T,
                      .x.data = to_bf16(q.x, outputs),
                      .dt.data = to_bf16(q.dt, rows),
                      .dt_bias.data = q.dt_bias,
                      .A.data = q.A,
                      .B_.data = to_bf16(q.B, keys),
                      .C.data = to_bf16(q.C, keys),
                      .D.data = q.D,
                      .y.data = y};
  size_t bytes = narrow_workspace_bytes(&args);
  mixc_status status = narrow_cpu(&args, malloc(bytes), bytes);
  for (size_t i = 0; i < outputs; ++i) {
    uint32_t bits = (uint32_t)y[i] << 16;
    memcpy(&wide[i], &bits, 4);
  }
  return report("narrow", status, error_of(&q, wide), 6e-3);
}

int main(void) {
  int failures = run_wide();
  failures += run_narrow();
  return failures + run_wide(); // the first once more: the other left it alone
}
