// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What plans and their cost depend on of a spec, read off its IR.

#include "mixc/passes/Facts.h"
#include "../decompose/HeadSums.h"
#include "../decompose/SpecValues.h"
#include "mixc/passes/Forms.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace mixc {
namespace {

mixer::TensorType typeOf(Value value) { return cast<mixer::TensorType>(value.getType()); }

/// Reads sizes of dimensions, and remembers which one was missing.
struct Sizes {
  mixer::SpecOp spec;
  std::string missing;

  int64_t operator()(StringRef dim) {
    if (std::optional<int64_t> size = spec.getSize(dim))
      return *size;
    missing = dim.str();
    return 1;
  }
  /// Elements for one token: B and T do not count.
  double elements(mixer::TensorType type) {
    double count = 1;
    for (StringAttr dim : type.getDims())
      if (dim.getValue() != "B" && dim.getValue() != "T")
        count *= static_cast<double>((*this)(dim));
    return count;
  }
  double bytes(mixer::TensorType type, Type element) {
    const double sharing = spec.isFree(type.getHeadDim()) ? 1 : static_cast<double>(spec.getBands().value_or(1));
    return elements(type) * (element ? element.getIntOrFloatBitWidth() / 8 : 4) / sharing;
  }
};

void countEdge(mixer::SpecOp spec, Sizes &sizes, SpecFacts &facts) {
  // A plan must be right for calls without what is optional, where the rest of the work counts; but calls of few tokens, in which states
  // count, go on from one and leave one.
  auto count = [&](mixer::TensorType type, Type element, bool optional) {
    facts.bytesToken.push_back(!optional && type.hasDim("T") ? sizes.bytes(type, element) : 0);
    if (type.hasDim("B") && !type.hasDim("T"))
      facts.bytesSequence += sizes.bytes(type, element);
  };
  auto countState = [&](mixer::TensorType type, Type element) {
    if (element)
      facts.stateBytes = std::min<int64_t>(facts.stateBytes, element.getIntOrFloatBitWidth() / 8);
    facts.columnsInRows |= type.hasDim("P") && type.getDims().back() == "P";
  };
  auto isWide = [](mixer::TensorType type) { return type.hasDim("T") && type.hasDim("P"); };
  for (unsigned i = 0; i < spec.getNumArgs(); ++i) {
    count(spec.getArgType(i), spec.getArgElementType(i), spec.isArgOptional(i));
    if (spec.isInitialStateOfRecurrence(i))
      countState(spec.getArgType(i), spec.getArgElementType(i));
    facts.tilesIn += isWide(spec.getArgType(i));
  }
  for (unsigned i = 0; i < spec.getNumOutputs(); ++i) {
    count(spec.getResultType(i), spec.getResultElementType(i), spec.isResultOptional(i));
    if (spec.isFinalStateOfRecurrence(i))
      countState(spec.getResultType(i), spec.getResultElementType(i));
    facts.tilesOut += isWide(spec.getResultType(i));
  }
}

/// Whether the operand is an argument as it lies in memory, but for a number for each token.
bool isLoaded(Value operand, StringRef dim) {
  const Factored factored = factorTokenScale(operand, dim);
  return !factored.base.scalar && isa<BlockArgument>(factored.base.value) && typeOf(factored.base.value).getIo();
}

void countRecurrence(mixer::SpecOp spec, Sizes &sizes, SpecFacts &facts) {
  llvm::SetVector<std::tuple<Value, Value, Value, Value, Value, Value>> steps;
  facts.columns = 0;
  bool ownHeads = false, causal = false, anticausal = false;
  spec.walk([&](mixer::SemiseparableOp op) {
    facts.heads = sizes("H");
    const bool wide = typeOf(op.getX()).hasDim("P");
    if (wide)
      facts.p = sizes("P");
    facts.columns += wide ? facts.p : 1;
    if (typeOf(op.getB()).hasDim("N"))
      facts.n = sizes("N");
    for (Value value : SmallVector<Value>{op.getB(), op.getC(), op.getL(), op.getR()})
      ownHeads |= value && typeOf(value).hasDim("H");
    const bool ofEntries = op.getDecay() && typeOf(op.getDecay()).hasDim("N");
    facts.decays |= op.getDecay() || op.getKeep();
    facts.hasSigns |= bool(op.getKeep());
    facts.decaysEntries |= ofEntries;
    facts.corrects |= bool(op.getL());
    causal |= op.getDirection() != mixer::Direction::Anticausal;
    anticausal |= op.getDirection() != mixer::Direction::Causal;
    facts.plain &= hasPlainChunks(op);
    facts.operandsLoaded &= isLoaded(op.getB(), "N") && isLoaded(op.getC(), "N") && isLoaded(op.getX(), "P");
    facts.updates = op.hasUpdates() ? sizes("R") : 1;
    facts.operandsLoaded &= !op.hasUpdates() && !typeOf(factorTokenScale(op.getX(), "P").base.value).getHeadDim().empty();
    steps.insert({op.getB(), op.getC(), op.getDecay(), op.getKeep(), op.getL(), op.getMask()});
  });
  facts.recurrences = std::max<int64_t>(1, steps.size());
  facts.bothDirections = causal && anticausal;
  facts.groups = ownHeads ? facts.heads : facts.heads / spec.getHeadsOfOneGroup();
  facts.headsOfGroup = spec.getHeadsOfOneGroup();
}

} // namespace

FailureOr<SpecFacts> collectFacts(mixer::SpecOp spec) {
  SpecFacts facts;
  Sizes sizes{spec, ""};
  if (Type io = spec.getIoType())
    facts.ioBytes = io.getIntOrFloatBitWidth() / 8;
  facts.freeHeads = spec.getFree().has_value();
  facts.bands = static_cast<int64_t>(spec.getBands().value_or(1));
  countEdge(spec, sizes, facts);
  facts.readsColumns = spec.isReadAlongP();
  facts.sumsColumns = facts.readsColumns || sumsColumnsOfOperands(spec);
  facts.sumsResults = sumsColumnsOfResults(spec);
  spec.walk([&](Operation *op) { facts.readsOtherTokens |= isa<mixer::PreviousOp, mixer::LastOp, mixer::ConvOp>(op); });
  countRecurrence(spec, sizes, facts);
  if (!sizes.missing.empty()) {
    spec.emitOpError("expected a size for dimension ")
        << sizes.missing << ", got none: bind it with --mixer-bind-shape (mixc: --shape " << sizes.missing << "=..)";
    return failure();
  }
  return facts;
}

} // namespace mixc
