// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH
// LLVM-exception
//
// What every function of engines.h does: look at the sizes, then call a compiled spec with a workspace.
#pragma once

#include "mixc/runtime/mixc.h"

#include <stdlib.h>

// The message is a literal.
static inline mixc_status refused(const char *message) {
  mixc_status status = {MIXC_UNSUPPORTED, message};
  return status;
}

#define CALL_WITH_WORKSPACE(status, spec, args)                                                                                            \
  do {                                                                                                                                     \
    const size_t bytes = spec##_workspace_bytes(&args);                                                                                    \
    void *workspace = malloc(bytes);                                                                                                       \
    status = spec##_cpu(&args, workspace, bytes);                                                                                          \
    free(workspace);                                                                                                                       \
  } while (0)
