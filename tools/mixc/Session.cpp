// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Session.h"
#include "Arrays.h"
#include "Memory.h"
#include "RandomInputs.h"
#include "mixc/passes/Frontend.h"
#include "mixc/passes/Shape.h"
#include "mixc/passes/Target.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include <set>

using namespace llvm;
using namespace mixc;

void mixc::addSessionFlags(FlagTable &flags, SessionOptions &options) {
  flags.addText("--in", "FILE.npz",
                "arguments, by name; their shapes give the sizes. Arrays are of f32, f64, f16, i32 or i64 (numpy's f4,\n"
                "f8, f2, i4, i8), or hold the bits of bf16 as V2 or u2 (uint16); each is rounded to the argument's type",
                options.input);
  flags.addSwitch("--in-place", "final states take the place of the initial ones, where they may", options.inPlace);
  addLengthsFlag(flags, options.lengths);
  flags.addInteger("--pool", "states lie in a pool of so many, at drawn places", 1, INT32_MAX, options.pool);
  flags.addInteger("--keep", "states that sequences have inside the call, after every so many tokens, are kept in the pool as well", 1,
                   INT32_MAX, options.keptEvery);
  flags.addInteger("--seed", "of random arguments, without --in, and of --stochastic-rounding (default 1)", 0, INT64_MAX, options.seed);
  flags.add({"--device", "cpu|cuda[:N]", "where to run (default cpu)", [&](StringRef text) -> Error {
               Expected<mixc_device> device = parseDevice(text);
               if (!device)
                 return device.takeError();
               options.device = *device;
               return Error::success();
             }});
  addCommonFlags(flags, options.compile, {"the machine that it runs on", "B (batch) and T (length) are those of the call"});
}

Error mixc::checkSessionFlags(const FlagTable &flags) {
  for (const char *flag : {"--lengths", "--pool", "--keep"})
    if (flags.has(flag) && flags.has("--in"))
      return createStringError("%s: expected random arguments, without --in, got both", flag);
  if (flags.has("--seed") && flags.has("--in") && !flags.has("--stochastic-rounding"))
    return createStringError("--seed: expected --seed without --in, whose arrays are the arguments, got both");
  return Error::success();
}

std::string mixc::sizesText(const std::map<std::string, int64_t> &sizes) {
  std::vector<std::string> parts;
  for (char dim : mixer::kDims)
    if (auto found = sizes.find(std::string(1, dim)); found != sizes.end())
      parts.push_back(found->first + "=" + std::to_string(found->second));
  return join(parts, ",");
}

/// The arrays that bind to the spec's arguments and results.
static npz::Selection selectArrays(mixer::SpecOp spec) {
  std::set<std::string> names;
  for (unsigned i = 0; i < spec.getNumArgs(); ++i)
    names.insert(spec.getArgName(i).str());
  for (unsigned i = 0; i < spec.getNumOutputs(); ++i)
    names.insert(spec.getResultName(i).str());
  return {[names](const std::string &name) { return names.count(name) > 0; }, {}, {}};
}

/// What of the file was left alone.
static void noteUnused(const npz::Selection &selection, StringRef path) {
  auto list = [&](StringRef what, const std::vector<std::string> &names) {
    if (!names.empty())
      mixc::note(path + ": " + what + ": " + join(names, ", "));
  };
  list("arrays that the spec does not have", selection.others);
  list("members that are no arrays", selection.noArrays);
}

/// Sizes follow from lengths; the pool has room for every sequence.
Error Session::tellSequences(const SessionOptions &options) {
  told.lengths = options.lengths;
  if (!told.lengths.empty()) {
    for (StringRef dim : {"B", "T"})
      if (shape.count(dim.str()))
        return createStringError("--shape: expected no " + dim + " beside --lengths, which gives it, got one");
    shape["B"] = static_cast<int64_t>(told.lengths.size());
    shape["T"] = told.tokens();
  }
  return Error::success();
}

ExitCode Session::gather(const SessionOptions &options) {
  mlir::FailureOr<mixer::SpecOp> found = findSpec(file->module(), options.compile.spec);
  if (failed(found))
    return kBadInput;
  parsed = *found;
  stateDtype = options.compile.stateDtype;
  shape = options.compile.shape;
  if (Error error = tellSequences(options))
    return fail(kBadInput, std::move(error));
  sizesFlag = options.input.empty() ? "--shape" : "--in";
  npz::Selection selection = selectArrays(parsed);
  if (!options.input.empty()) {
    Expected<HostTensors> arrays = readArrays(options.input, &selection);
    if (!arrays)
      return fail(kBadInput, "--in: " + toString(arrays.takeError()));
    tensors = std::move(*arrays);
    if (Error error = inferSizes(parsed, tensors, shape))
      return fail(kBadInput, "--in: " + options.input + ": " + toString(std::move(error)));
  }
  Expected<Shape> complete = completeShape(parsed, shape, "BT");
  if (!complete)
    return fail(kBadInput, sizesFlag + StringRef(toString(complete.takeError())).drop_front(strlen("shape")));
  warnOfUnusedSizes(parsed, shape);
  shape = std::move(*complete);
  if (!options.input.empty())
    noteUnused(selection, options.input);
  if (options.pool > 0) {
    if (options.pool < shape.at("B"))
      return fail(kBadInput, formatv("--pool: expected at least B = {0} states, got {1}", shape.at("B"), options.pool));
    told.pool = options.pool;
  }
  if (options.compile.stochasticRounding)
    told.seed = options.seed;
  if (options.keptEvery > 0) {
    const int64_t longest = told.lengths.empty() ? shape.at("T") : told.longest();
    told.keptEvery = options.keptEvery;
    told.keptCount = std::max<int64_t>(1, longest / told.keptEvery);
    const int64_t needed = shape.at("B") * (1 + told.keptCount);
    if (options.pool > 0 && options.pool < needed)
      return fail(kBadInput,
                  formatv("--pool: expected at least {0} states, {1} of each sequence for --keep and the one that it leaves, got {2}",
                          needed, told.keptCount, options.pool));
    told.pool = std::max(told.pool, needed);
  }
  return kOk;
}

std::string Session::typesText() const {
  return info().dtype + (stateDtype.empty() ? "" : ", states " + stateDtype) + (told.seed ? " rounded by a seed" : "");
}

Error Session::checkMemory(const SessionOptions &options) {
  MemoryNeed need = memoryNeed(parsed, shape, told, options.compile, options.checked);
  std::string what = sizesFlag + ": tensors of " + sizesText(shape) + (told.pool ? ", and a pool of " + std::to_string(told.pool) : "");
  if (options.device.kind == MIXC_DEVICE_CPU)
    return checkFits(what, SaturatingAdd(need.host, need.device), availableMemory(), "memory");
  Expected<uint64_t> available = where->availableBytes();
  if (!available)
    return available.takeError();
  if (Error error = checkFits(what, need.host, availableMemory(), "the host's memory"))
    return error;
  return checkFits(what, need.device, *available, "the GPU's memory");
}

Expected<mixc_plan> Session::plan(int32_t variant, int64_t splits) {
  Expected<mixc_plan> plan = running->plan(variant, splits);
  if (!plan || plan->workspace_bytes <= running->reservedBytes())
    return plan;
  Expected<uint64_t> available = where->availableBytes();
  if (!available)
    return available.takeError();
  std::string what = sizesFlag + ": workspace of " + descriptor()->variants[plan->variant].name + " for " + sizesText(shape);
  if (Error error = checkFits(what, plan->workspace_bytes, *available, where->id().kind == MIXC_DEVICE_CPU ? "memory" : "the GPU's memory"))
    return error;
  return plan;
}

/// An error if no target is of the device's kind; what is not a target is left to the compiler.
static Error checkTargets(ArrayRef<std::string> names, int32_t kind) {
  bool wrong = !names.empty();
  for (const std::string &name : names) {
    Expected<Target> target = loadTarget(name);
    wrong &= target && target->machine.kind != kind;
    if (!target)
      consumeError(target.takeError());
  }
  if (!wrong)
    return Error::success();
  return createStringError(formatv("--target: expected {0} for --device={1}, got {2}", kind == MIXC_DEVICE_CPU ? "x86-64" : "a GPU",
                                   kind == MIXC_DEVICE_CPU ? "cpu" : "cuda", join(names, ","))
                               .str());
}

ExitCode Session::build(const SessionOptions &options) {
  CompileOptions compiled = options.compile;
  compiled.shape = shape;
  compiled.hostOnly = true;
  if (options.keptEvery > 0) { // with variants to choose from: the best one for B and T may not keep states so often
    compiled.keepStates = true;
    compiled.shape.erase("B");
    compiled.shape.erase("T");
  }
  if (compiled.targets.empty())
    compiled.targets = {where->target};
  CompileResult result = compile(file->module(), compiled);
  if (!result.artefacts)
    return exitCode(result.error);
  artefacts = std::move(*result.artefacts);
  return kOk;
}

ExitCode Session::load(const SessionOptions &options) {
  Expected<std::unique_ptr<LoadedSpec>> linked = LoadedSpec::load(artefacts.object, artefacts.info().name);
  if (!linked)
    return fail(kFailed, linked.takeError());
  loaded = std::move(*linked);
  if (Error error = toError(mixc_spec_load(loaded->descriptor(), where->id())))
    return fail(std::move(error));
  if (told.pool > 0)
    told.drawSlots(shape.at("B"), options.seed);
  if (options.input.empty())
    tensors = randomInputs(parsed, shape, options.seed, told);
  Expected<std::unique_ptr<Execution>> ready = Execution::create(loaded->descriptor(), *where, tensors, shape, options.inPlace, told);
  if (!ready)
    return fail(ready.takeError());
  running = std::move(*ready);
  return kOk;
}

std::unique_ptr<Session> Session::open(StringRef path, const SessionOptions &options, ExitCode &code) {
  auto session = std::make_unique<Session>();
  code = kBadInput;
  session->file = SpecFile::open(path);
  if (!session->file)
    return nullptr;
  if ((code = session->gather(options)) != kOk)
    return nullptr;
  if (Error error = checkTargets(options.compile.targets, options.device.kind)) {
    code = fail(kBadInput, std::move(error));
    return nullptr;
  }
  Expected<std::unique_ptr<Device>> device = openDevice(options.device);
  if (!device) {
    code = fail(kNoDevice, device.takeError());
    return nullptr;
  }
  session->where = std::move(*device);
  if (Error error = session->checkMemory(options)) {
    code = fail(std::move(error));
    return nullptr;
  }
  if ((code = session->build(options)) == kOk)
    code = session->load(options);
  return code == kOk ? std::move(session) : nullptr;
}

void mixc::noteSplits(Session &session, int64_t asked, const mixc_plan &plan) {
  if (asked == 0 || asked == plan.splits)
    return;
  const mixc_variant_desc &variant = session.descriptor()->variants[plan.variant];
  std::string why = variant.max_splits == 1 ? formatv("{0} takes T in one piece", variant.name).str()
                                            : formatv("{0} cuts T = {1} into equal segments of whole chunks of {2}", variant.name,
                                                      session.sizes().at("T"), variant.chunk)
                                                  .str();
  note(formatv("--segments: expected {0}, got {1}: {2}", asked, plan.splits, why));
}
