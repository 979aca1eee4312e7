// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception
//
// The recurrences as plain loops in double precision, one sequence at a time, over contiguous tensors. `state` is read and written.
#pragma once

// Mamba-2: x [T,H,P], dt [T,H], B and C [T,G,N], state [H,P,N], y [T,H,P]. D, z and dt_bias may be null.
typedef struct ssm_sizes {
  int H, P, N, G;
} ssm_sizes;
void loop_ssm(ssm_sizes sizes, int T, const float *x, const float *dt, const float *A, const float *B, const float *C, const float *D,
              const float *z, const float *dt_bias, double *state, double *y);

// Mamba-1: x and dt [T,H], A [H,N], B and C [T,N], state [H,N], y [T,H].
void loop_ssm1(int H, int N, int T, const float *x, const float *dt, const float *A, const float *B, const float *C, double *state,
               double *y);

// Delta rules: q and k [T,keys,S], v [T,heads,S], g [T,heads] or with a decay for each entry [T,heads,S], beta [T,heads],
// state [heads,S,S] with the keys last, o [T,heads,S].
typedef struct delta_form {
  int heads, keys, S;
  int tiled;   // head h of v has head h % keys of q and k, not h / (heads / keys)
  int entries; // g is of entries
  int normed;  // q and k are divided by their lengths
} delta_form;
void loop_delta(delta_form form, int T, const float *q, const float *k, const float *v, const float *g, const float *beta, double *state,
                double *o);
