// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

extern "C" {
#include "cuda.h"
}
#include "FakeDriver.h"
#include "ToySpec.h"

#include <gmock/gmock.h>

#include <memory>
#include <thread>

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

const char sm80[] = "sm_80 cubin", sm86[] = "sm_86 cubin", sm90a[] = "sm_90a cubin", ptx[] = "sm_80 PTX";

mixc_image_desc image(const char *data, int arch, bool specific = false, mixc_image_kind kind = MIXC_IMAGE_CUBIN) {
  return {data, std::strlen(data) + 1, arch, specific, kind, 0};
}

struct Cuda : testing::Test {
  Cuda() : spec(MIXC_DEVICE_CUDA), call(2, 64) {
    setImages({image(sm80, 80), image(sm90a, 90, true), image(ptx, 80, false, MIXC_IMAGE_PTX)});
    driver.setCurrent(0);
  }
  ~Cuda() override {
    EXPECT_THAT(driver.misuse, IsEmpty());
    EXPECT_EQ(driver.captureMode, captureModeAfter);
    while (spec.cache && modules()->head) { // what is kept as long as the process, else
      mixc_cuda_module *next = modules()->head->next;
      std::free(modules()->head);
      modules()->head = next;
    }
  }
  // Of each variant the same.
  void setImages(const std::vector<mixc_image_desc> &images) {
    spec.images.clear();
    for (int32_t variant : {toy::quadratic, toy::scan})
      for (mixc_image_desc image : images) {
        image.variant = variant;
        spec.images.push_back(image);
      }
    spec.desc.images = spec.images.data();
    spec.desc.n_images = static_cast<int32_t>(spec.images.size());
  }
  // The list is the first member of the state.
  mixc_cuda_modules *modules() { return static_cast<mixc_cuda_modules *>(spec.cache); }

  mixc_status run(int32_t variant = toy::scan, int64_t splits = 2) {
    mixc_plan plan = {variant};
    plan.splits = splits;
    return mixc_spec_run_cuda_with(&spec.desc, &plan, &call.args, workspace, sizeof workspace, stream);
  }
  std::vector<std::string> kernels() const {
    std::vector<std::string> names;
    for (const fake::Launch &launch : driver.launches)
      names.push_back(launch.kernel);
    return names;
  }

  fake::Driver driver;
  toy::Spec spec;
  toy::Call call;
  alignas(256) char workspace[4096];
  int captureModeAfter = 0;
  CUstream stream = reinterpret_cast<CUstream>(0x5eed);
};

} // namespace

TEST_F(Cuda, LaunchesInOrderWithGridsAndParameters) {
  driver.numParams = 32;
  ASSERT_STREQ(run(toy::scan, 4).message, "");
  EXPECT_THAT(kernels(), ElementsAre("toy_sums", "toy_scan", "toy_outputs"));
  EXPECT_EQ(driver.launches[0].grid, 8u);
  EXPECT_EQ(driver.launches[1].grid, 2u);
  EXPECT_EQ(driver.launches[2].grid, 8u);
  EXPECT_EQ(driver.launches[0].threads, 32u);
  EXPECT_EQ(driver.launches[0].stream, stream);
  const auto address = [](const void *p) { return static_cast<int64_t>(reinterpret_cast<uintptr_t>(p)); };
  EXPECT_THAT(driver.launches[2].params,
              ElementsAre(2, 64, 4, 16, 0, 0, 0, 0, 0, 0, address(call.x.data()), 256, 4, 1, address(call.h0.data()), 4, 1,
                          address(call.y.data()), 256, 4, 1, address(call.hT.data()), 4, 1, address(workspace), 16, 4, 1,
                          address(workspace + 256), 16, 4, 1));
}

TEST_F(Cuda, StatesInPlaceAreCopiedBefore) {
  spec.copyBefore();
  driver.numParams = 24;
  ASSERT_STREQ(run(toy::scan, 1).message, "");
  EXPECT_THAT(kernels(), ElementsAre("toy_outputs"));
  driver.launches.clear();
  call.args.tensors[toy::HT].data = call.h0.data();
  ASSERT_STREQ(run(toy::scan, 2).message, "");
  EXPECT_THAT(kernels(), ElementsAre("toy_copy", "toy_sums", "toy_scan", "toy_outputs"));
  const auto address = [](const void *p) { return static_cast<int64_t>(reinterpret_cast<uintptr_t>(p)); };
  constexpr size_t kH0 = 14, kHT = 21;
  const int64_t copy = driver.launches[0].params[kHT], place = address(call.h0.data());
  EXPECT_GE(copy, address(workspace));
  EXPECT_LT(copy, address(workspace + sizeof workspace));
  EXPECT_EQ(driver.launches[0].params[kH0], place);
  for (size_t l : {1, 2, 3}) {
    EXPECT_EQ(driver.launches[l].params[kH0], copy);
    EXPECT_EQ(driver.launches[l].params[kHT], place);
  }
}

// Twice as many blocks, twice as wide tensors and buffers as of one band, whose number comes last.
TEST_F(Cuda, BandsOfHeads) {
  spec.freeHeads();
  call.args.H = 4;
  driver.numParams = 37;
  ASSERT_STREQ(run(toy::scan, 4).message, "");
  EXPECT_EQ(driver.launches[0].grid, 16u);
  EXPECT_EQ(driver.launches[1].grid, 4u);
  EXPECT_EQ(driver.launches[2].grid, 16u);
  const auto address = [](const void *p) { return static_cast<int64_t>(reinterpret_cast<uintptr_t>(p)); };
  EXPECT_THAT(driver.launches[2].params,
              ElementsAre(2, 64, 4, 16, 0, 0, 0, 0, 0, 0, address(call.x.data()), 256, 4, 1, address(call.h0.data()), 4, 1,
                          address(call.y.data()), 256, 4, 1, address(call.hT.data()), 4, 1, address(workspace), 16, 4, 1,
                          address(workspace + 256), 16, 4, 1, 0, 0, 0, 0, 2));
}

TEST_F(Cuda, BoundsAreCheckedBehindTheKernels) {
  spec.buffers[0].checked = "'g'";
  spec.buffers[0].most = 4;
  std::fill(std::begin(workspace), std::end(workspace), 0x7f); // large numbers, which are cleared first
  EXPECT_STREQ(run().message, "");
  EXPECT_EQ(driver.calls["cuStreamSynchronize"], 1);
  driver.afterKernels = [&] { reinterpret_cast<float *>(workspace)[9] = 5; };
  EXPECT_THAT(run().message, HasSubstr("toy: 'g': expected decays of at least -4, as the spec says, got -5 in sequence 1;"));
}

TEST_F(Cuda, BoundsAreNotCheckedWhileAStreamIsCaptured) {
  driver.capturing = true;
  EXPECT_STREQ(run().message, "");
  spec.buffers[0].checked = "'g'";
  EXPECT_THAT(run().message, HasSubstr("toy: stream: expected one that is not captured"));
}

// Addresses of the arrays, of the device, which are not read here.
TEST_F(Cuda, SequencesArePassedByAddress) {
  const auto at = [](int64_t address) { return reinterpret_cast<const void *>(address); };
  mixc_sequences sequences{at(0x1004), at(0x2008), at(0x3008), static_cast<const uint8_t *>(at(0x4001)), at(0x5004), 9, 0, 20, 4, 8, 8, 4};
  call.args.sequences = &sequences;
  spec.variants[toy::scan].packs = 1;
  driver.numParams = 10;
  ASSERT_STREQ(run(toy::scan, 1).message, "");
  const int64_t kinds = MIXC_STARTS | MIXC_SOURCE | MIXC_SOURCE_WIDE | MIXC_TARGET | MIXC_TARGET_WIDE | MIXC_HAS_INITIAL | MIXC_ORDER;
  EXPECT_THAT(driver.launches[0].params, ElementsAre(2, 64, 1, 64, kinds, 0x1004, 0x2008, 0x3008, 0x4001, 0x5004));
}

TEST_F(Cuda, LaunchesThatMayOverlapSaySo) {
  spec.scanLaunches[1].overlaps = 1;
  ASSERT_STREQ(run(toy::scan, 4).message, "");
  EXPECT_THAT(kernels(), ElementsAre("toy_sums", "toy_scan", "toy_outputs"));
  EXPECT_FALSE(driver.launches[0].overlaps);
  EXPECT_TRUE(driver.launches[1].overlaps);
  EXPECT_FALSE(driver.launches[2].overlaps);
  EXPECT_EQ(driver.launches[1].grid, 2u);
  EXPECT_EQ(driver.launches[1].threads, 32u);
  EXPECT_EQ(driver.launches[1].stream, stream);
  driver.failing = "cuLaunchKernelEx";
  EXPECT_THAT(run(toy::scan, 4).message, HasSubstr("cuLaunchKernelEx: expected success"));
}

// As many blocks as run at once, two on each of the 132 multiprocessors, and the number whose work there is; segments have four
// chunks.
TEST_F(Cuda, PersistentLaunchesHaveNoMoreBlocksThanRunAtOnce) {
  for (mixc_launch_desc &launch : spec.scanLaunches)
    launch.persistent = 4;
  spec.scanLaunches[2].blocks = 200;
  driver.numParams = 36;
  driver.persistent = true;
  ASSERT_STREQ(run(toy::scan, 4).message, "");
  EXPECT_THAT(kernels(), ElementsAre("toy_sums", "toy_scan", "toy_outputs"));
  EXPECT_EQ(driver.launches[0].grid, 8u);
  EXPECT_EQ(driver.launches[0].allBlocks, 8);
  EXPECT_EQ(driver.launches[2].grid, 264u);
  EXPECT_EQ(driver.launches[2].allBlocks, 1600);
  spec.scanLaunches[2].persistent = 3; // those of four are dealt out by the hardware
  ASSERT_STREQ(run(toy::scan, 4).message, "");
  EXPECT_EQ(driver.launches[5].grid, 1600u);
  EXPECT_EQ(driver.launches[5].allBlocks, 1600);
}

// A block counts on by the number of blocks, in 31 bits.
TEST_F(Cuda, PersistentGridLimit) {
  spec.scanLaunches[2].persistent = 1;
  spec.scanLaunches[2].blocks = (int64_t(1) << 30) / 8;
  EXPECT_THAT(run(toy::scan, 4).message, HasSubstr("toy: kernel 'toy_outputs': expected at most 1073741823 blocks, got 1073741824 with"));
  EXPECT_THAT(kernels(), IsEmpty());
  --spec.scanLaunches[2].blocks;
  EXPECT_STREQ(run(toy::scan, 4).message, "");
}

TEST_F(Cuda, ConditionsHold) {
  ASSERT_STREQ(run(toy::scan, 1).message, "");
  ASSERT_STREQ(run(toy::quadratic, 1).message, "");
  call.args.tensors[toy::HT].data = nullptr;
  ASSERT_STREQ(run(toy::quadratic, 1).message, "");
  EXPECT_THAT(kernels(), ElementsAre("toy_outputs", "toy_rows", "toy_state", "toy_rows"));
}

TEST_F(Cuda, NothingToLaunch) {
  toy::Call empty(0, 64);
  mixc_plan plan = {toy::quadratic};
  EXPECT_STREQ(mixc_spec_run_cuda_with(&spec.desc, &plan, &empty.args, workspace, sizeof workspace, stream).message, "");
  EXPECT_THAT(kernels(), IsEmpty());
  toy::Call noTokens(2, 0);
  EXPECT_STREQ(mixc_spec_run_cuda_with(&spec.desc, &plan, &noTokens.args, workspace, sizeof workspace, stream).message, "");
  EXPECT_THAT(kernels(), ElementsAre("toy_state"));
}

TEST_F(Cuda, DefaultCallMatchesItsWorkspaceQuery) {
  for (int64_t T : {1, 64, 4096}) {
    toy::Call call(1, T);
    size_t bytes = mixc_spec_workspace_bytes(&spec.desc, &call.args);
    std::vector<char> exact(bytes);
    EXPECT_STREQ(mixc_spec_run_cuda(&spec.desc, &call.args, exact.data(), bytes, stream).message, "");
    if (bytes > 0) {
      EXPECT_EQ(mixc_spec_run_cuda(&spec.desc, &call.args, exact.data(), bytes - 1, stream).code, MIXC_WORKSPACE);
    }
  }
}

TEST_F(Cuda, ImageChoice) {
  const auto chosen = [&](int major, int minor) {
    const mixc_image_desc *image = mixc_choose_image(&spec.desc, toy::scan, major, minor);
    return image ? static_cast<const char *>(image->data) : nullptr;
  };
  setImages({image(ptx, 80, false, MIXC_IMAGE_PTX), image(sm80, 80), image(sm86, 86), image(sm90a, 90, true)});
  EXPECT_EQ(chosen(7, 5), nullptr);
  EXPECT_EQ(chosen(8, 0), sm80);
  EXPECT_EQ(chosen(8, 6), sm86);
  EXPECT_EQ(chosen(8, 9), sm86);
  EXPECT_EQ(chosen(9, 0), sm90a);
  EXPECT_EQ(chosen(10, 0), ptx);
  EXPECT_EQ(chosen(12, 0), ptx);
  setImages({image(sm90a, 90, true)});
  EXPECT_EQ(chosen(8, 0), nullptr);
  EXPECT_EQ(chosen(9, 0), sm90a);
  EXPECT_EQ(chosen(10, 0), nullptr);
}

TEST_F(Cuda, TheChosenImageIsLoaded) {
  ASSERT_STREQ(run().message, "");
  EXPECT_THAT(driver.images, ElementsAre(sm90a, sm90a));
  mixc_machine machine;
  int32_t arch = 0;
  ASSERT_STREQ(mixc_spec_machine(&spec.desc, MIXC_DEVICE_CUDA, &machine, &arch).message, "");
  EXPECT_EQ(machine.units, 132);
  EXPECT_EQ(arch, 90);
}

TEST_F(Cuda, NoImageForTheDevice) {
  driver.major = 7;
  driver.minor = 5;
  mixc_status status = run();
  EXPECT_EQ(status.code, MIXC_UNSUPPORTED);
  EXPECT_STREQ(status.message, "toy: expected a GPU that runs sm_80 cubin, sm_90a cubin, sm_80 PTX, got compute capability 7.5");
  EXPECT_EQ(driver.modules, 0);
}

TEST_F(Cuda, NoImageAtAll) {
  setImages({});
  EXPECT_STREQ(run().message, "toy: expected a GPU that runs the object's GPU code (there is none), got compute capability 9.0");
}

TEST_F(Cuda, AVariantRunsWhereItHasAnImage) {
  for (mixc_image_desc &image : spec.images)
    if (image.variant == toy::scan && image.arch != 90)
      image.variant = toy::quadratic;
  ASSERT_STREQ(run(toy::scan).message, "");
  driver.major = 8;
  driver.setCurrent(1);
  EXPECT_STREQ(run(toy::scan).message, "toy: plan: expected a variant that runs on compute capability 8.0 with these tensors, got 'scan4'");
  EXPECT_STREQ(run(toy::quadratic, 1).message, "");
}

TEST_F(Cuda, SharedMemoryLimitIsRaisedWhereNeeded) {
  spec.scanLaunches[0].shared_bytes = 48 * 1024;
  spec.scanLaunches[1].shared_bytes = 100 * 1024;
  ASSERT_STREQ(run(toy::scan).message, "");
  EXPECT_EQ(driver.sharedLimits, (std::map<std::string, int>{{"toy_scan", 100 * 1024}}));
  EXPECT_EQ(driver.launches[0].shared, 48u * 1024);
  EXPECT_EQ(driver.launches[1].shared, 100u * 1024);
}

TEST_F(Cuda, VariantsThatNeedMoreSharedMemoryAreLeftOut) {
  spec.scanLaunches[2].shared_bytes = 120 * 1024;
  driver.minor = 6;
  driver.major = 8;
  driver.maxShared = 99 * 1024;
  mixc_plan plan = {-1};
  ASSERT_STREQ(mixc_spec_plan(&spec.desc, MIXC_DEVICE_CUDA, &call.args, &plan).message, "");
  EXPECT_EQ(plan.variant, toy::quadratic);
  EXPECT_EQ(run(toy::scan).code, MIXC_UNSUPPORTED);
}

namespace {

// The scan as a variant for sm_90a whose last kernel reads x and h0 through tensor maps; it is predicted to be the faster.
struct CudaTensorMaps : Cuda {
  CudaTensorMaps() {
    maps = {{toy::X, 128, {1, 16, 4}, 0}, {toy::H0, 0, {1, 4}, 0}};
    spec.scanLaunches[2].maps = maps.data();
    spec.scanLaunches[2].n_maps = 2;
    mixc_variant_desc &variant = spec.variants[toy::scan];
    variant.arch = 90;
    variant.arch_specific = 1;
    variant.aligned = 1u << toy::X | 1u << toy::H0;
    spec.variants[toy::scan].packs = spec.variants[toy::quadratic].packs = 1;
    spec.variants[toy::quadratic].cost.scalar_token = 1e6;
    std::fill(x, x + 1024, 0.0f);
    call.args.tensors[toy::X].data = x;
    call.args.tensors[toy::H0].data = h0;
  }
  int32_t chosen() {
    mixc_plan plan = {-1};
    EXPECT_STREQ(mixc_spec_plan(&spec.desc, MIXC_DEVICE_CUDA, &call.args, &plan).message, "");
    return plan.variant;
  }
  mixc_status runScan() {
    driver.numParams = spec.desc.free_heads ? 37 : 36;
    driver.numMaps = 2;
    mixc_status status = run(toy::scan, 1);
    driver.numParams = driver.numMaps = 0;
    return status;
  }

  std::vector<mixc_tensor_map_desc> maps;
  alignas(16) float x[1024], h0[16] = {};
};

} // namespace

TEST_F(CudaTensorMaps, AreEncodedFromTheCallAndPassedByValue) {
  int64_t strides[] = {512, 8, 1};
  std::copy(strides, strides + 3, call.args.tensors[toy::X].strides);
  ASSERT_STREQ(runScan().message, "");
  ASSERT_EQ(driver.maps.size(), 2u);
  const fake::TensorMap &map = driver.maps[0];
  EXPECT_EQ(map.type, CU_TENSOR_MAP_FLOAT32);
  EXPECT_EQ(map.address, x);
  EXPECT_THAT(map.sizes, ElementsAre(4, 64, 2));
  EXPECT_THAT(map.strides, ElementsAre(32, 2048));
  EXPECT_THAT(map.box, ElementsAre(4, 16, 1));
  EXPECT_THAT(map.steps, ElementsAre(1, 1, 1));
  EXPECT_EQ(map.interleave, CU_TENSOR_MAP_INTERLEAVE_NONE);
  EXPECT_EQ(map.swizzle, CU_TENSOR_MAP_SWIZZLE_128B);
  EXPECT_EQ(map.promotion, CU_TENSOR_MAP_L2_PROMOTION_256B);
  EXPECT_EQ(map.fill, CU_TENSOR_MAP_FILL_ZEROS);
  EXPECT_THAT(driver.maps[1].sizes, ElementsAre(4, 2));
  EXPECT_THAT(driver.maps[1].strides, ElementsAre(16));
  EXPECT_EQ(driver.maps[1].swizzle, CU_TENSOR_MAP_SWIZZLE_NONE);
  ASSERT_EQ(driver.launches.size(), 1u);
  ASSERT_EQ(driver.launches[0].maps.size(), 2u);
  EXPECT_EQ(driver.launches[0].maps[0].opaque[0], 1u);
  EXPECT_EQ(driver.launches[0].maps[1].opaque[0], 2u);
}

TEST_F(CudaTensorMaps, HaveTheHeadsOfAllBands) {
  spec.freeHeads();
  call.args.H = 4;
  ASSERT_STREQ(runScan().message, "");
  EXPECT_THAT(driver.maps[0].sizes, ElementsAre(4, 64, 2));
  EXPECT_THAT(driver.maps[1].sizes, ElementsAre(4, 2));
}

TEST_F(CudaTensorMaps, TypesAndSwizzles) {
  const std::pair<mixc_dtype, int> types[] = {
      {MIXC_F32, CU_TENSOR_MAP_FLOAT32}, {MIXC_BF16, CU_TENSOR_MAP_BFLOAT16}, {MIXC_F16, CU_TENSOR_MAP_FLOAT16}};
  const std::pair<int, int> swizzles[] = {
      {0, CU_TENSOR_MAP_SWIZZLE_NONE}, {32, CU_TENSOR_MAP_SWIZZLE_32B}, {64, CU_TENSOR_MAP_SWIZZLE_64B}};
  int64_t strides[] = {1024, 16, 1};
  std::copy(strides, strides + 3, call.args.tensors[toy::X].strides);
  for (int i = 0; i < 3; ++i) {
    spec.tensors[toy::X].dtype = types[i].first;
    maps[0].swizzle = swizzles[i].first;
    ASSERT_STREQ(runScan().message, "");
    const fake::TensorMap &map = driver.maps[driver.maps.size() - 2];
    EXPECT_EQ(map.type, types[i].second);
    EXPECT_EQ(map.swizzle, swizzles[i].second);
    EXPECT_THAT(map.strides, types[i].first == MIXC_F32 ? ElementsAre(64, 4096) : ElementsAre(32, 2048));
  }
}

// Dimensions of one element, whatever their strides, and of none.
TEST_F(CudaTensorMaps, SmallSizesStayLegal) {
  call.args.B = 1;
  int64_t strides[] = {-7, 4, 1};
  std::copy(strides, strides + 3, call.args.tensors[toy::X].strides);
  ASSERT_STREQ(runScan().message, "");
  EXPECT_THAT(driver.maps[0].sizes, ElementsAre(4, 64, 1));
  EXPECT_THAT(driver.maps[0].strides, ElementsAre(16, 16));
  driver.maps.clear();
  call.args.T = 0;
  ASSERT_STREQ(runScan().message, "");
  EXPECT_THAT(driver.maps[0].sizes, ElementsAre(4, 1, 1));
  EXPECT_THAT(driver.maps[0].strides, ElementsAre(16, 16));
}

// A sequence of n tokens that ends at e is the tensor's index T + e - n along B, so that it ends where the tensor does: the tensor begins T
// tokens early, and an index along B is a token.
TEST_F(CudaTensorMaps, OfPackedTokensEndWithTheSequence) {
  const int32_t starts[] = {0, 5, 24};
  mixc_sequences sequences{};
  sequences.starts = starts;
  sequences.starts_bytes = 4;
  sequences.slots = 4;
  call.args.sequences = &sequences;
  call.args.T = 24;
  int64_t strides[] = {12345, 8, 1}; // that of B is ignored
  std::copy(strides, strides + 3, call.args.tensors[toy::X].strides);
  ASSERT_STREQ(runScan().message, "");
  ASSERT_EQ(driver.maps.size(), 2u);
  EXPECT_EQ(driver.maps[0].address, x - 24 * 8);
  EXPECT_THAT(driver.maps[0].sizes, ElementsAre(4, 24, 48));
  EXPECT_THAT(driver.maps[0].strides, ElementsAre(32, 32));
  EXPECT_EQ(driver.maps[1].address, h0);
  EXPECT_THAT(driver.maps[1].sizes, ElementsAre(4, 4));
  driver.maps.clear();
  call.args.T = 1; // whose stride matters here
  ASSERT_STREQ(runScan().message, "");
  EXPECT_EQ(driver.maps[0].address, x - 8);
  EXPECT_THAT(driver.maps[0].sizes, ElementsAre(4, 1, 2));
  EXPECT_THAT(driver.maps[0].strides, ElementsAre(32, 32));
  driver.maps.clear();
  call.args.T = 0;
  ASSERT_STREQ(runScan().message, "");
  EXPECT_EQ(driver.maps[0].address, x);
  EXPECT_THAT(driver.maps[0].sizes, ElementsAre(4, 1, 1));
}

// Half of the coordinates are before the first token.
TEST_F(CudaTensorMaps, OfPackedTokensHaveHalfTheLength) {
  mixc_sequences sequences{};
  sequences.starts = &sequences; // not read
  sequences.starts_bytes = 8;
  call.args.sequences = &sequences;
  call.args.T = ((int64_t(1) << 31) - 65536) / 2;
  EXPECT_EQ(chosen(), toy::scan);
  ++call.args.T;
  EXPECT_EQ(chosen(), toy::quadratic);
  call.args.T = 8;
  call.args.tensors[toy::X].strides[1] = 6;
  call.args.tensors[toy::X].strides[2] = 1;
  EXPECT_EQ(chosen(), toy::quadratic);
  call.args.T = 1; // an index along B is a token all the same
  EXPECT_EQ(chosen(), toy::quadratic);
}

TEST_F(CudaTensorMaps, OfAnAbsentTensorIsZero) {
  call.args.tensors[toy::H0].data = nullptr;
  EXPECT_EQ(chosen(), toy::scan);
  ASSERT_STREQ(runScan().message, "");
  EXPECT_EQ(driver.maps.size(), 1u);
  ASSERT_EQ(driver.launches[0].maps.size(), 2u);
  EXPECT_THAT(driver.launches[0].maps[1].opaque, testing::Each(0u));
}

TEST_F(CudaTensorMaps, FailureNamesTheTensor) {
  driver.failing = "cuTensorMapEncodeTiled";
  driver.skip = 1;
  mixc_status status = runScan();
  EXPECT_EQ(status.code, MIXC_DRIVER);
  EXPECT_STREQ(status.message, "toy: 'h0' [BP]: cuTensorMapEncodeTiled: expected success, got CUDA_ERROR_UNKNOWN (999): "
                               "unknown error");
  EXPECT_THAT(kernels(), IsEmpty());
}

TEST_F(CudaTensorMaps, UnalignedTensorsTakeAPortableVariant) {
  EXPECT_EQ(chosen(), toy::scan);
  call.args.tensors[toy::X].data = x + 1;
  EXPECT_EQ(chosen(), toy::quadratic);
  EXPECT_STREQ(runScan().message, "toy: plan: expected a variant that runs on compute capability 9.0 with these tensors, got 'scan4'");
  EXPECT_STREQ(mixc_spec_run_cuda(&spec.desc, &call.args, workspace, sizeof workspace, stream).message, "");
  EXPECT_THAT(kernels(), ElementsAre("toy_rows", "toy_state"));
}

TEST_F(CudaTensorMaps, ADriverWithoutThemTakesAPortableVariant) {
  driver.forgetTensorMaps();
  EXPECT_EQ(chosen(), toy::quadratic);
  EXPECT_EQ(runScan().code, MIXC_UNSUPPORTED);
  EXPECT_STREQ(mixc_spec_run_cuda(&spec.desc, &call.args, workspace, sizeof workspace, stream).message, "");
  EXPECT_THAT(kernels(), ElementsAre("toy_rows", "toy_state"));
}

TEST_F(Cuda, GridLimit) {
  call.args.tensors[toy::HT].data = nullptr;
  spec.quadraticLaunches[0].blocks = int64_t(1) << 28;
  mixc_status status = run(toy::quadratic, 1);
  EXPECT_EQ(status.code, MIXC_INVALID_ARGUMENT);
  EXPECT_STREQ(status.message, "toy: kernel 'toy_rows': expected at most 2147483647 blocks, got 4294967296 with B = 2, T = "
                               "64: cut the batch");
  EXPECT_THAT(kernels(), IsEmpty());
}

TEST_F(Cuda, NoContext) {
  driver.setCurrent(-1);
  mixc_status status = run();
  EXPECT_EQ(status.code, MIXC_NO_DEVICE);
  EXPECT_STREQ(status.message, "toy: expected a current CUDA context, got none: call cudaSetDevice or cuCtxSetCurrent on "
                               "this thread");
}

TEST_F(Cuda, ObjectWithoutCudaCode) {
  toy::Spec cpu;
  toy::Call call(1, 1);
  EXPECT_STREQ(mixc_spec_run_cuda(&cpu.desc, &call.args, nullptr, 0, nullptr).message,
               "toy: expected CUDA code in the object, got none: compile for a CUDA target");
  EXPECT_EQ(mixc_spec_load(&cpu.desc, {MIXC_DEVICE_CUDA, 0}).code, MIXC_UNSUPPORTED);
}

TEST_F(Cuda, LoadedOncePerContext) {
  for (int round = 0; round < 3; ++round)
    ASSERT_STREQ(run().message, "");
  EXPECT_EQ(driver.modules, toy::numVariants);
  driver.setCurrent(1);
  ASSERT_STREQ(run().message, "");
  driver.setCurrent(0);
  ASSERT_STREQ(run().message, "");
  EXPECT_EQ(driver.modules, 2 * toy::numVariants);
}

TEST_F(Cuda, ANewContextAtTheSameAddressIsNotTheOldOne) {
  ASSERT_STREQ(run().message, "");
  driver.renewContext(0);
  ASSERT_STREQ(run().message, "");
  EXPECT_EQ(driver.images.size(), 2u * toy::numVariants);
}

// After load, a call makes no driver call but to look at the context and to launch.
TEST_F(Cuda, ACallAfterLoadOnlyLaunches) {
  ASSERT_STREQ(mixc_spec_load(&spec.desc, {MIXC_DEVICE_CUDA, 0}).message, "");
  driver.calls.clear();
  ASSERT_STREQ(run().message, "");
  EXPECT_EQ(driver.calls, (std::map<std::string, int>{{"cuCtxGetCurrent", 1}, {"cuCtxGetId", 1}, {"cuLaunchKernel", 3}}));
}

TEST_F(Cuda, LoadIntoTheCurrentContext) {
  ASSERT_STREQ(mixc_spec_load(&spec.desc, {MIXC_DEVICE_CUDA, 0}).message, "");
  EXPECT_EQ(driver.retained, 0);
  EXPECT_EQ(driver.modules, toy::numVariants);
}

TEST_F(Cuda, LoadIntoAPrimaryContextKeepsIt) {
  driver.setCurrent(-1);
  ASSERT_STREQ(mixc_spec_load(&spec.desc, {MIXC_DEVICE_CUDA, 1}).message, "");
  EXPECT_EQ(driver.retained, 1);
  EXPECT_EQ(driver.contextDepth(), 0);
  ASSERT_STREQ(mixc_spec_load(&spec.desc, {MIXC_DEVICE_CUDA, 1}).message, "");
  EXPECT_EQ(driver.retained, 1);
  EXPECT_EQ(driver.modules, toy::numVariants);
  driver.setCurrent(1);
  ASSERT_STREQ(run().message, "");
  EXPECT_EQ(driver.modules, toy::numVariants);
}

TEST_F(Cuda, LoadOfAnUnknownDevice) {
  EXPECT_STREQ(mixc_spec_load(&spec.desc, {MIXC_DEVICE_CUDA, 2}).message, "device.ordinal: expected 0 to 1, got 2");
  EXPECT_STREQ(mixc_spec_load(&spec.desc, {MIXC_DEVICE_CUDA, -1}).message, "device.ordinal: expected 0 to 1, got -1");
}

TEST_F(Cuda, MissingKernel) {
  driver.missingKernel = "toy_scan";
  mixc_status status = run();
  EXPECT_EQ(status.code, MIXC_DRIVER);
  EXPECT_STREQ(status.message, "toy: cuModuleGetFunction: expected kernel 'toy_scan' in the sm_90a image, got none");
  EXPECT_EQ(driver.modules, 0);
}

TEST_F(Cuda, JitLogIsReported) {
  driver.failing = "cuModuleLoadDataEx";
  driver.jitLog = "ptxas fatal: unsupported version";
  EXPECT_STREQ(run().message, "toy: cuModuleLoadDataEx: expected success, got CUDA_ERROR_UNKNOWN (999): unknown error: "
                              "ptxas fatal: unsupported version");
}

TEST_F(Cuda, ManyThreadsLoadOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      driver.setCurrent(i % 2);
      toy::Call mine(2, 64);
      mixc_plan plan = {toy::scan};
      for (int round = 0; round < 20; ++round)
        EXPECT_STREQ(mixc_spec_run_cuda_with(&spec.desc, &plan, &mine.args, workspace, sizeof workspace, stream).message, "");
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(driver.modules, 2 * toy::numVariants);
}

// Every function that a call or a load makes use of, failing at its first or second call: an error that names it,
// nothing left behind, and success once the cause is gone.
struct CudaFailure : Cuda, testing::WithParamInterface<std::tuple<const char *, int>> {
  CudaFailure() {
    spec.scanLaunches[0].shared_bytes = spec.scanLaunches[1].shared_bytes = 100 * 1024;
    spec.scanLaunches[0].persistent = spec.scanLaunches[1].persistent = 1;
    driver.failing = std::get<0>(GetParam());
    driver.skip = std::get<1>(GetParam());
  }
  // Whether the failing function was reached.
  bool reached() { return driver.calls[driver.failing] > driver.skip; }
  void expectClean(const mixc_status &status) {
    EXPECT_EQ(status.code, MIXC_DRIVER);
    std::string message = status.message;
    EXPECT_THAT(driver.failing, HasSubstr(message.substr(0, message.find(':'))));
    EXPECT_THAT(status.message, HasSubstr("expected success, got CUDA_ERROR_UNKNOWN (999): unknown error"));
    EXPECT_EQ(driver.retained, 0);
    if (driver.failing == "cuThreadExchangeStreamCaptureMode" && driver.skip == 1)
      captureModeAfter = CU_CAPTURE_MODE_RELAXED; // could not be restored
    bool launching = driver.failing == "cuLaunchKernel";
    EXPECT_EQ(driver.modules, launching ? toy::numVariants : 0);
  }
};

TEST_P(CudaFailure, InACall) {
  mixc_status status = run();
  if (!reached()) {
    EXPECT_STREQ(status.message, "");
    return;
  }
  expectClean(status);
  driver.failing.clear();
  EXPECT_STREQ(run().message, "");
  EXPECT_EQ(driver.modules, toy::numVariants);
}

TEST_P(CudaFailure, InALoad) {
  driver.setCurrent(-1);
  mixc_status status = mixc_spec_load(&spec.desc, {MIXC_DEVICE_CUDA, 0});
  if (!reached()) {
    EXPECT_STREQ(status.message, "");
    return;
  }
  expectClean(status);
  EXPECT_EQ(driver.contextDepth(), 0);
  driver.failing.clear();
  EXPECT_STREQ(mixc_spec_load(&spec.desc, {MIXC_DEVICE_CUDA, 0}).message, "");
  EXPECT_EQ(driver.modules, toy::numVariants);
}

INSTANTIATE_TEST_SUITE_P(
    EachFunction, CudaFailure,
    testing::Combine(testing::Values("cuDeviceGet", "cuDeviceGetCount", "cuDeviceGetAttribute", "cuDevicePrimaryCtxRetain",
                                     "cuCtxGetCurrent", "cuCtxGetDevice", "cuCtxGetId", "cuCtxPushCurrent_v2",
                                     "cuThreadExchangeStreamCaptureMode", "cuModuleLoadDataEx", "cuModuleGetFunction", "cuFuncSetAttribute",
                                     "cuOccupancyMaxActiveBlocksPerMultiprocessor", "cuLaunchKernel"),
                     testing::Values(0, 1)),
    [](const auto &info) { return std::string(std::get<0>(info.param)) + (std::get<1>(info.param) ? "_second" : "_first"); });

// A failing driver initialisation is final, and says so each time.
TEST_F(Cuda, FailingInit) {
  driver.failing = "cuInit";
  for (int attempt = 0; attempt < 2; ++attempt)
    EXPECT_STREQ(run().message, "cuInit: expected success, got CUDA_ERROR_UNKNOWN (999): unknown error");
  EXPECT_EQ(driver.calls["cuInit"], 1);
}
