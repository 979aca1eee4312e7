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

/// Tokens of a chunk whose factors teams compute: of decays of entries, whose cost grows with the chunk's length, and of heads. Longer ones
/// of heads have no room for their products.
constexpr int64_t kEntriesChunk = 16, kHeadsChunk = 32;
/// The most stages that help.
constexpr int64_t kMostStages = 4;
/// States of segments are computed in pieces: blocks of less work than those of whole segments fill a GPU better.
constexpr int64_t kPieces = 3;
/// Blocks of so few chunks gain more from following each other without a gap than from being dealt out by the hardware.
constexpr int64_t kPersistentChunks = 16;
/// Seconds of a chunk of two parts and of one, elementwise work included: other warps than those of the products do it beside them.
constexpr double kChunkLatency = 5.5e-7, kLoneChunkLatency = 5.7e-7;

/// With teams: seconds of a chunk, and of a row of its triangular systems, and how much longer elementwise work takes for a team, whose few
/// warps wait for their own results, than for a multiprocessor full of warps.
constexpr double kTeamChunkLatency = 7e-7, kTeamSolvedRow = 3.5e-8, kTeamElementwise = 1.4;
/// Of a thread, for the factors of a chunk of entries without spilling.
constexpr int64_t kTeamRegistersOfEntries = 112;

struct Sm90a : Family {
  Sm90a() : Family("sm_90a", "sm_90a") {}

  /// Bulk copies do not go backwards, and no role loads tokens of before or counts signs.
  static bool canCompute(const PlanRequest &request) {
    const SpecFacts &facts = request.facts;
    return request.wants(mixer::Algorithm::Chunked) && !request.options.heads && !request.operand.isF32() && facts.causal &&
           !facts.readsOtherTokens && !facts.hasSigns && facts.updates == 1 && facts.recurrences == 1 && !facts.sumsColumns &&
           facts.columns == facts.p && facts.p > 1 && facts.n > 1;
  }

  void listPlans(const PlanRequest &request, PlanTaker take) const override {
    if (!canCompute(request))
      return;
    if (!request.facts.plain)
      listTeams(request, take);
    else if (request.facts.operandsLoaded && request.chunks({kWarpgroupChunk}).front() == kWarpgroupChunk)
      listParts(request, kWarpgroupChunk, /*teams=*/0, take);
  }

  void listTeams(const PlanRequest &request, PlanTaker take) const {
    for (int64_t chunk : request.chunks({request.facts.decaysEntries ? kEntriesChunk : kHeadsChunk}))
      listParts(request, chunk, /*teams=*/1, take);
  }

  /// Parts of a block have one group's b and c in common. Teams meet a stage again whose tiles they have read themselves.
  void listParts(const PlanRequest &request, int64_t chunk, int64_t leastTeams, PlanTaker take) const {
    const SpecFacts &facts = request.facts;
    const int64_t columns = std::min(facts.p, kWarpgroupColumns), pblocks = llvm::divideCeil(facts.p, columns);
    for (int64_t parts = kMostParts; parts > 0; --parts) {
      if (facts.headsPerGroup() % (parts / std::gcd(parts, pblocks)))
        continue;
      const int64_t teams = leastTeams > 0 ? teamsFor(facts, parts, chunk) : 0;
      for (int64_t stages = kMostStages; stages > 1; --stages) {
        if (teams > 0 && stages % teams)
          continue;
        auto plan = mixer::AlgorithmAttr::get(request.context(), mixer::Algorithm::Chunked, chunk, /*heads=*/1, columns, request.operand,
                                              mixer::Precision::F32, stages, /*warps=*/4 * parts, /*associative=*/false, getName(), parts,
                                              kPieces, kPersistentChunks, teams);
        if (take(plan))
          break;
      }
    }
  }

  /// A second team, where its threads have registers enough for factors of entries.
  static int64_t teamsFor(const SpecFacts &facts, int64_t parts, int64_t chunk) {
    const int64_t state = llvm::alignTo(facts.n, 16) * kWarpgroupColumns / kWarpgroupThreads;
    return facts.decaysEntries && RoleRegisters::withTeams(parts, 2, state, chunk).early >= kTeamRegistersOfEntries ? 2 : 1;
  }

  std::string misfitOf(mixer::AlgorithmAttr plan, const BlockNeeds &needs, const Target &target) const override {
    const int64_t state = needs.stateElements / kWarpgroupThreads, most = mostStateRegisters(plan.getParts());
    if (plan.getTeams() == 0 && state > most)
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
    if (plan.getTeams() > 0 && plan.getStages() % plan.getTeams())
      return llvm::formatv("expected stages to be a multiple of teams = {0} of family = sm_90a, got {1}", plan.getTeams(),
                           plan.getStages());
    return "";
  }

  /// Its threads have all registers.
  int64_t blocksPerUnit(mixer::AlgorithmAttr plan, const BlockNeeds &needs, const Target &target) const override { return 1; }

  OpCosts opCosts(mixer::AlgorithmAttr plan, const Target &target) const override {
    OpCosts costs;
    costs.elementwise = 0;
    costs.iteration = plan.getParts() == 1 ? kLoneChunkLatency : kChunkLatency;
    if (plan.getTeams() > 0) {
      costs.elementwise = kTeamElementwise;
      costs.iteration = kTeamChunkLatency;
      costs.solvedRow = kTeamSolvedRow;
    }
    return costs;
  }

  int64_t rowsOfProduct() const override { return 64; }
  bool hasRoles() const override { return true; }
  bool overlapsLaunches() const override { return true; }
};

} // namespace

std::unique_ptr<Family> makeSm90aFamily() { return std::make_unique<Sm90a>(); }

} // namespace mixc
