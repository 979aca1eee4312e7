// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception
//
// Decodes with Mamba-2: one call takes the prompt, then a call for each further token, whose state takes the place of the one before. On
// the CPU, and where there is a GPU on that, by calls and as one graph of all calls. One call on all tokens says what comes out.

#define _POSIX_C_SOURCE 199309L // clock_gettime

#include "gpu.h"
#include "memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { PROMPT = 250, STEPS = 1000, TOKENS = PROMPT + STEPS };

static float x[TOKENS * X], dt[TOKENS * DT], dt_bias[H], A[H], B[TOKENS * BC], C[TOKENS * BC], D[H];
static float y[TOKENS * X], state[STATE], expected_y[TOKENS * X], expected_state[STATE];

static void fill(float *values, size_t count, float lo, float hi) {
  for (size_t i = 0; i < count; ++i)
    values[i] = lo + (hi - lo) * (float)rand() / (float)RAND_MAX;
}
#define FILL(array, lo, hi) fill(array, sizeof(array) / sizeof(float), lo, hi)

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void require(mixc_status status) {
  if (status.code != MIXC_OK) {
    fprintf(stderr, "mixc: %s\n", status.message);
    exit(1);
  }
}

// The largest difference of two arrays, over the largest number; NaN where there is one.
static double difference(const float *got, const float *want, size_t count) {
  double most = 0, size = 0;
  for (size_t i = 0; i < count; ++i) {
    double apart = fabs((double)got[i] - want[i]);
    if (apart > most || isnan(apart)) // NaN stays
      most = apart;
    size = fmax(size, fabs((double)want[i]));
  }
  return most / size;
}

// Compares y and state with those of the one call; returns 1 if they are not the same. What is written next has to be written anew.
static int report(const char *where, double time) {
  double outputs = difference(y, expected_y, TOKENS * X), states = difference(state, expected_state, STATE);
  int ok = outputs < 1e-5 && states < 1e-5;
  printf("mamba2 %s: %d tokens after a prompt of %d: %.0f tokens/s; largest difference %.1e, of the state %.1e: %s\n", where, STEPS, PROMPT,
         STEPS / time, outputs, states, ok ? "ok" : "too large");
  fill(y, TOKENS * X, NAN, NAN);
  fill(state, STATE, NAN, NAN);
  return !ok;
}

// A workspace for calls on the prompt, on all tokens, and for steps.
static size_t workspace_bytes(const memory *m) {
  mamba2_args prompt = prompt_args(m, PROMPT), all = prompt_args(m, TOKENS);
  mamba2_step_args step = step_args(m, PROMPT);
  size_t most = mamba2_step_workspace_bytes(&step), others[] = {mamba2_workspace_bytes(&prompt), mamba2_workspace_bytes(&all)};
  for (int i = 0; i < 2; ++i)
    most = others[i] > most ? others[i] : most;
  return most;
}

static void *workspace;
static size_t bytes;

static int decode_on_cpu(const memory *m) {
  memory whole = *m;
  whole.y = expected_y;
  whole.state = expected_state;
  mamba2_args all = prompt_args(&whole, TOKENS), prompt = prompt_args(m, PROMPT);
  require(mamba2_cpu(&all, workspace, bytes));

  require(mamba2_cpu(&prompt, workspace, bytes));
  double begin = seconds();
  for (int t = PROMPT; t < TOKENS; ++t) {
    mamba2_step_args step = step_args(m, t);
    require(mamba2_step_cpu(&step, workspace, bytes));
  }
  return report("on the CPU", seconds() - begin);
}

static void enqueue_steps(const memory *m, CUstream stream) {
  for (int t = PROMPT; t < TOKENS; ++t) {
    mamba2_step_args step = step_args(m, t);
    require(mamba2_step_cuda(&step, workspace, bytes, stream));
  }
}

static int report_from_gpu(const char *where, const memory *m, double time) {
  download(y, m->y, TOKENS * X);
  download(state, m->state, STATE);
  CHECK(cuMemsetD8((CUdeviceptr)m->y, 0xff, sizeof y));
  return report(where, time);
}

static int decode_on_gpu(const memory *m) {
  CUstream stream;
  CHECK(cuStreamCreate(&stream, 0));
  mamba2_args prompt = prompt_args(m, PROMPT);
  const mixc_device device = {MIXC_DEVICE_CUDA, 0};
  require(mamba2_load(device));
  require(mamba2_step_load(device));

  require(mamba2_cuda(&prompt, workspace, bytes, stream));
  CHECK(cuStreamSynchronize(stream));
  double begin = seconds();
  enqueue_steps(m, stream);
  CHECK(cuStreamSynchronize(stream));
  int failed = report_from_gpu("on a stream", m, seconds() - begin);

  CUgraphExec steps = capture(stream, enqueue_steps, m);
  require(mamba2_cuda(&prompt, workspace, bytes, stream));
  CHECK(cuStreamSynchronize(stream));
  begin = seconds();
  CHECK(cuGraphLaunch(steps, stream));
  CHECK(cuStreamSynchronize(stream));
  return report_from_gpu("in a graph", m, seconds() - begin) | failed;
}

int main(void) {
  FILL(x, -1, 1), FILL(dt, -4, 0), FILL(dt_bias, -1, 1), FILL(A, -8, -1);
  FILL(B, -1, 1), FILL(C, -1, 1), FILL(D, -1, 1);
  memory host = {x, dt, dt_bias, A, B, C, D, y, state};
  bytes = workspace_bytes(&host);
  workspace = malloc(bytes);
  int failed = decode_on_cpu(&host);
  free(workspace);

  if (!open_gpu()) {
    printf("no GPU here: mamba2 ran on the CPU alone\n");
    return failed;
  }
  memory gpu = copy_to_gpu(&host, TOKENS);
  bytes = workspace_bytes(&gpu);
  workspace = allocate_on_gpu(bytes / sizeof(float) + 1);
  return decode_on_gpu(&gpu) | failed;
}
