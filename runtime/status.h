// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Making status values. The text lies in a buffer of the calling thread.

#ifndef MIXC_RUNTIME_STATUS_H
#define MIXC_RUNTIME_STATUS_H

#include "mixc/runtime/mixc.h"
#include "text.h"

mixc_status mixc_ok(void);
mixc_status mixc_fail(mixc_code code, const char *format, ...) MIXC_PRINTF(2, 3);

// Returns from the enclosing function if the expression is not ok.
#define MIXC_TRY(expression)                                                                                                               \
  do {                                                                                                                                     \
    mixc_status try_status_ = (expression);                                                                                                \
    if (try_status_.code != MIXC_OK)                                                                                                       \
      return try_status_;                                                                                                                  \
  } while (0)

#endif // MIXC_RUNTIME_STATUS_H
