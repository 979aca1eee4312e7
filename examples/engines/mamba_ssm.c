// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception

#include "call.h"
#include "engines.h"
#include "mamba2_gated_step.h"
#include "mamba2_step.h"

#include <stdlib.h>

// Slots as mixc takes them: padding is negative. An engine that makes its indices so needs no copy.
static int32_t *slots_of(const int32_t *indices, int64_t count, int32_t null_block_id) {
  int32_t *slots = indices ? malloc((size_t)count * sizeof *slots + 1) : NULL;
  for (int64_t i = 0; indices && i < count; ++i)
    slots[i] = indices[i] == null_block_id ? -1 : indices[i];
  return slots;
}

// The arguments of either spec; A, D, dt_bias and dt are the same over P, and A over N.
#define STEP_ARGS                                                                                                                          \
  {                                                                                                                                        \
    .B = x.size[0], .T = 1, .sequences = &sequences, .x = {x.data, {x.stride[0], x.stride[0], x.stride[1], x.stride[2]}},                  \
    .dt = {dt.data, {dt.stride[0], dt.stride[0], dt.stride[1]}}, .dt_bias = {dt_bias.data, {dt_bias.stride[0]}},                           \
    .A = {A.data, {A.stride[0]}}, .B_ = {B.data, {B.stride[0], B.stride[0], B.stride[1], B.stride[2]}},                                    \
    .C = {C.data, {C.stride[0], C.stride[0], C.stride[1], C.stride[2]}}, .D = {D.data, {D.stride[0]}},                                     \
    .h0 = {state.data, {state.stride[0], state.stride[1], state.stride[2], state.stride[3]}},                                              \
    .y = {out.data, {out.stride[0], out.stride[0], out.stride[1], out.stride[2]}}, .hT = {                                                 \
      state.data,                                                                                                                          \
      {state.stride[0], state.stride[1], state.stride[2], state.stride[3]}                                                                 \
    }                                                                                                                                      \
  }

mixc_status selective_state_update(tensor state, tensor x, tensor dt, tensor A, tensor B, tensor C, tensor D, tensor z, tensor dt_bias,
                                   const int32_t *state_batch_indices, const int32_t *dst_state_batch_indices, int32_t null_block_id,
                                   tensor out) {
  if (x.size[1] != mamba2_step_H || x.size[2] != mamba2_step_P || B.size[1] != mamba2_step_G || B.size[2] != mamba2_step_N)
    return refused("selective_state_update: expected the sizes that the Makefile compiles, got others");
  if (dt.stride[2] || A.stride[1] || A.stride[2] || D.stride[1] || dt_bias.stride[1])
    return refused("selective_state_update: expected dt, A, D and dt_bias that are the same over P, got others");
  int32_t *source = slots_of(state_batch_indices, x.size[0], null_block_id);
  int32_t *target = slots_of(dst_state_batch_indices, x.size[0], null_block_id);
  const mixc_sequences sequences = {
      .source = source, .target = target, .slots = state.size[0], .source_bytes = sizeof *source, .target_bytes = sizeof *target};
  mixc_status status;
  if (z.data) {
    mamba2_gated_step_args args = STEP_ARGS;
    args.z = (mixc_const_tensor){z.data, {z.stride[0], z.stride[0], z.stride[1], z.stride[2]}};
    CALL_WITH_WORKSPACE(status, mamba2_gated_step, args);
  } else {
    mamba2_step_args args = STEP_ARGS;
    CALL_WITH_WORKSPACE(status, mamba2_step, args);
  }
  free(source);
  free(target);
  return status;
}
