// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "text.h"

#include <float.h>
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

// Up to four decimals, and an exponent where the number is too long without.
static void append_float(mixc_text *text, double value) {
  if (value != value) {
    append_bytes(text, "nan", 3);
    return;
  }
  if (value < 0)
    append_bytes(text, "-", 1);
  value = value < 0 ? -value : value;
  if (value > DBL_MAX) {
    append_bytes(text, "inf", 3);
    return;
  }
  int exponent = 0;
  for (; value >= 1e12; ++exponent)
    value /= 10;
  for (; exponent && value >= 10; ++exponent)
    value /= 10;
  unsigned long long units = (unsigned long long)(value * 1e4 + 0.5);
  append_number(text, units / 10000, false);
  char decimals[5] = ".";
  int n = 0;
  for (units %= 10000; units; units = units % 1000 * 10)
    decimals[++n] = (char)('0' + units / 1000);
  if (n)
    append_bytes(text, decimals, (size_t)n + 1);
  if (exponent) {
    append_bytes(text, "e+", 2);
    append_number(text, (unsigned)exponent, false);
  }
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
    } else if (*format == 'g') {
      append_float(text, va_arg(list, double));
      format += 1;
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
