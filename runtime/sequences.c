// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Checks of what a call says of its sequences.

#include "call.h"

#include <string.h>

static mixc_status check_width(const mixc_call *call, const char *name, const void *array, int32_t bytes) {
  if (array && bytes != 4 && bytes != 8)
    return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: sequences.%s_bytes: expected 4 or 8, the size of an index, got %d", call->desc->name, name,
                     (int)bytes);
  if ((uintptr_t)array % (array ? (uintptr_t)bytes : 1))
    return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: sequences.%s: expected an address that is a multiple of %d, got %lld", call->desc->name,
                     name, (int)bytes, (long long)(uintptr_t)array);
  return mixc_ok();
}

static int64_t kind_of(const void *array, int32_t bytes, int64_t given, int64_t wide) {
  return !array ? 0 : bytes == 8 ? given | wide : given;
}

mixc_status mixc_check_sequences(mixc_call *call, const mixc_sequences *sequences) {
  call->slots = call->target_slots = call->B;
  call->longest = call->T;
  if (!sequences)
    return mixc_ok();
  MIXC_TRY(check_width(call, "starts", sequences->starts, sequences->starts_bytes));
  MIXC_TRY(check_width(call, "source", sequences->source, sequences->source_bytes));
  MIXC_TRY(check_width(call, "target", sequences->target, sequences->target_bytes));
  MIXC_TRY(check_width(call, "order", sequences->order, sequences->order_bytes));
  MIXC_TRY(check_width(call, "kept", sequences->kept, sequences->kept_bytes));
  if (sequences->kept && sequences->kept_every < 1)
    return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: sequences.kept_every: expected tokens between states that are kept, got %lld",
                     call->desc->name, (long long)sequences->kept_every);
  if (sequences->kept && (sequences->kept_count < 1 || sequences->kept_count > INT32_MAX))
    return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: sequences.kept_count: expected 1 to %d states of each sequence, got %lld",
                     call->desc->name, INT32_MAX, (long long)sequences->kept_count);
  if (sequences->seed && !call->desc->stochastic)
    return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: sequences.seed: expected an object compiled with --stochastic-rounding, got one without",
                     call->desc->name);
  if ((uintptr_t)sequences->seed % sizeof(uint64_t))
    return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: sequences.seed: expected an address that is a multiple of 8, got %lld", call->desc->name,
                     (long long)(uintptr_t)sequences->seed);
  if (sequences->slots < 0 || sequences->slots > MIXC_MAX_LENGTH)
    return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: sequences.slots: expected 0 to %lld, got %lld", call->desc->name,
                     (long long)MIXC_MAX_LENGTH, (long long)sequences->slots);
  if (sequences->target_slots < 0 || sequences->target_slots > MIXC_MAX_LENGTH)
    return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: sequences.target_slots: expected 0 to %lld, got %lld", call->desc->name,
                     (long long)MIXC_MAX_LENGTH, (long long)sequences->target_slots);
  if (sequences->longest < 0)
    return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: sequences.longest: expected 0 or more tokens, got %lld", call->desc->name,
                     (long long)sequences->longest);
  call->sequences = *sequences;
  call->kinds = kind_of(sequences->starts, sequences->starts_bytes, MIXC_STARTS, MIXC_STARTS_WIDE) |
                kind_of(sequences->source, sequences->source_bytes, MIXC_SOURCE, MIXC_SOURCE_WIDE) |
                kind_of(sequences->target, sequences->target_bytes, MIXC_TARGET, MIXC_TARGET_WIDE) |
                (sequences->has_initial ? MIXC_HAS_INITIAL : 0) |
                kind_of(sequences->order, sequences->order_bytes, MIXC_ORDER, MIXC_ORDER_WIDE) |
                kind_of(sequences->kept, sequences->kept_bytes, MIXC_KEPT, MIXC_KEPT_WIDE);
  if (sequences->slots > 0)
    call->slots = sequences->slots;
  call->target_slots = sequences->target_slots > 0 ? sequences->target_slots : call->slots;
  if (!sequences->source && call->slots < call->B)
    return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: sequences.slots: expected at least B = %lld where there is no source, got %lld",
                     call->desc->name, (long long)call->B, (long long)call->slots);
  if (!sequences->target && call->target_slots < (sequences->source ? call->slots : call->B))
    return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: sequences.target_slots: expected at least %s = %lld where there is no target, got %lld",
                     call->desc->name, sequences->source ? "slots" : "B", (long long)(sequences->source ? call->slots : call->B),
                     (long long)call->target_slots);
  if (!mixc_is_packed(call))
    return mixc_ok();
  const int64_t even = call->B > 0 ? mixc_ceil_div(call->T, call->B) : call->T;
  call->longest = sequences->longest == 0 ? even : sequences->longest < call->T ? sequences->longest : call->T;
  return mixc_ok();
}

static int64_t index_at(const void *array, int32_t bytes, int64_t i) {
  return bytes == 8 ? ((const int64_t *)array)[i] : ((const int32_t *)array)[i];
}

static mixc_status check_starts(const mixc_call *call) {
  const mixc_sequences *s = &call->sequences;
  for (int64_t b = 0, before = 0; b <= call->B; ++b) {
    const int64_t start = index_at(s->starts, s->starts_bytes, b);
    if (start < before || start > call->T)
      return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: sequences.starts[%lld]: expected %lld to T = %lld, got %lld", call->desc->name,
                       (long long)b, (long long)before, (long long)call->T, (long long)start);
    before = start;
  }
  return mixc_ok();
}

static const char *slots_name(const mixc_call *call) { return call->sequences.target_slots > 0 ? "target_slots" : "slots"; }

static mixc_status check_slots(const mixc_call *call, const char *name, const void *array, int32_t bytes, int64_t slots,
                               const char *limit) {
  for (int64_t b = 0; array && b < call->B; ++b)
    if (index_at(array, bytes, b) >= slots)
      return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: sequences.%s[%lld]: expected a state below %s = %lld, got %lld", call->desc->name, name,
                       (long long)b, limit, (long long)slots, (long long)index_at(array, bytes, b));
  return mixc_ok();
}

// Those of tokens that a sequence has.
static mixc_status check_kept(const mixc_call *call) {
  const mixc_sequences *s = &call->sequences;
  for (int64_t b = 0; s->kept && b < call->B; ++b) {
    if (s->source && index_at(s->source, s->source_bytes, b) < 0) // padding
      continue;
    const int64_t tokens = s->starts ? index_at(s->starts, s->starts_bytes, b + 1) - index_at(s->starts, s->starts_bytes, b) : call->T;
    for (int64_t k = 0; k < s->kept_count && k < tokens / s->kept_every; ++k) {
      const int64_t place = index_at(s->kept, s->kept_bytes, b * s->kept_count + k);
      if (place >= call->target_slots)
        return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: sequences.kept[%lld][%lld]: expected a state below %s = %lld, got %lld",
                         call->desc->name, (long long)b, (long long)k, slots_name(call), (long long)call->target_slots, (long long)place);
    }
  }
  return mixc_ok();
}

// That each sequence is there once shows in sums of the numbers and of their squares, without memory: few others have both.
static mixc_status check_order(const mixc_call *call) {
  const mixc_sequences *s = &call->sequences;
  uint64_t sum = 0, squares = 0; // less those of 0 .. B - 1; they may wrap
  for (int64_t b = 0; b < call->B; ++b) {
    const int64_t number = index_at(s->order, s->order_bytes, b);
    if (number < 0 || number >= call->B)
      return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: sequences.order[%lld]: expected a sequence below B = %lld, got %lld", call->desc->name,
                       (long long)b, (long long)call->B, (long long)number);
    sum += (uint64_t)number - (uint64_t)b;
    squares += (uint64_t)number * (uint64_t)number - (uint64_t)b * (uint64_t)b;
  }
  if (sum || squares)
    return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: sequences.order: expected each of the B = %lld sequences once, got some more than once",
                     call->desc->name, (long long)call->B);
  return mixc_ok();
}

mixc_status mixc_check_arrays(const mixc_call *call) {
  const mixc_sequences *s = &call->sequences;
  if (s->starts)
    MIXC_TRY(check_starts(call));
  if (s->order)
    MIXC_TRY(check_order(call));
  MIXC_TRY(check_slots(call, "source", s->source, s->source_bytes, call->slots, "slots"));
  MIXC_TRY(check_slots(call, "target", s->target, s->target_bytes, call->target_slots, slots_name(call)));
  MIXC_TRY(check_kept(call));
  return mixc_ok();
}
