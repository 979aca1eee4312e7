// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Backend.h"
#include "llvm/IR/DiagnosticHandler.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/TargetSelect.h"
#include <mutex>

using namespace llvm;

/// Pointers to shared memory of 32 bits, which LLVM has as an option only: addresses take half the registers, and instructions take
/// their constant parts.
static void shortenSharedPointers() {
  auto &options = cl::getRegisteredOptions();
  if (auto found = options.find("nvptx-short-ptr"); found != options.end())
    static_cast<cl::opt<bool> *>(found->second)->setValue(true);
}

static void initialiseTargets() {
  static const bool done = [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMInitializeX86AsmParser();
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
    shortenSharedPointers();
    return true;
  }();
  (void)done;
}

Expected<std::unique_ptr<TargetMachine>> mixc::createTargetMachine(StringRef triple, StringRef cpu, StringRef features) {
  initialiseTargets();
  std::string message;
  Triple parsed{triple};
  const Target *target = TargetRegistry::lookupTarget(parsed, message);
  if (!target)
    return createStringError(message);
  TargetOptions options;
  options.AllowFPOpFusion = FPOpFusion::Standard;
  options.FunctionSections = true;
  return std::unique_ptr<TargetMachine>(
      target->createTargetMachine(parsed, cpu, features, options, Reloc::PIC_, std::nullopt, CodeGenOptLevel::Aggressive));
}

void mixc::optimise(Module &module, TargetMachine &machine, StringRef passes) {
  module.setTargetTriple(machine.getTargetTriple());
  module.setDataLayout(machine.createDataLayout());
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager components;
  ModuleAnalysisManager modules;
  PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  ModulePassManager manager;
  cantFail(builder.parsePassPipeline(manager, passes));
  manager.run(module, modules);
}

namespace {
/// Keeps the first error of a back end; without a handler LLVM would end the process.
struct ErrorCollector : DiagnosticHandler {
  std::string &message;
  explicit ErrorCollector(std::string &message) : message(message) {}
  bool handleDiagnostics(const DiagnosticInfo &info) override {
    if (info.getSeverity() == DS_Error && message.empty()) {
      raw_string_ostream stream(message);
      DiagnosticPrinterRawOStream printer(stream);
      info.print(printer);
    }
    return true;
  }
};
} // namespace

namespace {
/// report_fatal_error aborts; a recovery context turns that into a return while one of these lives, on whichever thread.
class Recovery {
public:
  Recovery() {
    std::lock_guard<std::mutex> guard(lock);
    if (users++ == 0)
      CrashRecoveryContext::Enable();
  }
  ~Recovery() {
    std::lock_guard<std::mutex> guard(lock);
    if (--users == 0)
      CrashRecoveryContext::Disable();
  }

private:
  static inline std::mutex lock;
  static inline int users = 0;
};
} // namespace

Expected<std::string> mixc::generateCode(Module &module, TargetMachine &machine, CodeGenFileType type) {
  module.setTargetTriple(machine.getTargetTriple());
  module.setDataLayout(machine.createDataLayout());
  SmallString<0> code;
  raw_svector_ostream stream(code);
  auto passes = std::make_unique<legacy::PassManager>();
  if (machine.addPassesToEmitFile(*passes, stream, nullptr, type))
    return createStringError("the back end for '%s' writes no such file", machine.getTargetTriple().str().c_str());
  std::string message;
  LLVMContext &context = module.getContext();
  std::unique_ptr<DiagnosticHandler> previous = context.getDiagnosticHandler();
  context.setDiagnosticHandler(std::make_unique<ErrorCollector>(message));
  bool done;
  {
    Recovery enabled;
    done = CrashRecoveryContext().RunSafely([&] { passes->run(module); });
  }
  context.setDiagnosticHandler(std::move(previous));
  if (!done) {
    (void)passes.release(); // in an unknown state
    return createStringError("LLVM's back end for '%s' gave up, see above", machine.getTargetTriple().str().c_str());
  }
  if (!message.empty())
    return createStringError(message);
  return std::string(code);
}

std::string mixc::printModule(Module &module) {
  std::string text;
  raw_string_ostream stream(text);
  stream << module;
  return text;
}
