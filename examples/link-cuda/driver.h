// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception
//
// The part of the CUDA driver's interface that main.c uses, for machines without a CUDA toolkit: with one, this whole file is
// `#include <cuda.h>`, and the program links with -lcuda.
#pragma once

#include <dlfcn.h>
#include <stddef.h>

typedef int CUresult, CUdevice;
typedef unsigned long long CUdeviceptr;
typedef struct CUctx_st *CUcontext;
typedef struct CUstream_st *CUstream;
typedef struct CUgraph_st *CUgraph;
typedef struct CUgraphExec_st *CUgraphExec;
enum { CUDA_SUCCESS = 0, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL = 1 };

// Name in this file, name in the library, parameters.
#define DRIVER_FUNCTIONS(F)                                                                                                                \
  F(cuInit, "cuInit", (unsigned))                                                                                                          \
  F(cuDeviceGetCount, "cuDeviceGetCount", (int *))                                                                                         \
  F(cuDeviceGet, "cuDeviceGet", (CUdevice *, int))                                                                                         \
  F(cuDevicePrimaryCtxRetain, "cuDevicePrimaryCtxRetain", (CUcontext *, CUdevice))                                                         \
  F(cuCtxSetCurrent, "cuCtxSetCurrent", (CUcontext))                                                                                       \
  F(cuMemAlloc, "cuMemAlloc_v2", (CUdeviceptr *, size_t))                                                                                  \
  F(cuMemcpyHtoD, "cuMemcpyHtoD_v2", (CUdeviceptr, const void *, size_t))                                                                  \
  F(cuMemcpyDtoH, "cuMemcpyDtoH_v2", (void *, CUdeviceptr, size_t))                                                                        \
  F(cuMemsetD8, "cuMemsetD8_v2", (CUdeviceptr, unsigned char, size_t))                                                                     \
  F(cuStreamCreate, "cuStreamCreate", (CUstream *, unsigned))                                                                              \
  F(cuStreamSynchronize, "cuStreamSynchronize", (CUstream))                                                                                \
  F(cuStreamBeginCapture, "cuStreamBeginCapture_v2", (CUstream, int))                                                                      \
  F(cuStreamEndCapture, "cuStreamEndCapture", (CUstream, CUgraph *))                                                                       \
  F(cuGraphInstantiateWithFlags, "cuGraphInstantiateWithFlags", (CUgraphExec *, CUgraph, unsigned long long))                              \
  F(cuGraphLaunch, "cuGraphLaunch", (CUgraphExec, CUstream))

#define DECLARE(name, symbol, parameters) static CUresult(*name) parameters;
DRIVER_FUNCTIONS(DECLARE)
#undef DECLARE

// Finds the functions in the driver; 0 if there is none.
static int load_driver(void) {
  void *library = dlopen("libcuda.so.1", RTLD_NOW);
  if (!library)
    return 0;
#define LOAD(name, symbol, parameters) *(void **)&name = dlsym(library, symbol);
  DRIVER_FUNCTIONS(LOAD)
#undef LOAD
  return cuGraphInstantiateWithFlags != NULL && cuStreamBeginCapture != NULL;
}
