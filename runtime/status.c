// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "status.h"

static _Thread_local char message[1024];

mixc_status mixc_ok(void) { return (mixc_status){MIXC_OK, ""}; }

// The arguments may not point into `message`: an error that wraps another copies its text first.
mixc_status mixc_fail(mixc_code code, const char *format, ...) {
  mixc_text text = mixc_text_in(message, sizeof message);
  va_list list;
  va_start(list, format);
  mixc_text_append_v(&text, format, list);
  va_end(list);
  return (mixc_status){code, message};
}

#define TEXT(x) #x
#define VERSION(major, minor) TEXT(major) "." TEXT(minor)

const char *mixc_version(void) { return VERSION(MIXC_VERSION_MAJOR, MIXC_VERSION_MINOR); }
