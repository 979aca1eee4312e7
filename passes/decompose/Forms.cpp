// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/passes/Forms.h"
#include "mixc/dialect/EntryLocation.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace mixc;

static std::string shortType(Value value) { return cast<mixer::TensorType>(value.getType()).getShortName(); }

/// What the transition and the directions of one recurrence lack.
static std::optional<MissingForm> missingOf(mixer::SemiseparableOp op) {
  if (Value decay = op.getDecay(); decay && cast<mixer::TensorType>(decay.getType()).hasDim("N"))
    return MissingForm{entryLocation(op, "decay"), "expected a decay over B, T, H, got one for each state entry, " + shortType(decay) +
                                                       ": no algorithm yet; give all entries of a head one decay"};
  if (op.getL())
    return MissingForm{entryLocation(op, "l"),
                       "expected a transition without l and r, got a rank-1 correction (a delta rule): no algorithm yet; "
                       "without l and r, a decay over B, T, H works"};
  if (op.getRead() != mixer::Read::Post)
    return MissingForm{entryLocation(op, "read"),
                       "expected read = post, got read = pre: no algorithm yet; with read = post, pass c and the "
                       "result from their second token on, and the rest up to the last but one"};
  if (op.getDirection() == mixer::Direction::Anticausal)
    return MissingForm{entryLocation(op, "direction"), "expected direction = causal, got direction = anticausal: no algorithm yet; with "
                                                       "direction = causal, pass tensors from their last token on, with negative strides"};
  if (op.getDirection() == mixer::Direction::Both)
    return MissingForm{entryLocation(op, "direction"),
                       "expected direction = causal, got direction = both: no algorithm yet; with direction = "
                       "causal, call it twice, once with negative strides, and add the results, which both count the token itself"};
  return std::nullopt;
}

/// Whether the value is, or is computed elementwise from, a result of a recurrence: y, or with `states` its final state.
static bool dependsOn(Value value, bool states) {
  SmallVector<Value> open{value};
  llvm::DenseSet<Value> seen;
  while (!open.empty()) {
    Value next = open.pop_back_val();
    if (!next.getDefiningOp() || !seen.insert(next).second)
      continue;
    if (auto op = next.getDefiningOp<mixer::SemiseparableOp>()) {
      if ((next == op.getState()) == states)
        return true;
      continue; // its operands are judged with it
    }
    llvm::append_range(open, next.getDefiningOp()->getOperands());
  }
  return false;
}

/// The operands of a recurrence are there before any recurrence has run.
static std::optional<MissingForm> missingOfOperands(mixer::SemiseparableOp op) {
  for (auto [name, value] :
       {std::pair<StringRef, Value>{"x", op.getX()}, {"b", op.getB()}, {"c", op.getC()}, {"decay", op.getDecay()}, {"init", op.getInit()}})
    if (value && (dependsOn(value, /*states=*/false) || dependsOn(value, /*states=*/true)))
      return MissingForm{entryLocation(op, name), "expected " + name.str() +
                                                      " from arguments of the spec, got one that depends on another "
                                                      "mixer.semiseparable: no algorithm yet; split the spec in two"};
  return std::nullopt;
}

/// All recurrences of a spec run over one state.
static std::optional<MissingForm> differenceOf(mixer::SemiseparableOp op, mixer::SemiseparableOp first) {
  for (auto [name, own, shared] : {std::tuple<StringRef, Value, Value>{"b", op.getB(), first.getB()},
                                   {"c", op.getC(), first.getC()},
                                   {"decay", op.getDecay(), first.getDecay()}})
    if (own != shared)
      return MissingForm{own ? entryLocation(op, name) : op.getLoc(),
                         "expected the " + name.str() +
                             " of the spec's first mixer.semiseparable, got another: no algorithm yet; split the "
                             "spec in two"};
  return std::nullopt;
}

static std::optional<MissingForm> missingOfResults(mixer::SpecOp spec) {
  for (auto [i, value] : llvm::enumerate(spec.getReturn().getResults())) {
    auto op = value.getDefiningOp<mixer::SemiseparableOp>();
    bool isState = op && value == op.getState();
    if (!isState && dependsOn(value, /*states=*/true))
      return MissingForm{spec.getReturn().getLoc(),
                         "expected result " + spec.getResultName(i).str() +
                             " to be a final state or to depend on none: no algorithm yet; compute it after the call"};
    if (!isState && !cast<mixer::TensorType>(value.getType()).hasDim("T"))
      return MissingForm{spec.getReturn().getLoc(), "expected result " + spec.getResultName(i).str() +
                                                        " to be a final state or to have T, got " + shortType(value) +
                                                        ": no algorithm yet; compute it after the call"};
  }
  return std::nullopt;
}

std::optional<MissingForm> mixc::findMissingForm(mixer::SpecOp spec) {
  // A kernel evaluates maps where their elements are needed; a sum would need whole rows there.
  for (auto sum : spec.getBodyRegion().getOps<mixer::SumOp>())
    return MissingForm{sum.getLoc(),
                       "expected no mixer.sum, got one: no algorithm yet; compute it before the call and make it an argument"};
  mixer::SemiseparableOp first;
  for (auto op : spec.getBodyRegion().getOps<mixer::SemiseparableOp>()) {
    if (std::optional<MissingForm> missing = missingOf(op))
      return missing;
    if (std::optional<MissingForm> missing = missingOfOperands(op))
      return missing;
    if (!first)
      first = op;
    if (std::optional<MissingForm> missing = differenceOf(op, first))
      return missing;
  }
  if (!first)
    return MissingForm{spec.getLoc(), "expected a mixer.semiseparable op, got none"};
  return missingOfResults(spec);
}

LogicalResult mixc::checkForms(mixer::SpecOp spec) {
  if (std::optional<MissingForm> missing = findMissingForm(spec))
    return emitError(missing->where) << missing->text;
  return success();
}
