// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which plan wins where: the coefficients and the shipped machine descriptions together.

#include "mixc/passes/Family.h"
#include "mixc/passes/Select.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cmath>
#include <utility>

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
    llvm::erase_if(*plans, [](const mixc::Candidate &candidate) { return candidate.plan.getFamily() != mixc::kPortableFamily; });
    EXPECT_EQ(plans->size(), 1u);
    return plans->front();
  }

  Algorithm winner(mixc::mixer::SpecOp spec, StringRef machine, Shape shape) { return best(spec, machine, shape).plan.getAlgorithm(); }

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
  EXPECT_NE(winner(parse(24, 64, 128), "h100", {1, 1}), Algorithm::Chunked);
  // Also where memory takes longer than the arithmetic of either.
  for (int64_t batch : {1, 8, 64})
    EXPECT_EQ(winner(parse(24, 64, 128), "x86-64", {batch, 1}), Algorithm::Scan) << "B = " << batch;
}

TEST_F(Choice, QuadraticWinsAtFewTokens) {
  EXPECT_EQ(winner(parse(24, 64, 128), "x86-64", {1, 16}), Algorithm::Quadratic);
  EXPECT_EQ(winner(parse(24, 64, 128), "h100", {8, 64}), Algorithm::Chunked); // 1.3 times as fast on an H200
}

/// Every candidate that fits a machine, of which those with products of f32 operands have the precision and the operand of the cost model.
void expectPrecision(ArrayRef<mixc::Candidate> candidates, mixc::mixer::Precision precision, int32_t operand) {
  for (const mixc::Candidate &candidate : candidates) {
    if (!candidate.rejected.empty())
      continue;
    const bool scan = candidate.plan.getAlgorithm() == Algorithm::Scan;
    EXPECT_EQ(candidate.plan.getPrecision(), scan ? mixc::mixer::Precision::F32 : precision);
    EXPECT_EQ(candidate.cost.operand, scan ? MIXC_OPERAND_F32 : operand);
  }
}

TEST_F(Choice, PrecisionIsTf32OnAGpuUnlessF32IsAskedFor) {
  using mixc::mixer::Precision;
  mixc::mixer::SpecOp spec = parse(24, 64, 128, 1, "f32");
  const FailureOr<mixc::SpecFacts> facts = mixc::collectFacts(spec);
  ASSERT_TRUE(succeeded(facts));
  auto list = [&](StringRef machine, std::optional<Precision> precision) {
    mixc::SelectOptions options;
    options.precision = precision;
    return mixc::listCandidates(spec, *facts, target(machine), options);
  };
  expectPrecision(list("h100", std::nullopt), Precision::TF32, MIXC_OPERAND_TF32);
  expectPrecision(list("h100", Precision::TF32), Precision::TF32, MIXC_OPERAND_TF32);
  expectPrecision(list("h100", Precision::F32), Precision::F32, MIXC_OPERAND_SPLIT);
  expectPrecision(list("a100", Precision::F32), Precision::F32, MIXC_OPERAND_SPLIT);
  expectPrecision(list("x86-64", std::nullopt), Precision::F32, MIXC_OPERAND_F32);
}

TEST_F(Choice, ProductsOfF32TakeThreeTimesAsLongOnAGpu) {
  mixc::mixer::SpecOp spec = parse(24, 64, 128, 1, "f32");
  auto predicted = [&](mixc::mixer::Precision precision) {
    mixc::SelectOptions options;
    options.algorithm = Algorithm::Chunked;
    options.precision = precision;
    options.heads = 1;
    FailureOr<SmallVector<mixc::Candidate>> plans = mixc::selectPlans(spec, target("h100"), options);
    EXPECT_TRUE(succeeded(plans));
    return mixc::predict(plans->front(), target("h100"), 8, 4096).terms;
  };
  const mixc_cost_terms tf32 = predicted(mixc::mixer::Precision::TF32);
  const mixc_cost_terms f32 = predicted(mixc::mixer::Precision::F32);
  EXPECT_DOUBLE_EQ(f32.matrix / f32.shared, 3 * tf32.matrix / tf32.shared); // whatever splits they take
  EXPECT_GT(f32.scalar, tf32.scalar);
  EXPECT_GT(f32.total, tf32.total);
}

TEST_F(Choice, OperandsOf16BitsLeaveNoPrecisionToChoose) {
  mixc::mixer::SpecOp spec = parse(24, 64, 128);
  const FailureOr<mixc::SpecFacts> facts = mixc::collectFacts(spec);
  ASSERT_TRUE(succeeded(facts));
  mixc::SelectOptions options;
  EXPECT_EQ(mixc::problemOf(options, *facts, /*onGpu=*/true), "");
  options.precision = mixc::mixer::Precision::F32;
  EXPECT_NE(mixc::problemOf(options, *facts, /*onGpu=*/true), "");
  EXPECT_EQ(mixc::problemOf(options, *facts, /*onGpu=*/false), "");
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
          const mixc::Candidate plan = best(spec, machine, {8, 4096});
          EXPECT_GE(plan.cost.blocks_per_unit, 1) << "N " << n << " P " << p;
          EXPECT_LE(plan.plan.getPblock(), 64);
          EXPECT_LE(plan.plan.getWarps(), 16);
        }
}

TEST_F(Choice, HeadsOfABlockShareBAndC) {
  EXPECT_EQ(best(parse(24, 64, 128, 24), "h100", {8, 4096}).plan.getHeads(), 1);
  EXPECT_EQ(best(parse(6, 64, 128, 2), "h100", {8, 4096}).plan.getHeads() % 2, 1);
}

TEST_F(Choice, FewPlansForADispatcher) {
  for (StringRef machine : {"h100", "x86-64"}) {
    mixc::mixer::SpecOp spec = parse(24, 64, 128);
    FailureOr<SmallVector<mixc::Candidate>> plans = mixc::selectPlans(spec, target(machine), {});
    ASSERT_TRUE(succeeded(plans));
    const auto isSpecial = [](const mixc::Candidate &candidate) { return candidate.plan.getFamily() != mixc::kPortableFamily; };
    EXPECT_LE(llvm::count_if(*plans, isSpecial), 2);
    llvm::erase_if(*plans, isSpecial);
    EXPECT_GE(plans->size(), 2u);
    EXPECT_LE(plans->size(), machine == "x86-64" ? 3u : 4u);
    EXPECT_EQ(plans->front().plan.getAlgorithm(), Algorithm::Chunked);
  }
}

// Without B and T, no call takes over a tenth longer than with the best of all plans.
TEST_F(Choice, PlansForADispatcherAreEnough) {
  for (auto [machine, io] : {std::pair{"h100", "bf16"}, {"h100", "f32"}, {"a100", "bf16"}})
    for (int64_t groups : {1, 24}) {
      const mixc::Target described = target(machine);
      mixc::mixer::SpecOp spec = parse(24, 64, 128, groups, io);
      const FailureOr<mixc::SpecFacts> facts = mixc::collectFacts(spec);
      ASSERT_TRUE(succeeded(facts));
      const SmallVector<mixc::Candidate> all = mixc::listCandidates(spec, *facts, described, {});
      const FailureOr<SmallVector<mixc::Candidate>> plans = mixc::selectPlans(spec, described, {});
      ASSERT_TRUE(succeeded(plans));
      auto best = [&](ArrayRef<mixc::Candidate> candidates, Shape shape) {
        double seconds = INFINITY;
        for (const mixc::Candidate &candidate : candidates)
          if (candidate.rejected.empty())
            seconds = std::min(seconds, mixc::predict(candidate, described, shape.batch, shape.length).terms.total);
        return seconds;
      };
      for (int64_t batch : {1, 4, 16, 64})
        for (int64_t length = 1; length <= 131072; length *= 2)
          EXPECT_LT(best(*plans, {batch, length}), 1.1 * best(all, {batch, length}))
              << machine << " " << io << " G = " << groups << " B = " << batch << " T = " << length;
    }
}

// The number that is asked for is a limit, also above the usual one.
TEST_F(Choice, VariantsAreLimited) {
  mixc::mixer::SpecOp spec = parse(24, 64, 128);
  auto counts = [&](int64_t variants) {
    mixc::SelectOptions options;
    options.variants = variants;
    FailureOr<SmallVector<mixc::Candidate>> plans = mixc::selectPlans(spec, target("h100"), options);
    EXPECT_TRUE(succeeded(plans));
    const auto special = llvm::count_if(*plans, [](const mixc::Candidate &c) { return c.plan.getFamily() != mixc::kPortableFamily; });
    return std::pair<size_t, size_t>(special, plans->size() - special);
  };
  EXPECT_EQ(counts(1), std::pair(size_t(1), size_t(1)));
  EXPECT_EQ(counts(2), std::pair(size_t(2), size_t(2)));
  const auto [special, portable] = counts(mixc::kMaxVariants); // more would gain a tenth nowhere
  EXPECT_GE(special + portable, 5u);
  EXPECT_LE(special + portable, 10u);
  EXPECT_NE(mixc::problemOf({std::nullopt, false, 0, 0, mixc::kMaxVariants + 1}, *mixc::collectFacts(spec), true), "");
}

} // namespace
