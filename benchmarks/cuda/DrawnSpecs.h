// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The specs that cuda_specs, or cuda_programs, is linked with: specs.inc lists them, written by what makes their objects.
#pragma once

#include "mixc/runtime/descriptor.h"

#define SPEC(name) extern "C" const mixc_spec_desc name##_descriptor;
#include "specs.inc"
#undef SPEC

namespace mixc::bench {

struct Entry {
  const char *name;
  const mixc_spec_desc *desc;
};

inline const Entry entries[] = {
#define SPEC(name) {#name, &name##_descriptor},
#include "specs.inc"
#undef SPEC
};

} // namespace mixc::bench
