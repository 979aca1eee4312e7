// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The cost function on a machine of round numbers, where every term can be computed by hand.

#include "mixc/runtime/cost.h"
#include "mixc/runtime/limits.h"
#include "gtest/gtest.h"
#include <chrono>

namespace {

/// Ten units; 1 us a launch.
mixc_machine roundMachine() {
  mixc_machine m{};
  m.kind = MIXC_DEVICE_CUDA;
  m.units = 10;
  m.copy_bandwidth = 1e12;
  m.unit_bandwidth = 1e12;
  m.matrix_rate_f32 = 1e11;
  m.matrix_rate_tf32 = 2e11;
  m.matrix_rate_half = 4e11;
  m.shared_bandwidth = 1e11;
  m.scalar_rate = 1e11;
  m.special_rate = 1e10;
  m.launch_latency = 1e-6;
  m.cache_bytes = 1000000;
  m.shared_bytes = 100000;
  return m;
}

/// A chunk of 10 tokens, 20 blocks a sequence, so that a sequence keeps ten units equally busy.
mixc_cost matrixCost() {
  mixc_cost c{};
  c.matrix_token = 1e6;
  c.blocks = 20;
  c.chunk = 10;
  c.blocks_per_unit = 2;
  c.launches = 1;
  c.split_launches = 3;
  return c;
}

double total(const mixc_machine &m, const mixc_cost &c, int64_t batch, int64_t length, int64_t splits = 1) {
  return mixc_cost_evaluate(&m, &c, batch, length, splits, nullptr);
}

TEST(Cost, TermsAreAmountsOverRates) {
  const mixc_machine m = roundMachine();
  mixc_cost c = matrixCost();
  c.bytes_token = 2e6;
  c.special_token = 1e4;
  c.scalar_token = 1e5;
  c.shared_token = 2e5;
  c.bytes_sequence = 1e9;
  mixc_cost_terms t;
  EXPECT_EQ(mixc_cost_evaluate(&m, &c, 2, 100, 1, &t), t.total);
  EXPECT_DOUBLE_EQ(t.memory, (200 * 2e6 + 2 * 1e9) / 1e12);
  EXPECT_DOUBLE_EQ(t.matrix, 200 * 1e6 / (10 * 1e11));
  EXPECT_DOUBLE_EQ(t.shared, 200 * 2e5 / (10 * 1e11));
  EXPECT_DOUBLE_EQ(t.special, 200 * 1e4 / (10 * 1e10));
  EXPECT_DOUBLE_EQ(t.scalar, 200 * 1e5 / (10 * 1e11));
  EXPECT_DOUBLE_EQ(t.launch, 1e-6);
  EXPECT_DOUBLE_EQ(t.total, t.launch + t.memory);
}

TEST(Cost, OperandTypeSetsTheMatrixRate) {
  const mixc_machine m = roundMachine();
  mixc_cost c = matrixCost();
  mixc_cost_terms f32, tf32, half, split;
  c.operand = MIXC_OPERAND_F32;
  mixc_cost_evaluate(&m, &c, 1, 100, 1, &f32);
  c.operand = MIXC_OPERAND_TF32;
  mixc_cost_evaluate(&m, &c, 1, 100, 1, &tf32);
  c.operand = MIXC_OPERAND_HALF;
  mixc_cost_evaluate(&m, &c, 1, 100, 1, &half);
  c.operand = MIXC_OPERAND_SPLIT;
  mixc_cost_evaluate(&m, &c, 1, 100, 1, &split);
  EXPECT_DOUBLE_EQ(split.matrix, 3 * tf32.matrix);
  EXPECT_DOUBLE_EQ(f32.matrix, 2 * tf32.matrix);
  EXPECT_DOUBLE_EQ(f32.matrix, 4 * half.matrix);
}

TEST(Cost, TailsCountAsWholeChunks) {
  const mixc_machine m = roundMachine();
  const mixc_cost c = matrixCost();
  EXPECT_EQ(total(m, c, 1, 1), total(m, c, 1, 10));
  EXPECT_LT(total(m, c, 1, 10), total(m, c, 1, 11));
}

TEST(Cost, GrowsWithLengthAndBatch) {
  const mixc_machine m = roundMachine();
  mixc_cost c = matrixCost();
  c.bytes_token = 1e5;
  c.step_latency = 1e-6;
  double last = 0;
  for (int64_t length = 1; length < 100000; length = length * 5 / 3 + 1) {
    EXPECT_GE(total(m, c, 1, length), last) << "T = " << length;
    EXPECT_LE(total(m, c, 1, length), total(m, c, 2, length)) << "T = " << length;
    last = total(m, c, 1, length);
  }
}

TEST(Cost, LastWaveCosts) {
  const mixc_machine m = roundMachine();
  mixc_cost c = matrixCost();
  c.blocks_per_unit = 1;
  mixc_cost_terms full, over;
  c.blocks = 10;
  mixc_cost_evaluate(&m, &c, 1, 1000, 1, &full);
  EXPECT_DOUBLE_EQ(full.quantisation, 0);
  // Eleven blocks for ten units: as long as twenty.
  c.blocks = 11;
  mixc_cost_evaluate(&m, &c, 1, 1000, 1, &over);
  EXPECT_DOUBLE_EQ(over.matrix, full.matrix);
  EXPECT_NEAR(over.quantisation, full.matrix * (20.0 / 11 - 1), 1e-15);
}

TEST(Cost, BlocksWorkWhileOthersOfTheirUnitWait) {
  mixc_machine m = roundMachine();
  m.memory_latency = 0;
  mixc_cost c = matrixCost();
  mixc_cost_terms t;
  auto evaluate = [&](double latency, int32_t resident) {
    c.step_latency = latency;
    c.blocks_per_unit = resident;
    mixc_cost_evaluate(&m, &c, 1, 1000, 1, &t);
    return t.total - t.launch;
  };
  const double work = evaluate(0, 1), steps = 100;
  // Two blocks a unit, one after the other or at once: each has half of the work and all of its own steps.
  EXPECT_DOUBLE_EQ(evaluate(work / steps, 1), work + 2 * work);
  EXPECT_DOUBLE_EQ(evaluate(work / steps, 2), work / 2 + work);
  EXPECT_DOUBLE_EQ(evaluate(work / steps / 4, 2), work);
}

TEST(Cost, UnitsDrawSharedBytesForThemselves) {
  mixc_machine m = roundMachine();
  m.unit_bandwidth = 2e11;
  mixc_cost c = matrixCost();
  c.matrix_token = 0;
  c.bytes_token = 1e5;
  mixc_cost_terms t;
  mixc_cost_evaluate(&m, &c, 1, 1000, 1, &t);
  EXPECT_DOUBLE_EQ(t.quantisation, 0);
  c.drawn_token = 6e5;
  mixc_cost_evaluate(&m, &c, 1, 1000, 1, &t);
  EXPECT_DOUBLE_EQ(t.memory, 1000 * 1e5 / 1e12);
  EXPECT_DOUBLE_EQ(t.memory + t.quantisation, 1000 * 6e5 / 2e12);
}

TEST(Cost, LongestRowBlockBoundsTheQuadraticForm) {
  const mixc_machine m = roundMachine();
  mixc_cost c{};
  c.blocks = 1;
  c.rows = c.chunk = 10;
  c.step_latency = 1e-6;
  mixc_cost_terms t;
  // Ten row blocks, one on each unit: the last one takes ten steps.
  mixc_cost_evaluate(&m, &c, 1, 100, 1, &t);
  EXPECT_DOUBLE_EQ(t.total, 10e-6);
}

TEST(Cost, SerialStepsBoundFromBelow) {
  const mixc_machine m = roundMachine();
  mixc_cost c = matrixCost();
  c.matrix_token = 0;
  c.step_latency = 1e-6;
  mixc_cost_terms t;
  mixc_cost_evaluate(&m, &c, 1, 1000, 1, &t);
  EXPECT_DOUBLE_EQ(t.quantisation, 100 * 1e-6);
}

// A step's work comes after its waiting; operands are loaded between products.
TEST(Cost, StepsWaitAndWork) {
  const mixc_machine m = roundMachine();
  mixc_cost c = matrixCost();
  c.shared_token = 1e6;
  c.step_latency = 1e-6;
  c.blocks = 10;
  mixc_cost_terms t;
  mixc_cost_evaluate(&m, &c, 1, 1000, 1, &t);
  EXPECT_DOUBLE_EQ(t.total, t.launch + t.matrix + t.shared + 100 * 1e-6);
}

// What `mixc explain` prints adds up, and the side that is named is the longer one.
TEST(Cost, TermsAddUp) {
  for (int32_t kind : {MIXC_DEVICE_CPU, MIXC_DEVICE_CUDA})
    for (double bytes : {0.0, 1e4, 1e7}) {
      mixc_machine m = roundMachine();
      m.kind = kind;
      mixc_cost c = matrixCost();
      c.bytes_token = bytes;
      c.shared_token = c.scalar_token = c.special_token = 1e5;
      c.blocks_per_unit = 2;
      c.blocks = 21;
      mixc_cost_terms t;
      mixc_cost_evaluate(&m, &c, 3, 1000, 1, &t);
      EXPECT_DOUBLE_EQ(t.total, t.launch + std::max(t.memory, t.work) + t.quantisation);
      const double sum = t.matrix + t.shared + t.special + t.scalar;
      EXPECT_DOUBLE_EQ(t.work, sum);
    }
}

TEST(Cost, SplitsFillTheMachine) {
  const mixc_machine m = roundMachine();
  mixc_cost c = matrixCost();
  c.blocks = 1;
  c.split_work = 0.3;
  double seconds;
  const int64_t splits = mixc_cost_best_splits(&m, &c, 1, 10000, 1000, &seconds);
  EXPECT_GE(splits, 10);
  EXPECT_LT(seconds, total(m, c, 1, 10000) / 5);
  EXPECT_DOUBLE_EQ(seconds, total(m, c, 1, 10000, splits));
}

/// Segments whose states follow from each other by products: work for all but the first and the last one, and a block's time for each.
TEST(Cost, ProductsOfStates) {
  const mixc_machine m = roundMachine();
  mixc_cost c = matrixCost();
  c.blocks = 1;
  c.split_work = 0.5;
  const double two = total(m, c, 1, 10000, 2), ten = total(m, c, 1, 10000, 10);
  c.between_work = 0.5;
  EXPECT_DOUBLE_EQ(total(m, c, 1, 10000, 2), two);
  EXPECT_GT(total(m, c, 1, 10000, 10), 1.3 * ten);
  c.between_work = 0;
  c.combine_latency = 1e-3;
  c.combine_blocks = 10;
  EXPECT_NEAR(total(m, c, 1, 10000, 10), ten + 10 * 1e-3, 1e-9);
  c.combine_blocks = 20; // two for each unit
  EXPECT_NEAR(total(m, c, 1, 10000, 10), ten + 2 * 10 * 1e-3, 1e-9);
  const double one = total(m, c, 1, 10000);
  c.combine_latency = 0;
  EXPECT_DOUBLE_EQ(total(m, c, 1, 10000), one);
}

TEST(Cost, NoSplitsWhereTheMachineIsFull) {
  const mixc_machine m = roundMachine();
  mixc_cost c = matrixCost();
  c.split_work = 0.3;
  EXPECT_EQ(mixc_cost_best_splits(&m, &c, 4, 10000, 1000, nullptr), 1);
}

TEST(Cost, SplitsKeepToTheirLimits) {
  const mixc_machine m = roundMachine();
  mixc_cost c = matrixCost();
  c.blocks = 1;
  EXPECT_EQ(mixc_cost_best_splits(&m, &c, 1, 10, 1000, nullptr), 1);
  EXPECT_EQ(mixc_cost_best_splits(&m, &c, 1, 0, 1000, nullptr), 1);
  EXPECT_EQ(mixc_cost_best_splits(&m, &c, 1, 100000, 1, nullptr), 1);
  EXPECT_LE(mixc_cost_best_splits(&m, &c, 1, 100000, 4, nullptr), 4);
}

// The number returned leaves no segment empty: equal spans of whole chunks.
TEST(Cost, BestSplitsIsTheBestOfAll) {
  const mixc_machine m = roundMachine();
  mixc_cost c = matrixCost();
  c.blocks = 3;
  c.split_work = 0.5;
  c.bytes_split = 1e6;
  for (int64_t length : {11, 95, 333, 1010, 4999}) {
    double best = total(m, c, 1, length), found;
    for (int64_t splits = 2; splits <= 40; ++splits)
      best = std::min(best, total(m, c, 1, length, splits));
    mixc_cost_best_splits(&m, &c, 1, length, 40, &found);
    EXPECT_LE(found, best * (1 + 1e-12)) << "T = " << length;
  }
}

/// The search does not grow with the number of chunks, and stays near what it finds one by one.
TEST(Cost, BestSplitsOfHugeLengths) {
  const mixc_machine m = roundMachine();
  mixc_cost c = matrixCost();
  c.bytes_split = 1e4;
  c.blocks = 1;
  for (int64_t length : {int64_t(1) << 40, int64_t(1) << 48, MIXC_MAX_LENGTH})
    for (int64_t batch : {int64_t(0), int64_t(1), MIXC_MAX_LENGTH}) {
      double seconds;
      auto start = std::chrono::steady_clock::now();
      const int64_t splits = mixc_cost_best_splits(&m, &c, batch, length, MIXC_MAX_SPLITS, &seconds);
      EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), 0.5);
      EXPECT_GE(splits, 1);
      EXPECT_LE(splits, MIXC_MAX_SPLITS);
      EXPECT_EQ(seconds, total(m, c, batch, length, splits));
      EXPECT_LE(seconds, total(m, c, batch, length, 1));
      if (batch == 0)
        EXPECT_EQ(splits, 1);
      if (batch == 1)
        EXPECT_LE(seconds, 1.02 * total(m, c, 1, length, 10)) << "ten units, one segment each";
    }
}

TEST(Cost, PairsGrowQuadratically) {
  const mixc_machine m = roundMachine();
  mixc_cost c{};
  c.matrix_pair = 1e3;
  c.blocks = 10;
  c.rows = c.chunk = 10;
  c.blocks_per_unit = 1;
  mixc_cost_terms one, two;
  mixc_cost_evaluate(&m, &c, 1, 1000, 1, &one);
  mixc_cost_evaluate(&m, &c, 1, 2000, 1, &two);
  EXPECT_NEAR(two.matrix / one.matrix, 4, 0.05);
}

TEST(Cost, PairsAreReadFromMemoryOnlyBeyondTheCache) {
  const mixc_machine m = roundMachine();
  mixc_cost c{};
  c.bytes_token = 100;
  c.bytes_pair = 10;
  c.blocks = 10;
  c.rows = c.chunk = 10;
  mixc_cost_terms inside, outside;
  mixc_cost_evaluate(&m, &c, 1, 1000, 1, &inside);
  mixc_cost_evaluate(&m, &c, 1, 100000, 1, &outside);
  EXPECT_DOUBLE_EQ(inside.memory, 1000 * 100 / 1e12);
  EXPECT_GT(outside.memory, 100 * 100000 * 100 / 1e12);
}

TEST(Cost, NothingToDo) {
  const mixc_machine m = roundMachine();
  const mixc_cost c = matrixCost();
  mixc_cost_terms t;
  EXPECT_EQ(mixc_cost_evaluate(&m, &c, 0, 1000, 1, &t), 0);
  EXPECT_EQ(t.total, 0);
  EXPECT_DOUBLE_EQ(mixc_cost_evaluate(&m, &c, 1, 0, 1, &t), 1e-6);
}

} // namespace
