// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "CudaDevice.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/DynamicLibrary.h"
#include "llvm/Support/FormatVariadic.h"
#include <vector>

using namespace llvm;
using namespace mixc;

namespace {
/// The driver calls that this tool makes itself; launches are the runtime's. Types as in the driver's binary interface.
struct Driver {
  int (*init)(unsigned);
  int (*getErrorString)(int, const char **);
  int (*deviceGet)(int *, int);
  int (*deviceGetCount)(int *);
  int (*deviceGetName)(char *, int, int);
  int (*deviceGetAttribute)(int *, int, int);
  int (*primaryRetain)(void **, int);
  int (*primaryRelease)(int);
  int (*setCurrent)(void *);
  int (*memoryInfo)(size_t *, size_t *);
  int (*allocate)(uint64_t *, size_t);
  int (*free)(uint64_t);
  int (*upload)(uint64_t, const void *, size_t);
  int (*download)(void *, uint64_t, size_t);
  int (*eventCreate)(void **, unsigned);
  int (*eventRecord)(void *, void *);
  int (*eventSynchronise)(void *);
  int (*eventMilliseconds)(float *, void *, void *);
  int (*copyWithin)(uint64_t, uint64_t, size_t, void *);
  int (*moduleLoad)(void **, const void *);
  int (*moduleUnload)(void *);
  int (*moduleFunction)(void **, void *, const char *);
  int (*launch)(void *, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void *, void **, void **);
};

class CudaDevice : public Device {
public:
  static Expected<std::unique_ptr<Device>> open(int ordinal);
  ~CudaDevice() override {
    for (uint64_t block : blocks)
      driver.free(block);
    if (context)
      driver.primaryRelease(handle);
  }
  Expected<void *> allocate(size_t bytes) override {
    uint64_t address = 0;
    if (bytes)
      if (Error error = check(driver.allocate(&address, bytes), "cuMemAlloc"))
        return error;
    if (address)
      blocks.push_back(address);
    return reinterpret_cast<void *>(address);
  }
  void release(void *block) override {
    const auto address = reinterpret_cast<uint64_t>(block);
    llvm::erase(blocks, address);
    driver.free(address);
  }
  Expected<uint64_t> availableBytes() override {
    size_t available = 0, all = 0;
    if (Error error = check(driver.memoryInfo(&available, &all), "cuMemGetInfo"))
      return error;
    return available;
  }
  Error upload(void *to, const void *from, size_t bytes) override {
    return bytes ? check(driver.upload(reinterpret_cast<uint64_t>(to), from, bytes), "cuMemcpyHtoD") : Error::success();
  }
  Error download(void *to, const void *from, size_t bytes) override {
    return bytes ? check(driver.download(to, reinterpret_cast<uint64_t>(from), bytes), "cuMemcpyDtoH") : Error::success();
  }
  mixc_status call(const mixc_spec_desc *desc, const mixc_plan *plan, const void *args, void *workspace, size_t bytes) override {
    return mixc_spec_run_cuda_with(desc, plan, args, workspace, bytes, nullptr);
  }
  Expected<double> time(function_ref<mixc_status()> call) override {
    return timeBetweenEvents([&] { return toError(call()); });
  }
  Expected<CudaNumbers> measure();

private:
  Expected<double> timeBetweenEvents(function_ref<Error()> work);
  Error measureCopies(CudaNumbers &numbers);
  Error measureLaunches(CudaNumbers &numbers);
  Error loadDriver();
  Error check(int result, const char *function) {
    if (result == 0)
      return Error::success();
    const char *text = nullptr;
    driver.getErrorString(result, &text);
    return createStringError(formatv("{0}: {1} (CUDA error {2})", function, text ? text : "unknown", result).str());
  }
  Driver driver{};
  int handle = 0;
  void *context = nullptr;
  void *start = nullptr, *end = nullptr; ///< events; the context owns them
  std::vector<uint64_t> blocks;
};
} // namespace

Error CudaDevice::loadDriver() {
  std::string message;
  sys::DynamicLibrary library = sys::DynamicLibrary::getPermanentLibrary("libcuda.so.1", &message);
  if (!library.isValid())
    return createStringError("expected a CUDA driver, got: " + message);
  std::pair<void *, const char *> symbols[] = {
      {&driver.init, "cuInit"},
      {&driver.getErrorString, "cuGetErrorString"},
      {&driver.deviceGet, "cuDeviceGet"},
      {&driver.deviceGetCount, "cuDeviceGetCount"},
      {&driver.deviceGetName, "cuDeviceGetName"},
      {&driver.deviceGetAttribute, "cuDeviceGetAttribute"},
      {&driver.primaryRetain, "cuDevicePrimaryCtxRetain"},
      {&driver.primaryRelease, "cuDevicePrimaryCtxRelease_v2"},
      {&driver.setCurrent, "cuCtxSetCurrent"},
      {&driver.memoryInfo, "cuMemGetInfo_v2"},
      {&driver.allocate, "cuMemAlloc_v2"},
      {&driver.free, "cuMemFree_v2"},
      {&driver.upload, "cuMemcpyHtoD_v2"},
      {&driver.download, "cuMemcpyDtoH_v2"},
      {&driver.eventCreate, "cuEventCreate"},
      {&driver.eventRecord, "cuEventRecord"},
      {&driver.eventSynchronise, "cuEventSynchronize"},
      {&driver.eventMilliseconds, "cuEventElapsedTime"},
      {&driver.copyWithin, "cuMemcpyDtoDAsync_v2"},
      {&driver.moduleLoad, "cuModuleLoadData"},
      {&driver.moduleUnload, "cuModuleUnload"},
      {&driver.moduleFunction, "cuModuleGetFunction"},
      {&driver.launch, "cuLaunchKernel"},
  };
  for (auto [member, name] : symbols) {
    void *address = library.getAddressOfSymbol(name);
    if (!address)
      return createStringError("expected a CUDA driver with " + Twine(name) + ", got one without");
    *static_cast<void **>(member) = address;
  }
  return check(driver.init(0), "cuInit");
}

Expected<double> CudaDevice::timeBetweenEvents(function_ref<Error()> work) {
  float milliseconds = 0;
  if (Error error = check(driver.eventRecord(start, nullptr), "cuEventRecord"))
    return error;
  if (Error error = work())
    return error;
  if (Error error = check(driver.eventRecord(end, nullptr), "cuEventRecord"))
    return error;
  if (Error error = check(driver.eventSynchronise(end), "cuEventSynchronize"))
    return error;
  if (Error error = check(driver.eventMilliseconds(&milliseconds, start, end), "cuEventElapsedTime"))
    return error;
  return milliseconds * 1e-3;
}

Expected<std::unique_ptr<Device>> CudaDevice::open(int ordinal) {
  auto device = std::make_unique<CudaDevice>();
  if (Error error = device->loadDriver())
    return error;
  int count = 0, major = 0, minor = 0;
  if (Error error = device->check(device->driver.deviceGetCount(&count), "cuDeviceGetCount"))
    return error;
  if (ordinal < 0 || ordinal >= count)
    return createStringError(formatv("expected a GPU with number {0}, got {1} GPUs", ordinal, count).str());
  constexpr int majorAttribute = 75, minorAttribute = 76;
  char name[128] = "";
  Driver &driver = device->driver;
  if (Error error = device->check(driver.deviceGet(&device->handle, ordinal), "cuDeviceGet"))
    return error;
  if (driver.deviceGetName(name, sizeof name, device->handle) || driver.deviceGetAttribute(&major, majorAttribute, device->handle) ||
      driver.deviceGetAttribute(&minor, minorAttribute, device->handle))
    return createStringError(formatv("GPU {0} does not say what it is", ordinal).str());
  if (Error error = device->check(driver.primaryRetain(&device->context, device->handle), "cuDevicePrimaryCtxRetain"))
    return error;
  if (Error error = device->check(driver.setCurrent(device->context), "cuCtxSetCurrent"))
    return error;
  for (void **event : {&device->start, &device->end})
    if (Error error = device->check(driver.eventCreate(event, 0), "cuEventCreate"))
      return error;
  device->device = {MIXC_DEVICE_CUDA, ordinal};
  device->target = formatv("sm_{0}{1}{2}", major, minor, major == 9 && minor == 0 ? "a" : "");
  device->description = formatv("{0} ({1})", static_cast<const char *>(name), device->target);
  return device;
}

// Of a calibration: runs, the most that one copies, and kernels of a run, which are many more than fit a queue at once.
static constexpr int kRuns = 9, kLaunches = 2000;
static constexpr size_t kMostCopied = size_t(1) << 30;

/// Every GPU that mixc compiles for takes it.
static constexpr const char kEmptyKernel[] = ".version 7.0\n.target sm_80\n.address_size 64\n.visible .entry empty() { ret; }\n";

Error CudaDevice::measureCopies(CudaNumbers &numbers) {
  Expected<uint64_t> available = availableBytes();
  if (!available)
    return available.takeError();
  numbers.copiedBytes = std::min<uint64_t>(kMostCopied, *available / 4) / 4096 * 4096;
  Expected<void *> from = allocate(numbers.copiedBytes);
  if (!from)
    return from.takeError();
  Expected<void *> to = allocate(numbers.copiedBytes);
  if (!to)
    return to.takeError();
  auto copy = [&] {
    return check(driver.copyWithin(reinterpret_cast<uint64_t>(*to), reinterpret_cast<uint64_t>(*from), numbers.copiedBytes, nullptr),
                 "cuMemcpyDtoDAsync");
  };
  for (int run = -1; run < kRuns; ++run) { // the first one warms up
    Expected<double> seconds = timeBetweenEvents(copy);
    if (!seconds)
      return seconds.takeError();
    if (run >= 0)
      numbers.copySeconds.push_back(*seconds);
  }
  return Error::success();
}

Error CudaDevice::measureLaunches(CudaNumbers &numbers) {
  void *module = nullptr, *kernel = nullptr;
  if (Error error = check(driver.moduleLoad(&module, kEmptyKernel), "cuModuleLoadData"))
    return error;
  scope_exit unload([&] { driver.moduleUnload(module); });
  if (Error error = check(driver.moduleFunction(&kernel, module, "empty"), "cuModuleGetFunction"))
    return error;
  auto launchAll = [&]() -> Error {
    for (int i = 0; i < kLaunches; ++i)
      if (Error error = check(driver.launch(kernel, 1, 1, 1, 32, 1, 1, 0, nullptr, nullptr, nullptr), "cuLaunchKernel"))
        return error;
    return Error::success();
  };
  for (int run = -1; run < kRuns; ++run) {
    Expected<double> seconds = timeBetweenEvents(launchAll);
    if (!seconds)
      return seconds.takeError();
    if (run >= 0)
      numbers.launchSeconds.push_back(*seconds / kLaunches);
  }
  return Error::success();
}

Expected<CudaNumbers> CudaDevice::measure() {
  constexpr int multiprocessors = 16, cacheBytes = 38, sharedBytes = 97;
  CudaNumbers numbers;
  numbers.name = description;
  int shared = 0, cache = 0;
  for (auto [number, attribute] : {std::pair{&numbers.multiprocessors, multiprocessors}, {&shared, sharedBytes}, {&cache, cacheBytes}})
    if (Error error = check(driver.deviceGetAttribute(number, attribute, handle), "cuDeviceGetAttribute"))
      return error;
  numbers.sharedBytes = shared;
  numbers.cacheBytes = cache;
  if (Error error = measureCopies(numbers))
    return error;
  if (Error error = measureLaunches(numbers))
    return error;
  return numbers;
}

Expected<CudaNumbers> mixc::measureCuda(int ordinal) {
  auto device = CudaDevice::open(ordinal);
  if (!device)
    return createStringError(make_error_code(std::errc::no_such_device), toString(device.takeError()));
  return static_cast<CudaDevice &>(**device).measure();
}

Expected<std::unique_ptr<Device>> mixc::openCudaDevice(int ordinal) { return CudaDevice::open(ordinal); }
