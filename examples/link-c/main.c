// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception
//
// Calls the compiled Mamba-2 from C and compares it with the recurrence written as loops.

#include "mamba2.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { T = 300, H = 4, P = 64, N = 64, G = 2 };

static float x[T][H][P], dt[T][H], dt_bias[H], A[H], B[T][G][N], C[T][G][N], D[H], h0[H][P][N], y[T][H][P], hT[H][P][N];

// Fills an array with numbers between lo and hi.
static void fill(void *array, size_t bytes, float lo, float hi) {
  float *values = array;
  for (size_t i = 0; i < bytes / sizeof *values; ++i)
    values[i] = lo + (hi - lo) * (float)rand() / (float)RAND_MAX;
}
#define FILL(array, lo, hi) fill(array, sizeof array, lo, hi)

// h_t = exp(d_t A) h_{t-1} + d_t x_t B_t^T,  y_t = h_t C_t + D x_t,  d_t = softplus(dt_t + dt_bias).
// Adds up the squares of the result's error and of the exact result.
static void compare(double *error, double *size) {
  static double h[H][P][N];
  for (int head = 0; head < H; ++head)
    for (int p = 0; p < P; ++p)
      for (int n = 0; n < N; ++n)
        h[head][p][n] = h0[head][p][n];
  for (int t = 0; t < T; ++t)
    for (int head = 0; head < H; ++head) {
      int group = head / (H / G);
      double d = log1p(exp((double)dt[t][head] + dt_bias[head]));
      double decay = exp(d * A[head]);
      for (int p = 0; p < P; ++p) {
        double sum = (double)D[head] * x[t][head][p];
        for (int n = 0; n < N; ++n) {
          h[head][p][n] = decay * h[head][p][n] + d * x[t][head][p] * B[t][group][n];
          sum += h[head][p][n] * C[t][group][n];
        }
        *error += (sum - y[t][head][p]) * (sum - y[t][head][p]);
        *size += sum * sum;
      }
    }
}

int main(void) {
  FILL(x, -1, 1), FILL(dt, -4, 0), FILL(dt_bias, -1, 1), FILL(A, -8, -1);
  FILL(B, -1, 1), FILL(C, -1, 1), FILL(D, -1, 1), FILL(h0, -1, 1);

  mamba2_args args = {.B = 1,
                      .T = T,
                      .x.data = x,
                      .dt.data = dt,
                      .dt_bias.data = dt_bias,
                      .A.data = A,
                      .B_.data = B,
                      .C.data = C,
                      .D.data = D,
                      .h0.data = h0,
                      .y.data = y,
                      .hT.data = hT};
  size_t bytes = mamba2_workspace_bytes(&args);
  void *workspace = malloc(bytes);
  mixc_status status = mamba2_cpu(&args, workspace, bytes);
  free(workspace);
  if (status.code) {
    fprintf(stderr, "mamba2_cpu: %s\n", status.message);
    return 1;
  }

  double error = 0, size = 0;
  compare(&error, &size);
  double relative = sqrt(error / size);
  printf("mamba2: T = %d, relative error %.1e: %s\n", T, relative, relative < 5e-6 ? "ok" : "too large");
  return relative < 5e-6 ? 0 : 1;
}
