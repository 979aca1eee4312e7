// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "cuda.h"

mixc_status mixc_cuda_clear_bounds(const mixc_cuda_driver *driver, const mixc_call *call, const mixc_plan *plan, const mixc_layout *layout,
                                   char *base, CUstream stream) {
  const mixc_variant_desc *variant = &call->desc->variants[plan->variant];
  for (int32_t b = 0; b < variant->n_buffers; ++b) {
    if (!variant->buffers[b].checked)
      continue;
    int capturing = 0;
    MIXC_TRY(mixc_cuda_check(driver, driver->stream_is_capturing(stream, &capturing), "cuStreamIsCapturing"));
    if (capturing)
      return mixc_fail(MIXC_UNSUPPORTED,
                       "%s: stream: expected one that is not captured, because each call waits to check the bounds of decays; compile "
                       "without --check-bounds",
                       call->desc->name);
    const size_t words = (size_t)mixc_buffer_elements(call, plan, &variant->buffers[b]);
    if (words > 0)
      MIXC_TRY(mixc_cuda_check(driver, driver->memset_words(base + layout->buffers[b], 0, words, stream), "cuMemsetD32Async"));
  }
  return mixc_ok();
}

// What is on its way to the host lies on the stack.
static mixc_status check_buffer(const mixc_cuda_driver *driver, const mixc_call *call, const mixc_buffer_desc *buffer, const float *depths,
                                int64_t all, CUstream stream) {
  float some[2048];
  const int64_t most = sizeof some / sizeof *some;
  for (int64_t first = 0; first < all; first += most) {
    const int64_t n = all - first < most ? all - first : most;
    MIXC_TRY(mixc_cuda_check(driver, driver->copy_to_host(some, depths + first, (size_t)n * sizeof *some, stream), "cuMemcpyDtoHAsync"));
    MIXC_TRY(mixc_cuda_check(driver, driver->stream_synchronize(stream), "cuStreamSynchronize"));
    MIXC_TRY(mixc_check_bound(call, buffer, some, first, n, all));
  }
  return mixc_ok();
}

mixc_status mixc_cuda_check_bounds(const mixc_cuda_driver *driver, const mixc_call *call, const mixc_plan *plan, const mixc_layout *layout,
                                   const char *base, CUstream stream) {
  const mixc_variant_desc *variant = &call->desc->variants[plan->variant];
  for (int32_t b = 0; b < variant->n_buffers; ++b) {
    const mixc_buffer_desc *buffer = &variant->buffers[b];
    if (buffer->checked)
      MIXC_TRY(
          check_buffer(driver, call, buffer, (const float *)(base + layout->buffers[b]), mixc_buffer_elements(call, plan, buffer), stream));
  }
  return mixc_ok();
}
