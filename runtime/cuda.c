// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "cuda.h"

#include <pthread.h>
#include <stdlib.h>

// Shared memory that a block may have without asking.
#define PLAIN_SHARED_BYTES 49152

static pthread_mutex_t load_lock = PTHREAD_MUTEX_INITIALIZER;

static bool image_runs(const mixc_image_desc *image, int major, int minor) {
  int32_t device = 10 * major + minor;
  if (image->arch_specific)
    return image->arch == device;
  return image->arch <= device && (image->kind == MIXC_IMAGE_PTX || image->arch / 10 == major);
}

// A cubin over PTX, then the higher architecture, then the specific one.
static int32_t rank_of(const mixc_image_desc *image) {
  return (image->kind == MIXC_IMAGE_CUBIN ? 10000 : 0) + 2 * image->arch + (image->arch_specific != 0);
}

const mixc_image_desc *mixc_choose_image(const mixc_spec_desc *desc, int32_t variant, int major, int minor) {
  const mixc_image_desc *best = NULL;
  for (int32_t i = 0; i < desc->n_images; ++i) {
    const mixc_image_desc *image = &desc->images[i];
    if (image->variant == variant && image_runs(image, major, minor) && (!best || rank_of(image) > rank_of(best)))
      best = image;
  }
  return best;
}

// Whether an image before this one, of another variant, is for the same GPUs.
static bool is_repeated(const mixc_image_desc *images, int32_t i) {
  for (int32_t j = 0; j < i; ++j)
    if (rank_of(&images[j]) == rank_of(&images[i]))
      return true;
  return false;
}

static mixc_status fail_image(const mixc_spec_desc *desc, int major, int minor) {
  char buffer[200];
  mixc_text images = mixc_text_in(buffer, sizeof buffer);
  for (int32_t i = 0; i < desc->n_images; ++i)
    if (!is_repeated(desc->images, i))
      mixc_text_append(&images, "%ssm_%d%s %s", i ? ", " : "", (int)desc->images[i].arch, desc->images[i].arch_specific ? "a" : "",
                       desc->images[i].kind == MIXC_IMAGE_PTX ? "PTX" : "cubin");
  return mixc_fail(MIXC_UNSUPPORTED, "%s: expected a GPU that runs %s, got compute capability %d.%d", desc->name,
                   desc->n_images ? buffer : "the object's GPU code (there is none)", major, minor);
}

// Everything of a module in one allocation, so that there is one thing to free.
static mixc_cuda_module *allocate(const mixc_spec_desc *desc) {
  size_t launches = 0, variants = (size_t)desc->n_variants;
  for (size_t v = 0; v < variants; ++v)
    launches += (size_t)desc->variants[v].n_launches;
  mixc_cuda_module *module =
      calloc(1, sizeof *module + launches * (sizeof(cu_function) + sizeof(int32_t)) + variants * (sizeof(cu_module) + sizeof(int32_t) + 1));
  if (!module)
    return NULL;
  module->images = (cu_module *)(module + 1);
  module->functions = (cu_function *)(module->images + variants);
  module->first = (int32_t *)(module->functions + launches);
  module->resident = module->first + variants;
  module->runnable = (uint8_t *)(module->resident + launches);
  for (size_t v = 1; v < variants; ++v)
    module->first[v] = module->first[v - 1] + desc->variants[v - 1].n_launches;
  return module;
}

static mixc_status load_image(const mixc_cuda_driver *driver, const mixc_spec_desc *desc, const mixc_image_desc *image, cu_module *loaded) {
  char log[512] = "";
  int options[] = {CU_JIT_ERROR_LOG, CU_JIT_ERROR_LOG_BYTES};
  void *values[] = {log, (void *)(uintptr_t)sizeof log};
  mixc_status status = mixc_cuda_check(driver, driver->module_load(loaded, image->data, 2, options, values), "cuModuleLoadDataEx");
  if (status.code == MIXC_OK || !*log)
    return status;
  char reason[256];
  mixc_text text = mixc_text_in(reason, sizeof reason);
  mixc_text_append(&text, "%s", status.message);
  return mixc_fail((mixc_code)status.code, "%s: %s: %s", desc->name, reason, log);
}

static mixc_status load_kernel(const mixc_cuda_driver *driver, const mixc_spec_desc *desc, const mixc_image_desc *image, int32_t l,
                               mixc_cuda_module *module) {
  const int32_t v = image->variant;
  const mixc_launch_desc *launch = &desc->variants[v].launches[l];
  cu_function *function = &module->functions[module->first[v] + l];
  cu_result result = driver->module_get_function(function, module->images[v], launch->symbol);
  if (result == CU_ERROR_NOT_FOUND)
    return mixc_fail(MIXC_DRIVER, "%s: cuModuleGetFunction: expected kernel '%s' in the sm_%d%s image, got none", desc->name,
                     launch->symbol, (int)image->arch, image->arch_specific ? "a" : "");
  MIXC_TRY(mixc_cuda_check(driver, result, "cuModuleGetFunction"));
  if (launch->shared_bytes > PLAIN_SHARED_BYTES)
    MIXC_TRY(mixc_cuda_check(driver, driver->function_set_attribute(*function, CU_FUNCTION_MAX_DYNAMIC_SHARED, launch->shared_bytes),
                             "cuFuncSetAttribute"));
  if (launch->persistent) {
    int blocks;
    MIXC_TRY(mixc_cuda_check(driver, driver->occupancy(&blocks, *function, (int)launch->threads, (size_t)launch->shared_bytes),
                             "cuOccupancyMaxActiveBlocksPerMultiprocessor"));
    module->resident[module->first[v] + l] = (blocks > 1 ? blocks : 1) * module->machine.units;
  }
  return mixc_ok();
}

// One that asks for more shared memory than the device has, or for tensor maps of a driver before 12.0, is left out, which is no error.
static bool can_launch(const mixc_cuda_driver *driver, const mixc_variant_desc *variant, int max_shared) {
  for (int32_t l = 0; l < variant->n_launches; ++l)
    if (variant->launches[l].shared_bytes > max_shared || (variant->launches[l].n_maps > 0 && !driver->tensor_map_encode_tiled))
      return false;
  return true;
}

static mixc_status load_variant(const mixc_cuda_driver *driver, const mixc_spec_desc *desc, const mixc_image_desc *image, int max_shared,
                                mixc_cuda_module *module) {
  const mixc_variant_desc *variant = &desc->variants[image->variant];
  if (!can_launch(driver, variant, max_shared))
    return mixc_ok();
  MIXC_TRY(load_image(driver, desc, image, &module->images[image->variant]));
  for (int32_t l = 0; l < variant->n_launches; ++l)
    MIXC_TRY(load_kernel(driver, desc, image, l, module));
  module->runnable[image->variant] = 1;
  return mixc_ok();
}

static void unload(const mixc_cuda_driver *driver, const mixc_spec_desc *desc, mixc_cuda_module *module) {
  for (int32_t v = 0; v < desc->n_variants; ++v)
    if (module->images[v])
      driver->module_unload(module->images[v]);
}

static mixc_status load_module(const mixc_cuda_driver *driver, const mixc_spec_desc *desc, mixc_cuda_module *module) {
  cu_device device;
  int major, minor, units, max_shared;
  MIXC_TRY(mixc_cuda_check(driver, driver->context_get_device(&device), "cuCtxGetDevice"));
  const struct {
    int attribute, *value;
  } wanted[] = {{CU_ATTRIBUTE_MAJOR, &major},
                {CU_ATTRIBUTE_MINOR, &minor},
                {CU_ATTRIBUTE_MULTIPROCESSORS, &units},
                {CU_ATTRIBUTE_MAX_SHARED_OPTIN, &max_shared}};
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; ++i)
    MIXC_TRY(mixc_cuda_check(driver, driver->device_get_attribute(wanted[i].value, wanted[i].attribute, device), "cuDeviceGetAttribute"));
  mixc_text text = mixc_text_in(module->text, sizeof module->text);
  mixc_text_append(&text, "compute capability %d.%d", major, minor);
  module->machine = *desc->cuda_machine;
  module->machine.units = units;
  for (int32_t v = 0; v < desc->n_variants; ++v) {
    const mixc_image_desc *image = mixc_choose_image(desc, v, major, minor);
    if (!image)
      continue;
    if (image->arch > module->arch)
      module->arch = image->arch;
    mixc_status status = load_variant(driver, desc, image, max_shared, module);
    if (status.code != MIXC_OK) {
      unload(driver, desc, module);
      return status;
    }
  }
  return module->arch > 0 ? mixc_ok() : fail_image(desc, major, minor);
}

// Loading does what a capture in the default mode forbids, on this thread and on others; none of it belongs to the
// stream.
static mixc_status load_relaxed(const mixc_cuda_driver *driver, const mixc_spec_desc *desc, mixc_cuda_module *module) {
  int mode = CU_CAPTURE_MODE_RELAXED;
  MIXC_TRY(mixc_cuda_check(driver, driver->exchange_capture_mode(&mode), "cuThreadExchangeStreamCaptureMode"));
  mixc_status status = load_module(driver, desc, module);
  cu_result restored = driver->exchange_capture_mode(&mode);
  if (status.code != MIXC_OK || restored == 0)
    return status;
  unload(driver, desc, module);
  return mixc_cuda_check(driver, restored, "cuThreadExchangeStreamCaptureMode");
}

static mixc_cuda_module *find(mixc_cuda_modules *modules, cu_context context, unsigned long long id) {
  mixc_cuda_module *module = __atomic_load_n(&modules->head, __ATOMIC_ACQUIRE);
  while (module && (module->context != context || module->context_id != id))
    module = module->next;
  return module;
}

static mixc_status load(const mixc_cuda_driver *driver, const mixc_spec_desc *desc, mixc_cuda_modules *modules, cu_context context,
                        unsigned long long id, mixc_cuda_module **out) {
  mixc_cuda_module *module = allocate(desc);
  if (!module)
    return mixc_fail(MIXC_OUT_OF_MEMORY, "%s: expected memory for a module's kernels, got none", desc->name);
  mixc_status status = load_relaxed(driver, desc, module);
  if (status.code != MIXC_OK) {
    free(module);
    return status;
  }
  module->context = context;
  module->context_id = id;
  module->next = modules->head;
  __atomic_store_n(&modules->head, module, __ATOMIC_RELEASE);
  *out = module;
  return status;
}

mixc_status mixc_cuda_module_get(const mixc_spec_desc *desc, mixc_cuda_modules *modules, mixc_cuda_module **module) {
  const mixc_cuda_driver *driver;
  cu_context context;
  unsigned long long id = 0;
  if (!desc->cuda_machine)
    return mixc_fail(MIXC_UNSUPPORTED, "%s: expected CUDA code in the object, got none: compile for a CUDA target", desc->name);
  MIXC_TRY(mixc_cuda_driver_get(&driver));
  MIXC_TRY(mixc_cuda_check(driver, driver->context_get_current(&context), "cuCtxGetCurrent"));
  if (!context)
    return mixc_fail(MIXC_NO_DEVICE, "%s: expected a current CUDA context, got none: call cudaSetDevice or cuCtxSetCurrent on this thread",
                     desc->name);
  if (driver->context_get_id)
    MIXC_TRY(mixc_cuda_check(driver, driver->context_get_id(context, &id), "cuCtxGetId"));
  if ((*module = find(modules, context, id)))
    return mixc_ok();
  pthread_mutex_lock(&load_lock);
  mixc_status status = mixc_ok();
  if (!(*module = find(modules, context, id)))
    status = load(driver, desc, modules, context, id, module);
  pthread_mutex_unlock(&load_lock);
  return status;
}

// In the device's primary context, which is what cudart and PyTorch use. A module loaded there keeps the context alive.
static mixc_status load_in_primary(const mixc_cuda_driver *driver, const mixc_spec_desc *desc, mixc_cuda_modules *modules,
                                   cu_device device) {
  cu_context context;
  mixc_cuda_module *before = __atomic_load_n(&modules->head, __ATOMIC_ACQUIRE), *module;
  MIXC_TRY(mixc_cuda_check(driver, driver->primary_retain(&context, device), "cuDevicePrimaryCtxRetain"));
  mixc_status status = mixc_cuda_check(driver, driver->context_push(context), "cuCtxPushCurrent");
  if (status.code == MIXC_OK) {
    status = mixc_cuda_module_get(desc, modules, &module);
    driver->context_pop(&context);
  }
  bool loaded = status.code == MIXC_OK && before != __atomic_load_n(&modules->head, __ATOMIC_ACQUIRE);
  if (!loaded)
    driver->primary_release(device);
  return status;
}

mixc_status mixc_cuda_load_on(const mixc_spec_desc *desc, mixc_cuda_modules *modules, int32_t ordinal) {
  const mixc_cuda_driver *driver;
  mixc_cuda_module *module;
  int count;
  cu_device device, current_device;
  cu_context current;
  MIXC_TRY(mixc_cuda_driver_get(&driver));
  MIXC_TRY(mixc_cuda_check(driver, driver->device_get_count(&count), "cuDeviceGetCount"));
  if (ordinal < 0 || ordinal >= count)
    return mixc_fail(MIXC_NO_DEVICE, "device.ordinal: expected 0 to %d, got %d", count - 1, (int)ordinal);
  MIXC_TRY(mixc_cuda_check(driver, driver->device_get(&device, ordinal), "cuDeviceGet"));
  MIXC_TRY(mixc_cuda_check(driver, driver->context_get_current(&current), "cuCtxGetCurrent"));
  if (current) {
    MIXC_TRY(mixc_cuda_check(driver, driver->context_get_device(&current_device), "cuCtxGetDevice"));
    if (current_device == device)
      return mixc_cuda_module_get(desc, modules, &module);
  }
  return load_in_primary(driver, desc, modules, device);
}
