// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "environment.h"

#include <stdlib.h>

mixc_status mixc_read_count(const char *variable, int64_t most, int64_t *count) {
  const char *text = getenv(variable);
  *count = 0;
  if (!text || !*text)
    return mixc_ok();
  char *end;
  const long long number = strtoll(text, &end, 10); // beyond its range: the largest, which is too large
  if (*end || number < 1 || number > most)
    return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: expected a number from 1 to %lld, got '%s'", variable, (long long)most, text);
  *count = number;
  return mixc_ok();
}
