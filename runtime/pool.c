// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loops on a pool of threads that is the caller's. A piece takes its worker number when it begins, whatever number the pool gives it, so
// that a pool that runs one twice does not make two threads share scratch.

#include "status.h"
#include "thread_blocks.h"

typedef struct task {
  mixc_blocks blocks;
  int32_t pieces;
  _Atomic int32_t begun;
} task;

static void run_piece(void *context, int32_t piece) {
  (void)piece;
  task *t = context;
  int32_t worker = atomic_fetch_add_explicit(&t->begun, 1, memory_order_relaxed);
  if (worker < t->pieces)
    mixc_run_blocks(&t->blocks, worker);
}

mixc_status mixc_parallel_for_on(const char *spec, const mixc_threads *threads, mixc_block_fn fn, void *context, int64_t n) {
  if (n <= 0)
    return mixc_ok();
  task t = {.blocks = {.fn = fn, .context = context, .n = n}, .pieces = n < threads->count ? (int32_t)n : threads->count};
  if (t.pieces == 1) {
    mixc_run_blocks(&t.blocks, 0);
    return mixc_ok();
  }
  int32_t failed = threads->run(threads->pool, run_piece, &t, t.pieces);
  if (failed)
    return mixc_fail(MIXC_POOL, "%s: threads.run: expected 0 for %d pieces that were run, got %d; the results are not complete", spec,
                     (int)t.pieces, (int)failed);
  if (atomic_load_explicit(&t.blocks.next, memory_order_relaxed) < n)
    return mixc_fail(MIXC_POOL, "%s: threads.run: expected a call of `work` for each of %d pieces, got none; the results are not complete",
                     spec, (int)t.pieces);
  return mixc_ok();
}
