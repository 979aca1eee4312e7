// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Measures this CPU and prints a machine description, as targets/x86-64.json holds one:
//
//     machine [--threads N] > mine.json;   mixc compile ... --target=mine.json
//
// Rates are the best of several repetitions; standard error shows what was measured.

#define _GNU_SOURCE
#include "multiply_add.h"

#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef int32_t ivec __attribute__((vector_size(BYTES)));
enum { STATE = 8192, MAX_THREADS = 256 };

// Share of the multiply-add peak that blocked matrix products reach.
static const double product_efficiency = 0.6;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// Each work function does `n` rounds and returns the operations that it did.
static double multiply_add(char *memory, int64_t bytes, int64_t n) {
  (void)memory, (void)bytes;
  return multiply_add_rounds(n);
}

// exp2 by range reduction and a polynomial of degree 5, as vector code computes it.
static double exponentials(char *memory, int64_t bytes, int64_t n) {
  (void)memory, (void)bytes;
  vec x[4], sum = {0};
  for (int j = 0; j < 4; ++j)
    x[j] = sum - 0.1f * (float)(j + 1);
  for (int64_t i = 0; i < n; ++i)
    for (int j = 0; j < 4; ++j) {
      ivec whole = __builtin_convertvector(x[j] - 0.5f, ivec);
      vec f = x[j] - __builtin_convertvector(whole, vec);
      vec p = ((((f * 1.3333558e-3f + 9.6181291e-3f) * f + 5.5504109e-2f) * f + 2.4022651e-1f) * f + 6.9314718e-1f) * f + 1.0f;
      ivec scale = (whole + 127) << 23;
      vec factor;
      memcpy(&factor, &scale, sizeof factor);
      x[j] = -p * factor;
    }
  for (int j = 0; j < 4; ++j)
    use(x[j]);
  return 4.0 * LANES * (double)n;
}

// The scan's inner loop over a state of 32 KiB: two operations update an entry, one reads it.
static double state_updates(char *memory, int64_t bytes, int64_t n) {
  (void)bytes;
  vec *state = (vec *)memory, y[4] = {{0}}, x[4] = {{0}};
  for (int64_t i = 0; i < n; ++i)
    for (int64_t row = 0; row < STATE / LANES; row += 4) {
      const float b = 1e-3f * (float)row, c = 1e-4f * (float)row;
      for (int j = 0; j < 4; ++j) {
        state[row + j] = state[row + j] * 0.99f + x[j] * b;
        y[j] += state[row + j] * c;
      }
    }
  for (int j = 0; j < 4; ++j)
    use(y[j]);
  return 3.0 * STATE * (double)n;
}

static double copy(char *memory, int64_t bytes, int64_t n) {
  for (int64_t i = 0; i < n; ++i)
    memcpy(memory, memory + bytes / 2, (size_t)(bytes / 2));
  return (double)bytes * (double)n;
}

typedef double (*work_fn)(char *, int64_t, int64_t);
typedef struct {
  work_fn work;
  pthread_barrier_t *barrier;
  char *memory;
  int64_t bytes, rounds;
  double operations, seconds;
} job;

static void *run_job(void *data) {
  job *j = data;
  j->work(j->memory, j->bytes, 1 + j->rounds / 10);
  pthread_barrier_wait(j->barrier);
  const double start = now();
  j->operations = j->work(j->memory, j->bytes, j->rounds);
  j->seconds = now() - start;
  return NULL;
}

// Operations per second of all threads together, best of five.
static double measure(work_fn work, int threads, int64_t bytes, int64_t rounds) {
  double best = 0;
  job jobs[MAX_THREADS];
  pthread_t ids[MAX_THREADS];
  for (int i = 0; i < threads; ++i) {
    jobs[i] = (job){.work = work, .bytes = bytes, .rounds = rounds};
    jobs[i].memory = aligned_alloc(64, (size_t)bytes);
    if (!jobs[i].memory) {
      fprintf(stderr, "machine: expected %lld bytes of memory for each thread, got none\n", (long long)bytes);
      exit(1);
    }
    memset(jobs[i].memory, 0, (size_t)bytes);
  }
  for (int repeat = 0; repeat < 5; ++repeat) {
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, NULL, (unsigned)threads);
    double rate = 0;
    for (int i = 0; i < threads; ++i) {
      jobs[i].barrier = &barrier;
      pthread_create(&ids[i], NULL, run_job, &jobs[i]);
    }
    for (int i = 0; i < threads; ++i) {
      pthread_join(ids[i], NULL);
      rate += jobs[i].operations / jobs[i].seconds;
    }
    pthread_barrier_destroy(&barrier);
    best = rate > best ? rate : best;
  }
  for (int i = 0; i < threads; ++i)
    free(jobs[i].memory);
  return best;
}

static long cache_size(int name, long otherwise) {
  const long size = sysconf(name);
  return size > 0 ? size : otherwise;
}

static int available_threads(void) {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : (int)sysconf(_SC_NPROCESSORS_ONLN);
}

static int parse_threads(int argc, char **argv) {
  if (argc == 1)
    return available_threads();
  const int threads = argc == 3 && strcmp(argv[1], "--threads") == 0 ? atoi(argv[2]) : 0;
  if (threads < 1 || threads > MAX_THREADS) {
    fprintf(stderr, "usage: machine [--threads N]   with N in 1 .. %d; default: the CPUs of this process\n", MAX_THREADS);
    exit(2);
  }
  return threads;
}

int main(int argc, char **argv) {
  const int threads = parse_threads(argc, argv);
  const double units = threads;
  const double peak = measure(multiply_add, threads, 4096, 4000000) / units;
  const double special = measure(exponentials, threads, 4096, 2000000) / units;
  const double scalar = measure(state_updates, threads, 4 * STATE, 20000) / units;
  const int64_t large = 256 << 20;
  const double all = measure(copy, threads, large / threads, 4), one = measure(copy, 1, large, 2);
  fprintf(stderr, "multiply-add peak %.1f GFLOP/s a core, %.1f on %d; copy %.1f GB/s, one core %.1f; exp %.2f G/s; state update %.1f G/s\n",
          peak * 1e-9, peak * units * 1e-9, threads, all * 1e-9, one * 1e-9, special * 1e-9, scalar * 1e-9);
  printf("{\n  \"name\": \"host\",\n  \"arch\": \"x86-64\",\n  \"kind\": \"cpu\",\n"
         "  \"source\": \"benchmarks/machine; matrix rates are %.0f %% of a multiply-add peak of %.4g flop/s\",\n"
         "  \"units\": %d,\n  \"copy_bandwidth\": %.3g,\n  \"unit_bandwidth\": %.3g,\n"
         "  \"matrix_rate_f32\": %.3g,\n  \"matrix_rate_tf32\": %.3g,\n  \"matrix_rate_half\": %.3g,\n"
         "  \"shared_bandwidth\": 4e+11,\n  \"scalar_rate\": %.3g,\n  \"special_rate\": %.3g,\n  \"launch_latency\": 5e-06,\n  "
         "\"memory_latency\": 1e-07,\n"
         "  \"shared_bytes\": %ld,\n  \"cache_bytes\": %ld\n}\n",
         100 * product_efficiency, peak, threads, all, one, product_efficiency * peak, product_efficiency * peak, product_efficiency * peak,
         scalar, special, cache_size(_SC_LEVEL2_CACHE_SIZE, 1 << 20), cache_size(_SC_LEVEL3_CACHE_SIZE, 8 << 20));
  return 0;
}
