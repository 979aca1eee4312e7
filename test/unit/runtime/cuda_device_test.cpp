// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The runtime on a real GPU; skipped where there is none.

#include "ToyPtx.h"
#include "ToySpec.h"

#include <gtest/gtest.h>

#include <dlfcn.h>

namespace {

// What a program does with the driver around a call. Each method is the driver function of that name.
class Gpu {
public:
  Gpu() : library(dlopen("libcuda.so.1", RTLD_NOW)) {
    void *context = nullptr;
    present = library && call<unsigned>("cuInit", 0) == 0 && call<void **, int>("cuDevicePrimaryCtxRetain", &context, 0) == 0 &&
              call<void *>("cuCtxSetCurrent", context) == 0 &&
              call<CUstream *, unsigned>("cuStreamCreate", &stream, /*non-blocking*/ 1) == 0;
  }
  ~Gpu() {
    for (uint64_t memory : allocations)
      call<uint64_t>("cuMemFree_v2", memory);
    if (present) {
      call<CUstream>("cuStreamDestroy_v2", stream);
      call<int>("cuDevicePrimaryCtxRelease_v2", 0);
    }
  }
  template <typename... Args> int call(const char *name, Args... args) {
    auto *function = reinterpret_cast<int (*)(Args...)>(dlsym(library, name));
    return function ? function(args...) : -1;
  }
  void *allocate(size_t bytes) {
    uint64_t memory = 0;
    EXPECT_EQ((call<uint64_t *, size_t>("cuMemAlloc_v2", &memory, bytes + 1)), 0);
    allocations.push_back(memory);
    return reinterpret_cast<void *>(memory);
  }
  void *copyIn(const std::vector<float> &host) {
    void *memory = allocate(host.size() * sizeof(float));
    EXPECT_EQ((call<uint64_t, const void *, size_t>("cuMemcpyHtoD_v2", reinterpret_cast<uint64_t>(memory), host.data(),
                                                    host.size() * sizeof(float))),
              0);
    return memory;
  }
  void copyOut(std::vector<float> &host, const void *memory) {
    EXPECT_EQ(
        (call<void *, uint64_t, size_t>("cuMemcpyDtoH_v2", host.data(), reinterpret_cast<uint64_t>(memory), host.size() * sizeof(float))),
        0);
  }
  void synchronize() { EXPECT_EQ(call<CUstream>("cuStreamSynchronize", stream), 0); }

  bool present = false;
  CUstream stream = nullptr;

private:
  void *library;
  std::vector<uint64_t> allocations;
};

struct CudaDevice : testing::Test {
  CudaDevice() : ptx(toy::scanPtx()), spec(MIXC_DEVICE_CUDA) {
    image = {ptx.c_str(), ptx.size() + 1, 80, 0, MIXC_IMAGE_PTX, toy::scan};
    spec.desc.images = &image;
    spec.desc.n_images = 1;
    spec.desc.n_variants = 1; // the scan
    for (mixc_launch_desc &launch : spec.scanLaunches)
      launch.threads = toy::P;
  }
  void SetUp() override {
    if (!gpu.present)
      GTEST_SKIP() << "no GPU";
  }
  mixc_args copyIn(const toy::Call &call) {
    mixc_args args = call.args;
    args.tensors[toy::X].data = gpu.copyIn(call.x);
    args.tensors[toy::H0].data = gpu.copyIn(call.h0);
    args.tensors[toy::Y].data = gpu.copyIn(call.y);
    args.tensors[toy::HT].data = gpu.copyIn(call.hT);
    return args;
  }
  void expectResults(toy::Call &call, const mixc_args &args) {
    gpu.copyOut(call.y, args.tensors[toy::Y].data);
    gpu.copyOut(call.hT, args.tensors[toy::HT].data);
    EXPECT_EQ(call.y, call.expectedY());
    EXPECT_EQ(call.hT, call.expectedState());
  }
  void run(const mixc_args &args, int64_t splits) {
    mixc_plan plan = {toy::scan};
    plan.splits = splits;
    ASSERT_STREQ(mixc_spec_plan(&spec.desc, MIXC_DEVICE_CUDA, &args, &plan).message, "");
    if (!workspace)
      workspace = gpu.allocate(plan.workspace_bytes);
    ASSERT_STREQ(mixc_spec_run_cuda_with(&spec.desc, &plan, &args, workspace, plan.workspace_bytes, gpu.stream).message, "");
  }

  std::string ptx;
  mixc_image_desc image;
  toy::Spec spec;
  Gpu gpu;
  void *workspace = nullptr;
};

} // namespace

TEST_F(CudaDevice, EverySplit) {
  for (int64_t T : {0, 1, 5, 64, 101})
    for (int64_t splits : {1, 3, 16}) {
      toy::Call call(3, T);
      mixc_args args = copyIn(call);
      workspace = nullptr;
      run(args, splits);
      gpu.synchronize();
      expectResults(call, args);
    }
}

// The first call of a spec, and so its load, inside a capture; the graph then runs on new input.
TEST_F(CudaDevice, FirstCallInACapture) {
  toy::Call call(2, 64);
  mixc_args args = copyIn(call);
  workspace = gpu.allocate(8192);
  void *graph = nullptr, *executable = nullptr;
  ASSERT_EQ((gpu.call<CUstream, int>("cuStreamBeginCapture_v2", gpu.stream, /*global*/ 0)), 0);
  run(args, 4);
  ASSERT_EQ((gpu.call<CUstream, void **>("cuStreamEndCapture", gpu.stream, &graph)), 0);
  ASSERT_EQ((gpu.call<void **, void *, uint64_t>("cuGraphInstantiateWithFlags", &executable, graph, 0)), 0);
  for (int round = 0; round < 2; ++round) {
    ASSERT_EQ((gpu.call<void *, CUstream>("cuGraphLaunch", executable, gpu.stream)), 0);
    gpu.synchronize();
    expectResults(call, args);
  }
  gpu.call<void *>("cuGraphExecDestroy", executable);
  gpu.call<void *>("cuGraphDestroy", graph);
}

TEST_F(CudaDevice, ARefusedLaunchIsAnError) {
  toy::Call call(2, 64);
  mixc_args args = copyIn(call);
  workspace = gpu.allocate(8192);
  spec.scanLaunches[2].threads = 4096; // more than a block may have
  mixc_plan plan = {toy::scan};
  plan.splits = 1;
  mixc_status status = mixc_spec_run_cuda_with(&spec.desc, &plan, &args, workspace, 8192, gpu.stream);
  EXPECT_EQ(status.code, MIXC_DRIVER);
  EXPECT_STREQ(status.message, "cuLaunchKernel: expected success, got CUDA_ERROR_INVALID_VALUE (1): invalid argument");
}
