// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Plans for sm_90a: a block fetches tiles by TMA, its warpgroups multiply by wgmma, each with a part of the heads and columns.

#include "Families.h"
#include "RoleRegisters.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;

namespace mixc {
namespace {

/// The most stages that help.
constexpr int64_t kMostStages = 4;
/// States of segments are computed in pieces: blocks of less work than those of whole segments fill a GPU better.
constexpr int64_t kPieces = 3;
/// Blocks of so few chunks gain more from following each other without a gap than from being dealt out by the hardware.
constexpr int64_t kPersistentChunks = 16;
/// Seconds of a chunk of two parts and of one, elementwise work included: other warps than those of the products do it beside them.
constexpr double kChunkLatency = 5.5e-7, kLoneChunkLatency = 5.7e-7;

struct Sm90a : Family {
  Sm90a() : Family("sm_90a", "sm_90a") {}

  /// 16-bit b and c go from memory to the matrix units as they are. Bulk copies do not go backwards.
  static bool canCompute(const PlanRequest &request) {
    const SpecFacts &facts = request.facts;
    const SelectOptions &options = request.options;
    return request.wants(mixer::Algorithm::Chunked) && !options.heads && (!options.chunk || options.chunk == kWarpgroupChunk) &&
           !request.operand.isF32() && facts.plain && facts.operandsLoaded && facts.recurrences == 1 && !facts.sumsColumns &&
           facts.columns == facts.p && facts.p > 1 && facts.n > 1;
  }

  /// Parts of a block have one group's b and c in common.
  void listPlans(const PlanRequest &request, PlanTaker take) const override {
    if (!canCompute(request))
      return;
    const SpecFacts &facts = request.facts;
    const int64_t columns = std::min(facts.p, kWarpgroupColumns), pblocks = llvm::divideCeil(facts.p, columns);
    for (int64_t parts = kMostParts; parts > 0; --parts) {
      if (facts.headsPerGroup() % (parts / std::gcd(parts, pblocks)))
        continue;
      for (int64_t stages = kMostStages; stages > 1; --stages) {
        auto plan = mixer::AlgorithmAttr::get(request.context(), mixer::Algorithm::Chunked, kWarpgroupChunk, /*heads=*/1, columns,
                                              request.operand, mixer::Precision::F32, stages, /*warps=*/4 * parts,
                                              /*associative=*/false, getName(), parts, kPieces, kPersistentChunks);
        if (take(plan))
          break;
      }
    }
  }

  std::string misfitOf(mixer::AlgorithmAttr plan, const BlockNeeds &needs, const Target &target) const override {
    const int64_t state = needs.stateElements / kWarpgroupThreads, most = mostStateRegisters(plan.getParts());
    if (state > most)
      return llvm::formatv("{0} registers a thread for the state, at most {1}", state, most);
    if (needs.sharedBytes > target.machine.shared_bytes)
      return llvm::formatv("{0} bytes of shared memory, a block has {1}", needs.sharedBytes, target.machine.shared_bytes);
    return "";
  }

  std::string problemOf(mixer::AlgorithmAttr plan) const override {
    if (plan.getAlgorithm() != mixer::Algorithm::Chunked)
      return ("expected the chunked algorithm of family = sm_90a, got " + stringifyAlgorithm(plan.getAlgorithm())).str();
    if (plan.getOperand().isF32())
      return "expected an operand of bf16 or f16 of family = sm_90a, got f32";
    if (plan.getParts() > kMostParts)
      return llvm::formatv("expected at most {0} parts of family = sm_90a, got {1}", kMostParts, plan.getParts());
    if (plan.getWarps() != 4 * plan.getParts())
      return llvm::formatv("expected warps = {0}, 4 for each part of family = sm_90a, got {1}", 4 * plan.getParts(), plan.getWarps());
    return "";
  }

  /// Its threads have all registers.
  int64_t blocksPerUnit(mixer::AlgorithmAttr plan, const BlockNeeds &needs, const Target &target) const override { return 1; }

  OpCosts opCosts(mixer::AlgorithmAttr plan, const Target &target) const override {
    OpCosts costs;
    costs.elementwise = 0;
    costs.iteration = plan.getParts() == 1 ? kLoneChunkLatency : kChunkLatency;
    return costs;
  }

  int64_t rowsOfProduct() const override { return 64; }
  bool hasRoles() const override { return true; }
  bool overlapsLaunches() const override { return true; }
};

} // namespace

std::unique_ptr<Family> makeSm90aFamily() { return std::make_unique<Sm90a>(); }

} // namespace mixc
