// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception
//
// The sequence of main.c on a GPU: its memory, a stream, and the steps on the stream or in a graph.
#pragma once

#include "../link-cuda/driver.h"
#include "memory.h"

#include <stdio.h>
#include <stdlib.h>

static void check(CUresult result, const char *what) {
  if (result != CUDA_SUCCESS) {
    fprintf(stderr, "%s: CUDA error %d\n", what, result);
    exit(1);
  }
}
#define CHECK(call) check(call, #call)

// Whether there is a GPU; makes its context current.
static int open_gpu(void) {
  int count = 0;
  CUdevice device;
  CUcontext context;
  if (!load_driver() || cuInit(0) != CUDA_SUCCESS || cuDeviceGetCount(&count) != CUDA_SUCCESS || count == 0)
    return 0;
  CHECK(cuDeviceGet(&device, 0));
  CHECK(cuDevicePrimaryCtxRetain(&context, device));
  CHECK(cuCtxSetCurrent(context));
  return 1;
}

static float *allocate_on_gpu(size_t floats) {
  CUdeviceptr pointer = 0;
  CHECK(cuMemAlloc(&pointer, floats * sizeof(float) + 1)); // no workspace is an address, too
  return (float *)pointer;
}

static const float *upload(const float *data, size_t floats) {
  float *pointer = allocate_on_gpu(floats);
  CHECK(cuMemcpyHtoD((CUdeviceptr)pointer, data, floats * sizeof(float)));
  return pointer;
}

static void download(float *data, const float *pointer, size_t floats) {
  CHECK(cuMemcpyDtoH(data, (CUdeviceptr)pointer, floats * sizeof(float)));
}

// The same sequence in the GPU's memory.
static memory copy_to_gpu(const memory *host, int tokens) {
  memory m = {.x = upload(host->x, (size_t)tokens * X),
              .dt = upload(host->dt, (size_t)tokens * DT),
              .dt_bias = upload(host->dt_bias, H),
              .A = upload(host->A, H),
              .B = upload(host->B, (size_t)tokens * BC),
              .C = upload(host->C, (size_t)tokens * BC),
              .D = upload(host->D, H),
              .y = allocate_on_gpu((size_t)tokens * X),
              .state = allocate_on_gpu(STATE)};
  return m;
}

// A graph of what `enqueue` puts on the stream.
static CUgraphExec capture(CUstream stream, void (*enqueue)(const memory *, CUstream), const memory *m) {
  CUgraph graph;
  CUgraphExec ready;
  CHECK(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
  enqueue(m, stream);
  CHECK(cuStreamEndCapture(stream, &graph));
  CHECK(cuGraphInstantiateWithFlags(&ready, graph, 0));
  return ready;
}
