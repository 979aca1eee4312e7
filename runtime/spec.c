// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The entry points behind a spec's generated functions.

#include "cpu.h"
#include "cuda.h"
#include "environment.h"
#include "threads.h"

#include <pthread.h>
#include <stdlib.h>

#define ENVIRONMENT_BYTES 64

// What the runtime knows of a spec once it is loaded; constant from then on, but for the list of modules.
typedef struct spec_state {
  mixc_cuda_modules modules;
  mixc_machine cpu_machine;          // the descriptor's, with the threads of the process's pool as units
  int32_t cpu_level;                 // -1: none that runs here; GPU calls work all the same
  int64_t splits;                    // MIXC_SPLITS
  char algorithm[ENVIRONMENT_BYTES]; // MIXC_ALGORITHM
  uint8_t cpu_runnable[];            // for each variant
} spec_state;

static pthread_mutex_t state_lock = PTHREAD_MUTEX_INITIALIZER;

static mixc_status read_environment(spec_state *state) {
  const char *algorithm = getenv("MIXC_ALGORITHM");
  mixc_text text = mixc_text_in(state->algorithm, sizeof state->algorithm);
  mixc_text_append(&text, "%s", algorithm ? algorithm : "");
  int64_t threads; // read for its error: the pool has its own
  MIXC_TRY(mixc_read_count("MIXC_NUM_THREADS", MIXC_MAX_THREADS, &threads));
  return mixc_read_count("MIXC_SPLITS", MIXC_MAX_SPLITS, &state->splits);
}

static mixc_status fill_state(const mixc_spec_desc *desc, spec_state *state) {
  MIXC_TRY(read_environment(state));
  if (!desc->cpu_machine)
    return mixc_ok();
  if (mixc_detect_cpu_level(getenv("MIXC_CPU"), &state->cpu_level).code != MIXC_OK)
    state->cpu_level = -1;
  state->cpu_machine = *desc->cpu_machine;
  state->cpu_machine.units = mixc_num_threads();
  for (int32_t v = 0; v < desc->n_variants; ++v)
    state->cpu_runnable[v] = state->cpu_level >= 0 && mixc_cpu_runs(&desc->variants[v], state->cpu_level);
  return mixc_ok();
}

static mixc_status make_state(const mixc_spec_desc *desc, spec_state **out) {
  MIXC_TRY(mixc_check_desc(desc));
  spec_state *state = calloc(1, sizeof *state + (size_t)desc->n_variants);
  if (!state)
    return mixc_fail(MIXC_OUT_OF_MEMORY, "%s: expected memory for the spec's state, got none", desc->name);
  mixc_status status = fill_state(desc, state);
  if (status.code != MIXC_OK) {
    free(state);
    return status;
  }
  __atomic_store_n(desc->cache, state, __ATOMIC_RELEASE);
  *out = state;
  return status;
}

static mixc_status get_state(const mixc_spec_desc *desc, spec_state **state) {
  if ((*state = __atomic_load_n(desc->cache, __ATOMIC_ACQUIRE)))
    return mixc_ok();
  pthread_mutex_lock(&state_lock);
  mixc_status status = mixc_ok();
  if (!(*state = __atomic_load_n(desc->cache, __ATOMIC_ACQUIRE)))
    status = make_state(desc, state);
  pthread_mutex_unlock(&state_lock);
  return status;
}

static mixc_target target_with(const spec_state *state, mixc_target target) {
  target.algorithm = *state->algorithm ? state->algorithm : NULL;
  target.splits = state->splits;
  return target;
}

static mixc_status cpu_target(const spec_state *state, mixc_target *target) {
  int32_t level;
  if (state->cpu_level < 0) // once more, for the message
    MIXC_TRY(mixc_detect_cpu_level(getenv("MIXC_CPU"), &level));
  *target = target_with(state, (mixc_target){.machine = &state->cpu_machine,
                                             .device = MIXC_DEVICE_CPU,
                                             .runnable = state->cpu_runnable,
                                             .machine_text = mixc_cpu_level_name(state->cpu_level)});
  return mixc_ok();
}

static mixc_target cuda_target(const spec_state *state, const mixc_cuda_module *module) {
  return target_with(
      state,
      (mixc_target){.machine = &module->machine, .device = MIXC_DEVICE_CUDA, .runnable = module->runnable, .machine_text = module->text});
}

static mixc_status get_target(const mixc_spec_desc *desc, spec_state *state, int32_t device_kind, mixc_target *target,
                              mixc_cuda_module **module) {
  if (device_kind == MIXC_DEVICE_CPU)
    return cpu_target(state, target);
  if (device_kind != MIXC_DEVICE_CUDA)
    return mixc_fail(MIXC_INVALID_ARGUMENT, "%s: device.kind: expected 0 (CPU) or 1 (CUDA), got %d", desc->name, (int)device_kind);
  MIXC_TRY(mixc_cuda_module_get(desc, &state->modules, module));
  *target = cuda_target(state, *module);
  return mixc_ok();
}

// A call's CPU is as many of the machine's units as it has threads; `machine` has room for that.
static void limit_units(const mixc_call *call, mixc_target *target, mixc_machine *machine) {
  if (target->device != MIXC_DEVICE_CPU)
    return;
  *machine = *target->machine;
  machine->units = call->threads.count;
  target->machine = machine;
}

static const mixc_plan open_plan = {.variant = -1};

static mixc_status measure_workspace(const mixc_call *call, int32_t device_kind, mixc_plan *plan) {
  mixc_layout layout;
  MIXC_TRY(mixc_lay_out(call, plan, device_kind == MIXC_DEVICE_CPU ? call->threads.count : 0, &layout));
  plan->workspace_bytes = (uint64_t)layout.bytes;
  return mixc_ok();
}

mixc_status mixc_spec_load(const mixc_spec_desc *desc, mixc_device device) {
  spec_state *state;
  MIXC_TRY(get_state(desc, &state));
  if (device.kind == MIXC_DEVICE_CUDA && desc->cuda_machine)
    return mixc_cuda_load_on(desc, &state->modules, device.ordinal);
  mixc_target target;
  mixc_cuda_module *module;
  MIXC_TRY(get_target(desc, state, device.kind, &target, &module));
  mixc_start_threads();
  return mixc_ok();
}

mixc_status mixc_spec_plan(const mixc_spec_desc *desc, int32_t device_kind, const void *args, mixc_plan *plan) {
  spec_state *state;
  mixc_call call;
  mixc_target target;
  mixc_machine machine;
  mixc_cuda_module *module;
  MIXC_TRY(get_state(desc, &state));
  MIXC_TRY(get_target(desc, state, device_kind, &target, &module));
  MIXC_TRY(mixc_check_args(desc, args, false, &call));
  limit_units(&call, &target, &machine);
  MIXC_TRY(mixc_choose(&call, &target, plan));
  return measure_workspace(&call, device_kind, plan);
}

size_t mixc_spec_workspace_bytes(const mixc_spec_desc *desc, const void *args) {
  mixc_plan cpu = open_plan, cuda = open_plan;
  bool has_cpu = desc->cpu_machine && mixc_spec_plan(desc, MIXC_DEVICE_CPU, args, &cpu).code == MIXC_OK;
  bool has_cuda = desc->cuda_machine && mixc_spec_plan(desc, MIXC_DEVICE_CUDA, args, &cuda).code == MIXC_OK;
  uint64_t for_cpu = has_cpu ? cpu.workspace_bytes : 0, for_cuda = has_cuda ? cuda.workspace_bytes : 0;
  return for_cpu > for_cuda ? for_cpu : for_cuda;
}

mixc_status mixc_spec_run_cpu_with(const mixc_spec_desc *desc, const mixc_plan *plan, const void *args, void *workspace,
                                   size_t workspace_bytes) {
  spec_state *state;
  mixc_call call;
  mixc_plan chosen = *plan;
  MIXC_TRY(get_state(desc, &state));
  MIXC_TRY(mixc_check_args(desc, args, true, &call));
  MIXC_TRY(mixc_check_arrays(&call));
  mixc_target target;
  mixc_machine machine;
  MIXC_TRY(cpu_target(state, &target));
  limit_units(&call, &target, &machine);
  MIXC_TRY(mixc_choose(&call, &target, &chosen));
  return mixc_run_on_cpu(&call, &chosen, state->cpu_level, workspace, workspace_bytes);
}

mixc_status mixc_spec_run_cuda_with(const mixc_spec_desc *desc, const mixc_plan *plan, const void *args, void *workspace,
                                    size_t workspace_bytes, CUstream stream) {
  spec_state *state;
  mixc_call call;
  mixc_cuda_module *module;
  mixc_plan chosen = *plan;
  MIXC_TRY(get_state(desc, &state));
  MIXC_TRY(mixc_check_args(desc, args, true, &call));
  MIXC_TRY(mixc_cuda_module_get(desc, &state->modules, &module));
  mixc_target target = cuda_target(state, module);
  MIXC_TRY(mixc_choose(&call, &target, &chosen));
  return mixc_run_on_cuda(&call, &chosen, module, workspace, workspace_bytes, stream);
}

mixc_status mixc_spec_run_cpu(const mixc_spec_desc *desc, const void *args, void *workspace, size_t workspace_bytes) {
  return mixc_spec_run_cpu_with(desc, &open_plan, args, workspace, workspace_bytes);
}

mixc_status mixc_spec_run_cuda(const mixc_spec_desc *desc, const void *args, void *workspace, size_t workspace_bytes, CUstream stream) {
  return mixc_spec_run_cuda_with(desc, &open_plan, args, workspace, workspace_bytes, stream);
}

mixc_status mixc_spec_machine(const mixc_spec_desc *desc, int32_t device_kind, mixc_machine *machine, int32_t *level) {
  spec_state *state;
  mixc_target target;
  mixc_cuda_module *module = NULL;
  MIXC_TRY(get_state(desc, &state));
  MIXC_TRY(get_target(desc, state, device_kind, &target, &module));
  *machine = *target.machine;
  if (level)
    *level = module ? module->arch : state->cpu_level;
  return mixc_ok();
}
