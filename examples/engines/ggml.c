// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception

#include "call.h"
#include "engines.h"
#include "ggml_gdn.h"
#include "ggml_kda.h"
#include "mamba2.h"
#include "ssm_scan1.h"

// Stride of dimension d in elements.
static int64_t stride(ggml_view t, int d) { return (int64_t)(t.nb[d] / sizeof(float)); }

// {a,b,c,d} is [d,c,b,a]; `head` is the first of the heads {.., b, ..} that are taken.
static mixc_const_tensor reversed4(ggml_view t, int64_t head) {
  mixc_const_tensor result = {t.data + head * stride(t, 1), {stride(t, 3), stride(t, 2), stride(t, 1), stride(t, 0)}};
  return result;
}

// {1,b,c,d} is [d,c,b].
static mixc_const_tensor reversed3(ggml_view t, int64_t head) {
  mixc_const_tensor result = {t.data + head * stride(t, 1), {stride(t, 3), stride(t, 2), stride(t, 1)}};
  return result;
}

// Where the states of one sequence come from: ids of the pool s; dst has a place for each sequence. The pools are of different sizes, so
// each sequence is a call of its own.
mixc_status ggml_ssm_scan(ggml_view s, ggml_view x, ggml_view dt, ggml_view A, ggml_view B, ggml_view C, const int32_t *ids, float *dst) {
  const int is_mamba2 = A.ne[0] == 1 && s.ne[0] == mamba2_N && x.ne[0] == mamba2_P && x.ne[1] == mamba2_H && B.ne[1] == mamba2_G;
  const int is_mamba1 = A.ne[0] == ssm_scan1_N && s.ne[0] == ssm_scan1_N && x.ne[0] == 1 && x.ne[1] == ssm_scan1_H && B.ne[1] == 1;
  if (!is_mamba2 && !is_mamba1)
    return refused("ggml_ssm_scan: expected the sizes that the Makefile compiles, got others");
  static const float zeros[mamba2_H];
  const int64_t sequences = x.ne[3], outputs = x.ne[0] * x.ne[1] * x.ne[2], state = s.ne[0] * s.ne[1] * s.ne[2];
  float *states = dst + outputs * sequences;
  mixc_status status = {MIXC_OK, ""};
  for (int64_t b = 0; b < sequences && !status.code; ++b) {
    const float *x_of = x.data + b * stride(x, 3), *dt_of = dt.data + b * stride(dt, 2), *B_of = B.data + b * stride(B, 3),
                *C_of = C.data + b * stride(C, 3), *s_of = s.data + ids[b] * stride(s, 3);
    if (is_mamba2) {
      mamba2_args args = {.B = 1,
                          .T = x.ne[2],
                          .x = {x_of, {0, stride(x, 2), stride(x, 1), stride(x, 0)}},
                          .dt = {dt_of, {0, stride(dt, 1), stride(dt, 0)}},
                          .dt_bias.data = zeros,
                          .A = {A.data, {stride(A, 1)}},
                          .B_ = {B_of, {0, stride(B, 2), stride(B, 1), stride(B, 0)}},
                          .C = {C_of, {0, stride(C, 2), stride(C, 1), stride(C, 0)}},
                          .D.data = zeros,
                          .h0 = {s_of, {0, stride(s, 2), stride(s, 1), stride(s, 0)}},
                          .y.data = dst + b * outputs,
                          .hT.data = states + b * state};
      CALL_WITH_WORKSPACE(status, mamba2, args);
    } else {
      ssm_scan1_args args = {.B = 1,
                             .T = x.ne[2],
                             .x = {x_of, {0, stride(x, 2), stride(x, 1)}},
                             .dt = {dt_of, {0, stride(dt, 1), stride(dt, 0)}},
                             .A = {A.data, {stride(A, 1), stride(A, 0)}},
                             .B_ = {B_of, {0, stride(B, 2), stride(B, 0)}},
                             .C = {C_of, {0, stride(C, 2), stride(C, 0)}},
                             .s = {s_of, {0, stride(s, 2), stride(s, 0)}},
                             .y.data = dst + b * outputs,
                             .sT.data = states + b * state};
      CALL_WITH_WORKSPACE(status, ssm_scan1, args);
    }
  }
  return status;
}

// The tokens first .. first + count - 1 of the heads of v that have a head of q and k each, from `head` on.
static mixc_status delta_net(ggml_view q, ggml_view k, ggml_view v, ggml_view g, ggml_view beta, mixc_const_tensor before, float *after,
                             float *outputs, int64_t head, int64_t first, int64_t count) {
  const int64_t S = v.ne[0], heads = v.ne[1], tokens = v.ne[2];
  ggml_view *views[] = {&q, &k, &v, &g, &beta};
  for (int i = 0; i < 5; ++i)
    views[i]->data += first * stride(*views[i], 2);
  const mixc_tensor o = {outputs + (first * heads + head) * S, {tokens * heads * S, heads * S, S, 1}};
  const mixc_tensor states = {after + head * S * S, {heads * S * S, S * S, S, 1}};
  mixc_status status;
  if (g.ne[0] == 1) {
    ggml_gdn_args args = {.B = v.ne[3],
                          .T = count,
                          .q = reversed4(q, 0),
                          .k = reversed4(k, 0),
                          .v = reversed4(v, head),
                          .g = reversed3(g, head),
                          .beta = reversed3(beta, head),
                          .s = before,
                          .o = o,
                          .sT = states};
    CALL_WITH_WORKSPACE(status, ggml_gdn, args);
  } else {
    ggml_kda_args args = {.B = v.ne[3],
                          .T = count,
                          .q = reversed4(q, 0),
                          .k = reversed4(k, 0),
                          .v = reversed4(v, head),
                          .g = reversed4(g, head),
                          .beta = reversed3(beta, head),
                          .s = before,
                          .o = o,
                          .sT = states};
    CALL_WITH_WORKSPACE(status, ggml_kda, args);
  }
  return status;
}

// Heads of v come in runs of as many as q has, each a call. All tokens but the last K - 1 are one call, each of these is one.
mixc_status ggml_gated_delta_net(ggml_view q, ggml_view k, ggml_view v, ggml_view g, ggml_view beta, ggml_view state, int64_t K,
                                 float *dst) {
  if (v.ne[0] != ggml_gdn_P || q.ne[1] != ggml_gdn_H || v.ne[1] % q.ne[1])
    return refused("ggml_gated_delta_net: expected the sizes that the Makefile compiles, got others");
  const int64_t S = v.ne[0], heads = v.ne[1], tokens = v.ne[2], set = S * S * heads * v.ne[3];
  float *states = dst + S * heads * tokens * v.ne[3];
  const int64_t single = K < tokens ? K - 1 : tokens > 0 ? tokens - 1 : 0;
  mixc_status status = {MIXC_OK, ""};
  for (int64_t head = 0; head < heads && !status.code; head += q.ne[1]) {
    mixc_const_tensor before = {state.data + head * stride(state, 2),
                                {stride(state, 3), stride(state, 2), stride(state, 1), stride(state, 0)}};
    status = delta_net(q, k, v, g, beta, before, states + single * set, dst, head, 0, tokens - single);
    for (int64_t back = single - 1; back >= 0 && !status.code; --back) {
      mixc_const_tensor one_back = {states + (back + 1) * set + head * S * S, {heads * S * S, S * S, S, 1}};
      status = delta_net(q, k, v, g, beta, one_back, states + back * set, dst, head, tokens - 1 - back, 1);
    }
  }
  return status;
}
