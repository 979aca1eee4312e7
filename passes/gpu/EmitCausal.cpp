// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Maps that keep what lies on and below the diagonal, or below it alone, and decay with the distance from it: the weights of a chunk.
// Blocks above the diagonal are zero. Below it exp2(sum_t - sum_s) is exp2(sum_t - sum_r) exp2(sum_r - sum_s), r the first row of a block:
// both factors are at most 1 for decays, and each is computed once for a row or a column of the block instead of for every element.

#include "MapEmitter.h"
#include "llvm/Support/SaveAndRestore.h"

using namespace mlir;
using namespace mixc;
using namespace mixc::gpu;
using namespace mixc::gpu_tile;

static AffineMap mapOf(MapOp op, unsigned input) { return cast<AffineMapAttr>(op.getIndexingMaps()[input]).getValue(); }

/// Looks through what a comparison of equal reset counts selects, and collects the factors of a product.
static void collectFactors(MapOp op, Value value, SmallVectorImpl<Value> &factors) {
  if (auto product = value.getDefiningOp<arith::MulFOp>()) {
    collectFactors(op, product.getLhs(), factors);
    collectFactors(op, product.getRhs(), factors);
    return;
  }
  auto select = value.getDefiningOp<arith::SelectOp>();
  auto compare = select ? select.getCondition().getDefiningOp<arith::CmpFOp>() : nullptr;
  if (compare && compare.getPredicate() == arith::CmpFPredicate::OEQ && isAscending(op, compare.getLhs()) &&
      isAscending(op, compare.getRhs()))
    return collectFactors(op, select.getTrueValue(), factors);
  factors.push_back(value);
}

/// The map's body as a product of factors, if it is one; only where counts of resets are equal.
std::optional<MapEmitter::CausalMap> MapEmitter::causalMapOf(MapOp op) {
  auto type = cast<FragmentType>(op.getResult().getType());
  auto mma = cast<MmaAttr>(type.getLayout());
  arith::SelectOp mask = yieldsNarrowed(op) ? maskOf(op) : nullptr;
  if (!mask || mma.getRows().size() != 1 || mma.getCols().size() != 1 || mma.getWarpCols() != 1 || mma.getWarpRows() < 2 ||
      rowBlocksPerWarp(mma, type.getShape()) * mma.getWarpRows() != rowBlocks(mma, type.getShape()))
    return {};
  int64_t row = mma.getRows()[0], col = mma.getCols()[0];
  auto compare = mask.getCondition().getDefiningOp<arith::CmpIOp>();
  using Predicate = arith::CmpIPredicate;
  const bool below = llvm::is_contained({Predicate::ule, Predicate::sle, Predicate::ult, Predicate::slt}, compare.getPredicate());
  if (!below || int64_t(compare.getLhs().getDefiningOp<IndexOp>().getDim()) != col ||
      int64_t(compare.getRhs().getDefiningOp<IndexOp>().getDim()) != row)
    return {};
  auto argument = [&](Value value) {
    auto arg = dyn_cast<BlockArgument>(value);
    return arg && arg.getOwner() == &op.getBody().front() && arg.getType().isF32() ? int64_t(arg.getArgNumber()) : -1;
  };
  CausalMap causal;
  bool decays = false;
  SmallVector<Value> factors;
  collectFactors(op, mask.getTrueValue(), factors);
  for (Value factor : factors) {
    if (int64_t arg = argument(factor); arg >= 0) {
      AffineMap map = mapOf(op, arg);
      (!map.isFunctionOfDim(row) ? causal.ofColumns : !map.isFunctionOfDim(col) ? causal.ofRows : causal.others).push_back(arg);
      continue;
    }
    auto power = factor.getDefiningOp<math::Exp2Op>();
    auto difference = power ? power.getOperand().getDefiningOp<arith::SubFOp>() : nullptr;
    int64_t from = difference ? argument(difference.getLhs()) : -1, to = difference ? argument(difference.getRhs()) : -1;
    // Sums of two kinds, up to a token and up to the one before, come with counts of their resets.
    const bool related = from >= 0 && to >= 0 && (op.getInputs()[from] == op.getInputs()[to] || !op.getAscending().empty());
    if (decays || !related || !isa<SharedType>(op.getInputs()[from].getType()) || !isa<SharedType>(op.getInputs()[to].getType()) ||
        mapOf(op, from).isFunctionOfDim(col) || mapOf(op, to).isFunctionOfDim(row))
      return {};
    decays = true;
    causal.sumOfRow = from;
    causal.sumOfColumn = to;
  }
  return decays ? std::optional(causal) : std::nullopt;
}

/// The elements of an f32 input for one block.
Values MapEmitter::inputBlock(MapOp op, unsigned input, int64_t outer, int64_t row, int64_t col, LoadCache &cache) {
  auto type = cast<FragmentType>(op.getResult().getType());
  if (auto fragment = dyn_cast<FragmentType>(op.getInputs()[input].getType()))
    return block(op.getInputs()[input], outerOf(fragment, mapOf(op, input), type, outer), row, col, cache);
  return sharedInput(op, input, outer, row, col, cache);
}

/// A block below the diagonal: factors of rows times factors of columns.
Values MapEmitter::factoredBlock(MapOp op, const CausalMap &causal, int64_t outer, int64_t row, int64_t col, LoadCache &cache,
                                 LoadCache &factors) {
  auto type = cast<FragmentType>(op.getResult().getType());
  auto multiplied = [&](Value value, ArrayRef<unsigned> inputs, unsigned e) {
    for (unsigned input : inputs) {
      Value other = inputBlock(op, input, outer, row, col, cache)[e];
      value = value ? Value(arith::MulFOp::create(b, value, other)) : other;
    }
    return value;
  };
  auto cached = [&](unsigned which, int64_t i, int64_t j, function_ref<Value()> make) {
    Values &found = factors[{op.getOperation(), which, outer, i, j}];
    if (found.empty())
      found.push_back(make());
    return found[0];
  };
  Value start = cached(0, row, -1, [&] {
    SmallVector<Index> dims = blockOrigin(type, outer, row, col), at;
    for (AffineExpr expr : mapOf(op, causal.sumOfRow).getResults())
      at.push_back(indexOf(expr, dims));
    return loadShared(op.getInputs()[causal.sumOfRow], at);
  });
  Values elements;
  for (unsigned e = 0; e < 8; ++e) {
    Value ofRow = cached(1, row * 2 + ((e >> 1) & 1), -1, [&] {
      Value sum = inputBlock(op, causal.sumOfRow, outer, row, col, cache)[e];
      return multiplied(exp2Of(arith::SubFOp::create(b, sum, start)), causal.ofRows, e);
    });
    Value ofColumn = cached(2, row, col * 4 + (e >> 2) * 2 + (e & 1), [&] {
      Value sum = inputBlock(op, causal.sumOfColumn, outer, row, col, cache)[e];
      return multiplied(exp2Of(arith::SubFOp::create(b, start, sum)), causal.ofColumns, e);
    });
    Value other = multiplied(Value(), causal.others, e);
    Value scaled = other ? Value(arith::MulFOp::create(b, other, ofRow)) : ofRow;
    elements.push_back(arith::MulFOp::create(b, scaled, ofColumn));
  }
  Values packed;
  for (unsigned e = 0; e < 8; e += 2)
    packed.push_back(pack(elements[e], elements[e + 1], type.getElementType()));
  return packed;
}

/// The rows of one warp, all blocks in one piece.
void MapEmitter::emitCausalRows(MapOp op, const CausalMap &causal, int64_t group, Values &result) {
  auto type = cast<FragmentType>(op.getResult().getType());
  auto mma = cast<MmaAttr>(type.getLayout());
  llvm::SaveAndRestore<std::optional<int64_t>> saved(state.knownRowGroup, group);
  LoadCache cache, factors;
  int64_t rows = rowBlocksPerWarp(mma, type.getShape()), cols = colBlocksPerWarp(mma, type.getShape());
  for (int64_t o = 0; o < outerCount(mma, type.getShape()); ++o)
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < cols; ++j) {
        int64_t diagonal = group * rows + i;
        llvm::append_range(result, j > diagonal    ? Values(4, i32(0))
                                   : j == diagonal ? mapBlock(op, o, i, j, cache)
                                                   : factoredBlock(op, causal, o, i, j, cache, factors));
      }
}

/// A branch for each warp: which blocks lie where is known in it.
Values MapEmitter::emitCausal(MapOp op, const CausalMap &causal, int64_t begin, int64_t end) {
  Values result;
  if (end - begin == 1) {
    emitCausalRows(op, causal, begin, result);
    return result;
  }
  auto type = cast<FragmentType>(op.getResult().getType());
  int64_t middle = (begin + end) / 2;
  Value upper = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, rowGroup(cast<MmaAttr>(type.getLayout())), i32(middle));
  auto branch = scf::IfOp::create(b, registerTypes(type), upper, /*addThenBlock=*/true, /*addElseBlock=*/true);
  for (bool first : {true, false}) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(first ? branch.thenBlock() : branch.elseBlock());
    scf::YieldOp::create(b, emitCausal(op, causal, first ? begin : middle, first ? middle : end));
  }
  return Values(branch.getResults().begin(), branch.getResults().end());
}
