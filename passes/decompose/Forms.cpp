// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/passes/Forms.h"
#include "HeadSums.h"
#include "mixc/dialect/EntryLocation.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mixc;

static mixer::TensorType typeOf(Value value) { return cast<mixer::TensorType>(value.getType()); }
static std::string shortType(Value value) { return cast<mixer::TensorType>(value.getType()).getShortName(); }

/// Chunks of other transitions are halved down to a step.
static std::optional<MissingForm> missingOfUpdates(mixer::SemiseparableOp op, mixer::Algorithm algorithm) {
  int64_t updates = op->getParentOfType<mixer::SpecOp>().getUpdates();
  bool ofEntries = op.getDecay() && cast<mixer::TensorType>(op.getDecay().getType()).hasDim("N");
  if (!op.hasUpdates() || algorithm == mixer::Algorithm::Scan)
    return std::nullopt;
  if (algorithm == mixer::Algorithm::Quadratic)
    return MissingForm{op.getLoc(), "expected one update a token, got operands over R", "without R, the quadratic form works"};
  if (!llvm::isPowerOf2_64(updates) && (op.getL() || ofEntries))
    return MissingForm{op.getLoc(),
                       "expected R to be a power of two because of a correction or a decay for each entry, got R = " +
                           std::to_string(updates),
                       "add updates of zeros"};
  return std::nullopt;
}

/// Pairs of tokens have scores, which are sums over N.
static std::optional<MissingForm> missingOfRead(mixer::SemiseparableOp op, mixer::Algorithm algorithm) {
  if (!op.isReadAlongP() || algorithm != mixer::Algorithm::Quadratic)
    return std::nullopt;
  return MissingForm{entryLocation(op, "c"), "expected c without P, got " + shortType(op.getC()),
                     "with c over N, the quadratic form works"};
}

/// Only pairs of tokens have a distance. What is made for tokens, such as running values and tokens before, is not made for distances.
static std::optional<MissingForm> missingOfMask(mixer::SemiseparableOp op, mixer::Algorithm algorithm) {
  if (!op.getMask())
    return std::nullopt;
  std::string got = ", got " + shortType(op.getMask());
  if (algorithm != mixer::Algorithm::Quadratic)
    return MissingForm{entryLocation(op, "mask"), "expected no mask, which leaves no state" + got, "the quadratic form has masks"};
  if (!hasPlainChunks(op))
    return MissingForm{entryLocation(op, "mask"),
                       "expected no mask beside read = pre or direction = both with keep, mixer.previous or mixer.conv" + got,
                       "compute those before the call"};
  llvm::SetVector<Value> behind;
  behind.insert(op.getMask());
  for (size_t i = 0; i < behind.size(); ++i) {
    Operation *def = behind[i].getDefiningOp();
    if (!def || isa<mixer::ConstantOp, mixer::IndexOp>(def))
      continue;
    if (!isa<mixer::MapOp>(def))
      return MissingForm{entryLocation(op, "mask"),
                         "expected mask from arguments of the spec by maps alone, got one that depends on " +
                             def->getName().getStringRef().str(),
                         "compute it before the call and make it an argument"};
    behind.insert(def->operand_begin(), def->operand_end());
  }
  return std::nullopt;
}

/// What the algorithm lacks for the transition and the read of one recurrence. The others compute every one.
static std::optional<MissingForm> missingOf(mixer::SemiseparableOp op, mixer::Algorithm algorithm) {
  if (std::optional<MissingForm> missing = missingOfUpdates(op, algorithm))
    return missing;
  if (std::optional<MissingForm> missing = missingOfRead(op, algorithm))
    return missing;
  if (std::optional<MissingForm> missing = missingOfMask(op, algorithm))
    return missing;
  if (algorithm == mixer::Algorithm::Scan)
    return std::nullopt;
  if (algorithm == mixer::Algorithm::Chunked)
    return std::nullopt;
  if (op.getL())
    return MissingForm{entryLocation(op, "l"), "expected a transition without l and r, got a rank-1 correction (a delta rule)",
                       "without l and r, every decay works"};
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
  for (auto [name, value] : {std::pair<StringRef, Value>{"x", op.getX()},
                             {"b", op.getB()},
                             {"c", op.getC()},
                             {"decay", op.getDecay()},
                             {"keep", op.getKeep()},
                             {"l", op.getL()},
                             {"r", op.getR()},
                             {"init", op.getInit()},
                             {"mask", op.getMask()}})
    if (value && (dependsOn(value, /*states=*/false) || dependsOn(value, /*states=*/true)))
      return MissingForm{entryLocation(op, name),
                         "expected " + name.str() + " from arguments of the spec, got one that depends on another mixer.semiseparable",
                         "split the spec in two"};
  return std::nullopt;
}

static bool isArgument(Value value) { return !value || isa<BlockArgument>(value); }

/// Ops over neighbouring tokens read arguments, in the order of the tokens.
static std::optional<MissingForm> missingOfTokens(mixer::SpecOp spec) {
  bool any = false;
  for (Operation &op : spec.getBody()->without_terminator()) {
    bool isTokenOp = isa<mixer::PreviousOp, mixer::LastOp, mixer::ConvOp>(op), isTap = isa<mixer::TapOp>(op);
    any |= isTokenOp;
    std::string name = op.getName().getStringRef().str();
    if (isa<mixer::PreviousOp>(op)) // of which a convolution is made
      name += " and mixer.conv";
    if ((isTokenOp || isTap) && !llvm::all_of(op.getOperands(), isArgument))
      return MissingForm{op.getLoc(), "expected " + name + " of arguments of the spec, got a computed value",
                         isTap ? "take the tap first and compute with it" : "take those of the arguments that it is computed from"};
    if (isa<mixer::LastOp>(op) && llvm::any_of(op.getUsers(), [](Operation *user) { return !isa<mixer::ReturnOp>(user); }))
      return MissingForm{op.getLoc(), "expected mixer.last to be a result of the spec alone, got another use", "return it as it is"};
    if (!isTokenOp && !isa<mixer::IndexOp>(op))
      for (Type type : op.getResultTypes())
        for (StringRef dim : {"W", "L"})
          if (cast<mixer::TensorType>(type).hasDim(dim))
            return MissingForm{op.getLoc(),
                               "expected " + dim.str() + " in arguments and mixer.last alone, got a computed value over " +
                                   cast<mixer::TensorType>(type).getShortName(),
                               "compute it before the call and make it an argument"};
  }
  if (any)
    for (auto op : spec.getBodyRegion().getOps<mixer::SemiseparableOp>())
      if (op.getDirection() != mixer::Direction::Causal)
        return MissingForm{entryLocation(op, "direction"),
                           "expected direction = causal beside mixer.previous, mixer.conv and mixer.last, got " +
                               stringifyDirection(op.getDirection()).str(),
                           "pass the tensors from their last token on, with negative strides"};
  return std::nullopt;
}

/// Running values are there before any recurrence has run.
static std::optional<MissingForm> missingOfRunning(mixer::RunningOp op) {
  for (auto [name, value] : {std::pair<StringRef, Value>{"a value", op.getInput()}, {"decay", op.getDecay()}, {"init", op.getInit()}})
    if (value && (dependsOn(value, /*states=*/false) || dependsOn(value, /*states=*/true)))
      return MissingForm{op.getLoc(),
                         "expected " + name.str() + " from arguments of the spec, got one that depends on a mixer.semiseparable",
                         "split the spec in two"};
  for (Operation *user : op.getLast().getUsers())
    if (!isa<mixer::ReturnOp>(user))
      return MissingForm{op.getLoc(), "expected the running value after the last token to be a result of the spec alone, got another use",
                         "return it as it is"};
  return std::nullopt;
}

/// Sums over heads have buffers of tokens, and blocks that walk over the heads.
static std::optional<MissingForm> missingOfSums(mixer::SpecOp spec) {
  for (auto sum : spec.getBodyRegion().getOps<mixer::SumOp>()) {
    if (!sum.isOverHeads() && sum.getDim() != "N" && sum.getDim() != "P")
      return MissingForm{sum.getLoc(), "expected a sum over heads, N or P, got one over " + sum.getDim().str(),
                         "compute it before the call and make it an argument"};
    if (sum.isOverHeads() && sum.getInput().getType().hasDim("R"))
      return MissingForm{sum.getLoc(), "expected a sum over heads of a value without R, got " + shortType(sum.getInput()),
                         "compute it before the call and make it an argument"};
    if (sum.isOverHeads() && dependsOn(sum.getInput(), /*states=*/true))
      return MissingForm{sum.getLoc(), "expected a sum over heads of arguments and results over T, got one that depends on a final state",
                         "compute it after the call"};
  }
  for (Value value : findHeadSums(spec, /*columnsAfter=*/false).unfinished)
    if (typeOf(value).hasDim("N"))
      return MissingForm{value.getLoc(), "expected a value without N where a sum over heads follows, got " + shortType(value),
                         "add it up over N first"};
  return std::nullopt;
}

static std::optional<MissingForm> missingOfResults(mixer::SpecOp spec) {
  for (auto [i, value] : llvm::enumerate(spec.getReturn().getResults())) {
    auto op = value.getDefiningOp<mixer::SemiseparableOp>();
    auto running = value.getDefiningOp<mixer::RunningOp>();
    bool isState = (op && value == op.getState()) || value.getDefiningOp<mixer::LastOp>() || (running && value == running.getLast());
    std::string expected = "expected result " + spec.getResultName(i).str() + " to be a final state or to ";
    if (!isState && dependsOn(value, /*states=*/true))
      return MissingForm{spec.getReturn().getLoc(), expected + "depend on none", "compute it after the call"};
    if (!isState && !cast<mixer::TensorType>(value.getType()).hasDim("T"))
      return MissingForm{spec.getReturn().getLoc(), expected + "have T, got " + shortType(value), "compute it after the call"};
    if (!isState && cast<mixer::TensorType>(value.getType()).hasDim("R"))
      return MissingForm{spec.getReturn().getLoc(), expected + "be without R, got " + shortType(value), "compute it before the call"};
    if (auto type = cast<mixer::TensorType>(value.getType()); !isState && type.hasDim("N") && (type.hasDim("P") || !spec.isReadAlongP()))
      return MissingForm{spec.getReturn().getLoc(),
                         expected + "be without N" + (type.hasDim("P") ? " or without P" : "") + ", got " + shortType(value),
                         "compute it before the call"};
    for (StringRef dim : {"W", "L"})
      if (!isState && cast<mixer::TensorType>(value.getType()).hasDim(dim))
        return MissingForm{spec.getReturn().getLoc(), expected + "be without " + dim.str() + ", got " + shortType(value),
                           "the caller has it"};
  }
  return std::nullopt;
}

bool mixc::hasPlainChunks(mixer::SemiseparableOp op, mixer::Read read) {
  const bool ofEntries = op.getDecay() && cast<mixer::TensorType>(op.getDecay().getType()).hasDim("N");
  if (op.getL() || ofEntries || op.isReadAlongP())
    return false;
  if (read == mixer::Read::Post)
    return true;
  auto spec = op->getParentOfType<mixer::SpecOp>();
  const bool seesOthers = llvm::any_of(spec.getBody()->without_terminator(), llvm::IsaPred<mixer::PreviousOp, mixer::ConvOp>);
  return !op.getKeep() && !op.hasUpdates() && !seesOthers;
}

bool mixc::hasPlainChunks(mixer::SemiseparableOp op) {
  const bool both = op.getDirection() == mixer::Direction::Both; // of which one reads before
  return hasPlainChunks(op, both ? mixer::Read::Pre : op.getRead());
}

/// States inside a call are those after its first tokens.
static std::optional<MissingForm> missingOfKeptStates(mixer::SpecOp spec, mixer::Algorithm algorithm) {
  if (!spec.getKeepStates())
    return std::nullopt;
  if (algorithm == mixer::Algorithm::Quadratic)
    return MissingForm{spec.getLoc(), "expected no keep_states, as pairs of tokens have no states between them",
                       "without it, the quadratic form works"};
  for (auto op : spec.getBodyRegion().getOps<mixer::SemiseparableOp>())
    if (op.getDirection() != mixer::Direction::Causal && llvm::is_contained(spec.getReturn().getResults(), op.getState()))
      return MissingForm{op.getLoc(),
                         "expected direction = causal of a state beside keep_states, got " + stringifyDirection(op.getDirection()).str(),
                         "leave that state out of the results"};
  return std::nullopt;
}

std::optional<MissingForm> mixc::findMissingForm(mixer::SpecOp spec, mixer::Algorithm algorithm) {
  for (auto [i, type] : llvm::enumerate(spec.getFunctionType().getInputs()))
    if (auto tensor = cast<mixer::TensorType>(type); tensor.hasDim("R") && !tensor.hasDim("T"))
      return MissingForm{spec.getLoc(), "expected argument " + spec.getArgName(i).str() + " with R to have T, got " + tensor.getShortName(),
                         "repeat it for every token, by a stride of 0"};
  if (std::optional<MissingForm> missing = missingOfKeptStates(spec, algorithm))
    return missing;
  if (std::optional<MissingForm> missing = missingOfSums(spec))
    return missing;
  if (std::optional<MissingForm> missing = missingOfTokens(spec))
    return missing;
  for (auto op : spec.getBodyRegion().getOps<mixer::RunningOp>())
    if (std::optional<MissingForm> missing = missingOfRunning(op))
      return missing;
  bool any = false;
  for (auto op : spec.getBodyRegion().getOps<mixer::SemiseparableOp>()) {
    any = true;
    bool someHaveUpdates =
        llvm::any_of(spec.getBodyRegion().getOps<mixer::SemiseparableOp>(), [](auto other) { return other.hasUpdates(); });
    if (someHaveUpdates && !op.hasUpdates())
      return MissingForm{op.getLoc(), "expected operands over R as in the spec's other recurrences, got none", "split the spec in two"};
    if (std::optional<MissingForm> missing = missingOf(op, algorithm))
      return missing;
    if (std::optional<MissingForm> missing = missingOfOperands(op))
      return missing;
  }
  if (!any)
    return MissingForm{spec.getLoc(), "expected a mixer.semiseparable op, got none", "add one"};
  return missingOfResults(spec);
}

static std::optional<mixer::Algorithm> algorithmFor(mixer::SpecOp spec) {
  for (auto algorithm : {mixer::Algorithm::Chunked, mixer::Algorithm::Scan, mixer::Algorithm::Quadratic})
    if (!findMissingForm(spec, algorithm))
      return algorithm;
  return std::nullopt;
}

/// The algorithm that computes most of what a spec has.
static mixer::Algorithm mostGeneralFor(mixer::SpecOp spec) {
  auto recurrences = spec.getBodyRegion().getOps<mixer::SemiseparableOp>();
  bool hasMask = llvm::any_of(recurrences, [](mixer::SemiseparableOp op) { return bool(op.getMask()); });
  return hasMask ? mixer::Algorithm::Quadratic : mixer::Algorithm::Scan;
}

LogicalResult mixc::checkForms(mixer::SpecOp spec, std::optional<mixer::Algorithm> asked) {
  std::optional<mixer::Algorithm> found = algorithmFor(spec);
  if (!found) {
    MissingForm missing = *findMissingForm(spec, mostGeneralFor(spec));
    return emitError(missing.where) << missing.text << ": no algorithm yet; " << missing.advice;
  }
  std::optional<MissingForm> missing = asked ? findMissingForm(spec, *asked) : std::nullopt;
  if (!missing)
    return success();
  return emitError(missing->where) << missing->text << ", which " << stringifyAlgorithm(*asked) << " does not compute yet; "
                                   << stringifyAlgorithm(*found) << " does";
}
