// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A family of code that the compiler has never seen: registered here, its plans are selected, decomposed, lowered and described like those
// of the families that come along.

#include "mixc/passes/Compiler.h"
#include "mixc/passes/Family.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FormatVariadic.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace mlir;
using testing::HasSubstr;

namespace {

/// Code for every GPU in chunks of 16, of one warp for each 16 columns, whose blocks are told to cost nothing but bytes.
struct Toy : mixc::Family {
  Toy() : Family("toy") {}

  void listPlans(const mixc::PlanRequest &request, mixc::PlanTaker take) const override {
    if (!request.target.isGpu() || !request.wants(mixc::mixer::Algorithm::Chunked))
      return;
    const int64_t pblock = std::min<int64_t>(request.facts.p, 64);
    auto plan =
        mixc::mixer::AlgorithmAttr::get(request.context(), mixc::mixer::Algorithm::Chunked, 16, /*heads=*/1, pblock, request.operand,
                                        mixc::mixer::Precision::F32, /*stages=*/2, /*warps=*/4, /*associative=*/false, getName(),
                                        /*parts=*/1, /*pieces=*/1, /*persistent=*/0, /*teams=*/0, /*rebalance=*/true);
    take(plan);
  }
  std::string problemOf(mixc::mixer::AlgorithmAttr plan) const override {
    return plan.getChunk() == 16 ? "" : "expected chunk = 16 of family = toy, got " + std::to_string(plan.getChunk());
  }
  std::string misfitOf(mixc::mixer::AlgorithmAttr, const mixc::BlockNeeds &needs, const mixc::Target &) const override {
    EXPECT_EQ(needs.threads, 128);
    EXPECT_GT(needs.sharedBytes, 0);
    return needs.stateElements > 1024 ? "a state that is no toy" : "";
  }
  int64_t blocksPerUnit(mixc::mixer::AlgorithmAttr, const mixc::BlockNeeds &, const mixc::Target &) const override { return 7; }
  mixc::OpCosts opCosts(mixc::mixer::AlgorithmAttr, const mixc::Target &) const override {
    mixc::OpCosts costs;
    costs.elementwise = 0;
    costs.iteration = 1e-6;
    return costs;
  }
};

class Families : public testing::Test {
protected:
  static void SetUpTestSuite() { mixc::registerFamily(std::make_unique<Toy>()); }

  Families() {
    DialectRegistry registry;
    mixc::registerCompilerDialects(registry);
    context.appendDialectRegistry(registry);
  }

  mixc::CompileResult compile(StringRef plans, mixc::EmitLevel emit, int64_t n = 16) {
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) { diagnostics += diagnostic.str(); });
    module = parseSourceString<ModuleOp>(
        llvm::formatv("mixer.spec @m(%x: [B,T,H,P] io, %g: [B,T,H], %b: [B,T,H,N] io, %c: [B,T,H,N] io) -> (%y: [B,T,H,P] io) {0} {{\n"
                      "  %o, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g\n  mixer.return %o\n}",
                      plans)
            .str(),
        &context);
    mixc::CompileOptions options;
    options.targets = {"sm_80"};
    options.dtype = "bf16";
    options.shape = {{"H", 2}, {"P", 16}, {"N", n}};
    options.algorithm = plans.empty() ? "chunked" : "auto";
    options.emit = emit;
    options.ptxas = "none";
    return mixc::compile(*module, options);
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  std::string diagnostics;
};

} // namespace

TEST_F(Families, PlansOfARegisteredOneAreCompiledBesideThePortableOnes) {
  mixc::CompileResult result = compile("", mixc::EmitLevel::Object);
  ASSERT_TRUE(result.artefacts) << diagnostics;
  const std::vector<mixc::VariantInfo> &variants = result.artefacts->info().variants;
  ASSERT_EQ(variants.size(), 2u);
  EXPECT_EQ(variants[0].name, "chunked16_toy");
  EXPECT_THAT(variants[0].plan, HasSubstr("family = toy"));
  EXPECT_EQ(variants[0].arch, 80);
  EXPECT_EQ(variants[0].cost.blocks_per_unit, 7);
  EXPECT_EQ(variants[0].cost.scalar_token, 0);
  EXPECT_GT(variants[0].cost.matrix_token, 0);
  EXPECT_EQ(variants[1].name, "chunked32");
  EXPECT_NE(variants[1].cost.scalar_token, 0);
}

TEST_F(Families, ItsKernelsAreLowered) {
  mixc::CompileResult result =
      compile("attributes {plans = [#mixer.algorithm<chunked, chunk = 16, operand = bf16, family = toy>]}", mixc::EmitLevel::Ptx);
  ASSERT_TRUE(result.artefacts) << diagnostics;
  EXPECT_THAT(result.artefacts->text, HasSubstr("mma.sync"));
}

TEST_F(Families, WhatItSaysOfAPlanIsTheMessage) {
  compile("attributes {plans = [#mixer.algorithm<chunked, chunk = 32, operand = bf16, family = toy>]}", mixc::EmitLevel::Ptx);
  EXPECT_THAT(diagnostics, HasSubstr("plans: expected chunk = 16 of family = toy, got 32"));
}

TEST_F(Families, ABlockThatDoesNotFitLeavesThePortablePlan) {
  mixc::CompileResult result = compile("", mixc::EmitLevel::Object, /*n=*/128);
  ASSERT_TRUE(result.artefacts) << diagnostics;
  ASSERT_EQ(result.artefacts->info().variants.size(), 1u);
  EXPECT_EQ(result.artefacts->info().variants[0].name, "chunked32");
}

TEST_F(Families, UnknownOnesAreNamed) {
  compile("attributes {plans = [#mixer.algorithm<chunked, chunk = 16, operand = bf16, family = tpu>]}", mixc::EmitLevel::Ptx);
  EXPECT_THAT(diagnostics, HasSubstr("plans: expected family = portable, sm_90a, toy, got tpu"));
}
