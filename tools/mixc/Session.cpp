// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Session.h"
#include "Arrays.h"
#include "RandomInputs.h"
#include "mixc/passes/Frontend.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace mixc;

void mixc::addSessionFlags(FlagTable &flags, SessionOptions &options) {
  flags.addText("--in", "FILE.npz", "arguments, by name; their shapes give the sizes", options.input);
  flags.addInteger("--seed", "of random arguments, without --in (default 1)", 0, options.seed);
  flags.addText("--device", "cpu|cuda[:N]", "where to run (default cpu)", options.device);
  addCommonFlags(flags, options.compile);
}

std::string mixc::sizesText(const std::map<std::string, int64_t> &sizes) {
  std::vector<std::string> parts;
  for (char dim : mixer::kDims)
    if (auto found = sizes.find(std::string(1, dim)); found != sizes.end())
      parts.push_back(found->first + "=" + std::to_string(found->second));
  return join(parts, ",");
}

/// Arrays that the spec has no argument or result for.
static void noteUnused(mixer::SpecOp spec, const HostTensors &tensors, StringRef path) {
  std::vector<std::string> unused;
  for (auto &[name, tensor] : tensors) {
    bool used = false;
    for (unsigned i = 0; i < spec.getNumArgs(); ++i)
      used |= spec.getArgName(i) == name;
    for (unsigned i = 0; i < spec.getNumOutputs(); ++i)
      used |= spec.getResultName(i) == name;
    if (!used)
      unused.push_back(name);
  }
  if (!unused.empty())
    errs() << "mixc " << commandName << ": note: " << path << ": arrays that the spec does not have: " << join(unused, ", ") << "\n";
}

/// A size for every dimension of the arguments; a missing G is 1.
static Error completeSizes(mixer::SpecOp spec, std::map<std::string, int64_t> &sizes) {
  std::string missing;
  for (char letter : mixer::kDims) {
    std::string dim(1, letter);
    bool needed = dim == "B" || dim == "T";
    for (unsigned i = 0; i < spec.getNumArgs(); ++i)
      needed |= spec.getArgType(i).hasDim(dim);
    for (unsigned i = 0; i < spec.getNumOutputs(); ++i)
      needed |= spec.getResultType(i).hasDim(dim);
    if (!needed || sizes.count(dim))
      continue;
    if (dim == "G")
      sizes[dim] = 1;
    else
      missing += (missing.empty() ? "" : ", ") + dim;
  }
  if (missing.empty())
    return Error::success();
  return createStringError("expected a size for " + missing + ", as in --shape=B=1,T=4096,.. or from arrays with --in");
}

ExitCode Session::gather(const SessionOptions &options) {
  mlir::FailureOr<mixer::SpecOp> found = findSpec(file->module(), options.compile.spec);
  if (failed(found))
    return kBadInput;
  parsed = *found;
  shape = options.compile.shape;
  if (options.input.empty()) {
    if (Error error = completeSizes(parsed, shape))
      return fail(kBadInput, std::move(error)), kBadInput;
    tensors = randomInputs(parsed, shape, options.seed);
    return kOk;
  }
  Expected<HostTensors> arrays = readArrays(options.input);
  if (!arrays)
    return fail(kBadInput, arrays.takeError()), kBadInput;
  tensors = std::move(*arrays);
  if (Error error = inferSizes(parsed, tensors, shape))
    return fail(kBadInput, Twine(options.input) + ": " + toString(std::move(error))), kBadInput;
  if (Error error = completeSizes(parsed, shape))
    return fail(kBadInput, std::move(error)), kBadInput;
  noteUnused(parsed, tensors, options.input);
  return kOk;
}

ExitCode Session::build(CompileOptions options) {
  options.shape = shape;
  options.hostOnly = true;
  if (options.targets.empty())
    options.targets = {where->target};
  CompileResult result = compile(file->module(), options);
  if (!result.artefacts)
    return exitCode(result.error);
  artefacts = std::move(*result.artefacts);
  Expected<std::unique_ptr<LoadedSpec>> linked = LoadedSpec::load(artefacts.object, artefacts.info.name);
  if (!linked)
    return fail(kFailed, linked.takeError()), kFailed;
  loaded = std::move(*linked);
  if (mixc_status status = mixc_spec_load(loaded->descriptor(), where->id()); status.code != MIXC_OK) {
    bool isElsewhere = status.code == MIXC_NO_DEVICE || status.code == MIXC_UNSUPPORTED;
    ExitCode code = isElsewhere ? kNoDevice : kFailed;
    return fail(code, status.message), code;
  }
  Expected<std::unique_ptr<Execution>> ready = Execution::create(loaded->descriptor(), *where, tensors, shape);
  if (!ready)
    return fail(kFailed, ready.takeError()), kFailed;
  running = std::move(*ready);
  return kOk;
}

std::unique_ptr<Session> Session::open(StringRef path, SessionOptions options, ExitCode &code) {
  auto session = std::make_unique<Session>();
  code = kBadInput;
  session->file = SpecFile::open(path);
  if (!session->file)
    return nullptr;
  code = session->gather(options);
  if (code != kOk)
    return nullptr;
  Expected<std::unique_ptr<Device>> device = openDevice(options.device);
  if (!device) {
    bool isKnown = StringRef(options.device).starts_with("cuda");
    code = isKnown ? kNoDevice : kBadInput;
    fail(code, device.takeError());
    return nullptr;
  }
  session->where = std::move(*device);
  code = session->build(std::move(options.compile));
  return code == kOk ? std::move(session) : nullptr;
}
