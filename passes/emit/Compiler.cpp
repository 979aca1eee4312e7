// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/passes/Compiler.h"
#include "Backend.h"
#include "CpuCode.h"
#include "Goals.h"
#include "GpuCode.h"
#include "Header.h"
#include "Object.h"
#include "Variants.h"
#include "mixc/passes/Forms.h"
#include "mixc/passes/Frontend.h"
#include "mixc/passes/Pipelines.h"
#include "mixc/passes/Register.h"
#include "mixc/passes/Select.h"
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
/// One call of `compile`.
class Compilation {
public:
  Compilation(ModuleOp module, const CompileOptions &options) : source(module), options(options) {}
  CompileResult run();

private:
  LogicalResult compileAll();
  LogicalResult resolveTools();
  FailureOr<OwningOpRef<ModuleOp>> select(StringRef target);
  FailureOr<OwningOpRef<ModuleOp>> decompose(const Target &target, StringRef targetName,
                                             std::vector<VariantInfo> &variants);
  LogicalResult dropSpecific(ModuleOp module, const Target &target);
  LogicalResult compileCpu();
  LogicalResult compileGpu();
  LogicalResult startCubins(GpuPrograms programs);
  LogicalResult finishCubins();
  LogicalResult emitObject();

  /// Ends the compilation at a level, with its text.
  LogicalResult stopAt(Operation *module);
  LogicalResult stopWith(llvm::Expected<std::string> text);

  LogicalResult fail(CompileError reason) {
    error = reason;
    return failure();
  }
  LogicalResult fail(llvm::Error reason, CompileError kind = CompileError::Failed) {
    (spec ? spec.emitError() : source.emitError()) << llvm::toString(std::move(reason));
    return fail(kind);
  }

  LogicalResult failOption(const Twine &text) {
    emitOptionError(source.getContext(), text);
    return fail(CompileError::BadInput);
  }

  ModuleOp source;
  const CompileOptions &options;
  Goals goals;
  std::string ptxas; ///< empty: there is none
  OwningOpRef<ModuleOp> bound; ///< holds a copy of the spec only, with its sizes
  mixer::SpecOp spec;          ///< in `bound`, once that exists
  SpecInfo info;
  Artefacts artefacts;
  CompileError error = CompileError::Failed;
  llvm::LLVMContext llvmContext;
  std::unique_ptr<llvm::Module> object; ///< CPU kernels, then the rest of the object
  std::optional<CubinJobs> cubins;      ///< ptxas, at work while the CPU code is compiled
  bool stopped = false;
};
} // namespace

static std::string printOperation(Operation *op) {
  std::string text;
  llvm::raw_string_ostream os(text);
  op->print(os, OpPrintingFlags().useLocalScope());
  os << "\n";
  return text;
}

LogicalResult Compilation::stopAt(Operation *module) {
  artefacts.text = printOperation(module);
  stopped = true;
  return success();
}

LogicalResult Compilation::stopWith(llvm::Expected<std::string> text) {
  if (!text)
    return fail(text.takeError());
  artefacts.text = std::move(*text);
  stopped = true;
  return success();
}

FailureOr<OwningOpRef<ModuleOp>> Compilation::select(StringRef target) {
  OwningOpRef<ModuleOp> module = bound->clone();
  PassManager pm(module->getContext());
  SelectOptions wanted = selectOptions(options);
  MixerSelectOptions select;
  select.target = target.str();
  select.algorithm = wanted.all ? "all" : options.algorithm;
  select.batch = wanted.batch;
  select.length = wanted.length;
  select.chunk = wanted.chunk;
  pm.addNestedPass<mixer::SpecOp>(createMixerSelect(select));
  if (failed(pm.run(*module)))
    return fail(CompileError::BadInput);
  return module;
}

/// Plans for sm_90a are of no use where no code for it is asked for.
LogicalResult Compilation::dropSpecific(ModuleOp module, const Target &target) {
  if (target.isGpu() && goals.specialised())
    return success();
  mixer::AlgorithmAttr dropped;
  for (auto program : llvm::make_early_inc_range(module.getOps<tile::ProgramOp>()))
    if (auto plan = dyn_cast<mixer::AlgorithmAttr>(program.getPlan()); plan && isArchSpecific(plan)) {
      dropped = plan;
      program.erase();
    }
  if (!dropped || !module.getOps<tile::ProgramOp>().empty())
    return success();
  spec.emitError() << "expected target sm_90a for the plan " << dropped << ", got " << target.arch;
  return fail(CompileError::BadInput);
}

FailureOr<OwningOpRef<ModuleOp>> Compilation::decompose(const Target &target, StringRef targetName,
                                                        std::vector<VariantInfo> &variants) {
  FailureOr<OwningOpRef<ModuleOp>> module = select(targetName);
  if (failed(module))
    return failure();
  if (options.emit == EmitLevel::Mixer) {
    (void)stopAt(**module);
    return module;
  }
  PassManager pm((*module)->getContext());
  buildDecomposePipeline(pm);
  // What a decomposition refuses is in the spec, its sizes or its plans.
  if (failed(pm.run(**module)))
    return fail(CompileError::BadInput);
  if (failed(dropSpecific(**module, target)))
    return failure();
  auto selected = *(*module)->getOps<mixer::SpecOp>().begin();
  FailureOr<std::vector<VariantInfo>> described = describePrograms(**module, selected, target);
  if (failed(described))
    return failure();
  variants = std::move(*described);
  selected.erase();
  if (options.emit == EmitLevel::Tile)
    (void)stopAt(**module);
  return module;
}

LogicalResult Compilation::compileCpu() {
  std::vector<VariantInfo> variants;
  FailureOr<OwningOpRef<ModuleOp>> tiles = decompose(*goals.cpu, goals.cpu->file, variants);
  if (failed(tiles) || stopped)
    return success(succeeded(tiles));
  FailureOr<OwningOpRef<ModuleOp>> lowered = lowerToCpu(**tiles, cpuLevels(options.hostOnly), variants);
  if (failed(lowered))
    return fail(CompileError::BadInput);
  llvm::Expected<std::unique_ptr<llvm::Module>> translated = translateCpu(**lowered, llvmContext, info.name);
  if (!translated)
    return fail(translated.takeError());
  object = std::move(*translated);
  llvm::append_range(info.variants, variants);
  info.cpuMachine = describeMachine(*goals.cpu);
  return success();
}

LogicalResult Compilation::compileGpu() {
  std::vector<VariantInfo> variants;
  FailureOr<OwningOpRef<ModuleOp>> module = decompose(*goals.gpu, goals.gpuName, variants);
  if (failed(module) || stopped)
    return success(succeeded(module));
  GpuPrograms programs = GpuPrograms::split(std::move(*module));
  if (failed(lowerToGpuTile(programs, goals.cubins.back())))
    return fail(CompileError::BadInput);
  if (options.emit == EmitLevel::GpuTile)
    return stopAt(*std::move(programs).join());
  if (failed(lowerToNvvm(programs, info.tensors, variants)))
    return fail(CompileError::BadInput);
  for (const GpuArch &arch : goals.cubins)
    if (llvm::none_of(variants, [&](const VariantInfo &variant) { return arch.runs(variant); }))
      spec.emitWarning() << "no plan fits the shared memory of " << arch.name() << "; compile for it alone with --target="
                         << arch.name();
  llvm::append_range(info.variants, variants);
  info.cudaMachine = describeMachine(*goals.gpu);
  return startCubins(std::move(programs));
}

LogicalResult Compilation::startCubins(GpuPrograms programs) {
  if (options.emit == EmitLevel::Llvm)
    return stopWith(printKernels(std::move(programs)));
  llvm::Expected<GpuPtx> ptx = generatePtx(programs);
  if (!ptx)
    return fail(ptx.takeError());
  if (options.emit == EmitLevel::Ptx)
    return stopWith(ptx->specific.empty() ? std::move(ptx->portable) : std::move(ptx->specific));
  llvm::Expected<CubinJobs> jobs = CubinJobs::start(std::move(*ptx), goals.cubins, ptxas, options.ptxasTimeoutSeconds);
  if (!jobs)
    return fail(jobs.takeError());
  if (ptxas.empty())
    spec.emitRemark("no ptxas found: the GPU code is kept as PTX, which the driver compiles when it is loaded");
  cubins = std::move(*jobs);
  return success();
}

LogicalResult Compilation::finishCubins() {
  if (!cubins)
    return success();
  std::vector<std::string> notices;
  llvm::StringMap<KernelUsage> usage;
  llvm::Expected<std::vector<ImageInfo>> images = cubins->finish(notices, usage);
  if (!images)
    return fail(images.takeError());
  for (const std::string &notice : notices)
    (options.fatalPtxasNotices ? spec.emitError() : spec.emitWarning()) << "ptxas: " << notice;
  if (options.fatalPtxasNotices && !notices.empty())
    return failure();
  for (VariantInfo &variant : info.variants)
    for (LaunchInfo &launch : variant.launches)
      if (variant.device == MIXC_DEVICE_CUDA)
        launch.usage = usage.lookup(launch.symbol);
  if (options.emit == EmitLevel::Cubin) {
    for (const ImageInfo &image : *images)
      if (image.kind == MIXC_IMAGE_CUBIN)
        artefacts.text = image.data; // of the highest architecture
    stopped = true;
  }
  info.images = std::move(*images);
  return success();
}

LogicalResult Compilation::emitObject() {
  if (!object)
    object = std::make_unique<llvm::Module>(info.name, llvmContext);
  addInterface(*object, info);
  if (options.emit == EmitLevel::Llvm) {
    artefacts.text = printModule(*object);
    return success();
  }
  auto machine = createTargetMachine(kX86Triple, "x86-64", "");
  if (!machine)
    return fail(machine.takeError());
  optimise(*object, **machine);
  llvm::Expected<std::string> code = generateCode(*object, **machine, llvm::CodeGenFileType::ObjectFile);
  if (!code)
    return fail(code.takeError());
  artefacts.object = std::move(*code);
  artefacts.header = writeHeader(info);
  artefacts.manifest = writeManifest(info);
  return success();
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

LogicalResult Compilation::compileAll() {
  FailureOr<mixer::SpecOp> found = findSpec(source, options.spec);
  if (failed(found))
    return fail(CompileError::BadInput);
  spec = *found;
  if (failed(resolveTools()))
    return failure();
  std::string specName = spec.getSymName().str();
  FailureOr<OwningOpRef<ModuleOp>> copied = bindSpec(spec, options);
  if (failed(copied))
    return fail(CompileError::BadInput);
  bound = std::move(*copied);
  spec = *bound->getOps<mixer::SpecOp>().begin();
  if (failed(checkForms(spec)))
    return fail(CompileError::NoAlgorithm);
  if (failed(checkSelectOptions(spec, selectOptions(options))))
    return fail(CompileError::BadInput);
  FailureOr<SpecInfo> described = describeSpec(spec);
  if (failed(described))
    return fail(CompileError::BadInput);
  info = std::move(*described);
  info.spec = std::move(specName);
  info.hint = options.shape;
  info.comment = options.comments.spec;
  for (TensorInfo &tensor : info.tensors)
    if (auto comment = options.comments.tensors.find(tensor.name); comment != options.comments.tensors.end())
      tensor.comment = comment->second;
  // GPU first: ptxas then works while the CPU code is compiled.
  if (goals.gpu && (failed(compileGpu()) || stopped))
    return success(stopped);
  if (goals.cpu && options.emit != EmitLevel::Cubin && (failed(compileCpu()) || stopped))
    return success(stopped);
  if (failed(finishCubins()))
    return failure();
  return stopped ? success() : emitObject();
}

CompileResult Compilation::run() {
  if (failed(compileAll()))
    return {std::nullopt, error};
  artefacts.info = std::move(info);
  return {std::move(artefacts), error};
}

CompileResult mixc::compile(ModuleOp module, const CompileOptions &options) {
  return Compilation(module, options).run();
}
