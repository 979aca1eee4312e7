// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Checks of a call's arguments against the descriptor.

#include "call.h"
#include "threads.h"

// The compiler writes these structs out byte by byte: a size that changes calls for a new MIXC_ABI_VERSION.
_Static_assert(sizeof(mixc_status) == 16 && sizeof(mixc_device) == 8 && sizeof(mixc_tensor) == 48, "calls");
_Static_assert(sizeof(mixc_const_tensor) == sizeof(mixc_tensor) && offsetof(mixc_const_tensor, strides) == offsetof(mixc_tensor, strides),
               "arguments");
_Static_assert(sizeof(mixc_tensor_desc) == 88 && sizeof(mixc_buffer_desc) == 72, "tensors");
_Static_assert(sizeof(mixc_launch_desc) == 104 && sizeof(mixc_tensor_map_desc) == 32 && sizeof(mixc_variant_desc) == 88 + sizeof(mixc_cost),
               "code");
_Static_assert(sizeof(mixc_sequences) == 120 && sizeof(mixc_threads) == 24 && sizeof(mixc_image_desc) == 32 &&
                   sizeof(mixc_spec_desc) == 112,
               "spec");

// Limits of cuTensorMapEncodeTiled, and of coordinates, which have 31 bits for tiles that end beyond the tensor too.
#define MAX_STRIDE_BYTES ((int64_t)1 << 40)
#define MAX_MAP_SIZE (((int64_t)1 << 31) - 65536)

// Memory that a tensor reaches, as byte offsets from its first element: [low, high).
typedef struct extent {
  int64_t low, high;
  bool empty; // some size is 0
  bool dense; // every byte in between belongs to the tensor
} extent;

static const char *role(const mixc_tensor_desc *tensor) { return tensor->is_result ? "result" : "argument"; }

static void append_strides(mixc_text *text, const int64_t *strides, int32_t rank) {
  for (int32_t d = 0; d < rank; ++d)
    mixc_text_append(text, d ? ", %lld" : "[%lld", (long long)strides[d]);
  mixc_text_append(text, "]");
}

static mixc_status fail_strides(const mixc_call *call, int32_t i, const char *expected) {
  const mixc_tensor_desc *tensor = &call->desc->tensors[i];
  char buffer[160];
  mixc_text got = mixc_text_in(buffer, sizeof buffer);
  append_strides(&got, call->strides[i], tensor->rank);
  return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: %s '%s' [%s]: expected %s, got strides %s", call->desc->name, role(tensor), tensor->name,
                   tensor->dims, expected, buffer);
}

static mixc_status fail_count(const mixc_call *call, const mixc_tensor_desc *tensor) {
  const int64_t slots = tensor->is_result ? call->target_slots : call->slots;
  if (tensor->slots && slots != call->B)
    return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: %s '%s' [%s]: expected fewer than 2^63 elements, got more with sequences.%s = %lld",
                     call->desc->name, role(tensor), tensor->name, tensor->dims,
                     tensor->is_result && call->sequences.target_slots > 0 ? "target_slots" : "slots", (long long)slots);
  return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: %s '%s' [%s]: expected fewer than 2^63 elements, got more with B = %lld, T = %lld",
                   call->desc->name, role(tensor), tensor->name, tensor->dims, (long long)call->B, (long long)call->T);
}

// Strides of tensor i, contiguous ones in place of all zeros.
static mixc_status resolve_strides(mixc_call *call, int32_t i, const mixc_tensor *given) {
  const mixc_tensor_desc *tensor = &call->desc->tensors[i];
  bool contiguous = true, empty = false;
  for (int32_t d = 0; d < tensor->rank; ++d) {
    call->strides[i][d] = given->strides[d];
    contiguous &= given->strides[d] == 0;
    empty |= mixc_size_of(call, tensor, d) == 0;
  }
  if (!contiguous)
    return mixc_ok();
  int64_t stride = 1;
  for (int32_t d = tensor->rank - 1; d >= 0; --d) {
    call->strides[i][d] = stride;
    int64_t size = mixc_size_of(call, tensor, d);
    if (size > 0 && mixc_mul(&stride, size) && !empty) // no element is reached by the strides of an empty tensor
      return fail_count(call, tensor);
  }
  return mixc_ok();
}

static mixc_status measure(const mixc_call *call, int32_t i, extent *out) {
  const mixc_tensor_desc *tensor = &call->desc->tensors[i];
  int64_t bytes = mixc_element_bytes(tensor), count = bytes;
  bool overflow = false;
  *out = (extent){0, bytes, false, false};
  for (int32_t d = 0; d < tensor->rank; ++d)
    out->empty |= mixc_size_of(call, tensor, d) == 0;
  if (out->empty)
    return mixc_ok();
  for (int32_t d = 0; d < tensor->rank; ++d) {
    int64_t size = mixc_size_of(call, tensor, d), reach = call->strides[i][d];
    overflow |= mixc_mul(&count, size);
    overflow |= mixc_mul(&reach, size - 1);
    overflow |= mixc_mul(&reach, bytes);
    overflow |= mixc_add(reach < 0 ? &out->low : &out->high, reach);
  }
  int64_t length = out->high;
  overflow |= out->low == INT64_MIN || mixc_add(&length, -out->low);
  if (overflow)
    return fail_strides(call, i, "a tensor of less than 2^63 bytes");
  out->dense = length == count;
  return mixc_ok();
}

// A result's elements must be apart: with dimensions by rising stride, each stride is beyond what those before it
// reach.
static mixc_status check_apart(const mixc_call *call, int32_t i) {
  const mixc_tensor_desc *tensor = &call->desc->tensors[i];
  bool done[MIXC_MAX_RANK] = {false};
  int64_t reach = 0;
  for (int32_t round = 0; round < tensor->rank; ++round) {
    int32_t next = -1;
    int64_t smallest = 0;
    for (int32_t d = 0; d < tensor->rank; ++d) {
      if (done[d] || mixc_size_of(call, tensor, d) <= 1)
        continue;
      int64_t stride = call->strides[i][d] < 0 ? -call->strides[i][d] : call->strides[i][d]; // never -2^63: `measure` has passed
      if (next < 0 || stride < smallest) {
        next = d;
        smallest = stride;
      }
    }
    if (next < 0)
      break;
    if (smallest <= reach)
      return fail_strides(call, i, "elements that do not overlap");
    done[next] = true;
    reach += smallest * (mixc_size_of(call, tensor, next) - 1);
  }
  return mixc_ok();
}

// Rows of 16-byte units within what a tensor map can say, as vector loads and asynchronous copies need them.
static bool is_aligned(const mixc_call *call, int32_t i) {
  const mixc_tensor_desc *tensor = &call->desc->tensors[i];
  const int64_t bytes = mixc_element_bytes(tensor);
  if ((uintptr_t)call->data[i] % 16)
    return false;
  // Packed, a tensor map has the stride of a token along B as well.
  const bool packed = mixc_is_packed(call);
  // Of one sequence, and of one token of a packed call, the stride counts as well, where the plan is to be that of a call with more.
  const int64_t counts = packed ? MIXC_DIM_T : MIXC_DIM_B;
  const bool counted = packed || call->desc->invariant_batch > 0;
  if (packed && mixc_dim_of(tensor->sizes, tensor->rank, MIXC_DIM_B) >= 0 && tensor->sizes[tensor->rank - 1] == MIXC_DIM_T)
    return false;
  for (int32_t d = 0; d < tensor->rank; ++d) {
    if (mixc_size_of(call, tensor, d) <= 1 && !(counted && tensor->sizes[d] == counts))
      continue;
    int64_t stride = call->strides[i][d];
    if (d == tensor->rank - 1 ? stride != 1 : stride % (16 / bytes) != 0)
      return false;
    if (stride <= 0 || stride >= MAX_STRIDE_BYTES / bytes || mixc_size_of(call, tensor, d) > (packed ? MAX_MAP_SIZE / 2 : MAX_MAP_SIZE))
      return false;
  }
  return true;
}

static mixc_status check_address(const mixc_call *call, int32_t i, const extent *reach) {
  const mixc_tensor_desc *tensor = &call->desc->tensors[i];
  if (!call->data[i] && !tensor->optional && !reach->empty)
    return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: %s '%s' [%s]: expected an address, got null", call->desc->name, role(tensor), tensor->name,
                     tensor->dims);
  if ((uintptr_t)call->data[i] % (uintptr_t)mixc_element_bytes(tensor))
    return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: %s '%s' [%s]: expected an address that is a multiple of %lld, got %lld", call->desc->name,
                     role(tensor), tensor->name, tensor->dims, (long long)mixc_element_bytes(tensor), (long long)(uintptr_t)call->data[i]);
  return mixc_ok();
}

// Finds what is certainly wrong: the same first element, or two gapless tensors that meet. Tensors that interleave,
// such as slices of one packed array, pass.
static bool overlap(const void *a, const extent *x, const void *b, const extent *y) {
  if (!a || !b || x->empty || y->empty)
    return false;
  uintptr_t at = (uintptr_t)a, bt = (uintptr_t)b;
  bool meet = at + (uintptr_t)x->low < bt + (uintptr_t)y->high && bt + (uintptr_t)y->low < at + (uintptr_t)x->high;
  return at == bt || (meet && x->dense && y->dense);
}

static bool has_same_strides(const mixc_call *call, int32_t a, int32_t b) {
  const mixc_tensor_desc *tensor = &call->desc->tensors[a];
  for (int32_t d = 0; d < tensor->rank; ++d)
    if (mixc_size_of(call, tensor, d) > 1 && call->strides[a][d] != call->strides[b][d])
      return false;
  return true;
}

// Whether result r takes the place of argument i; the two have the same dimensions and type.
static bool is_in_place(const mixc_call *call, int32_t r, int32_t i) {
  return call->desc->tensors[r].in_place == i + 1 && call->data[r] == call->data[i] && has_same_strides(call, r, i);
}

// The arguments that are copied before the kernels: all that may be, where some result takes the place of one.
static uint64_t find_copied(const mixc_call *call) {
  const mixc_spec_desc *desc = call->desc;
  uint64_t copied = 0;
  bool some = false;
  for (int32_t r = desc->n_args; r < desc->n_tensors; ++r) {
    const int32_t i = desc->tensors[r].in_place - 1;
    if (!desc->tensors[r].copied || !(call->present >> i & 1))
      continue;
    copied |= (uint64_t)1 << i;
    some |= call->data[r] == call->data[i];
  }
  return some ? copied : 0;
}

static mixc_status check_overlaps(const mixc_call *call, const extent *extents) {
  const mixc_spec_desc *desc = call->desc;
  for (int32_t r = desc->n_args; r < desc->n_tensors; ++r)
    for (int32_t i = 0; i < r; ++i) {
      if (!overlap(call->data[r], &extents[r], call->data[i], &extents[i]) || is_in_place(call, r, i))
        continue;
      if (desc->tensors[r].in_place == i + 1)
        return mixc_fail(
            MIXC_INVALID_ARGUMENT,
            "%s: result '%s': expected memory of its own or argument '%s' itself, with its address and strides, got memory that "
            "overlaps it",
            desc->name, desc->tensors[r].name, desc->tensors[i].name);
      return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: result '%s': expected memory of its own, got memory shared with %s '%s'", desc->name,
                       desc->tensors[r].name, role(&desc->tensors[i]), desc->tensors[i].name);
    }
  return mixc_ok();
}

static mixc_status check_size(const mixc_spec_desc *desc, const char *name, int64_t size) {
  if (size < 0 || size > MIXC_MAX_LENGTH)
    return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: %s: expected 0 to %lld, got %lld", desc->name, name, (long long)MIXC_MAX_LENGTH,
                     (long long)size);
  return mixc_ok();
}

// Nobody can tell from addresses how many heads there are: where that is not compiled in, the call has to say it.
static mixc_status check_heads(mixc_call *call, int64_t heads) {
  const mixc_spec_desc *desc = call->desc;
  call->H = desc->heads;
  call->bands = 1;
  if (!desc->free_heads && (heads == 0 || heads == desc->heads))
    return mixc_ok();
  if (!desc->free_heads)
    return mixc_fail(MIXC_INVALID_ARGUMENT,
                     "%s: H: expected %lld as it was compiled in, or 0, got %lld; compile with --shape=H=?,.. for any", desc->name,
                     (long long)desc->heads, (long long)heads);
  if (heads < 1 || heads > MIXC_MAX_SIZE || heads % desc->heads)
    return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: H: expected a multiple of %lld heads, at most %lld, got %lld", desc->name,
                     (long long)desc->heads, (long long)MIXC_MAX_SIZE, (long long)heads);
  call->H = heads;
  call->bands = heads / desc->heads;
  return mixc_ok();
}

// Where sequences are packed, an index along B is that of a token.
static void stride_by_token(mixc_call *call) {
  for (int32_t i = 0; i < call->desc->n_tensors; ++i) {
    const mixc_tensor_desc *tensor = &call->desc->tensors[i];
    const int32_t batch = mixc_dim_of(tensor->sizes, tensor->rank, MIXC_DIM_B),
                  tokens = mixc_dim_of(tensor->sizes, tensor->rank, MIXC_DIM_T);
    if (batch >= 0 && tokens >= 0)
      call->strides[i][batch] = call->strides[i][tokens];
  }
}

// How many threads the call has: as many as it asks for where the pool is its own, else no more than there are.
static mixc_status check_threads(mixc_call *call, const mixc_threads *threads) {
  const int32_t all = mixc_num_threads();
  call->threads = threads ? *threads : (mixc_threads){0};
  if (call->threads.count < 0 || call->threads.count > MIXC_MAX_THREADS)
    return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: threads.count: expected 1 to %d, or 0 for as many as there are, got %d", call->desc->name,
                     MIXC_MAX_THREADS, (int)call->threads.count);
  if (call->threads.count == 0 || (!call->threads.run && call->threads.count > all))
    call->threads.count = all;
  return mixc_ok();
}

// Where states are kept inside, every result that lies in the pool is there to take them: a state without the last tokens of
// convolutions, say, is none to go on from.
static mixc_status check_kept_states(const mixc_call *call) {
  if (!(call->kinds & MIXC_KEPT))
    return mixc_ok();
  for (int32_t i = call->desc->n_args; i < call->desc->n_tensors; ++i)
    if (call->desc->tensors[i].slots && !(call->present >> i & 1))
      return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: %s: expected an address beside sequences.kept, whose states go there, got null",
                       call->desc->name, call->desc->tensors[i].name);
  return mixc_ok();
}

mixc_status mixc_check_args(const mixc_spec_desc *desc, const mixc_args *args, bool addresses, mixc_call *call) {
  extent extents[MIXC_MAX_TENSORS];
  if (!args)
    return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: args: expected an address, got null", desc->name);
  MIXC_TRY(check_size(desc, "B", args->B));
  MIXC_TRY(check_size(desc, "T", args->T));
  *call = (mixc_call){.desc = desc, .B = args->B, .T = args->T};
  MIXC_TRY(check_heads(call, args->H));
  MIXC_TRY(mixc_check_sequences(call, args->sequences));
  MIXC_TRY(check_threads(call, args->threads));
  for (int32_t i = 0; i < desc->n_tensors; ++i) {
    call->data[i] = args->tensors[i].data;
    MIXC_TRY(resolve_strides(call, i, &args->tensors[i]));
    MIXC_TRY(measure(call, i, &extents[i]));
    if (desc->tensors[i].is_result && !extents[i].empty)
      MIXC_TRY(check_apart(call, i));
    if (addresses)
      MIXC_TRY(check_address(call, i, &extents[i]));
    call->present |= (uint64_t)(call->data[i] != NULL) << i;
    call->aligned |= (uint64_t)is_aligned(call, i) << i;
  }
  call->copied = find_copied(call);
  if (addresses)
    MIXC_TRY(check_kept_states(call));
  if (addresses)
    MIXC_TRY(check_overlaps(call, extents));
  if (mixc_is_packed(call))
    stride_by_token(call);
  return mixc_ok();
}

static mixc_status check_limit(const mixc_spec_desc *desc, const char *what, int64_t count, int64_t limit) {
  if (count < 0 || count > limit)
    return mixc_fail(MIXC_ABI_MISMATCH, "%s: expected at most %lld %s, got %lld", desc->name, (long long)limit, what, (long long)count);
  return mixc_ok();
}

static mixc_status check_sizes(const mixc_spec_desc *desc, const mixc_tensor_desc *tensor) {
  for (int32_t d = 0; d < tensor->rank; ++d) {
    const int64_t size = tensor->sizes[d];
    if (size != MIXC_DIM_B && size != MIXC_DIM_T && (size < 1 || size > MIXC_MAX_SIZE))
      return mixc_fail(MIXC_ABI_MISMATCH, "%s: '%s' [%s]: expected sizes from 1 to %lld, got %lld", desc->name, tensor->name, tensor->dims,
                       (long long)MIXC_MAX_SIZE, (long long)size);
  }
  return mixc_ok();
}

static mixc_status check_banded(const mixc_spec_desc *desc, const char *name, int32_t banded, const int64_t *sizes, int32_t rank) {
  if (banded < 0 || banded > rank || (banded && (!desc->free_heads || sizes[banded - 1] < 1)))
    return mixc_fail(MIXC_ABI_MISMATCH, "%s: %s: expected a dimension of heads, got number %d", desc->name, name, (int)banded - 1);
  return mixc_ok();
}

mixc_status mixc_check_desc(const mixc_spec_desc *desc) {
  if (desc->abi_version != MIXC_ABI_VERSION)
    return mixc_fail(MIXC_ABI_MISMATCH, "expected an object of ABI version %d, got %d: compile the spec with the mixc of this runtime",
                     MIXC_ABI_VERSION, (int)desc->abi_version);
  MIXC_TRY(check_limit(desc, "tensors", desc->n_tensors, MIXC_MAX_TENSORS));
  for (int32_t i = 0; i < desc->n_tensors; ++i) {
    MIXC_TRY(check_limit(desc, "dimensions", desc->tensors[i].rank, MIXC_MAX_RANK));
    MIXC_TRY(check_sizes(desc, &desc->tensors[i]));
    MIXC_TRY(check_banded(desc, desc->tensors[i].name, desc->tensors[i].banded, desc->tensors[i].sizes, desc->tensors[i].rank));
  }
  if (desc->heads < 0 || desc->heads > MIXC_MAX_SIZE || (desc->free_heads && desc->heads < 1))
    return mixc_fail(MIXC_ABI_MISMATCH, "%s: expected up to %lld heads, got %lld", desc->name, (long long)MIXC_MAX_SIZE,
                     (long long)desc->heads);
  for (int32_t v = 0; v < desc->n_variants; ++v) {
    const mixc_variant_desc *variant = &desc->variants[v];
    MIXC_TRY(check_limit(desc, "launches", variant->n_launches, MIXC_MAX_LAUNCHES));
    MIXC_TRY(check_limit(desc, "buffers", variant->n_buffers, MIXC_MAX_BUFFERS));
    for (int32_t b = 0; b < variant->n_buffers; ++b) {
      const mixc_buffer_desc *buffer = &variant->buffers[b];
      MIXC_TRY(check_limit(desc, "dimensions", buffer->rank, MIXC_MAX_RANK));
      MIXC_TRY(check_banded(desc, variant->name, buffer->banded, buffer->sizes, buffer->rank));
    }
    for (int32_t l = 0; l < variant->n_launches; ++l)
      MIXC_TRY(check_limit(desc, "tensor maps", variant->launches[l].n_maps, MIXC_MAX_TENSOR_MAPS));
    if (variant->chunk < 1 || variant->chunk > MIXC_MAX_CHUNK || variant->max_splits < 1 || variant->max_splits > MIXC_MAX_SPLITS)
      return mixc_fail(MIXC_ABI_MISMATCH, "%s: variant '%s': expected chunk from 1 to %d and max_splits from 1 to %d, got %lld and %lld",
                       desc->name, variant->name, MIXC_MAX_CHUNK, MIXC_MAX_SPLITS, (long long)variant->chunk,
                       (long long)variant->max_splits);
  }
  return mixc_ok();
}
