// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

extern "C" {
#include "cpu.h"
}
#include "ToySpec.h"

#include <gtest/gtest.h>

#include <chrono>
#include <climits>
#include <cmath>
#include <memory>
#include <string>
#include <thread>
#include <tuple>

namespace {

// Runs with exactly the workspace that was asked for, from malloc, at an odd address.
mixc_status run(const toy::Spec &spec, toy::Call &call, int32_t variant, int64_t splits) {
  mixc_plan plan = {variant};
  plan.splits = splits;
  mixc_status status = mixc_spec_plan(&spec.desc, MIXC_DEVICE_CPU, &call.args, &plan);
  if (status.code != MIXC_OK)
    return status;
  std::vector<char> workspace(plan.workspace_bytes + 1);
  return mixc_spec_run_cpu_with(&spec.desc, &plan, &call.args, workspace.data() + 1, plan.workspace_bytes);
}

bool hasAvx512() { return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl"); }

void nothing(const int64_t *, int64_t, void *) {}

} // namespace

TEST(Cpu, EveryVariantAndSplit) {
  toy::Spec spec;
  for (int64_t B : {1, 3})
    for (int64_t T : {1, 3, 4, 5, 31, 64, 101})
      for (int32_t variant : {toy::scan, toy::quadratic})
        for (int64_t splits : {1, 2, 3, 16}) {
          toy::Call call(B, T);
          ASSERT_STREQ(run(spec, call, variant, splits).message, "");
          EXPECT_EQ(call.y, call.expectedY()) << "B " << B << " T " << T << " variant " << variant << " splits " << splits;
          EXPECT_EQ(call.hT, call.expectedState());
        }
}

// The first buffer of the scan holds the sums of segments of T.
TEST(Cpu, BoundsAreChecked) {
  toy::Spec spec;
  spec.buffers[0].checked = "'g'";
  toy::Call call(2, 8);
  std::fill(call.x.begin(), call.x.end(), 1.0f);
  spec.buffers[0].most = 4;
  EXPECT_STREQ(run(spec, call, toy::scan, 2).message, "");
  call.x.back() = 9; // of the second sequence
  EXPECT_STREQ(
      run(spec, call, toy::scan, 2).message,
      "toy: 'g': expected decays of at least -4, as the spec says, got -12 in sequence 1; declare a smaller bound, leave it out, or "
      "clamp the decay, as in max(g, -4)");
  call.x.back() = NAN; // no number that breaks a bound
  EXPECT_STREQ(run(spec, call, toy::scan, 2).message, "");
}

// What an environment variable says is taken or refused, never ignored.
TEST(Cpu, EnvironmentIsChecked) {
  for (auto [variable, text, message] :
       {std::tuple{"MIXC_NUM_THREADS", "abc", "MIXC_NUM_THREADS: expected a number from 1 to 1024, got 'abc'"},
        {"MIXC_NUM_THREADS", "0", "MIXC_NUM_THREADS: expected a number from 1 to 1024, got '0'"},
        {"MIXC_NUM_THREADS", "2x", "MIXC_NUM_THREADS: expected a number from 1 to 1024, got '2x'"},
        {"MIXC_SPLITS", "-1", "MIXC_SPLITS: expected a number from 1 to 2147483647, got '-1'"},
        {"MIXC_SPLITS", "99999999999999999999", "MIXC_SPLITS: expected a number from 1 to 2147483647, got '99999999999999999999'"},
        {"MIXC_ALGORITHM", "fft",
         "toy: MIXC_ALGORITHM: expected an algorithm or variant of the object (scan, quadratic, scan4), got 'fft'"},
        {"MIXC_CPU", "v9", "MIXC_CPU: expected v3 or v4, got 'v9'"}}) {
    toy::Spec spec;
    toy::Call call(1, 8);
    std::string before = getenv(variable) ? getenv(variable) : "";
    setenv(variable, text, 1);
    mixc_status status = run(spec, call, -1, 0);
    EXPECT_EQ(status.code, MIXC_INVALID_ARGUMENT) << variable;
    EXPECT_STREQ(status.message, message);
    before.empty() ? unsetenv(variable) : setenv(variable, before.c_str(), 1);
  }
}

// Planning takes as long for 2^61 tokens as for a thousand.
TEST(Cpu, HugeCallsArePlannedAtOnce) {
  toy::Spec spec;
  for (mixc_variant_desc &variant : spec.variants)
    variant.max_splits = MIXC_MAX_SPLITS;
  for (auto [B, T] : {std::pair<int64_t, int64_t>{0, int64_t(1) << 61}, {1, int64_t(1) << 48}, {0, MIXC_MAX_LENGTH}}) {
    toy::Call call(1, 1);
    call.args.B = B;
    call.args.T = T;
    mixc_plan plan = {-1};
    auto start = std::chrono::steady_clock::now();
    mixc_status status = mixc_spec_plan(&spec.desc, MIXC_DEVICE_CPU, &call.args, &plan);
    std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    EXPECT_STREQ(status.message, "") << "B " << B << " T " << T;
    EXPECT_LT(seconds.count(), 1) << "B " << B << " T " << T;
  }
}

TEST(Cpu, AbsentStates) {
  toy::Spec spec;
  for (int32_t variant : {toy::scan, toy::quadratic}) {
    toy::Call call(2, 33);
    call.args.tensors[toy::H0].data = call.args.tensors[toy::HT].data = nullptr;
    ASSERT_STREQ(run(spec, call, variant, 4).message, "");
    EXPECT_EQ(call.y, call.expectedY());
  }
}

// A condition that does not hold leaves its kernel out.
TEST(Cpu, Conditions) {
  static std::vector<std::string> *log;
  std::vector<std::string> names;
  log = &names;
  toy::Spec spec;
  spec.variants[toy::scan].max_splits = 16;
  std::vector<mixc_launch_desc> launches(6);
  const char *symbols[] = {"always", "split", "state", "one_pass", "split_state", "between"};
  const int32_t conditions[] = {MIXC_WHEN_ALWAYS, MIXC_WHEN_SPLIT, MIXC_WHEN_STATE, MIXC_WHEN_ONE_PASS, MIXC_WHEN_SPLIT | MIXC_WHEN_STATE,
                                MIXC_WHEN_BETWEEN};
  const mixc_cpu_kernel kernels[] = {[](const int64_t *, int64_t, void *) { log->push_back("always"); },
                                     [](const int64_t *, int64_t, void *) { log->push_back("split"); },
                                     [](const int64_t *, int64_t, void *) { log->push_back("state"); },
                                     [](const int64_t *, int64_t, void *) { log->push_back("one_pass"); },
                                     [](const int64_t *, int64_t, void *) { log->push_back("split_state"); },
                                     [](const int64_t *, int64_t, void *) { log->push_back("between"); }};
  for (int i = 0; i < 6; ++i)
    launches[i] = toy::makeLaunch(symbols[i], kernels[i], false, conditions[i]);
  spec.variants[toy::scan].launches = launches.data();
  spec.variants[toy::scan].n_launches = 6;
  auto launched = [&](int64_t splits, bool state) {
    toy::Call call(1, 64);
    if (!state)
      call.args.tensors[toy::HT].data = nullptr;
    names.clear();
    EXPECT_STREQ(run(spec, call, toy::scan, splits).message, "");
    return names;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(launched(1, false), (Names{"always", "one_pass"}));
  EXPECT_EQ(launched(1, true), (Names{"always", "state", "one_pass"}));
  EXPECT_EQ(launched(2, false), (Names{"always", "split"}));
  EXPECT_EQ(launched(2, true), (Names{"always", "split", "state", "split_state"}));
  EXPECT_EQ(launched(3, false), (Names{"always", "split", "between"}));
}

TEST(Cpu, StatesInPlaceAreCopiedBefore) {
  for (int64_t T : {0, 1, 40}) {
    toy::Spec spec;
    spec.copyBefore();
    toy::Call call(3, T);
    const std::vector<float> y = call.expectedY(), state = T > 0 ? call.expectedState() : call.h0;
    call.args.tensors[toy::HT].data = call.h0.data();
    ASSERT_STREQ(run(spec, call, toy::scan, 3).message, "");
    EXPECT_EQ(call.y, y);
    EXPECT_EQ(call.h0, state);
  }
}

TEST(Cpu, NoTokensCarryTheStateOver) {
  toy::Spec spec;
  for (int32_t variant : {toy::scan, toy::quadratic}) {
    toy::Call call(3, 0);
    ASSERT_STREQ(run(spec, call, variant, 0).message, "");
    EXPECT_EQ(call.hT, call.h0);
    toy::Call fresh(3, 0);
    fresh.args.tensors[toy::H0].data = nullptr;
    ASSERT_STREQ(run(spec, fresh, variant, 0).message, "");
    EXPECT_EQ(fresh.hT, std::vector<float>(fresh.hT.size(), 0));
  }
}

TEST(Cpu, NoSequences) {
  toy::Spec spec;
  for (int32_t variant : {toy::scan, toy::quadratic}) {
    toy::Call call(0, 10);
    EXPECT_STREQ(run(spec, call, variant, 0).message, "");
  }
}

TEST(Cpu, Strides) {
  toy::Spec spec;
  toy::Call call(2, 9);
  // x and y as [T,B,P] in memory, y with gaps.
  std::vector<float> x(call.x.size()), y(call.y.size() * 2, -1);
  for (int64_t b = 0; b < 2; ++b)
    for (int64_t t = 0; t < 9; ++t)
      for (int64_t i = 0; i < toy::P; ++i)
        x[(t * 2 + b) * toy::P + i] = call.x[(b * 9 + t) * toy::P + i];
  call.args.tensors[toy::X] = {x.data(), {toy::P, 2 * toy::P, 1}};
  call.args.tensors[toy::Y] = {y.data(), {2 * toy::P, 4 * toy::P, 2}};
  ASSERT_STREQ(run(spec, call, toy::scan, 3).message, "");
  std::vector<float> expected = call.expectedY();
  for (int64_t b = 0; b < 2; ++b)
    for (int64_t t = 0; t < 9; ++t)
      for (int64_t i = 0; i < toy::P; ++i) {
        EXPECT_EQ(y[(t * 2 + b) * 2 * toy::P + 2 * i], expected[(b * 9 + t) * toy::P + i]);
        EXPECT_EQ(y[(t * 2 + b) * 2 * toy::P + 2 * i + 1], -1);
      }
}

TEST(Cpu, DefaultCallMatchesItsWorkspaceQuery) {
  toy::Spec spec;
  for (int64_t T : {0, 1, 7, 64, 1000, 5000}) {
    toy::Call call(1, T);
    size_t bytes = mixc_spec_workspace_bytes(&spec.desc, &call.args);
    std::vector<char> workspace(bytes);
    ASSERT_STREQ(mixc_spec_run_cpu(&spec.desc, &call.args, workspace.data(), bytes).message, "");
    EXPECT_EQ(call.y, call.expectedY());
    if (bytes > 0) {
      mixc_status status = mixc_spec_run_cpu(&spec.desc, &call.args, workspace.data(), bytes - 1);
      EXPECT_EQ(status.code, MIXC_WORKSPACE);
    }
  }
}

TEST(Cpu, WorkspaceErrors) {
  toy::Spec spec;
  toy::Call call(1, 64);
  mixc_plan plan = {toy::scan};
  plan.splits = 2;
  ASSERT_STREQ(mixc_spec_plan(&spec.desc, MIXC_DEVICE_CPU, &call.args, &plan).message, "");
  // Two buffers and four threads' scratch of 256 bytes each, and room to align.
  ASSERT_EQ(plan.workspace_bytes, 2 * 256 + 4 * 256 + 255u);
  std::vector<char> workspace(plan.workspace_bytes);
  mixc_status status = mixc_spec_run_cpu_with(&spec.desc, &plan, &call.args, workspace.data(), 100);
  EXPECT_EQ(status.code, MIXC_WORKSPACE);
  EXPECT_STREQ(status.message, "toy: workspace: expected at least 1791 bytes (variant 'scan4', 2 splits), got 100");
  status = mixc_spec_run_cpu_with(&spec.desc, &plan, &call.args, nullptr, plan.workspace_bytes);
  EXPECT_EQ(status.code, MIXC_WORKSPACE);
  EXPECT_STREQ(status.message, "toy: workspace: expected 1791 bytes (variant 'scan4'), got null");
}

TEST(Cpu, InvalidArgumentsNeedNoWorkspace) {
  toy::Spec spec;
  toy::Call call(1, 64);
  call.args.T = -1;
  EXPECT_EQ(mixc_spec_workspace_bytes(&spec.desc, &call.args), 0u);
  EXPECT_STREQ(mixc_spec_run_cpu(&spec.desc, &call.args, nullptr, 0).message, "toy: T: expected 0 to 4611686018427387904, got -1");
}

TEST(Cpu, WorkspaceOverflow) {
  toy::Spec spec;
  toy::Call call(1, 1);
  mixc_buffer_desc squared = {{MIXC_DIM_T, MIXC_DIM_T, toy::P}, 3, 0};
  spec.buffers[0] = spec.buffers[1] = squared;
  spec.variants[toy::scan].buffers = spec.buffers.data();
  spec.variants[toy::scan].n_buffers = 2;
  call.args.T = int64_t(1) << 40;
  mixc_plan plan = {toy::scan};
  EXPECT_STREQ(mixc_spec_plan(&spec.desc, MIXC_DEVICE_CPU, &call.args, &plan).message,
               "toy: workspace: expected less than 2^63 bytes, got more with B = 1, T = 1099511627776, variant 'scan4'");
}

TEST(Cpu, BlockCountOverflow) {
  toy::Spec spec;
  toy::Call call(4, 4);
  spec.quadraticLaunches[0].blocks = INT64_MAX;
  EXPECT_STREQ(run(spec, call, toy::quadratic, 1).message,
               "toy: kernel 'toy_rows': expected fewer than 2^63 blocks, got more with B = 4, T = 4");
}

TEST(Cpu, ManyCallersOfAFreshSpec) {
  toy::Spec spec;
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i)
    callers.emplace_back([&spec, i] {
      for (int round = 0; round < 30; ++round) {
        toy::Call call(1 + i % 3, 20 + 7 * i + round);
        ASSERT_STREQ(run(spec, call, toy::scan, 1 + (i + round) % 6).message, "");
        ASSERT_EQ(call.y, call.expectedY());
        ASSERT_EQ(call.hT, call.expectedState());
      }
    });
  for (std::thread &caller : callers)
    caller.join();
}

TEST(Cpu, LoadThenCall) {
  toy::Spec spec;
  ASSERT_STREQ(mixc_spec_load(&spec.desc, {MIXC_DEVICE_CPU, 0}).message, "");
  EXPECT_NE(spec.cache, nullptr);
  mixc_machine machine;
  int32_t level = -1;
  ASSERT_STREQ(mixc_spec_machine(&spec.desc, MIXC_DEVICE_CPU, &machine, &level).message, "");
  EXPECT_EQ(machine.units, mixc_num_threads());
  EXPECT_EQ(machine.copy_bandwidth, spec.machine.copy_bandwidth);
  EXPECT_STREQ(mixc_spec_load(&spec.desc, {5, 0}).message, "toy: device.kind: expected 0 (CPU) or 1 (CUDA), got 5");
}

TEST(Cpu, OldObjectIsRefused) {
  toy::Spec spec;
  spec.desc.abi_version = 0;
  toy::Call call(1, 1);
  EXPECT_EQ(mixc_spec_run_cpu(&spec.desc, &call.args, nullptr, 0).code, MIXC_ABI_MISMATCH);
  EXPECT_EQ(mixc_spec_workspace_bytes(&spec.desc, &call.args), 0u);
}

TEST(Cpu, LevelCanBeLowered) {
  int32_t level = -1;
  ASSERT_STREQ(mixc_detect_cpu_level(nullptr, &level).message, "");
  EXPECT_EQ(level, hasAvx512() ? MIXC_CPU_V4 : MIXC_CPU_V3);
  ASSERT_STREQ(mixc_detect_cpu_level("v3", &level).message, "");
  EXPECT_EQ(level, MIXC_CPU_V3);
  EXPECT_STREQ(mixc_detect_cpu_level("v5", &level).message, "MIXC_CPU: expected v3 or v4, got 'v5'");
  if (!hasAvx512()) {
    EXPECT_STREQ(mixc_detect_cpu_level("v4", &level).message, "MIXC_CPU: expected at most v3 on this machine, got v4");
  }
}

TEST(Cpu, KernelsOfALowerLevelServe) {
  toy::Spec spec;
  EXPECT_TRUE(mixc_cpu_runs(&spec.variants[toy::scan], MIXC_CPU_V3));
  EXPECT_TRUE(mixc_cpu_runs(&spec.variants[toy::scan], MIXC_CPU_V4));
  spec.scanLaunches[1].cpu[MIXC_CPU_V3] = nullptr;
  spec.scanLaunches[1].cpu[MIXC_CPU_V4] = nothing;
  EXPECT_FALSE(mixc_cpu_runs(&spec.variants[toy::scan], MIXC_CPU_V3));
  EXPECT_TRUE(mixc_cpu_runs(&spec.variants[toy::scan], MIXC_CPU_V4));
}

TEST(Cpu, ObjectWithoutCpuCode) {
  toy::Spec spec(MIXC_DEVICE_CUDA);
  toy::Call call(1, 1);
  EXPECT_STREQ(mixc_spec_run_cpu(&spec.desc, &call.args, nullptr, 0).message,
               "toy: expected CPU code in the object, got none: compile for a CPU target");
}
