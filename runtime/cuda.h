// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A spec's GPU code in a context, and calls of it.

#ifndef MIXC_RUNTIME_CUDA_H
#define MIXC_RUNTIME_CUDA_H

#include "call.h"
#include "cuda_driver.h"

// The loaded images of a spec. Constant once it is in the list; lives as long as the process, as its context may go at any time.
typedef struct mixc_cuda_module {
  struct mixc_cuda_module *next;
  cu_context context;
  unsigned long long context_id; // tells a new context at an old one's address; 0 with drivers before 12.0
  int32_t arch;                  // the highest one of the images
  mixc_machine machine;          // the descriptor's, with this device's units
  char text[40];                 // "compute capability 9.0"
  cu_module *images;             // for each variant of the spec; null: none runs here
  uint8_t *runnable;             // for each variant
  cu_function *functions;        // the first launch of variant v has index first[v]
  int32_t *first;
  int32_t *resident; // by the same index: blocks of a persistent launch that run at once
} mixc_cuda_module;

typedef struct mixc_cuda_modules {
  mixc_cuda_module *head; // atomic
} mixc_cuda_modules;

// The image of a variant for a device: the highest cubin that runs there, else the highest PTX; null if there is none.
const mixc_image_desc *mixc_choose_image(const mixc_spec_desc *desc, int32_t variant, int major, int minor);

// The spec's module in the current context, loaded if need be. Thread-safe; safe while a stream is being captured.
mixc_status mixc_cuda_module_get(const mixc_spec_desc *desc, mixc_cuda_modules *modules, mixc_cuda_module **module);

// The same in the context that calls on that device will find (see mixc_spec_load).
mixc_status mixc_cuda_load_on(const mixc_spec_desc *desc, mixc_cuda_modules *modules, int32_t ordinal);

// Enqueues the plan's launches.
mixc_status mixc_run_on_cuda(const mixc_call *call, const mixc_plan *plan, const mixc_cuda_module *module, void *workspace, size_t bytes,
                             CUstream stream);

// Of a spec that was compiled to check the bounds of its decays: clears what its kernels add to, and looks through it after them, for which
// it waits. Without such bounds they do nothing.
mixc_status mixc_cuda_clear_bounds(const mixc_cuda_driver *driver, const mixc_call *call, const mixc_plan *plan, const mixc_layout *layout,
                                   char *base, CUstream stream);
mixc_status mixc_cuda_check_bounds(const mixc_cuda_driver *driver, const mixc_call *call, const mixc_plan *plan, const mixc_layout *layout,
                                   const char *base, CUstream stream);

#endif // MIXC_RUNTIME_CUDA_H
