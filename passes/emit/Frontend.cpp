// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/passes/Frontend.h"
#include "GivenTiles.h"
#include "mixc/dialect/Remarks.h"
#include "mixc/passes/Shape.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace mixc;

void mixc::emitOptionError(MLIRContext *context, const Twine &text) { emitError(UnknownLoc::get(context)) << "--" << text; }

FailureOr<mixer::SpecOp> mixc::findSpec(ModuleOp module, StringRef name) {
  SmallVector<mixer::SpecOp> named;
  std::string names;
  Location location = module.getLoc();
  for (auto spec : module.getOps<mixer::SpecOp>()) {
    if (names.empty())
      location = spec.getLoc();
    names += (names.empty() ? "'" : ", '") + spec.getSymName().str() + "'";
    if (name.empty() || spec.getSymName() == name)
      named.push_back(spec);
  }
  if (named.size() == 1)
    return named.front();
  if (names.empty())
    emitError(location, "expected a mixer.spec in the file, got none");
  else if (named.empty())
    emitOptionError(module.getContext(), "spec: expected the name of a spec of the file (" + names + "), got '" + name + "'");
  else
    emitError(location) << "expected one spec, got " << names << "; choose one with --spec=NAME";
  return failure();
}

static bool hasFinalStates(mixer::SpecOp spec) {
  return llvm::any_of(llvm::seq(spec.getNumOutputs()), [&](unsigned i) { return spec.isFinalState(i); });
}

static bool hasStochasticStates(mixer::SpecOp spec) {
  return llvm::any_of(llvm::seq(spec.getNumOutputs()), [&](unsigned i) { return spec.isStochasticState(i); });
}

static bool hasStatesOfRecurrences(mixer::SpecOp spec) {
  return llvm::any_of(llvm::seq(spec.getNumArgs()), [&](unsigned i) { return spec.isInitialStateOfRecurrence(i); }) ||
         llvm::any_of(llvm::seq(spec.getNumOutputs()), [&](unsigned i) { return spec.isFinalStateOfRecurrence(i); });
}

static Type typeOf(StringRef dtype, Builder &builder) {
  return llvm::StringSwitch<Type>(dtype)
      .Case("f32", builder.getF32Type())
      .Case("bf16", builder.getBF16Type())
      .Case("f16", builder.getF16Type())
      .Default(Type());
}

/// The states' own type, and that they are rounded stochastically.
static LogicalResult bindStates(mixer::SpecOp spec, const CompileOptions &options) {
  auto fails = [&](const Twine &text) -> LogicalResult { return emitOptionError(spec.getContext(), text), failure(); };
  Builder builder(spec.getContext());
  if (Type type = typeOf(options.stateDtype, builder)) {
    if (!hasStatesOfRecurrences(spec))
      return fails("state-dtype: expected a spec with the state of a recurrence among its arguments or results, got '" + spec.getSymName() +
                   "', which has none");
    if (Type before = spec.getStates().value_or(Type()); before && before != type) {
      std::string text;
      llvm::raw_string_ostream(text) << "state-dtype: expected " << before << " as the spec binds it, got " << type;
      return fails(text);
    }
    spec.setStates(type);
  }
  if (options.stochasticRounding)
    spec.setStochasticRounding(true);
  if (options.stochasticRounding && !hasStochasticStates(spec))
    return fails("stochastic-rounding: expected a spec that returns a state of 16 bits, got '" + spec.getSymName() +
                 "', which has none; --state-dtype=bf16 makes states of recurrences so");
  return success();
}

static bool declaresBound(mixer::SpecOp spec) {
  return llvm::any_of(spec.getBodyRegion().getOps<mixer::SemiseparableOp>(),
                      [](mixer::SemiseparableOp op) { return op.getDecayBound().has_value(); });
}

FailureOr<OwningOpRef<ModuleOp>> mixc::bindSpec(mixer::SpecOp spec, const CompileOptions &options) {
  mixer::warnOfUnusedArguments(spec);
  OwningOpRef<ModuleOp> module = ModuleOp::create(spec.getLoc());
  mixer::SpecOp copy = spec.clone();
  if (!options.name.empty())
    copy.setSymName(options.name);
  module->push_back(copy);
  if (options.checkBounds)
    copy.setCheckBounds(true);
  if (options.keepStates)
    copy.setKeepStates(true);
  copyPrograms(spec, copy);
  Builder builder(spec.getContext());
  if (llvm::Error error = bindShape(copy, options.shape, typeOf(options.dtype, builder))) {
    emitOptionError(spec.getContext(), llvm::toString(std::move(error)));
    return failure();
  }
  if (failed(bindStates(copy, options)))
    return failure();
  if (options.keepStates && !hasFinalStates(copy)) {
    emitOptionError(spec.getContext(),
                    "keep-states: expected a spec that returns a state, got '" + copy.getSymName() + "', which has nothing to keep");
    return failure();
  }
  if (options.checkBounds && !declaresBound(copy)) {
    emitOptionError(spec.getContext(),
                    "check-bounds: expected a spec that declares a bound, as in decay = %g >= -5, got '" + copy.getSymName() + "'");
    return failure();
  }
  if (failed(verify(*module))) // against the sizes, before ops are written out
    return failure();
  PassManager pm(spec.getContext());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  if (failed(pm.run(*module)))
    return failure();
  return module;
}

std::pair<int64_t, int64_t> mixc::invariantSizes(const CompileOptions &options) {
  constexpr int64_t kBatch = 8, kLength = 2048;
  auto sizeOf = [&](const char *dim, int64_t other) {
    auto found = options.shape.find(dim);
    return found == options.shape.end() ? other : std::max<int64_t>(found->second, 1);
  };
  return {sizeOf("B", kBatch), sizeOf("T", kLength)};
}

SelectOptions mixc::selectOptions(const CompileOptions &options) {
  SelectOptions select;
  auto sizeOf = [&](const char *dim) {
    auto found = options.shape.find(dim);
    return found == options.shape.end() ? 0 : found->second;
  };
  select.algorithm = mixer::symbolizeAlgorithm(options.algorithm);
  select.all = options.allAlgorithms && !select.algorithm;
  select.chunk = options.chunk;
  select.variants = options.variants;
  select.precision = mixer::symbolizePrecision(options.precision);
  select.batch = sizeOf("B");
  select.length = sizeOf("T");
  if (options.batchInvariant) { // calls choose by their T; that of the shape is the one of packed sequences
    select.batch = invariantSizes(options).first;
    select.length = 0;
  }
  return select;
}

SelectOptions mixc::selectOptions(const CompileOptions &options, const Target &target) {
  SelectOptions select = selectOptions(options);
  // A choice that GPUs alone have.
  if (!target.isGpu())
    select.precision.reset();
  return select;
}

LogicalResult mixc::checkTensors(mixer::SpecOp spec, bool onGpu) {
  for (unsigned i = 0; onGpu && i < spec.getNumArgs(); ++i)
    if (spec.getArgType(i).getDims().empty())
      return spec.emitError("expected arguments with dimensions for a GPU, got '%")
             << spec.getArgName(i) << ": []'; give it one, as in [H], or leave GPUs out of --target";
  return success();
}

LogicalResult mixc::checkSelectOptions(mixer::SpecOp spec, const SelectOptions &options, bool onGpu) {
  FailureOr<SpecFacts> facts = collectFacts(spec);
  if (failed(facts))
    return failure();
  std::string problem = problemOfGiven(spec, options);
  if (problem.empty())
    problem = problemOf(options, *facts, onGpu);
  if (!problem.empty())
    emitOptionError(spec.getContext(), problem);
  return success(problem.empty());
}
