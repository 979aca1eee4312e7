// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Interpreter.h"
#include "TileOps.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::test;

namespace {
/// One block (or one of its parts) of one kernel.
class Run {
public:
  Run(std::vector<Memory> &memories, const Launch &launch, int64_t blocks, int64_t part)
      : memories(memories), launch(launch), blocks(blocks), part(part) {}

  LogicalResult kernel(tile::KernelOp kernel, ArrayRef<int64_t> indices) {
    Block &body = kernel.getBody().front();
    for (auto [arg, value] : llvm::zip(body.getArguments(), indices))
      scalars[arg] = {value, 0};
    for (auto [i, arg] : llvm::enumerate(body.getArguments().drop_front(tile::KernelOp::kFirstMemref)))
      memoryOf[arg] = i;
    return block(body);
  }

private:
  LogicalResult block(Block &body) {
    for (Operation &op : body.without_terminator())
      if (failed(operation(&op)))
        return failure();
    return success();
  }

  LogicalResult operation(Operation *op) {
    if (auto loop = dyn_cast<scf::ForOp>(op))
      return forLoop(loop);
    if (auto branch = dyn_cast<scf::IfOp>(op))
      return ifBranch(branch);
    if (auto load = dyn_cast<tile::LoadOp>(op))
      return this->load(load);
    if (auto store = dyn_cast<tile::StoreOp>(op))
      return this->store(store);
    if (auto generic = dyn_cast<linalg::GenericOp>(op))
      return map(generic);
    if (auto contract = dyn_cast<linalg::ContractOp>(op)) {
      tiles[contract->getResult(0)] = evaluateContract(contract, tile(op->getOperand(0)), tile(op->getOperand(1)), tile(op->getOperand(2)));
      return success();
    }
    if (auto reverse = dyn_cast<tile::ReverseOp>(op)) {
      memoryOf[reverse.getResult()] = memoryOf.at(reverse.getSource());
      reversedDims[reverse.getResult()] = reversedDims.lookup(reverse.getSource());
      reversedDims[reverse.getResult()].push_back({reverse.getDim(), scalars.at(reverse.getLength()).i});
      return success();
    }
    if (auto earlier = dyn_cast<tile::EarlierOp>(op)) {
      memoryOf[earlier.getResult()] = memoryOf.at(earlier.getSource());
      reversedDims[earlier.getResult()] = reversedDims.lookup(earlier.getSource());
      return success();
    }
    if (auto steps = dyn_cast<tile::StepsOp>(op)) {
      memoryOf[steps.getResult()] = memoryOf.at(steps.getSource());
      reversedDims[steps.getResult()] = reversedDims.lookup(steps.getSource());
      return success();
    }
    if (isa<tile::ReleaseOp, tile::AcquireOp>(op)) // blocks run in the order of their numbers
      return success();
    if (auto which = dyn_cast<tile::PartOp>(op))
      return scalars[which.getPart()] = {part, 0}, success();
    if (auto sequence = dyn_cast<tile::SequenceOp>(op))
      return ofSequence(sequence), success();
    if (auto kept = dyn_cast<tile::KeptOp>(op)) // calls ask for none
      return scalars[kept.getPlace()] = {-1, 0}, success();
    if (auto copied = dyn_cast<tile::CopiedOp>(op)) // calls have nothing in place
      return scalars[copied.getCopied()] = {0, 0}, success();
    if (auto count = dyn_cast<tile::BandsOp>(op)) // calls have one
      return scalars[count.getCount()] = {1, 0}, success();
    if (auto count = dyn_cast<tile::BlocksOp>(op))
      return scalars[count.getCount()] = {blocks, 0}, success();
    if (llvm::any_of(op->getResultTypes(), llvm::IsaPred<RankedTensorType>))
      return tileOp(op);
    std::optional<Scalar> result = evaluateScalar(op, [&](Value v) { return scalars.at(v); });
    if (!result)
      return op->emitOpError("is not known to the interpreter");
    scalars[op->getResult(0)] = *result;
    return success();
  }

  /// Of a call without a table.
  void ofSequence(tile::SequenceOp op) {
    const int64_t number = scalars.at(op.getNumber()).i, rows = op.getRows();
    const int64_t parts = rows > 0 ? (launch.length + rows - 1) / rows : launch.splits;
    const bool counts = rows > 0 || op.getSplit();
    const int64_t batch = counts ? number / parts : number;
    const int64_t results[] = {batch, counts ? number % parts : 0, parts, batch, launch.length, batch, batch, batch, 0};
    for (auto [value, result] : llvm::zip_equal(op.getResults(), results))
      scalars[value] = {result, 0};
  }

  /// Constants, and the dialect's own ops on tiles.
  LogicalResult tileOp(Operation *op) {
    std::vector<Tile> inputs;
    for (Value operand : op->getOperands())
      inputs.push_back(tile(operand));
    std::optional<std::vector<Tile>> results = evaluateTileOp(op, inputs);
    if (!results)
      return op->emitOpError("is not known to the interpreter");
    for (auto [value, made] : llvm::zip_equal(op->getResults(), *results))
      tiles[value] = std::move(made);
    return success();
  }

  LogicalResult forLoop(scf::ForOp loop) {
    int64_t begin = scalars.at(loop.getLowerBound()).i, end = scalars.at(loop.getUpperBound()).i;
    int64_t step = scalars.at(loop.getStep()).i;
    if (step <= 0)
      return loop.emitOpError("has a step of ") << step;
    SmallVector<Value> from(loop.getInitArgs());
    assign(from, loop.getRegionIterArgs());
    for (int64_t i = begin; i < end; i += step) {
      scalars[loop.getInductionVar()] = {i, 0};
      if (failed(block(*loop.getBody())))
        return failure();
      assign(SmallVector<Value>(loop.getYieldedValues()), loop.getRegionIterArgs());
    }
    assign(SmallVector<Value>(ValueRange(loop.getRegionIterArgs())), loop.getResults());
    return success();
  }

  LogicalResult ifBranch(scf::IfOp branch) {
    bool taken = scalars.at(branch.getCondition()).i != 0;
    if (!taken && branch.getElseRegion().empty())
      return success();
    Block *body = taken ? branch.thenBlock() : branch.elseBlock();
    if (failed(block(*body)))
      return failure();
    if (branch.getNumResults())
      assign(SmallVector<Value>(body->getTerminator()->getOperands()), branch.getResults());
    return success();
  }

  /// All at once: a loop may yield its own arguments in another order.
  void assign(ArrayRef<Value> from, ValueRange to) {
    std::vector<std::pair<Tile, Scalar>> held;
    for (Value value : from)
      held.push_back(isa<RankedTensorType>(value.getType()) ? std::pair(tile(value), Scalar()) : std::pair(Tile(), scalars.at(value)));
    for (auto [value, source] : llvm::zip_equal(to, held))
      if (isa<RankedTensorType>(value.getType()))
        tiles[value] = std::move(source.first);
      else
        scalars[value] = source.second;
  }

  /// Visits a transfer's elements that are within the limits: their place in the tile, and in the tensor.
  template <typename Op>
  LogicalResult forEach(Op op, Value tensor, ArrayRef<int64_t> shape, const Memory &memory,
                        llvm::function_ref<void(int64_t, int64_t)> visit) {
    SmallVector<int64_t> offsets = values(op.getMixedOffsets()), limits = values(op.getMixedLimits());
    for (Walk walk(shape); !walk.done(); walk.next()) {
      bool within = true;
      SmallVector<int64_t> at = offsets;
      for (auto [k, dim] : llvm::enumerate(op.getDims())) {
        within &= walk[k] < limits[k];
        at[dim] += walk[k];
      }
      auto steps = tensor.getDefiningOp<tile::StepsOp>();
      if (steps) {
        int64_t &index = at[steps.getDim()], step = index % int64_t(steps.getCount());
        index /= int64_t(steps.getCount());
        if (steps.getThrough())
          at[*steps.getThrough()] = step;
        else if (isa<tile::StoreOp>(op))
          within &= step + 1 == int64_t(steps.getCount());
      }
      if (auto earlier = (steps ? steps.getSource() : tensor).getDefiningOp<tile::EarlierOp>())
        within &= (at[earlier.getDim()] -= int64_t(earlier.getBy())) >= 0;
      if (!within)
        continue;
      int64_t place = 0;
      for (auto [dim, length] : reversedDims.lookup(tensor))
        at[dim] = length - 1 - at[dim];
      for (auto [size, i] : llvm::zip_equal(memory.shape, at)) {
        if (i < 0 || i >= size)
          return op.emitOpError("leaves its tensor");
        place = place * size + i;
      }
      visit(walk.number(), place);
    }
    return success();
  }

  SmallVector<int64_t> values(ArrayRef<OpFoldResult> mixed) {
    return llvm::map_to_vector(mixed, [&](OpFoldResult v) {
      std::optional<int64_t> constant = getConstantIntValue(v);
      return constant ? *constant : scalars.at(cast<Value>(v)).i;
    });
  }

  LogicalResult load(tile::LoadOp op) {
    Tile made(cast<RankedTensorType>(op.getTile().getType()));
    const Memory &memory = memories[memoryOf.at(op.getSource())];
    auto read = [&](int64_t to, int64_t from) { made.values[to] = rounded(memory.values[from], made.element); };
    if (!memory.values.empty() && failed(forEach(op, op.getSource(), made.shape, memory, read)))
      return failure();
    tiles[op.getTile()] = std::move(made);
    return success();
  }

  LogicalResult store(tile::StoreOp op) {
    Tile from = tile(op.getTile());
    Memory &memory = memories[memoryOf.at(op.getDest())];
    Type element = cast<MemRefType>(op.getDest().getType()).getElementType();
    auto write = [&](int64_t at, int64_t to) { memory.values[to] = rounded(from.values[at], element); };
    return memory.values.empty() ? success() : forEach(op, op.getDest(), from.shape, memory, write);
  }

  LogicalResult map(linalg::GenericOp op) {
    std::vector<Tile> operands;
    for (Value operand : op->getOperands())
      operands.push_back(isa<RankedTensorType>(operand.getType()) ? tile(operand) : Tile(scalars.at(operand).f));
    std::optional<std::vector<Tile>> results = evaluateGeneric(op, operands, [&](Value v) { return scalars.at(v); });
    if (!results)
      return op.emitOpError("holds an op that is not known to the interpreter");
    for (auto [value, made] : llvm::zip_equal(op->getResults(), *results))
      tiles[value] = std::move(made);
    return success();
  }

  const Tile &tile(Value value) { return tiles.at(value); }

  std::vector<Memory> &memories;
  const Launch &launch;
  int64_t blocks, part;
  llvm::DenseMap<Value, Scalar> scalars;
  llvm::DenseMap<Value, Tile> tiles;
  llvm::DenseMap<Value, size_t> memoryOf;
  /// Dimensions of tensors that are seen from their ends, with their lengths.
  llvm::DenseMap<Value, SmallVector<std::pair<int64_t, int64_t>>> reversedDims;
};
} // namespace

static int64_t blocksOf(tile::GridAttr grid, const Launch &launch) {
  int64_t rows = grid.getRows() ? (launch.length + grid.getRows() - 1) / grid.getRows() : 1;
  return grid.getBlocks() * (grid.getBatch() ? launch.batch : 1) * (grid.getSplits() ? launch.splits : 1) * rows;
}

static int64_t partsOf(tile::KernelOp kernel) {
  int64_t parts = 1;
  kernel.walk([&](tile::PartOp op) { parts = op.getCount(); });
  return parts;
}

static bool isLaunched(tile::When when, const Launch &launch) {
  if (when == tile::When::Split)
    return launch.splits > 1;
  if (when == tile::When::Between)
    return launch.splits > 2;
  return when != tile::When::Halved && when != tile::When::Copied;
}

LogicalResult mixc::test::interpret(tile::ProgramOp program, const Launch &launch, std::vector<Memory> &tensors) {
  size_t own = tensors.size();
  for (auto buffer : program.getBuffers().getAsRange<tile::BufferAttr>()) {
    Memory memory;
    int64_t elements = 1;
    for (int64_t size : buffer.getShape()) {
      memory.shape.push_back(size == tile::kSizeBatch    ? launch.batch
                             : size == tile::kSizeLength ? launch.length
                             : size == tile::kSizeSplits ? launch.splits
                                                         : size);
      elements *= memory.shape.back();
    }
    memory.values.assign(elements, 0);
    tensors.push_back(std::move(memory));
  }
  LogicalResult done = success();
  for (auto kernel : program.getBody().getOps<tile::KernelOp>()) {
    if (failed(done) || !isLaunched(kernel.getWhen(), launch))
      continue;
    int64_t blocks = blocksOf(kernel.getGrid(), launch), span = launch.span ? launch.span : launch.length;
    for (int64_t block = 0; block < blocks; ++block)
      for (int64_t part = 0; succeeded(done) && part < partsOf(kernel); ++part)
        done = Run(tensors, launch, blocks, part).kernel(kernel, {block, launch.batch, launch.length, launch.splits, span});
  }
  tensors.resize(own);
  return done;
}
