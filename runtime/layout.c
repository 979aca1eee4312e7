// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Workspace, kernel parameters and grid of a planned call.

#include "call.h"

#include <string.h>

static const mixc_variant_desc *variant_of(const mixc_call *call, const mixc_plan *plan) { return &call->desc->variants[plan->variant]; }

static bool is_absent(const mixc_buffer_desc *buffer, const mixc_plan *plan) {
  return buffer->split_only && plan->splits == 1 && plan->halved == 0;
}

int64_t mixc_buffer_size(const mixc_call *call, const mixc_plan *plan, const mixc_buffer_desc *buffer, int32_t dim) {
  int64_t size = buffer->sizes[dim];
  if (size == MIXC_DIM_B) { // what packed sequences have of tokens or segments is one behind the other
    const bool together =
        mixc_dim_of(buffer->sizes, buffer->rank, MIXC_DIM_T) >= 0 || mixc_dim_of(buffer->sizes, buffer->rank, MIXC_DIM_SPLITS) >= 0;
    return mixc_is_packed(call) && together ? 1 : call->B;
  }
  if (buffer->banded == dim + 1)
    return size * call->bands;
  return size == MIXC_DIM_T ? call->T : size == MIXC_DIM_SPLITS ? mixc_parts(call, plan) : size;
}

// at += the bytes, rounded up to the alignment. True on overflow.
static bool advance(int64_t *at, int64_t bytes) {
  return mixc_add(&bytes, MIXC_BUFFER_ALIGNMENT - 1) || mixc_add(at, bytes / MIXC_BUFFER_ALIGNMENT * MIXC_BUFFER_ALIGNMENT);
}

mixc_status mixc_lay_out(const mixc_call *call, const mixc_plan *plan, int32_t threads, mixc_layout *layout) {
  const mixc_variant_desc *variant = variant_of(call, plan);
  int64_t at = 0, scratch = 0;
  bool overflow = false;
  for (int32_t b = 0; b < variant->n_buffers; ++b) {
    const mixc_buffer_desc *buffer = &variant->buffers[b];
    layout->buffers[b] = -1;
    if (is_absent(buffer, plan))
      continue;
    int64_t bytes = sizeof(float);
    for (int32_t d = 0; d < buffer->rank; ++d)
      overflow |= mixc_mul(&bytes, mixc_buffer_size(call, plan, buffer, d));
    layout->buffers[b] = at;
    overflow |= advance(&at, bytes);
  }
  for (int32_t i = 0; i < call->desc->n_args; ++i) {
    const mixc_tensor_desc *tensor = &call->desc->tensors[i];
    layout->copies[i] = -1;
    if (mixc_copied_for(call->desc, i) < 0)
      continue;
    int64_t bytes = mixc_element_bytes(tensor);
    for (int32_t d = 0; d < tensor->rank; ++d)
      overflow |= mixc_mul(&bytes, mixc_copy_size(call, tensor, d));
    layout->copies[i] = at;
    overflow |= advance(&at, bytes);
  }
  for (int32_t l = 0; l < variant->n_launches; ++l)
    if (variant->launches[l].scratch_bytes > scratch)
      scratch = variant->launches[l].scratch_bytes;
  layout->scratch = at;
  layout->scratch_stride = 0;
  overflow |= advance(&layout->scratch_stride, scratch);
  scratch = layout->scratch_stride;
  overflow |= mixc_mul(&scratch, threads);
  overflow |= advance(&at, scratch);
  overflow |= at > 0 && mixc_add(&at, MIXC_BUFFER_ALIGNMENT - 1);
  layout->bytes = at;
  if (overflow)
    return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: workspace: expected less than 2^63 bytes, got more with B = %lld, T = %lld, variant '%s'",
                     call->desc->name, (long long)call->B, (long long)call->T, variant->name);
  return mixc_ok();
}

mixc_status mixc_place(const mixc_call *call, const mixc_plan *plan, const mixc_layout *layout, void *workspace, size_t bytes,
                       char **base) {
  *base = NULL;
  if (layout->bytes == 0)
    return mixc_ok();
  if (bytes < (uint64_t)layout->bytes)
    return mixc_fail(MIXC_WORKSPACE, "%s: workspace: expected at least %lld bytes (variant '%s', %lld splits), got %zu", call->desc->name,
                     (long long)layout->bytes, variant_of(call, plan)->name, (long long)plan->splits, bytes);
  if (!workspace)
    return mixc_fail(MIXC_WORKSPACE, "%s: workspace: expected %lld bytes (variant '%s'), got null", call->desc->name,
                     (long long)layout->bytes, variant_of(call, plan)->name);
  *base = (char *)workspace + -(uintptr_t)workspace % MIXC_BUFFER_ALIGNMENT;
  return mixc_ok();
}

// The argument whose copy tensor i is to the launch: itself, or of the result that copies stand for when they are made; -1: none.
static int32_t copied_as(const mixc_call *call, const mixc_launch_desc *launch, int32_t i) {
  const mixc_tensor_desc *tensor = &call->desc->tensors[i];
  if (!call->copied || !(launch->when & MIXC_WHEN_COPIED))
    return call->copied >> i & 1 ? i : -1;
  return tensor->copied && mixc_copied_for(call->desc, tensor->in_place - 1) == i ? tensor->in_place - 1 : -1;
}

// Address and strides of the copy of an argument; null where that is.
static void fill_copy(const mixc_call *call, const mixc_layout *layout, char *base, int32_t argument, int64_t *params) {
  const mixc_tensor_desc *tensor = &call->desc->tensors[argument];
  params[0] = call->copied >> argument & 1 ? (int64_t)(uintptr_t)(base + layout->copies[argument]) : 0;
  uint64_t stride = 1; // wraps only where the copy is empty
  for (int32_t d = tensor->rank - 1; d >= 0; --d) {
    params[1 + d] = (int64_t)stride;
    const int64_t size = mixc_copy_size(call, tensor, d);
    stride *= (uint64_t)(size > 0 ? size : 1);
  }
}

int32_t mixc_fill_params(const mixc_call *call, const mixc_plan *plan, const mixc_layout *layout, const mixc_launch_desc *launch,
                         char *base, int64_t *params) {
  const mixc_variant_desc *variant = variant_of(call, plan);
  int32_t n = 0;
  params[n++] = call->B;
  params[n++] = call->T;
  params[n++] = mixc_parts(call, plan);
  params[n++] = plan->span;
  params[n++] = call->kinds | (call->copied ? MIXC_COPIED : 0);
  const void *const arrays[] = {call->sequences.starts, call->sequences.source, call->sequences.target, call->sequences.has_initial,
                                call->sequences.order};
  for (int32_t i = 0; i < 5; ++i)
    params[n++] = (int64_t)(uintptr_t)arrays[i];
  for (int32_t i = 0; i < call->desc->n_tensors; ++i) {
    const int32_t rank = call->desc->tensors[i].rank, argument = copied_as(call, launch, i);
    params[n] = (int64_t)(uintptr_t)call->data[i];
    memcpy(params + n + 1, call->strides[i], (size_t)rank * sizeof(int64_t));
    if (argument >= 0)
      fill_copy(call, layout, base, argument, params + n);
    n += 1 + rank;
  }
  for (int32_t b = 0; b < variant->n_buffers; ++b) {
    const mixc_buffer_desc *buffer = &variant->buffers[b];
    params[n++] = layout->buffers[b] < 0 ? 0 : (int64_t)(uintptr_t)(base + layout->buffers[b]);
    uint64_t stride = 1; // wraps only where the buffer is absent or empty
    for (int32_t d = buffer->rank - 1; d >= 0; --d) {
      params[n + d] = (int64_t)stride;
      int64_t size = mixc_buffer_size(call, plan, buffer, d);
      stride *= (uint64_t)(size > 0 ? size : 1);
    }
    const int32_t batch = mixc_dim_of(buffer->sizes, buffer->rank, MIXC_DIM_B),
                  tokens = mixc_dim_of(buffer->sizes, buffer->rank, MIXC_DIM_T);
    if (mixc_is_packed(call) && batch >= 0 && tokens >= 0)
      params[n + batch] = params[n + tokens];
    n += buffer->rank;
  }
  params[n++] = (int64_t)(uintptr_t)call->sequences.kept;
  params[n++] = call->sequences.kept_count;
  params[n++] = call->sequences.kept_every;
  params[n++] = (int64_t)(uintptr_t)call->sequences.seed;
  if (call->desc->free_heads)
    params[n++] = call->bands;
  return n;
}

mixc_status mixc_count_blocks(const mixc_call *call, const mixc_plan *plan, const mixc_launch_desc *launch, int64_t *blocks) {
  *blocks = 0;
  if (((launch->when & MIXC_WHEN_SPLIT) && plan->splits == 1) || ((launch->when & MIXC_WHEN_ONE_PASS) && plan->splits > 1) ||
      ((launch->when & MIXC_WHEN_HALVED) && plan->halved == 0) || ((launch->when & MIXC_WHEN_COPIED) && !call->copied) ||
      ((launch->when & MIXC_WHEN_BETWEEN) && plan->splits <= (mixc_is_packed(call) ? 1 : 2)) ||
      ((launch->when & MIXC_WHEN_STATE) && !(launch->state_results & call->present)))
    return mixc_ok();
  int64_t count = launch->blocks;
  bool overflow = launch->times_bands && mixc_mul(&count, call->bands);
  if (mixc_is_packed(call)) {
    int64_t parts = launch->times_splits && plan->splits > 1 ? mixc_parts(call, plan) : call->B;
    if (launch->rows > 0)
      parts = call->T / launch->rows + call->B;
    overflow |= mixc_mul(&count, call->B > 0 ? parts : 0);
  } else {
    if (launch->times_batch)
      overflow |= mixc_mul(&count, call->B);
    if (launch->times_splits)
      overflow |= mixc_mul(&count, plan->splits);
    if (launch->rows > 0)
      overflow |= mixc_mul(&count, mixc_ceil_div(call->T, launch->rows));
  }
  if (launch->halves)
    overflow |= mixc_add(&count, plan->halved);
  if (overflow)
    return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: kernel '%s': expected fewer than 2^63 blocks, got more with B = %lld, T = %lld",
                     call->desc->name, launch->symbol, (long long)call->B, (long long)call->T);
  *blocks = count;
  return mixc_ok();
}
