// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a call has in memory, on a device.
#pragma once

#include "Device.h"
#include "Memory.h"

namespace mixc::test {

class Mirror {
public:
  explicit Mirror(Device &device) : device(device) {}
  ~Mirror();
  Mirror(const Mirror &) = delete;
  Mirror &operator=(const Mirror &) = delete;

  /// A copy, with its guard and one behind it. Ends the program if the device has no room for it. The memory must outlive the mirror.
  void add(const GuardedMemory &memory);
  /// The same place of the copy; null of null.
  void *onDevice(const void *place) const;
  /// Brings all copies back; a fault where that fails, as after a fault of a kernel, or the guard behind one was written to.
  void bringBack(std::vector<std::string> &faults);

private:
  struct Copy {
    llvm::MutableArrayRef<char> host;
    char *memory;
  };
  Device &device;
  std::vector<Copy> copies;
};

} // namespace mixc::test
