// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Cost coefficients of a plan from first principles. Notation: Q chunk, h heads per block, N and P padded as the tiles are,
// C columns of the state (P, and a padded tile for each x without P).

#include "mixc/passes/Select.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cmath>

namespace mixc {
namespace {

// Elementwise operations for one entry of a weight tile, for one entry of the quadratic form's off-diagonal tiles, for
// each entry of x and y on its way in and out, and for an entry of a scan's state (three, and its loads and stores).
constexpr double kScalarWeight = 6, kScalarFar = 3, kScalarEdge = 4, kScalarState = 4.5;
// Serial seconds of a block that barriers and dependent products cost: a chunk of the chunked and quadratic forms, a token
// of a scan besides its instructions, an instruction, and a log step.
constexpr double kGpuChunkLatency = 1.5e-6, kGpuRowLatency = 1.0e-6;
constexpr double kGpuTokenLatency = 2.0e-8, kGpuInstruction = 6.0e-10, kGpuLogStepLatency = 3.0e-8;
// Shared memory besides tiles: f32 vectors over the tokens of a chunk (decays and scales of a head), and a remainder.
constexpr int64_t kTokenVectors = 8, kBlockBytes = 1024;
// Registers of a GPU thread besides its share of the state, and of a unit.
constexpr int64_t kGpuThreadRegisters = 112, kGpuUnitRegisters = 65536, kGpuUnitThreads = 2048;

/// Tile sizes as the decompositions choose them.
struct Tiles {
  double heads, perBlock, n, pTile, pBlocks, columns, chunk;

  Tiles(const SpecFacts &facts, mixer::AlgorithmAttr plan) {
    const bool scan = plan.getAlgorithm() == mixer::Algorithm::Scan;
    const int64_t pblock = plan.getPblock() ? std::min(plan.getPblock(), facts.p) : facts.p;
    const int64_t blocks = llvm::divideCeil(facts.p, pblock);
    const int64_t tile = scan && facts.p == 1 ? 1 : llvm::alignTo(pblock, 16);
    heads = static_cast<double>(facts.heads);
    perBlock = static_cast<double>(plan.getHeads());
    n = static_cast<double>(scan ? facts.n : llvm::alignTo(facts.n, 16));
    pTile = static_cast<double>(tile);
    pBlocks = static_cast<double>(blocks);
    columns = static_cast<double>(blocks * (tile + (facts.columns - facts.p) * (scan ? 1 : 16)));
    chunk = static_cast<double>(plan.getChunk());
  }
};

int32_t operandOf(mixer::AlgorithmAttr plan, const Target &target) {
  if (plan.getOperand().getIntOrFloatBitWidth() == 16)
    return MIXC_OPERAND_HALF;
  return target.isGpu() ? MIXC_OPERAND_TF32 : MIXC_OPERAND_F32;
}

/// Blocks of a plan that a unit holds at once.
int32_t blocksPerUnit(const SpecFacts &facts, mixer::AlgorithmAttr plan, const Target &target) {
  if (!target.isGpu())
    return 1;
  const Tiles t(facts, plan);
  const int64_t threads = plan.getWarps() * 32;
  const int64_t state = static_cast<int64_t>(t.perBlock * t.pTile * t.n) / threads;
  const int64_t byShared = target.machine.shared_bytes / std::max<int64_t>(1, planBytes(facts, plan));
  const int64_t byRegisters = kGpuUnitRegisters / (threads * std::min<int64_t>(255, kGpuThreadRegisters + state));
  return static_cast<int32_t>(std::max<int64_t>(1, std::min({byShared, byRegisters, kGpuUnitThreads / threads})));
}

// Per token and head: 4NC flops through the state, 2Q(N/h + C) in the chunk's own block, Q exponentials for its weights.
void countChunked(const Tiles &t, mixc_cost &cost) {
  const double scores = t.heads / t.perBlock * t.pBlocks * 2 * t.chunk * t.n;
  cost.matrix_token = t.heads * t.columns * (4 * t.n + 2 * t.chunk) + scores;
  cost.special_token = t.heads * t.pBlocks * (t.chunk + 2);
  cost.scalar_token = t.heads * (t.pBlocks * kScalarWeight * t.chunk + t.columns * (2 * t.n / t.chunk + kScalarEdge));
  cost.split_work = 2 * t.heads * t.columns * t.n / cost.matrix_token;
}

// Per token and head: S = g S + b x, y = c S.
void countScan(const Tiles &t, bool associative, mixc_cost &cost) {
  const double levels = associative ? 2 * std::max(1.0, std::log2(t.chunk)) : 1;
  cost.scalar_token = t.heads * t.columns * (kScalarState * t.n * levels + kScalarEdge);
  cost.special_token = t.heads * t.pBlocks;
}

/// Seconds of one tile of tokens: a thread updates its rows of the state for every 32 columns of P, three operations an
/// entry and two loads a row.
double scanLatency(const Tiles &t, mixer::AlgorithmAttr plan) {
  if (plan.getAssociative())
    return kGpuLogStepLatency * 2 * std::log2(t.chunk);
  const double rows = std::ceil(t.perBlock * t.n / static_cast<double>(plan.getWarps()));
  return t.chunk * (kGpuTokenLatency + kGpuInstruction * rows * (2 + 3 * std::ceil(t.pTile / 32)));
}

// Per pair of tokens: 2(N/h + C) flops; per pair of chunks the token work of the columns again.
void countQuadratic(const SpecFacts &facts, const Tiles &t, mixc_cost &cost) {
  cost.matrix_pair = t.heads / t.perBlock * t.pBlocks * 2 * t.n + 2 * t.heads * t.columns;
  cost.scalar_pair = t.heads * t.pBlocks * kScalarFar + facts.scalarMaps / t.chunk;
  cost.special_pair = (2 * t.heads * t.pBlocks + facts.specialMaps) / t.chunk;
  cost.bytes_pair = facts.bytesPairs / t.chunk;
  cost.special_token = t.heads * t.pBlocks * t.chunk;
  cost.scalar_token = t.heads * (t.pBlocks * kScalarWeight * t.chunk + t.columns * kScalarEdge);
}

} // namespace

int64_t planBytes(const SpecFacts &facts, mixer::AlgorithmAttr plan) {
  const Tiles t(facts, plan);
  const int64_t operand = plan.getOperand().getIntOrFloatBitWidth() / 8;
  const double tokens = t.chunk * (t.perBlock * t.pTile + 2 * t.n);
  // A scan keeps every warp's part of y, in f32.
  if (plan.getAlgorithm() == mixer::Algorithm::Scan)
    return static_cast<int64_t>(4 * (tokens + t.chunk * t.perBlock * t.pTile * static_cast<double>(plan.getWarps())));
  const double weights = t.perBlock * t.chunk * t.chunk * operand;
  const double vectors = kTokenVectors * 4 * t.chunk * t.perBlock;
  return kBlockBytes +
         static_cast<int64_t>(plan.getStages() * tokens * std::min<int64_t>(operand, facts.ioBytes) + weights + vectors);
}

int64_t maxSplits(mixer::AlgorithmAttr plan) { return plan.getAlgorithm() == mixer::Algorithm::Chunked ? INT32_MAX : 1; }

mixc_cost planCost(const SpecFacts &facts, mixer::AlgorithmAttr plan, const Target &target) {
  const Tiles t(facts, plan);
  mixc_cost cost{};
  cost.operand = operandOf(plan, target);
  cost.blocks = static_cast<int64_t>(t.heads / t.perBlock * t.pBlocks);
  cost.blocks_per_unit = blocksPerUnit(facts, plan, target);
  cost.chunk = plan.getChunk();
  cost.launches = 1;
  cost.split_launches = 3;
  switch (plan.getAlgorithm()) {
  case mixer::Algorithm::Chunked:
    countChunked(t, cost);
    cost.step_latency = target.isGpu() ? kGpuChunkLatency : 0;
    break;
  case mixer::Algorithm::Scan:
    countScan(t, plan.getAssociative(), cost);
    if (target.isGpu())
      cost.step_latency = scanLatency(t, plan);
    break;
  case mixer::Algorithm::Quadratic:
    countQuadratic(facts, t, cost);
    cost.rows = plan.getChunk();
    cost.step_latency = target.isGpu() ? kGpuRowLatency : 0;
    break;
  }
  cost.bytes_token = facts.bytesToken;
  // Each group's b and c are read by as many blocks as have heads or columns of it.
  cost.drawn_token = facts.bytesToken + facts.bytesShared * (static_cast<double>(cost.blocks) / facts.groups - 1);
  cost.bytes_sequence = facts.bytesSequence;
  cost.scalar_token += facts.scalarMaps;
  cost.special_token += facts.specialMaps;
  // Segment states are written, read and written by the combining launch, and read: f32.
  cost.bytes_split = 4.0 * 4 * facts.heads * facts.n * facts.columns;
  cost.split_bytes = facts.bytesToken > 0 ? facts.bytesState / facts.bytesToken : 0;
  return cost;
}

} // namespace mixc
