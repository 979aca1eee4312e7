// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// prediction = launches + max(memory, work + serial steps)
//
//   memory   what device memory must move at the copy bandwidth, or what the busiest unit must draw, whichever takes longer
//   work     matrix, special and scalar time of the busiest unit and the loads of products' operands: a block's steps depend on each other,
//            and what a family's other warps do beside them its plans count less
//   steps    the waiting in a block's dependent steps, for each wave of blocks, while which others of the unit work

#include "mixc/runtime/cost.h"

#include "arithmetic.h"

#include <stddef.h>

// Numbers of splits that are tried one by one, and by what share each later one is larger than the one before.
#define EXACT_SPLITS 4096
#define COARSE_SHARE 64
// Of a block of rows, which loads its own tokens and adds up their decays before it has pairs to load.
#define ROWS_ACCESSES 5
// Of memory or work, whichever takes less, on a CPU.
#define CPU_EXPOSED 0.1

static int64_t at_least_one(int64_t a) { return a > 1 ? a : 1; }
static double max2(double a, double b) { return a > b ? a : b; }
// The whole numbers in it; a double holds no other ones from 2^53 on.
static double whole(double a) { return a < 9e15 ? (double)(int64_t)a : a; }
static double per(double amount, double rate) { return rate > 0 ? amount / rate : 0; }

static double matrix_rate(const mixc_machine *machine, int32_t operand) {
  switch (operand) {
  case MIXC_OPERAND_HALF:
    return machine->matrix_rate_half;
  case MIXC_OPERAND_TF32:
    return machine->matrix_rate_tf32;
  case MIXC_OPERAND_SPLIT:
    return machine->matrix_rate_tf32 / 3;
  default:
    return machine->matrix_rate_f32;
  }
}

// How a call is cut into blocks, and what it computes. Tails count as whole chunks and row blocks: blocks compute on padded tiles.
typedef struct {
  double grid;    // blocks of a launch
  double tokens;  // of all sequences, padded
  double pairs;   // of all sequences, padded
  double steps;   // dependent steps of a mean block
  double longest; // work and steps of the longest block over the mean
  int split;      // splits > 1 after T's few chunks are taken into account
  int64_t splits;
} layout;

static layout cut(const mixc_cost *cost, int64_t batch, int64_t length, int64_t splits) {
  const int64_t chunk = at_least_one(cost->chunk);
  const int64_t chunks = mixc_ceil_div(length, chunk);
  const int64_t span = at_least_one(mixc_ceil_div(chunks, at_least_one(splits)));
  layout l;
  l.splits = at_least_one(mixc_ceil_div(chunks, span));
  l.split = l.splits > 1;
  l.tokens = (double)batch * (double)(chunks * chunk);
  l.steps = (double)span;
  l.longest = 1;
  l.grid = (double)batch * (double)l.splits * (double)at_least_one(cost->blocks);
  l.pairs = 0;
  if (cost->rows > 0) {
    // Row block i of R sees i + 1 of them: the last one has 2 R / (R + 1) times the mean work.
    const double rows = (double)at_least_one(mixc_ceil_div(length, cost->rows));
    l.grid *= rows;
    l.pairs = (double)batch * rows * (rows + 1) / 2 * (double)cost->rows * (double)cost->rows;
    l.longest = 2 * rows / (rows + 1);
    l.steps = (rows + 1) / 2 * (double)cost->rows / (double)chunk;
  } else {
    l.pairs = (double)batch * (double)length * ((double)length + 1) / 2;
  }
  return l;
}

// Blocks that a last wave holds, if that is at most half of one: halves of them then take half a wave.
static int64_t left_over(const mixc_machine *machine, const mixc_cost *cost, int64_t length, const layout *l) {
  const int64_t units = at_least_one(machine->units) * at_least_one(cost->blocks_per_unit);
  if (!cost->halves || l->split || length <= cost->chunk || l->grid <= (double)units || l->grid > 9e15)
    return 0;
  const int64_t left = (int64_t)l->grid % units;
  return 2 * left <= units ? left : 0;
}

static double evaluate(const mixc_machine *machine, const mixc_cost *cost, int64_t batch, int64_t length, const layout l, int64_t halved,
                       mixc_cost_terms *out) {
  mixc_cost_terms t = {0};
  const double units = (double)at_least_one(machine->units);
  const double again = l.split ? 1 + cost->split_work + (l.splits > 2 ? cost->between_work : 0) : 1;

  // Pairs re-read what other row blocks read: the last-level cache serves them while it holds the sequences.
  const double once = (double)batch * (double)length * cost->bytes_token * (l.split ? 1 + cost->split_bytes : 1) +
                      (double)batch * cost->bytes_sequence + (l.split ? (double)batch * (double)l.splits * cost->bytes_split : 0);
  const double reread = l.pairs * cost->bytes_pair;
  const double missed = once > 0 ? max2(0, 1 - (double)machine->cache_bytes / once) : 0;
  t.memory = per(once + reread * missed, machine->copy_bandwidth);

  const double rate = units * matrix_rate(machine, cost->operand);
  t.matrix = per(again * (l.tokens * cost->matrix_token + l.pairs * cost->matrix_pair), rate);
  t.shared = per(again * (l.tokens * cost->shared_token + l.pairs * cost->shared_pair), units * machine->shared_bandwidth);
  t.special = per(again * (l.tokens * cost->special_token + l.pairs * cost->special_pair), units * machine->special_rate);
  t.scalar = per(again * (l.tokens * cost->scalar_token + l.pairs * cost->scalar_pair), units * machine->scalar_rate);
  const double launches = (l.split ? cost->split_launches : cost->launches) + (halved ? 1 : 0);
  t.launch = launches * machine->launch_latency;

  // The busiest unit has ceil(grid / units) mean blocks or the longest one.
  const double turns = whole((l.grid + units - 1) / units) - (halved ? 0.5 : 0);
  const double busiest = max2(turns, l.longest) * units / max2(l.grid, 1);
  const double resident = max2(1, cost->blocks_per_unit < turns ? cost->blocks_per_unit : turns);
  const double waves = halved ? turns / resident : whole((turns + resident - 1) / resident);
  t.work = t.matrix + t.shared + t.special + t.scalar;
  const double shared = (double)batch * (double)length * max2(0, cost->drawn_token - cost->bytes_token);
  const double drawn = per((once + shared + reread) * busiest, units * machine->unit_bandwidth);
  // A wave of a launch waits for its first loads and its last stores; segments are combined one after the other.
  const double accesses = (cost->rows > 0 ? ROWS_ACCESSES : 2) * waves * launches + (l.split ? (double)l.splits : 0);
  const double combined = l.split ? (double)l.splits * cost->combine_latency : 0;
  const double combining = max2(1, (double)batch * (double)cost->combine_blocks / units);
  const double serial =
      max2(waves, l.longest) * l.steps * again * cost->step_latency + accesses * machine->memory_latency + combined * combining;

  const double full = max2(t.memory, t.work), moved = max2(t.memory, drawn), worked = t.work * busiest;
  const double computed = max2(worked, worked / resident + serial);
  // A core's own loads hold up its arithmetic: some of the shorter of the two is not hidden. It decides between plans that memory limits.
  const double exposed = machine->kind == MIXC_DEVICE_CUDA ? 0 : CPU_EXPOSED * (t.memory < t.work ? t.memory : t.work);
  t.quantisation = max2(moved, computed) - full + exposed;
  t.total = t.launch + full + t.quantisation;
  if (out)
    *out = t;
  return t.total;
}

int64_t mixc_cost_halved(const mixc_machine *machine, const mixc_cost *cost, int64_t batch, int64_t length, int64_t splits) {
  if (batch <= 0 || length <= 0)
    return 0;
  const layout l = cut(cost, batch, length, splits);
  const int64_t halved = left_over(machine, cost, length, &l);
  const bool gains =
      halved > 0 && evaluate(machine, cost, batch, length, l, halved, NULL) < evaluate(machine, cost, batch, length, l, 0, NULL);
  return gains ? halved : 0;
}

double mixc_cost_evaluate(const mixc_machine *machine, const mixc_cost *cost, int64_t batch, int64_t length, int64_t splits,
                          mixc_cost_terms *out) {
  if (batch <= 0 || length < 0) {
    if (out)
      *out = (mixc_cost_terms){0};
    return 0;
  }
  const layout l = cut(cost, batch, length, splits);
  return evaluate(machine, cost, batch, length, l, mixc_cost_halved(machine, cost, batch, length, splits), out);
}

int64_t mixc_cost_best_splits(const mixc_machine *machine, const mixc_cost *cost, int64_t batch, int64_t length, int64_t max_splits,
                              double *seconds) {
  const int64_t chunks = mixc_ceil_div(length > 0 ? length : 0, at_least_one(cost->chunk));
  const int64_t limit = max_splits < chunks ? max_splits : chunks;
  int64_t best = 1;
  double least = mixc_cost_evaluate(machine, cost, batch, length, 1, 0);
  // Only numbers that make a difference: each shortens the span by at least one chunk. Of very many, some.
  for (int64_t splits = 2, tried = 0; batch > 0 && splits <= limit; ++tried) {
    const int64_t span = mixc_ceil_div(chunks, splits);
    const int64_t used = mixc_ceil_div(chunks, span);
    const double time = mixc_cost_evaluate(machine, cost, batch, length, used, 0);
    if (time < least) {
      least = time;
      best = used;
    }
    const int64_t next = span > 1 ? mixc_ceil_div(chunks, span - 1) : limit + 1;
    const int64_t far = tried < EXACT_SPLITS ? 0 : splits + splits / COARSE_SHARE;
    splits = next > far ? next : far;
  }
  if (seconds)
    *seconds = least;
  return best;
}
