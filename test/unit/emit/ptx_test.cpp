// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Legality of instructions per architecture, what PTX may call, what ptxas prints.

#include "Backend.h"
#include "Ptx.h"
#include "Ptxas.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Support/SourceMgr.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

// There under AddressSanitizer.
extern "C" void __lsan_disable() __attribute__((weak));
extern "C" void __lsan_enable() __attribute__((weak));

using namespace mixc;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {
struct Ptx : testing::Test {
  llvm::LLVMContext context;

  std::unique_ptr<llvm::Module> parse(const std::string &body, const std::string &declarations) {
    llvm::SMDiagnostic error;
    auto module =
        llvm::parseAssemblyString(declarations + "\ndefine ptx_kernel void @kernel(ptr %p) {\n" + body + "\nret void\n}\n", error, context);
    EXPECT_TRUE(module) << error.getMessage().str();
    return module;
  }
  /// The error of checkLegal, empty if there is none.
  std::string legality(const std::string &body, const std::string &declarations, llvm::StringRef arch) {
    return llvm::toString(checkLegal(*parse(body, declarations), arch));
  }
};
} // namespace

constexpr const char kSetMaxNReg[] = "call void @llvm.nvvm.setmaxnreg.inc.sync.aligned.u32(i32 240)";
constexpr const char kSetMaxNRegDeclaration[] = "declare void @llvm.nvvm.setmaxnreg.inc.sync.aligned.u32(i32 immarg)";

TEST_F(Ptx, ArchitectureSpecificInstructionNeedsExactlyThatArchitecture) {
  EXPECT_EQ(legality(kSetMaxNReg, kSetMaxNRegDeclaration, "sm_90a"), "");
  for (const char *arch : {"sm_80", "sm_90", "sm_100a"})
    EXPECT_EQ(legality(kSetMaxNReg, kSetMaxNRegDeclaration, arch),
              std::string("kernel 'kernel' uses 'setmaxnreg': expected target sm_90a, got ") + arch);
}

TEST_F(Ptx, LaterArchitecturesHaveWhatAnEarlierOneHas) {
  const char *body = "%e = call {i32, i1} @llvm.nvvm.elect.sync(i32 -1)";
  const char *declaration = "declare {i32, i1} @llvm.nvvm.elect.sync(i32)";
  EXPECT_THAT(legality(body, declaration, "sm_80"), HasSubstr("expected target sm_90 or later, got sm_80"));
  EXPECT_EQ(legality(body, declaration, "sm_90"), "");
  EXPECT_EQ(legality(body, declaration, "sm_100"), "");
}

TEST_F(Ptx, InlineAssemblyIsRead) {
  const char *body = "call void asm sideeffect \"wgmma.wait_group.sync.aligned 0;\", \"\"()";
  EXPECT_THAT(legality(body, "", "sm_80"), HasSubstr("uses 'wgmma'"));
  EXPECT_EQ(legality(body, "", "sm_90a"), "");
}

TEST_F(Ptx, BackEndThatGivesUpIsAnError) {
  auto machine = createTargetMachine(kNvptxTriple, "sm_80", "+ptx80");
  ASSERT_TRUE(bool(machine));
  auto module = parse(kSetMaxNReg, kSetMaxNRegDeclaration);
  module->setTargetTriple((*machine)->getTargetTriple());
  module->setDataLayout((*machine)->createDataLayout());
  if (__lsan_disable)
    __lsan_disable(); // a back end that gives up leaves behind what it holds
  llvm::Expected<std::string> code = generateCode(*module, **machine, llvm::CodeGenFileType::AssemblyFile);
  if (__lsan_enable)
    __lsan_enable();
  ASSERT_FALSE(bool(code));
  EXPECT_NE(llvm::toString(code.takeError()), "");
}

TEST_F(Ptx, CallOfAnUndefinedFunctionIsAnError) {
  auto module =
      parse("%x = load float, ptr %p\n%y = call float @__nv_expf(float %x)\nstore float %y, ptr %p", "declare float @__nv_expf(float)");
  llvm::Expected<std::string> ptx = generatePtx(*module, "sm_80");
  ASSERT_FALSE(bool(ptx));
  EXPECT_EQ(llvm::toString(ptx.takeError()),
            "the kernels call '__nv_expf', expected no calls of functions outside of them (libdevice is not linked)");
}

TEST_F(Ptx, KernelBecomesAnEntry) {
  llvm::Expected<std::string> ptx = generatePtx(*parse("store i32 1, ptr %p", ""), "sm_80");
  ASSERT_TRUE(bool(ptx));
  EXPECT_THAT(*ptx, HasSubstr(".target sm_80"));
  EXPECT_THAT(*ptx, HasSubstr(".visible .entry kernel("));
}

TEST(Ptxas, LogIsRead) {
  PtxasOutput output;
  parsePtxasLog("ptxas info    : 0 bytes gmem\n"
                "ptxas info    : Compiling entry function 'a' for 'sm_90'\n"
                "ptxas info    : Function properties for a\n"
                "    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\n"
                "ptxas info    : Used 168 registers, used 1 barriers, 400 bytes cmem[0]\n"
                "ptxas info    : Compiling entry function 'b' for 'sm_90'\n"
                "ptxas info    : Function properties for b\n"
                "    8 bytes stack frame, 4 bytes spill stores, 16 bytes spill loads\n"
                "ptxas info    : Used 255 registers, used 1 barriers\n"
                "ptxas info    : (C7510) Potential Performance Loss: wgmma is serialized\n",
                output);
  EXPECT_EQ(output.usage["a"].registers, 168);
  EXPECT_EQ(output.usage["a"].spillBytes, 0);
  EXPECT_EQ(output.usage["b"].registers, 255);
  EXPECT_EQ(output.usage["b"].spillBytes, 20);
  EXPECT_THAT(output.notices, ElementsAre("b: 20 bytes of registers spilled", HasSubstr("(C7510)")));
}

TEST(Ptxas, KernelsThatSpillAreAllowedMoreRegisters) {
  llvm::StringMap<KernelUsage> usage;
  usage["a"] = {96, 8};
  usage["b"] = {128, 0};
  usage["c"] = {255, 40}; // no more to allow
  llvm::StringMap<int> limits;
  limits["a"] = limits["b"] = limits["c"] = 255;
  auto allowed = registersToAllow(usage, limits, 0);
  EXPECT_EQ(allowed.size(), 1u);
  EXPECT_EQ(allowed["a"], 112);
  EXPECT_EQ(registersToAllow(usage, limits, 1)["a"], 144);
  EXPECT_EQ(registersToAllow(usage, limits, 2)["a"], 255);

  const std::string ptx = ".visible .entry b(\n)\n.maxntid 64\n{\n}\n.visible .entry a(\n)\n.maxntid 32\n{\n}\n";
  const std::string once = allowRegisters(ptx, allowed);
  EXPECT_EQ(once, ".visible .entry b(\n)\n.maxntid 64\n{\n}\n.visible .entry a(\n)\n.maxntid 32\n.maxnreg 112\n{\n}\n");
  allowed["a"] = 144;
  const std::string again = allowRegisters(once, allowed);
  EXPECT_THAT(again, HasSubstr(".maxnreg 144\n{"));
  EXPECT_THAT(again, testing::Not(HasSubstr("112")));
}

// A block whose threads have more registers together than a multiprocessor does not start, and ptxas does not mind.
TEST(Ptxas, RegistersLeaveRoomForTheBlock) {
  auto limits = registerLimits(".visible .entry a(\n)\n.maxntid 128\n{\n}\n.visible .entry b(\n)\n.maxntid 512\n{\n}\n"
                               ".visible .entry c(\n)\n.maxntid 384\n{\n}\n.visible .entry d(\n)\n{\n}\n");
  EXPECT_EQ(limits["a"], 255);
  EXPECT_EQ(limits["b"], 128);
  EXPECT_EQ(limits["c"], 168);
  llvm::StringMap<KernelUsage> usage;
  usage["b"] = {128, 40};
  usage["c"] = {160, 40};
  usage["d"] = {32, 40};
  for (int attempt = 0; attempt < 3; ++attempt) {
    auto allowed = registersToAllow(usage, limits, attempt);
    EXPECT_EQ(allowed.size(), 1u);
    EXPECT_EQ(allowed["c"], 168);
  }
}
