// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The recurrences by the specs that mixc compiled. 0 if all went well.

#ifndef MIXC_BENCHMARKS_SCANS_MIXC_H
#define MIXC_BENCHMARKS_SCANS_MIXC_H

#include "scans.h"

int mixc_cumprodsum(const scan_problem *problem);
int mixc_mamba1(const scan_problem *problem);
int mixc_gla(const scan_problem *problem);
int mixc_gated_delta_rule(const scan_problem *problem);
int mixc_kda(const scan_problem *problem);
int mixc_rwkv7(const scan_problem *problem);

#endif // MIXC_BENCHMARKS_SCANS_MIXC_H
