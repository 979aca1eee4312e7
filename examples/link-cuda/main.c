// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception
//
// Calls a compiled spec on a GPU, from C, with nothing but the CUDA driver: once on a stream, once captured in a graph. The result is
// compared with that of the CPU code in the same object.

#include "simple_gla.h"

#include "driver.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { B = 2, T = 1000, H = simple_gla_H, N = simple_gla_N, P = simple_gla_P };

static float q[B][T][H][N], k[B][T][H][N], v[B][T][H][P], g[B][T][H], o[B][T][H][P], expected[B][T][H][P];

static void check(CUresult result, const char *what) {
  if (result != CUDA_SUCCESS) {
    fprintf(stderr, "%s: CUDA error %d\n", what, result);
    exit(1);
  }
}
#define CHECK(call) check(call, #call)

static void require(mixc_status status) {
  if (status.code != MIXC_OK) {
    fprintf(stderr, "mixc: %s\n", status.message);
    exit(1);
  }
}

static void fill(float *values, size_t count, float lo, float hi) {
  for (size_t i = 0; i < count; ++i)
    values[i] = lo + (hi - lo) * (float)rand() / (float)RAND_MAX;
}

static CUdeviceptr upload(const void *data, size_t bytes) {
  CUdeviceptr pointer;
  CHECK(cuMemAlloc(&pointer, bytes));
  CHECK(cuMemcpyHtoD(pointer, data, bytes));
  return pointer;
}

// ||o - expected|| / ||expected||
static double relative_error(void) {
  double error = 0, size = 0;
  const float *got = &o[0][0][0][0], *want = &expected[0][0][0][0];
  for (size_t i = 0; i < sizeof o / sizeof *got; ++i) {
    error += (got[i] - want[i]) * (got[i] - want[i]);
    size += want[i] * want[i];
  }
  return sqrt(error / size);
}

// Reads the result back, reports it, and clears it on the device for the next call.
static int compare(const char *how, CUdeviceptr result, CUstream stream) {
  CHECK(cuStreamSynchronize(stream));
  CHECK(cuMemcpyDtoH(o, result, sizeof o));
  CHECK(cuMemsetD8(result, 0, sizeof o));
  double error = relative_error();
  printf("simple_gla %s: relative error %.1e: %s\n", how, error, error < 2e-3 ? "ok" : "too large");
  return error < 2e-3 ? 0 : 1;
}

static void run_on_cpu(void) {
  simple_gla_args args = {.B = B, .T = T, .q.data = q, .k.data = k, .v.data = v, .g.data = g, .o.data = expected};
  size_t bytes = simple_gla_workspace_bytes(&args);
  void *workspace = malloc(bytes);
  require(simple_gla_cpu(&args, workspace, bytes));
  free(workspace);
}

static int run_on_gpu(void) {
  CUdevice device;
  CUcontext context;
  CUstream stream;
  CHECK(cuDeviceGet(&device, 0));
  CHECK(cuDevicePrimaryCtxRetain(&context, device));
  CHECK(cuCtxSetCurrent(context));
  CHECK(cuStreamCreate(&stream, 0));
  CUdeviceptr result = upload(o, sizeof o);

  // Device pointers are what they are on the host: `data` of a tensor.
  simple_gla_args args = {.B = B,
                          .T = T,
                          .q.data = (void *)upload(q, sizeof q),
                          .k.data = (void *)upload(k, sizeof k),
                          .v.data = (void *)upload(v, sizeof v),
                          .g.data = (void *)upload(g, sizeof g),
                          .o.data = (void *)result};
  size_t bytes = simple_gla_workspace_bytes(&args);
  CUdeviceptr workspace = 0;
  if (bytes > 0)
    CHECK(cuMemAlloc(&workspace, bytes));

  // The call enqueues kernels on the stream and returns.
  require(simple_gla_cuda(&args, (void *)workspace, bytes, stream));
  int failed = compare("on a stream", result, stream);

  // It allocates nothing and waits for nothing, so a graph can hold it.
  CUgraph graph;
  CUgraphExec ready;
  CHECK(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
  require(simple_gla_cuda(&args, (void *)workspace, bytes, stream));
  CHECK(cuStreamEndCapture(stream, &graph));
  CHECK(cuGraphInstantiateWithFlags(&ready, graph, 0));
  CHECK(cuGraphLaunch(ready, stream));
  return compare("in a graph", result, stream) | failed;
}

int main(void) {
  fill(&q[0][0][0][0], sizeof q / 4, -1, 1), fill(&k[0][0][0][0], sizeof k / 4, -1, 1);
  fill(&v[0][0][0][0], sizeof v / 4, -1, 1), fill(&g[0][0][0], sizeof g / 4, -0.2f, 0);
  run_on_cpu();
  int count = 0;
  if (!load_driver() || cuInit(0) != CUDA_SUCCESS || cuDeviceGetCount(&count) != CUDA_SUCCESS || count == 0) {
    printf("no GPU here: simple_gla ran on the CPU alone\n");
    return 77; // what test drivers take as skipped
  }
  return run_on_gpu();
}
