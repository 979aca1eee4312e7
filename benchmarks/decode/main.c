// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Times plain loops and mixc on one token, in turns, on one core, each with states of its own that are updated in place:
//
//     decode_cpu [rounds]
//
// A line for each recurrence and number of sequences: median times, their ratio, and how far mixc's results and states are from those of
// the loops. Ends with 1 where a ratio is above the bar.

#define _GNU_SOURCE
#include "../calls.h"
#include "../inputs.h"
#include "decode.h"
#include "decode_gated_delta_rule.h"
#include "decode_mamba2.h"

#include <math.h>
#include <sched.h>
#include <string.h>
#include <time.h>

enum { MAX_ROUNDS = 100000 };
static const double kBar = 1.1;

//===--- The recurrences ---===//

#define DATA(array) {(void *)(uintptr_t)m->array, {0}}

static void report(mixc_status status) {
  if (status.code == MIXC_OK)
    return;
  fprintf(stderr, "%s\n", status.message);
  exit(1);
}

static void mixc_mamba2(const decode_problem *m) {
  const decode_mamba2_args args = {.B = m->B,
                                   .T = 1,
                                   .x = DATA(x),
                                   .dt = DATA(dt),
                                   .dt_bias = DATA(dt_bias),
                                   .A = DATA(A),
                                   .B_ = DATA(Bt),
                                   .C = DATA(Ct),
                                   .D = DATA(D),
                                   .h0 = DATA(state),
                                   .y = DATA(y),
                                   .hT = DATA(state)};
  const size_t bytes = decode_mamba2_workspace_bytes(&args);
  report(decode_mamba2_cpu(&args, workspace(bytes), bytes));
}

static void mixc_gated_delta_rule(const decode_problem *m) {
  const decode_gated_delta_rule_args args = {.B = m->B,
                                             .T = 1,
                                             .q = DATA(q),
                                             .k = DATA(k),
                                             .v = DATA(v),
                                             .g = DATA(g),
                                             .beta = DATA(beta),
                                             .h0 = DATA(state),
                                             .o = DATA(y),
                                             .hT = DATA(state)};
  const size_t bytes = decode_gated_delta_rule_workspace_bytes(&args);
  report(decode_gated_delta_rule_cpu(&args, workspace(bytes), bytes));
}

static void fill_mamba2(decode_problem *m) {
  const int64_t heads = m->B * MAMBA_HEADS;
  m->x = array(heads * MAMBA_P, -1, 1);
  m->dt = array(heads, -1, 1);
  m->dt_bias = array(MAMBA_HEADS, -4, -3);
  m->A = array(MAMBA_HEADS, -8, -1);
  m->Bt = array(m->B * MAMBA_N, -1, 1);
  m->Ct = array(m->B * MAMBA_N, -1, 1);
  m->D = array(MAMBA_HEADS, -1, 1);
}

static void fill_gated_delta_rule(decode_problem *m) {
  const int64_t heads = m->B * DELTA_HEADS;
  m->q = array(heads * DELTA_N, -1, 1);
  m->k = array(heads * DELTA_N, -0.2, 0.2); // of length 1 or less
  m->v = array(heads * DELTA_P, -1, 1);
  m->g = array(heads, -0.1, 0);
  m->beta = array(heads, 0, 1);
}

typedef struct decode_case {
  const char *name, *shape;
  int64_t heads, columns, state; ///< of a token: heads, columns of P, and entries of a head's state
  void (*fill)(decode_problem *);
  void (*loops)(const decode_problem *), (*mixc)(const decode_problem *);
} decode_case;

static const decode_case cases[] = {
    {"mamba2", "24 x 64 x 128", MAMBA_HEADS, MAMBA_P, MAMBA_P * MAMBA_N, fill_mamba2, loops_mamba2, mixc_mamba2},
    {"gated_delta_rule", "16 x 64 x 64", DELTA_HEADS, DELTA_P, DELTA_P * DELTA_N, fill_gated_delta_rule, loops_gated_delta_rule,
     mixc_gated_delta_rule},
};

//===--- Times ---===//

static double difference(const float *a, const float *b, int64_t count) {
  double sum = 0, norm = 0;
  for (int64_t i = 0; i < count; ++i) {
    sum += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
    norm += (double)b[i] * b[i];
  }
  return sqrt(sum / norm);
}

// 0 if the ratio is within the bar.
static int run(const decode_case *c, int64_t B, int rounds) {
  static double times[2][MAX_ROUNDS];
  const int64_t states = B * c->heads * c->state, results = B * c->heads * c->columns;
  decode_problem loops = {.B = B}, mixc;
  c->fill(&loops);
  mixc = loops;
  loops.state = array(states, -1, 1);
  mixc.state = array(states, 0, 0);
  memcpy(mixc.state, loops.state, (size_t)states * sizeof(float));
  loops.y = array(results, 0, 0);
  mixc.y = array(results, 0, 0);
  for (int round = -1; round < rounds; ++round) // the first one warms up
    for (int program = 0; program < 2; ++program) {
      const double start = now(CLOCK_MONOTONIC);
      program ? c->mixc(&mixc) : c->loops(&loops);
      if (round >= 0)
        times[program][round] = now(CLOCK_MONOTONIC) - start;
    }
  const double plain = median(times[0], rounds), ours = median(times[1], rounds);
  printf("%-18s%-16s%3lld%10.2f%10.2f%7.2f%12.1e%12.1e%s\n", c->name, c->shape, (long long)B, 1e6 * plain, 1e6 * ours, ours / plain,
         difference(mixc.y, loops.y, results), difference(mixc.state, loops.state, states), ours <= kBar * plain ? "" : "  above");
  return ours > kBar * plain;
}

int main(int argc, char **argv) {
  const int rounds = argc > 1 ? atoi(argv[1]) : 2000;
  if (argc > 2 || rounds < 1 || rounds > MAX_ROUNDS) {
    fprintf(stderr, "usage: %s [rounds, 1 to %d]\n", argv[0], MAX_ROUNDS);
    return 2;
  }
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET((size_t)sched_getcpu(), &one);
  if (sched_setaffinity(0, sizeof one, &one)) { // before the runtime counts the cores
    fprintf(stderr, "expected to run on one core alone, could not ask for it\n");
    return 1;
  }
  printf("%-18s%-16s%3s%10s%10s%7s%12s%12s\n", "recurrence", "H x P x N", "B", "loops us", "mixc us", "ratio", "y", "state");
  int above = 0;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i)
    for (int64_t B = 1; B <= 8; B *= 8)
      above |= run(&cases[i], B, rounds);
  return above;
}
