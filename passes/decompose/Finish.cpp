// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The kernels of sums over heads (HeadSums.h). A block walks over the heads that it adds up, some at a time, in the same order always: each
// term is added to that of the heads before at the same place, and what is left is added up over the tile's heads at the end.

#include "Kernels.h"
#include "llvm/ADT/SetVector.h"
#include <numeric>

using namespace mlir;

namespace mixc {
namespace {

class HeadKernel {
public:
  HeadKernel(TileBuilder &b, const ProgramBuilder &program, const SpecValues::LeftValues &left, int64_t headsOfBlock)
      : b(b), program(program), left(left), headsOfBlock(headsOfBlock), firstHead(arith::MulIOp::create(b, b.unit, b.index(headsOfBlock))),
        firstToken(b.index(0)), tokensLeft(b.length()) {
    if (int64_t rows = b.kernel.getGrid().getRows()) {
      firstToken = arith::MulIOp::create(b, b.segment, b.index(rows));
      tokensLeft = arith::SubIOp::create(b, b.length(), firstToken);
    }
    b.setHead(firstHead);
    enter();
  }

  /// Leaves a sum in the workspace.
  void leaveSum(mixer::SumOp sum, const SpecValues::Left &place) {
    b.store(sumOf(sum), place.memref, place.type, typeOf(sum).hasDim("T") ? &*tokens : nullptr, /*optional=*/false);
  }

  /// Adds up what this kernel adds up, and writes the results.
  void finish() {
    const HeadSums &headSums = program.everything.headSums;
    mixer::SpecOp spec = program.spec;
    if (headSums.areTogether())
      for (mixer::SumOp sum : headSums.after) {
        Tile tile = sumOf(sum);
        sums.push_back({sum.getResult(), tile});
        values->bind(sum.getResult(), tile, *tokens);
      }
    SmallVector<unsigned> ofHeads, ofNone;
    for (unsigned i : headSums.results)
      (spec.getResultType(i).getHeadDim().empty() ? ofNone : ofHeads).push_back(i);
    if (!ofHeads.empty())
      eachHeads({}, [&](ArrayRef<Tile>) {
        storeResults(ofHeads);
        return SmallVector<Tile>();
      });
    storeResults(ofNone);
  }

private:
  /// Whether a tile has all of the block's heads.
  bool hasAllHeads() const { return b.shape.heads == headsOfBlock; }

  /// Begins a scope of tiles, which knows the sums so far.
  void enter() {
    values.emplace(program.spec, b, left);
    tokens.emplace(firstToken, tokensLeft);
    for (auto [value, tile] : sums)
      values->bind(value, tile, *tokens);
  }

  /// Walks over the block's heads with the tiles of `init` carried; where a tile has all heads, what is loaded for one walk is there for
  /// the next one.
  SmallVector<Tile> eachHeads(ArrayRef<Tile> init, function_ref<SmallVector<Tile>(ArrayRef<Tile>)> body) {
    if (hasAllHeads())
      return body(init);
    SmallVector<Tile> carried(init), results(init);
    auto loop = scf::ForOp::create(b, b.index(0), b.index(headsOfBlock), b.index(b.shape.heads),
                                   llvm::map_to_vector(init, [](const Tile &tile) { return tile.value; }));
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(loop.getBody());
      b.setHead(arith::AddIOp::create(b, firstHead, loop.getInductionVar()));
      enter();
      for (auto [tile, value] : llvm::zip(carried, loop.getRegionIterArgs()))
        tile.value = value;
      SmallVector<Value> yielded = llvm::map_to_vector(body(carried), [](const Tile &tile) { return tile.value; });
      if (!yielded.empty())
        scf::YieldOp::create(b, yielded);
    }
    b.setHead(firstHead);
    enter();
    for (auto [tile, value] : llvm::zip(results, loop.getResults()))
      tile.value = value;
    return results;
  }

  /// Sums over columns of the terms come last: the terms of all heads are added up column by column before.
  Tile sumOf(mixer::SumOp sum) {
    SmallVector<Axis> summed;
    if (sum.getDim() == "H")
      summed.push_back(Axis::H);
    Value input = sum.getInput();
    for (auto inner = columnsOf(input); inner; inner = columnsOf(input)) {
      summed.push_back(inner.getDim() == "N" ? Axis::N : Axis::P);
      input = inner.getInput();
    }
    SmallVector<Axis> axes(axesInOrder(typeOf(input)));
    if (axes.size() == summed.size())
      axes.insert(axes.begin(), Axis::One);
    auto add = [](TileBuilder &b, Value x, Value y) -> Value { return arith::AddFOp::create(b, x, y); };
    auto own = [&] { return values->evaluate({input, {}}, axes, b.getF32Type(), *tokens, onceForEach(sum.getDim())); };
    Tile terms = hasAllHeads() ? own() : eachHeads({b.zeros(axes)}, [&](ArrayRef<Tile> before) -> SmallVector<Tile> {
                                           return {b.generic(axes, b.getF32Type(), {before[0], own()},
                                                             [&](TileBuilder &b, ValueRange v) { return add(b, v[0], v[1]); })};
                                         }).front();
    for (Axis axis : llvm::reverse(summed))
      terms = b.reduce(terms, axis, 0, add);
    return terms;
  }

  /// The sum over N or P that the value is, if this kernel computes it.
  mixer::SumOp columnsOf(Value value) {
    auto sum = value.getDefiningOp<mixer::SumOp>();
    return sum && !sum.isOverHeads() && !left.contains(value) ? sum : mixer::SumOp();
  }

  /// Of an entry that heads share, the first one's term counts.
  std::function<Value(TileBuilder &, Value)> onceForEach(StringRef dim) {
    if (dim == "H")
      return [](TileBuilder &, Value term) { return term; };
    Value heads = b.index(b.shape.headsPerGroup.at(dim.front()));
    Value place = arith::RemUIOp::create(b, b.head, heads);
    Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, place, b.index(0));
    return [isFirst](TileBuilder &b, Value term) { return b.zeroUnless(isFirst, term); };
  }

  /// All are there before one is written: unfinished values may lie where results do.
  void storeResults(ArrayRef<unsigned> results) {
    mixer::SpecOp spec = program.spec;
    SmallVector<Tile> tiles;
    for (unsigned i : results) {
      mixer::TensorType type = spec.getResultType(i);
      Type elem = spec.getResultElementType(i);
      tiles.push_back(values->evaluate({spec.getReturn().getResults()[i], {}}, axesInOrder(type), elem, *tokens));
    }
    for (auto [i, tile] : llvm::zip(results, tiles))
      b.store(tile, spec.getNumArgs() + i, spec.getResultType(i), &*tokens, spec.isResultOptional(i));
  }

  TileBuilder &b;
  const ProgramBuilder &program;
  const SpecValues::LeftValues &left;
  int64_t headsOfBlock;
  Value firstHead, firstToken, tokensLeft;
  std::optional<SpecValues> values;
  std::optional<TokenScope> tokens;
  SmallVector<std::pair<Value, Tile>> sums;
};

/// The values that a kernel computes, down to arguments and what others have left.
llvm::SetVector<Value> computedFor(ArrayRef<Value> roots, const SpecValues::LeftValues &left) {
  llvm::SetVector<Value> all(roots.begin(), roots.end());
  for (size_t i = 0; i < all.size(); ++i)
    if (Operation *def = all[i].getDefiningOp(); def && !left.contains(all[i]))
      all.insert(def->operand_begin(), def->operand_end());
  return all;
}
} // namespace

static PlanShape shapeFor(const ProgramBuilder &program, ArrayRef<Value> roots, const SpecValues::LeftValues &left, int64_t headsOfBlock) {
  std::string letters;
  int64_t columns = 1;
  for (Value value : computedFor(roots, left)) {
    mixer::TensorType type = typeOf(value);
    letters += type.getHeadDim();
    if (auto index = value.getDefiningOp<mixer::IndexOp>())
      letters += index.getDim();
    columns = std::max(columns, (type.hasDim("N") ? program.shape.n : 1) * (type.hasDim("P") ? program.shape.p : 1));
  }
  return program.shape.ofHeadSums(headsOfBlock, letters, columns);
}

static int64_t headsIn(const ProgramBuilder &program, StringRef groups) {
  return groups.empty() ? program.shape.allHeads : program.shape.headsPerGroup.at(groups.front());
}

static void addSum(ProgramBuilder &program, mixer::SumOp sum, const SpecValues::LeftValues &left, bool before) {
  const int64_t heads = headsIn(program, sum.getGroups().value_or(""));
  const PlanShape shape = shapeFor(program, {sum.getInput(), sum.getResult()}, left, heads);
  program.addHeadKernel("head_sum", typeOf(sum).hasDim("T") ? shape.chunk : 0, shape, before, sum.getLoc(),
                        [&](TileBuilder &b) { HeadKernel(b, program, left, heads).leaveSum(sum, left.at(sum.getResult())); });
}

void addKernelBefore(ProgramBuilder &program, mixer::SumOp sum) { addSum(program, sum, program.leftValues(), /*before=*/true); }

void addFinishKernels(ProgramBuilder &program) {
  const HeadSums &sums = program.everything.headSums;
  if (sums.results.empty())
    return;
  const SpecValues::LeftValues &left = program.unfinishedValues();
  if (!sums.areTogether())
    for (mixer::SumOp sum : sums.after)
      addSum(program, sum, left, /*before=*/false);
  SmallVector<Value> roots;
  mixer::SpecOp spec = program.spec;
  for (unsigned i : sums.results)
    roots.push_back(spec.getReturn().getResults()[i]);
  const int64_t heads = headsIn(program, sums.groupsOfFinish());
  const PlanShape shape = shapeFor(program, roots, left, heads);
  program.addHeadKernel("finish", shape.chunk, shape, /*before=*/false, spec.getLoc(),
                        [&](TileBuilder &b) { HeadKernel(b, program, left, heads).finish(); });
}

} // namespace mixc
