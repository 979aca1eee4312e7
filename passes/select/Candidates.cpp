// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The plans that are considered for a spec and a machine.

#include "../decompose/SpecValues.h"
#include "mixc/passes/Forms.h"
#include "mixc/passes/Select.h"
#include "mixc/runtime/limits.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;

namespace mixc {
namespace {

// A GPU block computes at most this many columns of P, so that the state stays in registers; a warp owns 16 rows of it.
constexpr int64_t kGpuChunk = 32, kGpuColumns = 64, kGpuRowsPerWarp = 16, kGpuMaxWarps = 16;
// With fewer warps each one's part of the weights and of what is loaded ahead takes too many registers.
constexpr int64_t kGpuMinWarps = 4;
// Shared memory of a block on sm_80, which every GPU kernel is compiled for.
constexpr int64_t kGpuSharedBytes = 166912;
// Largest state that a GPU thread may hold, in registers.
constexpr int64_t kGpuStateRegisters = 128;
// State entries that a GPU thread should hold in a scan.
constexpr int64_t kGpuScanRegisters = 32;
// Tokens of a scan's tile: token by token, and in log steps (for one state entry a head).
constexpr int64_t kScanChunk = 16, kAssociativeChunk = 256;

// Plans with warpgroups: tokens of a chunk, which are a product's columns, and columns of P, which are its rows; the most stages
// that help.
constexpr int64_t kWarpgroupChunk = 64, kWarpgroupColumns = 64, kWarpgroupStages = 4;

struct Lister {
  mixer::SpecOp spec;
  const SpecFacts &facts;
  const Target &target;
  const SelectOptions &options;
  MLIRContext *context;
  Type operand;
  SmallVector<Candidate> candidates;

  /// Columns of P for a block, cut evenly in multiples of 16.
  int64_t pblock() const {
    if (!target.isGpu() || facts.p <= kGpuColumns || facts.sumsColumns)
      return facts.p;
    const int64_t blocks = llvm::divideCeil(facts.p, kGpuColumns);
    return llvm::alignTo(llvm::divideCeil(facts.p, blocks), 16);
  }

  /// Numbers of heads for a block: divisors of the heads that share b and c. A GPU block of four would need all registers; the
  /// states of a CPU block should stay in the second-level cache.
  SmallVector<int64_t> headChoices() const {
    if (options.heads)
      return {options.heads};
    if (!facts.plain) // factors of heads of their own
      return {1};
    SmallVector<int64_t> choices;
    for (int64_t heads : {12, 8, 6, 4, 2, 1}) {
      const int64_t states = heads * facts.n * facts.p * 4;
      if (facts.headsPerGroup() % heads == 0 && (target.isGpu() ? heads <= 2 : heads == 1 || states <= target.machine.shared_bytes / 2))
        choices.push_back(heads);
    }
    return choices;
  }

  /// The matrix units of a GPU have tf32, and f32 at three times the work. A scan does not use them.
  mixer::Precision precision(mixer::Algorithm algorithm) const {
    const bool chosen = target.isGpu() && operand.isF32() && algorithm != mixer::Algorithm::Scan;
    return chosen ? options.precision.value_or(mixer::Precision::TF32) : mixer::Precision::F32;
  }

  SmallVector<int64_t> chunkChoices(ArrayRef<int64_t> usual) const {
    return options.chunk ? SmallVector<int64_t>{options.chunk} : llvm::to_vector(usual);
  }

  /// In a chunked plan of short chunks, two heads of 16-bit operands share the warps of one: a warp then reads b, c and the
  /// weights once for 32 rows. Longer chunks need the registers.
  int64_t warps(mixer::Algorithm algorithm, int64_t chunk, int64_t heads) const {
    if (!target.isGpu())
      return 1;
    const bool shared = algorithm == mixer::Algorithm::Chunked && chunk <= kGpuChunk && operand.getIntOrFloatBitWidth() == 16;
    return std::max<int64_t>(kGpuMinWarps, (shared ? 1 : heads) * llvm::alignTo(pblock(), 16) / kGpuRowsPerWarp);
  }

  /// On a GPU chunks of 32 were faster than longer ones with every number of heads and warps that was measured.
  SmallVector<int64_t> productChunks(ArrayRef<int64_t> onCpu) const {
    if (!facts.plain) // sizes of blocks are powers of two, and each costs factors
      return chunkChoices({16, 32});
    return target.isGpu() ? chunkChoices({kGpuChunk}) : chunkChoices(onCpu);
  }

  std::string whyRejected(mixer::AlgorithmAttr plan) const {
    if (!target.isGpu())
      return "";
    const int64_t budget = std::min(target.machine.shared_bytes, kGpuSharedBytes);
    if (const int64_t bytes = planBytes(facts, plan); bytes > budget)
      return llvm::formatv("{0} bytes of shared memory, a block has {1}", bytes, budget);
    const int64_t state = plan.getHeads() * llvm::alignTo(pblock(), 16) * llvm::alignTo(facts.n, 16);
    if (const int64_t registers = state / (plan.getWarps() * 32);
        plan.getAlgorithm() == mixer::Algorithm::Chunked && registers > kGpuStateRegisters)
      return llvm::formatv("{0} registers a thread for the state, at most {1}", registers, kGpuStateRegisters);
    return "";
  }

  /// Whether warpgroups can compute the spec: 16-bit b and c go from memory to the matrix units as they are.
  bool fitsWarpgroups() const {
    if (target.arch != "sm_90a" || operand.isF32() || !facts.plain || facts.recurrences > 1 || facts.sumsColumns ||
        facts.columns != facts.p || facts.p == 1 || facts.n == 1)
      return false;
    WalkResult computed = mixer::SpecOp(spec).walk([](mixer::SemiseparableOp op) {
      if (op.getDirection() != mixer::Direction::Causal) // bulk copies do not go backwards
        return WalkResult::interrupt();
      for (Value value : {op.getB(), op.getC(), op.getX()}) {
        const Factored factored = factorTokenScale(value, value == op.getX() ? "P" : "N");
        const bool loaded = !factored.base.scalar && isa<BlockArgument>(factored.base.value) &&
                            cast<mixer::TensorType>(factored.base.value.getType()).getIo();
        if (!loaded)
          return WalkResult::interrupt();
      }
      return WalkResult::advance();
    });
    return !computed.wasInterrupted();
  }

  /// Parts of a block have one group's b and c in common.
  void addWarpgroups() {
    const int64_t columns = std::min(facts.p, kWarpgroupColumns), pblocks = llvm::divideCeil(facts.p, columns);
    for (int64_t count : {2, 1}) {
      if (facts.headsPerGroup() % (count / std::gcd(count, pblocks)))
        continue;
      for (int64_t stages = kWarpgroupStages; stages > 1; --stages) {
        Candidate candidate;
        candidate.plan = mixer::AlgorithmAttr::get(context, mixer::Algorithm::Chunked, kWarpgroupChunk, /*heads=*/1, columns, operand,
                                                   stages, /*warps=*/4 * count, /*associative=*/false, count, mixer::Precision::F32);
        // Two warpgroups that compute have 184 registers a thread, one has 240; 112 of them are for all but the state.
        const int64_t state = llvm::alignTo(facts.n, 16) / 2, most = (count > 1 ? 184 : 240) - 112;
        if (state > most)
          candidate.rejected = llvm::formatv("{0} registers a thread for the state, at most {1}", state, most);
        else if (const int64_t bytes = planBytes(facts, candidate.plan); bytes > target.machine.shared_bytes)
          candidate.rejected = llvm::formatv("{0} bytes of shared memory, a block has {1}", bytes, target.machine.shared_bytes);
        if (push(std::move(candidate)))
          break;
      }
    }
  }

  bool add(mixer::Algorithm algorithm, int64_t chunk, int64_t heads, int64_t stages, int64_t warpCount, bool associative = false) {
    const Type type = algorithm == mixer::Algorithm::Scan ? Float32Type::get(context) : operand;
    Candidate candidate;
    candidate.plan =
        mixer::AlgorithmAttr::get(context, algorithm, chunk, heads, pblock(), type, stages, std::min<int64_t>(warpCount, MIXC_MAX_WARPS),
                                  associative, /*warpgroups=*/0, precision(algorithm));
    candidate.rejected = warpCount > kGpuMaxWarps ? llvm::formatv("{0} warps, a block has at most {1}", warpCount, kGpuMaxWarps).str()
                                                  : whyRejected(candidate.plan);
    return push(std::move(candidate));
  }

  /// Counts what the candidate costs if it fits; false if it does not.
  bool push(Candidate candidate) {
    if (candidate.rejected.empty()) {
      if (llvm::Expected<PlanCost> counted = planCost(spec, facts, candidate.plan, target)) {
        candidate.cost = counted->cost;
        candidate.maxSplits = counted->maxSplits;
      } else {
        candidate.rejected = llvm::toString(counted.takeError());
      }
    }
    candidates.push_back(std::move(candidate));
    return candidates.back().rejected.empty();
  }

  void addChunked() {
    for (int64_t chunk : productChunks({32, 16, 64}))
      for (int64_t heads : headChoices())
        // Fewer stages are for machines that three do not fit.
        for (int64_t stages = target.isGpu() ? 3 : 1; stages > 0; --stages) {
          if (add(mixer::Algorithm::Chunked, chunk, heads, stages, warps(mixer::Algorithm::Chunked, chunk, heads)))
            break;
        }
  }

  void addQuadratic() {
    for (int64_t chunk : productChunks({64, 32, 16}))
      for (int64_t heads : headChoices())
        add(mixer::Algorithm::Quadratic, chunk, heads, 1, warps(mixer::Algorithm::Quadratic, chunk, heads));
  }

  /// The fewest warps that keep a scan's state in few registers: lanes go over P, warps over N in equal shares.
  int64_t scanWarps() const {
    int64_t fitting = 1;
    for (int64_t count : {1, 2, 4, 8, 16}) {
      const int64_t rows = llvm::divideCeil(facts.n, count);
      if (!target.isGpu() || facts.n % rows)
        continue;
      fitting = count;
      if (rows * llvm::divideCeil(pblock(), 32) <= kGpuScanRegisters)
        break;
    }
    return fitting;
  }

  void addScan() {
    const int64_t heads = options.heads ? options.heads : 1;
    // Fewer tokens where their rows do not fit.
    for (int64_t chunk : chunkChoices({kScanChunk, kScanChunk / 2, kScanChunk / 4}))
      if (add(mixer::Algorithm::Scan, chunk, heads, 1, scanWarps()))
        break;
    if (facts.n * facts.p == 1 && facts.plain)
      for (int64_t chunk : chunkChoices({kAssociativeChunk}))
        add(mixer::Algorithm::Scan, chunk, heads, 1, scanWarps(), /*associative=*/true);
  }
};

/// The type that matrix products take: that of `io` tensors on a GPU, f32 on a CPU.
Type operandType(mixer::SpecOp spec, const Target &target) {
  const Type io = spec.getIoType();
  return target.isGpu() && io ? io : Float32Type::get(spec.getContext());
}

} // namespace

SmallVector<Candidate> listCandidates(mixer::SpecOp spec, const SpecFacts &facts, const Target &target, const SelectOptions &options) {
  Lister lister{spec, facts, target, options, spec.getContext(), operandType(spec, target), {}};
  auto wanted = [&](mixer::Algorithm algorithm) {
    return (!options.algorithm || *options.algorithm == algorithm) && !findMissingForm(spec, algorithm);
  };
  if (wanted(mixer::Algorithm::Chunked)) {
    if (lister.fitsWarpgroups() && !options.heads && (!options.chunk || options.chunk == kWarpgroupChunk))
      lister.addWarpgroups();
    lister.addChunked();
  }
  if (wanted(mixer::Algorithm::Scan))
    lister.addScan();
  if (wanted(mixer::Algorithm::Quadratic))
    lister.addQuadratic();
  return std::move(lister.candidates);
}

Prediction predict(const Candidate &candidate, const Target &target, int64_t batch, int64_t length) {
  Prediction prediction;
  prediction.splits = mixc_cost_best_splits(&target.machine, &candidate.cost, batch, length, candidate.maxSplits, nullptr);
  mixc_cost_evaluate(&target.machine, &candidate.cost, batch, length, prediction.splits, &prediction.terms);
  return prediction;
}

std::string explainPrediction(const Candidate &candidate, const Prediction &prediction) {
  if (!candidate.rejected.empty())
    return "does not fit: " + candidate.rejected;
  const mixc_cost_terms &t = prediction.terms;
  // Only what bounds the time: the other side is hidden behind it.
  llvm::SmallVector<std::pair<double, const char *>> parts{{t.launch, "launches"},
                                                           {t.quantisation, "an unfilled machine and serial steps"}};
  if (t.bound_by_memory)
    parts.push_back({t.memory, "memory"});
  else
    parts.append({{t.matrix, "matrix products"},
                  {t.shared, "operands from shared memory"},
                  {t.special, "exponentials"},
                  {t.scalar, "elementwise work"}});
  const auto *most = &parts[0];
  for (const auto &part : parts)
    if (part.first > most->first)
      most = &part;
  return llvm::formatv("mostly {0}: {1:f1} of {2:f1} us", most->second, most->first * 1e6, t.total * 1e6);
}

} // namespace mixc
