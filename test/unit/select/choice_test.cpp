// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which plan wins where: the coefficients and the shipped machine descriptions together.

#include "mixc/passes/Select.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"

using namespace mlir;
using mixc::mixer::Algorithm;

namespace {

struct Shape {
  int64_t batch, length;
};

class Choice : public ::testing::Test {
protected:
  Choice() { context.loadDialect<mixc::mixer::MixerDialect>(); }

  mixc::mixer::SpecOp parse(int64_t heads, int64_t p, int64_t n, int64_t groups = 1, StringRef io = "bf16") {
    const std::string text = llvm::formatv(R"(
      mixer.spec @m(%x: [B,T,H,P] io, %g: [B,T,H], %b: [B,T,G,N] io, %c: [B,T,G,N] io) -> (%y: [B,T,H,P] io)
          attributes {{sizes = {{H = {0} : i64, P = {1} : i64, N = {2} : i64, G = {3} : i64}, io = {4}} {{
        %o, %S = mixer.semiseparable x = %x, b = %b, c = %c, decay = %g
        mixer.return %o
      })",
                                           heads, p, n, groups, io);
    module = parseSourceString<ModuleOp>(text, &context);
    EXPECT_TRUE(module);
    return *module->getOps<mixc::mixer::SpecOp>().begin();
  }

  mixc::Target target(StringRef name) {
    llvm::Expected<mixc::Target> found = mixc::loadTarget((MIXC_TARGETS_DIR "/" + name + ".json").str());
    EXPECT_TRUE(bool(found));
    return *found;
  }

  /// The one plan that runs on any tensors.
  mixc::Candidate best(mixc::mixer::SpecOp spec, StringRef machine, Shape shape) {
    mixc::SelectOptions options;
    options.batch = shape.batch;
    options.length = shape.length;
    FailureOr<SmallVector<mixc::Candidate>> plans = mixc::selectPlans(spec, target(machine), options);
    EXPECT_TRUE(succeeded(plans));
    llvm::erase_if(*plans, [](const mixc::Candidate &candidate) { return candidate.plan.getWarpgroups() > 0; });
    EXPECT_EQ(plans->size(), 1u);
    return plans->front();
  }

  Algorithm winner(mixc::mixer::SpecOp spec, StringRef machine, Shape shape) {
    return best(spec, machine, shape).plan.getAlgorithm();
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
};

TEST_F(Choice, ChunkedWinsAtMamba2Shapes) {
  for (StringRef machine : {"h100", "a100", "x86-64"})
    for (Shape shape : {Shape{8, 4096}, Shape{1, 16384}, Shape{64, 512}})
      EXPECT_EQ(winner(parse(24, 64, 128), machine, shape), Algorithm::Chunked) << machine.str() << " T " << shape.length;
}

TEST_F(Choice, ScanWinsAtSmallStates) {
  EXPECT_EQ(winner(parse(24, 64, 4, 1, "f32"), "x86-64", {1, 4096}), Algorithm::Scan);
  EXPECT_EQ(winner(parse(24, 1, 1, 24, "f32"), "x86-64", {8, 4096}), Algorithm::Scan);
}

TEST_F(Choice, ChunkedIsNotTakenForOneToken) {
  for (StringRef machine : {"h100", "x86-64"})
    EXPECT_NE(winner(parse(24, 64, 128), machine, {1, 1}), Algorithm::Chunked) << machine.str();
}

TEST_F(Choice, QuadraticWinsAtFewTokens) {
  EXPECT_EQ(winner(parse(24, 64, 128), "h100", {8, 16}), Algorithm::Quadratic);
  EXPECT_EQ(winner(parse(24, 64, 128), "x86-64", {1, 16}), Algorithm::Quadratic);
}

TEST_F(Choice, FewHeadsAndLongSequencesAreSplit) {
  const mixc::Target h100 = target("h100");
  mixc::mixer::SpecOp spec = parse(8, 64, 128);
  EXPECT_GT(mixc::predict(best(spec, "h100", {1, 65536}), h100, 1, 65536).splits, 8);
  EXPECT_EQ(mixc::predict(best(spec, "h100", {64, 4096}), h100, 64, 4096).splits, 1);
}

TEST_F(Choice, GpuPlansKeepToTheBudgets) {
  for (int64_t n : {1, 64, 128, 256})
    for (int64_t p : {1, 48, 80, 128, 256})
      for (StringRef io : {"f32", "bf16"})
        for (StringRef machine : {"h100", "a100"}) {
          const mixc::Target gpu = target(machine);
          mixc::mixer::SpecOp spec = parse(8, p, n, 1, io);
          FailureOr<mixc::SpecFacts> facts = mixc::collectFacts(spec);
          ASSERT_TRUE(succeeded(facts));
          const mixc::Candidate plan = best(spec, machine, {8, 4096});
          EXPECT_LE(mixc::planBytes(*facts, plan.plan), gpu.machine.shared_bytes) << "N " << n << " P " << p;
          EXPECT_LE(plan.plan.getPblock(), 64);
          EXPECT_LE(plan.plan.getWarps(), 16);
        }
}

TEST_F(Choice, HeadsOfABlockShareBAndC) {
  EXPECT_EQ(best(parse(24, 64, 128, 24), "h100", {8, 4096}).plan.getHeads(), 1);
  EXPECT_EQ(best(parse(6, 64, 128, 2), "h100", {8, 4096}).plan.getHeads() % 2, 1);
}

TEST_F(Choice, AtMostThreePlansForADispatcher) {
  for (StringRef machine : {"h100", "x86-64"}) {
    mixc::mixer::SpecOp spec = parse(24, 64, 128);
    FailureOr<SmallVector<mixc::Candidate>> plans = mixc::selectPlans(spec, target(machine), {});
    ASSERT_TRUE(succeeded(plans));
    llvm::erase_if(*plans, [](const mixc::Candidate &candidate) { return candidate.plan.getWarpgroups() > 0; });
    EXPECT_GE(plans->size(), 2u);
    EXPECT_LE(plans->size(), 3u);
    EXPECT_EQ(plans->front().plan.getAlgorithm(), Algorithm::Chunked);
  }
}

} // namespace
