// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

extern "C" {
#include "call.h"
}
#include "ToySpec.h"

#include <gmock/gmock.h>

#include <climits>

using testing::ElementsAre;
using testing::StrEq;

namespace {

struct Validate : testing::Test {
  Validate() : call(2, 3) {}
  mixc_status check(bool addresses = true) { return mixc_check_args(&spec.desc, &call.args, addresses, &checked); }
  void expectError(const char *message) {
    mixc_status status = check();
    EXPECT_EQ(status.code, MIXC_INVALID_ARGUMENT);
    EXPECT_THAT(status.message, StrEq(message));
  }
  void setStrides(toy::Tensor tensor, int64_t s0, int64_t s1, int64_t s2 = 0) {
    int64_t strides[] = {s0, s1, s2};
    std::copy(strides, strides + 3, call.args.tensors[tensor].strides);
  }
  toy::Spec spec;
  toy::Call call;
  mixc_call checked;
};

} // namespace

TEST_F(Validate, ZeroStridesMeanContiguous) {
  ASSERT_STREQ(check().message, "");
  EXPECT_THAT(std::vector<int64_t>(checked.strides[toy::X], checked.strides[toy::X] + 3), ElementsAre(12, 4, 1));
  EXPECT_EQ(checked.present, 0xfu);
}

TEST_F(Validate, GivenStridesAreKept) {
  setStrides(toy::X, 4, 8, 1);
  setStrides(toy::Y, -12, 4, 1); // the second sequence first
  call.args.tensors[toy::Y].data = call.y.data() + 12;
  ASSERT_STREQ(check().message, "");
  EXPECT_THAT(std::vector<int64_t>(checked.strides[toy::X], checked.strides[toy::X] + 3), ElementsAre(4, 8, 1));
  EXPECT_THAT(std::vector<int64_t>(checked.strides[toy::Y], checked.strides[toy::Y] + 3), ElementsAre(-12, 4, 1));
}

TEST_F(Validate, ArgumentMayBeBroadcast) {
  setStrides(toy::X, 0, 4, 1);
  EXPECT_STREQ(check().message, "");
}

TEST_F(Validate, NullArguments) {
  mixc_status status = mixc_check_args(&spec.desc, nullptr, true, &checked);
  EXPECT_STREQ(status.message, "toy: args: expected an address, got null");
}

TEST_F(Validate, NegativeSizes) {
  call.args.B = -1;
  expectError("toy: B: expected 0 to 4611686018427387904, got -1");
  call.args.B = 2;
  call.args.T = INT64_MIN;
  expectError("toy: T: expected 0 to 4611686018427387904, got -9223372036854775808");
}

TEST_F(Validate, HeadsThatAreCompiledIn) {
  call.args.H = 4;
  expectError("toy: H: expected 0 as it was compiled in, or 0, got 4; compile with --shape=H=?,.. for any");
  spec.desc.heads = 4;
  EXPECT_STREQ(check().message, "");
  EXPECT_EQ(checked.bands, 1);
  call.args.H = 8;
  expectError("toy: H: expected 4 as it was compiled in, or 0, got 8; compile with --shape=H=?,.. for any");
}

TEST_F(Validate, FreeHeads) {
  spec.freeHeads();
  for (int64_t heads : {int64_t(0), int64_t(-2), int64_t(3), MIXC_MAX_SIZE + 2}) {
    call.args.H = heads;
    EXPECT_EQ(check().message, "toy: H: expected a multiple of 2 heads, at most 1048576, got " + std::to_string(heads));
  }
  call.args.H = 4;
  ASSERT_STREQ(check().message, "");
  EXPECT_EQ(checked.bands, 2);
  EXPECT_THAT(std::vector<int64_t>(checked.strides[toy::X], checked.strides[toy::X] + 3), ElementsAre(12, 4, 1));
  call.args.H = 2;
  ASSERT_STREQ(check().message, "");
  EXPECT_THAT(std::vector<int64_t>(checked.strides[toy::X], checked.strides[toy::X] + 3), ElementsAre(6, 2, 1));
}

TEST_F(Validate, HugeSizes) {
  for (int64_t size : {INT64_MAX, MIXC_MAX_LENGTH + 1}) {
    call.args = {};
    call.args.T = size;
    EXPECT_THAT(check(/*addresses=*/false).message, testing::StartsWith("toy: T: expected 0 to 4611686018427387904, got "));
    call.args = {};
    call.args.B = size;
    EXPECT_THAT(check(/*addresses=*/false).message, testing::StartsWith("toy: B: expected 0 to 4611686018427387904, got "));
  }
  call.args.B = MIXC_MAX_LENGTH;
  call.args.T = 1;
  expectError("toy: argument 'x' [BTP]: expected fewer than 2^63 elements, got more with B = 4611686018427387904, T = 1");
  call.args.B = 0;
  call.args.T = MIXC_MAX_LENGTH;
  EXPECT_STREQ(check(/*addresses=*/false).message, "");
}

TEST_F(Validate, HugeStrides) {
  for (int64_t stride : {INT64_MIN, INT64_MAX, INT64_MIN / 4, INT64_MAX / 2}) {
    setStrides(toy::Y, stride, 4, 1);
    EXPECT_THAT(check().message, testing::HasSubstr("expected a tensor of less than 2^63 bytes")) << stride;
    call.args.B = 1; // of a dimension with one element it does not matter
    EXPECT_STREQ(check().message, "") << stride;
    call.args.B = 2;
  }
}

TEST_F(Validate, NullTensors) {
  call.args.tensors[toy::H0].data = nullptr;
  call.args.tensors[toy::HT].data = nullptr;
  ASSERT_STREQ(check().message, "");
  EXPECT_EQ(checked.present, 1u << toy::X | 1u << toy::Y);
  call.args.tensors[toy::Y].data = nullptr;
  expectError("toy: result 'y' [BTP]: expected an address, got null");
  call.args.tensors[toy::X].data = nullptr;
  expectError("toy: argument 'x' [BTP]: expected an address, got null");
  EXPECT_STREQ(check(/*addresses=*/false).message, "");
}

TEST_F(Validate, EmptyTensorsMayBeNull) {
  call.args.T = 0;
  call.args.tensors[toy::X].data = call.args.tensors[toy::Y].data = nullptr;
  EXPECT_STREQ(check().message, "");
}

TEST_F(Validate, Misaligned) {
  call.args.tensors[toy::X].data = reinterpret_cast<void *>(1026);
  expectError("toy: argument 'x' [BTP]: expected an address that is a multiple of 4, got 1026");
  spec.tensors[toy::X].dtype = MIXC_BF16;
  EXPECT_STREQ(check().message, "");
}

TEST_F(Validate, ResultMayNotOverlapItself) {
  setStrides(toy::Y, 0, 4, 1);
  expectError("toy: result 'y' [BTP]: expected elements that do not overlap, got strides [0, 4, 1]");
  setStrides(toy::Y, 8, 4, 1);
  expectError("toy: result 'y' [BTP]: expected elements that do not overlap, got strides [8, 4, 1]");
  setStrides(toy::Y, 12, -3, 1);
  expectError("toy: result 'y' [BTP]: expected elements that do not overlap, got strides [12, -3, 1]");
}

TEST_F(Validate, StrideOfASingleElementDoesNotMatter) {
  call.args.B = 1;
  setStrides(toy::Y, 0, 4, 1);
  EXPECT_STREQ(check().message, "");
}

TEST_F(Validate, ResultMayNotShareMemory) {
  call.args.tensors[toy::HT].data = call.h0.data();
  expectError("toy: result 'hT': expected memory of its own, got memory shared with argument 'h0'");
  call.args.tensors[toy::HT].data = call.x.data() + 3;
  expectError("toy: result 'hT': expected memory of its own, got memory shared with argument 'x'");
  call.args.tensors[toy::HT].data = call.y.data() + 16;
  expectError("toy: result 'hT': expected memory of its own, got memory shared with result 'y'");
}

TEST_F(Validate, FinalStateMayTakeThePlaceOfTheInitialOne) {
  spec.tensors[toy::HT].in_place = toy::H0 + 1;
  call.args.tensors[toy::HT].data = call.h0.data();
  EXPECT_STREQ(check().message, "");
  const char *message =
      "toy: result 'hT': expected memory of its own or argument 'h0' itself, with its address and strides, got memory that "
      "overlaps it";
  setStrides(toy::HT, 1, 2);
  expectError(message);
  setStrides(toy::HT, 0, 0);
  call.args.tensors[toy::HT].data = call.h0.data() + 1;
  expectError(message);
  call.args.tensors[toy::HT].data = call.x.data();
  expectError("toy: result 'hT': expected memory of its own, got memory shared with argument 'x'");
}

TEST_F(Validate, SlicesOfOnePackedArrayPass) {
  std::vector<float> packed(2 * 3 * 8);
  call.args.tensors[toy::X].data = packed.data();
  call.args.tensors[toy::Y].data = packed.data() + 4;
  setStrides(toy::X, 24, 8, 1);
  setStrides(toy::Y, 24, 8, 1);
  EXPECT_STREQ(check().message, "");
}

TEST_F(Validate, ArgumentsMayShareMemory) {
  call.args.tensors[toy::H0].data = call.x.data();
  EXPECT_STREQ(check().message, "");
}

TEST_F(Validate, TooLarge) {
  call.args.B = int64_t(1) << 40;
  call.args.T = int64_t(1) << 40;
  expectError("toy: argument 'x' [BTP]: expected fewer than 2^63 elements, got more with B = 1099511627776, T = "
              "1099511627776");
  call.args.T = int64_t(1) << 20;
  expectError("toy: argument 'x' [BTP]: expected a tensor of less than 2^63 bytes, got strides [4194304, 4, 1]");
  call.args.B = 2;
  setStrides(toy::X, INT64_MAX, 4, 1);
  expectError("toy: argument 'x' [BTP]: expected a tensor of less than 2^63 bytes, got strides [9223372036854775807, 4, 1]");
  setStrides(toy::X, INT64_MIN, 4, 1);
  expectError("toy: argument 'x' [BTP]: expected a tensor of less than 2^63 bytes, got strides [-9223372036854775808, 4, 1]");
}

TEST_F(Validate, AlignedRows) {
  auto aligned = [&](toy::Tensor tensor) {
    EXPECT_STREQ(check(/*addresses=*/false).message, "");
    return (checked.aligned >> tensor & 1) != 0;
  };
  alignas(16) float storage[64];
  call.args.tensors[toy::X].data = storage;
  EXPECT_TRUE(aligned(toy::X));
  call.args.tensors[toy::X].data = storage + 1;
  EXPECT_FALSE(aligned(toy::X));
  call.args.tensors[toy::X].data = storage;
  setStrides(toy::X, 24, 6, 1);
  EXPECT_FALSE(aligned(toy::X));
  setStrides(toy::X, 24, 8, 2);
  EXPECT_FALSE(aligned(toy::X));
  setStrides(toy::X, 24, 8, 1);
  EXPECT_TRUE(aligned(toy::X));
  spec.tensors[toy::X].dtype = MIXC_BF16;
  EXPECT_TRUE(aligned(toy::X));
  setStrides(toy::X, 24, 4, 1);
  EXPECT_FALSE(aligned(toy::X));
}

// One sequence takes the plan of many only if it counts as aligned where they would.
TEST_F(Validate, OneSequenceIsAlignedAsManyAre) {
  alignas(16) float storage[64];
  call.args.B = 1;
  call.args.tensors[toy::X].data = storage;
  setStrides(toy::X, 6, 8, 1);
  for (int64_t batch : {0, 8}) {
    spec.desc.invariant_batch = spec.desc.invariant_length = batch;
    EXPECT_STREQ(check(/*addresses=*/false).message, "");
    EXPECT_EQ((checked.aligned >> toy::X & 1) != 0, batch == 0);
  }
}

// What a tensor map cannot say is not aligned; a null address is, as workspace queries may have none.
TEST_F(Validate, AlignedTensorsFitATensorMap) {
  auto aligned = [&](int64_t s0, int64_t s1) {
    setStrides(toy::X, s0, s1, 1);
    EXPECT_STREQ(check(/*addresses=*/false).message, "");
    return (checked.aligned >> toy::X & 1) != 0;
  };
  call.args.tensors[toy::X].data = nullptr;
  EXPECT_TRUE(aligned(12, 4));
  EXPECT_TRUE(aligned(4, 8)); // in any order
  EXPECT_FALSE(aligned(-12, 4));
  EXPECT_FALSE(aligned(0, 4)); // broadcast
  EXPECT_FALSE(aligned(12, 0));
  const int64_t limit = (int64_t(1) << 40) / 4; // 2^40 bytes of f32
  EXPECT_TRUE(aligned(limit - 4, 4));
  EXPECT_FALSE(aligned(limit, 4));
  call.args.B = 1; // whose stride does not matter
  EXPECT_TRUE(aligned(limit, 4));
  EXPECT_TRUE(aligned(-3, 4));
  call.args.T = (int64_t(1) << 31) - 65536; // coordinates of a last tile have 31 bits too
  EXPECT_TRUE(aligned(4, 4));
  ++call.args.T;
  EXPECT_FALSE(aligned(4, 4));
}

TEST_F(Validate, DescriptorOfFreeHeads) {
  spec.freeHeads();
  EXPECT_STREQ(mixc_check_desc(&spec.desc).message, "");
  spec.desc.heads = 0;
  EXPECT_STREQ(mixc_check_desc(&spec.desc).message, "toy: expected up to 1048576 heads, got 0");
  spec.desc.heads = 2;
  spec.tensors[toy::X].banded = 4;
  EXPECT_STREQ(mixc_check_desc(&spec.desc).message, "toy: x: expected a dimension of heads, got number 3");
  spec.tensors[toy::X].banded = 2; // tokens
  EXPECT_STREQ(mixc_check_desc(&spec.desc).message, "toy: x: expected a dimension of heads, got number 1");
}

TEST_F(Validate, Descriptor) {
  EXPECT_STREQ(mixc_check_desc(&spec.desc).message, "");
  spec.desc.n_tensors = 25;
  EXPECT_STREQ(mixc_check_desc(&spec.desc).message, "toy: expected at most 24 tensors, got 25");
  spec.desc.n_tensors = toy::numTensors;
  spec.tensors[toy::X].sizes[2] = int64_t(1) << 62;
  EXPECT_STREQ(mixc_check_desc(&spec.desc).message, "toy: 'x' [BTP]: expected sizes from 1 to 1048576, got 4611686018427387904");
  spec.tensors[toy::X].sizes[2] = toy::P;
  spec.variants[toy::scan].max_splits = 0;
  EXPECT_STREQ(mixc_check_desc(&spec.desc).message,
               "toy: variant 'scan4': expected chunk from 1 to 65536 and max_splits from 1 to 2147483647, got 4 and 0");
  spec.variants[toy::scan].max_splits = 16;
  spec.scanLaunches[1].n_maps = 17;
  EXPECT_STREQ(mixc_check_desc(&spec.desc).message, "toy: expected at most 16 tensor maps, got 17");
  spec.desc.abi_version = 99;
  mixc_status status = mixc_check_desc(&spec.desc);
  EXPECT_EQ(status.code, MIXC_ABI_MISMATCH);
  EXPECT_STREQ(status.message, "expected an object of ABI version 11, got 99: compile the spec with the mixc of this runtime");
}
