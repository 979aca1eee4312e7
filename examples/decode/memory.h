// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception
//
// The tensors of one sequence, on the host or on a GPU, and the arguments of calls on some of its tokens.
#pragma once

#include "mamba2.h"
#include "mamba2_step.h"

enum { H = mamba2_H, P = mamba2_P, N = mamba2_N, G = mamba2_G };

// Floats of a token in each tensor, and of a state.
enum { X = H * P, DT = H, BC = G * N, STATE = H * P * N };

typedef struct memory {
  const float *x, *dt, *dt_bias, *A, *B, *C, *D; // x, dt, B and C of all tokens
  float *y;                                      // of all tokens
  float *state;
} memory;

// A call on the tokens first .. first + count - 1. With one sequence its tokens are contiguous: a pointer says where they begin. The state
// that `initial` says (null: zeros) is left in m->state, which may be the same.
#define ARGS(m, first, count, initial)                                                                                                     \
  {.B = 1,                                                                                                                                 \
   .T = (count),                                                                                                                           \
   .x.data = (m)->x + (size_t)(first) * X,                                                                                                 \
   .dt.data = (m)->dt + (size_t)(first) * DT,                                                                                              \
   .dt_bias.data = (m)->dt_bias,                                                                                                           \
   .A.data = (m)->A,                                                                                                                       \
   .B_.data = (m)->B + (size_t)(first) * BC,                                                                                               \
   .C.data = (m)->C + (size_t)(first) * BC,                                                                                                \
   .D.data = (m)->D,                                                                                                                       \
   .h0.data = (initial),                                                                                                                   \
   .y.data = (m)->y + (size_t)(first) * X,                                                                                                 \
   .hT.data = (m)->state}

// `count` tokens from the first on, with no state before.
static mamba2_args prompt_args(const memory *m, int count) {
  mamba2_args args = ARGS(m, 0, count, NULL);
  return args;
}

// One token; its state takes the place of the one before.
static mamba2_step_args step_args(const memory *m, int token) {
  mamba2_step_args args = ARGS(m, token, 1, m->state);
  return args;
}
