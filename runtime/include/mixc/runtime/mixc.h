// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a program sees that calls a compiled spec: status, tensors, devices.
// The header that mixc writes for a spec includes this one.
//
// Environment, read once per spec at its first call, which fails if a value is not as it should be:
//     MIXC_NUM_THREADS=n   CPU threads of a call that asks for no fewer, 1 to 1024
//     MIXC_CPU=v3|v4       use code of at most that x86-64 level
//     MIXC_ALGORITHM=name  only variants of that algorithm (quadratic, scan, chunked) or name (chunked64, ...)
//     MIXC_SPLITS=n        cut T into that many segments, or as many as it has chunks; 1 to 2^31 - 1

#ifndef MIXC_RUNTIME_MIXC_H
#define MIXC_RUNTIME_MIXC_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define MIXC_API __attribute__((visibility("default")))
#define MIXC_NODISCARD __attribute__((warn_unused_result))
#else
#define MIXC_API
#define MIXC_NODISCARD
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define MIXC_VERSION_MAJOR 0
#define MIXC_VERSION_MINOR 1

typedef enum mixc_code {
  MIXC_OK = 0,
  MIXC_INVALID_ARGUMENT = 1, // a pointer, size or stride of the call
  MIXC_WORKSPACE = 2,        // workspace missing or too small
  MIXC_UNSUPPORTED = 3,      // this object holds no code for this machine, or for such a call
  MIXC_NO_DEVICE = 4,        // no CUDA driver, no GPU, or no current context
  MIXC_DRIVER = 5,           // a CUDA driver call failed
  MIXC_OUT_OF_MEMORY = 6,    // loading ran out of host memory
  MIXC_ABI_MISMATCH = 7,     // object and runtime come from different versions
  MIXC_POOL = 8,             // the call's own pool of threads failed
  MIXC_BOUND = 9             // decays break a bound that the object checks; results and states are written, and of no use
} mixc_code;

// Result of every call. `code` is one of mixc_code. `message` is never null: it is "" when all went well, else it names
// the argument, what was expected and what came. It points to text owned by the calling thread, valid until that
// thread's next call into mixc.
typedef struct mixc_status {
  int32_t code;
  const char *message;
} mixc_status;

#define MIXC_MAX_RANK 5

// A tensor, owned by the caller. `strides` count elements, one for each dimension in the order in which the spec names
// them; the rest are ignored. All zero means contiguous, last dimension fastest. Strides may be negative, and an
// argument's may be zero (the dimension is broadcast); `data` then is the element at index 0 of every dimension.
// `data` is null for an optional argument that is absent (it counts as zeros) and for an optional result that is not
// wanted. A result may share memory neither with itself nor with another tensor of the call, but for final states in
// place of initial ones, where the spec's header says so.
typedef struct mixc_tensor {
  void *data;
  int64_t strides[MIXC_MAX_RANK];
} mixc_tensor;

// The same for an argument, which is only read. Laid out alike.
typedef struct mixc_const_tensor {
  const void *data;
  int64_t strides[MIXC_MAX_RANK];
} mixc_const_tensor;

// What tells a call's sequences apart, where they are not B of T tokens each that have the states 0 .. B - 1. The arrays are of the device
// that the call runs on, as long as B says, with indices of 4 or 8 bytes; they are read while it runs, and what they hold may change
// between replays of a CUDA graph. On the CPU it is checked first that indices are within bounds; on a GPU what they hold has to be right.
typedef struct mixc_sequences {
  // Where sequences start among the tokens, [B + 1], rising: sequence b has the tokens starts[b] .. starts[b + 1] - 1, maybe none. Tensors
  // with tokens then are packed: they have T tokens in all, of which those before starts[0] and behind starts[B] are not touched, and their
  // stride along B is ignored. Null: every sequence has T tokens of its own.
  const void *starts;
  // The indices along B of the state that a sequence begins with, below `slots`, and of that which it leaves, below `target_slots`, [B]: a
  // pool of states, or two.
  // A negative `source` is padding: the sequence's tokens and states are neither read nor written. A negative `target` keeps no last
  // state. Where `target` is null, a sequence leaves its state where it took it from; where `source` is too, at its own number. No two
  // sequences may leave one state, and where results lie in the arguments' place, none may take a state that another one leaves.
  const void *source, *target;
  const uint8_t *has_initial; // [B], 0 where a sequence begins with zeros, its `source` valid all the same; null: nowhere
  // The numbers of packed sequences in the order in which work on them begins, [B], each once: with the longest first, the last ones fill
  // the machine. Results do not depend on it. Null: as they are numbered.
  const void *order;
  int64_t slots;        // the size along B of tensors of states: h0, hT and the like; 0: B
  int64_t target_slots; // that of results among them, where they are another pool; 0: `slots`
  int64_t longest;      // tokens of the longest packed sequence, for the choice of a plan; 0: not known
  int32_t starts_bytes; // of an index: 4 or 8
  int32_t source_bytes;
  int32_t target_bytes;
  int32_t order_bytes;
  // Where the states go that sequences have inside the call, [B, kept_count]: entry k of a sequence is the index along B, below
  // `target_slots`, that takes its state after (k + 1) * kept_every tokens; negative: none, and entries beyond its tokens are not read. The
  // object must have been compiled with --keep-states, and kept_every be a multiple of the tokens of a chunk of some variant (1 with
  // scan1). No sequence may leave or take a state where another one is kept. Null: none is.
  const void *kept;
  int64_t kept_count;
  int64_t kept_every; // tokens
  int32_t kept_bytes;
  int32_t reserved; // 0
  // The number that random bits follow from, in memory of the device that the call runs on, so that each replay of a CUDA graph may have
  // another one: states that the call leaves in tensors of 16 bits are rounded stochastically, up or down so that the mean over seeds is
  // what was rounded. Every call needs a number of its own, as of a counter: with the same one, the same bits are drawn for an element. The
  // object must have been compiled with --stochastic-rounding. Null: to the nearest number.
  const uint64_t *seed;
} mixc_sequences;

// A piece of a call's work; `task` is only valid until mixc_threads.run returns.
typedef void (*mixc_work)(void *task, int32_t piece);

// Which threads a CPU call runs on; on a GPU it has no meaning. All zero: the process's pool, which mixc starts, and as many threads as it
// has. Read during the call and by the query of its workspace, which has room for each thread: the same for both.
typedef struct mixc_threads {
  // Threads at most, the caller's own among them, 1 to 1024; 0: mixc_num_threads(). Without `run` no more than that many.
  int32_t count;
  int32_t reserved; // 0
  // A pool of the caller's: calls work(task, i) for each i in [0, n) and returns 0 when all have returned, or another number where it could
  // not run them. The caller's thread may run some or all of them, one after another or at once, and so may any others: pieces wait for
  // none of each other, and take what work is left. Called once for each kernel that has more than one block to run, from the thread that
  // made the call; may be called by several calls at once. It may itself make calls of mixc, and so may what else the pool runs. Null: the
  // process's pool.
  int32_t (*run)(void *pool, mixc_work work, void *task, int32_t n);
  void *pool; // for `run`
} mixc_threads;

typedef enum mixc_device_kind { MIXC_DEVICE_CPU = 0, MIXC_DEVICE_CUDA = 1 } mixc_device_kind;

// `ordinal` is the CUDA driver's device number; ignored for the CPU.
typedef struct mixc_device {
  int32_t kind;
  int32_t ordinal;
} mixc_device;

// The driver's stream handle, the same as in cuda.h; a cudaStream_t is one too. Null is the default stream.
typedef struct CUstream_st *CUstream;

// Threads that take part in a CPU call which says nothing else, the caller included: MIXC_NUM_THREADS, else the CPUs that this process
// may use. Fixed at first use. Thread-safe.
MIXC_API int32_t mixc_num_threads(void);

// "major.minor" of this library.
MIXC_API const char *mixc_version(void);

#ifdef __cplusplus
} // extern "C"
#endif

#endif // MIXC_RUNTIME_MIXC_H
