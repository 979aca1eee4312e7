// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

extern "C" {
#include "call.h"
}
#include "ToySpec.h"

#include <gtest/gtest.h>

namespace {

struct Dispatch : testing::Test {
  Dispatch() {
    target.machine = &spec.machine;
    target.device = MIXC_DEVICE_CPU;
    target.runnable = runnable;
    target.machine_text = "x86-64-v3";
  }
  mixc_status choose(int64_t B, int64_t T) {
    toy::Call arguments(B, T);
    EXPECT_STREQ(mixc_check_args(&spec.desc, &arguments.args, true, &call).message, "");
    return mixc_choose(&call, &target, &plan);
  }
  toy::Spec spec;
  uint8_t runnable[toy::numVariants] = {1, 1};
  mixc_target target = {};
  mixc_call call;
  mixc_plan plan = {-1};
};

} // namespace

TEST_F(Dispatch, TakesTheSmallestPrediction) {
  for (int64_t B : {1, 2, 16})
    for (int64_t T : {1, 5, 64, 1000, 4096}) {
      plan = {-1};
      ASSERT_STREQ(choose(B, T).message, "");
      mixc_plan best = plan;
      EXPECT_EQ(best.seconds, mixc_cost_evaluate(&spec.machine, &spec.variants[best.variant].cost, B, T, best.splits, nullptr));
      for (int32_t v = 0; v < toy::numVariants; ++v)
        for (int64_t splits = 1; splits <= spec.variants[v].max_splits; ++splits)
          EXPECT_LE(best.seconds, mixc_cost_evaluate(&spec.machine, &spec.variants[v].cost, B, T, splits, nullptr))
              << "B " << B << " T " << T << " variant " << v << " splits " << splits;
    }
}

TEST_F(Dispatch, BothVariantsAndSplitsCanWin) {
  ASSERT_STREQ(choose(1, 4096).message, "");
  EXPECT_EQ(plan.variant, toy::scan);
  EXPECT_GT(plan.splits, 1);
  plan = {-1};
  ASSERT_STREQ(choose(64, 4096).message, "");
  EXPECT_EQ(plan.variant, toy::scan);
  EXPECT_EQ(plan.splits, 1);
  plan = {-1};
  ASSERT_STREQ(choose(1, 16).message, "");
  EXPECT_EQ(plan.variant, toy::quadratic);
}

TEST_F(Dispatch, SplitsAreWholeChunksAndNeverEmpty) {
  for (int64_t T : {0, 1, 4, 5, 16, 37, 40, 1000})
    for (int64_t splits : {1, 2, 3, 7, 16, 1000}) {
      plan = {toy::scan};
      plan.splits = splits;
      ASSERT_STREQ(choose(1, T).message, "");
      EXPECT_EQ(plan.span % toy::chunk, 0);
      EXPECT_GE(plan.splits, 1);
      EXPECT_LE(plan.splits, std::min<int64_t>(splits, 16));
      EXPECT_GE(plan.span * plan.splits, T);
      if (T > 0) {
        EXPECT_LT(plan.span * (plan.splits - 1), T) << "an empty split, T " << T << " splits " << splits;
      }
    }
}

// A last wave that fills at most half of the four units is halved: its first halves start with the first wave.
TEST_F(Dispatch, HalvesOfTheLastWave) {
  spec.variants[toy::scan].cost.halves = 1;
  spec.scanLaunches[2].halves = 1;
  auto plans = [&](int64_t B, int64_t T, int64_t splits) {
    plan = {toy::scan};
    plan.splits = splits;
    EXPECT_STREQ(choose(B, T).message, "");
    int64_t blocks = 0;
    mixc_layout layout;
    EXPECT_STREQ(mixc_count_blocks(&call, &plan, &spec.scanLaunches[2], &blocks).message, "");
    EXPECT_STREQ(mixc_lay_out(&call, &plan, 1, &layout).message, "");
    EXPECT_EQ(blocks, B * plan.splits + plan.halved);
    EXPECT_EQ(layout.buffers[0] >= 0, plan.splits > 1 || plan.halved > 0);
    return plan.halved;
  };
  EXPECT_EQ(plans(5, 4096, 1), 1);
  EXPECT_EQ(plans(6, 4096, 1), 2);
  EXPECT_EQ(plans(7, 4096, 1), 0) << "three of four units are busy";
  EXPECT_EQ(plans(8, 4096, 1), 0) << "no last wave";
  EXPECT_EQ(plans(2, 4096, 1), 0) << "no wave before it";
  EXPECT_EQ(plans(5, 4096, 2), 0) << "segments";
  EXPECT_EQ(plans(5, toy::chunk, 1), 0) << "one chunk";
  EXPECT_EQ(plans(5, 0, 1), 0) << "no tokens";
  double halved = (plans(5, 4096, 1), plan.seconds);
  spec.variants[toy::scan].cost.halves = 0;
  EXPECT_EQ(plans(5, 4096, 1), 0);
  EXPECT_LT(halved, plan.seconds);
}

TEST_F(Dispatch, ForcedVariantIsKept) {
  plan = {toy::quadratic};
  ASSERT_STREQ(choose(1, 4096).message, "");
  EXPECT_EQ(plan.variant, toy::quadratic);
  EXPECT_EQ(plan.splits, 1);
}

TEST_F(Dispatch, AlgorithmFromTheEnvironment) {
  target.algorithm = "quadratic";
  ASSERT_STREQ(choose(1, 4096).message, "");
  EXPECT_EQ(plan.variant, toy::quadratic);
  plan = {-1};
  target.algorithm = "scan4";
  target.splits = 2;
  ASSERT_STREQ(choose(1, 4096).message, "");
  EXPECT_EQ(plan.variant, toy::scan);
  EXPECT_EQ(plan.splits, 2);
  plan = {-1};
  target.algorithm = "fft";
  EXPECT_STREQ(choose(1, 4096).message,
               "toy: MIXC_ALGORITHM: expected an algorithm or variant of the object (scan, quadratic, scan4), got 'fft'");
}

TEST_F(Dispatch, NothingForTheDevice) {
  target.device = MIXC_DEVICE_CUDA;
  mixc_status status = choose(1, 8);
  EXPECT_EQ(status.code, MIXC_UNSUPPORTED);
  EXPECT_STREQ(status.message, "toy: expected CUDA code in the object, got none: compile for a CUDA target");
}

TEST_F(Dispatch, NothingForTheMachine) {
  runnable[0] = runnable[1] = 0;
  mixc_status status = choose(1, 8);
  EXPECT_EQ(status.code, MIXC_UNSUPPORTED);
  EXPECT_STREQ(status.message, "toy: expected CPU code that runs on x86-64-v3, got none: compile for this target");
}

TEST_F(Dispatch, AlignedVariantsNeedAlignedTensors) {
  spec.variants[toy::scan].aligned = 1u << toy::X;
  toy::Call arguments(1, 4096);
  arguments.args.tensors[toy::X].strides[2] = 2;
  arguments.args.tensors[toy::X].strides[1] = 8;
  ASSERT_STREQ(mixc_check_args(&spec.desc, &arguments.args, false, &call).message, "");
  ASSERT_STREQ(mixc_choose(&call, &target, &plan).message, "");
  EXPECT_EQ(plan.variant, toy::quadratic);
  runnable[toy::quadratic] = 0;
  plan = {-1};
  EXPECT_STREQ(mixc_choose(&call, &target, &plan).message,
               "toy: expected tensors with rows of 16-byte units (address and strides), got others: the object has no CPU "
               "variant for them");
}

TEST_F(Dispatch, ForcedVariantMustExistAndRun) {
  plan = {7};
  EXPECT_STREQ(choose(1, 8).message, "toy: plan: expected a variant below 2, got 7");
  runnable[toy::scan] = 0;
  plan = {toy::scan};
  EXPECT_STREQ(choose(1, 8).message, "toy: plan: expected a variant that runs on x86-64-v3 with these tensors, got 'scan4'");
}
