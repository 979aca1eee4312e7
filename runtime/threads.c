// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Running loops are listed; a free pool thread joins the first one that has blocks left. Blocks are dealt out by an
// atomic counter. A pool thread touches a loop after its last block only under the lock, so the loop can live on its
// caller's stack.

#define _GNU_SOURCE

#include "threads.h"

#include "environment.h"
#include "mixc/runtime/limits.h"
#include "thread_blocks.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

// Waiting threads look this many times before they sleep (tens of microseconds): the launches of a call follow closely.
#define SPINS 1000

typedef struct loop {
  mixc_blocks blocks;
  _Atomic int32_t active; // pool threads at work on it
  int32_t joined;         // pool threads that ever joined: the last one's worker number
  int32_t others;         // pool threads that may join
  struct loop *link;
} loop;

// All but `posted` are guarded by the lock.
static struct {
  pthread_mutex_t lock;
  pthread_cond_t work;     // a loop was listed, or the end is near
  pthread_cond_t done;     // some loop's last pool thread left
  _Atomic uint32_t posted; // counts listed loops, for those who spin
  loop *loops;
  int32_t sleeping;
  int32_t n_threads;
  bool started, stopping;
  pthread_t threads[MIXC_MAX_THREADS];
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .work = PTHREAD_COND_INITIALIZER, .done = PTHREAD_COND_INITIALIZER};

static int32_t thread_limit;
static pthread_once_t limit_once = PTHREAD_ONCE_INIT;

static void find_limit(void) {
  int64_t count = 0;
  cpu_set_t set;
  if (mixc_read_count("MIXC_NUM_THREADS", MIXC_MAX_THREADS, &count).code != MIXC_OK) // which load and calls report
    count = 0;
  if (count == 0 && sched_getaffinity(getpid(), sizeof set, &set) == 0)
    count = CPU_COUNT(&set);
  if (count == 0)
    count = sysconf(_SC_NPROCESSORS_ONLN);
  thread_limit = count < 1 ? 1 : count > MIXC_MAX_THREADS ? MIXC_MAX_THREADS : (int32_t)count;
}

int32_t mixc_num_threads(void) {
  pthread_once(&limit_once, find_limit);
  return thread_limit;
}

static loop *find_loop(void) {
  for (loop *l = pool.loops; l; l = l->link)
    if (atomic_load_explicit(&l->blocks.next, memory_order_relaxed) < l->blocks.n && l->joined < l->others)
      return l;
  return NULL;
}

// Waits for a loop to join; null when the pool stops. Called and returns with the lock held.
static loop *wait_for_loop(void) {
  loop *found;
  uint32_t spun = 0;
  while (!pool.stopping && !(found = find_loop())) {
    uint32_t seen = atomic_load_explicit(&pool.posted, memory_order_relaxed);
    if (spun++ == 0) {
      pthread_mutex_unlock(&pool.lock);
      for (int i = 0; i < SPINS && atomic_load_explicit(&pool.posted, memory_order_relaxed) == seen; ++i)
        _mm_pause();
      pthread_mutex_lock(&pool.lock);
    } else {
      ++pool.sleeping;
      pthread_cond_wait(&pool.work, &pool.lock);
      --pool.sleeping;
      spun = 0;
    }
  }
  return pool.stopping ? NULL : found;
}

static void *serve(void *unused) {
  loop *l;
  pthread_mutex_lock(&pool.lock);
  while ((l = wait_for_loop())) {
    int32_t worker = ++l->joined;
    atomic_fetch_add_explicit(&l->active, 1, memory_order_relaxed);
    pthread_mutex_unlock(&pool.lock);
    mixc_run_blocks(&l->blocks, worker);
    pthread_mutex_lock(&pool.lock);
    if (atomic_fetch_sub_explicit(&l->active, 1, memory_order_release) == 1)
      pthread_cond_broadcast(&pool.done);
  }
  pthread_mutex_unlock(&pool.lock);
  return unused;
}

static void before_fork(void) { pthread_mutex_lock(&pool.lock); }
static void after_fork_in_parent(void) { pthread_mutex_unlock(&pool.lock); }

// The child has no pool threads; its first loop starts new ones.
static void after_fork_in_child(void) {
  pool.started = false;
  pool.n_threads = pool.sleeping = 0;
  pool.loops = NULL;
  pool.work = pool.done = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
  pthread_mutex_unlock(&pool.lock);
}

static void watch_forks(void) { pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child); }

// With the lock held. Threads that cannot be had are done without. They take no signals: those are the program's.
static void start(void) {
  static pthread_once_t fork_once = PTHREAD_ONCE_INIT;
  if (pool.started || pool.stopping)
    return;
  pool.started = true;
  pthread_once(&fork_once, watch_forks);
  sigset_t all, saved;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &saved);
  while (pool.n_threads < thread_limit - 1 && pthread_create(&pool.threads[pool.n_threads], NULL, serve, NULL) == 0)
    ++pool.n_threads;
  pthread_sigmask(SIG_SETMASK, &saved, NULL);
}

void mixc_start_threads(void) {
  if (mixc_num_threads() == 1)
    return;
  pthread_mutex_lock(&pool.lock);
  start();
  pthread_mutex_unlock(&pool.lock);
}

static void post(loop *l) {
  pthread_mutex_lock(&pool.lock);
  start();
  l->link = pool.loops;
  pool.loops = l;
  atomic_fetch_add_explicit(&pool.posted, 1, memory_order_relaxed);
  if (pool.sleeping > l->others)
    for (int32_t i = 0; i < l->others; ++i)
      pthread_cond_signal(&pool.work);
  else if (pool.sleeping > 0)
    pthread_cond_broadcast(&pool.work);
  pthread_mutex_unlock(&pool.lock);
}

// No thread joins a loop that is no longer listed, so `active` can only fall.
static void retire(loop *l) {
  pthread_mutex_lock(&pool.lock);
  loop **at = &pool.loops;
  while (*at != l)
    at = &(*at)->link;
  *at = l->link;
  pthread_mutex_unlock(&pool.lock);
  for (int i = 0; i < SPINS && atomic_load_explicit(&l->active, memory_order_acquire) > 0; ++i)
    _mm_pause();
  if (atomic_load_explicit(&l->active, memory_order_acquire) == 0)
    return;
  pthread_mutex_lock(&pool.lock);
  while (atomic_load_explicit(&l->active, memory_order_acquire) > 0)
    pthread_cond_wait(&pool.done, &pool.lock);
  pthread_mutex_unlock(&pool.lock);
}

void mixc_parallel_for(mixc_block_fn fn, void *context, int64_t n, int32_t threads) {
  if (n <= 0)
    return;
  loop l = {.blocks = {.fn = fn, .context = context, .n = n}};
  int32_t most = threads < mixc_num_threads() ? threads : mixc_num_threads();
  l.others = (n < most ? (int32_t)n : most) - 1;
  if (l.others <= 0) {
    mixc_run_blocks(&l.blocks, 0);
    return;
  }
  post(&l);
  mixc_run_blocks(&l.blocks, 0);
  retire(&l);
}

// At exit, and before a shared object with this code is unmapped. Loops that come later run on their callers alone.
__attribute__((destructor)) static void stop(void) {
  pthread_mutex_lock(&pool.lock);
  pool.stopping = true;
  int32_t n = pool.n_threads;
  pool.n_threads = 0;
  pthread_cond_broadcast(&pool.work);
  pthread_mutex_unlock(&pool.lock);
  for (int32_t i = 0; i < n; ++i)
    pthread_join(pool.threads[i], NULL);
}
