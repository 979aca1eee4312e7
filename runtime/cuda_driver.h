// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The CUDA driver as a table of functions, loaded from libcuda.so.1 at first use: the runtime neither needs cuda.h to
// build nor a driver to start. Types and numbers are those of the driver's stable binary interface.

#ifndef MIXC_RUNTIME_CUDA_DRIVER_H
#define MIXC_RUNTIME_CUDA_DRIVER_H

#include "status.h"

typedef int32_t cu_result; // 0: success
typedef int32_t cu_device;
typedef struct cu_context_st *cu_context;
typedef struct cu_module_st *cu_module;
typedef struct cu_function_st *cu_function;

// A tensor as TMA instructions see it; a kernel takes it by value.
typedef struct cu_tensor_map {
  uint64_t opaque[16];
} __attribute__((aligned(64))) cu_tensor_map;

// CUlaunchAttribute, of which one kind is used.
typedef struct cu_launch_attribute {
  int32_t id, pad;
  union {
    int32_t allowed;
    uint64_t words[8];
  } value;
} cu_launch_attribute;

typedef struct cu_launch_config {
  unsigned grid_x, grid_y, grid_z, block_x, block_y, block_z, shared_bytes;
  CUstream stream;
  cu_launch_attribute *attributes;
  unsigned n_attributes;
} cu_launch_config;

enum {
  CU_ERROR_OUT_OF_MEMORY = 2,
  CU_ERROR_NO_DEVICE = 100,
  CU_ERROR_NOT_FOUND = 500,
  CU_ATTRIBUTE_MULTIPROCESSORS = 16,
  CU_ATTRIBUTE_MAJOR = 75,
  CU_ATTRIBUTE_MINOR = 76,
  CU_ATTRIBUTE_MAX_SHARED_OPTIN = 97,
  CU_FUNCTION_MAX_DYNAMIC_SHARED = 8,
  CU_JIT_ERROR_LOG = 5,
  CU_JIT_ERROR_LOG_BYTES = 6,
  CU_CAPTURE_MODE_RELAXED = 2,
  CU_TENSOR_MAP_FLOAT16 = 6,
  CU_TENSOR_MAP_FLOAT32 = 7,
  CU_TENSOR_MAP_BFLOAT16 = 9,
  CU_TENSOR_MAP_INTERLEAVE_NONE = 0,
  CU_TENSOR_MAP_SWIZZLE_NONE = 0,
  CU_TENSOR_MAP_SWIZZLE_32B = 1,
  CU_TENSOR_MAP_SWIZZLE_64B = 2,
  CU_TENSOR_MAP_SWIZZLE_128B = 3,
  CU_TENSOR_MAP_L2_PROMOTION_256B = 3,
  CU_TENSOR_MAP_FILL_ZEROS = 0,
  CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION = 6,
  CU_MAX_GRID = 0x7fffffff
};

// X(member, exported symbol, required, parameters). All return cu_result.
#define MIXC_CUDA_FUNCTIONS(X)                                                                                                             \
  X(init, "cuInit", 1, (unsigned flags))                                                                                                   \
  X(get_error_name, "cuGetErrorName", 1, (cu_result error, const char **name))                                                             \
  X(get_error_string, "cuGetErrorString", 1, (cu_result error, const char **text))                                                         \
  X(device_get, "cuDeviceGet", 1, (cu_device * device, int ordinal))                                                                       \
  X(device_get_count, "cuDeviceGetCount", 1, (int *count))                                                                                 \
  X(device_get_attribute, "cuDeviceGetAttribute", 1, (int *value, int attribute, cu_device device))                                        \
  X(primary_retain, "cuDevicePrimaryCtxRetain", 1, (cu_context * context, cu_device device))                                               \
  X(primary_release, "cuDevicePrimaryCtxRelease_v2", 1, (cu_device device))                                                                \
  X(context_get_current, "cuCtxGetCurrent", 1, (cu_context * context))                                                                     \
  X(context_get_device, "cuCtxGetDevice", 1, (cu_device * device))                                                                         \
  X(context_get_id, "cuCtxGetId", 0, (cu_context context, unsigned long long *id))                                                         \
  X(context_push, "cuCtxPushCurrent_v2", 1, (cu_context context))                                                                          \
  X(context_pop, "cuCtxPopCurrent_v2", 1, (cu_context * context))                                                                          \
  X(exchange_capture_mode, "cuThreadExchangeStreamCaptureMode", 1, (int *mode))                                                            \
  X(module_load, "cuModuleLoadDataEx", 1, (cu_module * module, const void *image, unsigned n_options, int *options, void **values))        \
  X(module_unload, "cuModuleUnload", 1, (cu_module module))                                                                                \
  X(module_get_function, "cuModuleGetFunction", 1, (cu_function * function, cu_module module, const char *name))                           \
  X(function_set_attribute, "cuFuncSetAttribute", 1, (cu_function function, int attribute, int value))                                     \
  X(occupancy, "cuOccupancyMaxActiveBlocksPerMultiprocessor", 1, (int *blocks, cu_function function, int threads, size_t shared_bytes))    \
  X(launch_kernel, "cuLaunchKernel", 1,                                                                                                    \
    (cu_function function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y, unsigned block_z,        \
     unsigned shared_bytes, CUstream stream, void **params, void **extra))                                                                 \
  X(stream_is_capturing, "cuStreamIsCapturing", 1, (CUstream stream, int *status))                                                         \
  X(stream_synchronize, "cuStreamSynchronize", 1, (CUstream stream))                                                                       \
  X(memset_words, "cuMemsetD32Async", 1, (void *device, unsigned value, size_t words, CUstream stream))                                    \
  X(copy_to_host, "cuMemcpyDtoHAsync_v2", 1, (void *host, const void *device, size_t bytes, CUstream stream))                              \
  X(launch_kernel_ex, "cuLaunchKernelEx", 0, (const cu_launch_config *config, cu_function function, void **params, void **extra))          \
  X(tensor_map_encode_tiled, "cuTensorMapEncodeTiled", 0,                                                                                  \
    (cu_tensor_map * map, int32_t type, uint32_t rank, void *address, const uint64_t *sizes, const uint64_t *strides, const uint32_t *box, \
     const uint32_t *steps, int32_t interleave, int32_t swizzle, int32_t promotion, int32_t fill))

typedef struct mixc_cuda_driver {
#define MIXC_CUDA_MEMBER(member, symbol, required, parameters) cu_result(*member) parameters;
  MIXC_CUDA_FUNCTIONS(MIXC_CUDA_MEMBER)
#undef MIXC_CUDA_MEMBER
} mixc_cuda_driver;

// The table, with the driver initialised. A failure is remembered: later calls are cheap and fail alike. Thread-safe.
mixc_status mixc_cuda_driver_get(const mixc_cuda_driver **driver);

// Puts a table in the driver's place, null: the real one again. The table is borrowed. Not while calls are under way.
void mixc_cuda_driver_set_for_test(const mixc_cuda_driver *driver);

// The same, loaded from that library file.
void mixc_cuda_driver_set_library_for_test(const char *file);

// Ok, or what the driver call answered.
mixc_status mixc_cuda_check(const mixc_cuda_driver *driver, cu_result result, const char *function);

#endif // MIXC_RUNTIME_CUDA_DRIVER_H
