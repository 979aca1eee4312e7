// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Numbers that the environment sets.

#ifndef MIXC_RUNTIME_ENVIRONMENT_H
#define MIXC_RUNTIME_ENVIRONMENT_H

#include "status.h"

// The value of a variable, 1 to `most`; 0 where it is not set or empty. An error, with 0, for anything else.
mixc_status mixc_read_count(const char *variable, int64_t most, int64_t *count);

#endif // MIXC_RUNTIME_ENVIRONMENT_H
