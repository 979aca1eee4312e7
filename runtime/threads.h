// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The CPU thread pool: one for the process, shared by all calls that bring none of their own.

#ifndef MIXC_RUNTIME_THREADS_H
#define MIXC_RUNTIME_THREADS_H

#include "mixc/runtime/mixc.h"

#include <stdint.h>

// One block. `worker` is below the number of threads that the loop may have, and differs between those that work on it.
typedef void (*mixc_block_fn)(void *context, int64_t block, int32_t worker);

// Calls fn(context, block, worker) once for each block in [0, n), in any order, on at most so many threads, the caller and
// those of the process's pool, and returns when all have returned. Any number of threads may call it at once, also from within a block; the
// caller takes part (as worker 0), so a call makes progress even if no pool thread is free. Denormals are flushed to zero in the blocks.
void mixc_parallel_for(mixc_block_fn fn, void *context, int64_t n, int32_t threads);

// The same on the caller's pool, `threads->run`, with `threads->count` pieces or one for each block. Fails where the pool says that it did,
// or has run no piece: blocks then are left. `spec` is the name for the message.
mixc_status mixc_parallel_for_on(const char *spec, const mixc_threads *threads, mixc_block_fn fn, void *context, int64_t n);

// Starts the pool's threads if they are not there yet.
void mixc_start_threads(void);

#endif // MIXC_RUNTIME_THREADS_H
