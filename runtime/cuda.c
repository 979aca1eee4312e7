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

const mixc_image_desc *mixc_choose_image(const mixc_spec_desc *desc, int major, int minor) {
  const mixc_image_desc *best = NULL;
  for (int32_t i = 0; i < desc->n_images; ++i) {
    const mixc_image_desc *image = &desc->images[i];
    if (image_runs(image, major, minor) && (!best || rank_of(image) > rank_of(best)))
      best = image;
  }
  return best;
}

static mixc_status fail_image(const mixc_spec_desc *desc, int major, int minor) {
  char buffer[200];
  mixc_text images = mixc_text_in(buffer, sizeof buffer);
  for (int32_t i = 0; i < desc->n_images; ++i)
    mixc_text_append(&images, "%ssm_%d%s %s", i ? ", " : "", (int)desc->images[i].arch, desc->images[i].arch_specific ? "a" : "",
                     desc->images[i].kind == MIXC_IMAGE_PTX ? "PTX" : "cubin");
  return mixc_fail(MIXC_UNSUPPORTED, "%s: expected a GPU that runs %s, got compute capability %d.%d", desc->name,
                   desc->n_images ? buffer : "the object's GPU code (there is none)", major, minor);
}

static bool image_has(const mixc_image_desc *image, const mixc_variant_desc *variant) {
  if (variant->device != MIXC_DEVICE_CUDA)
    return false;
  return variant->arch_specific ? image->arch_specific && image->arch == variant->arch : image->arch >= variant->arch;
}

// Everything of a module in one allocation, so that there is one thing to free.
static mixc_cuda_module *allocate(const mixc_spec_desc *desc) {
  size_t launches = 0, variants = (size_t)desc->n_variants;
  for (size_t v = 0; v < variants; ++v)
    launches += (size_t)desc->variants[v].n_launches;
  mixc_cuda_module *module =
      calloc(1, sizeof *module + launches * (sizeof(cu_function) + sizeof(int32_t)) + variants * (sizeof(int32_t) + 1));
  if (!module)
    return NULL;
  module->functions = (cu_function *)(module + 1);
  module->first = (int32_t *)(module->functions + launches);
  module->resident = module->first + variants;
  module->runnable = (uint8_t *)(module->resident + launches);
  for (size_t v = 1; v < variants; ++v)
    module->first[v] = module->first[v - 1] + desc->variants[v - 1].n_launches;
  return module;
}

static mixc_status load_image(const mixc_cuda_driver *driver, const mixc_spec_desc *desc, mixc_cuda_module *module) {
  char log[512] = "";
  int options[] = {CU_JIT_ERROR_LOG, CU_JIT_ERROR_LOG_BYTES};
  void *values[] = {log, (void *)(uintptr_t)sizeof log};
  mixc_status status =
      mixc_cuda_check(driver, driver->module_load(&module->module, module->image->data, 2, options, values), "cuModuleLoadDataEx");
  if (status.code == MIXC_OK || !*log)
    return status;
  char reason[256];
  mixc_text text = mixc_text_in(reason, sizeof reason);
  mixc_text_append(&text, "%s", status.message);
  return mixc_fail((mixc_code)status.code, "%s: %s: %s", desc->name, reason, log);
}

// The kernels of a variant. One that asks for more shared memory than the device has, or for tensor maps of a driver
// before 12.0, is left out, which is no error.
static mixc_status load_variant(const mixc_cuda_driver *driver, const mixc_spec_desc *desc, int32_t v, int max_shared,
                                mixc_cuda_module *module) {
  const mixc_variant_desc *variant = &desc->variants[v];
  if (!image_has(module->image, variant))
    return mixc_ok();
  for (int32_t l = 0; l < variant->n_launches; ++l)
    if (variant->launches[l].shared_bytes > max_shared || (variant->launches[l].n_maps > 0 && !driver->tensor_map_encode_tiled))
      return mixc_ok();
  for (int32_t l = 0; l < variant->n_launches; ++l) {
    const mixc_launch_desc *launch = &variant->launches[l];
    cu_function *function = &module->functions[module->first[v] + l];
    cu_result result = driver->module_get_function(function, module->module, launch->symbol);
    if (result == CU_ERROR_NOT_FOUND)
      return mixc_fail(MIXC_DRIVER, "%s: cuModuleGetFunction: expected kernel '%s' in the sm_%d%s image, got none", desc->name,
                       launch->symbol, (int)module->image->arch, module->image->arch_specific ? "a" : "");
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
  }
  module->runnable[v] = 1;
  return mixc_ok();
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
  if (!(module->image = mixc_choose_image(desc, major, minor)))
    return fail_image(desc, major, minor);
  mixc_text text = mixc_text_in(module->text, sizeof module->text);
  mixc_text_append(&text, "compute capability %d.%d", major, minor);
  module->machine = *desc->cuda_machine;
  module->machine.units = units;
  MIXC_TRY(load_image(driver, desc, module));
  for (int32_t v = 0; v < desc->n_variants; ++v) {
    mixc_status status = load_variant(driver, desc, v, max_shared, module);
    if (status.code != MIXC_OK) {
      driver->module_unload(module->module);
      return status;
    }
  }
  return mixc_ok();
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
  driver->module_unload(module->module);
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

static int32_t map_type(const mixc_tensor_desc *tensor) {
  return tensor->dtype == MIXC_BF16 ? CU_TENSOR_MAP_BFLOAT16 : tensor->dtype == MIXC_F16 ? CU_TENSOR_MAP_FLOAT16 : CU_TENSOR_MAP_FLOAT32;
}

static int32_t map_swizzle(int32_t bytes) {
  return bytes == 128  ? CU_TENSOR_MAP_SWIZZLE_128B
         : bytes == 64 ? CU_TENSOR_MAP_SWIZZLE_64B
         : bytes == 32 ? CU_TENSOR_MAP_SWIZZLE_32B
                       : CU_TENSOR_MAP_SWIZZLE_NONE;
}

// What cuTensorMapEncodeTiled is told is sure to be legal: the tensor is aligned as mixc_variant_desc says.
static mixc_status encode_map(const mixc_cuda_driver *driver, const mixc_call *call, const mixc_tensor_map_desc *desc, cu_tensor_map *map) {
  const mixc_tensor_desc *tensor = &call->desc->tensors[desc->tensor];
  // Innermost dimension first, whose stride is not given.
  uint64_t sizes[MIXC_MAX_RANK], strides[MIXC_MAX_RANK];
  uint32_t box[MIXC_MAX_RANK], steps[MIXC_MAX_RANK];
  *map = (cu_tensor_map){{0}};
  if (!call->data[desc->tensor])
    return mixc_ok();
  for (int32_t d = 0; d < tensor->rank; ++d) {
    int32_t dim = tensor->rank - 1 - d;
    int64_t size = mixc_size_of(call, tensor, dim);
    sizes[d] = size > 0 ? (uint64_t)size : 1;
    strides[d] = size > 1 ? (uint64_t)(call->strides[desc->tensor][dim] * mixc_element_bytes(tensor)) : 16;
    box[d] = (uint32_t)desc->box[dim];
    steps[d] = 1;
  }
  cu_result result = driver->tensor_map_encode_tiled(map, map_type(tensor), (uint32_t)tensor->rank, call->data[desc->tensor], sizes,
                                                     strides + 1, box, steps, CU_TENSOR_MAP_INTERLEAVE_NONE, map_swizzle(desc->swizzle),
                                                     CU_TENSOR_MAP_L2_PROMOTION_256B, CU_TENSOR_MAP_FILL_ZEROS);
  if (result == 0)
    return mixc_ok();
  char reason[256];
  mixc_text text = mixc_text_in(reason, sizeof reason);
  mixc_text_append(&text, "%s", mixc_cuda_check(driver, result, "cuTensorMapEncodeTiled").message);
  return mixc_fail(MIXC_DRIVER, "%s: '%s' [%s]: %s", call->desc->name, tensor->name, tensor->dims, reason);
}

// Blocks of a launch that have work for several. Where each has long work, the hardware deals it out better: multiprocessors are not
// equally fast.
static int64_t blocks_to_launch(const mixc_call *call, const mixc_plan *plan, const mixc_launch_desc *launch, int64_t blocks,
                                int32_t resident) {
  const int64_t tokens = plan->span < call->T ? plan->span : call->T;
  const int64_t chunks = mixc_ceil_div(tokens, call->desc->variants[plan->variant].chunk);
  return launch->persistent && chunks <= launch->persistent && resident < blocks ? resident : blocks;
}

// `addresses` holds those of the `n` integers; the launch's tensor maps come behind them, then the number of all blocks.
static mixc_status launch_kernel(const mixc_cuda_driver *driver, const mixc_call *call, const mixc_launch_desc *launch,
                                 cu_function function, int64_t all, int64_t blocks, CUstream stream, void **addresses, int32_t n) {
  cu_tensor_map maps[MIXC_MAX_TENSOR_MAPS];
  for (int32_t m = 0; m < launch->n_maps; ++m) {
    MIXC_TRY(encode_map(driver, call, &launch->maps[m], &maps[m]));
    addresses[n + m] = &maps[m];
  }
  addresses[n + launch->n_maps] = &all;
  if (!launch->overlaps || !driver->launch_kernel_ex)
    return mixc_cuda_check(driver,
                           driver->launch_kernel(function, (unsigned)blocks, 1, 1, (unsigned)launch->threads, 1, 1,
                                                 (unsigned)launch->shared_bytes, stream, addresses, NULL),
                           "cuLaunchKernel");
  cu_launch_attribute overlap = {.id = CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION, .value.allowed = 1};
  const cu_launch_config config = {.grid_x = (unsigned)blocks,
                                   .grid_y = 1,
                                   .grid_z = 1,
                                   .block_x = (unsigned)launch->threads,
                                   .block_y = 1,
                                   .block_z = 1,
                                   .shared_bytes = (unsigned)launch->shared_bytes,
                                   .stream = stream,
                                   .attributes = &overlap,
                                   .n_attributes = 1};
  return mixc_cuda_check(driver, driver->launch_kernel_ex(&config, function, addresses, NULL), "cuLaunchKernelEx");
}

mixc_status mixc_run_on_cuda(const mixc_call *call, const mixc_plan *plan, const mixc_cuda_module *module, void *workspace, size_t bytes,
                             CUstream stream) {
  const mixc_cuda_driver *driver;
  const mixc_variant_desc *variant = &call->desc->variants[plan->variant];
  int64_t params[MIXC_MAX_INTEGERS], blocks[MIXC_MAX_LAUNCHES];
  void *addresses[MIXC_MAX_PARAMS];
  mixc_layout layout;
  char *base;
  MIXC_TRY(mixc_cuda_driver_get(&driver));
  MIXC_TRY(mixc_lay_out(call, plan, 0, &layout));
  MIXC_TRY(mixc_place(call, plan, &layout, workspace, bytes, &base));
  for (int32_t l = 0; l < variant->n_launches; ++l) {
    MIXC_TRY(mixc_count_blocks(call, plan, &variant->launches[l], &blocks[l]));
    // A persistent block counts on by as many as are launched, in 31 bits.
    const int32_t most = variant->launches[l].persistent ? CU_MAX_GRID / 2 : CU_MAX_GRID;
    if (blocks[l] > most)
      return mixc_fail(MIXC_INVALID_ARGUMENT,
                       "%s: kernel '%s': expected at most %d blocks, got %lld with B = %lld, T = %lld: cut the batch", call->desc->name,
                       variant->launches[l].symbol, most, (long long)blocks[l], (long long)call->B, (long long)call->T);
  }
  int32_t n = mixc_fill_params(call, plan, &layout, base, params);
  for (int32_t i = 0; i < n; ++i)
    addresses[i] = &params[i];
  for (int32_t l = 0; l < variant->n_launches; ++l) {
    const mixc_launch_desc *launch = &variant->launches[l];
    const int32_t index = module->first[plan->variant] + l;
    const int64_t launched = blocks_to_launch(call, plan, launch, blocks[l], module->resident[index]);
    if (blocks[l] > 0)
      MIXC_TRY(launch_kernel(driver, call, launch, module->functions[index], blocks[l], launched, stream, addresses, n));
  }
  return mixc_ok();
}
