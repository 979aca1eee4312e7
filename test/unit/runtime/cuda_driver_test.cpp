// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

extern "C" {
#include "cuda_driver.h"
}
#include "FakeDriver.h"
#include "ToySpec.h"

#include <gmock/gmock.h>

using testing::HasSubstr;
using testing::StartsWith;

namespace {

// Puts the real driver back however the test ends.
struct Library {
  explicit Library(const char *file) { mixc_cuda_driver_set_library_for_test(file); }
  ~Library() { mixc_cuda_driver_set_for_test(nullptr); }
};

} // namespace

TEST(CudaDriver, MissingLibraryIsNoDevice) {
  Library library("libmixc-has-no-such-driver.so");
  const mixc_cuda_driver *driver;
  for (int attempt = 0; attempt < 2; ++attempt) {
    mixc_status status = mixc_cuda_driver_get(&driver);
    EXPECT_EQ(status.code, MIXC_NO_DEVICE);
    EXPECT_THAT(status.message, StartsWith("expected the NVIDIA driver's libmixc-has-no-such-driver.so, got none: "));
  }
}

TEST(CudaDriver, ALibraryWithoutTheFunctionsIsNoDevice) {
  Library library("libc.so.6");
  const mixc_cuda_driver *driver;
  mixc_status status = mixc_cuda_driver_get(&driver);
  EXPECT_EQ(status.code, MIXC_NO_DEVICE);
  EXPECT_STREQ(status.message, "libc.so.6: expected the function cuInit, got none: update the driver");
}

TEST(CudaDriver, CallsReportIt) {
  Library library("libmixc-has-no-such-driver.so");
  toy::Spec spec(MIXC_DEVICE_CUDA);
  toy::Call call(1, 8);
  EXPECT_EQ(mixc_spec_run_cuda(&spec.desc, &call.args, nullptr, 0, nullptr).code, MIXC_NO_DEVICE);
  EXPECT_EQ(mixc_spec_load(&spec.desc, {MIXC_DEVICE_CUDA, 0}).code, MIXC_NO_DEVICE);
  EXPECT_EQ(mixc_spec_workspace_bytes(&spec.desc, &call.args), 0u);
}

TEST(CudaDriver, NoGpu) {
  fake::Driver driver;
  driver.failing = "cuInit";
  driver.failure = CU_ERROR_NO_DEVICE;
  const mixc_cuda_driver *table;
  mixc_status status = mixc_cuda_driver_get(&table);
  EXPECT_EQ(status.code, MIXC_NO_DEVICE);
  EXPECT_THAT(status.message, HasSubstr("expected a CUDA GPU, got none"));
}

TEST(CudaDriver, InitialisedOnce) {
  fake::Driver driver;
  const mixc_cuda_driver *table;
  for (int attempt = 0; attempt < 3; ++attempt)
    EXPECT_STREQ(mixc_cuda_driver_get(&table).message, "");
  EXPECT_EQ(driver.calls["cuInit"], 1);
}

TEST(CudaDriver, ErrorTexts) {
  fake::Driver driver;
  const mixc_cuda_driver *table;
  ASSERT_STREQ(mixc_cuda_driver_get(&table).message, "");
  EXPECT_STREQ(mixc_cuda_check(table, 0, "cuFoo").message, "");
  mixc_status status = mixc_cuda_check(table, 999, "cuFoo");
  EXPECT_EQ(status.code, MIXC_DRIVER);
  EXPECT_STREQ(status.message, "cuFoo: expected success, got CUDA_ERROR_UNKNOWN (999): unknown error");
  status = mixc_cuda_check(table, CU_ERROR_OUT_OF_MEMORY, "cuFoo");
  EXPECT_EQ(status.code, MIXC_OUT_OF_MEMORY);
  status = mixc_cuda_check(table, 12345, "cuFoo");
  EXPECT_STREQ(status.message, "cuFoo: expected success, got an error (12345): no text");
}
