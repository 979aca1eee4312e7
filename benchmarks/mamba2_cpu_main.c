// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Times one implementation of cpu_run and checks it:
//
//     mamba2_cpu_<name> [T [H [repetitions]]]
//     {"seconds": median, "least": .., "most": .., "peak": .., "peak_flops": ..,
//      "error": relative error of y against float64, over two heads}
//
// After every call the multiply-add peak of that moment is measured: "peak" is its median in flop/s, "peak_flops" the median of
// call's seconds x peak, the flops that the multiply-adds alone would have done in the time of a call.

#define _POSIX_C_SOURCE 200809L
#include "inputs.h"
#include "mamba2_cpu.h"
#include "peak.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// Adds |y - ref|^2 and |ref|^2 of one head, by the recurrence in double.
static void check_head(const cpu_problem *m, int64_t h, double *difference, double *norm) {
  static double S[STATE_DIM][HEAD_DIM];
  memset(S, 0, sizeof S);
  for (int64_t t = 0; t < m->T; ++t) {
    const float *x = m->x + (t * m->H + h) * HEAD_DIM, *y = m->y + (t * m->H + h) * HEAD_DIM;
    const double d = log1p(exp((double)m->dt[t * m->H + h] + m->dt_bias[h]));
    const double g = exp(d * m->A[h]);
    for (int p = 0; p < HEAD_DIM; ++p) {
      double sum = (double)m->D[h] * x[p];
      for (int n = 0; n < STATE_DIM; ++n) {
        S[n][p] = g * S[n][p] + m->B[t * STATE_DIM + n] * d * x[p];
        sum += m->C[t * STATE_DIM + n] * S[n][p];
      }
      *difference += (sum - y[p]) * (sum - y[p]);
      *norm += sum * sum;
    }
  }
}

static int by_value(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static int64_t argument(int argc, char **argv, int i, int64_t otherwise) {
  const int64_t value = argc > i ? atoll(argv[i]) : otherwise;
  if (value < 1) {
    fprintf(stderr, "usage: %s [T [H [repetitions]]]   expected numbers above 0, got '%s'\n", argv[0], argv[i]);
    exit(2);
  }
  return value;
}

int main(int argc, char **argv) {
  enum { MAX_REPEATS = 1000 };
  const int64_t T = argument(argc, argv, 1, 4096), H = argument(argc, argv, 2, 24);
  int64_t repeats = argument(argc, argv, 3, 9);
  repeats = repeats < MAX_REPEATS ? repeats : MAX_REPEATS;
  const cpu_problem m = {.T = T,
                         .H = H,
                         .x = array(T * H * HEAD_DIM, -1, 1),
                         .dt = array(T * H, -1, 1),
                         .dt_bias = array(H, -4, -3),
                         .A = array(H, -8, -1),
                         .B = array(T * STATE_DIM, -1, 1),
                         .C = array(T * STATE_DIM, -1, 1),
                         .D = array(H, -1, 1),
                         .y = array(T * H * HEAD_DIM, 0, 0)};
  double times[MAX_REPEATS], peaks[MAX_REPEATS], flops[MAX_REPEATS];
  for (int64_t i = -1; i < repeats; ++i) {
    const double start = now();
    if (cpu_run(&m))
      return 1;
    const double seconds = now() - start, peak = peak_now();
    if (peak < 0) {
      fprintf(stderr, "expected a thread on every CPU of this process, could not start one\n");
      return 1;
    }
    if (i >= 0) {
      times[i] = seconds;
      peaks[i] = peak;
      flops[i] = seconds * peak;
    }
  }
  qsort(times, (size_t)repeats, sizeof times[0], by_value);
  qsort(peaks, (size_t)repeats, sizeof peaks[0], by_value);
  qsort(flops, (size_t)repeats, sizeof flops[0], by_value);
  double difference = 0, norm = 0;
  check_head(&m, 0, &difference, &norm);
  check_head(&m, H - 1, &difference, &norm);
  printf("{\"seconds\": %.6e, \"least\": %.6e, \"most\": %.6e, \"peak\": %.4e, \"peak_flops\": %.4e, \"error\": %.3e}\n",
         times[repeats / 2], times[0], times[repeats - 1], peaks[repeats / 2], flops[repeats / 2], sqrt(difference / norm));
  return 0;
}
