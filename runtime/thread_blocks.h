// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Blocks of a loop, which threads deal out among themselves: whoever is free takes the next one, so that all are done however few
// threads come.

#ifndef MIXC_RUNTIME_THREAD_BLOCKS_H
#define MIXC_RUNTIME_THREAD_BLOCKS_H

#include "threads.h"

#include <stdatomic.h>
#include <xmmintrin.h>

// Both denormal modes of MXCSR, flush to zero and denormals are zero, over its default.
#define MIXC_CONTROL_WORD 0x9fc0

typedef struct mixc_blocks {
  mixc_block_fn fn;
  void *context;
  int64_t n;
  _Atomic int64_t next; // first block that nobody took
} mixc_blocks;

// Runs blocks until none is left to take.
static inline void mixc_run_blocks(mixc_blocks *blocks, int32_t worker) {
  unsigned int saved = _mm_getcsr();
  _mm_setcsr(MIXC_CONTROL_WORD);
  int64_t block;
  while ((block = atomic_fetch_add_explicit(&blocks->next, 1, memory_order_relaxed)) < blocks->n)
    blocks->fn(blocks->context, block, worker);
  _mm_setcsr(saved);
}

#endif // MIXC_RUNTIME_THREAD_BLOCKS_H
