// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception

#include "call.h"
#include "engines.h"
#include "gdn_decode.h"
#include "gdn_extend.h"

// [1,T,heads,width], packed tokens.
static mixc_tensor packed(tensor t) {
  mixc_tensor result = {t.data, {0, t.stride[1], t.stride[2], t.stride[3]}};
  return result;
}

// The same as T sequences of one token.
static mixc_tensor rows(tensor t) {
  mixc_tensor result = {t.data, {t.stride[1], t.stride[1], t.stride[2], t.stride[3]}};
  return result;
}

static mixc_tensor states(tensor t) {
  mixc_tensor result = {t.data, {t.stride[0], t.stride[1], t.stride[2], t.stride[3]}};
  return result;
}

static mixc_const_tensor argument(mixc_tensor t) {
  mixc_const_tensor result = {t.data, {t.strides[0], t.strides[1], t.strides[2], t.strides[3]}};
  return result;
}

static int has_sizes(tensor q, tensor v) {
  return q.size[2] == gdn_extend_K && q.size[3] == gdn_extend_N && v.size[2] == gdn_extend_H && v.size[3] == gdn_extend_P;
}

mixc_status gdn_attn_decode(tensor q, tensor k, tensor v, tensor a, tensor b, const float *A_log, const float *dt_bias, tensor ssm_states,
                            const int32_t *cache_indices, tensor o) {
  if (!has_sizes(q, v))
    return refused("gdn_attn_decode: expected the sizes that the Makefile compiles, got others");
  const mixc_sequences sequences = {.source = cache_indices, .slots = ssm_states.size[0], .source_bytes = sizeof *cache_indices};
  gdn_decode_args args = {.B = q.size[1],
                          .T = 1,
                          .sequences = &sequences,
                          .q = argument(rows(q)),
                          .k = argument(rows(k)),
                          .v = argument(rows(v)),
                          .a = {a.data, {a.stride[0], a.stride[0], a.stride[1]}},
                          .b = {b.data, {b.stride[0], b.stride[0], b.stride[1]}},
                          .A_log.data = A_log,
                          .dt_bias.data = dt_bias,
                          .h0 = argument(states(ssm_states)),
                          .o = rows(o),
                          .hT = states(ssm_states)};
  mixc_status status;
  CALL_WITH_WORKSPACE(status, gdn_decode, args);
  return status;
}

mixc_status gdn_attn_extend(tensor q, tensor k, tensor v, tensor g, tensor beta, tensor ssm_states, const int32_t *cache_indices,
                            const int32_t *query_start_loc, int64_t batch, tensor o) {
  if (!has_sizes(q, v))
    return refused("gdn_attn_extend: expected the sizes that the Makefile compiles, got others");
  const mixc_sequences sequences = {.starts = query_start_loc,
                                    .source = cache_indices,
                                    .slots = ssm_states.size[0],
                                    .starts_bytes = sizeof *query_start_loc,
                                    .source_bytes = sizeof *cache_indices};
  gdn_extend_args args = {.B = batch,
                          .T = q.size[1],
                          .sequences = &sequences,
                          .q = argument(packed(q)),
                          .k = argument(packed(k)),
                          .v = argument(packed(v)),
                          .g = {g.data, {0, g.stride[1], g.stride[2]}},
                          .beta = {beta.data, {0, beta.stride[1], beta.stride[2]}},
                          .h0 = argument(states(ssm_states)),
                          .o = packed(o),
                          .hT = states(ssm_states)};
  mixc_status status;
  CALL_WITH_WORKSPACE(status, gdn_extend, args);
  return status;
}
