// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Cost coefficients of a plan from first principles. Notation: Q chunk, h heads per block, N and P padded as the tiles are,
// C columns of the state (P, and a padded tile for each x without P).

#include "mixc/passes/Select.h"
#include "mixc/runtime/limits.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cmath>

namespace mixc {
namespace {

// Elementwise operations for one entry of a weight tile with and without decay, for one entry of the quadratic form's off-diagonal tiles,
// for each entry of x and y on its way in and out, and for an entry of a scan's state (three, and its loads and stores).
constexpr double kScalarWeight = 6, kScalarMask = 2, kScalarFar = 3, kScalarEdge = 4, kScalarState = 4.5;
// The same for an entry of a tile of decays over the state's entries, which a CPU works out one by one in f64, and for a correction's share
// of an entry of the state, which a CPU keeps in memory.
constexpr double kGpuDecay = 60, kCpuDecay = 1200, kGpuCorrection = 2, kCpuCorrection = 6;
// Seconds in which a GPU block waits, for barriers and for results that its next instructions need: in a chunk of the chunked form,
// besides what its decays add; in one of the quadratic form; in a token of a scan besides its instructions; in an instruction;
// in a log step.
constexpr double kGpuChunkLatency = 3.5e-7, kGpuDecayLatency = 3.0e-7, kGpuRowLatency = 7.0e-7;
constexpr double kGpuTokenLatency = 1.5e-7, kGpuInstruction = 6.0e-10, kGpuLogStepLatency = 3.0e-8;
// The same of a chunk of two warpgroups and of one, elementwise work included: other warps than those of the products do it beside them.
constexpr double kWarpgroupChunkLatency = 5.5e-7, kLoneWarpgroupChunkLatency = 5.7e-7;
// Seconds that a chunk costs a CPU block besides its arithmetic: what many heads share.
constexpr double kCpuChunkOverhead = 3.5e-6;
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
  if (!target.isGpu() || plan.getAlgorithm() == mixer::Algorithm::Scan)
    return MIXC_OPERAND_F32;
  return plan.getPrecision() == mixer::Precision::TF32 ? MIXC_OPERAND_TF32 : MIXC_OPERAND_SPLIT;
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

/// Operand bytes that the warps of a GPU block read from shared memory for a chunk: each warp reads all of c, b and the weights
/// of its heads for its rows of the state; scores are cut in squares; x comes once for the output and once for the state.
struct OperandBytes {
  double scores, weighted, state;

  OperandBytes(const Tiles &t, mixer::AlgorithmAttr plan) {
    const double bytes = plan.getOperand().getIntOrFloatBitWidth() / 8.0, warps = static_cast<double>(plan.getWarps());
    const double rowWarps = std::min(warps, t.perBlock * t.pTile / 16), squares = t.chunk / 16 * (t.chunk / 16);
    scores = 2 * t.chunk * t.n * bytes * std::sqrt(std::min(warps, squares));
    weighted = (std::max(rowWarps, t.perBlock) * t.chunk + t.perBlock * t.pTile) * t.chunk * bytes;
    state = (rowWarps * 2 * t.n + t.perBlock * t.pTile) * t.chunk * bytes;
  }
};

// Per token and head: 4NC flops through the state, 2Q(N/h + C) in the chunk's own block, Q exponentials for its weights.
void countChunked(const SpecFacts &facts, const Tiles &t, mixc_cost &cost) {
  const double weight = facts.decays ? kScalarWeight : kScalarMask;
  const double scores = t.heads / t.perBlock * t.pBlocks * 2 * t.chunk * t.n;
  cost.matrix_token = t.heads * t.columns * (4 * t.n + 2 * t.chunk) + scores;
  cost.special_token = facts.decays ? t.heads * t.pBlocks * (t.chunk + 2) : 0;
  cost.scalar_token = t.heads * (t.pBlocks * weight * t.chunk + t.columns * (2 * t.n / t.chunk + kScalarEdge));
  cost.split_work = 2 * t.heads * t.columns * t.n / cost.matrix_token;
}

// Per token and head, with R kinds of rows (c, and r of a correction) and L sizes of blocks: R + 1 products with the state of 2NC flops, R
// with x of 2QC, scores of 2QN for each kind and size; solving a correction's system takes QC. Decays of entries are factors of rows and
// columns for each size, with an exponential an entry.
void countTransitions(const SpecFacts &facts, const Tiles &t, mixc_cost &cost) {
  constexpr double kScalarFactor = 4;
  const double rows = facts.corrects ? 2 : 1, sizes = facts.decaysEntries ? std::log2(t.chunk) + 1 : 1;
  const double heads = t.heads * t.pBlocks, factors = facts.decaysEntries ? rows * 2 * sizes + 2 : rows + 1;
  cost.matrix_token = t.heads * t.columns * ((rows + 1) * 2 * t.n + rows * 2 * t.chunk) + heads * rows * sizes * 2 * t.chunk * t.n;
  cost.special_token = facts.decays ? heads * (facts.decaysEntries ? factors * t.n : rows * t.chunk) : 0;
  cost.scalar_token = heads * (kScalarFactor * factors * t.n + rows * kScalarWeight * t.chunk) +
                      t.heads * t.columns * (2 * t.n / t.chunk + kScalarEdge + (facts.corrects ? t.chunk : 0));
  cost.split_work = 2 * t.heads * t.columns * t.n / cost.matrix_token;
}

// Per token and head: S = g S + b x, y = c S; with a correction u = r S and S + l u. Decays of entries are worked out for each of
// them, and b and c (l and r) scaled by them, with an exponential each.
void countScan(const SpecFacts &facts, const Tiles &t, bool associative, bool isGpu, mixc_cost &cost) {
  const double levels = associative ? 2 * std::max(1.0, std::log2(t.chunk)) : 1,
               state = kScalarState + (facts.corrects ? (isGpu ? kGpuCorrection : kCpuCorrection) : 0);
  const double scaled = facts.decaysEntries || facts.corrects ? (facts.corrects ? 4 : 2) : 0;
  cost.scalar_token = t.heads * t.columns * (state * t.n * levels + kScalarEdge);
  cost.scalar_token += t.heads * t.pBlocks * t.n * ((facts.decaysEntries ? (isGpu ? kGpuDecay : kCpuDecay) : 0) + scaled);
  cost.special_token = t.heads * t.pBlocks * (1 + scaled * t.n);
}

/// Seconds of a chunk on a GPU besides its arithmetic: warps wait for each other between the steps of a transition's algebra, and a thread
/// has a column of decays or of corrections. Measured on an H200 at N = 64 and 128.
double transitionLatency(const SpecFacts &facts, const Tiles &t) {
  const double corrections = facts.corrects ? 1.0e-6 : 0, decays = facts.decaysEntries ? 4.5e-8 * t.n : facts.decays ? 2.0e-6 : 0;
  return kGpuChunkLatency + corrections + decays;
}

/// What products of f32 operands cost besides three times the work of the matrix units: four operations split each operand that a warp
/// reads, and a sum of 32 products is added by an operation of its own.
void countSplitting(mixc_cost &cost) {
  constexpr double kOperationsPerByte = 4 / 4.0, kFlopsPerSum = 2 * 32;
  cost.scalar_token += cost.shared_token * kOperationsPerByte + cost.matrix_token / kFlopsPerSum;
  cost.scalar_pair += cost.shared_pair * kOperationsPerByte + cost.matrix_pair / kFlopsPerSum;
}

/// Seconds of one tile of tokens: a thread updates its rows of the state for every 32 columns of P, three operations an
/// entry and two loads a row.
double scanLatency(const Tiles &t, mixer::AlgorithmAttr plan) {
  if (plan.getAssociative())
    return kGpuLogStepLatency * 2 * std::log2(t.chunk);
  const double rows = std::ceil(t.perBlock * t.n / static_cast<double>(plan.getWarps()));
  return t.chunk * (kGpuTokenLatency + kGpuInstruction * rows * (2 + 3 * std::ceil(t.pTile / 32)));
}

// Per pair of tokens: 2(N/h + C) flops; per pair of chunks the token work of the columns again. Per token and head: 2NC for what
// comes from an initial state, which every row block reads, and 2NC for the final state.
void countQuadratic(const SpecFacts &facts, const Tiles &t, mixc_cost &cost) {
  cost.matrix_pair = t.heads / t.perBlock * t.pBlocks * 2 * t.n + 2 * t.heads * t.columns;
  cost.scalar_pair = t.heads * t.pBlocks * kScalarFar + facts.scalarMaps / t.chunk;
  cost.special_pair = (2 * t.heads * t.pBlocks + facts.specialMaps) / t.chunk;
  cost.bytes_pair = facts.bytesPairs / t.chunk;
  cost.special_token = t.heads * t.pBlocks * t.chunk;
  cost.matrix_token = t.heads * t.columns * 2 * t.n * facts.states;
  cost.scalar_token = t.heads * (t.pBlocks * kScalarWeight * t.chunk + t.columns * (kScalarEdge + 2 * t.n / t.chunk * facts.states));
}

/// Another pass over the tokens, which leaves y for the other one: f32.
void countOtherDirection(const SpecFacts &facts, mixc_cost &cost) {
  const double y = 2.0 * 4 * static_cast<double>(facts.heads * facts.columns);
  for (double *work : {&cost.matrix_token, &cost.scalar_token, &cost.special_token, &cost.shared_token, &cost.matrix_pair,
                       &cost.scalar_pair, &cost.special_pair, &cost.shared_pair, &cost.bytes_pair})
    *work *= 2;
  cost.step_latency *= 2;
  cost.launches *= 2;
  cost.split_launches *= 2;
  cost.bytes_token += facts.bytesState + y;
  cost.drawn_token += facts.bytesState + y;
}

} // namespace

/// Shared memory of a plan with warpgroups: a ring of stages for b, c, each part's x and gates, its weights and its vectors of
/// decays; for each part y.
static int64_t warpgroupBytes(const SpecFacts &facts, mixer::AlgorithmAttr plan) {
  const int64_t rows = plan.getChunk(), panel = 64, wide = rows * panel * 2;
  const int64_t shared = 2 * rows * static_cast<int64_t>(llvm::alignTo(facts.n, panel)) * 2;
  const int64_t own = (facts.tilesIn + 1) * wide + kTokenVectors * 4 * rows;
  const int64_t each = facts.tilesOut * wide;
  return kBlockBytes + plan.getStages() * (shared + plan.getWarpgroups() * own) + plan.getWarpgroups() * each;
}

int64_t planBytes(const SpecFacts &facts, mixer::AlgorithmAttr plan) {
  if (plan.getWarpgroups() > 0)
    return warpgroupBytes(facts, plan);
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

int64_t maxSplits(const SpecFacts &facts, mixer::AlgorithmAttr plan) {
  return plan.getAlgorithm() == mixer::Algorithm::Chunked && !facts.corrects ? MIXC_MAX_SPLITS : 1;
}

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
    facts.plain ? countChunked(facts, t, cost) : countTransitions(facts, t, cost);
    if (const int64_t warpgroups = plan.getWarpgroups(); warpgroups > 0) {
      cost.blocks /= warpgroups;
      cost.blocks_per_unit = 1;
      cost.halves = 1;
      cost.special_token = cost.scalar_token = 0;
      cost.step_latency = warpgroups == 1 ? kLoneWarpgroupChunkLatency : kWarpgroupChunkLatency;
    } else if (target.isGpu()) {
      const OperandBytes bytes(t, plan);
      cost.shared_token = (bytes.scores + bytes.weighted + bytes.state) * static_cast<double>(cost.blocks) / t.chunk;
      cost.step_latency = facts.plain ? kGpuChunkLatency + (facts.decays ? kGpuDecayLatency : 0) : transitionLatency(facts, t);
    } else {
      cost.step_latency = kCpuChunkOverhead;
    }
    break;
  case mixer::Algorithm::Scan:
    countScan(facts, t, plan.getAssociative(), target.isGpu(), cost);
    if (target.isGpu())
      cost.step_latency = scanLatency(t, plan);
    break;
  case mixer::Algorithm::Quadratic:
    countQuadratic(facts, t, cost);
    cost.rows = plan.getChunk();
    if (target.isGpu()) {
      const OperandBytes bytes(t, plan);
      cost.shared_pair = (bytes.scores + bytes.weighted) * static_cast<double>(cost.blocks) / (t.chunk * t.chunk);
      cost.step_latency = kGpuRowLatency;
    } else {
      cost.step_latency = kCpuChunkOverhead;
    }
    break;
  }
  if (cost.operand == MIXC_OPERAND_SPLIT)
    countSplitting(cost);
  cost.bytes_token = facts.bytesToken;
  // Each group's b and c are read by as many blocks as have heads or columns of it.
  cost.drawn_token = facts.bytesToken + facts.bytesShared * (static_cast<double>(cost.blocks) / facts.groups - 1);
  cost.bytes_sequence = facts.bytesSequence;
  if (facts.bothDirections)
    countOtherDirection(facts, cost);
  if (plan.getWarpgroups() == 0) {
    cost.scalar_token += facts.scalarMaps;
    cost.special_token += facts.specialMaps;
  }
  // States of pieces are written, and read by the combining launch, those of segments written by it, and read: f32.
  cost.bytes_split = 4.0 * (2.0 * static_cast<double>(plan.getPieces()) + 2) * facts.heads * facts.n * facts.columns;
  cost.split_bytes = facts.bytesToken > 0 ? facts.bytesState / facts.bytesToken : 0;
  return cost;
}

} // namespace mixc
