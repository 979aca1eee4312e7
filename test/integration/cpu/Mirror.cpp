// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Mirror.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace mixc::test {

static constexpr size_t kBehind = 256;

Mirror::~Mirror() {
  for (const Copy &copy : copies)
    device.release(copy.memory);
}

void Mirror::add(const GuardedMemory &memory) {
  ExitOnError orEnd("on the device: ");
  const MutableArrayRef<char> host = memory.guarded();
  auto *copy = static_cast<char *>(orEnd(device.allocate(host.size() + kBehind)));
  const std::vector<char> behind(kBehind, char(0xff));
  orEnd(device.upload(copy, host.data(), host.size()));
  orEnd(device.upload(copy + host.size(), behind.data(), kBehind));
  copies.push_back({host, copy});
}

void *Mirror::onDevice(const void *place) const {
  for (const Copy &copy : copies)
    if (place >= copy.host.begin() && place <= copy.host.end()) // a tensor without elements lies at the end
      return copy.memory + (static_cast<const char *>(place) - copy.host.begin());
  return nullptr;
}

void Mirror::bringBack(std::vector<std::string> &faults) {
  std::vector<char> behind(kBehind);
  for (const Copy &copy : copies) {
    Error error = device.download(copy.host.data(), copy.memory, copy.host.size());
    if (!error)
      error = device.download(behind.data(), copy.memory + copy.host.size(), kBehind);
    if (error)
      return faults.push_back(toString(std::move(error)));
    if (!all_of(behind, [](char byte) { return byte == char(0xff); }))
      faults.push_back("writes behind the end of what it was given");
  }
}

} // namespace mixc::test
