// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/dialect/Arch.h"
#include "mixc/passes/Cost.h"
#include "mixc/passes/Decompose.h"
#include "mixc/passes/Family.h"
#include "mixc/passes/Gpu.h"
#include "mixc/passes/Work.h"
#include "mixc/runtime/limits.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/CSE.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/Support/Threading.h"
#include <algorithm>

using namespace mlir;

namespace mixc {
namespace {

int32_t operandOf(mixer::AlgorithmAttr plan, const Target &target) {
  if (plan.getOperand().getIntOrFloatBitWidth() == 16)
    return MIXC_OPERAND_HALF;
  if (!target.isGpu() || plan.getAlgorithm() == mixer::Algorithm::Scan)
    return MIXC_OPERAND_F32;
  return plan.getPrecision() == mixer::Precision::TF32 ? MIXC_OPERAND_TF32 : MIXC_OPERAND_SPLIT;
}

/// What products of f32 operands cost besides three times the work of the matrix units: four operations split each operand that a warp
/// reads, most of which the products of other warps hide, and a sum of 32 products is added by an operation of its own.
void countSplitting(mixc_cost &cost) {
  constexpr double kOperationsPerByte = 1 / 4.0, kFlopsPerSum = 2 * 32;
  cost.scalar_token += cost.shared_token * kOperationsPerByte + cost.matrix_token / kFlopsPerSum;
  cost.scalar_pair += cost.shared_pair * kOperationsPerByte + cost.matrix_pair / kFlopsPerSum;
}

/// Adds up the kernels of a program.
class ProgramCounter {
public:
  ProgramCounter(const SpecFacts &facts, tile::ProgramOp program, const OpCosts &costs, const Target &target)
      : facts(facts), program(program), costs(costs), target(target) {}

  mixc_cost count() {
    for (auto kernel : program.getBody().getOps<tile::KernelOp>()) {
      work = countWork(kernel, costs);
      blocks = static_cast<double>(kernel.getGrid().getBlocks());
      switch (kernel.getWhen()) {
      case tile::When::Always:
        addKernel(kernel.getGrid());
        break;
      case tile::When::State:
        addTokens(work.iteration, blocks / tokensOf(work));
        break;
      case tile::When::Split:
      case tile::When::Between:
        addSplit(kernel);
        break;
      case tile::When::Halved:
      case tile::When::Copied:
        break;
      }
    }
    cost.bytes_sequence = facts.bytesSequence * costs.bareStates;
    cost.drawn_token = std::max(cost.drawn_token, cost.bytes_token);
    cost.split_launches += cost.launches;
    cost.split_work = cost.matrix_token > 0 ? splitMatrix / cost.matrix_token : 0;
    cost.between_work = cost.matrix_token > 0 ? betweenMatrix / cost.matrix_token : 0;
    cost.split_bytes = cost.bytes_token > 0 ? cost.split_bytes / cost.bytes_token : 0;
    return cost;
  }

private:
  static double tokensOf(const KernelWork &work) { return static_cast<double>(std::max<int64_t>(1, work.tokens)); }

  void addTokens(const Work &own, double times) {
    cost.matrix_token += times * own.matrix;
    cost.shared_token += times * own.operands;
    cost.scalar_token += times * own.scalar;
    cost.special_token += times * own.special;
  }

  void addPairs(const Work &own, double times) {
    cost.matrix_pair += times * own.matrix;
    cost.shared_pair += times * own.operands;
    cost.scalar_pair += times * own.scalar;
    cost.special_pair += times * own.special;
  }

  /// A block of rows computes its own chunk, which counts as a pair of chunks, once, and a pair in each iteration.
  void addKernel(tile::GridAttr grid) {
    ++cost.launches;
    if (work.tokens > 0 || cost.blocks == 0) { // those without a loop over tokens come before or after the recurrence's
      cost.blocks = grid.getBlocks();
      cost.halves = grid.getHalves();
      cost.rows = grid.getRows();
    }
    cost.step_latency += work.iteration.waiting;
    if (const auto rows = static_cast<double>(grid.getRows()); rows > 0) {
      addPairs(work.iteration, blocks / (rows * rows));
      addTokens(work.once, blocks / rows);
      addTokens(work.iteration, -blocks / rows);
      cost.bytes_pair += uniqueBytes(work.iteration) / rows;
      cost.bytes_token += uniqueBytes(work.once);
      cost.drawn_token += drawnBytes(work.once) * blocks / rows;
      return;
    }
    const double tokens = tokensOf(work);
    addTokens(work.iteration, blocks / tokens);
    cost.bytes_token += uniqueBytes(work.iteration);
    cost.drawn_token += drawnBytes(work.iteration) * blocks / tokens;
    cost.bytes_split += blocks * bufferBytes(work.once);
  }

  /// States and transitions of segments: each is written, combined with the one before and read.
  void addSplit(tile::KernelOp kernel) {
    ++cost.split_launches;
    if (kernel.getGrid().getSplits()) {
      (kernel.getWhen() == tile::When::Between ? betweenMatrix : splitMatrix) += work.iteration.matrix * blocks / pieces() / tokensOf(work);
      cost.split_bytes += uniqueBytes(work.iteration);
      cost.bytes_split += blocks * bufferBytes(work.once);
    } else {
      cost.bytes_split += blocks * static_cast<double>(work.trips) * bufferBytes(work.iteration);
      addProductsOfStates();
    }
  }

  /// Of segments that are combined by products a block takes one after the other.
  void addProductsOfStates() {
    if (work.iteration.matrix == 0)
      return;
    auto plan = cast<mixer::AlgorithmAttr>(program.getPlan());
    const mixc_machine &machine = target.machine;
    const double rate = !target.isGpu()                                 ? machine.matrix_rate_f32
                        : plan.getPrecision() == mixer::Precision::TF32 ? machine.matrix_rate_tf32
                                                                        : machine.matrix_rate_tf32 / 3;
    const double seconds = work.iteration.waiting + work.iteration.matrix / rate + drawnBytes(work.iteration) / machine.unit_bandwidth;
    cost.combine_latency += static_cast<double>(work.trips) * seconds;
    cost.combine_blocks = std::max(cost.combine_blocks, static_cast<int64_t>(blocks));
  }
  /// Blocks that share the tokens of a segment.
  double pieces() { return static_cast<double>(cast<mixer::AlgorithmAttr>(program.getPlan()).getPieces()); }

  /// Bytes of a token of all tensors that the work moves, each once, or twice where it is read and written.
  double uniqueBytes(const Work &own) {
    double bytes = 0;
    for (const auto &[number, moved] : own.moved)
      bytes += (moved.loads && moved.stores ? 2 : 1) * (number < facts.bytesToken.size() ? facts.bytesToken[number] : bufferToken(number));
    return bytes;
  }

  static double drawnBytes(const Work &own) {
    double bytes = 0;
    for (const auto &[number, moved] : own.moved)
      bytes += moved.bytes;
    return bytes;
  }

  double bufferBytes(const Work &own) const {
    double bytes = 0;
    for (const auto &[number, moved] : own.moved)
      bytes += number < facts.bytesToken.size() ? 0 : moved.bytes;
    return bytes;
  }

  /// Bytes of a token of a workspace buffer of f32; 0 where it has no tokens.
  double bufferToken(unsigned number) {
    const ArrayRef<int64_t> shape = cast<tile::BufferAttr>(program.getBuffers()[number - facts.bytesToken.size()]).getShape();
    double bytes = llvm::is_contained(shape, tile::kSizeLength) ? sizeof(float) : 0;
    for (int64_t size : shape)
      bytes *= static_cast<double>(std::max<int64_t>(size, 1));
    return bytes;
  }

  const SpecFacts &facts;
  tile::ProgramOp program;
  const OpCosts &costs;
  const Target &target;
  mixc_cost cost{};
  KernelWork work; ///< of the kernel that is being added
  double blocks = 0, splitMatrix = 0, betweenMatrix = 0;
};

/// Keeps the first diagnostic of this thread to itself; other specs may be worked on by other threads.
class DiagnosticText {
public:
  explicit DiagnosticText(MLIRContext *context)
      : handler(context, [this, thread = llvm::get_threadid()](Diagnostic &diagnostic) {
          if (llvm::get_threadid() != thread)
            return failure();
          if (first.empty() && diagnostic.getSeverity() == DiagnosticSeverity::Error)
            first = diagnostic.str();
          return success();
        }) {}
  const std::string &text() const { return first; }

private:
  std::string first;
  ScopedDiagnosticHandler handler;
};

/// That of the family, else the target's, without what is special about it.
std::string archFor(const Family &family, const Target &target) {
  return family.getArch().empty() ? "sm_" + std::to_string(parseArch(target.arch)->number) : family.getArch().str();
}

/// What the pipeline does between decomposition and lowering.
void simplify(tile::ProgramOp program) {
  MLIRContext *context = program.getContext();
  RewritePatternSet patterns(context);
  for (Dialect *dialect : context->getLoadedDialects())
    dialect->getCanonicalizationPatterns(patterns);
  for (RegisteredOperationName op : context->getRegisteredOperations())
    op.getCanonicalizationPatterns(patterns, context);
  (void)applyPatternsGreedily(program, std::move(patterns));
  IRRewriter rewriter(context);
  DominanceInfo dominance(program);
  eliminateCommonSubExpressions(rewriter, dominance, program);
}

} // namespace

llvm::Expected<ProgramCost> programCost(const SpecFacts &facts, tile::ProgramOp program, mixer::AlgorithmAttr plan, const Target &target) {
  const Family &family = familyOf(plan);
  const OpCosts costs = family.opCosts(plan, target);
  mixc_cost cost = ProgramCounter(facts, program, costs, target).count();
  cost.chunk = plan.getChunk();
  cost.operand = operandOf(plan, target);
  cost.blocks_per_unit = 1;
  if (cost.operand == MIXC_OPERAND_SPLIT)
    countSplitting(cost);
  for (double *operations : {&cost.scalar_token, &cost.scalar_pair, &cost.special_token, &cost.special_pair})
    *operations *= costs.elementwise;
  if (!target.isGpu())
    return ProgramCost{cost, ""};
  DiagnosticText problem(program.getContext());
  const FailureOr<BlockNeeds> needs = measureBlocks(program, archFor(family, target));
  if (failed(needs))
    return llvm::createStringError(problem.text());
  cost.blocks_per_unit = static_cast<int32_t>(family.blocksPerUnit(plan, *needs, target));
  return ProgramCost{cost, family.misfitOf(plan, *needs, target)};
}

int64_t maxSplits(tile::ProgramOp program) {
  const auto kernels = program.getBody().getOps<tile::KernelOp>();
  return llvm::any_of(kernels, [](tile::KernelOp kernel) { return kernel.getWhen() == tile::When::Split; }) ? MIXC_MAX_SPLITS : 1;
}

llvm::Expected<PlanCost> planCost(mixer::SpecOp spec, const SpecFacts &facts, mixer::AlgorithmAttr plan, const Target &target) {
  MLIRContext *context = spec.getContext();
  context->getOrLoadDialect<tile::TileDialect>();
  OwningOpRef<ModuleOp> module = ModuleOp::create(spec.getLoc());
  OpBuilder b = OpBuilder::atBlockEnd(module->getBody());
  auto copy = cast<mixer::SpecOp>(b.clone(*spec));
  DiagnosticText problem(context);
  if (failed(decomposePlan(copy, plan)))
    return llvm::createStringError(problem.text());
  auto program = *module->getOps<tile::ProgramOp>().begin();
  simplify(program);
  llvm::Expected<ProgramCost> counted = programCost(facts, program, plan, target);
  if (!counted)
    return counted.takeError();
  if (!counted->misfit.empty())
    return llvm::createStringError(counted->misfit);
  return PlanCost{counted->cost, maxSplits(program)};
}

} // namespace mixc
