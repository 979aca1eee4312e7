// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/passes/HostCode.h"
#include "Backend.h"
#include "CpuCode.h"
#include "mixc/passes/Cpu.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Export.h"

using namespace mlir;
using namespace mixc;

static bool hasAvx512() { return cpuLevels(/*hostOnly=*/true).front() == MIXC_CPU_V4; }

int64_t mixc::hostLanes() { return hasAvx512() ? 16 : 8; }

llvm::Expected<std::string> mixc::compileHostCode(llvm::StringRef text) {
  DialectRegistry registry;
  registerCompilerDialects(registry);
  MLIRContext context(registry);
  std::string problem;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    if (problem.empty() && diagnostic.getSeverity() == DiagnosticSeverity::Error)
      problem = diagnostic.str();
  });
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
  if (!module)
    return llvm::createStringError(problem);
  PassManager pm(&context);
  buildCpuPipeline(pm);
  if (failed(pm.run(*module)))
    return llvm::createStringError(problem);
  llvm::LLVMContext llvmContext;
  std::unique_ptr<llvm::Module> translated = translateModuleToLLVMIR(*module, llvmContext, "host");
  if (!translated)
    return llvm::createStringError("the functions do not translate to LLVM IR");
  for (llvm::Function &function : *translated)
    if (!function.isDeclaration()) {
      function.addFnAttr("target-cpu", hasAvx512() ? "x86-64-v4" : "x86-64-v3");
      if (hasAvx512())
        function.addFnAttr("prefer-vector-width", "512");
    }
  auto machine = createTargetMachine(kX86Triple, "x86-64", "");
  if (!machine)
    return machine.takeError();
  optimise(*translated, **machine, "default<O3>");
  return generateCode(*translated, **machine, llvm::CodeGenFileType::ObjectFile);
}
