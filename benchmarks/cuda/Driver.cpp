// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Driver.h"
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <vector>

namespace mixc::bench {
namespace {

using Event = void *;
using Graph = void *;
using GraphExec = void *;
using DevicePtr = unsigned long long;
constexpr unsigned kNoTimingSync = 0;
constexpr int kRelaxedCapture = 2;
constexpr size_t kFlushBytes = 256u << 20;

/// The driver's functions under their own names.
struct Api {
  int (*cuInit)(unsigned);
  int (*cuDeviceGet)(int *, int);
  int (*cuDeviceGetName)(char *, int, int);
  int (*cuDevicePrimaryCtxRetain)(void **, int);
  int (*cuCtxSetCurrent)(void *);
  int (*cuGetErrorString)(int, const char **);
  int (*cuMemAlloc_v2)(DevicePtr *, size_t);
  int (*cuMemFree_v2)(DevicePtr);
  int (*cuMemcpyHtoD_v2)(DevicePtr, const void *, size_t);
  int (*cuMemcpyDtoH_v2)(void *, DevicePtr, size_t);
  int (*cuMemcpyDtoDAsync_v2)(DevicePtr, DevicePtr, size_t, CUstream);
  int (*cuMemsetD8Async)(DevicePtr, unsigned char, size_t, CUstream);
  int (*cuStreamCreate)(CUstream *, unsigned);
  int (*cuStreamSynchronize)(CUstream);
  int (*cuEventCreate)(Event *, unsigned);
  int (*cuEventRecord)(Event, CUstream);
  int (*cuEventSynchronize)(Event);
  int (*cuEventElapsedTime)(float *, Event, Event);
  int (*cuStreamBeginCapture_v2)(CUstream, int);
  int (*cuStreamEndCapture)(CUstream, Graph *);
  int (*cuGraphInstantiateWithFlags)(GraphExec *, Graph, unsigned long long);
  int (*cuGraphLaunch)(GraphExec, CUstream);
  int (*cuGraphExecDestroy)(GraphExec);
  int (*cuGraphDestroy)(Graph);
};
Api api;
CUstream theStream;
int theDevice;
void *flushBuffer;

template <typename Function> bool find(void *library, const char *name, Function &function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

void check(int result, const char *what) {
  if (result == 0)
    return;
  const char *text = "unknown error";
  if (api.cuGetErrorString)
    api.cuGetErrorString(result, &text);
  std::fprintf(stderr, "%s: expected success, got %s (%d)\n", what, text, result);
  std::exit(1);
}
#define CHECK(call) check(api.call, #call)

DevicePtr address(const void *memory) { return reinterpret_cast<uintptr_t>(memory); }

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Seconds on the GPU between two points of the stream.
class Stopwatch {
public:
  Stopwatch() {
    CHECK(cuEventCreate(&begin, kNoTimingSync));
    CHECK(cuEventCreate(&end, kNoTimingSync));
  }
  double measure(const std::function<void()> &run) {
    CHECK(cuEventRecord(begin, theStream));
    run();
    CHECK(cuEventRecord(end, theStream));
    CHECK(cuEventSynchronize(end));
    float milliseconds = 0;
    CHECK(cuEventElapsedTime(&milliseconds, begin, end));
    return milliseconds * 1e-3;
  }

private:
  Event begin, end;
};

Stopwatch &stopwatch() {
  static Stopwatch watch;
  return watch;
}

/// How often to repeat what takes `seconds`, for about `budget` seconds.
int repetitions(double seconds, double budget, int least, int most) {
  return std::clamp(static_cast<int>(budget / std::max(seconds, 1e-7)), least, most);
}

} // namespace

void openDevice() {
  void *library = dlopen("libcuda.so.1", RTLD_NOW);
  if (!library) {
    std::fprintf(stderr, "expected a CUDA driver, got none: %s\n", dlerror());
    std::exit(77);
  }
  const bool found =
      find(library, "cuInit", api.cuInit) && find(library, "cuDeviceGet", api.cuDeviceGet) &&
      find(library, "cuDeviceGetName", api.cuDeviceGetName) && find(library, "cuDevicePrimaryCtxRetain", api.cuDevicePrimaryCtxRetain) &&
      find(library, "cuCtxSetCurrent", api.cuCtxSetCurrent) && find(library, "cuGetErrorString", api.cuGetErrorString) &&
      find(library, "cuMemAlloc_v2", api.cuMemAlloc_v2) && find(library, "cuMemFree_v2", api.cuMemFree_v2) &&
      find(library, "cuMemcpyHtoD_v2", api.cuMemcpyHtoD_v2) && find(library, "cuMemcpyDtoH_v2", api.cuMemcpyDtoH_v2) &&
      find(library, "cuMemcpyDtoDAsync_v2", api.cuMemcpyDtoDAsync_v2) && find(library, "cuMemsetD8Async", api.cuMemsetD8Async) &&
      find(library, "cuStreamCreate", api.cuStreamCreate) && find(library, "cuStreamSynchronize", api.cuStreamSynchronize) &&
      find(library, "cuEventCreate", api.cuEventCreate) && find(library, "cuEventRecord", api.cuEventRecord) &&
      find(library, "cuEventSynchronize", api.cuEventSynchronize) && find(library, "cuEventElapsedTime", api.cuEventElapsedTime) &&
      find(library, "cuStreamBeginCapture_v2", api.cuStreamBeginCapture_v2) &&
      find(library, "cuStreamEndCapture", api.cuStreamEndCapture) &&
      find(library, "cuGraphInstantiateWithFlags", api.cuGraphInstantiateWithFlags) && find(library, "cuGraphLaunch", api.cuGraphLaunch) &&
      find(library, "cuGraphExecDestroy", api.cuGraphExecDestroy) && find(library, "cuGraphDestroy", api.cuGraphDestroy);
  if (!found) {
    std::fprintf(stderr, "expected a CUDA driver of version 12 or later, got one without its functions\n");
    std::exit(77);
  }
  if (api.cuInit(0) != 0 || api.cuDeviceGet(&theDevice, 0) != 0) {
    std::fprintf(stderr, "expected a GPU, got none\n");
    std::exit(77);
  }
  void *context;
  CHECK(cuDevicePrimaryCtxRetain(&context, theDevice));
  CHECK(cuCtxSetCurrent(context));
  // A stream that waits for the copies of the default stream.
  CHECK(cuStreamCreate(&theStream, /*CU_STREAM_DEFAULT=*/0));
  flushBuffer = deviceAllocate(kFlushBytes);
}

std::string deviceName() {
  char name[256];
  CHECK(cuDeviceGetName(name, sizeof name, theDevice));
  return name;
}

void *deviceAllocate(size_t bytes) {
  DevicePtr memory;
  CHECK(cuMemAlloc_v2(&memory, std::max<size_t>(bytes, 256)));
  return reinterpret_cast<void *>(static_cast<uintptr_t>(memory));
}

void deviceFree(void *memory) {
  if (memory)
    CHECK(cuMemFree_v2(address(memory)));
}

void copyToDevice(void *device, const void *host, size_t bytes) { CHECK(cuMemcpyHtoD_v2(address(device), host, bytes)); }

void copyToHost(void *host, const void *device, size_t bytes) { CHECK(cuMemcpyDtoH_v2(host, address(device), bytes)); }

void fillDevice(void *device, unsigned char value, size_t bytes, CUstream on) { CHECK(cuMemsetD8Async(address(device), value, bytes, on)); }

CUstream stream() { return theStream; }

void synchronize() { CHECK(cuStreamSynchronize(theStream)); }

double timePlain(const std::function<void()> &run) {
  for (int i = 0; i < 3; ++i)
    run();
  const double estimate = stopwatch().measure(run);
  std::vector<double> times;
  for (int i = repetitions(estimate, 0.1, 10, 200); i > 0; --i) {
    fillDevice(flushBuffer, static_cast<unsigned char>(i), kFlushBytes, theStream);
    times.push_back(stopwatch().measure(run));
  }
  return median(times);
}

double timeGraph(const std::function<void()> &run) {
  const int calls = repetitions(stopwatch().measure(run), 2e-3, 1, 50);
  Graph graph;
  GraphExec executable;
  CHECK(cuStreamBeginCapture_v2(theStream, kRelaxedCapture));
  for (int i = 0; i < calls; ++i)
    run();
  CHECK(cuStreamEndCapture(theStream, &graph));
  CHECK(cuGraphInstantiateWithFlags(&executable, graph, 0));
  auto replay = [&] { CHECK(cuGraphLaunch(executable, theStream)); };
  std::vector<double> times;
  for (int i = 0; i < 25; ++i) {
    const double seconds = stopwatch().measure(replay) / calls;
    if (i >= 5)
      times.push_back(seconds);
  }
  CHECK(cuGraphExecDestroy(executable));
  CHECK(cuGraphDestroy(graph));
  return median(times);
}

double copyBandwidth() {
  const size_t bytes = 1u << 30;
  void *from = deviceAllocate(bytes), *to = deviceAllocate(bytes);
  const double seconds = timePlain([&] { CHECK(cuMemcpyDtoDAsync_v2(address(to), address(from), bytes, theStream)); });
  deviceFree(from);
  deviceFree(to);
  return 2.0 * bytes / seconds;
}

} // namespace mixc::bench
