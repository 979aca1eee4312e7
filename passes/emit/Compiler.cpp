// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/passes/Compiler.h"
#include "Backend.h"
#include "Bundle.h"
#include "CpuCode.h"
#include "CpuJob.h"
#include "GivenTiles.h"
#include "GpuJob.h"
#include "Object.h"
#include "Tiles.h"
#include "Variants.h"
#include "mixc/passes/Forms.h"
#include "mixc/passes/Frontend.h"
#include "mixc/passes/Register.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"

using namespace mlir;
using namespace mixc;

unsigned SpecInfo::numArgs() const {
  return llvm::count_if(tensors, [](const TensorInfo &tensor) { return !tensor.isResult; });
}

void mixc::registerCompilerDialects(DialectRegistry &registry) {
  registerAllDialects(registry);
  registerAllToLLVMIRTranslations(registry);
}

namespace {
/// Compiles one spec, to a level's text or as far as its code for an object.
class Compilation {
public:
  Compilation(ModuleOp module, const CompileOptions &options) : source(module), options(options) {}
  LogicalResult compileAll();
  /// At EmitLevel::Object.
  SpecCode takeCode();
  /// At the other levels.
  Artefacts takeText() { return {{std::move(info)}, "", "", "", std::move(text)}; }
  CompileError error = CompileError::Failed; ///< if it failed

private:
  LogicalResult resolveTools();
  LogicalResult bind();
  LogicalResult startGpu();
  LogicalResult finishGpu();
  void warnOfMissing(ArrayRef<VariantInfo> variants);
  LogicalResult emitNotices(ArrayRef<std::string> notices);
  void startCpu();
  LogicalResult finishCpu();
  void printLlvm();

  /// Ends the compilation at a level, with its text.
  LogicalResult stopWith(llvm::Expected<std::string> text);

  LogicalResult fail(CompileError reason) {
    error = reason;
    return failure();
  }
  LogicalResult fail(llvm::Error reason, CompileError kind = CompileError::Failed) {
    (spec ? spec.emitError() : source.emitError()) << llvm::toString(std::move(reason));
    return fail(kind);
  }

  LogicalResult fail(const Job &job) {
    job.emitDiagnostics();
    return fail(job.error);
  }

  LogicalResult failOption(const Twine &text) {
    emitOptionError(source.getContext(), text);
    return fail(CompileError::BadInput);
  }

  ModuleOp source;
  const CompileOptions &options;
  Goals goals;
  std::string ptxas;           ///< empty: there is none
  OwningOpRef<ModuleOp> bound; ///< holds a copy of the spec only, with its sizes
  mixer::SpecOp spec;          ///< in `bound`, once that exists
  SpecInfo info;
  std::string text; ///< at all levels but EmitLevel::Object
  bool stopped = false;
  std::atomic<bool> cpuFailed{false}, gpuFailed{false};
  std::vector<std::unique_ptr<CpuJob>> cpu;
  std::vector<std::unique_ptr<GpuJob>> gpu;
  llvm::DefaultThreadPool pool; ///< that the jobs run in: ends before they do
};
} // namespace

LogicalResult Compilation::stopWith(llvm::Expected<std::string> text) {
  if (!text)
    return fail(text.takeError());
  this->text = std::move(*text);
  stopped = true;
  return success();
}

/// Architectures that are compiled for, of which none of the plans is.
void Compilation::warnOfMissing(ArrayRef<VariantInfo> variants) {
  const bool given = spec.getPlansAttr() || hasPrograms(*bound);
  for (const GpuArch &arch : goals.cubins) {
    if (llvm::any_of(variants, [&](const VariantInfo &variant) { return arch.runs(variant); }))
      continue;
    InFlightDiagnostic warning = spec.emitWarning();
    if (given)
      warning << "none of the plans runs on " << arch.name() << "; add one of family = portable, or leave " << arch.name()
              << " out of --target";
    else
      warning << "no plan fits the shared memory of " << arch.name() << "; compile for it alone with --target=" << arch.name();
  }
}

/// Selects plans, and queues their compilation.
LogicalResult Compilation::startGpu() {
  options.report("GPU", "plans");
  FailureOr<Tiles> tiles = makeTiles(spec, *goals.gpu, goals.gpuName, goals, options);
  options.report("GPU", "");
  if (failed(tiles))
    return fail(CompileError::BadInput);
  if (options.emit == EmitLevel::Mixer || options.emit == EmitLevel::Tile)
    return stopWith(printLevel(*tiles->module));
  info.cudaMachine = describeMachine(*goals.gpu);
  auto add = [&](ModuleOp programs, std::vector<VariantInfo> variants) {
    gpu.push_back(std::make_unique<GpuJob>(programs, std::move(variants), info.tensors, goals, options, ptxas));
    gpu.back()->start(pool, gpuFailed);
  };
  if (options.emit != EmitLevel::Object) {
    add(*tiles->module, std::move(tiles->variants));
    return success();
  }
  SmallVector<tile::ProgramOp> programs(tiles->module->getOps<tile::ProgramOp>());
  for (auto [program, variant] : llvm::zip_equal(programs, tiles->variants)) {
    OwningOpRef<ModuleOp> alone = ModuleOp::create(tiles->module->getLoc());
    program->moveBefore(alone->getBody(), alone->getBody()->end());
    add(*alone, {std::move(variant)});
  }
  return success();
}

/// Waits for all. The first one that failed, or null.
template <typename Jobs> static Job *finishAll(const Jobs &jobs) {
  Job *failed = nullptr;
  for (auto &job : jobs)
    if (mlir::failed(job->finish()) && job->hasBegun() && !failed)
      failed = job.get();
  return failed;
}

LogicalResult Compilation::finishGpu() {
  if (Job *failed = finishAll(gpu))
    return fail(*failed);
  std::vector<std::string> notices;
  for (auto &job : gpu) {
    job->emitDiagnostics();
    llvm::append_range(notices, job->images.notices);
    for (ImageInfo &image : job->images.images) {
      image.variant = info.variants.size();
      info.images.push_back(std::move(image));
    }
    llvm::append_range(info.variants, job->variants);
  }
  if (failed(emitNotices(notices)))
    return failure();
  if (options.emit != EmitLevel::GpuTile)
    warnOfMissing(info.variants);
  return options.emit == EmitLevel::Object ? success() : stopWith(std::move(gpu.front()->text));
}

LogicalResult Compilation::emitNotices(ArrayRef<std::string> notices) {
  for (const std::string &notice : notices)
    (options.fatalPtxasNotices ? spec.emitError() : spec.emitWarning()) << "ptxas: " << notice;
  return failure(options.fatalPtxasNotices && !notices.empty());
}

/// One job for all levels where they are to be looked at together, else one for each.
void Compilation::startCpu() {
  auto add = [&](std::vector<mixc_cpu_level> levels) {
    cpu.push_back(std::make_unique<CpuJob>(spec, goals, options, std::move(levels)));
    cpu.back()->start(pool, cpuFailed);
  };
  std::vector<mixc_cpu_level> levels = cpuLevels(options.hostOnly);
  if (options.emit != EmitLevel::Object)
    return add(std::move(levels));
  for (mixc_cpu_level level : levels)
    add({level});
}

LogicalResult Compilation::finishCpu() {
  if (Job *failed = finishAll(cpu))
    return fail(*failed);
  CpuJob &first = *cpu.front();
  first.emitDiagnostics(); // the levels say the same of a spec
  if (options.emit == EmitLevel::Mixer || options.emit == EmitLevel::Tile)
    return stopWith(std::move(first.text));
  for (auto &job : llvm::drop_begin(cpu))
    for (auto [variant, other] : llvm::zip_equal(first.variants, job->variants))
      for (auto [launch, otherLaunch] : llvm::zip_equal(variant.launches, other.launches))
        launch.scratchBytes = std::max(launch.scratchBytes, otherLaunch.scratchBytes);
  llvm::append_range(info.variants, first.variants);
  info.cpuMachine = describeMachine(*goals.cpu);
  return success();
}

/// The CPU's kernels with the interface: what the object is made of.
void Compilation::printLlvm() {
  std::unique_ptr<llvm::Module> module = std::move(cpu.front()->module);
  addInterface(*module, info);
  text = printModule(*module);
}

SpecCode Compilation::takeCode() {
  SpecCode code{std::move(info), {}, spec.getLoc()};
  for (auto &job : cpu)
    code.assemblies.push_back(std::move(job->assembly));
  return code;
}

/// The machines to compile for, and ptxas, before any work.
LogicalResult Compilation::resolveTools() {
  llvm::Expected<Goals> resolved = resolveGoals(options);
  if (!resolved)
    return failOption("target: " + llvm::toString(resolved.takeError()));
  goals = std::move(*resolved);
  if (!goals.gpu && llvm::is_contained({EmitLevel::GpuTile, EmitLevel::Ptx, EmitLevel::Cubin}, options.emit))
    return failOption("target: expected a GPU for this level, as in --target=sm_80");
  if (!goals.gpu)
    return success();
  llvm::Expected<std::string> found = findPtxas(options.ptxas);
  if (!found)
    return failOption("ptxas: " + llvm::toString(found.takeError()));
  ptxas = std::move(*found);
  if (ptxas.empty() && options.emit == EmitLevel::Cubin)
    return failOption("ptxas: expected ptxas for a cubin, got none; name it as in --ptxas=/usr/local/cuda/bin/ptxas");
  return success();
}

/// The spec with its sizes, and what is known of it before anything is compiled.
LogicalResult Compilation::bind() {
  mixer::SpecOp declared = spec;
  FailureOr<OwningOpRef<ModuleOp>> copied = bindSpec(spec, options);
  if (failed(copied))
    return fail(CompileError::BadInput);
  bound = std::move(*copied);
  spec = *bound->getOps<mixer::SpecOp>().begin();
  if (!hasPrograms(*bound) && failed(checkForms(spec, selectOptions(options).algorithm)))
    return fail(CompileError::NoAlgorithm);
  if (failed(checkTensors(spec, goals.gpu.has_value())) || failed(checkSelectOptions(spec, selectOptions(options), goals.gpu.has_value())))
    return fail(CompileError::BadInput);
  FailureOr<SpecInfo> described = describeSpec(spec, declared);
  if (failed(described))
    return fail(CompileError::BadInput);
  info = std::move(*described);
  info.spec = declared.getSymName().str();
  info.hint = options.shape;
  if (spec.getBands()) {
    info.hint.band = info.sizes.band;
    info.hint["H"] = info.sizes.band * static_cast<int64_t>(*spec.getBands());
  }
  if (options.batchInvariant)
    std::tie(info.invariantBatch, info.invariantLength) = invariantSizes(options);
  info.comment = options.comments.spec;
  if (hasPrograms(*bound)) // which may read a state when they have written others
    for (TensorInfo &tensor : info.tensors) {
      tensor.inPlaceOf = -1;
      tensor.copied = false;
    }
  for (TensorInfo &tensor : info.tensors)
    if (auto comment = options.comments.tensors.find(tensor.name); comment != options.comments.tensors.end())
      tensor.comment = comment->second;
  return success();
}

LogicalResult Compilation::compileAll() {
  FailureOr<mixer::SpecOp> found = findSpec(source, options.spec);
  if (failed(found))
    return fail(CompileError::BadInput);
  spec = *found;
  if (failed(resolveTools()) || failed(bind()))
    return failure();
  if (goals.gpu && ptxas.empty() && options.emit == EmitLevel::Object)
    emitRemark(UnknownLoc::get(spec.getContext()),
               "without ptxas the GPU code is kept as PTX, which the driver compiles when it is loaded");
  // A level to look at is of one device, the GPU if there is one.
  if (goals.cpu && (options.emit == EmitLevel::Object || !goals.gpu))
    startCpu();
  if (goals.gpu && failed(startGpu()))
    return failure();
  if (!gpu.empty() && failed(finishGpu()))
    return failure();
  if (!cpu.empty() && !stopped && failed(finishCpu()))
    return failure();
  if (!stopped && options.emit == EmitLevel::Llvm)
    printLlvm();
  return success();
}

CompileResult mixc::compileTogether(ArrayRef<CompileInput> inputs) {
  std::vector<SpecCode> codes;
  for (const CompileInput &input : inputs) {
    Compilation compilation(input.module, input.options);
    if (failed(compilation.compileAll())) {
      if (inputs.size() > 1) // errors of options have no place that would tell
        emitRemark(UnknownLoc::get(ModuleOp(input.module).getContext()), "the error is one of the spec '" + input.options.name + "'");
      return {std::nullopt, compilation.error};
    }
    codes.push_back(compilation.takeCode());
  }
  return bundle(std::move(codes), inputs.front().options);
}

CompileResult mixc::compile(ModuleOp module, const CompileOptions &options) {
  if (options.emit == EmitLevel::Object)
    return compileTogether(CompileInput{module, options});
  Compilation compilation(module, options);
  if (failed(compilation.compileAll()))
    return {std::nullopt, compilation.error};
  return {compilation.takeText(), CompileError::Failed};
}
