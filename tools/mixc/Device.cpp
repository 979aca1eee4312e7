// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Device.h"
#include "CudaDevice.h"
#include "Memory.h"
#include "Table.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <vector>

using namespace llvm;
using namespace mixc;

Error mixc::toError(mixc_status status) {
  switch (status.code) {
  case MIXC_OK:
    return Error::success();
  case MIXC_INVALID_ARGUMENT:
    return createStringError(make_error_code(std::errc::invalid_argument), status.message);
  case MIXC_UNSUPPORTED:
  case MIXC_NO_DEVICE:
    return createStringError(make_error_code(std::errc::no_such_device), status.message);
  default:
    return createStringError(status.message);
  }
}

namespace {
class CpuDevice : public Device {
public:
  CpuDevice() {
    device = {MIXC_DEVICE_CPU, 0};
    target = "x86-64";
    description = "CPU, " + counted(mixc_num_threads(), "thread");
  }
  ~CpuDevice() override {
    for (void *block : blocks)
      std::free(block);
  }
  Expected<void *> allocate(size_t bytes) override {
    if (bytes == 0)
      return nullptr;
    void *block = bytes <= SIZE_MAX - 255 ? std::aligned_alloc(256, (bytes + 255) / 256 * 256) : nullptr;
    if (!block)
      return createStringError(make_error_code(std::errc::not_enough_memory),
                               formatv("expected {0} bytes of memory, got none", bytes).str());
    blocks.push_back(block);
    return block;
  }
  void release(void *block) override {
    llvm::erase(blocks, block);
    std::free(block);
  }
  Expected<uint64_t> availableBytes() override { return availableMemory(); }
  Error upload(void *to, const void *from, size_t bytes) override { return copy(to, from, bytes); }
  Error download(void *to, const void *from, size_t bytes) override { return copy(to, from, bytes); }
  mixc_status call(const mixc_spec_desc *desc, const mixc_plan *plan, const void *args, void *workspace, size_t bytes) override {
    return mixc_spec_run_cpu_with(desc, plan, args, workspace, bytes);
  }
  Expected<double> time(function_ref<mixc_status()> call) override {
    auto start = std::chrono::steady_clock::now();
    mixc_status status = call();
    std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    if (Error error = toError(status))
      return error;
    return seconds.count();
  }

private:
  static Error copy(void *to, const void *from, size_t bytes) {
    if (bytes)
      std::memcpy(to, from, bytes);
    return Error::success();
  }
  std::vector<void *> blocks;
};
} // namespace

Expected<mixc_device> mixc::parseDevice(StringRef name) {
  mixc_device device{MIXC_DEVICE_CPU, 0};
  if (name == "cpu")
    return device;
  device.kind = MIXC_DEVICE_CUDA;
  StringRef rest = name;
  bool isCuda = rest.consume_front("cuda");
  if (!isCuda || (rest.consume_front(":") ? rest.getAsInteger(10, device.ordinal) || device.ordinal < 0 : !rest.empty()))
    return createStringError("--device: expected cpu, cuda or cuda:N, got '" + name + "'");
  return device;
}

Expected<std::unique_ptr<Device>> mixc::openDevice(mixc_device device) {
  if (device.kind == MIXC_DEVICE_CPU)
    return std::make_unique<CpuDevice>();
  return openCudaDevice(device.ordinal);
}
