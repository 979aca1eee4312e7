// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The loop of a scan over tokens, cut in two: over the tiles that have all their tokens, where nothing asks how many there are, and over
// what is left. Little is computed for a token there, beside which masks and branches count.

#include "KernelOps.h"

using namespace mlir;

namespace mixc::cpu {

/// How many tokens there are from the loop's counter on.
static arith::SubIOp tokensLeft(scf::ForOp loop) {
  for (auto op : loop.getBody()->getOps<arith::SubIOp>())
    if (op.getLhs() == loop.getUpperBound() && op.getRhs() == loop.getInductionVar())
      return op;
  return {};
}

/// Whether `use` asks if an index of an elementwise operation, none of `tokens` or more, is below it.
static bool asksWhetherInside(OpOperand &use, int64_t tokens) {
  auto compare = dyn_cast<arith::CmpIOp>(use.getOwner());
  auto op = compare ? dyn_cast<linalg::LinalgOp>(compare->getParentOp()) : linalg::LinalgOp();
  auto index = op ? compare.getLhs().getDefiningOp<linalg::IndexOp>() : linalg::IndexOp();
  return index && use.getOperandNumber() == 1 &&
         llvm::is_contained({arith::CmpIPredicate::slt, arith::CmpIPredicate::ult}, compare.getPredicate()) &&
         op.getStaticLoopRanges()[index.getDim()] <= tokens;
}

/// In a loop whose trips have so many tokens.
static void assumeWhole(Value left, int64_t tokens) {
  for (OpOperand &use : llvm::make_early_inc_range(left.getUses())) {
    OpBuilder b(use.getOwner());
    const Location loc = left.getLoc();
    if (asksWhetherInside(use, tokens)) {
      use.getOwner()->replaceAllUsesWith(ValueRange{arith::ConstantOp::create(b, loc, b.getBoolAttr(true))});
      use.getOwner()->erase();
    } else if (isa<tile::LoadOp, tile::StoreOp>(use.getOwner())) { // a limit
      use.set(arith::ConstantIndexOp::create(b, loc, tokens));
    }
  }
}

void cutWholeTiles(tile::KernelOp kernel) {
  for (auto loop : llvm::make_early_inc_range(kernel.getBody().getOps<scf::ForOp>())) {
    const std::optional<int64_t> tokens = getConstantIntValue(loop.getStep());
    if (!tokens || getConstantIntValue(loop.getLowerBound()) != 0 || loop.getBody()->getOps<tile::ScanOp>().empty() || !tokensLeft(loop))
      continue;
    OpBuilder b(loop);
    Value length = loop.getUpperBound(), over = arith::RemUIOp::create(b, loop.getLoc(), length, loop.getStep());
    Value end = arith::SubIOp::create(b, loop.getLoc(), length, over);
    b.setInsertionPointAfter(loop);
    auto rest = cast<scf::ForOp>(b.clone(*loop));
    loop->replaceAllUsesWith(rest);
    rest.setLowerBound(end);
    rest.getInitArgsMutable().assign(loop.getResults());
    assumeWhole(tokensLeft(loop), *tokens);
    loop.setUpperBound(end);
  }
}

} // namespace mixc::cpu
