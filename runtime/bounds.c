// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bounds of decays, where the spec was compiled to check them.

#include "call.h"

int64_t mixc_buffer_elements(const mixc_call *call, const mixc_plan *plan, const mixc_buffer_desc *buffer) {
  int64_t elements = 1;
  for (int32_t d = 0; d < buffer->rank; ++d)
    elements *= mixc_buffer_size(call, plan, buffer, d);
  return elements;
}

// A decay that is rounded to 16 bits keeps a bound that is not.
static const double rounding = 1 + 1 / 128.0;

mixc_status mixc_check_bound(const mixc_call *call, const mixc_buffer_desc *buffer, const float *depths, int64_t first, int64_t n,
                             int64_t all) {
  for (int64_t i = 0; i < n; ++i)
    if (depths[i] > rounding * buffer->most)
      return mixc_fail(
          MIXC_BOUND,
          "%s: %s: expected decays of at least %g, as the spec says, got %g in sequence %lld; declare a smaller bound, leave it "
          "out, or clamp the decay, as in max(g, %g)",
          call->desc->name, buffer->checked, -buffer->most, -(double)depths[i], (long long)((first + i) / (all / call->B)), -buffer->most);
  return mixc_ok();
}
