// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "cuda_driver.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#define DRIVER_LIBRARY "libcuda.so.1"

// Written under the lock until `ready`, constant after.
static struct {
  pthread_mutex_t lock;
  const char *library;
  mixc_cuda_driver loaded;
  const mixc_cuda_driver *table;
  int32_t code; // of the outcome
  char message[256];
  int32_t ready;
} state = {.lock = PTHREAD_MUTEX_INITIALIZER, .library = DRIVER_LIBRARY};

static mixc_status load_table(void) {
  void *library = dlopen(state.library, RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return mixc_fail(MIXC_NO_DEVICE, "expected the NVIDIA driver's %s, got none: %s", state.library, dlerror());
#define LOAD(member, symbol, required, parameters)                                                                                         \
  *(void **)&state.loaded.member = dlsym(library, symbol);                                                                                 \
  if (required && !state.loaded.member) {                                                                                                  \
    dlclose(library);                                                                                                                      \
    return mixc_fail(MIXC_NO_DEVICE, "%s: expected the function %s, got none: update the driver", state.library, symbol);                  \
  }
  MIXC_CUDA_FUNCTIONS(LOAD)
#undef LOAD
  state.table = &state.loaded;
  return mixc_ok();
}

static mixc_status start(void) {
  if (!state.table)
    MIXC_TRY(load_table());
  cu_result result = state.table->init(0);
  if (result == CU_ERROR_NO_DEVICE)
    return mixc_fail(MIXC_NO_DEVICE, "expected a CUDA GPU, got none (cuInit: CUDA_ERROR_NO_DEVICE)");
  return mixc_cuda_check(state.table, result, "cuInit");
}

mixc_status mixc_cuda_driver_get(const mixc_cuda_driver **driver) {
  if (!__atomic_load_n(&state.ready, __ATOMIC_ACQUIRE)) {
    pthread_mutex_lock(&state.lock);
    if (!state.ready) {
      mixc_status status = start();
      mixc_text text = mixc_text_in(state.message, sizeof state.message);
      mixc_text_append(&text, "%s", status.message);
      state.code = status.code;
      __atomic_store_n(&state.ready, 1, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&state.lock);
  }
  *driver = state.table;
  return state.code == MIXC_OK ? mixc_ok() : mixc_fail((mixc_code)state.code, "%s", state.message);
}

static void reset(const mixc_cuda_driver *table, const char *library) {
  pthread_mutex_lock(&state.lock);
  state.table = table;
  state.library = library;
  __atomic_store_n(&state.ready, 0, __ATOMIC_RELEASE);
  pthread_mutex_unlock(&state.lock);
}

void mixc_cuda_driver_set_for_test(const mixc_cuda_driver *driver) { reset(driver, DRIVER_LIBRARY); }
void mixc_cuda_driver_set_library_for_test(const char *file) { reset(NULL, file); }

mixc_status mixc_cuda_check(const mixc_cuda_driver *driver, cu_result result, const char *function) {
  if (result == 0)
    return mixc_ok();
  const char *name = NULL, *text = NULL;
  driver->get_error_name(result, &name);
  driver->get_error_string(result, &text);
  mixc_code code = result == CU_ERROR_OUT_OF_MEMORY ? MIXC_OUT_OF_MEMORY : MIXC_DRIVER;
  return mixc_fail(code, "%s: expected success, got %s (%d): %s", function, name ? name : "an error", (int)result, text ? text : "no text");
}
