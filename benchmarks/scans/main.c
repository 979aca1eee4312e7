// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Times the plain loops of two compilers and mixc, one after the other in every round, on two threads each:
//
//     scans_cpu NAME [rounds]
//     {"name": .., "shape": .., "gcc": median seconds, "clang": .., "mixc": .., "gcc_cpu": median seconds of both threads' work, ..,
//      "error": relative difference of mixc's y from the loops'}

#define _POSIX_C_SOURCE 200809L
#include "../calls.h"
#include "../inputs.h"
#include "scans_mixc.h"

#include <math.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { THREADS = 2, MAX_ROUNDS = 1000 };

scan_loops gcc_cumprodsum, gcc_mamba1, gcc_gla, gcc_gated_delta_rule, gcc_kda, gcc_rwkv7;
scan_loops clang_cumprodsum, clang_mamba1, clang_gla, clang_gated_delta_rule, clang_kda, clang_rwkv7;

typedef struct scan_case {
  const char *name, *shape;
  int64_t T, H;
  scan_loops *gcc, *clang;
  int (*mixc)(const scan_problem *);
} scan_case;

#define HEADS_CASE(name) {#name, "1 x 4096 x 16 x 64 x 64", 4096, 16, gcc_##name, clang_##name, mixc_##name}
static const scan_case cases[] = {
    {"cumprodsum", "1 x 1000 x 1024", 1000, 1024, gcc_cumprodsum, clang_cumprodsum, mixc_cumprodsum},
    {"mamba1", "1 x 2048 x 1024, N 16", 2048, 1024, gcc_mamba1, clang_mamba1, mixc_mamba1},
    HEADS_CASE(gla),
    HEADS_CASE(gated_delta_rule),
    HEADS_CASE(kda),
    HEADS_CASE(rwkv7),
};

//===--- Threads, which sleep while they have nothing to do ---===//

static struct {
  scan_loops *loops;
  const scan_problem *problem;
  sem_t start, done;
} pool;

static void *work(void *unused) {
  for (;;) {
    sem_wait(&pool.start);
    pool.loops(pool.problem, 1, THREADS);
    sem_post(&pool.done);
  }
  return unused;
}

static void run_loops(scan_loops *loops, const scan_problem *problem) {
  pool.loops = loops;
  pool.problem = problem;
  sem_post(&pool.start);
  loops(problem, 0, THREADS);
  sem_wait(&pool.done);
}

//===--- Inputs ---===//

// Rows of length 1, as the keys of a delta rule are.
static float *unit_rows(int64_t count, int64_t length) {
  float *data = array(count * length, -1, 1);
  for (int64_t i = 0; i < count; ++i) {
    float sum = 0;
    for (int64_t j = 0; j < length; ++j)
      sum += data[i * length + j] * data[i * length + j];
    for (int64_t j = 0; j < length; ++j)
      data[i * length + j] /= sqrtf(sum);
  }
  return data;
}

static float *negated(const float *data, int64_t count) {
  float *result = array(count, 0, 1);
  for (int64_t i = 0; i < count; ++i)
    result[i] = -data[i];
  return result;
}

// Returns the number of results.
static int64_t fill(const scan_case *c, scan_problem *m) {
  const int64_t T = c->T, H = c->H, tokens = T * H;
  m->T = T;
  m->H = H;
  if (!strcmp(c->name, "cumprodsum")) {
    m->x = array(tokens, -1, 1);
    m->a = array(tokens, 0, 1);
    return tokens;
  }
  if (!strcmp(c->name, "mamba1")) {
    m->u = array(tokens, -1, 1);
    m->delta = array(tokens, -1, 1);
    m->delta_bias = array(H, -4, -3);
    m->A = array(H * CHANNEL_STATE, -16, -1);
    m->B = array(T * CHANNEL_STATE, -1, 1);
    m->C = array(T * CHANNEL_STATE, -1, 1);
    m->D = array(H, -1, 1);
    m->z = array(tokens, -1, 1);
    return tokens;
  }
  m->q = array(tokens * STATE_DIM, -1, 1);
  m->k = unit_rows(tokens, STATE_DIM);
  m->v = array(tokens * HEAD_DIM, -1, 1);
  m->gk = array(tokens * STATE_DIM, -0.1, 0);
  m->g = array(tokens, -0.1, 0);
  m->beta = array(tokens, 0, 1);
  if (!strcmp(c->name, "rwkv7")) {
    m->b = unit_rows(tokens, STATE_DIM);
    m->a = negated(m->b, tokens * STATE_DIM);
  }
  return tokens * HEAD_DIM;
}

//===--- Times ---===//

static int run(const scan_case *c, int rounds) {
  scan_problem m = {0};
  const int64_t results = fill(c, &m);
  float *expected = array(results, 0, 0), *y = array(results, 0, 0);
  static double times[3][MAX_ROUNDS], work_times[3][MAX_ROUNDS];
  for (int round = -1; round < rounds; ++round) // the first one warms up
    for (int program = 0; program < 3; ++program) {
      m.y = program == 0 ? expected : y;
      const double start = now(CLOCK_MONOTONIC), work_start = now(CLOCK_PROCESS_CPUTIME_ID);
      if (program < 2)
        run_loops(program == 0 ? c->gcc : c->clang, &m);
      else if (c->mixc(&m))
        return 1;
      if (round >= 0) {
        times[program][round] = now(CLOCK_MONOTONIC) - start;
        work_times[program][round] = now(CLOCK_PROCESS_CPUTIME_ID) - work_start;
      }
    }
  double difference = 0, norm = 0;
  for (int64_t i = 0; i < results; ++i) {
    difference += ((double)y[i] - expected[i]) * ((double)y[i] - expected[i]);
    norm += (double)expected[i] * expected[i];
  }
  printf("{\"name\": \"%s\", \"shape\": \"%s\"", c->name, c->shape);
  const char *const programs[] = {"gcc", "clang", "mixc"};
  for (int program = 0; program < 3; ++program)
    printf(", \"%s\": %.4e, \"%s_cpu\": %.4e", programs[program], median(times[program], rounds), programs[program],
           median(work_times[program], rounds));
  printf(", \"error\": %.2e}\n", sqrt(difference / norm));
  return 0;
}

int main(int argc, char **argv) {
  const int rounds = argc > 2 ? atoi(argv[2]) : 15;
  pthread_t thread;
  if (argc > 1 && rounds >= 1 && rounds <= MAX_ROUNDS)
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i)
      if (!strcmp(argv[1], cases[i].name)) {
        if (sem_init(&pool.start, 0, 0) || sem_init(&pool.done, 0, 0) || pthread_create(&thread, NULL, work, NULL)) {
          fprintf(stderr, "expected a second thread, could not start one\n");
          return 1;
        }
        return run(&cases[i], rounds);
      }
  fprintf(stderr, "usage: %s cumprodsum|mamba1|gla|gated_delta_rule|kda|rwkv7 [rounds, 1 to %d]\n", argv[0], MAX_ROUNDS);
  return 2;
}
