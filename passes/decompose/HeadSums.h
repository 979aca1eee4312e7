// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sums over heads, which are in different blocks: what of a spec comes before them, and what after. Those of operands are kernels before
// all others, as running values are. Those of results are computed when the recurrence's kernels have ended:
//
//     recurrence's kernels    y, maps of y and, where a block has all of P, sums over P: up to the unfinished values, which they leave
//     @finish                 the sums over heads of the unfinished values, and the results that are computed from them
//
// An unfinished value lies where its result is going to be, if it has the same dimensions and rounding it to the result's type does no
// harm, else in the workspace. @finish has blocks of a few tokens and all heads that are added up, which walk over the heads once for each
// sum and once more for the results.
#pragma once

#include "mixc/dialect/Mixer.h"

namespace mixc {

struct HeadSums {
  /// Of operands, in order.
  llvm::SmallVector<mixer::SumOp> before;
  /// Of results, in order.
  llvm::SmallVector<mixer::SumOp> after;
  /// What the recurrence's kernels leave for what comes after.
  llvm::SmallVector<mlir::Value> unfinished;
  /// The spec's results, by number, that are computed after.
  llvm::SmallVector<unsigned> results;

  /// Whether one kernel computes all sums of results and what follows: they are over the same heads.
  bool areTogether() const;
  /// The groups in whose heads that kernel's blocks add up; empty where it is all heads.
  llvm::StringRef groupsOfFinish() const;
  bool isAfter(unsigned result) const { return llvm::is_contained(results, result); }
};

/// `columnsAfter`: sums over P of results are computed after, too, as blocks of the recurrence's kernels have a part of P alone.
HeadSums findHeadSums(mixer::SpecOp spec, bool columnsAfter);

/// For each unfinished value the number of the result whose array it may lie in, which is computed from it element by element and has its
/// dimensions and a range of numbers as f32's; -1 where there is none.
llvm::SmallVector<int64_t> placeUnfinished(mixer::SpecOp spec, const HeadSums &sums);

/// Whether the recurrence's kernels add up columns of P, of operands or of results.
bool sumsColumnsOfOperands(mixer::SpecOp spec);
bool sumsColumnsOfResults(mixer::SpecOp spec);

} // namespace mixc
