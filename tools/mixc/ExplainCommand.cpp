// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Commands.h"
#include "Report.h"
#include "Sequences.h"
#include "Session.h"
#include "mixc/passes/Forms.h"
#include "mixc/passes/Frontend.h"
#include "mixc/passes/OutputFile.h"
#include "mixc/passes/Shape.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace mixc;

static constexpr StringRef kUsage =
    R"(usage: mixc explain SPEC --shape=B=..,T=..,H=..,.. [flags]

Prints which plan the cost model takes on a machine for a call: how far it is ahead of the other algorithms, its share of the
floor, and the terms of its time. The floor is the time to move every tensor once, or to do the least work that any plan
has, whichever is longer. --all prints every candidate, the one that is taken with a star. Of a spec that has plans, those alone.

  plan     algorithm, tokens at a time (of a chunk, of a block of rows, of a step of the scan's loop), what else tells plans apart
  heads    heads that a block of the kernel computes
  segments runs of tokens that T is cut into, which are computed in parallel
  GFLOP    arithmetic of the call, in 10^9 operations     MB      bytes to and from memory, in 10^6, without optional tensors
  memory   time to move these bytes                       matrix  time of matrix products
  shared   time to load the products' operands from shared memory (GPU) or the first-level cache (CPU)
  special  time of exponentials and the like              scalar  time of all other arithmetic
  work     what matrix, shared, special and scalar take together: their sum, as one step needs what the one before computed
  wave     what is added because the last blocks do not fill the machine, and because steps wait for each other
  launch   time to launch the kernels

  total = launch + max(memory, work) + wave

`mostly` names the largest of launch, memory or work, and wave; of work, the largest of matrix + shared, special and scalar.
)";

static constexpr StringRef kNotes = R"(examples
  mixc explain mamba2 --shape=B=1,T=4096,H=24,P=64,N=128,G=1 --target=x86-64
  mixc explain mamba2 --shape=B=8,T=4096,H=80,P=64,N=128,G=1 --dtype=bf16 --target=h100 --all
  mixc explain mamba2 --shape=B=1,T=4096,H=24,P=64,N=128,G=1 --target=x86-64 --report=mamba2.html --measure
  mixc explain mamba2 --lengths=5,1,300 --shape=H=80,P=64,N=128,G=1 --dtype=bf16 --target=h100
)";

static Expected<std::vector<Target>> loadTargets(ArrayRef<std::string> names) {
  std::vector<Target> targets;
  for (const std::string &name : names) {
    Expected<Target> target = loadTarget(name);
    if (!target)
      return createStringError("--target: " + toString(target.takeError()));
    targets.push_back(std::move(*target));
  }
  return targets;
}

namespace {
struct ExplainOptions {
  CompileOptions compile;
  std::vector<int64_t> lengths; ///< of packed sequences
  bool json = false, all = false, measure = false;
  bool usualTargets = false; ///< none were asked for
  std::string report;        ///< path of a page; empty: none
};
} // namespace

/// The sizes of the call that the model counts: as a call with packed sequences does, so many of the longest one.
static Error countPacked(ArrayRef<int64_t> lengths, Shape &shape) {
  if (lengths.empty())
    return Error::success();
  for (StringRef dim : {"B", "T"})
    if (shape.count(dim.str()))
      return createStringError("--shape: expected no " + dim + " beside --lengths, which gives it, got one");
  const Sequences packed{lengths.vec()};
  if (packed.longest() == 0)
    return createStringError("--lengths: expected a sequence that has tokens, got none");
  shape["B"] = divideCeil(packed.tokens(), packed.longest());
  shape["T"] = packed.longest();
  return Error::success();
}

static std::string dtypeText(mixer::SpecOp spec) {
  std::string text;
  if (mlir::Type io = spec.getIoType())
    raw_string_ostream(text) << io;
  return text.empty() ? "f32" : text;
}

/// One for each target. An exit code where there are none, whose reason has been printed.
static ExitCode explainAll(SpecFile &file, ExplainOptions &options, std::vector<Explanation> &explanations) {
  CompileOptions &compile = options.compile;
  mlir::FailureOr<mixer::SpecOp> found = findSpec(file.module(), compile.spec);
  if (failed(found))
    return kBadInput;
  if (Error error = countPacked(options.lengths, compile.shape))
    return fail(kBadInput, std::move(error));
  Expected<Shape> complete = completeShape(*found, compile.shape, "BT");
  if (!complete)
    return fail(kBadInput, "--" + toString(complete.takeError()));
  for (StringRef dim : {"B", "T"})
    if (complete->at(dim.str()) == 0)
      return fail(kBadInput, "--shape: expected a call that has tokens, got " + dim + " = 0");
  warnOfUnusedSizes(*found, compile.shape);
  mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> bound = bindSpec(*found, compile);
  if (failed(bound))
    return kBadInput;
  mixer::SpecOp spec = *(*bound)->getOps<mixer::SpecOp>().begin();
  if (failed(checkForms(spec, selectOptions(compile).algorithm)))
    return kNoAlgorithm;
  Expected<std::vector<Target>> targets = loadTargets(compile.targets);
  if (!targets)
    return fail(kBadInput, targets.takeError());
  const bool onGpu = llvm::any_of(*targets, std::mem_fn(&Target::isGpu));
  if (failed(checkTensors(spec, onGpu)) || failed(checkSelectOptions(spec, selectOptions(compile), onGpu)))
    return kBadInput;
  for (const Target &target : *targets) {
    mlir::FailureOr<Explanation> made = explainSpec(spec, target, compile);
    if (failed(made))
      return kBadInput;
    made->sizes = *complete;
    made->dtype = dtypeText(spec);
    explanations.push_back(std::move(*made));
  }
  return kOk;
}

static void printText(ArrayRef<Explanation> explanations, const ExplainOptions &options) {
  const Explanation &first = explanations.front();
  outs() << first.spec << " " << sizesText(first.sizes) << ", " << first.dtype
         << (options.usualTargets ? "; on x86-64, as mixc run is without --device, and on an h100: --target chooses others" : "") << "\n";
  if (!options.lengths.empty()) {
    const Shape &shape = options.compile.shape;
    outs() << formatv("packed sequences, {0} of {1} tokens in all: priced as {2} of {3}, the longest one's\n", options.lengths.size(),
                      Sequences{options.lengths}.tokens(), shape.at("B"), shape.at("T"));
  }
  for (auto [i, explanation] : enumerate(explanations)) {
    outs() << (i ? "\n" : "");
    printExplanation(explanation, options.all, outs());
  }
}

static std::string jsonText(ArrayRef<Explanation> explanations) {
  json::Array all;
  for (const Explanation &explanation : explanations)
    all.push_back(explanationToJson(explanation));
  return formatv("{0:2}\n", json::Value(std::move(all)));
}

int mixc::explainCommand(Arguments args) {
  ExplainOptions options;
  CommandLine line{kUsage, kNotes};
  line.flags.addSwitch("--json", "print JSON, which has every candidate, instead of text", options.json);
  line.flags.addSwitch("--all", "print every candidate, too", options.all);
  line.flags.addText("--report", "FILE.html", "write a page, too: roofline, times over T, terms, every candidate", options.report);
  line.flags.addSwitch("--measure", "with --report: times of the call on this machine's devices, as bench measures them", options.measure);
  addLengthsFlag(line.flags, options.lengths);
  addCommonFlags(line.flags, options.compile,
                 {"x86-64,h100: the CPU, as of\nrun and bench without --device, and a GPU",
                  "B (batch) and T (length) are those of the call that is predicted"});
  if (std::optional<int> code = line.parse(args))
    return *code;
  if (options.measure && options.report.empty())
    return fail(kBadInput, "--measure: expected --report=FILE.html, which shows the times, got none");
  std::unique_ptr<SpecFile> file = SpecFile::open(line.spec);
  if (!file)
    return kBadInput;
  options.usualTargets = options.compile.targets.empty();
  if (options.usualTargets)
    options.compile.targets = {"x86-64", "h100"};
  std::vector<std::string> files;
  if (!options.report.empty())
    files.push_back(options.report);
  Expected<OutputFiles> output = OutputFiles::open(files);
  if (!output)
    return fail(kBadInput, "--report: " + toString(output.takeError()));
  const CompileOptions asked = options.compile; // without the sizes that lengths give
  std::vector<Explanation> explanations;
  if (ExitCode code = explainAll(*file, options, explanations))
    return code;
  if (options.json)
    outs() << jsonText(explanations);
  else
    printText(explanations, options);
  if (options.report.empty())
    return kOk;
  outs().flush(); // what is known, before it is measured
  std::vector<ReportPart> parts;
  for (auto [name, explanation] : zip_equal(asked.targets, explanations)) {
    parts.push_back({explanation, std::nullopt});
    CompileOptions measured = asked;
    measured.targets = {name};
    ExitCode code = kOk;
    if (options.measure)
      parts.back().measured = measureCall(line.spec, measured, explanation.target, options.lengths, code);
    if (code != kOk)
      return code;
  }
  Error error = output->write(0, reportPage(parts));
  if (!error)
    error = output->commit();
  return error ? fail(kFailed, std::move(error)) : kOk;
}
