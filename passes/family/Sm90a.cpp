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

/// Tokens of a chunk whose factors teams compute. For decays of entries, whose cost grows with the chunk's length, the short one; products
/// of longer ones have no room.
constexpr int64_t kShortChunk = 16, kLongChunk = 32;
/// Teams that help, and columns of P that one warpgroup carries beside them.
constexpr int64_t kMostTeams = 2, kMostColumns = 128;
/// Teams of two warps: more chunks side by side, whose steps wait for each other. They help where a thread has no more than one column of
/// factors: more make code that as many teams, each at another place in it, do not find in the instruction cache.
constexpr int64_t kSmallTeams = 4, kMostSmallTeamColumns = 64;
/// The most stages that help.
constexpr int64_t kMostStages = 4;
/// States of segments are computed in pieces: blocks of less work than those of whole segments fill a GPU better.
constexpr int64_t kPieces = 3;
/// Blocks of so few chunks gain more from following each other without a gap than from being dealt out by the hardware.
constexpr int64_t kPersistentChunks = 16;
/// Seconds of a chunk of two parts and of one, elementwise work included: other warps than those of the products do it beside them.
constexpr double kChunkLatency = 5.5e-7, kLoneChunkLatency = 5.7e-7;

// Times as long as a copy that states take: few blocks are there at once, and each waits for its own.
constexpr double kBareStates = 2.75;
/// Seconds in which one thread issues the copy of a row, beyond what the others do meanwhile.
constexpr double kReversedLine = 1e-8;

/// With teams: seconds that a team takes for a chunk besides its arithmetic, and for a row of its triangular systems; those that a part of
/// all columns takes longer; and how much longer elementwise work takes for one team, whose few warps wait for their own results, and for
/// two, than for a multiprocessor full of warps.
constexpr double kTeamChunkLatency = 7e-7, kTeamSolvedRow = 3.5e-8, kWidePartLatency = 1e-7, kOneTeamElementwise = 1.25,
                 kTeamsElementwise = 1.15;
/// Of a thread of a team, for the factors of a chunk with few spilled.
constexpr int64_t kTeamRegistersOfEntries = 112, kTeamRegistersOfHeads = 72;

struct Sm90a : Family {
  Sm90a() : Family("sm_90a", "sm_90a") {}

  /// No role loads tokens of before or counts signs.
  static bool canCompute(const PlanRequest &request) {
    const SpecFacts &facts = request.facts;
    return request.wants(mixer::Algorithm::Chunked) && !request.options.heads && !request.operand.isF32() && !facts.readsOtherTokens &&
           !facts.hasSigns && facts.updates == 1 && facts.recurrences == 1 && !facts.sumsColumns && facts.columns == facts.p &&
           facts.p > 1 && facts.n > 1;
  }

  void listPlans(const PlanRequest &request, PlanTaker take) const override {
    if (!canCompute(request))
      return;
    if (!request.facts.plain)
      listTeams(request, take);
    else if (request.facts.operandsLoaded && request.chunks({kWarpgroupChunk}).front() == kWarpgroupChunk)
      listParts(request, kWarpgroupChunk, /*teams=*/0, take);
  }

  /// One part with all columns of a head leaves registers to a second team, and its factors are made for one warpgroup.
  void listTeams(const PlanRequest &request, PlanTaker take) const {
    const SpecFacts &facts = request.facts;
    for (int64_t chunk : request.chunks(facts.decaysEntries ? ArrayRef{kShortChunk} : ArrayRef{kShortChunk, kLongChunk})) {
      listParts(request, chunk, /*teams=*/1, take);
      if (facts.p > kWarpgroupColumns && teamsFor(facts, kMostColumns, /*parts=*/1, chunk) == kMostTeams)
        listStages(request, {chunk, std::min(facts.p, kMostColumns), /*parts=*/1, kMostTeams}, take);
    }
  }

  /// Parts of a block have one group's b and c in common.
  void listParts(const PlanRequest &request, int64_t chunk, int64_t leastTeams, PlanTaker take) const {
    const SpecFacts &facts = request.facts;
    const int64_t columns = std::min(facts.p, kWarpgroupColumns), pblocks = llvm::divideCeil(facts.p, columns);
    for (int64_t parts = kMostParts; parts > 0; --parts) {
      const int64_t teams = leastTeams > 0 ? teamsFor(facts, kWarpgroupColumns, parts, chunk) : 0;
      if (facts.headsPerGroup() % (parts / std::gcd(parts, pblocks)) != 0)
        continue;
      listStages(request, {chunk, columns, parts, teams}, take);
      if (teams == kMostTeams && chunk == kShortChunk && (!facts.decaysEntries || facts.n <= kMostSmallTeamColumns))
        listStages(request, {chunk, columns, parts, kSmallTeams}, take);
    }
  }

  struct Block {
    int64_t chunk, columns, parts, teams;
  };

  /// The most stages that fit. Teams meet a stage again whose tiles they have read themselves.
  void listStages(const PlanRequest &request, const Block &block, PlanTaker take) const {
    for (int64_t stages = kMostStages; stages > 1; --stages) {
      if (block.teams > 0 && stages % block.teams)
        continue;
      auto plan = mixer::AlgorithmAttr::get(request.context(), mixer::Algorithm::Chunked, block.chunk, /*heads=*/1, block.columns,
                                            request.operand, mixer::Precision::F32, stages, /*warps=*/4 * block.parts,
                                            /*associative=*/false, getName(), block.parts, kPieces, kPersistentChunks, block.teams,
                                            /*rebalance=*/true);
      if (take(plan))
        break;
    }
  }

  /// A second team, where its threads have registers enough.
  static int64_t teamsFor(const SpecFacts &facts, int64_t columns, int64_t parts, int64_t chunk) {
    const int64_t state = llvm::alignTo(facts.n, 16) * columns / kWarpgroupThreads;
    const int64_t least = facts.decaysEntries ? kTeamRegistersOfEntries : kTeamRegistersOfHeads;
    const bool hasRoom = haveRegisters(parts, kMostTeams, state, chunk, /*rebalance=*/true) &&
                         RoleRegisters::withTeams(parts, kMostTeams, state, chunk).early >= least;
    return hasRoom ? kMostTeams : 1;
  }

  std::string misfitOf(mixer::AlgorithmAttr plan, const BlockNeeds &needs, const Target &target) const override {
    const int64_t state = needs.stateElements / kWarpgroupThreads, most = mostStateRegisters(plan.getParts(), plan.getRebalance());
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
    costs.bareStates = kBareStates;
    costs.reversedLine = kReversedLine;
    costs.iteration = plan.getParts() == 1 ? kLoneChunkLatency : kChunkLatency;
    if (const auto teams = static_cast<double>(plan.getTeams()); teams > 0) { // they have several chunks under way
      costs.elementwise = teams > 1 ? kTeamsElementwise : kOneTeamElementwise;
      costs.iteration = kTeamChunkLatency / teams + (plan.getPblock() > kWarpgroupColumns ? kWidePartLatency : 0);
      costs.solvedRow = kTeamSolvedRow / teams;
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
