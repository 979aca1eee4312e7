// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The specs of cuda_cases, which cuda_calls has too: CMakeLists.txt writes their list.
#pragma once

#include "mixc/runtime/descriptor.h"

#define SPEC(name, mixer, kind) extern "C" const mixc_spec_desc name##_descriptor;
#include "case_specs.inc"
#undef SPEC

namespace mixc::bench {

enum class Kind { golden, random, drawn, halved, racing };

struct Entry {
  const char *name, *mixer;
  Kind kind;
  const mixc_spec_desc *desc;
};

inline const Entry entries[] = {
#define SPEC(name, mixer, kind) {#name, mixer, Kind::kind, &name##_descriptor},
#include "case_specs.inc"
#undef SPEC
};

} // namespace mixc::bench
