// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "HeadSums.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace mixc {

using ValueSet = llvm::DenseSet<Value>;

static mixer::TensorType typeOf(Value value) { return cast<mixer::TensorType>(value.getType()); }

static mixer::SumOp sumOverHeads(Operation *op) {
  auto sum = dyn_cast_or_null<mixer::SumOp>(op);
  return sum && sum.isOverHeads() ? sum : mixer::SumOp();
}

static bool isSumOfColumns(Operation *op) {
  auto sum = dyn_cast_or_null<mixer::SumOp>(op);
  return sum && sum.getDim() == "P";
}

static auto opsOf(mixer::SpecOp spec) { return spec.getBody()->without_terminator(); }

static bool readsAny(Operation &op, const ValueSet &values) {
  return llvm::any_of(op.getOperands(), [&](Value operand) { return values.contains(operand); });
}

/// The recurrences' results and what is computed from them.
static ValueSet findResults(mixer::SpecOp spec) {
  ValueSet found;
  for (Operation &op : opsOf(spec))
    if (isa<mixer::SemiseparableOp>(op) || readsAny(op, found))
      found.insert(op.result_begin(), op.result_end());
  return found;
}

/// What sums over heads of results are computed from.
static ValueSet findSummed(mixer::SpecOp spec, const ValueSet &ofResults) {
  ValueSet summed;
  for (Operation &op : llvm::reverse(opsOf(spec))) {
    const bool isSum = sumOverHeads(&op) && ofResults.contains(op.getResult(0));
    if (isSum || llvm::any_of(op.getResults(), [&](Value result) { return summed.contains(result); }))
      summed.insert(op.operand_begin(), op.operand_end());
  }
  return summed;
}

namespace {
class Finder {
public:
  Finder(mixer::SpecOp spec, bool columnsAfter) : spec(spec), ofResults(findResults(spec)) {
    const ValueSet summed = findSummed(spec, ofResults);
    for (Operation &op : opsOf(spec)) {
      if (isa<mixer::SemiseparableOp>(op) || op.getNumResults() != 1 || !ofResults.contains(op.getResult(0)))
        continue;
      const bool ofColumns = isSumOfColumns(&op) && (columnsAfter || summed.contains(op.getResult(0)));
      if (sumOverHeads(&op) || ofColumns || readsAny(op, after))
        after.insert(op.getResult(0));
    }
  }

  HeadSums find() {
    HeadSums sums;
    for (auto [i, value] : llvm::enumerate(spec.getReturn().getResults()))
      if (after.contains(value)) {
        sums.results.push_back(i);
        need(value);
      }
    for (auto sum : spec.getBodyRegion().getOps<mixer::SumOp>()) {
      if (!sum.isOverHeads() || sum.use_empty())
        continue;
      if (!ofResults.contains(sum))
        sums.before.push_back(sum);
      else if (needed.contains(sum))
        sums.after.push_back(sum);
    }
    sums.unfinished = withoutComputable();
    return sums;
  }

private:
  /// Walks to what the value is computed from after the recurrence's kernels, and notes what they have to leave for that.
  void need(Value value) {
    if (!ofResults.contains(value))
      return;
    if (!after.contains(value)) {
      unfinished.insert(value);
      return;
    }
    if (needed.insert(value).second)
      for (Value operand : value.getDefiningOp()->getOperands())
        need(operand);
  }

  /// Whether the value follows from other unfinished ones.
  bool isComputable(Value value) {
    llvm::SetVector<Value> open;
    open.insert(value);
    for (size_t i = 0; i < open.size(); ++i) {
      if (!ofResults.contains(open[i]) || (i > 0 && unfinished.contains(open[i])))
        continue;
      auto map = open[i].getDefiningOp<mixer::MapOp>();
      if (!map)
        return false;
      open.insert(map.getInputs().begin(), map.getInputs().end());
    }
    return true;
  }

  /// Squares need not be left beside what they are squares of.
  SmallVector<Value> withoutComputable() {
    SmallVector<Value> all(unfinished.begin(), unfinished.end());
    for (Value value : llvm::reverse(all))
      if (isComputable(value))
        unfinished.remove(value);
    llvm::erase_if(all, [&](Value value) { return !unfinished.contains(value); });
    return all;
  }

  mixer::SpecOp spec;
  ValueSet ofResults, after, needed;
  llvm::SetVector<Value> unfinished;
};
} // namespace

HeadSums findHeadSums(mixer::SpecOp spec, bool columnsAfter) { return Finder(spec, columnsAfter).find(); }

bool HeadSums::areTogether() const {
  return llvm::all_of(after, [&](mixer::SumOp sum) { return sum.getGroupsAttr() == mixer::SumOp(after.front()).getGroupsAttr(); });
}

StringRef HeadSums::groupsOfFinish() const {
  return after.empty() || !areTogether() ? StringRef() : mixer::SumOp(after.front()).getGroups().value_or("");
}

/// The values of which an element of `value` follows by maps.
static llvm::SetVector<Value> elementwiseSources(Value value) {
  llvm::SetVector<Value> sources;
  sources.insert(value);
  for (size_t i = 0; i < sources.size(); ++i)
    if (auto map = sources[i].getDefiningOp<mixer::MapOp>())
      sources.insert(map.getInputs().begin(), map.getInputs().end());
  return sources;
}

SmallVector<int64_t> placeUnfinished(mixer::SpecOp spec, const HeadSums &sums) {
  SmallVector<int64_t> places(sums.unfinished.size(), -1);
  for (unsigned i : sums.results) {
    mixer::TensorType type = spec.getResultType(i);
    // An f16 number may be too large before it is divided by a norm. A result that the caller leaves out has no room for the others.
    if ((type.getIo() && spec.getIoType().isF16()) || (spec.isResultOptional(i) && sums.results.size() > 1))
      continue;
    const llvm::SetVector<Value> sources = elementwiseSources(spec.getReturn().getResults()[i]);
    for (auto [value, place] : llvm::zip(sums.unfinished, places))
      if (place < 0 && type.hasSameDims(typeOf(value)) && sources.contains(value)) {
        place = i;
        break;
      }
  }
  return places;
}

/// Sums over P that the recurrence's kernels compute, of operands or of results.
static bool sumsColumns(mixer::SpecOp spec, bool ofResults) {
  const ValueSet results = findResults(spec);
  const HeadSums sums = findHeadSums(spec, /*columnsAfter=*/!ofResults);
  llvm::SetVector<Value> open(sums.unfinished.begin(), sums.unfinished.end());
  for (auto [i, value] : llvm::enumerate(spec.getReturn().getResults()))
    if (!sums.isAfter(i))
      open.insert(value);
  for (auto op : spec.getBodyRegion().getOps<mixer::SemiseparableOp>())
    open.insert(op->operand_begin(), op->operand_end());
  for (size_t i = 0; i < open.size(); ++i) {
    Operation *def = open[i].getDefiningOp();
    if (!def || isa<mixer::SemiseparableOp>(def))
      continue;
    if (isSumOfColumns(def) && results.contains(open[i]) == ofResults)
      return true;
    if (!sumOverHeads(def) && !isa<mixer::RunningOp>(def))
      open.insert(def->operand_begin(), def->operand_end());
  }
  return false;
}

bool sumsColumnsOfOperands(mixer::SpecOp spec) { return sumsColumns(spec, /*ofResults=*/false); }
bool sumsColumnsOfResults(mixer::SpecOp spec) { return sumsColumns(spec, /*ofResults=*/true); }

} // namespace mixc
