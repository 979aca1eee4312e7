// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One call, from the arguments to the list that its kernels take:
//     mixc_check_args, mixc_check_sequences -> mixc_call -> mixc_choose -> mixc_plan -> mixc_lay_out -> mixc_layout -> mixc_fill_params

#ifndef MIXC_RUNTIME_CALL_H
#define MIXC_RUNTIME_CALL_H

#include "arithmetic.h"
#include "mixc/runtime/descriptor.h"
#include "mixc/runtime/limits.h"
#include "status.h"

#define MIXC_BUFFER_ALIGNMENT 256

// Checked arguments. Strides are resolved: never the "all zero" that stands for contiguous.
typedef struct mixc_call {
  const mixc_spec_desc *desc;
  int64_t B, T, H;
  int64_t bands;            // of heads; 1 where their number was compiled in
  mixc_sequences sequences; // all zero if the call has none
  mixc_threads threads;     // of a CPU call, `count` at least 1
  int64_t kinds;            // mixc_sequence_kinds
  int64_t slots;            // size along B of arguments that are states
  int64_t target_slots;     // of results that are
  int64_t longest;          // tokens of the longest sequence, as far as is known
  uint64_t present;         // bit i: tensor i is not null
  uint64_t aligned;         // bit i: tensor i is as mixc_variant_desc.aligned asks
  uint64_t copied;          // bit i: argument i is copied before the kernels, as some result takes the place of one that has to be
  void *data[MIXC_MAX_TENSORS];
  int64_t strides[MIXC_MAX_TENSORS][MIXC_MAX_RANK];
} mixc_call;

// What may run, and on what.
typedef struct mixc_target {
  const mixc_machine *machine;
  int32_t device;           // mixc_device_kind
  const uint8_t *runnable;  // for each variant of the spec: 0 if it cannot run there
  const char *algorithm;    // null, or the only algorithm or variant name allowed (MIXC_ALGORITHM)
  int64_t splits;           // 0, or the splits to take (MIXC_SPLITS)
  const char *machine_text; // for messages: "x86-64-v3", "compute capability 9.0"
} mixc_target;

// Where things lie in the workspace, from its first byte that is MIXC_BUFFER_ALIGNMENT aligned.
typedef struct mixc_layout {
  int64_t buffers[MIXC_MAX_BUFFERS]; // offsets; -1: absent
  int64_t copies[MIXC_MAX_TENSORS];  // of arguments that may be copied, so that the workspace does not depend on addresses; -1: none
  int64_t scratch;                   // offset of thread 0's scratch
  int64_t scratch_stride;            // bytes per thread
  int64_t bytes;                     // total with room to align; 0 if nothing is needed
} mixc_layout;

// Limits and version of a descriptor; the rest of the runtime relies on them.
mixc_status mixc_check_desc(const mixc_spec_desc *desc);

// Checks B, T, threads, strides and, if `addresses`, pointers and overlaps.
mixc_status mixc_check_args(const mixc_spec_desc *desc, const mixc_args *args, bool addresses, mixc_call *call);

// What the call says of its sequences, but for what the arrays hold.
mixc_status mixc_check_sequences(mixc_call *call, const mixc_sequences *sequences);

// What the arrays hold, in host memory.
mixc_status mixc_check_arrays(const mixc_call *call);

// Fills in what `plan` leaves open.
mixc_status mixc_choose(const mixc_call *call, const mixc_target *target, mixc_plan *plan);

// `threads` is the number of CPU threads that need scratch, 0 for CUDA.
mixc_status mixc_lay_out(const mixc_call *call, const mixc_plan *plan, int32_t threads, mixc_layout *layout);

// First aligned byte of a workspace that is large enough, or an error; null if nothing is needed.
mixc_status mixc_place(const mixc_call *call, const mixc_plan *plan, const mixc_layout *layout, void *workspace, size_t bytes, char **base);

// Writes the parameters of the launch, returns how many (at most MIXC_MAX_INTEGERS): the same for all of a call but that which copies.
int32_t mixc_fill_params(const mixc_call *call, const mixc_plan *plan, const mixc_layout *layout, const mixc_launch_desc *launch,
                         char *base, int64_t *params);

// Number of blocks, 0 if the launch's condition does not hold.
mixc_status mixc_count_blocks(const mixc_call *call, const mixc_plan *plan, const mixc_launch_desc *launch, int64_t *blocks);

// Along a dimension of a buffer of the plan's variant.
int64_t mixc_buffer_size(const mixc_call *call, const mixc_plan *plan, const mixc_buffer_desc *buffer, int32_t dim);

// Of a buffer that has its place in the workspace.
int64_t mixc_buffer_elements(const mixc_call *call, const mixc_plan *plan, const mixc_buffer_desc *buffer);

// Looks through elements `first` to `first + n` of all that a checked buffer has, after the kernels.
mixc_status mixc_check_bound(const mixc_call *call, const mixc_buffer_desc *buffer, const float *depths, int64_t first, int64_t n,
                             int64_t all);

static inline int64_t mixc_element_bytes(const mixc_tensor_desc *tensor) { return tensor->dtype == MIXC_F32 ? 4 : 2; }

static inline bool mixc_is_packed(const mixc_call *call) { return (call->kinds & MIXC_STARTS) != 0; }

// The dimension with that size, -1 if there is none.
static inline int32_t mixc_dim_of(const int64_t *sizes, int32_t rank, int64_t size) {
  for (int32_t d = 0; d < rank; ++d)
    if (sizes[d] == size)
      return d;
  return -1;
}

// The result that copies of the argument stand for when they are made: the first one that may take its place so; -1 if there is none.
static inline int32_t mixc_copied_for(const mixc_spec_desc *desc, int32_t argument) {
  for (int32_t r = desc->n_args; r < desc->n_tensors; ++r)
    if (desc->tensors[r].copied && desc->tensors[r].in_place == argument + 1)
      return r;
  return -1;
}

// Packed tokens are one sequence to a tensor.
static inline int64_t mixc_size_of(const mixc_call *call, const mixc_tensor_desc *tensor, int32_t dim) {
  int64_t size = tensor->sizes[dim];
  if (size == MIXC_DIM_T)
    return call->T;
  if (size != MIXC_DIM_B)
    return tensor->banded == dim + 1 ? size * call->bands : size;
  if (tensor->slots)
    return tensor->is_result ? call->target_slots : call->slots;
  return mixc_is_packed(call) && mixc_dim_of(tensor->sizes, tensor->rank, MIXC_DIM_T) >= 0 ? 1 : call->B;
}

// Of a copy, which has what the call's sequences take of a pool.
static inline int64_t mixc_copy_size(const mixc_call *call, const mixc_tensor_desc *tensor, int32_t dim) {
  return tensor->sizes[dim] == MIXC_DIM_B ? call->B : mixc_size_of(call, tensor, dim);
}

// Segments of all sequences: what buffers have room for, and kernels are told.
static inline int64_t mixc_parts(const mixc_call *call, const mixc_plan *plan) {
  return mixc_is_packed(call) && plan->splits > 1 ? call->T / plan->span + call->B : plan->splits;
}

#endif // MIXC_RUNTIME_CALL_H
