// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "CpuCode.h"
#include "Backend.h"
#include "Object.h"
#include "mixc/dialect/Tile.h"
#include "mixc/passes/Cpu.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Process.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace mlir;
using namespace mixc;

std::vector<mixc_cpu_level> mixc::cpuLevels(bool hostOnly) {
  if (!hostOnly)
    return {MIXC_CPU_V3, MIXC_CPU_V4};
  std::optional<std::string> forced = llvm::sys::Process::GetEnv("MIXC_CPU");
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  bool v4 = true;
  for (StringRef feature : {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"})
    v4 &= features.lookup(feature);
  return {v4 && forced != "v3" ? MIXC_CPU_V4 : MIXC_CPU_V3};
}

/// The kernels of one level, as functions beside each other.
static FailureOr<OwningOpRef<ModuleOp>> lowerLevel(ModuleOp module, mixc_cpu_level level) {
  OwningOpRef<ModuleOp> copy = module.clone();
  PassManager pm(module.getContext());
  TileToCpuOptions options;
  options.vectorWidth = level == MIXC_CPU_V4 ? 16 : 8;
  options.suffix = cpuSymbol("", level);
  pm.addPass(createTileToCpu(options));
  if (failed(pm.run(*copy)))
    return failure();
  return copy;
}

FailureOr<OwningOpRef<ModuleOp>> mixc::lowerToCpu(ModuleOp module, ArrayRef<mixc_cpu_level> levels, std::vector<VariantInfo> &variants) {
  OwningOpRef<ModuleOp> all;
  for (mixc_cpu_level level : levels) {
    FailureOr<OwningOpRef<ModuleOp>> lowered = lowerLevel(module, level);
    if (failed(lowered))
      return failure();
    if (all)
      all->getBody()->getOperations().splice(all->getBody()->end(), (*lowered)->getBody()->getOperations());
    else
      all = std::move(*lowered);
  }
  for (VariantInfo &variant : variants)
    for (LaunchInfo &launch : variant.launches)
      for (mixc_cpu_level level : levels)
        if (Operation *kernel = all->lookupSymbol(cpuSymbol(launch.symbol, level)))
          if (auto bytes = kernel->getAttrOfType<IntegerAttr>(kScratchBytesAttr))
            launch.scratchBytes = std::max(launch.scratchBytes, bytes.getInt());
  PassManager pm(module.getContext());
  pm.enableVerifier(false); // after each pass: a third of their time
  buildCpuPipeline(pm);
  if (failed(pm.run(*all)) || failed(verify(*all)))
    return failure();
  return all;
}

llvm::Expected<std::unique_ptr<llvm::Module>> mixc::translateCpu(ModuleOp module, llvm::LLVMContext &context, StringRef name) {
  std::unique_ptr<llvm::Module> translated = translateModuleToLLVMIR(module, context, name);
  if (!translated)
    return llvm::createStringError("the CPU kernels do not translate to LLVM IR");
  for (llvm::Function &function : *translated) {
    if (function.isDeclaration())
      continue;
    bool v4 = function.getName().ends_with(cpuSymbol("", MIXC_CPU_V4));
    function.setLinkage(llvm::GlobalValue::InternalLinkage);
    function.addFnAttr("target-cpu", v4 ? "x86-64-v4" : "x86-64-v3");
    function.addFnAttr(llvm::Attribute::NoUnwind);
    if (v4)
      function.addFnAttr("prefer-vector-width", "512");
  }
  return translated;
}

/// Labels that end in one text are another's in the next: each level of each spec gives them its own name. Not so the `.L` in
/// `.text.Lru_main`.
static std::string renameLabels(StringRef text, StringRef spec, mixc_cpu_level level) {
  const std::string own = spec.str() + cpuSuffix(level, "_") + "_";
  std::string renamed;
  for (size_t at; (at = text.find(".L")) != StringRef::npos; text = text.drop_front(at + 2)) {
    const bool begins = at == 0 || !(llvm::isAlnum(text[at - 1]) || text[at - 1] == '_' || text[at - 1] == '$');
    renamed += text.take_front(at + 2);
    if (begins)
      renamed += own;
  }
  return renamed + text.str();
}

/// Kernels come as loops over vectors, free of calls and of memory that could be registers: what LLVM's O3 does beyond this takes as long
/// again as code generation and makes them no faster.
static constexpr char kKernelPasses[] =
    "function(early-cse<memssa>,simplifycfg,instcombine<no-verify-fixpoint>,loop-mssa(loop-rotate,licm),simplifycfg,"
    "loop(indvars),gvn,dse,instcombine<no-verify-fixpoint>,simplifycfg,loop-unroll<O2>)";

llvm::Expected<CpuAssembly> mixc::assembleCpu(llvm::Module &module, mixc_cpu_level level) {
  auto machine = createTargetMachine(kX86Triple, "x86-64", "");
  if (!machine)
    return machine.takeError();
  CpuAssembly assembly;
  SmallVector<llvm::GlobalValue *> kernels;
  for (llvm::Function &function : module)
    if (!function.isDeclaration()) {
      kernels.push_back(&function);
      assembly.kernels.push_back(function.getName().str());
    }
  llvm::appendToCompilerUsed(module, kernels); // by the descriptor, which is not in this module
  optimise(module, **machine, kKernelPasses);
  llvm::removeFromUsedLists(module, [](llvm::Constant *) { return true; });
  llvm::Expected<std::string> text = generateCode(module, **machine, llvm::CodeGenFileType::AssemblyFile);
  if (!text)
    return text.takeError();
  assembly.text = renameLabels(*text, module.getModuleIdentifier(), level);
  return assembly;
}

void mixc::addAssembly(llvm::Module &module, const CpuAssembly &assembly) {
  llvm::LLVMContext &context = module.getContext();
  llvm::Type *pointer = llvm::PointerType::getUnqual(context);
  auto *type = llvm::FunctionType::get(llvm::Type::getVoidTy(context), {pointer, llvm::Type::getInt64Ty(context), pointer}, false);
  for (const std::string &kernel : assembly.kernels)
    llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage, kernel, module);
  module.appendModuleInlineAsm(assembly.text);
}
