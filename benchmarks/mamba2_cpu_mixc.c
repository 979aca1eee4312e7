// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// cpu_run by the spec that mixc compiled.

#include "mamba2.h"
#include "mamba2_cpu.h"

#include <stdio.h>
#include <stdlib.h>

static void *data(const float *p) { return (void *)(uintptr_t)p; }

int cpu_run(const cpu_problem *m) {
  static void *workspace;
  static size_t size;
  const mamba2_args args = {.B = 1,
                            .T = m->T,
                            .x = {data(m->x), {0}},
                            .dt = {data(m->dt), {0}},
                            .dt_bias = {data(m->dt_bias), {0}},
                            .A = {data(m->A), {0}},
                            .B_ = {data(m->B), {0}},
                            .C = {data(m->C), {0}},
                            .D = {data(m->D), {0}},
                            .y = {m->y, {0}},
                            .hT = {m->state, {0}}};
  const size_t needed = mamba2_workspace_bytes(&args);
  if (needed > size) {
    free(workspace);
    workspace = malloc(needed);
    size = needed;
  }
  if (m->H != mamba2_H) {
    fprintf(stderr, "expected H = %d, as compiled, got %lld\n", mamba2_H, (long long)m->H);
    return 1;
  }
  const mixc_status status = mamba2_cpu(&args, workspace, size);
  if (status.code != MIXC_OK)
    fprintf(stderr, "%s\n", status.message);
  return status.code;
}
