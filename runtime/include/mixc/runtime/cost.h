// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The cost model: predicted time of one call from a machine description and a variant's coefficients.
// One function serves the dispatcher and `mixc explain`. Both structs are plain data: the compiler
// writes them into the object file.

#ifndef MIXC_RUNTIME_COST_H
#define MIXC_RUNTIME_COST_H

#include "mixc/runtime/mixc.h"

#ifdef __cplusplus
extern "C" {
#endif

// A unit is what runs blocks independently: a streaming multiprocessor or a core. Rates are of one unit.
typedef struct mixc_machine {
  const char *name;
  double copy_bandwidth;   // B/s, all units together, read plus written
  double unit_bandwidth;   // B/s that one unit can draw alone
  double matrix_rate_f32;  // flop/s of a unit in matrix products, by operand type
  double matrix_rate_tf32; // flop/s
  double matrix_rate_half; // flop/s, bf16 and f16
  double shared_bandwidth; // B/s of a unit between shared memory (GPU), first-level cache (CPU) and registers
  double scalar_rate;      // f32 operations/s of a unit outside matrix products
  double special_rate;     // exp/s of a unit
  double launch_latency;   // s from one launch to the next
  double memory_latency;   // s of one dependent access to device memory
  int64_t shared_bytes;    // shared memory of a unit (GPU), second-level cache (CPU)
  int64_t cache_bytes;     // last-level cache, all units together
  int32_t kind;            // mixc_device_kind
  int32_t units;           // SMs or cores
} mixc_machine;

typedef enum mixc_operand {
  MIXC_OPERAND_F32 = 0,
  MIXC_OPERAND_TF32 = 1, // f32, rounded to tf32 before they multiply
  MIXC_OPERAND_HALF = 2, // bf16 and f16
  MIXC_OPERAND_SPLIT = 3 // f32, each the sum of two in tf32: three products give one of f32 accuracy
} mixc_operand;

// Coefficients of one variant. "Per token" means per token of one sequence, all heads together; "per pair" per pair
// of tokens t >= s of one sequence, all heads together (only the quadratic algorithm has these).
typedef struct mixc_cost {
  double bytes_token;   // device memory read and written
  double drawn_token;   // what the units draw, if every block reads for itself what it shares with others
  double matrix_token;  // flops in matrix products
  double shared_token;  // bytes of operands that matrix products read from shared memory
  double scalar_token;  // other f32 operations
  double special_token; // exp, log, ...
  double bytes_pair;
  double matrix_pair;
  double shared_pair;
  double scalar_pair;
  double special_pair;
  double bytes_sequence;   // once per sequence: initial and final state
  double bytes_split;      // per sequence and split, if splits > 1: segment states written and read
  double split_work;       // share of matrix, scalar and special work done once more if splits > 1
  double between_work;     // the same if splits > 2, for the segments between the first and the last
  double split_bytes;      // share of bytes_token moved once more if splits > 1
  double combine_latency;  // s of a block that combines segments by products, per split, if splits > 1
  double step_latency;     // s of one dependent step of a block in which it keeps its unit waiting
  int64_t blocks;          // blocks per sequence and split (times row blocks where rows > 0)
  int64_t combine_blocks;  // blocks per sequence that combine segments
  int64_t rows;            // 0, or T is cut into ceil(T / rows) row blocks
  int64_t chunk;           // tokens of a dependent step
  int32_t blocks_per_unit; // blocks resident on a unit at once
  int32_t operand;         // mixc_operand
  int32_t launches;        // launches if splits = 1
  int32_t split_launches;  // launches if splits > 1
  int32_t halves;          // the work of some blocks may be cut in two along T, one half after the other
  int32_t reserved;        // 0
} mixc_cost;

// The parts of a prediction, in seconds:
//     total = launch + max(memory, work) + quantisation
// Memory, matrix, shared, special and scalar are each for a machine that is kept full. `work` is the sum of the latter four, as one step
// of a block needs what the one before computed. `quantisation` is what is added because units have unequal numbers of blocks, a block's
// steps wait for each other longer than the unit's other blocks have work, and blocks draw from memory, each for itself, what they share.
typedef struct mixc_cost_terms {
  double memory;
  double matrix;
  double shared;
  double special;
  double scalar;
  double work;
  double launch;
  double quantisation;
  double total;
} mixc_cost_terms;

// Predicted seconds of a call with these B, T (0 to MIXC_MAX_LENGTH) and splits (>= 1); also writes the terms unless `out` is null.
// Pure arithmetic, deterministic, thread-safe.
MIXC_API double mixc_cost_evaluate(const mixc_machine *machine, const mixc_cost *cost, int64_t batch, int64_t length, int64_t splits,
                                   mixc_cost_terms *out);

// How many blocks of a launch to halve: where units stay idle in the last wave of blocks, the work of those of that wave is cut in
// two, and their first halves start with the first wave. 0 where that gains nothing; only with splits = 1. Deterministic,
// thread-safe.
MIXC_API int64_t mixc_cost_halved(const mixc_machine *machine, const mixc_cost *cost, int64_t batch, int64_t length, int64_t splits);

// The splits in 1 .. max_splits with the smallest prediction, the smallest such number on a tie; 1 if T has one chunk or B is 0. Where
// there are more than thousands to choose from, of numbers a few percent apart.
// Writes the prediction to `seconds` unless it is null. Deterministic, thread-safe.
MIXC_API int64_t mixc_cost_best_splits(const mixc_machine *machine, const mixc_cost *cost, int64_t batch, int64_t length,
                                       int64_t max_splits, double *seconds);

#ifdef __cplusplus
} // extern "C"
#endif

#endif // MIXC_RUNTIME_COST_H
