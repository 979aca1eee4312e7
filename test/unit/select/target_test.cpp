// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/passes/Target.h"
#include "llvm/Support/Error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using ::testing::AllOf;
using ::testing::HasSubstr;

namespace {

const char *const good = R"({"name": "box", "arch": "x86-64", "kind": "cpu", "units": 4, "copy_bandwidth": 1e10,
  "unit_bandwidth": 5e9, "matrix_rate_f32": 1e11, "matrix_rate_tf32": 1e11, "matrix_rate_half": 1e11, "shared_bandwidth": 1e11, "scalar_rate": 1e10,
  "special_rate": 1e9, "launch_latency": 0, "memory_latency": 1e-7, "shared_bytes": 1048576, "cache_bytes": 8388608})";

std::string replaced(llvm::StringRef from, llvm::StringRef to) {
  std::string text = good;
  const size_t at = text.find(from.str());
  EXPECT_NE(at, std::string::npos) << from.str();
  return text.replace(at, from.size(), to.str());
}

std::string errorOf(llvm::StringRef text) {
  llvm::Expected<mixc::Target> target = mixc::parseTarget(text, "box.json");
  return target ? "" : llvm::toString(target.takeError());
}

TEST(Target, ReadsAndPrintsBack) {
  llvm::Expected<mixc::Target> target = mixc::parseTarget(good, "box.json");
  ASSERT_TRUE(bool(target));
  EXPECT_EQ(target->name, "box");
  EXPECT_FALSE(target->isGpu());
  EXPECT_EQ(target->machine.units, 4);
  EXPECT_EQ(target->machine.copy_bandwidth, 1e10);
  EXPECT_EQ(target->machine.cache_bytes, 8388608);
  llvm::Expected<mixc::Target> again = mixc::parseTarget(mixc::printTarget(*target), "again");
  ASSERT_TRUE(bool(again));
  EXPECT_EQ(mixc::printTarget(*target), mixc::printTarget(*again));
}

TEST(Target, GoesThroughTheAttribute) {
  mlir::MLIRContext context;
  context.loadDialect<mixc::mixer::MixerDialect>();
  llvm::Expected<mixc::Target> target = mixc::parseTarget(good, "box.json");
  ASSERT_TRUE(bool(target));
  llvm::Expected<mixc::Target> back = mixc::targetFromAttr(mixc::targetToAttr(&context, *target));
  ASSERT_TRUE(bool(back)) << llvm::toString(back.takeError());
  EXPECT_EQ(mixc::printTarget(*target), mixc::printTarget(*back));
}

TEST(Target, SetsNumbersAndKeepsTheSource) {
  llvm::Expected<mixc::Target> target =
      mixc::parseTarget(replaced("\"kind\": \"cpu\"", "\"kind\": \"cpu\", \"source\": \"a \\\"box\\\"\""), "box.json");
  ASSERT_TRUE(bool(target));
  EXPECT_EQ(target->source, "a \"box\"");
  mixc::setNumber(*target, "units", 3);
  mixc::setNumber(*target, "launch_latency", 2e-6);
  mixc::setNumber(*target, "cache_bytes", 4096);
  llvm::Expected<mixc::Target> again = mixc::parseTarget(mixc::printTarget(*target), "again");
  ASSERT_TRUE(bool(again));
  EXPECT_EQ(again->source, "a \"box\"");
  EXPECT_EQ(again->machine.units, 3);
  EXPECT_EQ(again->machine.launch_latency, 2e-6);
  EXPECT_EQ(again->machine.cache_bytes, 4096);
}

TEST(Target, ErrorsNameFileKeyExpectedAndGot) {
  EXPECT_THAT(errorOf("{"), AllOf(HasSubstr("box.json"), HasSubstr("expected JSON")));
  EXPECT_THAT(errorOf("[1]"), HasSubstr("box.json: expected a JSON object, got [1]"));
  EXPECT_EQ(errorOf(replaced("\"units\": 4", "\"units\": 0")), "box.json: key 'units': expected a whole number above 0, got 0");
  EXPECT_EQ(errorOf(replaced("\"units\": 4", "\"units\": 2.5")), "box.json: key 'units': expected a whole number above 0, got 2.5");
  EXPECT_EQ(errorOf(replaced("\"scalar_rate\": 1e10", "\"scalar_rate\": \"fast\"")),
            "box.json: key 'scalar_rate': expected a number above 0, got \"fast\"");
  EXPECT_EQ(errorOf(replaced("\"launch_latency\": 0", "\"launch_latency\": -1")),
            "box.json: key 'launch_latency': expected a number of at least 0, got -1");
  EXPECT_EQ(errorOf(replaced("\"units\": 4, ", "")), "box.json: key 'units': expected a whole number above 0, got nothing");
  EXPECT_EQ(errorOf(replaced("\"kind\": \"cpu\"", "\"kind\": \"tpu\"")), "box.json: key 'kind': expected cpu or gpu, got tpu");
  EXPECT_EQ(errorOf(replaced("\"arch\": \"x86-64\"", "\"arch\": \"sm_90\"")), "box.json: key 'arch': expected x86-64, got sm_90");
  EXPECT_THAT(errorOf(replaced("\"units\": 4", "\"units\": 1e300")), HasSubstr("key 'units': expected a whole number"));
  EXPECT_THAT(errorOf(replaced("\"cache_bytes\": 8388608", "\"cache_bytes\": 1e300")),
              HasSubstr("key 'cache_bytes': expected a whole number"));
  EXPECT_THAT(errorOf(std::string(100000, '[')), HasSubstr("box.json: expected brackets that nest at most 256 deep"));
  EXPECT_THAT(errorOf(std::string(100000, '9')), HasSubstr("box.json: expected numbers of at most 1000 digits, got 100000"));
  EXPECT_THAT(errorOf(replaced("\"units\": 4", "\"units\": 4, \"color\": 1")),
              AllOf(HasSubstr("key 'color'"), HasSubstr("got an unknown key")));
}

TEST(Target, FindsFilesAndArchitectures) {
  for (auto [name, machine] : {std::pair{"h100", "h100"},
                               {"h200", "h200"},
                               {"epyc-avx2", "epyc-avx2"},
                               {"epyc-avx512", "epyc-avx512"},
                               {"sm_90a", "h100"},
                               {"sm_90", "h100"},
                               {"sm_100", "h100"},
                               {"sm_100a", "h100"},
                               {"sm_120f", "h100"},
                               {"sm_80", "a100"},
                               {"sm_86", "a100"},
                               {"x86-64", "x86-64"},
                               {MIXC_TARGETS_DIR "/h100.json", "h100"}}) {
    llvm::Expected<mixc::Target> target = mixc::loadTarget(name);
    ASSERT_TRUE(bool(target)) << name << ": " << llvm::toString(target.takeError());
    EXPECT_EQ(target->name, machine) << name;
  }
}

TEST(Target, MissingOnesAreNamed) {
  for (const char *name : {"sm_70", "h1000", "sm_", "sm_90xy", "sm_80a", "sm_89a", "sm_90f", "sm_080", "sm_85", "sm_999", "sm_100x"}) {
    llvm::Expected<mixc::Target> target = mixc::loadTarget(name);
    ASSERT_FALSE(bool(target)) << name;
    EXPECT_THAT(llvm::toString(target.takeError()), AllOf(HasSubstr("h100"), HasSubstr(name)));
  }
  llvm::Expected<mixc::Target> target = mixc::loadTarget("/no/such.json");
  ASSERT_FALSE(bool(target));
  EXPECT_THAT(llvm::toString(target.takeError()), HasSubstr("/no/such.json: expected a readable machine description"));
}

} // namespace
