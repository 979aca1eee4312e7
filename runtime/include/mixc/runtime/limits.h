// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The largest sizes and counts, the same for command line flags, specs, plans and calls. Up to these, what is computed of a few of
// them stays below 2^63; products of more are checked where they are made.

#ifndef MIXC_RUNTIME_LIMITS_H
#define MIXC_RUNTIME_LIMITS_H

#include <stdint.h>

#define MIXC_MAX_LENGTH ((int64_t)1 << 62) // B and T: what memory holds is the limit in practice
#define MIXC_MAX_SIZE ((int64_t)1 << 20)   // H, G, N and P
#define MIXC_MAX_SPLITS INT32_MAX          // segments of T
#define MIXC_MAX_CHUNK 65536               // tokens of a chunk
#define MIXC_MAX_STAGES 64                 // chunks in flight
#define MIXC_MAX_WARPS 32                  // of a block; its threads are 32 times as many
#define MIXC_MAX_PARTS 8                   // of a block
#define MIXC_MAX_PIECES 8                  // of a segment
#define MIXC_MAX_TEAMS 4                   // of four warps of a block
#define MIXC_MAX_THREADS 1024              // of the CPU

#endif // MIXC_RUNTIME_LIMITS_H
