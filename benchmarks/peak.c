// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#define _GNU_SOURCE
#include "peak.h"

#include "multiply_add.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

enum { MAX_THREADS = 256, ROUNDS = 10000000 };

static pthread_barrier_t barrier;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *run(void *rate) {
  pthread_barrier_wait(&barrier);
  const double start = now(), operations = multiply_add_rounds(ROUNDS);
  *(double *)rate = operations / (now() - start);
  return NULL;
}

double peak_now(void) {
  cpu_set_t available;
  if (sched_getaffinity(0, sizeof available, &available))
    return -1;
  pthread_t ids[MAX_THREADS];
  double rates[MAX_THREADS], sum = 0;
  int threads = CPU_COUNT(&available);
  threads = threads < MAX_THREADS ? threads : MAX_THREADS;
  pthread_barrier_init(&barrier, NULL, (unsigned)threads);
  for (int i = 0, cpu = 0; i < threads; ++i, ++cpu) {
    while (!CPU_ISSET(cpu, &available))
      ++cpu;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setaffinity_np(&attributes, sizeof one, &one);
    const int failed = pthread_create(&ids[i], &attributes, run, &rates[i]);
    pthread_attr_destroy(&attributes);
    if (failed)
      return -1; // the program ends: those that wait at the barrier end with it
  }
  for (int i = 0; i < threads; ++i) {
    pthread_join(ids[i], NULL);
    sum += rates[i];
  }
  pthread_barrier_destroy(&barrier);
  return sum;
}
