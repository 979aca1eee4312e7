// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "FakeDriver.h"

#include <algorithm>
#include <cstring>

namespace fake {
namespace {

struct Context {
  int device;
  unsigned long long id;
};

struct Module {
  bool loaded;
};

struct Function {
  std::string name;
};

Driver *driver = nullptr;
Context contexts[2];
thread_local std::vector<Context *> stack;
thread_local int threadCaptureMode;
// Never freed, as handles of the real driver may be kept for as long as one likes.
std::vector<Module *> &allModules = *new std::vector<Module *>;
std::map<std::string, Function *> &allFunctions = *new std::map<std::string, Function *>;

// Counts the call; the error to return, if any.
cu_result enter(const char *name) {
  int count = driver->calls[name]++;
  return driver->failing == name && count >= driver->skip ? driver->failure : 0;
}

#define ENTER(name)                                                                                                                        \
  std::lock_guard<std::mutex> guard(driver->lock);                                                                                         \
  if (cu_result error = enter(name))                                                                                                       \
  return error

void misuse(const std::string &what) { driver->misuse.push_back(what); }

void needContext(const char *function) {
  if (stack.empty())
    misuse(std::string(function) + " without a context");
}

// A thread that captures in the default mode may not load.
void needRelaxed(const char *function) {
  if (threadCaptureMode != CU_CAPTURE_MODE_RELAXED)
    misuse(std::string(function) + " outside relaxed capture mode");
}

cu_result init(unsigned) {
  ENTER("cuInit");
  return 0;
}

cu_result getErrorName(cu_result error, const char **name) {
  *name = error == 999 ? "CUDA_ERROR_UNKNOWN" : error == CU_ERROR_OUT_OF_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY" : nullptr;
  return *name ? 0 : 1;
}

cu_result getErrorString(cu_result error, const char **text) {
  *text = error == 999 ? "unknown error" : error == CU_ERROR_OUT_OF_MEMORY ? "out of memory" : nullptr;
  return *text ? 0 : 1;
}

cu_result deviceGet(cu_device *device, int ordinal) {
  ENTER("cuDeviceGet");
  *device = ordinal;
  return 0;
}

cu_result deviceGetCount(int *count) {
  ENTER("cuDeviceGetCount");
  *count = 2;
  return 0;
}

cu_result deviceGetAttribute(int *value, int attribute, cu_device) {
  ENTER("cuDeviceGetAttribute");
  *value = attribute == CU_ATTRIBUTE_MAJOR             ? driver->major
           : attribute == CU_ATTRIBUTE_MINOR           ? driver->minor
           : attribute == CU_ATTRIBUTE_MULTIPROCESSORS ? driver->units
                                                       : driver->maxShared;
  return 0;
}

cu_result primaryRetain(cu_context *context, cu_device device) {
  ENTER("cuDevicePrimaryCtxRetain");
  ++driver->retained;
  *context = reinterpret_cast<cu_context>(&contexts[device]);
  return 0;
}

cu_result primaryRelease(cu_device) {
  ENTER("cuDevicePrimaryCtxRelease_v2");
  --driver->retained;
  return 0;
}

cu_result contextGetCurrent(cu_context *context) {
  ENTER("cuCtxGetCurrent");
  *context = stack.empty() ? nullptr : reinterpret_cast<cu_context>(stack.back());
  return 0;
}

cu_result contextGetDevice(cu_device *device) {
  ENTER("cuCtxGetDevice");
  needContext("cuCtxGetDevice");
  *device = stack.back()->device;
  return 0;
}

cu_result contextGetId(cu_context context, unsigned long long *id) {
  ENTER("cuCtxGetId");
  *id = reinterpret_cast<Context *>(context)->id;
  return 0;
}

cu_result contextPush(cu_context context) {
  ENTER("cuCtxPushCurrent_v2");
  stack.push_back(reinterpret_cast<Context *>(context));
  return 0;
}

cu_result contextPop(cu_context *context) {
  ENTER("cuCtxPopCurrent_v2");
  needContext("cuCtxPopCurrent_v2");
  *context = reinterpret_cast<cu_context>(stack.back());
  stack.pop_back();
  return 0;
}

cu_result exchangeCaptureMode(int *mode) {
  ENTER("cuThreadExchangeStreamCaptureMode");
  std::swap(*mode, threadCaptureMode);
  driver->captureMode = threadCaptureMode;
  return 0;
}

cu_result moduleLoad(cu_module *module, const void *image, unsigned n, int *options, void **values) {
  std::lock_guard<std::mutex> guard(driver->lock);
  needContext("cuModuleLoadDataEx");
  needRelaxed("cuModuleLoadDataEx");
  if (cu_result error = enter("cuModuleLoadDataEx")) {
    if (n == 2 && options[0] == CU_JIT_ERROR_LOG && options[1] == CU_JIT_ERROR_LOG_BYTES)
      std::strncpy(static_cast<char *>(values[0]), driver->jitLog.c_str(), reinterpret_cast<size_t>(values[1]) - 1);
    return error;
  }
  driver->images.push_back(image);
  ++driver->modules;
  allModules.push_back(new Module{true});
  *module = reinterpret_cast<cu_module>(allModules.back());
  return 0;
}

cu_result moduleUnload(cu_module module) {
  ENTER("cuModuleUnload");
  auto *m = reinterpret_cast<Module *>(module);
  if (!m->loaded)
    misuse("cuModuleUnload twice");
  m->loaded = false;
  --driver->modules;
  return 0;
}

cu_result moduleGetFunction(cu_function *function, cu_module module, const char *name) {
  ENTER("cuModuleGetFunction");
  needRelaxed("cuModuleGetFunction");
  if (!reinterpret_cast<Module *>(module)->loaded)
    misuse("cuModuleGetFunction of an unloaded module");
  if (driver->missingKernel == name)
    return CU_ERROR_NOT_FOUND;
  Function *&entry = allFunctions[name];
  if (!entry)
    entry = new Function{name};
  *function = reinterpret_cast<cu_function>(entry);
  return 0;
}

cu_result functionSetAttribute(cu_function function, int attribute, int value) {
  ENTER("cuFuncSetAttribute");
  if (attribute != CU_FUNCTION_MAX_DYNAMIC_SHARED || value > driver->maxShared)
    misuse("cuFuncSetAttribute with a bad value");
  driver->sharedLimits[reinterpret_cast<Function *>(function)->name] = value;
  return 0;
}

cu_result occupancy(int *blocks, cu_function, int threads, size_t shared) {
  ENTER("cuOccupancyMaxActiveBlocksPerMultiprocessor");
  if (threads <= 0 || shared > static_cast<size_t>(driver->maxShared))
    misuse("cuOccupancyMaxActiveBlocksPerMultiprocessor with a bad value");
  *blocks = driver->blocksPerUnit;
  return 0;
}

void recordLaunch(cu_function function, const cu_launch_config &config, void **params) {
  if (config.grid_x == 0 || config.grid_x > CU_MAX_GRID || config.grid_y != 1 || config.grid_z != 1 || config.block_x == 0 ||
      config.block_y != 1 || config.block_z != 1)
    misuse("a launch with a bad grid");
  Launch launch = {reinterpret_cast<Function *>(function)->name,
                   config.grid_x,
                   config.block_x,
                   config.shared_bytes,
                   config.stream,
                   {},
                   config.n_attributes != 0,
                   {},
                   0};
  for (size_t i = 0; i < driver->numParams; ++i)
    launch.params.push_back(*static_cast<int64_t *>(params[i]));
  for (size_t i = driver->numParams; i < driver->numParams + driver->numMaps; ++i)
    launch.maps.push_back(*static_cast<cu_tensor_map *>(params[i]));
  if (driver->persistent)
    launch.allBlocks = *static_cast<int64_t *>(params[driver->numParams + driver->numMaps]);
  driver->launches.push_back(launch);
}

cu_result launchKernel(cu_function function, unsigned x, unsigned y, unsigned z, unsigned threads, unsigned threadsY, unsigned threadsZ,
                       unsigned shared, CUstream stream, void **params, void **extra) {
  ENTER("cuLaunchKernel");
  needContext("cuLaunchKernel");
  if (extra)
    misuse("cuLaunchKernel with extra");
  recordLaunch(function, {x, y, z, threads, threadsY, threadsZ, shared, stream, nullptr, 0}, params);
  return 0;
}

cu_result streamIsCapturing(CUstream, int *status) {
  ENTER("cuStreamIsCapturing");
  *status = driver->capturing;
  return 0;
}

cu_result streamSynchronize(CUstream) {
  ENTER("cuStreamSynchronize");
  return 0;
}

// Device memory is the host's.
cu_result memsetWords(void *device, unsigned value, size_t words, CUstream) {
  ENTER("cuMemsetD32Async");
  std::fill_n(static_cast<unsigned *>(device), words, value);
  return 0;
}

cu_result copyToHost(void *host, const void *device, size_t bytes, CUstream) {
  ENTER("cuMemcpyDtoHAsync_v2");
  if (driver->capturing)
    misuse("cuMemcpyDtoHAsync while a stream is captured");
  if (driver->afterKernels)
    driver->afterKernels();
  std::memcpy(host, device, bytes);
  return 0;
}

cu_result launchKernelEx(const cu_launch_config *config, cu_function function, void **params, void **extra) {
  ENTER("cuLaunchKernelEx");
  needContext("cuLaunchKernelEx");
  if (extra || config->n_attributes != 1 || config->attributes->id != CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION ||
      config->attributes->value.allowed != 1)
    misuse("cuLaunchKernelEx with a bad attribute");
  recordLaunch(function, *config, params);
  return 0;
}

// Refuses what the real function does.
cu_result encodeTensorMap(cu_tensor_map *map, int32_t type, uint32_t rank, void *address, const uint64_t *sizes, const uint64_t *strides,
                          const uint32_t *box, const uint32_t *steps, int32_t interleave, int32_t swizzle, int32_t promotion,
                          int32_t fill) {
  ENTER("cuTensorMapEncodeTiled");
  bool legal =
      rank >= 1 && rank <= 5 && reinterpret_cast<uintptr_t>(map) % 64 == 0 && address && reinterpret_cast<uintptr_t>(address) % 16 == 0;
  for (uint32_t d = 0; legal && d < rank; ++d) {
    legal &= sizes[d] >= 1 && sizes[d] <= uint64_t(1) << 32 && box[d] >= 1 && box[d] <= 256 && steps[d] == 1;
    legal &= d + 1 == rank || (strides[d] > 0 && strides[d] % 16 == 0 && strides[d] < uint64_t(1) << 40);
  }
  if (!legal)
    misuse("cuTensorMapEncodeTiled with a bad argument");
  driver->maps.push_back({type,
                          address,
                          {sizes, sizes + rank},
                          {strides, strides + rank - 1},
                          {box, box + rank},
                          {steps, steps + rank},
                          interleave,
                          swizzle,
                          promotion,
                          fill});
  map->opaque[0] = driver->maps.size();
  return 0;
}

const mixc_cuda_driver table = {
    init,           getErrorName,        getErrorString,    deviceGet,         deviceGetCount,    deviceGetAttribute,
    primaryRetain,  primaryRelease,      contextGetCurrent, contextGetDevice,  contextGetId,      contextPush,
    contextPop,     exchangeCaptureMode, moduleLoad,        moduleUnload,      moduleGetFunction, functionSetAttribute,
    occupancy,      launchKernel,        streamIsCapturing, streamSynchronize, memsetWords,       copyToHost,
    launchKernelEx, encodeTensorMap};

unsigned long long nextContextId = 1;

} // namespace

Driver::Driver() {
  driver = this;
  for (int device = 0; device < 2; ++device)
    contexts[device] = {device, nextContextId++};
  stack.clear();
  threadCaptureMode = 0;
  mixc_cuda_driver_set_for_test(&table);
}

Driver::~Driver() {
  stack.clear();
  mixc_cuda_driver_set_for_test(nullptr);
  driver = nullptr;
}

void Driver::setCurrent(int device) {
  stack.clear();
  if (device >= 0)
    stack.push_back(&contexts[device]);
}

void Driver::forgetTensorMaps() {
  static const mixc_cuda_driver older = [] {
    mixc_cuda_driver copy = table;
    copy.tensor_map_encode_tiled = nullptr;
    return copy;
  }();
  mixc_cuda_driver_set_for_test(&older);
}

void Driver::renewContext(int device) { contexts[device].id = nextContextId++; }

int Driver::contextDepth() const { return static_cast<int>(stack.size()); }

} // namespace fake
