// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception

#include "call.h"
#include "engines.h"
#include "gdn_decode.h"
#include "gdn_extend.h"
#include "gdn_verify.h"

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

mixc_status gdn_target_verify(const float *A_log, const float *dt_bias, tensor q, tensor k, tensor v, tensor a, tensor b, tensor ssm_states,
                              const int32_t *cache_indices, tensor intermediate_states_buffer, const int32_t *intermediate_state_indices,
                              tensor o) {
  if (!has_sizes(q, v))
    return refused("gdn_target_verify: expected the sizes that the Makefile compiles, got others");
  const int64_t steps = intermediate_states_buffer.size[1], batch = q.size[1] / steps, tokens = batch * steps;
  // The buffer is a pool of its own: state t of entry e has the number e * steps + t. On a GPU these arrays would be made there.
  int32_t *starts = malloc((size_t)(batch + 1 + batch + tokens) * sizeof *starts), *target = starts + batch + 1, *kept = target + batch;
  for (int64_t i = 0; i <= batch; ++i)
    starts[i] = (int32_t)(i * steps);
  for (int64_t i = 0; i < batch; ++i)
    target[i] = -1; // the last one is in the buffer, too
  for (int64_t i = 0; i < tokens; ++i)
    kept[i] = (int32_t)(intermediate_state_indices[i / steps] * steps + i % steps);
  tensor buffer = intermediate_states_buffer;
  const mixc_tensor states_inside = {buffer.data, {buffer.stride[1], buffer.stride[2], buffer.stride[3], buffer.stride[4]}};
  const mixc_sequences sequences = {.starts = starts,
                                    .source = cache_indices,
                                    .target = target,
                                    .slots = ssm_states.size[0],
                                    .target_slots = buffer.size[0] * steps,
                                    .starts_bytes = sizeof *starts,
                                    .source_bytes = sizeof *cache_indices,
                                    .target_bytes = sizeof *target,
                                    .kept = kept,
                                    .kept_count = steps,
                                    .kept_every = 1,
                                    .kept_bytes = sizeof *kept};
  gdn_verify_args args = {.B = batch,
                          .T = tokens,
                          .sequences = &sequences,
                          .q = argument(packed(q)),
                          .k = argument(packed(k)),
                          .v = argument(packed(v)),
                          .a = {a.data, {0, a.stride[0], a.stride[1]}},
                          .b = {b.data, {0, b.stride[0], b.stride[1]}},
                          .A_log.data = A_log,
                          .dt_bias.data = dt_bias,
                          .h0 = argument(states(ssm_states)),
                          .o = packed(o),
                          .hT = states_inside};
  mixc_status status;
  CALL_WITH_WORKSPACE(status, gdn_verify, args);
  free(starts);
  return status;
}
