// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Stands for a CUDA driver with one H100-like GPU, on which whatever is timed takes a millisecond.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

int cuInit(unsigned flags) { return 0; }
int cuGetErrorString(int error, const char **text) { return *text = "an error", 0; }
int cuDeviceGet(int *device, int ordinal) { return *device = 0; }
int cuDeviceGetCount(int *count) { return *count = 1, 0; }
int cuDeviceGetName(char *name, int bytes, int device) { return strncpy(name, "Fake <GPU>", (size_t)bytes), 0; }
int cuDeviceGetAttribute(int *value, int attribute, int device) {
  *value = attribute == 75 ? 9 : attribute == 76 ? 0 : attribute == 16 ? 100 : attribute == 38 ? 40000000 : attribute == 97 ? 200000 : -1;
  return 0;
}
int cuDevicePrimaryCtxRetain(void **context, int device) { return *context = "context", 0; }
int cuDevicePrimaryCtxRelease_v2(int device) { return 0; }
int cuCtxSetCurrent(void *context) { return 0; }
int cuMemGetInfo_v2(size_t *available, size_t *all) { return *available = *all = (size_t)8 << 30, 0; }
int cuMemAlloc_v2(uint64_t *address, size_t bytes) { return *address = 4096, 0; }
int cuMemFree_v2(uint64_t address) { return 0; }
int cuMemcpyHtoD_v2(uint64_t to, const void *from, size_t bytes) { return 0; }
int cuMemcpyDtoH_v2(void *to, uint64_t from, size_t bytes) { return 0; }
int cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, void *stream) { return bytes == (size_t)1 << 30 ? 0 : 1; }
int cuEventCreate(void **event, unsigned flags) { return *event = "event", 0; }
int cuEventRecord(void *event, void *stream) { return 0; }
int cuEventSynchronize(void *event) { return 0; }
int cuEventElapsedTime(float *milliseconds, void *start, void *end) { return *milliseconds = 1, 0; }
int cuModuleLoadData(void **module, const void *image) { return *module = "module", strstr(image, ".entry empty") ? 0 : 1; }
int cuModuleUnload(void *module) { return 0; }
int cuModuleGetFunction(void **function, void *module, const char *name) { return *function = "kernel", 0; }
int cuLaunchKernel(void *kernel, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared,
                   void *stream, void **parameters, void **extra) {
  return 0;
}
