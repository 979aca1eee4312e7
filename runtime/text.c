// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "text.h"

#include <stdbool.h>
#include <string.h>

mixc_text mixc_text_in(char *buffer, size_t capacity) {
  buffer[0] = '\0';
  return (mixc_text){buffer, capacity, 0};
}

static void append_bytes(mixc_text *text, const char *bytes, size_t n) {
  size_t room = text->capacity - 1 - text->length;
  if (n > room)
    n = room;
  memcpy(text->data + text->length, bytes, n);
  text->length += n;
  text->data[text->length] = '\0';
}

static void append_number(mixc_text *text, unsigned long long magnitude, bool negative) {
  char digits[24];
  size_t at = sizeof digits;
  do
    digits[--at] = (char)('0' + magnitude % 10);
  while (magnitude /= 10);
  if (negative)
    digits[--at] = '-';
  append_bytes(text, digits + at, sizeof digits - at);
}

static void append_signed(mixc_text *text, long long value) {
  append_number(text, value < 0 ? 0 - (unsigned long long)value : (unsigned long long)value, value < 0);
}

void mixc_text_append_v(mixc_text *text, const char *format, va_list list) {
  while (*format) {
    const char *percent = strchr(format, '%');
    if (!percent) {
      append_bytes(text, format, strlen(format));
      return;
    }
    append_bytes(text, format, (size_t)(percent - format));
    format = percent + 1;
    if (*format == 's') {
      const char *s = va_arg(list, const char *);
      append_bytes(text, s, strlen(s));
      format += 1;
    } else if (*format == 'd') {
      append_signed(text, va_arg(list, int));
      format += 1;
    } else if (strncmp(format, "lld", 3) == 0) {
      append_signed(text, va_arg(list, long long));
      format += 3;
    } else if (strncmp(format, "zu", 2) == 0) {
      append_number(text, va_arg(list, size_t), false);
      format += 2;
    } else { // %%, and the end of a text that stops in a percent sign
      append_bytes(text, "%", 1);
      format += *format == '%';
    }
  }
}

void mixc_text_append(mixc_text *text, const char *format, ...) {
  va_list list;
  va_start(list, format);
  mixc_text_append_v(text, format, list);
  va_end(list);
}
