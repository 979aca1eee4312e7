// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "cpu.h"

#include "threads.h"

#include <cpuid.h>
#include <string.h>

typedef struct registers {
  uint32_t eax, ebx, ecx, edx;
} registers;

static registers query(uint32_t leaf) {
  registers r = {0, 0, 0, 0};
  __get_cpuid_count(leaf, 0, &r.eax, &r.ebx, &r.ecx, &r.edx);
  return r;
}

// Register state that the operating system saves, XCR0.
static uint32_t saved_state(void) {
  uint32_t low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

static bool has_all(uint32_t value, uint32_t bits) { return (value & bits) == bits; }

// -1: below v3.
static int32_t machine_level(void) {
  const uint32_t avx_state = 0x06, avx512_state = 0xe6; // XMM and YMM; also masks and ZMM
  registers basic = query(1), extended = query(7), amd = query(0x80000001);
  if (!has_all(basic.ecx, bit_OSXSAVE | bit_AVX | bit_FMA | bit_F16C | bit_MOVBE) ||
      !has_all(extended.ebx, bit_AVX2 | bit_BMI | bit_BMI2) || !has_all(amd.ecx, bit_LZCNT) || !has_all(saved_state(), avx_state))
    return -1;
  if (!has_all(extended.ebx, bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL | bit_AVX512CD) ||
      !has_all(saved_state(), avx512_state))
    return MIXC_CPU_V3;
  return MIXC_CPU_V4;
}

const char *mixc_cpu_level_name(int32_t level) { return level == MIXC_CPU_V4 ? "x86-64-v4" : "x86-64-v3"; }

mixc_status mixc_detect_cpu_level(const char *forced, int32_t *level) {
  *level = machine_level();
  if (*level < 0)
    return mixc_fail(MIXC_UNSUPPORTED, "expected a CPU of level x86-64-v3 (AVX2, FMA, F16C), got a lower one");
  if (!forced || !*forced)
    return mixc_ok();
  if (strcmp(forced, "v3") && strcmp(forced, "v4"))
    return mixc_fail(MIXC_INVALID_ARGUMENT, "MIXC_CPU: expected v3 or v4, got '%s'", forced);
  int32_t wanted = forced[1] == '4' ? MIXC_CPU_V4 : MIXC_CPU_V3;
  if (wanted > *level)
    return mixc_fail(MIXC_UNSUPPORTED, "MIXC_CPU: expected at most v3 on this machine, got v4");
  *level = wanted;
  return mixc_ok();
}

static mixc_cpu_kernel kernel_of(const mixc_launch_desc *launch, int32_t level) {
  while (level > 0 && !launch->cpu[level])
    --level;
  return launch->cpu[level];
}

bool mixc_cpu_runs(const mixc_variant_desc *variant, int32_t level) {
  if (variant->device != MIXC_DEVICE_CPU)
    return false;
  for (int32_t l = 0; l < variant->n_launches; ++l)
    if (!kernel_of(&variant->launches[l], level))
      return false;
  return true;
}

typedef struct cpu_launch {
  mixc_cpu_kernel kernel;
  const int64_t *params;
  char *scratch;
  int64_t scratch_stride;
} cpu_launch;

static void run_block(void *context, int64_t block, int32_t worker) {
  const cpu_launch *launch = context;
  launch->kernel(launch->params, block, launch->scratch + worker * launch->scratch_stride);
}

// Decays that are checked: cleared before the kernels, looked through after them.
static void clear_bounds(const mixc_call *call, const mixc_plan *plan, const mixc_layout *layout, char *base) {
  const mixc_variant_desc *variant = &call->desc->variants[plan->variant];
  for (int32_t b = 0; b < variant->n_buffers; ++b)
    if (variant->buffers[b].checked)
      memset(base + layout->buffers[b], 0, sizeof(float) * (size_t)mixc_buffer_elements(call, plan, &variant->buffers[b]));
}

static mixc_status check_bounds(const mixc_call *call, const mixc_plan *plan, const mixc_layout *layout, const char *base) {
  const mixc_variant_desc *variant = &call->desc->variants[plan->variant];
  for (int32_t b = 0; b < variant->n_buffers; ++b) {
    const mixc_buffer_desc *buffer = &variant->buffers[b];
    const int64_t all = mixc_buffer_elements(call, plan, buffer);
    if (buffer->checked)
      MIXC_TRY(mixc_check_bound(call, buffer, (const float *)(base + layout->buffers[b]), 0, all, all));
  }
  return mixc_ok();
}

mixc_status mixc_run_on_cpu(const mixc_call *call, const mixc_plan *plan, int32_t level, void *workspace, size_t bytes) {
  const mixc_variant_desc *variant = &call->desc->variants[plan->variant];
  int64_t params[MIXC_MAX_INTEGERS], blocks[MIXC_MAX_LAUNCHES];
  mixc_layout layout;
  char *base;
  MIXC_TRY(mixc_lay_out(call, plan, call->threads.count, &layout));
  MIXC_TRY(mixc_place(call, plan, &layout, workspace, bytes, &base));
  for (int32_t l = 0; l < variant->n_launches; ++l)
    MIXC_TRY(mixc_count_blocks(call, plan, &variant->launches[l], &blocks[l]));
  clear_bounds(call, plan, &layout, base);
  cpu_launch launch = {.params = params, .scratch_stride = layout.scratch_stride};
  launch.scratch = layout.scratch_stride ? base + layout.scratch : NULL;
  for (int32_t l = 0; l < variant->n_launches; ++l) {
    if (l == 0 || call->copied)
      mixc_fill_params(call, plan, &layout, &variant->launches[l], base, params);
    launch.kernel = kernel_of(&variant->launches[l], level);
    if (call->threads.run)
      MIXC_TRY(mixc_parallel_for_on(call->desc->name, &call->threads, run_block, &launch, blocks[l]));
    else
      mixc_parallel_for(run_block, &launch, blocks[l], call->threads.count);
  }
  return check_bounds(call, plan, &layout, base);
}
