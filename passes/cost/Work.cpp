// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/passes/Work.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace mixc;

namespace {

// Operations of an element: of a conversion between f32 and 16 bits, which machines do in pairs; of stochastic rounding; of a running sum;
// of a span; of a test for what is not finite. Of an entry of a scan's state: three, and its loads and stores; of a sum of a vector's
// lanes.
constexpr double kConversion = 0.5, kStochasticRounding = 10, kTokenSum = 4, kSpan = 2, kGuard = 2, kScanEntry = 4.5, kRowSum = 6;
// Bytes of a row that a bulk copy moves at once.
constexpr double kLineBytes = 128;
// Rows and columns of a product that a warp computes at least; threads of a warp.
constexpr double kProductTile = 16, kLanes = 32;

double elementsOf(Type type) { return static_cast<double>(cast<ShapedType>(type).getNumElements()); }
double elementsOf(Value value) { return elementsOf(value.getType()); }
double bytesOf(Value value) { return elementsOf(value) * cast<ShapedType>(value.getType()).getElementTypeBitWidth() / 8; }

/// Operations of one element of an elementwise op on floats. Indices, which masks compare, cost nothing: whole tiles are not masked.
void countScalarOp(Operation *op, double elements, Work &work) {
  if (isa<arith::ExtFOp, arith::TruncFOp>(op))
    work.scalar += kConversion * elements;
  else if (isa<tile::StochasticRoundOp>(op))
    work.scalar += kStochasticRounding * elements;
  else if (isa<math::AbsFOp, math::FloorOp, math::CeilOp, math::CopySignOp, math::FmaOp>(op))
    work.scalar += elements;
  else if (isa<math::MathDialect>(op->getDialect()))
    work.special += elements;
  else if (isa<arith::ArithDialect>(op->getDialect()) && !op->hasTrait<OpTrait::ConstantLike>() && op->getNumOperands() > 0 &&
           isa<FloatType>(getElementTypeOrSelf(op->getOperands().back().getType())))
    work.scalar += elements;
}

/// Sizes of a contraction's loops by what they are to the product: of all three tiles, of the rows, of the columns, summed.
struct ProductSizes {
  double batch = 1, rows = 1, columns = 1, sum = 1;

  explicit ProductSizes(linalg::ContractOp op) {
    const SmallVector<int64_t> ranges = op.getStaticLoopRanges();
    const SmallVector<AffineMap> maps = op.getIndexingMapsArray();
    for (auto [dim, size] : llvm::enumerate(ranges)) {
      const bool inA = maps[0].isFunctionOfDim(dim), inB = maps[1].isFunctionOfDim(dim), inResult = maps[2].isFunctionOfDim(dim);
      (!inResult ? sum : inA && inB ? batch : inA ? rows : columns) *= static_cast<double>(size);
    }
  }
  double flops() const { return 2 * batch * rows * columns * sum; }
};

/// Counts the ops of one stretch of a kernel after another.
class Counter {
public:
  explicit Counter(const OpCosts &costs) : costs(costs), warps(static_cast<double>(costs.warps)) {}

  KernelWork count(tile::KernelOp kernel) {
    kernel.walk([&](tile::PartOp part) { allParts = static_cast<double>(part.getCount()); });
    if (allParts > 1)
      findPartOps(kernel.getBody().front());
    countBlock(kernel.getBody().front(), result.once, /*inLoop=*/false);
    return std::move(result);
  }

private:
  void countBlock(Block &block, Work &work, bool inLoop) {
    for (Operation &op : block)
      countOp(&op, work, inLoop);
  }

  void countOp(Operation *op, Work &work, bool inLoop) {
    if (auto loop = dyn_cast<scf::ForOp>(op))
      return countLoop(loop, work, inLoop);
    if (auto branch = dyn_cast<scf::IfOp>(op))
      return countBranch(branch, work, inLoop);
    Work own;
    parts = ofPart.contains(op) ? allParts : 1; // else it is done once for all
    llvm::TypeSwitch<Operation *>(op)
        .Case([&](linalg::ContractOp product) { countProduct(product, own); })
        .Case([&](linalg::GenericOp generic) { countGeneric(generic, own); })
        .Case([&](tile::LoadOp load) { countTransfer(load, load.getSource(), parts, own); })
        .Case([&](tile::StoreOp store) { countTransfer(store, store.getDest(), parts, own); })
        .Case([&](tile::CumsumOp sums) { countTokenSums(elementsOf(sums.getInput()), kTokenSum, own); })
        .Case([&](tile::LagOp lag) { countTokenSums(elementsOf(lag.getInput()), costs.lag, own); })
        .Case<tile::RunningSumOp, tile::RunningMaxOp>([&](auto running) { countTokenSums(elementsOf(running.getInput()), kTokenSum, own); })
        .Case([&](tile::SpansOp spans) {
          own.scalar = parts * kSpan * elementsOf(spans.getSpans());
          own.waiting = costs.spanRow * rowsOf(spans.getInput()) * static_cast<double>(spans.getBlocks().size());
        })
        .Case([&](tile::GuardOp guard) { own.scalar = parts * kGuard * elementsOf(guard.getX()); })
        .Case([&](tile::SolveOp solve) { countSolve(solve, own); })
        .Case([&](tile::ScanOp scan) { countScan(scan, own); })
        .Default([&](Operation *other) {
          if (other->getNumResults() == 1)
            if (auto tile = dyn_cast<RankedTensorType>(other->getResult(0).getType()))
              countScalarOp(other, parts * elementsOf(tile), own);
        });
    work.add(own, 1);
  }

  /// The outermost loop whose trips depend on the call is the one over tokens; of loops in it whose trips do, one trip counts.
  void countLoop(scf::ForOp loop, Work &work, bool inLoop) {
    if (std::optional<APInt> trips = loop.getStaticTripCount()) {
      Work body;
      countBlock(*loop.getBody(), body, inLoop);
      return work.add(body, static_cast<double>(trips->getZExtValue()));
    }
    if (inLoop)
      return countBlock(*loop.getBody(), work, true);
    result.tokens = std::max<int64_t>(result.tokens, getConstantIntValue(loop.getStep()).value_or(1));
    if (auto product = loop.getUpperBound().getDefiningOp<arith::MulIOp>())
      result.trips = getConstantIntValue(product.getRhs()).value_or(1);
    countBlock(*loop.getBody(), result.iteration, true);
    result.iteration.waiting += costs.iteration;
  }

  /// The branch that does more.
  void countBranch(scf::IfOp branch, Work &work, bool inLoop) {
    Work most;
    for (Region *region : branch.getRegions()) {
      Work own;
      if (!region->empty())
        countBlock(region->front(), own, inLoop);
      if (own.matrix + own.scalar + total(own.moved) > most.matrix + most.scalar + total(most.moved))
        most = own;
    }
    work.add(most, 1);
  }

  static double total(const llvm::MapVector<unsigned, Work::Moved> &moved) {
    double sum = 0;
    for (const auto &[number, own] : moved)
      sum += own.bytes;
    return sum;
  }

  void countGeneric(linalg::GenericOp op, Work &work) {
    double elements = parts;
    for (int64_t size : op.getStaticLoopRanges())
      elements *= static_cast<double>(size);
    for (Operation &scalar : op.getBody()->without_terminator())
      countScalarOp(&scalar, elements, work);
  }

  /// Each warp has rows of the result, all columns of them; where there are fewer rows than that, warps share them in squares. A state
  /// stays in the registers of those that have its rows.
  void countProduct(linalg::ContractOp op, Work &work) {
    const ProductSizes sizes(op);
    work.matrix = parts * sizes.flops();
    work.waiting = costs.product;
    if (warps == 0)
      return;
    const double rowTiles = std::ceil(sizes.batch * sizes.rows / kProductTile), columnTiles = std::ceil(sizes.columns / kProductTile);
    const double a = isState(op.getInputs()[0]) ? 0 : bytesOf(op.getInputs()[0]), b = bytesOf(op.getInputs()[1]);
    const double square = std::sqrt(std::min(warps, rowTiles * columnTiles));
    const bool byRows = sizes.batch > 1 || rowTiles >= warps || columnTiles == 1;
    work.operands = parts * (byRows ? a + b * std::max(1.0, std::min(warps, rowTiles) / sizes.batch) : (a + b) * square);
  }

  /// Whether the tile is one that a loop carries, itself or rounded.
  static bool isState(Value tile) {
    if (auto cast = tile.getDefiningOp<arith::TruncFOp>())
      tile = cast.getIn();
    auto argument = dyn_cast<BlockArgument>(tile);
    return argument && isa<scf::ForOp>(argument.getOwner()->getParentOp());
  }

  void countTokenSums(double elements, double operations, Work &work) {
    work.scalar = parts * operations * elements;
    work.waiting = costs.tokenSum;
  }

  void countSolve(tile::SolveOp op, Work &work) {
    const double rows = static_cast<double>(cast<ShapedType>(op.getMatrix().getType()).getShape().back());
    work.scalar = parts * elementsOf(op.getSums()) * rows;
    work.waiting = costs.solvedRow * rows;
  }

  /// A thread has some rows of the state, for every 32 columns of P: three operations an entry and two loads a row. Sums across the columns
  /// are lanes of their own to add up, for each row: on a CPU those of every two vectors.
  void countScan(tile::ScanOp op, Work &work) {
    const double tokens = rowsOf(op.getX());
    const ArrayRef<int64_t> state = cast<ShapedType>(op.getInit().getType()).getShape(); // [h, n, p]
    const double levels = op.getAssociative() ? 2 * std::max(1.0, std::log2(tokens)) : 1;
    const double idle = op.getAssociative() ? 1 : static_cast<double>(llvm::alignTo(state[2], costs.lanes)) / static_cast<double>(state[2]);
    work.scalar = parts * tokens * elementsOf(op.getInit()) * idle * (kScanEntry + (op.getR() ? costs.correction : 0)) * levels;
    const double lanes = warps > 0 ? kLanes : std::ceil(static_cast<double>(state[2]) / static_cast<double>(2 * costs.lanes)) * costs.lanes;
    work.scalar += op.getAcross() ? parts * tokens * static_cast<double>(state[0] * state[1]) * kRowSum * lanes : 0;
    if (op.getAssociative()) {
      work.waiting = costs.scanLevel * levels;
      return;
    }
    const double rows = std::ceil(static_cast<double>(state[0] * state[1]) / std::max(1.0, warps));
    const double instructions = rows * (2 + 3 * std::ceil(static_cast<double>(state[2]) / kLanes) + (op.getAcross() ? kRowSum : 0));
    work.waiting = tokens * (costs.scanToken + costs.scanInstruction * instructions);
  }

  /// `times`: what does not depend on the part is loaded once for all of them. Runs along the memref's last dimension are rounded up to
  /// sectors.
  template <typename Op> void countTransfer(Op op, Value memref, double times, Work &work) {
    if (auto steps = memref.getDefiningOp<tile::StepsOp>()) {
      times /= steps.getThrough() ? 1 : static_cast<double>(steps.getCount()); // an element is moved once for all steps
      memref = steps.getSource();
    }
    if (auto earlier = memref.getDefiningOp<tile::EarlierOp>())
      memref = earlier.getSource();
    while (auto reversed = memref.getDefiningOp<tile::ReverseOp>()) {
      memref = reversed.getSource();
      if (isa<tile::LoadOp>(op.getOperation()) && cast<ShapedType>(op.getTile().getType()).getRank() > 1)
        work.waiting += times * costs.reversedLine * std::ceil(bytesOf(op.getTile()) / kLineBytes);
    }
    auto argument = dyn_cast<BlockArgument>(memref);
    if (op.getOptional() || !argument || argument.getArgNumber() < tile::KernelOp::kFirstMemref)
      return;
    double bytes = times * cast<MemRefType>(memref.getType()).getElementTypeBitWidth() / 8;
    const int64_t element = cast<MemRefType>(memref.getType()).getElementTypeBitWidth() / 8;
    int64_t run = element;
    for (auto [size, limit, dim] : llvm::zip(cast<ShapedType>(op.getTile().getType()).getShape(), op.getStaticLimits(), op.getDims())) {
      const int64_t inside = ShapedType::isDynamic(limit) ? size : std::min(size, limit);
      bytes *= static_cast<double>(inside);
      if (dim + 1 == cast<MemRefType>(memref.getType()).getRank())
        run = std::max<int64_t>(inside, 1) * element;
    }
    bytes *= static_cast<double>(llvm::alignTo(run, costs.sector)) / static_cast<double>(run);
    constexpr bool isLoad = std::is_same_v<Op, tile::LoadOp>;
    work.moved[argument.getArgNumber() - tile::KernelOp::kFirstMemref] = {bytes, isLoad, !isLoad};
  }

  /// The ops that follow from which part it is, or from what a loop carries: states are of a part.
  void findPartOps(Block &block) {
    auto isOfPart = [&](Value value) {
      Operation *def = value.getDefiningOp();
      auto loop = def ? scf::ForOp() : dyn_cast<scf::ForOp>(value.getParentBlock()->getParentOp());
      return def ? ofPart.contains(def) : loop && value != loop.getInductionVar();
    };
    for (Operation &op : block) {
      llvm::SetVector<Value> used(op.operand_begin(), op.operand_end());
      getUsedValuesDefinedAbove(op.getRegions(), used);
      if (isa<tile::PartOp, tile::StoreOp>(op) || llvm::any_of(used, isOfPart))
        ofPart.insert(&op);
      if (isa<scf::ForOp, scf::IfOp>(op))
        for (Region &region : op.getRegions())
          for (Block &inner : region)
            findPartOps(inner);
    }
  }

  static double rowsOf(Value tile) { return static_cast<double>(cast<ShapedType>(tile.getType()).getDimSize(0)); }

  const OpCosts &costs;
  const double warps;
  /// Of the block, and of the op that is being counted.
  double allParts = 1, parts = 1;
  llvm::DenseSet<Operation *> ofPart;
  KernelWork result;
};

} // namespace

void Work::add(const Work &other, double times) {
  matrix += times * other.matrix;
  operands += times * other.operands;
  scalar += times * other.scalar;
  special += times * other.special;
  waiting += times * other.waiting;
  for (const auto &[number, more] : other.moved) {
    Moved &own = moved[number];
    own.bytes += times * more.bytes;
    own.loads |= more.loads;
    own.stores |= more.stores;
  }
}

KernelWork mixc::countWork(tile::KernelOp kernel, const OpCosts &costs) { return Counter(costs).count(kernel); }
