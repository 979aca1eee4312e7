// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which dimension of every tile is contiguous. Each operation states what a choice costs it, in vector operations:
// an operand that runs along another dimension than the result has to be transposed. Starting from the order of the
// program, one class of tiles at a time is changed, and the others follow it, as long as the sum of the costs falls.
// (A change often pays only together: outputs want to lie as the state does, and the state as the outputs do.)

#include "KernelOps.h"
#include "TileBuffers.h"
#include "llvm/ADT/SetVector.h"
#include <map>

using namespace mlir;

namespace mixc::cpu {

/// The loop that an operand's contiguous dimension is indexed by, if the dimension is a plain loop; else -1.
static int64_t loopOf(AffineMap map, int64_t dim) {
  if (dim < 0)
    return -1;
  auto expr = dyn_cast<AffineDimExpr>(map.getResult(dim));
  return expr ? int64_t(expr.getPosition()) : -1;
}

/// The dimension of an operand that is indexed by `loop`; -1 if it does not depend on the loop.
static int64_t dimensionAlong(AffineMap map, int64_t loop) {
  for (auto [i, expr] : llvm::enumerate(map.getResults()))
    if (loopOf(map, i) == loop)
      return i;
  return -1;
}

int64_t vectorLoop(linalg::LinalgOp op, llvm::function_ref<Tile(Value)> lookup) {
  if (isSum(op))
    return lookup(sumOperand(op)).innermost();
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  return loopOf(map, lookup(op->getResult(0)).innermost());
}

int64_t requiredInnermost(OpOperand &operand, llvm::function_ref<Tile(Value)> lookup) {
  if (!isa<RankedTensorType>(operand.get().getType()))
    return -1;
  Tile tile = lookup(operand.get());
  if (!tile.isBuffer())
    return -1;
  if (auto scan = dyn_cast<tile::ScanOp>(operand.getOwner())) {
    bool alongP = !scansTokens(scan) && (operand.get() == scan.getX() || operand.get() == scan.getInit() || tile.type.getRank() == 4 ||
                                         (scan.getAcross() && operand.get() == scan.getC()));
    bool alongRows = rescalesRows(scan) && operand.get() != scan.getX() && operand.get() != scan.getInit();
    bool isDecay = operand.get() == scan.getDecay() || operand.get() == scan.getExcess();
    int64_t along = alongRows && isDecay ? 1 : tile.type.getRank() - 1;
    return (alongP || alongRows) && tile.innermost() != along ? along : -1;
  }
  auto op = cast<linalg::LinalgOp>(operand.getOwner());
  int64_t loop = vectorLoop(op, lookup);
  if (loop < 0 || (op.isDpsInit(&operand) && !isContraction(op) && !op.payloadUsesValueFromOperand(&operand)))
    return -1;
  int64_t dim = dimensionAlong(op.getMatchingIndexingMap(&operand), loop);
  return dim == tile.innermost() ? -1 : dim;
}

class LayoutChooser {
public:
  LayoutChooser(tile::KernelOp kernel, int64_t vectorWidth, TileBuffers &buffers)
      : vectorWidth(vectorWidth), buffers(buffers), classes(buffers.classes), users(buffers.classes.size()) {
    const auto &classOf = buffers.classOf;
    kernel.walk([&](Operation *op) {
      if (!isa<linalg::LinalgOp, tile::LoadOp, tile::StoreOp, tile::CumsumOp, tile::LagOp, tile::RunningSumOp, tile::RunningMaxOp,
               tile::ScanOp, tile::SpansOp, tile::SolveOp>(op))
        return;
      Priced priced{op, frequency(op), {}, {}};
      for (Value value : llvm::concat<Value>(SmallVector<Value>(op->getOperands()), SmallVector<Value>(op->getResults())))
        if (auto it = classOf.find(buffers.rootOf(value)); it != classOf.end() && priced.classes.insert(it->second))
          users[it->second].push_back(operations.size());
      operations.push_back(std::move(priced));
      auto pin = [&](Value value) {
        if (auto it = classOf.find(buffers.rootOf(value)); it != classOf.end())
          pinned.insert(it->second);
      };
      // Spans and solutions are written along N and P, the last dimension.
      if (isa<tile::SpansOp, tile::SolveOp>(op))
        pin(op->getResult(0));
      // A scan runs along P, the last dimension, and across it leaves a y along N, the last one there.
      if (auto scan = dyn_cast<tile::ScanOp>(op); scan && !scansTokens(scan)) {
        for (Value value : {Value(scan.getX()), Value(scan.getInit()), Value(scan.getY()), Value(scan.getState())})
          pin(value);
        for (Value value : scan->getOperands())
          if (cast<RankedTensorType>(value.getType()).getRank() == 4 || (scan.getAcross() && value == scan.getC()))
            pin(value);
      }
    });
  }

  void run() {
    for (TileClass &tiles : classes)
      if (tiles.type)
        tiles.order = orderWithInnermost(tiles.type.getRank(), tiles.type.getRank() - 1);
    settle(classes.size());
    // Every accepted change lowers the total; the bound only guards against rounding.
    for (bool changed = true; changed && rounds < 8; ++rounds) {
      changed = false;
      for (unsigned i = 0; i < classes.size(); ++i)
        changed |= isFree(i) && improveTogether(i);
    }
  }

private:
  /// An operation, with what it costs by the layouts of its tiles as far as they have been tried. The search asks for the same ones again
  /// and again.
  struct Priced {
    Operation *op;
    double frequency;
    llvm::SmallSetVector<unsigned, 8> classes;
    std::map<SmallVector<int64_t>, double> costs; ///< by the contiguous dimensions of `classes`
  };

  Tile lookup(Value value) const { return buffers.lookup(value); }

  bool isFree(unsigned i) const { return classes[i].type && classes[i].type.getRank() > 1 && !pinned.contains(i); }

  /// Changes one class at a time, but not class `fixed`, while that helps.
  void settle(unsigned fixed) {
    bool changed = true;
    for (int sweeps = 0; changed && sweeps < 8; ++sweeps) {
      changed = false;
      for (unsigned i = 0; i < classes.size(); ++i)
        changed |= i != fixed && isFree(i) && improve(i);
    }
  }

  bool improveTogether(unsigned i) {
    auto orders = [&] { return llvm::map_to_vector(classes, [](const TileClass &c) { return c.order; }); };
    auto best = orders();
    double least = totalCost();
    bool changed = false;
    for (int64_t dim = 0; dim < classes[i].type.getRank(); ++dim) {
      classes[i].order = orderWithInnermost(classes[i].type.getRank(), dim);
      settle(i);
      if (double cost = totalCost(); cost < 0.999 * least) {
        least = cost;
        best = orders();
        changed = true;
      }
      for (auto [tiles, order] : llvm::zip_equal(classes, best))
        tiles.order = order;
    }
    return changed;
  }

  double totalCost() {
    double sum = 0;
    for (Priced &priced : operations)
      sum += costOf(priced);
    return sum;
  }

  double costOf(Priced &priced) {
    SmallVector<int64_t> layouts;
    for (unsigned i : priced.classes)
      layouts.push_back(classes[i].order.empty() ? -1 : classes[i].order.back());
    auto [it, isNew] = priced.costs.try_emplace(std::move(layouts));
    if (isNew)
      it->second = cost(priced.op) * priced.frequency;
    return it->second;
  }

  bool improve(unsigned i) {
    TileClass &tiles = classes[i];
    SmallVector<int64_t> best = tiles.order;
    double least = costAround(i);
    bool changed = false;
    for (int64_t dim = 0; dim < tiles.type.getRank(); ++dim) {
      tiles.order = orderWithInnermost(tiles.type.getRank(), dim);
      if (double cost = costAround(i); cost < 0.999 * least) {
        least = cost;
        best = tiles.order;
        changed = true;
      }
    }
    tiles.order = best;
    return changed;
  }

  double costAround(unsigned i) {
    double sum = 0;
    for (unsigned user : users[i])
      sum += costOf(operations[user]);
    return sum;
  }

  static double frequency(Operation *op) {
    double times = 1;
    while ((op = op->getParentOfType<scf::ForOp>()))
      times *= 32;
    return times;
  }

  /// Vector operations, at one element per operation where `tile` is not contiguous along `dim`.
  double steps(Tile tile, int64_t dim) const {
    double elements = tile.type.getNumElements();
    return dim >= 0 && dim == tile.innermost() ? elements / lanesFor(tile.size(dim), vectorWidth) : elements;
  }

  double cost(Operation *op) const {
    if (auto load = dyn_cast<tile::LoadOp>(op))
      return transferCost(load.getTile(), load.getSource(), load.getDims());
    if (auto store = dyn_cast<tile::StoreOp>(op))
      return transferCost(store.getTile(), store.getDest(), store.getDims());
    if (auto sum = dyn_cast<tile::CumsumOp>(op))
      return steps(lookup(sum.getInput()), -1) + steps(lookup(sum.getSums()), -1);
    if (auto lag = dyn_cast<tile::LagOp>(op))
      return steps(lookup(lag.getInput()), -1) + steps(lookup(lag.getLag()), -1);
    if (isa<tile::RunningSumOp, tile::RunningMaxOp>(op))
      return steps(lookup(op->getOperand(0)), -1) + steps(lookup(op->getResult(0)), -1);
    if (auto spans = dyn_cast<tile::SpansOp>(op))
      return steps(lookup(spans.getInput()), 1);
    if (auto solve = dyn_cast<tile::SolveOp>(op))
      return steps(lookup(solve.getSums()), 1);
    if (auto scan = dyn_cast<tile::ScanOp>(op))
      return scansTokens(scan) ? steps(lookup(scan.getX()), 0) + steps(lookup(scan.getY()), 0) : copyCost(op);
    return linalgCost(cast<linalg::LinalgOp>(op));
  }

  /// Memory is expected to be contiguous along its last dimension. Transposing on the way is counted as one step an
  /// element, half as much as a copy that transposes.
  double transferCost(Value value, Value memref, ArrayRef<int64_t> dims) const {
    int64_t last = cast<MemRefType>(memref.getType()).getRank() - 1;
    auto it = llvm::find(dims, last);
    return steps(lookup(value), it == dims.end() ? -1 : it - dims.begin());
  }

  /// Of the operands that have to be copied to another layout.
  double copyCost(Operation *op) const {
    double sum = 0;
    for (OpOperand &operand : op->getOpOperands())
      if (requiredInnermost(operand, [&](Value value) { return lookup(value); }) >= 0)
        sum += 2.0 * lookup(operand.get()).type.getNumElements();
    return sum;
  }

  double linalgCost(linalg::LinalgOp op) const {
    auto find = [&](Value value) { return lookup(value); };
    int64_t loop = vectorLoop(op, find);
    SmallVector<int64_t> ranges = op.getStaticLoopRanges();
    double iterations = 1;
    for (int64_t range : ranges)
      iterations *= range;
    double sum = copyCost(op) + iterations / (loop < 0 ? 1 : lanesFor(ranges[loop], vectorWidth));
    unsigned along = 0;
    for (OpOperand &operand : op->getOpOperands()) {
      AffineMap map = op.getMatchingIndexingMap(&operand);
      if (!op.isDpsInit(&operand) && loop >= 0)
        along += map.isFunctionOfDim(loop);
    }
    // A contraction wants one operand along the vectors and one broadcast.
    if (isContraction(op) && along != 1)
      sum *= 2;
    for (OpResult result : op->getResults().drop_front()) {
      AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(result.getResultNumber()));
      if (loopOf(map, lookup(result).innermost()) != loop)
        sum += iterations;
    }
    return sum;
  }

  int64_t vectorWidth;
  int rounds = 0;
  const TileBuffers &buffers;
  MutableArrayRef<TileClass> classes;
  std::vector<Priced> operations;
  std::vector<SmallVector<unsigned>> users; ///< of each class, among the operations
  llvm::DenseSet<unsigned> pinned;
};

void TileBuffers::chooseLayouts(tile::KernelOp kernel, int64_t vectorWidth) { LayoutChooser(kernel, vectorWidth, *this).run(); }

} // namespace mixc::cpu
