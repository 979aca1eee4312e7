// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception
//
// Functions with the arguments that engines give theirs, in front of compiled specs. Each takes f32 tensors in host memory, of the sizes
// that the Makefile compiles, and refuses others; an engine has an object for each of its models. States stay where the engine has them.
// Memory is allocated for a workspace, which an engine keeps instead, and for indices where padding is not negative.
#pragma once

#include "mixc/runtime/mixc.h"

#include <stdint.h>

// A tensor as torch gives it: strides count elements. Null data: None.
typedef struct tensor {
  float *data;
  int64_t size[5], stride[5];
} tensor;

// A tensor as ggml gives it: the first dimension is the fastest, strides count bytes.
typedef struct ggml_view {
  float *data;
  int64_t ne[4];
  size_t nb[4];
} ggml_view;

// mamba_ssm and vLLM, one token of each row:
//   selective_state_update(state[slots,H,P,N], x[batch,H,P], dt[batch,H,P], A[H,P,N], B[batch,G,N], C[batch,G,N], D[H,P], z[batch,H,P],
//                          dt_bias[H,P], dt_softplus=True, state_batch_indices[batch], dst_state_batch_indices[batch], null_block_id, out)
// Mamba-2 ties A, dt, D and dt_bias over P and N: views of stride 0, which is what is taken here. z may be None; so may the indices: a row
// then has the state of its number, and leaves it there. A row of the null block is padding.
mixc_status selective_state_update(tensor state, tensor x, tensor dt, tensor A, tensor B, tensor C, tensor D, tensor z, tensor dt_bias,
                                   const int32_t *state_batch_indices, const int32_t *dst_state_batch_indices, int32_t null_block_id,
                                   tensor out);

// vLLM, packed prompts:
//   mamba_chunk_scan_combined_varlen(x[T,H,P], dt[T,H], A[H], B[T,G,N], C[T,G,N], cu_seqlens[batch + 1], D[H], dt_bias[H],
//                                    initial_states, dt_softplus=True, out) -> states
// with what is around it: initial states are gathered from ssm_state[slots,H,P,N] at state_indices[batch] where has_initial_states[batch]
// is not 0, the others are zeros, and the states that come out are scattered there. Chunks are mixc's own: cu_chunk_seqlens, seq_idx and
// last_chunk_indices are not needed.
mixc_status mamba_chunk_scan_combined_varlen(tensor x, tensor dt, tensor A, tensor B, tensor C, tensor D, tensor dt_bias,
                                             const int32_t *cu_seqlens, int64_t batch, tensor ssm_state, const int32_t *state_indices,
                                             const uint8_t *has_initial_states, tensor out);

// SGLang, LinearAttnKernelBase of gated delta rules, q and k [1,T,K,N], v and o [1,T,HV,V], ssm_states[pool,HV,V,K], -1 is padding:
//   decode(q, k, v, a[T,HV], b[T,HV], A_log[HV], dt_bias[HV], ssm_states, cache_indices[T]) -> o        one token of each row
//   extend(q, k, v, g[1,T,HV], beta[1,T,HV], ssm_states, cache_indices[batch], query_start_loc[batch + 1]) -> o
//   target_verify(A_log, dt_bias, q, k, v, a, b, ssm_states, cache_indices[batch], intermediate_states_buffer[entries,steps,HV,V,K],
//                 intermediate_state_indices[batch], cache_steps) -> o     `steps` drafted tokens of each row, one behind the other
// All norm q and k. The first two leave the states in ssm_states; target_verify leaves these as they are, and the state after each token in
// the buffer, from where the engine takes that of the last accepted one. Trees of drafts (retrieve_parent_token) are not for it.
mixc_status gdn_attn_decode(tensor q, tensor k, tensor v, tensor a, tensor b, const float *A_log, const float *dt_bias, tensor ssm_states,
                            const int32_t *cache_indices, tensor o);
mixc_status gdn_attn_extend(tensor q, tensor k, tensor v, tensor g, tensor beta, tensor ssm_states, const int32_t *cache_indices,
                            const int32_t *query_start_loc, int64_t batch, tensor o);
mixc_status gdn_target_verify(const float *A_log, const float *dt_bias, tensor q, tensor k, tensor v, tensor a, tensor b, tensor ssm_states,
                              const int32_t *cache_indices, tensor intermediate_states_buffer, const int32_t *intermediate_state_indices,
                              tensor o);

// ggml: ggml_ssm_scan(ctx, s{d_state,dim,n_head,slots}, x{dim,n_head,n_seq_tokens,n_seqs}, dt{n_head,n_seq_tokens,n_seqs}, A{1,n_head} or
// {d_state,n_head}, B{d_state,n_group,n_seq_tokens,n_seqs}, C, ids[n_seqs]). dst has y, contiguous as x, then the states of the sequences.
// A{1,n_head} is Mamba-2, A{d_state,n_head} with dim = n_group = 1 is Mamba-1.
mixc_status ggml_ssm_scan(ggml_view s, ggml_view x, ggml_view dt, ggml_view A, ggml_view B, ggml_view C, const int32_t *ids, float *dst);

// ggml: ggml_gated_delta_net(ctx, q{S,H_k,n_tokens,n_seqs}, k, v{S,H_v,n_tokens,n_seqs}, g{1 or S,H_v,n_tokens,n_seqs},
// beta{1,H_v,n_tokens,n_seqs}, state{S,S,H_v,n_seqs}, K). dst has the outputs, contiguous as v, then K times the states of the sequences:
// the last ones, those one token before, and so on; of fewer tokens than K, no more than there are. Head h of v has head h % H_k of q and
// k.
mixc_status ggml_gated_delta_net(ggml_view q, ggml_view k, ggml_view v, ggml_view g, ggml_view beta, ggml_view state, int64_t K,
                                 float *dst);
