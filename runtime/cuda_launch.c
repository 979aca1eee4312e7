// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A call's launches: one after the other in the order of the variant's kernels, which is that of its tile program; each with its tensor
// maps, and, where blocks are persistent, with as many blocks as run at once.

#include "cuda.h"

static int32_t map_type(const mixc_tensor_desc *tensor) {
  return tensor->dtype == MIXC_BF16 ? CU_TENSOR_MAP_BFLOAT16 : tensor->dtype == MIXC_F16 ? CU_TENSOR_MAP_FLOAT16 : CU_TENSOR_MAP_FLOAT32;
}

static int32_t map_swizzle(int32_t bytes) {
  return bytes == 128  ? CU_TENSOR_MAP_SWIZZLE_128B
         : bytes == 64 ? CU_TENSOR_MAP_SWIZZLE_64B
         : bytes == 32 ? CU_TENSOR_MAP_SWIZZLE_32B
                       : CU_TENSOR_MAP_SWIZZLE_NONE;
}

// What cuTensorMapEncodeTiled is told is sure to be legal: the tensor is aligned as mixc_variant_desc says. Of packed sequences, that the
// tensor begins T tokens before its first one, and has twice as many indices along B as tokens: kernels add to the coordinates so that each
// sequence ends where the tensor does.
static mixc_status encode_map(const mixc_cuda_driver *driver, const mixc_call *call, const mixc_tensor_map_desc *desc, cu_tensor_map *map) {
  const mixc_tensor_desc *tensor = &call->desc->tensors[desc->tensor];
  // Innermost dimension first, whose stride is not given.
  uint64_t sizes[MIXC_MAX_RANK], strides[MIXC_MAX_RANK];
  uint32_t box[MIXC_MAX_RANK], steps[MIXC_MAX_RANK];
  *map = (cu_tensor_map){{0}};
  if (!call->data[desc->tensor])
    return mixc_ok();
  const int32_t batch = mixc_dim_of(tensor->sizes, tensor->rank, MIXC_DIM_B), tokens = mixc_dim_of(tensor->sizes, tensor->rank, MIXC_DIM_T);
  const bool packed = mixc_is_packed(call) && call->T > 0 && batch >= 0 && tokens >= 0;
  char *first = call->data[desc->tensor];
  if (packed)
    first -= call->T * call->strides[desc->tensor][tokens] * mixc_element_bytes(tensor);
  for (int32_t d = 0; d < tensor->rank; ++d) {
    int32_t dim = tensor->rank - 1 - d;
    int64_t size = packed && dim == batch ? 2 * call->T : mixc_size_of(call, tensor, dim);
    sizes[d] = size > 0 ? (uint64_t)size : 1;
    strides[d] = size > 1 || (packed && dim == tokens) ? (uint64_t)(call->strides[desc->tensor][dim] * mixc_element_bytes(tensor)) : 16;
    box[d] = (uint32_t)desc->box[dim];
    steps[d] = 1;
  }
  cu_result result = driver->tensor_map_encode_tiled(map, map_type(tensor), (uint32_t)tensor->rank, first, sizes, strides + 1, box, steps,
                                                     CU_TENSOR_MAP_INTERLEAVE_NONE, map_swizzle(desc->swizzle),
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
  int32_t n = 0;
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
  MIXC_TRY(mixc_cuda_clear_bounds(driver, call, plan, &layout, base, stream));
  for (int32_t l = 0; l < variant->n_launches; ++l) {
    const mixc_launch_desc *launch = &variant->launches[l];
    const int32_t index = module->first[plan->variant] + l;
    const int64_t launched = blocks_to_launch(call, plan, launch, blocks[l], module->resident[index]);
    if (blocks[l] == 0)
      continue;
    if (n == 0 || call->copied) { // the driver takes what the addresses hold at each launch
      n = mixc_fill_params(call, plan, &layout, launch, base, params);
      for (int32_t i = 0; i < n; ++i)
        addresses[i] = &params[i];
    }
    MIXC_TRY(launch_kernel(driver, call, launch, module->functions[index], blocks[l], launched, stream, addresses, n));
  }
  return mixc_cuda_check_bounds(driver, call, plan, &layout, base, stream);
}
