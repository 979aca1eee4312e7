// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception
//
// Calls the functions of engines.h as the engines do, and compares what comes out with plain loops.

#include "engines.h"
#include "loops.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static float *draw(size_t count, float lo, float hi) {
  float *values = malloc(count * sizeof *values);
  for (size_t i = 0; i < count; ++i)
    values[i] = lo + (hi - lo) * (float)rand() / (float)RAND_MAX;
  return values;
}

static float *copy(const float *values, size_t count) {
  float *result = malloc(count * sizeof *values);
  memcpy(result, values, count * sizeof *values);
  return result;
}

// What loops begin with: `count` numbers, or zeros.
static double *widen(const float *values, size_t count) {
  double *result = calloc(count, sizeof *result);
  for (size_t i = 0; values && i < count; ++i)
    result[i] = values[i];
  return result;
}

// Errors of a test, as ggml counts them: the mean square over that of the right results. ggml's own bound is 1e-7.
typedef struct errors {
  double error, size;
  int touched; // states that should have stayed as they were
} errors;

static void compare(errors *sum, const float *got, const double *want, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    sum->error += (got[i] - want[i]) * (got[i] - want[i]);
    sum->size += want[i] * want[i];
  }
}

static int report(const char *what, mixc_status status, errors sum) {
  if (status.code) {
    printf("%s: %s\n", what, status.message);
    return 1;
  }
  const double nmse = sum.error / sum.size;
  const int ok = nmse <= 1e-10 && !sum.touched;
  printf("%s: NMSE %.1e%s: %s\n", what, nmse, sum.touched ? ", states of others written" : "", ok ? "ok" : "too large");
  return !ok;
}

static tensor contiguous(float *data, int rank, const int64_t *size) {
  tensor t = {.data = data};
  int64_t stride = 1;
  for (int d = rank - 1; d >= 0; --d) {
    t.size[d] = size[d];
    t.stride[d] = stride;
    stride *= size[d];
  }
  return t;
}
#define TENSOR(data, ...) contiguous(data, (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), (int64_t[]){__VA_ARGS__})

// [H], seen as [H,P] or [H,P,N]; [batch,H] as [batch,H,P].
static tensor expanded(tensor t, int from) {
  for (int d = from; d < 5; ++d)
    t.stride[d] = 0;
  return t;
}

// States of slots that are in no list.
static int count_touched(const float *before, const float *after, int slots, size_t state, const int32_t *written, int count) {
  int touched = 0;
  for (int slot = 0; slot < slots; ++slot) {
    int is_written = 0;
    for (int i = 0; i < count; ++i)
      is_written |= written[i] == slot;
    touched += !is_written && memcmp(before + slot * state, after + slot * state, state * sizeof(float)) != 0;
  }
  return touched;
}

static const ssm_sizes ssm = {.H = 16, .P = 64, .N = 128, .G = 2};
enum { H = 16, P = 64, N = 128, G = 2, STATE = H * P * N, SLOTS = 9 };

static int test_selective_state_update(const char *what, const int32_t *indices, const int32_t *targets, int gated) {
  enum { ROWS = 6 };
  float *x = draw(ROWS * H * P, -1, 1), *dt = draw(ROWS * H, -4, 0), *A = draw(H, -8, -1), *B = draw(ROWS * G * N, -1, 1),
        *C = draw(ROWS * G * N, -1, 1), *D = draw(H, -1, 1), *z = gated ? draw(ROWS * H * P, -2, 2) : NULL, *bias = draw(H, -1, 1),
        *pool = draw(SLOTS * STATE, -1, 1), *before = copy(pool, SLOTS * STATE), *out = draw(ROWS * H * P, 0, 0);
  mixc_status status = selective_state_update(TENSOR(pool, SLOTS, H, P, N), TENSOR(x, ROWS, H, P), expanded(TENSOR(dt, ROWS, H), 2),
                                              expanded(TENSOR(A, H), 1), TENSOR(B, ROWS, G, N), TENSOR(C, ROWS, G, N),
                                              expanded(TENSOR(D, H), 1), TENSOR(z, ROWS, H, P), expanded(TENSOR(bias, H), 1), indices,
                                              targets, /*null_block_id=*/0, TENSOR(out, ROWS, H, P));
  errors sum = {0};
  int32_t written[ROWS];
  for (int b = 0; b < ROWS && !status.code; ++b) {
    const int source = indices ? indices[b] : b;
    written[b] = targets ? targets[b] : source;
    if (indices && source == 0) {
      for (int i = 0; i < H * P; ++i)
        sum.touched += out[b * H * P + i] != 0;
      written[b] = -1;
      continue;
    }
    double *state = widen(before + source * STATE, STATE), y[H * P];
    loop_ssm(ssm, 1, x + b * H * P, dt + b * H, A, B + b * G * N, C + b * G * N, D, gated ? z + b * H * P : NULL, bias, state, y);
    compare(&sum, out + b * H * P, y, H * P);
    compare(&sum, pool + written[b] * STATE, state, STATE);
    free(state);
  }
  sum.touched += count_touched(before, pool, SLOTS, STATE, written, ROWS);
  free(x), free(dt), free(A), free(B), free(C), free(D), free(z), free(bias), free(pool), free(before), free(out);
  return report(what, status, sum);
}

static int test_varlen(void) {
  enum { SEQUENCES = 5, T = 330 };
  const int32_t starts[SEQUENCES + 1] = {0, 7, 7, 200, 201, T}, slots[SEQUENCES] = {4, 0, 8, 2, 5};
  const uint8_t has_initial[SEQUENCES] = {1, 1, 0, 1, 0};
  // x, B and C are slices of one array, as a convolution leaves them.
  enum { XBC = H * P + 2 * G * N };
  float *xbc = draw(T * XBC, -1, 1), *dt = draw(T * H, -4, 0), *A = draw(H, -8, -1), *D = draw(H, -1, 1), *bias = draw(H, -1, 1),
        *pool = draw(SLOTS * STATE, -1, 1), *out = draw(T * H * P, NAN, NAN);
  for (int b = 0; b < SEQUENCES; ++b)
    for (int i = 0; i < STATE && !has_initial[b]; ++i)
      pool[slots[b] * STATE + i] = NAN; // what has no state yet has anything in its slot
  float *before = copy(pool, SLOTS * STATE);
  tensor x = TENSOR(xbc, T, H, P), B = TENSOR(xbc + H * P, T, G, N), C = TENSOR(xbc + H * P + G * N, T, G, N);
  x.stride[0] = B.stride[0] = C.stride[0] = XBC;
  mixc_status status = mamba_chunk_scan_combined_varlen(x, TENSOR(dt, T, H), TENSOR(A, H), B, C, TENSOR(D, H), TENSOR(bias, H), starts,
                                                        SEQUENCES, TENSOR(pool, SLOTS, H, P, N), slots, has_initial, TENSOR(out, T, H, P));
  errors sum = {0};
  for (int b = 0; b < SEQUENCES && !status.code; ++b) {
    double *state = widen(has_initial[b] ? before + slots[b] * STATE : NULL, STATE), y[H * P];
    for (int t = starts[b]; t < starts[b + 1]; ++t) {
      const float *token = xbc + t * XBC;
      loop_ssm(ssm, 1, token, dt + t * H, A, token + H * P, token + H * P + G * N, D, NULL, bias, state, y);
      compare(&sum, out + t * H * P, y, H * P);
    }
    compare(&sum, pool + slots[b] * STATE, state, STATE);
    free(state);
  }
  sum.touched = count_touched(before, pool, SLOTS, STATE, slots, SEQUENCES);
  free(xbc), free(dt), free(A), free(D), free(bias), free(pool), free(before), free(out);
  return report("vLLM mamba_chunk_scan_combined_varlen", status, sum);
}

enum { HEADS = 4, KEYS = 2, S = 64, OF_STATE = HEADS * S * S };
static const delta_form gdn = {.heads = HEADS, .keys = KEYS, .S = S, .normed = 1};

// What the functions of SGLang take and give, of T tokens; g and beta follow from a and b.
typedef struct gdn_call {
  float *q, *k, *v, *a, *b, *A_log, *bias, *pool, *before, *o, *g, *beta;
  tensor qs, ks, vs, as, bs, states, os;
} gdn_call;

static gdn_call make_gdn(int T) {
  gdn_call c = {.q = draw(T * KEYS * S, -1, 1),
                .k = draw(T * KEYS * S, -1, 1),
                .v = draw(T * HEADS * S, -1, 1),
                .a = draw(T * HEADS, -2, 2),
                .b = draw(T * HEADS, -2, 2),
                .A_log = draw(HEADS, -1, 1),
                .bias = draw(HEADS, -1, 1),
                .pool = draw(SLOTS * OF_STATE, -1, 1),
                .o = draw(T * HEADS * S, 0, 0),
                .g = draw(T * HEADS, 0, 0),
                .beta = draw(T * HEADS, 0, 0)};
  c.before = copy(c.pool, SLOTS * OF_STATE);
  for (int i = 0; i < T * HEADS; ++i) {
    c.g[i] = (float)(-exp(c.A_log[i % HEADS]) * log1p(exp((double)c.a[i] + c.bias[i % HEADS])));
    c.beta[i] = (float)(1 / (1 + exp(-(double)c.b[i])));
  }
  c.qs = TENSOR(c.q, 1, T, KEYS, S), c.ks = TENSOR(c.k, 1, T, KEYS, S), c.vs = TENSOR(c.v, 1, T, HEADS, S);
  c.as = TENSOR(c.a, T, HEADS), c.bs = TENSOR(c.b, T, HEADS), c.states = TENSOR(c.pool, SLOTS, HEADS, S, S);
  c.os = TENSOR(c.o, 1, T, HEADS, S);
  return c;
}

static void free_gdn(gdn_call c) {
  free(c.q), free(c.k), free(c.v), free(c.a), free(c.b), free(c.A_log), free(c.bias), free(c.pool), free(c.before), free(c.o), free(c.g);
  free(c.beta);
}

static void loop_gdn(const gdn_call *c, int first, int count, double *state, double *y) {
  loop_delta(gdn, count, c->q + first * KEYS * S, c->k + first * KEYS * S, c->v + first * HEADS * S, c->g + first * HEADS,
             c->beta + first * HEADS, state, y);
}

// decode: a token for each of its slots; extend: sequences of several.
static int test_sglang(const char *what, int is_decode, int sequences, const int32_t *starts, const int32_t *slots) {
  const int T = starts[sequences];
  gdn_call c = make_gdn(T);
  mixc_status status = is_decode ? gdn_attn_decode(c.qs, c.ks, c.vs, c.as, c.bs, c.A_log, c.bias, c.states, slots, c.os)
                                 : gdn_attn_extend(c.qs, c.ks, c.vs, TENSOR(c.g, 1, T, HEADS), TENSOR(c.beta, 1, T, HEADS), c.states, slots,
                                                   starts, sequences, c.os);
  errors sum = {0};
  for (int i = 0; i < sequences && !status.code; ++i) {
    if (slots[i] < 0)
      continue;
    const int first = starts[i], count = starts[i + 1] - first;
    double *state = widen(c.before + slots[i] * OF_STATE, OF_STATE), *y = widen(NULL, (size_t)count * HEADS * S + 1);
    loop_gdn(&c, first, count, state, y);
    compare(&sum, c.o + first * HEADS * S, y, (size_t)count * HEADS * S);
    compare(&sum, c.pool + slots[i] * OF_STATE, state, OF_STATE);
    free(state), free(y);
  }
  sum.touched = count_touched(c.before, c.pool, SLOTS, OF_STATE, slots, sequences);
  free_gdn(c);
  return report(what, status, sum);
}

static int test_target_verify(void) {
  enum { ROWS = 4, STEPS = 5, ENTRIES = 6, T = ROWS * STEPS };
  const int32_t slots[ROWS] = {6, -1, 0, 3}, entries[ROWS] = {5, 2, 0, 1};
  gdn_call c = make_gdn(T);
  float *buffer = draw(ENTRIES * STEPS * OF_STATE, -1, 1), *empty = copy(buffer, ENTRIES * STEPS * OF_STATE);
  mixc_status status = gdn_target_verify(c.A_log, c.bias, c.qs, c.ks, c.vs, c.as, c.bs, c.states, slots,
                                         TENSOR(buffer, ENTRIES, STEPS, HEADS, S, S), entries, c.os);
  errors sum = {0};
  int32_t written[ROWS];
  for (int i = 0; i < ROWS && !status.code; ++i) {
    written[i] = slots[i] < 0 ? -1 : entries[i];
    if (slots[i] < 0)
      continue;
    double *state = widen(c.before + slots[i] * OF_STATE, OF_STATE), y[HEADS * S];
    for (int t = 0; t < STEPS; ++t) {
      const int token = i * STEPS + t;
      loop_gdn(&c, token, 1, state, y);
      compare(&sum, c.o + token * HEADS * S, y, HEADS * S);
      compare(&sum, buffer + (entries[i] * STEPS + t) * OF_STATE, state, OF_STATE);
    }
    free(state);
  }
  sum.touched =
      count_touched(c.before, c.pool, SLOTS, OF_STATE, NULL, 0) + count_touched(empty, buffer, ENTRIES, STEPS * OF_STATE, written, ROWS);
  free(buffer), free(empty), free_gdn(c);
  return report("SGLang gated delta rule target_verify", status, sum);
}

static ggml_view ggml_contiguous(float *data, int64_t a, int64_t b, int64_t c, int64_t d) {
  const size_t bytes = sizeof(float);
  ggml_view view = {data, {a, b, c, d}, {bytes, bytes * (size_t)a, bytes * (size_t)(a * b), bytes * (size_t)(a * b * c)}};
  return view;
}

static int test_ssm_scan(const char *what, int heads, int dim, int d_state, int groups, int tokens, int sequences) {
  const ssm_sizes sizes = {heads, dim, d_state, groups};
  const size_t state = (size_t)heads * dim * d_state, outputs = (size_t)tokens * heads * dim, bc = (size_t)tokens * groups * d_state;
  const int slots = sequences + 2, decays = dim > 1 ? 1 : d_state;
  float *s = draw(slots * state, -1, 1), *x = draw(sequences * outputs, -1, 1), *dt = draw((size_t)sequences * tokens * heads, -4, 1),
        *A = draw((size_t)heads * decays, -8, -1), *B = draw(sequences * bc, -1, 1), *C = draw(sequences * bc, -1, 1),
        *dst = draw(sequences * (outputs + state), NAN, NAN);
  int32_t *ids = malloc((size_t)sequences * sizeof *ids);
  for (int b = 0; b < sequences; ++b)
    ids[b] = slots - 1 - b;
  mixc_status status = ggml_ssm_scan(ggml_contiguous(s, d_state, dim, heads, slots), ggml_contiguous(x, dim, heads, tokens, sequences),
                                     ggml_contiguous(dt, heads, tokens, sequences, 1), ggml_contiguous(A, decays, heads, 1, 1),
                                     ggml_contiguous(B, d_state, groups, tokens, sequences),
                                     ggml_contiguous(C, d_state, groups, tokens, sequences), ids, dst);
  errors sum = {0};
  for (int b = 0; b < sequences && !status.code; ++b) {
    double *of_s = widen(s + ids[b] * state, state), *y = widen(NULL, outputs);
    const float *dt_of = dt + b * tokens * heads;
    if (dim > 1)
      loop_ssm(sizes, tokens, x + b * outputs, dt_of, A, B + b * bc, C + b * bc, NULL, NULL, NULL, of_s, y);
    else
      loop_ssm1(heads, d_state, tokens, x + b * outputs, dt_of, A, B + b * bc, C + b * bc, of_s, y);
    compare(&sum, dst + b * outputs, y, outputs);
    compare(&sum, dst + sequences * outputs + b * state, of_s, state);
    free(of_s), free(y);
  }
  free(s), free(x), free(dt), free(A), free(B), free(C), free(dst), free(ids);
  return report(what, status, sum);
}

static int test_gated_delta_net(const char *what, int heads, int entries, float lowest, int tokens, int sequences, int K) {
  const delta_form form = {.heads = heads, .keys = 2, .S = 64, .tiled = 1, .entries = entries};
  const size_t S = 64, state = heads * S * S, outputs = tokens * heads * S, keys = tokens * 2 * S, gates = (size_t)tokens * heads,
               decays = gates * (entries ? S : 1);
  float *q = draw(sequences * keys, -1, 1), *k = draw(sequences * keys, -0.2f, 0.2f), *v = draw(sequences * outputs, -1, 1),
        *g = draw(sequences * decays, lowest, -1e-4f), *beta = draw(sequences * gates, 0, 1), *s = draw(sequences * state, -1, 1),
        *dst = draw(sequences * (outputs + K * state), NAN, NAN);
  mixc_status status =
      ggml_gated_delta_net(ggml_contiguous(q, S, 2, tokens, sequences), ggml_contiguous(k, S, 2, tokens, sequences),
                           ggml_contiguous(v, S, heads, tokens, sequences), ggml_contiguous(g, entries ? S : 1, heads, tokens, sequences),
                           ggml_contiguous(beta, 1, heads, tokens, sequences), ggml_contiguous(s, S, S, heads, sequences), K, dst);
  errors sum = {0};
  for (int b = 0; b < sequences && !status.code; ++b) {
    double *of_s = widen(s + b * state, state), *y = widen(NULL, outputs / tokens);
    for (int t = 0; t < tokens; ++t) {
      loop_delta(form, 1, q + b * keys + t * 2 * S, k + b * keys + t * 2 * S, v + b * outputs + t * heads * S,
                 g + b * decays + t * decays / tokens, beta + b * gates + t * heads, of_s, y);
      compare(&sum, dst + b * outputs + t * heads * S, y, outputs / tokens);
      if (tokens - 1 - t < K) // what has been so many tokens before the last
        compare(&sum, dst + sequences * outputs + ((tokens - 1 - t) * sequences + b) * state, of_s, state);
    }
    free(of_s), free(y);
  }
  free(q), free(k), free(v), free(g), free(beta), free(s), free(dst);
  return report(what, status, sum);
}

// Sizes that are not compiled in.
static int test_refusals(void) {
  const tensor none = {0};
  const ggml_view nothing = {0};
  const int codes[] = {
      selective_state_update(none, none, none, none, none, none, none, none, none, NULL, NULL, 0, none).code,
      mamba_chunk_scan_combined_varlen(none, none, none, none, none, none, none, NULL, 0, none, NULL, NULL, none).code,
      gdn_attn_decode(none, none, none, none, none, NULL, NULL, none, NULL, none).code,
      gdn_attn_extend(none, none, none, none, none, none, NULL, NULL, 0, none).code,
      gdn_target_verify(NULL, NULL, none, none, none, none, none, none, NULL, none, NULL, none).code,
      ggml_ssm_scan(nothing, nothing, nothing, nothing, nothing, nothing, NULL, NULL).code,
      ggml_gated_delta_net(nothing, nothing, nothing, nothing, nothing, nothing, 1, NULL).code,
  };
  int ok = 1;
  for (size_t i = 0; i < sizeof codes / sizeof *codes; ++i)
    ok &= codes[i] == MIXC_UNSUPPORTED;
  printf("other sizes: %s\n", ok ? "refused: ok" : "not refused");
  return !ok;
}

int main(void) {
  const int32_t slots[] = {3, 0, 8, 1, 5, 0}, others[] = {4, 0, 8, 2, 7, 0}; // 0 is the null block
  const int32_t steps[] = {0, 1, 2, 3, 4, 5}, of_steps[] = {6, -1, 0, 8, 3}, starts[] = {0, 70, 70, 71, 200}, of_starts[] = {2, 7, 0, 5};
  int failed = test_selective_state_update("mamba_ssm selective_state_update", NULL, NULL, 0);
  failed |= test_selective_state_update("vLLM selective_state_update, states by index", slots, NULL, 0);
  failed |= test_selective_state_update("vLLM selective_state_update, left elsewhere, with z", slots, others, 1);
  failed |= test_varlen();
  failed |= test_sglang("SGLang gated delta rule decode", 1, 5, steps, of_steps);
  failed |= test_sglang("SGLang gated delta rule extend", 0, 4, starts, of_starts);
  failed |= test_target_verify();
  failed |= test_ssm_scan("ggml ssm_scan, Mamba-2", 16, 64, 128, 2, 32, 4);
  failed |= test_ssm_scan("ggml ssm_scan, Mamba-2, 300 tokens", 16, 64, 128, 2, 300, 1);
  failed |= test_ssm_scan("ggml ssm_scan, Mamba-1", 1024, 1, 16, 1, 32, 4);
  failed |= test_gated_delta_net("ggml gated_delta_net", 2, 0, -20, 64, 2, 1);
  failed |= test_gated_delta_net("ggml gated_delta_net, heads repeated, 4 states", 4, 0, -1, 100, 2, 4);
  failed |= test_gated_delta_net("ggml gated_delta_net, fewer tokens than states", 2, 0, -1, 2, 1, 4);
  failed |= test_gated_delta_net("ggml gated_delta_net, KDA", 2, 1, -1, 65, 2, 1);
  failed |= test_gated_delta_net("ggml gated_delta_net, KDA, decays of up to exp(-20)", 2, 1, -20, 65, 2, 1);
  failed |= test_refusals();
  return failed;
}
