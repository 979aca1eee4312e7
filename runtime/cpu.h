// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CPU calls.

#ifndef MIXC_RUNTIME_CPU_H
#define MIXC_RUNTIME_CPU_H

#include "call.h"

// Level of the machine, by cpuid. `forced` is null or the value of MIXC_CPU: "v3" or "v4".
mixc_status mixc_detect_cpu_level(const char *forced, int32_t *level);

// "x86-64-v3" or "x86-64-v4".
const char *mixc_cpu_level_name(int32_t level);

// Whether each launch of the variant has code for that level or a lower one.
bool mixc_cpu_runs(const mixc_variant_desc *variant, int32_t level);

// Runs the plan's launches in order and returns when they are done.
mixc_status mixc_run_on_cpu(const mixc_call *call, const mixc_plan *plan, int32_t level, void *workspace, size_t bytes);

#endif // MIXC_RUNTIME_CPU_H
