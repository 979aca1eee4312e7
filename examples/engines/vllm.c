// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception

#include "call.h"
#include "engines.h"
#include "mamba2.h"

mixc_status mamba_chunk_scan_combined_varlen(tensor x, tensor dt, tensor A, tensor B, tensor C, tensor D, tensor dt_bias,
                                             const int32_t *cu_seqlens, int64_t batch, tensor ssm_state, const int32_t *state_indices,
                                             const uint8_t *has_initial_states, tensor out) {
  if (x.size[1] != mamba2_H || x.size[2] != mamba2_P || B.size[1] != mamba2_G || B.size[2] != mamba2_N)
    return refused("mamba_chunk_scan_combined_varlen: expected the sizes that the Makefile compiles, got others");
  const mixc_sequences sequences = {.starts = cu_seqlens,
                                    .source = state_indices,
                                    .has_initial = has_initial_states,
                                    .slots = ssm_state.size[0],
                                    .starts_bytes = sizeof *cu_seqlens,
                                    .source_bytes = sizeof *state_indices};
  mamba2_args args = {.B = batch,
                      .T = x.size[0],
                      .sequences = &sequences,
                      .x = {x.data, {0, x.stride[0], x.stride[1], x.stride[2]}}, // the stride along B is ignored
                      .dt = {dt.data, {0, dt.stride[0], dt.stride[1]}},
                      .dt_bias = {dt_bias.data, {dt_bias.stride[0]}},
                      .A = {A.data, {A.stride[0]}},
                      .B_ = {B.data, {0, B.stride[0], B.stride[1], B.stride[2]}},
                      .C = {C.data, {0, C.stride[0], C.stride[1], C.stride[2]}},
                      .D = {D.data, {D.stride[0]}},
                      .h0 = {ssm_state.data, {ssm_state.stride[0], ssm_state.stride[1], ssm_state.stride[2], ssm_state.stride[3]}},
                      .y = {out.data, {0, out.stride[0], out.stride[1], out.stride[2]}},
                      .hT = {ssm_state.data, {ssm_state.stride[0], ssm_state.stride[1], ssm_state.stride[2], ssm_state.stride[3]}}};
  mixc_status status;
  CALL_WITH_WORKSPACE(status, mamba2, args);
  return status;
}
