// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The choice of variant and splits: the smallest predicted time.

#include "call.h"

#include <string.h>

static bool is_allowed(const mixc_variant_desc *variant, const mixc_target *target) {
  return !target->algorithm || strcmp(variant->name, target->algorithm) == 0 || strcmp(variant->algorithm, target->algorithm) == 0;
}

// States are kept behind whole chunks.
static bool keeps(const mixc_call *call, const mixc_variant_desc *variant) {
  return !(call->kinds & MIXC_KEPT) || (variant->keeps && call->sequences.kept_every % variant->chunk == 0);
}

static bool is_runnable(const mixc_call *call, const mixc_target *target, int32_t v) {
  const mixc_variant_desc *variant = &call->desc->variants[v];
  return variant->device == target->device && target->runnable[v] && !(variant->aligned & ~call->aligned) &&
         (variant->packs || !call->kinds);
}

static bool may_be_chosen(const mixc_call *call, const mixc_target *target, int32_t v) {
  return is_runnable(call, target, v) && is_allowed(&call->desc->variants[v], target);
}

// Equal spans of whole chunks that leave no split empty: the number asked for is rounded down to what T allows.
static int64_t cut(const mixc_variant_desc *variant, int64_t length, int64_t wanted, int64_t *span) {
  int64_t chunks = length > 0 ? mixc_ceil_div(length, variant->chunk) : 1;
  int64_t splits = wanted < variant->max_splits ? wanted : variant->max_splits;
  splits = splits < 1 ? 1 : splits > chunks ? chunks : splits;
  int64_t per_split = mixc_ceil_div(chunks, splits);
  *span = per_split * variant->chunk;
  return mixc_ceil_div(chunks, per_split);
}

// The model counts one band of heads: others cost what those of other sequences do.
static int64_t times_bands(const mixc_call *call, int64_t sequences) {
  int64_t all = sequences;
  return mixc_mul(&all, call->bands) ? INT64_MAX : all;
}

// Sequences of equal length that the choice goes by.
typedef struct mixc_even {
  int64_t batch, length;
} mixc_even;

static bool is_invariant(const mixc_call *call) { return call->desc->invariant_batch > 0; }

// Whether one of those that may be chosen keeps states.
static bool any_keeping(const mixc_call *call, const mixc_target *target) {
  bool any = false;
  for (int32_t v = 0; v < call->desc->n_variants; ++v)
    any |= call->desc->variants[v].keeps && may_be_chosen(call, target, v);
  return any;
}

static mixc_even even_of(const mixc_call *call) {
  const bool packed = mixc_is_packed(call);
  if (is_invariant(call))
    return (mixc_even){times_bands(call, call->desc->invariant_batch), packed ? call->desc->invariant_length : call->T};
  // Packed sequences count as so many of the longest one's tokens: the others fill in.
  const int64_t length = call->longest;
  return (mixc_even){times_bands(call, packed && length > 0 ? mixc_ceil_div(call->T, length) : call->B), length};
}

// Keeps the better of `plan` and this variant.
static void consider(const mixc_call *call, const mixc_target *target, int32_t v, int64_t forced, mixc_plan *plan) {
  const mixc_variant_desc *variant = &call->desc->variants[v];
  const mixc_machine *machine = target->machine;
  const bool packed = mixc_is_packed(call);
  const mixc_even even = even_of(call);
  int64_t wanted = forced > 0 ? forced : mixc_cost_best_splits(machine, &variant->cost, even.batch, even.length, variant->max_splits, NULL);
  int64_t span, splits = cut(variant, even.length, wanted, &span);
  double seconds = mixc_cost_evaluate(machine, &variant->cost, even.batch, even.length, splits, NULL);
  if (call->copied) // one launch more, whatever the variant
    seconds += machine->launch_latency;
  if (packed && splits == 1)
    cut(variant, call->T, 1, &span);
  else if (packed && is_invariant(call)) // segments of that length also where no sequence has a second one
    splits = mixc_ceil_div(call->longest, span) > 2 ? mixc_ceil_div(call->longest, span) : 2;
  if (plan->variant < 0 || seconds < plan->seconds)
    *plan = (mixc_plan){.variant = v,
                        .splits = splits,
                        .span = span,
                        .halved = packed || is_invariant(call) ? 0 : mixc_cost_halved(machine, &variant->cost, even.batch, call->T, splits),
                        .seconds = seconds};
}

// The one variant that is to run does not keep the states.
static mixc_status fail_kept_by(const mixc_call *call, const mixc_variant_desc *variant) {
  bool compiled = false;
  for (int32_t v = 0; v < call->desc->n_variants; ++v)
    compiled |= call->desc->variants[v].keeps;
  if (!compiled)
    return mixc_fail(MIXC_UNSUPPORTED, "%s: sequences.kept: expected an object compiled with --keep-states, got one without",
                     call->desc->name);
  if (!variant->keeps)
    return mixc_fail(MIXC_UNSUPPORTED, "%s: sequences.kept: expected a variant that keeps states inside calls, got '%s'", call->desc->name,
                     variant->name);
  return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: sequences.kept_every: expected a multiple of %lld, the chunk of '%s', got %lld",
                   call->desc->name, (long long)variant->chunk, variant->name, (long long)call->sequences.kept_every);
}

// None of those that may run does.
static mixc_status fail_kept(const mixc_call *call, const mixc_target *target) {
  const mixc_variant_desc *keeping = NULL, *other = NULL;
  for (int32_t v = 0; v < call->desc->n_variants; ++v) {
    const mixc_variant_desc *variant = &call->desc->variants[v];
    if (!may_be_chosen(call, target, v))
      continue;
    if (!variant->keeps)
      other = variant;
    else if (!keeping || variant->chunk < keeping->chunk)
      keeping = variant;
  }
  if (!keeping)
    return fail_kept_by(call, other);
  return mixc_fail(MIXC_INVALID_ARGUMENT,
                   "%s: sequences.kept_every: expected a multiple of the chunk of a %s variant that may run, as of %lld ('%s'), got %lld",
                   call->desc->name, target->device == MIXC_DEVICE_CUDA ? "CUDA" : "CPU", (long long)keeping->chunk, keeping->name,
                   (long long)call->sequences.kept_every);
}

// "scan, chunked, scan16, chunked32, chunked64": what MIXC_ALGORITHM may say, each name once.
static void list_names(const mixc_spec_desc *desc, const mixc_target *target, mixc_text *text) {
  for (int name = 0; name < 2; ++name)
    for (int32_t v = 0; v < desc->n_variants; ++v) {
      const mixc_variant_desc *variant = &desc->variants[v];
      bool is_new = variant->device == target->device && target->runnable[v] && !(name && strcmp(variant->name, variant->algorithm) == 0);
      for (int32_t before = 0; before < v && !name; ++before) {
        const mixc_variant_desc *other = &desc->variants[before];
        is_new &= other->device != target->device || !target->runnable[before] || strcmp(other->algorithm, variant->algorithm) != 0;
      }
      if (is_new)
        mixc_text_append(text, "%s%s", text->length > 0 ? ", " : "", name ? variant->name : variant->algorithm);
    }
}

static mixc_status fail_algorithm(const mixc_spec_desc *desc, const mixc_target *target) {
  char names[256];
  mixc_text text = mixc_text_in(names, sizeof names);
  list_names(desc, target, &text);
  return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: MIXC_ALGORITHM: expected an algorithm or variant of the object (%s), got '%s'", desc->name,
                   names, target->algorithm);
}

// Why no variant fits, with the smallest fix.
static mixc_status fail_choice(const mixc_call *call, const mixc_target *target) {
  const mixc_spec_desc *desc = call->desc;
  const char *kind = target->device == MIXC_DEVICE_CUDA ? "CUDA" : "CPU";
  bool compiled = false, runs = false, allowed = false, packs = false, takes = false;
  for (int32_t v = 0; v < desc->n_variants; ++v) {
    bool here = desc->variants[v].device == target->device;
    compiled |= here;
    runs |= here && target->runnable[v];
    const bool fits = here && target->runnable[v] && is_allowed(&desc->variants[v], target);
    allowed |= fits;
    packs |= fits && desc->variants[v].packs;
    takes |= may_be_chosen(call, target, v);
  }
  if (!compiled)
    return mixc_fail(MIXC_UNSUPPORTED, "%s: expected %s code in the object, got none: compile for a %s target", desc->name, kind, kind);
  if (!runs)
    return mixc_fail(MIXC_UNSUPPORTED, "%s: expected %s code that runs on %s, got none: compile for this target", desc->name, kind,
                     target->machine_text);
  if (!allowed)
    return fail_algorithm(desc, target);
  if (call->kinds && !packs)
    return mixc_fail(MIXC_UNSUPPORTED,
                     "%s: sequences: expected null, got some: the object has no %s variant that tells them apart; compile "
                     "the spec, not a tile program written by hand",
                     desc->name, kind);
  if (takes)
    return fail_kept(call, target);
  return mixc_fail(MIXC_INVALID_ARGUMENT,
                   "%s: expected tensors with rows of 16-byte units (address and strides), got others: the object has no "
                   "%s variant for them",
                   desc->name, kind);
}

static mixc_status check_forced(const mixc_call *call, const mixc_target *target, const mixc_plan *plan) {
  const mixc_spec_desc *desc = call->desc;
  if (plan->variant >= desc->n_variants)
    return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: plan: expected a variant below %d, got %d", desc->name, (int)desc->n_variants,
                     (int)plan->variant);
  if (!is_runnable(call, target, plan->variant))
    return mixc_fail(MIXC_UNSUPPORTED, "%s: plan: expected a variant that runs on %s with these tensors, got '%s'", desc->name,
                     target->machine_text, desc->variants[plan->variant].name);
  return keeps(call, &desc->variants[plan->variant]) ? mixc_ok() : fail_kept_by(call, &desc->variants[plan->variant]);
}

mixc_status mixc_choose(const mixc_call *call, const mixc_target *target, mixc_plan *plan) {
  mixc_plan best = {.variant = -1};
  int64_t splits = plan->splits > 0 ? plan->splits : target->splits;
  if (plan->variant >= 0) {
    MIXC_TRY(check_forced(call, target, plan));
    consider(call, target, plan->variant, splits, &best);
  } else {
    // That other sequences of a call keep states must not change the plan of those that do not.
    const bool keeping = is_invariant(call) && any_keeping(call, target);
    for (int32_t v = 0; v < call->desc->n_variants; ++v) {
      const mixc_variant_desc *variant = &call->desc->variants[v];
      if (may_be_chosen(call, target, v) && (keeping ? variant->keeps != 0 : keeps(call, variant)))
        consider(call, target, v, splits, &best);
    }
    if (keeping && !keeps(call, &call->desc->variants[best.variant]))
      return fail_kept_by(call, &call->desc->variants[best.variant]);
  }
  if (best.variant < 0)
    return fail_choice(call, target);
  *plan = best;
  return mixc_ok();
}
