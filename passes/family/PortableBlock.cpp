// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "PortableBlock.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

namespace mixc {
namespace {

// Shared memory besides tiles: f32 vectors over the tokens of a chunk (decays and scales of a head), and a remainder.
constexpr int64_t kTokenVectors = 8, kBlockBytes = 1024;
// Registers of a GPU thread besides its share of the state, and of a unit.
constexpr int64_t kGpuThreadRegisters = 112, kGpuUnitRegisters = 65536, kGpuUnitThreads = 2048;

/// Tile sizes as the decompositions choose them.
struct Tiles {
  double perBlock, n, pTile, chunk;

  Tiles(const SpecFacts &facts, mixer::AlgorithmAttr plan) {
    const bool scan = plan.getAlgorithm() == mixer::Algorithm::Scan;
    const int64_t pblock = plan.getPblock() ? std::min(plan.getPblock(), facts.p) : facts.p;
    perBlock = static_cast<double>(plan.getHeads());
    n = static_cast<double>(scan ? facts.n : llvm::alignTo(facts.n, 16));
    pTile = static_cast<double>(scan && facts.p == 1 ? 1 : llvm::alignTo(pblock, 16));
    chunk = static_cast<double>(plan.getChunk());
  }
};

} // namespace

int64_t portableBytes(const SpecFacts &facts, mixer::AlgorithmAttr plan) {
  const Tiles t(facts, plan);
  const int64_t operand = plan.getOperand().getIntOrFloatBitWidth() / 8;
  // Rows of b and c, of l and r; of a scan's decays of entries the factors and lags.
  const bool scan = plan.getAlgorithm() == mixer::Algorithm::Scan;
  const double rows = 2 + (facts.corrects ? 2 : 0) + (scan && facts.decaysEntries ? 3 : 0);
  const double tokens = t.chunk * (t.perBlock * t.pTile + rows * t.n);
  // A scan keeps every warp's part of y, in f32.
  if (scan)
    return static_cast<int64_t>(4 * (tokens + t.chunk * t.perBlock * t.pTile * static_cast<double>(plan.getWarps())));
  double stage = tokens * static_cast<double>(std::min<int64_t>(operand, facts.ioBytes)),
         weights = t.perBlock * t.chunk * t.chunk * operand;
  if (!facts.plain) { // decays of entries, their spans and factors; scores, a system and its solution in f32
    stage += facts.decaysEntries ? 4 * t.chunk * t.n : 0;
    weights += t.chunk * t.n * (facts.decaysEntries ? (facts.corrects ? 30 + 8 * operand : 14) : 6 * operand) +
               t.chunk * 4 * (2 * t.chunk + 2 * t.pTile);
  }
  const double vectors = kTokenVectors * 4 * t.chunk * t.perBlock;
  return kBlockBytes + static_cast<int64_t>(plan.getStages() * stage + weights + vectors);
}

int64_t portableBlocksPerUnit(const SpecFacts &facts, mixer::AlgorithmAttr plan, const Target &target) {
  if (!target.isGpu())
    return 1;
  const Tiles t(facts, plan);
  const int64_t threads = plan.getWarps() * 32;
  const int64_t state = static_cast<int64_t>(t.perBlock * t.pTile * t.n) / threads;
  const int64_t byShared = target.machine.shared_bytes / std::max<int64_t>(1, portableBytes(facts, plan));
  const int64_t byRegisters = kGpuUnitRegisters / (threads * std::min<int64_t>(255, kGpuThreadRegisters + state));
  return std::max<int64_t>(1, std::min({byShared, byRegisters, kGpuUnitThreads / threads}));
}

} // namespace mixc
