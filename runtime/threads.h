// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The CPU thread pool: one for the process, shared by all calls.

#ifndef MIXC_RUNTIME_THREADS_H
#define MIXC_RUNTIME_THREADS_H

#include <stdint.h>

// One block. `worker` is below mixc_num_threads() and differs between the threads that work on the same loop.
typedef void (*mixc_block_fn)(void *context, int64_t block, int32_t worker);

// Calls fn(context, block, worker) once for each block in [0, n), in any order, on several threads, and returns when
// all have returned. Any number of threads may call it at once, also from within a block; the caller takes part (as
// worker 0), so a call makes progress even if no pool thread is free. Denormals are flushed to zero in the blocks.
void mixc_parallel_for(mixc_block_fn fn, void *context, int64_t n);

// Starts the pool's threads if they are not there yet.
void mixc_start_threads(void);

#endif // MIXC_RUNTIME_THREADS_H
