// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which images --target asks for, and the PTX of kernels for different architectures in one text.

#include "Goals.h"
#include "Ptx.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace mixc;
using testing::ElementsAre;
using testing::HasSubstr;

static std::vector<std::string> archsOf(const Goals &goals) {
  std::vector<std::string> names;
  for (const GpuArch &arch : goals.cubins)
    names.push_back(arch.name());
  return names;
}

static Goals goalsFor(std::vector<std::string> targets) {
  CompileOptions options;
  options.targets = std::move(targets);
  llvm::Expected<Goals> goals = resolveGoals(options);
  if (!goals) {
    ADD_FAILURE() << llvm::toString(goals.takeError());
    return {};
  }
  return std::move(*goals);
}

TEST(Goals, DefaultIsEveryGpu) {
  Goals goals = goalsFor({});
  EXPECT_TRUE(goals.cpu);
  EXPECT_THAT(archsOf(goals), ElementsAre("sm_80", "sm_90a"));
  EXPECT_TRUE(goals.specialised());
  EXPECT_EQ(goals.gpu->name, "h100");
  EXPECT_EQ(goals.gpu->arch, "sm_90a");
}

TEST(Goals, PlainAndSpecificAreTwo) {
  Goals plain = goalsFor({"sm_90"});
  EXPECT_THAT(archsOf(plain), ElementsAre("sm_90"));
  EXPECT_FALSE(plain.specialised());
  EXPECT_EQ(plain.gpu->arch, "sm_90"); // of the same machine
  EXPECT_EQ(plain.gpu->name, "h100");
  Goals both = goalsFor({"sm_90a", "sm_80", "sm_90"});
  EXPECT_THAT(archsOf(both), ElementsAre("sm_80", "sm_90", "sm_90a"));
  EXPECT_EQ(both.gpuName, "sm_90a");
}

TEST(Goals, MachinesHaveAnArchitecture) {
  EXPECT_THAT(archsOf(goalsFor({"h100"})), ElementsAre("sm_90a"));
  EXPECT_THAT(archsOf(goalsFor({"a100", "h100"})), ElementsAre("sm_80", "sm_90a"));
  // Nothing is written for later ones alone.
  EXPECT_THAT(archsOf(goalsFor({"sm_100a"})), ElementsAre("sm_100"));
}

TEST(Goals, VariantsRunWhereTheyMay) {
  VariantInfo portable, specific;
  portable.arch = 80;
  specific.arch = 90;
  specific.archSpecific = true;
  for (GpuArch arch : {GpuArch{80, false}, {90, false}, {90, true}, {100, false}}) {
    EXPECT_TRUE(arch.runs(portable)) << arch.name();
    EXPECT_EQ(arch.runs(specific), arch.specific) << arch.name();
  }
  portable.arch = 90; // for its shared memory
  EXPECT_FALSE((GpuArch{80, false}.runs(portable)));
  EXPECT_TRUE((GpuArch{90, true}.runs(portable)));
}

TEST(JoinedPtx, HasOneHeader) {
  const std::string header = "//\n// Generated\n//\n\n.version 8.0\n.target ", size = "\n.address_size 64\n\n";
  const std::string shared = ".extern .shared .align 1024 .b8 dyn_smem[];\n";
  const std::string a = ".visible .entry a(\n)\n{\n\tret;\n}\n", b = ".visible .entry b(\n)\n{\n\tret;\n}\n";
  std::string joined = joinPtx(header + "sm_90a" + size + shared + a, header + "sm_80" + size + shared + b);
  EXPECT_EQ(joined.find("sm_80"), std::string::npos);
  for (const std::string &part : {std::string(".version 8.0\n.target sm_90a"), shared, a, b}) {
    EXPECT_THAT(joined, HasSubstr(part));
    EXPECT_EQ(joined.find(part), joined.rfind(part)) << part;
  }
  EXPECT_THAT(joinPtx(header + "sm_90a" + size + a, header + "sm_80" + size + shared + b), HasSubstr(shared));
  EXPECT_EQ(joinPtx(a, ""), a + "\n");
}
