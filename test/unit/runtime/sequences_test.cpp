// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a call says of its sequences: the checks, and what plans, workspace and grids make of it.

extern "C" {
#include "call.h"
}
#include "ToySpec.h"

#include <gmock/gmock.h>

using testing::ElementsAre;
using testing::StrEq;

namespace {

struct SequencesTest : testing::Test {
  SequencesTest() : call(3, 20) {
    sequences.starts = starts.data();
    sequences.source = source.data();
    sequences.target = target.data();
    sequences.has_initial = hasInitial.data();
    sequences.slots = 6;
    sequences.longest = 12;
    sequences.starts_bytes = 4;
    sequences.source_bytes = sequences.target_bytes = 8;
    pool.assign(6 * toy::P, 0);
    left.assign(6 * toy::P, 0);
    call.args.tensors[toy::H0].data = pool.data();
    call.args.tensors[toy::HT].data = left.data();
    call.args.sequences = &sequences;
    for (mixc_variant_desc &variant : spec.variants)
      variant.packs = 1;
    target_.machine = &spec.machine;
    target_.device = MIXC_DEVICE_CPU;
    target_.runnable = runnable;
    target_.machine_text = "x86-64-v3";
  }
  /// All that a call on the CPU checks before it chooses a plan.
  mixc_status check() {
    mixc_status status = mixc_check_args(&spec.desc, &call.args, true, &checked);
    return status.code == MIXC_OK ? mixc_check_arrays(&checked) : status;
  }
  void expectError(const char *message) {
    mixc_status status = check();
    EXPECT_EQ(status.code, MIXC_INVALID_ARGUMENT);
    EXPECT_THAT(status.message, StrEq(message));
  }
  mixc_plan choose(int32_t variant, int64_t splits) {
    mixc_plan plan = {variant};
    plan.splits = splits;
    EXPECT_STREQ(check().message, "");
    EXPECT_STREQ(mixc_choose(&checked, &target_, &plan).message, "");
    return plan;
  }
  int64_t blocks(const mixc_plan &plan, const mixc_launch_desc &launch) {
    int64_t count = -1;
    EXPECT_STREQ(mixc_count_blocks(&checked, &plan, &launch, &count).message, "");
    return count;
  }

  toy::Spec spec;
  toy::Call call;
  std::vector<int32_t> starts{0, 5, 5, 17};
  std::vector<int64_t> source{4, -1, 0}, target{4, 3, -1};
  std::vector<uint8_t> hasInitial{1, 0, 1};
  std::vector<float> pool, left;
  mixc_sequences sequences{};
  mixc_call checked{};
  uint8_t runnable[toy::numVariants] = {1, 1};
  mixc_target target_{};
};

} // namespace

TEST_F(SequencesTest, AreTold) {
  ASSERT_STREQ(check().message, "");
  EXPECT_EQ(checked.kinds, MIXC_STARTS | MIXC_SOURCE | MIXC_SOURCE_WIDE | MIXC_TARGET | MIXC_TARGET_WIDE | MIXC_HAS_INITIAL);
  EXPECT_EQ(checked.slots, 6);
  EXPECT_EQ(checked.longest, 12);
  EXPECT_TRUE(mixc_is_packed(&checked));
}

TEST_F(SequencesTest, NoneAreBOfTTokens) {
  call.args.sequences = nullptr;
  ASSERT_STREQ(check().message, "");
  EXPECT_EQ(checked.kinds, 0);
  EXPECT_EQ(checked.slots, 3);
  EXPECT_EQ(checked.longest, 20);
  sequences = {};
  call.args.sequences = &sequences;
  ASSERT_STREQ(check().message, "");
  EXPECT_EQ(checked.kinds, 0);
  EXPECT_EQ(checked.slots, 3);
  EXPECT_EQ(checked.longest, 20);
}

TEST_F(SequencesTest, TheLongestIsAGuess) {
  sequences.longest = 0; // even ones
  ASSERT_STREQ(check().message, "");
  EXPECT_EQ(checked.longest, 7);
  sequences.longest = 1000;
  ASSERT_STREQ(check().message, "");
  EXPECT_EQ(checked.longest, 20);
  sequences.longest = 2; // one has 12
  EXPECT_STREQ(check().message, "");
  sequences.longest = -1;
  expectError("toy: sequences.longest: expected 0 or more tokens, got -1");
}

TEST_F(SequencesTest, WidthsOfIndices) {
  sequences.starts_bytes = 0;
  expectError("toy: sequences.starts_bytes: expected 4 or 8, the size of an index, got 0");
  sequences.starts_bytes = 4;
  sequences.source_bytes = 2;
  expectError("toy: sequences.source_bytes: expected 4 or 8, the size of an index, got 2");
  sequences.source = nullptr; // then it does not matter
  EXPECT_STREQ(check().message, "");
  sequences.target_bytes = -8;
  expectError("toy: sequences.target_bytes: expected 4 or 8, the size of an index, got -8");
}

TEST_F(SequencesTest, AddressesOfIndices) {
  sequences.starts = reinterpret_cast<const void *>(1026);
  expectError("toy: sequences.starts: expected an address that is a multiple of 4, got 1026");
  sequences.starts = starts.data();
  sequences.source = reinterpret_cast<const void *>(1028);
  expectError("toy: sequences.source: expected an address that is a multiple of 8, got 1028");
  sequences.source = source.data();
  sequences.target = reinterpret_cast<const void *>(1028);
  expectError("toy: sequences.target: expected an address that is a multiple of 8, got 1028");
}

// Along B such a map would have the stride of a token, 4 bytes.
TEST_F(SequencesTest, TokensInnermostHaveNoTensorMap) {
  ASSERT_STREQ(check().message, "");
  EXPECT_TRUE(checked.aligned & (1 << toy::X));
  spec.tensors[toy::X].sizes[1] = toy::P;
  spec.tensors[toy::X].sizes[2] = MIXC_DIM_T;
  ASSERT_STREQ(check().message, "");
  EXPECT_FALSE(checked.aligned & (1 << toy::X));
}

TEST_F(SequencesTest, OrderOfWork) {
  const int32_t order[] = {2, 0, 3};
  sequences.order = order;
  sequences.order_bytes = 4;
  expectError("toy: sequences.order[2]: expected a sequence below B = 3, got 3");
  const int64_t wide[] = {2, -1, 0};
  sequences.order = wide;
  sequences.order_bytes = 8;
  expectError("toy: sequences.order[1]: expected a sequence below B = 3, got -1");
  const int64_t twice[] = {2, 1, 1};
  sequences.order = twice;
  expectError("toy: sequences.order: expected each of the B = 3 sequences once, got some more than once");
  sequences.order_bytes = 3;
  expectError("toy: sequences.order_bytes: expected 4 or 8, the size of an index, got 3");
}

TEST_F(SequencesTest, NumberOfStates) {
  sequences.slots = -1;
  expectError("toy: sequences.slots: expected 0 to 4611686018427387904, got -1");
  sequences.slots = MIXC_MAX_LENGTH + 1;
  expectError("toy: sequences.slots: expected 0 to 4611686018427387904, got 4611686018427387905");
  sequences.slots = MIXC_MAX_LENGTH;
  expectError("toy: argument 'h0' [BP]: expected fewer than 2^63 elements, got more with sequences.slots = 4611686018427387904");
}

// On a GPU as well, and whatever else the call says: it is known before the arrays are.
TEST_F(SequencesTest, WithoutASourceEverySequenceHasAState) {
  const char *message = "toy: sequences.slots: expected at least B = 3 where there is no source, got 2";
  sequences.source = nullptr;
  sequences.slots = 2;
  expectError(message);
  sequences = {};
  sequences.slots = 2;
  EXPECT_STREQ(mixc_check_args(&spec.desc, &call.args, false, &checked).message, message);
  sequences.slots = 3;
  EXPECT_STREQ(check().message, "");
}

TEST_F(SequencesTest, StartsRise) {
  starts = {0, 5, 4, 17};
  expectError("toy: sequences.starts[2]: expected 5 to T = 20, got 4");
  starts = {0, 5, 5, 21};
  expectError("toy: sequences.starts[3]: expected 5 to T = 20, got 21");
  starts = {-1, 5, 5, 17};
  expectError("toy: sequences.starts[0]: expected 0 to T = 20, got -1");
  starts = {2, 5, 5, 20}; // tokens before the first one and behind the last one are nobody's
  EXPECT_STREQ(check().message, "");
  const int64_t wide[] = {0, 5, 5, (int64_t(1) << 32) + 6};
  sequences.starts = wide;
  sequences.starts_bytes = 8;
  expectError("toy: sequences.starts[3]: expected 5 to T = 20, got 4294967302");
}

TEST_F(SequencesTest, StatesAreInThePool) {
  source[2] = 6;
  expectError("toy: sequences.source[2]: expected a state below slots = 6, got 6");
  source[2] = 5;
  target[0] = int64_t(1) << 40;
  expectError("toy: sequences.target[0]: expected a state below slots = 6, got 1099511627776");
  target[0] = INT64_MIN; // none
  EXPECT_STREQ(check().message, "");
  sequences.slots = 0; // B
  expectError("toy: sequences.source[0]: expected a state below slots = 3, got 4");
}

TEST_F(SequencesTest, ResultsMayBeInAPoolOfTheirOwn) {
  left.assign(4 * toy::P, 0);
  sequences.target_slots = 4;
  target = {3, 0, -1};
  ASSERT_STREQ(check().message, "");
  EXPECT_EQ(checked.slots, 6);
  EXPECT_EQ(checked.target_slots, 4);
  target[0] = 4;
  expectError("toy: sequences.target[0]: expected a state below target_slots = 4, got 4");
  target[0] = 3;
  const int64_t kept[] = {1, 2, 3, 0, 2, 4};
  sequences.kept = kept;
  sequences.kept_bytes = 8;
  sequences.kept_count = 2;
  sequences.kept_every = 4;
  expectError("toy: sequences.kept[2][1]: expected a state below target_slots = 4, got 4");
  sequences.kept = nullptr;
  sequences.target = nullptr; // where they were taken from
  expectError("toy: sequences.target_slots: expected at least slots = 6 where there is no target, got 4");
  sequences.source = nullptr;
  EXPECT_STREQ(check().message, "");
  sequences.target_slots = 2;
  expectError("toy: sequences.target_slots: expected at least B = 3 where there is no target, got 2");
  sequences.target_slots = -1;
  expectError("toy: sequences.target_slots: expected 0 to 4611686018427387904, got -1");
}

// Memory of a result begins where that of an argument ends: how many states each has decides whether they overlap.
TEST_F(SequencesTest, PoolsOfDifferentSizesSideBySide) {
  pool.assign(10 * toy::P, 0);
  call.args.tensors[toy::H0].data = pool.data();
  sequences.target_slots = 4;
  target = {3, 0, -1};
  call.args.tensors[toy::HT].data = pool.data() + 6 * toy::P;
  EXPECT_STREQ(check().message, "");
  call.args.tensors[toy::HT].data = pool.data() + 5 * toy::P;
  EXPECT_EQ(check().code, MIXC_INVALID_ARGUMENT);
  call.args.tensors[toy::HT].data = pool.data();
  call.args.tensors[toy::H0].data = pool.data() + 4 * toy::P;
  EXPECT_STREQ(check().message, "");
}

TEST_F(SequencesTest, StatesInsideTheCall) {
  const int64_t kept[] = {1, 9, 9, 9, 2, 5}; // of sequences of 5, 0 and 12 tokens; entries beyond them are not looked at
  sequences.kept = kept;
  sequences.kept_bytes = 8;
  sequences.kept_count = 2;
  sequences.kept_every = 4;
  ASSERT_STREQ(check().message, "");
  EXPECT_TRUE(checked.kinds & MIXC_KEPT);
  EXPECT_TRUE(checked.kinds & MIXC_KEPT_WIDE);
  const int64_t large[] = {1, 9, 9, 9, 2, 6};
  sequences.kept = large;
  expectError("toy: sequences.kept[2][1]: expected a state below slots = 6, got 6");
  source[2] = -1; // of padding they are not looked at
  ASSERT_STREQ(check().message, "");
  source[2] = 0;
  sequences.kept = kept;
  sequences.kept_every = 0;
  expectError("toy: sequences.kept_every: expected tokens between states that are kept, got 0");
  sequences.kept_every = 4;
  sequences.kept_count = 0;
  expectError("toy: sequences.kept_count: expected 1 to 2147483647 states of each sequence, got 0");
  sequences.kept_count = 2;
  sequences.kept_bytes = 2;
  expectError("toy: sequences.kept_bytes: expected 4 or 8, the size of an index, got 2");
}

TEST_F(SequencesTest, StatesAreKeptBehindWholeChunks) {
  const int64_t kept[3] = {-1, -1, -1};
  sequences.kept = kept;
  sequences.kept_bytes = 8;
  sequences.kept_count = 1;
  sequences.kept_every = 2 * toy::chunk;
  ASSERT_STREQ(check().message, "");
  for (int32_t variant : {-1, int32_t(toy::scan)}) {
    mixc_plan plan = {variant};
    EXPECT_THAT(mixc_choose(&checked, &target_, &plan).message,
                StrEq("toy: sequences.kept: expected an object compiled with --keep-states, got one without"));
  }
  spec.variants[toy::scan].keeps = 1;
  mixc_plan plan = {-1};
  ASSERT_STREQ(mixc_choose(&checked, &target_, &plan).message, "");
  EXPECT_EQ(plan.variant, toy::scan);
  sequences.kept_every = toy::chunk + 1;
  ASSERT_STREQ(check().message, "");
  plan = {-1};
  EXPECT_THAT(mixc_choose(&checked, &target_, &plan).message,
              StrEq("toy: sequences.kept_every: expected a multiple of the chunk of a CPU variant that may run, as of 4 ('scan4'), got 5"));
  call.args.tensors[toy::HT].data = nullptr;
  expectError("toy: hT: expected an address beside sequences.kept, whose states go there, got null");
  call.args.tensors[toy::HT].data = left.data();
  ASSERT_STREQ(check().message, "");
  mixc_layout layout;
  int64_t params[MIXC_MAX_INTEGERS];
  plan = {toy::scan};
  plan.splits = 1;
  ASSERT_STREQ(mixc_lay_out(&checked, &plan, 0, &layout).message, "");
  const int32_t n = mixc_fill_params(&checked, &plan, &layout, &spec.scanLaunches[0], nullptr, params);
  EXPECT_THAT(std::vector<int64_t>(params + n - 4, params + n),
              ElementsAre(static_cast<int64_t>(reinterpret_cast<uintptr_t>(kept)), 1, toy::chunk + 1, 0));
}

// Where states that are copied take their own places, the launch that copies has the copy for the result, those after it for the argument.
TEST_F(SequencesTest, CopiesHaveWhatTheSequencesTake) {
  spec.copyBefore();
  alignas(256) char workspace[1024];
  int64_t params[MIXC_MAX_INTEGERS];
  const mixc_launch_desc &copying = spec.scanLaunches[0], &other = spec.scanLaunches[3];
  const auto address = [](const void *p) { return static_cast<int64_t>(reinterpret_cast<uintptr_t>(p)); };
  mixc_layout layout;

  mixc_plan apart = choose(toy::scan, 1);
  EXPECT_EQ(checked.copied, 0u);
  EXPECT_EQ(blocks(apart, copying), 0);
  ASSERT_STREQ(mixc_lay_out(&checked, &apart, 0, &layout).message, "");
  const int64_t bytes = layout.bytes; // the same wherever results lie
  mixc_fill_params(&checked, &apart, &layout, &copying, workspace, params);
  EXPECT_EQ(params[4], checked.kinds);
  EXPECT_THAT(std::vector<int64_t>(params + 14, params + 17), ElementsAre(address(pool.data()), toy::P, 1));
  EXPECT_THAT(std::vector<int64_t>(params + 21, params + 24), ElementsAre(address(left.data()), toy::P, 1));

  for (toy::Tensor tensor : {toy::H0, toy::HT}) { // states with room between them
    call.args.tensors[tensor].data = pool.data();
    call.args.tensors[tensor].strides[0] = 2 * toy::P;
    call.args.tensors[tensor].strides[1] = 1;
  }
  pool.resize(12 * toy::P);
  call.args.tensors[toy::H0].data = call.args.tensors[toy::HT].data = pool.data();
  mixc_plan plan = choose(toy::scan, 1);
  EXPECT_EQ(checked.copied, uint64_t(1) << toy::H0);
  EXPECT_EQ(blocks(plan, copying), 3) << "a block each sequence";
  EXPECT_DOUBLE_EQ(plan.seconds, apart.seconds + spec.machine.launch_latency);
  ASSERT_STREQ(mixc_lay_out(&checked, &plan, 0, &layout).message, "");
  EXPECT_EQ(layout.bytes, bytes);
  EXPECT_EQ(layout.copies[toy::X], -1);
  ASSERT_GE(layout.copies[toy::H0], 0);
  EXPECT_GE(layout.scratch, layout.copies[toy::H0] + int64_t(3 * toy::P * sizeof(float))) << "three states, and not six";
  const int64_t copy = address(workspace + layout.copies[toy::H0]);
  mixc_fill_params(&checked, &plan, &layout, &copying, workspace, params);
  EXPECT_THAT(std::vector<int64_t>(params + 14, params + 17), ElementsAre(address(pool.data()), 2 * toy::P, 1));
  EXPECT_THAT(std::vector<int64_t>(params + 21, params + 24), ElementsAre(copy, toy::P, 1));
  mixc_fill_params(&checked, &plan, &layout, &other, workspace, params);
  EXPECT_EQ(params[4], checked.kinds | MIXC_COPIED);
  EXPECT_THAT(std::vector<int64_t>(params + 14, params + 17), ElementsAre(copy, toy::P, 1));
  EXPECT_THAT(std::vector<int64_t>(params + 21, params + 24), ElementsAre(address(pool.data()), 2 * toy::P, 1));
}

// An argument that is null is none that a result could take the place of, nor is it copied where another one is.
TEST_F(SequencesTest, AbsentStatesAreNotCopied) {
  spec.copyBefore();
  call.args.tensors[toy::H0].data = call.args.tensors[toy::HT].data = nullptr;
  ASSERT_STREQ(check().message, "");
  EXPECT_EQ(checked.copied, 0u);
}

TEST_F(SequencesTest, ASeedIsForObjectsThatRoundByIt) {
  const uint64_t seeds[2] = {5, 6};
  sequences.seed = seeds;
  expectError("toy: sequences.seed: expected an object compiled with --stochastic-rounding, got one without");
  spec.desc.stochastic = 1;
  ASSERT_STREQ(check().message, "");
  mixc_plan plan = {toy::scan};
  plan.splits = 1;
  mixc_layout layout;
  int64_t params[MIXC_MAX_INTEGERS];
  ASSERT_STREQ(mixc_lay_out(&checked, &plan, 0, &layout).message, "");
  const int32_t n = mixc_fill_params(&checked, &plan, &layout, &spec.scanLaunches[0], nullptr, params);
  EXPECT_EQ(params[n - 1], static_cast<int64_t>(reinterpret_cast<uintptr_t>(seeds)));
  sequences.seed = reinterpret_cast<const uint64_t *>(reinterpret_cast<const char *>(seeds) + 4);
  EXPECT_THAT(check().message, testing::StartsWith("toy: sequences.seed: expected an address that is a multiple of 8, got "));
}

TEST_F(SequencesTest, PackedTensorsHaveOneIndexAlongB) {
  int64_t strides[] = {-77, 8, 1}; // that of B is ignored
  std::copy(strides, strides + 3, call.args.tensors[toy::X].strides);
  std::vector<float> wide(20 * 8);
  call.args.tensors[toy::X].data = wide.data();
  ASSERT_STREQ(check().message, "");
  EXPECT_THAT(std::vector<int64_t>(checked.strides[toy::X], checked.strides[toy::X] + 3), ElementsAre(8, 8, 1));
  EXPECT_THAT(std::vector<int64_t>(checked.strides[toy::Y], checked.strides[toy::Y] + 3), ElementsAre(4, 4, 1));
  EXPECT_EQ(mixc_size_of(&checked, &spec.tensors[toy::X], 0), 1);
  EXPECT_EQ(mixc_size_of(&checked, &spec.tensors[toy::H0], 0), 6);
}

// A pool may be as long as the memory behind a state allows; a result's states may not overlap.
TEST_F(SequencesTest, StatesOfThePoolAreApart) {
  call.args.tensors[toy::HT].strides[0] = 2;
  call.args.tensors[toy::HT].strides[1] = 1;
  expectError("toy: result 'hT' [BP]: expected elements that do not overlap, got strides [2, 1]");
  call.args.tensors[toy::HT].strides[0] = 4;
  spec.tensors[toy::HT].in_place = toy::H0 + 1;
  call.args.tensors[toy::HT].data = pool.data();
  EXPECT_STREQ(check().message, "");
}

// The longest sequence says what spans of a forced number of segments have; each sequence then has parts of its own.
TEST_F(SequencesTest, SegmentsOfPackedSequences) {
  mixc_plan plan = choose(toy::scan, 3);
  EXPECT_EQ(plan.splits, 3);
  EXPECT_EQ(plan.span, 4);
  EXPECT_EQ(mixc_parts(&checked, &plan), 20 / 4 + 3);
  EXPECT_EQ(blocks(plan, spec.scanLaunches[0]), 8) << "a block each segment";
  EXPECT_EQ(blocks(plan, spec.scanLaunches[1]), 3) << "a block each sequence";
  mixc_layout layout;
  ASSERT_STREQ(mixc_lay_out(&checked, &plan, 0, &layout).message, "");
  EXPECT_EQ(layout.buffers[1], 256) << "8 segments of 16 bytes, all behind one another";
  int64_t params[MIXC_MAX_INTEGERS];
  ASSERT_EQ(mixc_fill_params(&checked, &plan, &layout, &spec.scanLaunches[0], nullptr, params), 36);
  EXPECT_EQ(params[2], 8);
  EXPECT_EQ(params[3], 4);
  EXPECT_EQ(params[4], checked.kinds);
  EXPECT_EQ(params[5], static_cast<int64_t>(reinterpret_cast<uintptr_t>(starts.data())));
  EXPECT_EQ(params[8], static_cast<int64_t>(reinterpret_cast<uintptr_t>(hasInitial.data())));
  EXPECT_THAT(std::vector<int64_t>(params + 24, params + 28), ElementsAre(0, 8 * toy::P, toy::P, 1));
}

TEST_F(SequencesTest, OneSegmentEach) {
  mixc_plan plan = choose(toy::scan, 1);
  EXPECT_EQ(plan.splits, 1);
  EXPECT_EQ(plan.span, 20) << "whatever a sequence has";
  EXPECT_EQ(plan.halved, 0);
  EXPECT_EQ(blocks(plan, spec.scanLaunches[0]), 0);
  EXPECT_EQ(blocks(plan, spec.scanLaunches[2]), 3);
}

TEST_F(SequencesTest, LastWavesAreNotHalved) {
  spec.variants[toy::scan].cost.halves = 1;
  toy::Call plain(5, 4096);
  mixc_plan plan = {toy::scan};
  plan.splits = 1;
  ASSERT_STREQ(mixc_check_args(&spec.desc, &plain.args, true, &checked).message, "");
  ASSERT_STREQ(mixc_choose(&checked, &target_, &plan).message, "");
  EXPECT_EQ(plan.halved, 1);
  sequences = {};
  const int64_t even[] = {0, 4096, 4096, 4096, 4096, 4096};
  sequences.starts = even;
  sequences.starts_bytes = 8;
  plain.args.sequences = &sequences;
  ASSERT_STREQ(mixc_check_args(&spec.desc, &plain.args, true, &checked).message, "");
  plan = {toy::scan};
  plan.splits = 1;
  ASSERT_STREQ(mixc_choose(&checked, &target_, &plan).message, "");
  EXPECT_EQ(plan.halved, 0);
}

// Rows are cut sequence by sequence: at most one more part for each.
TEST_F(SequencesTest, BlocksOfRows) {
  mixc_plan plan = choose(toy::quadratic, 1);
  EXPECT_EQ(blocks(plan, spec.quadraticLaunches[0]), 20 / toy::rows + 3);
  EXPECT_EQ(blocks(plan, spec.quadraticLaunches[1]), 3);
  call.args.B = 0;
  const int32_t none[] = {0};
  sequences.starts = none;
  ASSERT_STREQ(check().message, "");
  EXPECT_EQ(blocks(plan, spec.quadraticLaunches[0]), 0);
}

// With two segments of one sequence there may be more segments than two in the call: what is between them is always computed.
TEST_F(SequencesTest, WhatIsBetweenSegments) {
  spec.scanLaunches[1].when = MIXC_WHEN_BETWEEN;
  mixc_plan plan = choose(toy::scan, 2);
  EXPECT_EQ(plan.splits, 2);
  EXPECT_EQ(blocks(plan, spec.scanLaunches[1]), 3);
  sequences.starts = nullptr;
  call.args.T = 12;
  plan = choose(toy::scan, 2);
  EXPECT_EQ(blocks(plan, spec.scanLaunches[1]), 0);
}

// Packed sequences cost as much as so many of the longest one's tokens.
TEST_F(SequencesTest, CostOfPackedSequences) {
  for (mixc_variant_desc &variant : spec.variants) {
    const auto v = static_cast<int32_t>(&variant - spec.variants.data());
    EXPECT_EQ(choose(v, 1).seconds, mixc_cost_evaluate(&spec.machine, &variant.cost, 2, 12, 1, nullptr)) << variant.name;
  }
}

TEST_F(SequencesTest, AreForVariantsThatKnowThem) {
  spec.variants[toy::scan].packs = 0;
  EXPECT_EQ(choose(-1, 0).variant, toy::quadratic);
  mixc_plan plan = {toy::scan};
  EXPECT_STREQ(mixc_choose(&checked, &target_, &plan).message,
               "toy: plan: expected a variant that runs on x86-64-v3 with these tensors, got 'scan4'");
  spec.variants[toy::quadratic].packs = 0;
  plan = {-1};
  EXPECT_STREQ(mixc_choose(&checked, &target_, &plan).message,
               "toy: sequences: expected null, got some: the object has no CPU variant that tells them apart; compile the spec, not a tile "
               "program written by hand");
  sequences = {};
  sequences.slots = 9; // a pool of which the first states are taken
  pool.assign(9 * toy::P, 0);
  left.assign(9 * toy::P, 0);
  call.args.tensors[toy::H0].data = pool.data();
  call.args.tensors[toy::HT].data = left.data();
  call.x.assign(3 * 20 * toy::P, 0);
  plan = {-1};
  ASSERT_STREQ(check().message, "");
  EXPECT_STREQ(mixc_choose(&checked, &target_, &plan).message, "");
}
