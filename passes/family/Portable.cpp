// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Plans whose code runs on every CPU, and on every GPU from sm_80 on.

#include "Families.h"
#include "Occupancy.h"
#include "mixc/dialect/Arch.h"
#include "mixc/runtime/limits.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;

namespace mixc {
namespace {

// A GPU block computes at most this many columns of P, so that the state stays in registers; a warp owns 16 rows of it. Where a chunk has
// factors to compute, more columns may share them.
constexpr int64_t kGpuChunk = 32, kGpuColumns = 64, kGpuSharingColumns = 128, kGpuRowsPerWarp = 16, kGpuMaxWarps = 16;
// With fewer warps each one's part of the weights and of what is loaded ahead takes too many registers.
constexpr int64_t kGpuMinWarps = 4;
// Every GPU kernel is compiled for sm_80.
constexpr int kGpuBaseArch = 80;
// Largest state that a GPU thread may hold, in registers, and rows that a loop carries beside it.
constexpr int64_t kGpuStateRegisters = 128 + 8;
// State entries that a GPU thread should hold in a scan.
constexpr int64_t kGpuScanRegisters = 32;
// Tokens of a scan's tile: token by token, and in log steps (for one state entry a head).
constexpr int64_t kScanChunk = 16, kAssociativeChunk = 256;
// Where a scan's lanes run over heads: heads of a GPU block, its tokens and its warps, which share the state's rows and what is
// elementwise; elements of all tensors that a thread should hold, and the fewest tokens.
constexpr int64_t kGpuLaneHeads = 32, kGpuLaneChunk = 32, kGpuLaneWarps = 4, kGpuLaneElements = 64, kGpuLeastLaneChunk = 8;
// On a CPU: state entries of a block, whose vectors are read side by side, the fewest heads, which fill a vector, and elements of a tile,
// of which the first-level cache holds several.
constexpr int64_t kCpuLaneEntries = 256, kCpuLaneHeads = 16, kCpuLaneElements = 4096;
// Bytes of states that a GPU thread has where a block takes tokens one by one, beside other registers, and threads of a block: small blocks
// wait for memory while others write, and one warp waits for no other. Where columns lie side by side in memory, a block has at least so
// many, else it would move small parts of lines.
constexpr int64_t kTokenBytes = 128, kTokenThreads = 32, kTokenColumns = 32;
// Registers of a GPU thread beside those of its states: of a scan that takes tokens one by one, and of other scans.
constexpr int64_t kTokenOtherRegisters = 48, kScanOtherRegisters = 88;
// State entries of a CPU block that takes tokens one by one, for more cores; and of one that may have whole heads: what is computed for a
// token and head is computed once then, and for several heads at once.
constexpr int64_t kCpuTokenEntries = 2048, kCpuHeadsEntries = 16384;
// Times as long as a copy that a GPU block of other plans takes for its states, which it moves before and after its tokens.
constexpr double kBareStates = 2;
// Seconds that a chunk costs a CPU block besides its arithmetic: what many heads share.
constexpr double kCpuChunkOverhead = 3.5e-6;
// Seconds that a token costs a CPU block that takes them one by one, besides.
constexpr double kCpuTokenOverhead = 6.0e-8;

/// Whether a scan takes tokens one by one.
bool takesTokens(mixer::AlgorithmAttr plan) { return plan.getAlgorithm() == mixer::Algorithm::Scan && plan.getChunk() == 1; }

struct Lister {
  const PlanRequest &request;
  PlanTaker take;
  const SpecFacts &facts = request.facts;
  const bool onGpu = request.target.isGpu();

  /// Columns of P for a block, at most so many, cut evenly in multiples of 16.
  int64_t pblock(int64_t columns = kGpuColumns) const {
    if (!onGpu || facts.p <= columns || facts.sumsColumns)
      return facts.p;
    const int64_t blocks = llvm::divideCeil(facts.p, columns);
    return llvm::alignTo(llvm::divideCeil(facts.p, blocks), 16);
  }
  SmallVector<int64_t> pblockChoices() const {
    SmallVector<int64_t> choices{pblock()};
    if (const int64_t sharing = pblock(kGpuSharingColumns); !facts.plain && sharing > choices.front())
      choices.insert(choices.begin(), sharing);
    if (facts.sumsResults && choices.front() < facts.p)
      choices.insert(choices.begin(), facts.p);
    return choices;
  }

  /// Numbers of heads for a block: divisors of the heads that share b and c. A GPU block of four would need all registers; the
  /// states of a CPU block should stay in the second-level cache.
  SmallVector<int64_t> headChoices() const {
    if (request.options.heads)
      return {request.options.heads};
    if (!facts.plain) // factors of heads of their own
      return {1};
    SmallVector<int64_t> choices;
    for (int64_t heads : {12, 8, 6, 4, 2, 1}) {
      const int64_t states = heads * facts.n * facts.p * 4, cache = request.target.machine.shared_bytes;
      if (facts.headsPerGroup() % heads == 0 && (onGpu ? heads <= 2 : heads == 1 || states <= cache / 2))
        choices.push_back(heads);
    }
    return choices;
  }

  /// The matrix units of a GPU have tf32, and f32 at three times the work. A scan does not use them.
  mixer::Precision precision(mixer::Algorithm algorithm) const {
    const bool chosen = onGpu && request.operand.isF32() && algorithm != mixer::Algorithm::Scan;
    return chosen ? request.options.precision.value_or(mixer::Precision::TF32) : mixer::Precision::F32;
  }

  /// In a chunked plan of short chunks, two heads of 16-bit operands share the warps of one: a warp then reads b, c and the
  /// weights once for 32 rows. Longer chunks need the registers.
  int64_t warps(mixer::Algorithm algorithm, int64_t chunk, int64_t heads, int64_t pblock) const {
    if (!onGpu)
      return 1;
    const bool shared = algorithm == mixer::Algorithm::Chunked && chunk <= kGpuChunk && request.operand.getIntOrFloatBitWidth() == 16;
    return std::max<int64_t>(kGpuMinWarps, (shared ? 1 : heads) * llvm::alignTo(pblock, 16) / kGpuRowsPerWarp);
  }

  /// On a GPU chunks of 32 were faster than longer ones with every number of heads and warps that was measured.
  SmallVector<int64_t> productChunks(ArrayRef<int64_t> onCpu) const {
    if (!facts.plain) // sizes of blocks are powers of two, and each costs factors
      return request.chunks({16, 32});
    return onGpu ? request.chunks({kGpuChunk}) : request.chunks(onCpu);
  }

  bool add(mixer::Algorithm algorithm, int64_t chunk, int64_t heads, int64_t pblock, int64_t stages, int64_t warps,
           bool associative = false) {
    const Type type = algorithm == mixer::Algorithm::Scan ? Float32Type::get(request.context()) : request.operand;
    auto plan = mixer::AlgorithmAttr::get(request.context(), algorithm, chunk, heads, pblock, type, precision(algorithm), stages,
                                          std::min<int64_t>(warps, MIXC_MAX_WARPS), associative, kPortableFamily, /*parts=*/1, /*pieces=*/1,
                                          /*persistent=*/0, /*teams=*/0, /*rebalance=*/true);
    return take(plan);
  }

  void addChunked() {
    for (int64_t chunk : productChunks({32, 16, 64}))
      for (int64_t heads : headChoices())
        for (int64_t columns : pblockChoices())
          // Fewer stages are for machines that three do not fit, and for tiles of f32, which take so much shared memory that more blocks
          // may run with fewer of them.
          for (int64_t stages = onGpu ? 3 : 1; stages > 0; --stages) {
            if (add(mixer::Algorithm::Chunked, chunk, heads, columns, stages, warps(mixer::Algorithm::Chunked, chunk, heads, columns)) &&
                !request.operand.isF32())
              break;
          }
  }

  void addQuadratic() {
    for (int64_t chunk : productChunks({64, 32, 16}))
      for (int64_t heads : headChoices())
        add(mixer::Algorithm::Quadratic, chunk, heads, pblock(), 1, warps(mixer::Algorithm::Quadratic, chunk, heads, pblock()));
  }

  /// The fewest warps that keep a scan's state in few registers: lanes go over P, warps over N in equal shares.
  int64_t scanWarps() const {
    int64_t fitting = 1;
    for (int64_t count : {1, 2, 4, 8, 16}) {
      const int64_t rows = llvm::divideCeil(facts.n, count);
      if (!onGpu || facts.n % rows)
        continue;
      fitting = count;
      if (rows * llvm::divideCeil(pblock(), 32) <= kGpuScanRegisters)
        break;
    }
    return fitting;
  }

  /// Warps of which each has as many of a head's rows.
  int64_t laneWarps() const {
    int64_t warps = kGpuLaneWarps;
    while (facts.n % warps != 0 && warps > 1 && facts.n > 1)
      warps /= 2;
    while (facts.n / warps > kGpuScanRegisters && facts.n % (2 * warps) == 0 && warps < kGpuMaxWarps)
      warps *= 2;
    return warps;
  }

  /// Heads for a block of a scan: one, or, where each has one column, as many as lanes run over. Groups of heads that share b and c are
  /// not mixed; else the last block may have fewer heads.
  int64_t scanHeads() const {
    if (request.options.heads || facts.p > 1 || facts.updates > 1 || facts.readsColumns)
      return request.options.heads ? request.options.heads : 1;
    const int64_t most = onGpu ? kGpuLaneHeads : std::max<int64_t>(kCpuLaneHeads, llvm::bit_floor(uint64_t(kCpuLaneEntries / facts.n)));
    const int64_t own = facts.headsOfGroup;
    return std::min<int64_t>(most, own < facts.heads || facts.freeHeads ? own & -own : llvm::PowerOf2Ceil(own));
  }

  /// Tokens of a tile where lanes run over heads.
  int64_t laneChunk(int64_t heads) const {
    if (!onGpu)
      return std::clamp<int64_t>(kCpuLaneElements / heads, 4, kScanChunk);
    const double bytes = std::accumulate(facts.bytesToken.begin(), facts.bytesToken.end(), 0.0);
    const double ofThread = bytes / static_cast<double>(facts.ioBytes * facts.heads * 32 * laneWarps()) * static_cast<double>(heads);
    int64_t tokens = kGpuLaneChunk;
    while (tokens > kGpuLeastLaneChunk && ofThread * static_cast<double>(tokens) > kGpuLaneElements)
      tokens /= 2;
    return tokens;
  }

  /// Heads and columns of a block with at most so many entries of the state, or as few as a block can have.
  std::pair<int64_t, int64_t> tokenUnit(int64_t entries) const {
    int64_t columns = facts.p, heads = 1;
    const int64_t fewest = onGpu && facts.columnsInRows ? kTokenColumns : 1;
    while (!facts.sumsColumns && columns % 2 == 0 && columns / 2 >= fewest && columns * facts.n > entries)
      columns /= 2;
    if (request.options.heads || columns < facts.p)
      return {request.options.heads ? request.options.heads : 1, columns};
    for (int64_t more = 2; more <= facts.headsOfGroup && more * columns * facts.n <= entries; ++more)
      if (facts.headsOfGroup % more == 0)
        heads = more;
    return {heads, columns};
  }

  /// Tokens one by one, with passes over the state as it lies in memory.
  void addTokens() {
    const int64_t ofThread = kTokenBytes / facts.stateBytes;
    SmallVector<std::pair<int64_t, int64_t>> units{tokenUnit(onGpu ? ofThread * kTokenThreads : kCpuTokenEntries)};
    if (const auto larger = tokenUnit(kCpuHeadsEntries); !onGpu && larger != units.front())
      units.insert(units.begin(), larger);
    // Sums over the columns of results are then a block's own.
    if (facts.sumsResults && units.front().second < facts.p)
      units.insert(units.begin(), {1, facts.p});
    for (auto [heads, columns] : units) {
      const int64_t threads = heads * columns * facts.n / ofThread;
      add(mixer::Algorithm::Scan, 1, heads, columns, 1,
          onGpu ? std::clamp<int64_t>(llvm::bit_ceil(uint64_t(threads)) / 32, 1, kGpuMaxWarps) : 1);
    }
  }

  void addScan() {
    if (request.options.chunk <= 1)
      addTokens();
    if (request.options.chunk == 1)
      return;
    const int64_t heads = scanHeads();
    const bool lanesOverHeads = facts.p == 1 && heads > 1 && !facts.readsColumns;
    const int64_t chunk = lanesOverHeads ? laneChunk(heads) : kScanChunk;
    // Fewer tokens where their rows do not fit.
    for (int64_t tokens : request.chunks({chunk, chunk / 2, chunk / 4}))
      if (add(mixer::Algorithm::Scan, tokens, heads, pblock(), 1, lanesOverHeads && onGpu ? laneWarps() : scanWarps()))
        break;
    if (facts.n * facts.p == 1 && facts.plain)
      for (int64_t chunk : request.chunks({kAssociativeChunk}))
        add(mixer::Algorithm::Scan, chunk, request.options.heads ? request.options.heads : 1, pblock(), 1, scanWarps(),
            /*associative=*/true);
  }
};

struct Portable : Family {
  Portable() : Family(kPortableFamily) {}

  void listPlans(const PlanRequest &request, PlanTaker take) const override {
    Lister lister{request, take};
    if (request.wants(mixer::Algorithm::Chunked))
      lister.addChunked();
    if (request.wants(mixer::Algorithm::Scan))
      lister.addScan();
    if (request.wants(mixer::Algorithm::Quadratic))
      lister.addQuadratic();
  }

  std::string problemOf(mixer::AlgorithmAttr plan) const override {
    const std::tuple<const char *, int64_t, int64_t> numbers[] = {{"parts", plan.getParts(), 1},
                                                                  {"pieces", plan.getPieces(), 1},
                                                                  {"persistent", plan.getPersistent(), 0},
                                                                  {"teams", plan.getTeams(), 0}};
    for (auto [name, number, only] : numbers)
      if (number != only)
        return llvm::formatv("expected {0} = {1} of family = portable, got {2}", name, only, number);
    return plan.getRebalance() ? "" : "expected rebalance = true of family = portable, whose warps all do the same, got false";
  }

  std::string misfitOf(mixer::AlgorithmAttr plan, const BlockNeeds &needs, const Target &target) const override {
    if (plan.getWarps() > kGpuMaxWarps)
      return llvm::formatv("{0} warps, a block has at most {1}", plan.getWarps(), kGpuMaxWarps);
    if (const int64_t registers = needs.stateElements / (plan.getWarps() * 32);
        plan.getAlgorithm() == mixer::Algorithm::Chunked && registers > kGpuStateRegisters)
      return llvm::formatv("{0} registers a thread for the state, at most {1}", registers, kGpuStateRegisters);
    const int64_t budget = std::min(target.machine.shared_bytes, sharedBytesOf(kGpuBaseArch));
    return needs.sharedBytes > budget ? llvm::formatv("{0} bytes of shared memory, a block has {1}", needs.sharedBytes, budget).str() : "";
  }

  int64_t blocksPerUnit(mixer::AlgorithmAttr plan, const BlockNeeds &needs, const Target &target) const override {
    const int64_t byShared = target.machine.shared_bytes / std::max<int64_t>(1, needs.sharedBytes);
    const int64_t others = takesTokens(plan)                               ? kTokenOtherRegisters
                           : plan.getAlgorithm() == mixer::Algorithm::Scan ? kScanOtherRegisters
                                                                           : kOtherRegisters;
    const int64_t byRegisters = blocksByRegisters(needs.threads, needs.stateElements, others);
    return std::max<int64_t>(1, std::min(byShared, byRegisters));
  }

  OpCosts opCosts(mixer::AlgorithmAttr plan, const Target &target) const override {
    OpCosts costs;
    if (!target.isGpu()) {
      costs.lanes = 16;
      costs.lag = 1200; // in f64, one by one
      costs.correction = 0.75;
      costs.iteration = takesTokens(plan) ? kCpuTokenOverhead : plan.getAlgorithm() == mixer::Algorithm::Scan ? 0 : kCpuChunkOverhead;
      return costs;
    }
    costs.warps = plan.getWarps();
    costs.bareStates = takesTokens(plan) ? 1 : kBareStates;
    // The next token's loads are issued a token ahead; a pair of chunks is loaded when the one before is done.
    const bool waitsForLoads = takesTokens(plan) || plan.getAlgorithm() == mixer::Algorithm::Quadratic;
    costs.iteration = waitsForLoads ? target.machine.memory_latency : 0;
    if (plan.getAlgorithm() == mixer::Algorithm::Scan)
      costs.sector = 32; // tiles of others have whole rows
    costs.lag = 60;
    costs.correction = 2;
    costs.product = 8.75e-8;
    costs.tokenSum = 3.0e-7;
    costs.spanRow = 3.3e-8;
    costs.solvedRow = 3.0e-8;
    costs.scanToken = 1.35e-7;
    costs.scanInstruction = 6.0e-10;
    costs.scanLevel = 3.0e-8;
    return costs;
  }
};

} // namespace

std::unique_ptr<Family> makePortableFamily() { return std::make_unique<Portable>(); }

} // namespace mixc
