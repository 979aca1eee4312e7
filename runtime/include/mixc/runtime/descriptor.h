// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Data that the compiler writes into an object file for each spec, and that the runtime interprets. All of it is
// constant, owned by the object, and must outlive every call. Members are ordered so that no struct has inner padding.
//
// Every kernel of a variant takes the same flat list of 64-bit integers:
//
//     B, T, splits, span,                       span: tokens per split, a multiple of the variant's chunk
//     kinds, starts, source, target, has_initial, order    of the call's sequences (mixc_sequences): mixc_sequence_kinds and addresses
//     for each tensor (arguments, then results): address, strides[rank]      in elements; address 0: absent
//     for each buffer of the variant:            address, strides[rank]      in elements, contiguous
//     kept, kept_count, kept_every, seed        of the call's sequences
//     bands                                     of heads, where the spec has `free_heads`
//
// Tokens and running values that one call hands to the next are read by blocks that share them. Where a result takes the place of such an
// argument, a launch before all others (MIXC_WHEN_COPIED) copies the sequences' own from the pool into the workspace, B of them,
// contiguous: in its list the copy stands for the result, or null where the argument is; in the lists of the launches after it, for the
// argument, and MIXC_COPIED is among the kinds.
//
// A CPU kernel gets the list in memory, a CUDA kernel as by-value parameters (pointers and i64). A CUDA kernel with tensor
// maps then gets those by value, in the order of mixc_launch_desc.maps: the driver's CUtensorMap, 128 bytes, aligned to 64.

#ifndef MIXC_RUNTIME_DESCRIPTOR_H
#define MIXC_RUNTIME_DESCRIPTOR_H

#include "mixc/runtime/cost.h"
#include "mixc/runtime/mixc.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MIXC_ABI_VERSION 11

#define MIXC_MAX_TENSORS 24
#define MIXC_MAX_BUFFERS 16
#define MIXC_MAX_LAUNCHES 9
#define MIXC_MAX_TENSOR_MAPS 16                                                              // of a launch
#define MIXC_MAX_INTEGERS (15 + (MIXC_MAX_TENSORS + MIXC_MAX_BUFFERS) * (1 + MIXC_MAX_RANK)) // of the flat list
#define MIXC_MAX_PARAMS (MIXC_MAX_INTEGERS + MIXC_MAX_TENSOR_MAPS + 1)

// Sizes that are known only at run time. Where a spec has `free_heads`, so are those of the dimension `banded` of a tensor or buffer, 1 +
// its number: it has the size that is written here for each band of heads.
#define MIXC_DIM_B (-1)
#define MIXC_DIM_T (-2)
#define MIXC_DIM_SPLITS (-3) // buffers only

// Which arrays a call has of its sequences, and which of them have indices of 8 bytes; and whether it reads copies of what is handed on.
typedef enum mixc_sequence_kinds {
  MIXC_STARTS = 1,
  MIXC_STARTS_WIDE = 2,
  MIXC_SOURCE = 4,
  MIXC_SOURCE_WIDE = 8,
  MIXC_TARGET = 16,
  MIXC_TARGET_WIDE = 32,
  MIXC_HAS_INITIAL = 64,
  MIXC_ORDER = 128,
  MIXC_ORDER_WIDE = 256,
  MIXC_KEPT = 512,
  MIXC_KEPT_WIDE = 1024,
  MIXC_COPIED = 2048
} mixc_sequence_kinds;

typedef enum mixc_dtype { MIXC_F32 = 0, MIXC_BF16 = 1, MIXC_F16 = 2 } mixc_dtype;

typedef struct mixc_tensor_desc {
  const char *name;             // as the spec spells it
  const char *dims;             // one letter a dimension: "BTHP"
  int64_t sizes[MIXC_MAX_RANK]; // or MIXC_DIM_B, MIXC_DIM_T
  int32_t dtype;                // mixc_dtype
  int32_t rank;
  int32_t is_result;
  int32_t optional; // may be null
  int32_t in_place; // of a result, 1 + the number of the argument that may be the same memory with the same strides; else 0
  int32_t slots;    // B counts states, which mixc_sequences.source or target choose
  int32_t banded;   // 1 + the dimension that has its size for each band of heads; 0: none
  int32_t copied;   // of a result with in_place: only if the argument is copied before
} mixc_tensor_desc;

// A float32 array in the workspace, contiguous, 256-byte aligned.
typedef struct mixc_buffer_desc {
  int64_t sizes[MIXC_MAX_RANK]; // or MIXC_DIM_B, MIXC_DIM_T, MIXC_DIM_SPLITS
  int32_t rank;
  int32_t split_only; // takes no room and has address 0 if splits = 1 and no block is halved
  int32_t banded;     // 1 + the dimension that has its size for each band of heads; 0: none
  int32_t reserved;   // 0
  const char
      *checked; // not null: 0 before the kernels, who leave how far decays of this go below 0: a call fails where that is above `most`
  double most;
} mixc_buffer_desc;

// Runs one block. `scratch` is private to the running thread, `scratch_bytes` long, 256-byte aligned, contents undefined.
// Denormals are flushed to zero while it runs.
typedef void (*mixc_cpu_kernel)(const int64_t *params, int64_t block, void *scratch);

// Indices of mixc_launch_desc.cpu.
typedef enum mixc_cpu_level { MIXC_CPU_V3 = 0, MIXC_CPU_V4 = 1, MIXC_CPU_LEVELS = 2 } mixc_cpu_level;

// Conditions of a launch; it runs if all that are set hold.
typedef enum mixc_when {
  MIXC_WHEN_ALWAYS = 0,
  MIXC_WHEN_SPLIT = 1,    // splits > 1
  MIXC_WHEN_STATE = 2,    // some tensor of state_results is not null
  MIXC_WHEN_ONE_PASS = 4, // splits = 1
  MIXC_WHEN_HALVED = 8,   // some blocks are halved
  MIXC_WHEN_BETWEEN = 16, // splits > 2: there are segments between the first and the last
  MIXC_WHEN_COPIED = 32   // some result that is `copied` takes the place of its argument
} mixc_when;

// What the GPU's copy engine (TMA) needs to know of a tensor; address, sizes and strides come from the call. Tokens and
// columns beyond the tensor read as zero and are not written. The map of an absent tensor, or of one without elements that
// has no address, is all zero: the kernel must not use it.
typedef struct mixc_tensor_map_desc {
  int32_t tensor;             // index into the spec's tensors
  int32_t swizzle;            // of the tile in shared memory, bytes: 0, 32, 64 or 128
  int32_t box[MIXC_MAX_RANK]; // elements that one copy moves, by dimension in the tensor's order
  int32_t reserved;           // 0
} mixc_tensor_map_desc;

// One kernel. Number of blocks:
//     blocks x (times_bands ? bands : 1) x (times_batch ? B : 1) x (times_splits ? splits : 1) x (rows ? ceil(T / rows) : 1)
//         + (halves ? halved : 0)
// with packed sequences, where rows are cut sequence by sequence, and splits are of all of them together,
//     blocks x (times_bands ? bands : 1) x (rows ? T / rows + B : times_splits and splits > 1 ? splits : B)
// and no launch if that is 0: with T = 0 those with rows fall away, the others carry the state over.
typedef struct mixc_launch_desc {
  const char *symbol;                   // name of the kernel in the GPU images, and for messages
  mixc_cpu_kernel cpu[MIXC_CPU_LEVELS]; // null where not compiled; both null in a CUDA variant
  const mixc_tensor_map_desc *maps;     // CUDA
  int64_t blocks;
  int64_t rows;
  int64_t scratch_bytes;  // CPU, per thread
  uint64_t state_results; // bit i: tensor i of the spec
  int32_t times_batch;
  int32_t times_splits;
  int32_t threads;      // CUDA: threads of a block
  int32_t shared_bytes; // CUDA: dynamic shared memory of a block
  int32_t when;         // mixc_when, or'ed
  int32_t n_maps;
  int32_t halves;     // the last `halved` blocks finish what the first ones begin
  int32_t overlaps;   // CUDA: may start before the launch before it is complete, for which it waits
  int32_t persistent; // CUDA, if not 0: where blocks have at most so many chunks, as many as run at once do the work
                      // of all, whose number, an int64_t, is the last parameter, behind the tensor maps
  int32_t times_bands;
} mixc_launch_desc;

// One way to compute the spec. A CUDA variant runs on the images whose arch is at least `arch`, or equal to it
// if `arch_specific` (sm_90a). Where `aligned` names tensors, the variant is only taken if each of them has a base
// address and strides of a multiple of 16 bytes, strides above 0 and below 2^40 bytes, a last stride of 1 (dimensions of
// size 1 aside) and sizes of at most 2^31 - 2^16: what a tensor map and its coordinates can say. A null address counts as aligned.
typedef struct mixc_variant_desc {
  const char *name;      // unique among those of a device: "chunked64", ...
  const char *algorithm; // "quadratic", "scan" or "chunked"
  const mixc_launch_desc *launches;
  const mixc_buffer_desc *buffers;
  int64_t chunk;      // span is a multiple of it; at least 1
  int64_t max_splits; // 1 if the variant cannot be split
  uint64_t aligned;   // bit i: tensor i of the spec
  int32_t n_launches;
  int32_t n_buffers;
  int32_t device; // mixc_device_kind
  int32_t arch;   // CUDA: 80, 90, ...
  int32_t arch_specific;
  int32_t packs;    // its kernels know sequences that the call tells apart
  int32_t keeps;    // and states inside the call
  int32_t reserved; // 0
  mixc_cost cost;
} mixc_variant_desc;

typedef enum mixc_image_kind { MIXC_IMAGE_CUBIN = 0, MIXC_IMAGE_PTX = 1 } mixc_image_kind;

// GPU code of a CUDA variant. A cubin runs on the same major version and an equal or higher
// minor one (only on an equal one if arch_specific), PTX on any equal or higher version.
typedef struct mixc_image_desc {
  const void *data;
  uint64_t size;         // bytes; PTX counts its final zero byte
  int32_t arch;          // 10 * major + minor
  int32_t arch_specific; // sm_90a
  int32_t kind;          // mixc_image_kind
  int32_t variant;       // index into mixc_spec_desc.variants
} mixc_image_desc;

typedef struct mixc_spec_desc {
  int32_t abi_version; // MIXC_ABI_VERSION
  int32_t n_tensors;
  int32_t n_args; // tensors[0 .. n_args) are arguments, the others results
  int32_t n_variants;
  int32_t n_images;
  int32_t stochastic; // rounding of states of 16 bits, where a call has a seed
  int32_t free_heads; // a call has any number of bands of `heads` heads each, for which alone everything here counts; else `heads`
  int32_t reserved;   // 0
  int64_t heads;      // 0 where no tensor has some
  const char *name;
  const mixc_tensor_desc *tensors;
  const mixc_variant_desc *variants;
  const mixc_image_desc *images;
  const mixc_machine *cpu_machine;  // null if there is no CPU variant
  const mixc_machine *cuda_machine; // null if there is no CUDA variant
  void **cache;                     // writable, null at program start; the runtime's
  // Where both are above 0, calls choose as if they had so many sequences, whatever they have, and packed ones as if these had so many
  // tokens each: what is computed of a sequence does not depend on the others of its call. Both 0: calls choose by what they have.
  int64_t invariant_batch, invariant_length;
} mixc_spec_desc;

// Arguments of every call, as the generated `<spec>_args` lays them out: arguments (there as mixc_const_tensor), then results, in
// the spec's order. `H` may be 0 where the number of heads was compiled in. `sequences` and `threads` may be null. Only as many tensors as
// the spec has are accessed.
typedef struct mixc_args {
  int64_t B, T, H;
  const mixc_sequences *sequences;
  const mixc_threads *threads;
  mixc_tensor tensors[MIXC_MAX_TENSORS];
} mixc_args;

// What a call does. To force: variant >= 0 and splits >= 1; -1 and 0 leave it to the cost model.
typedef struct mixc_plan {
  int32_t variant;  // index into mixc_spec_desc.variants
  int32_t reserved; // 0
  int64_t splits;
  int64_t span;             // out: tokens per split
  int64_t halved;           // out: blocks whose work is cut in two along T (mixc_cost_halved)
  double seconds;           // out: predicted
  uint64_t workspace_bytes; // out
} mixc_plan;

// The functions behind the generated `<spec>_load`, `<spec>_workspace_bytes`, `<spec>_cpu` and `<spec>_cuda`.
// Thread-safe. `args` points to a mixc_args. In C a mixc_device is passed as one 64-bit register, kind in the low half.
//
// load: everything that a first call would do otherwise: thread pool, module load in the current context of that
// device, or in its primary context if another or none is current. Apart from a first call, only this allocates.
MIXC_API mixc_status mixc_spec_load(const mixc_spec_desc *desc, mixc_device device) MIXC_NODISCARD;

// Bytes of workspace, at any alignment, that the same call will need, on whichever device: the larger, if the object
// holds code for both and a CUDA context is current. Null addresses are fine; 0 if B, T, H or strides are not valid, the
// call then says why.
MIXC_API size_t mixc_spec_workspace_bytes(const mixc_spec_desc *desc, const void *args);

// Host tensors, host workspace; returns when the results are complete.
MIXC_API mixc_status mixc_spec_run_cpu(const mixc_spec_desc *desc, const void *args, void *workspace,
                                       size_t workspace_bytes) MIXC_NODISCARD;

// Device tensors and workspace of the current context; returns when the work is enqueued on the stream.
MIXC_API mixc_status mixc_spec_run_cuda(const mixc_spec_desc *desc, const void *args, void *workspace, size_t workspace_bytes,
                                        CUstream stream) MIXC_NODISCARD;

// For tools and tests: what a call on that kind of device (MIXC_DEVICE_*) would do, with what is forced in `plan` kept
// and the rest filled in. A forced number of splits is lowered where T has fewer chunks.
MIXC_API mixc_status mixc_spec_plan(const mixc_spec_desc *desc, int32_t device_kind, const void *args, mixc_plan *plan) MIXC_NODISCARD;

// The same calls with a plan that mixc_spec_plan returned for the same device kind, B, T and threads.
MIXC_API mixc_status mixc_spec_run_cpu_with(const mixc_spec_desc *desc, const mixc_plan *plan, const void *args, void *workspace,
                                            size_t workspace_bytes) MIXC_NODISCARD;
MIXC_API mixc_status mixc_spec_run_cuda_with(const mixc_spec_desc *desc, const mixc_plan *plan, const void *args, void *workspace,
                                             size_t workspace_bytes, CUstream stream) MIXC_NODISCARD;

// The machine that predictions for that kind of device use: the descriptor's, with the units found here, on a CPU the threads of a
// call that asks for no number. The result is a copy; `level` (may be null) gets the mixc_cpu_level or the highest arch of the loaded
// images.
MIXC_API mixc_status mixc_spec_machine(const mixc_spec_desc *desc, int32_t device_kind, mixc_machine *machine,
                                       int32_t *level) MIXC_NODISCARD;

#ifdef __cplusplus
} // extern "C"
#endif

#endif // MIXC_RUNTIME_DESCRIPTOR_H
