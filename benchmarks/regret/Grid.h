// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Mixers, sizes and calls over which plans are compared.
#pragma once

#include "mixc/runtime/descriptor.h"
#include <map>
#include <string>
#include <vector>

namespace mixc::regret {

/// What is compiled once, for any number of calls.
struct Mixer {
  std::string name; ///< of mixers/
  std::string dtype;
  std::map<std::string, int64_t> sizes; ///< all but B and T
  std::string text() const;
};

struct Call {
  int64_t batch, length;
};

/// Those of a kind of device. A GPU's are larger, in bf16.
std::vector<Mixer> mixersFor(int32_t device);
/// The calls of a mixer whose tensors a device of the kind holds and passes over in reasonable time.
std::vector<Call> callsFor(const Mixer &mixer, int32_t device);

} // namespace mixc::regret
