// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "scans_mixc.h"
#include "../calls.h"

#include "scan_cumprodsum.h"
#include "scan_gated_delta_rule.h"
#include "scan_gla.h"
#include "scan_kda.h"
#include "scan_mamba1.h"
#include "scan_rwkv7.h"

#include <stdio.h>
#include <stdlib.h>

static int report(mixc_status status) {
  if (status.code != MIXC_OK)
    fprintf(stderr, "%s\n", status.message);
  return status.code;
}

#define DATA(array) {(void *)(uintptr_t)m->array, {0}}
// Calls the spec with the arguments `args`.
#define CALL(spec) report(spec##_cpu(&args, workspace(spec##_workspace_bytes(&args)), spec##_workspace_bytes(&args)))

int mixc_cumprodsum(const scan_problem *m) {
  const scan_cumprodsum_args args = {.B = 1, .T = m->T, .x = DATA(x), .a = DATA(a), .y = DATA(y)};
  return CALL(scan_cumprodsum);
}

int mixc_mamba1(const scan_problem *m) {
  const scan_mamba1_args args = {.B = 1,
                                 .T = m->T,
                                 .u = DATA(u),
                                 .delta = DATA(delta),
                                 .delta_bias = DATA(delta_bias),
                                 .A = DATA(A),
                                 .B_ = DATA(B),
                                 .C = DATA(C),
                                 .D = DATA(D),
                                 .z = DATA(z),
                                 .y = DATA(y)};
  return CALL(scan_mamba1);
}

int mixc_gla(const scan_problem *m) {
  const scan_gla_args args = {.B = 1, .T = m->T, .q = DATA(q), .k = DATA(k), .v = DATA(v), .gk = DATA(gk), .o = DATA(y)};
  return CALL(scan_gla);
}

int mixc_gated_delta_rule(const scan_problem *m) {
  const scan_gated_delta_rule_args args = {
      .B = 1, .T = m->T, .q = DATA(q), .k = DATA(k), .v = DATA(v), .g = DATA(g), .beta = DATA(beta), .o = DATA(y)};
  return CALL(scan_gated_delta_rule);
}

int mixc_kda(const scan_problem *m) {
  const scan_kda_args args = {
      .B = 1, .T = m->T, .q = DATA(q), .k = DATA(k), .v = DATA(v), .gk = DATA(gk), .beta = DATA(beta), .o = DATA(y)};
  return CALL(scan_kda);
}

int mixc_rwkv7(const scan_problem *m) {
  const scan_rwkv7_args args = {
      .B = 1, .T = m->T, .q = DATA(q), .k = DATA(k), .v = DATA(v), .a = DATA(a), .b = DATA(b), .gk = DATA(gk), .o = DATA(y)};
  return CALL(scan_rwkv7);
}
