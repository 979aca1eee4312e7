// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Text without printf: the runtime must not drag stdio into a user's program. Knows %s, %d, %lld, %zu, %g and %%.

#ifndef MIXC_RUNTIME_TEXT_H
#define MIXC_RUNTIME_TEXT_H

#include <stdarg.h>
#include <stddef.h>

#define MIXC_PRINTF(text, first) __attribute__((format(printf, text, first)))

// A caller's buffer, always terminated; what does not fit is cut off.
typedef struct mixc_text {
  char *data;
  size_t capacity;
  size_t length;
} mixc_text;

mixc_text mixc_text_in(char *buffer, size_t capacity);
void mixc_text_append(mixc_text *text, const char *format, ...) MIXC_PRINTF(2, 3);
void mixc_text_append_v(mixc_text *text, const char *format, va_list list);

#endif // MIXC_RUNTIME_TEXT_H
