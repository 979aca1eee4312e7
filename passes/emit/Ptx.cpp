// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Ptx.h"
#include "Backend.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;

namespace {
/// Instructions that not every GPU from sm_80 on has. `exact`: only on that architecture (sm_90a), not on later ones.
struct Requirement {
  StringRef mnemonic;
  int arch;
  bool exact;
};
} // namespace

static constexpr Requirement kRequirements[] = {
    {"wgmma.", 90, true},
    {"setmaxnreg", 90, true},
    {"tcgen05", 100, true},
    {"cp.async.bulk", 90, false},
    {"elect.sync", 90, false},
    {"mbarrier.try_wait", 90, false},
    {"mbarrier.try.wait", 90, false},
    {"expect_tx", 90, false},
    {"barrier.cluster", 90, false},
    {"mapa", 90, false},
    {"stmatrix", 90, false},
    {"griddepcontrol", 90, false},
    {"fence.proxy", 90, false},
    {"fence.mbarrier_init", 90, false},
};

/// The arch's number and whether it ends in "a".
static std::pair<int, bool> splitArch(StringRef arch) {
  int number = 0;
  arch.consume_front("sm_");
  bool exact = arch.consume_back("a");
  arch.getAsInteger(10, number);
  return {number, exact};
}

/// What a call is in PTX: an intrinsic's name, an inline assembly text, or nothing.
static StringRef instructionText(const CallBase &call) {
  if (const auto *assembly = dyn_cast<InlineAsm>(call.getCalledOperand()))
    return assembly->getAsmString();
  const Function *callee = call.getCalledFunction();
  if (!callee || !callee->isIntrinsic())
    return {};
  StringRef name = callee->getName();
  return name.consume_front("llvm.nvvm.") ? name : StringRef();
}

Error mixc::checkLegal(const Module &module, StringRef arch) {
  auto [number, exact] = splitArch(arch);
  for (const Function &function : module)
    for (const Instruction &instruction : instructions(function)) {
      const auto *call = dyn_cast<CallBase>(&instruction);
      StringRef text = call ? instructionText(*call) : StringRef();
      for (const Requirement &needed : kRequirements) {
        bool has = needed.exact ? exact && number == needed.arch : number >= needed.arch;
        if (!has && text.contains(needed.mnemonic))
          return createStringError("kernel '%s' uses '%s': expected target sm_%d%s, got %s", function.getName().str().c_str(),
                                   needed.mnemonic.rtrim('.').str().c_str(), needed.arch, needed.exact ? "a" : " or later",
                                   arch.str().c_str());
      }
    }
  return Error::success();
}

Expected<std::unique_ptr<Module>> mixc::translateKernels(mlir::Operation *module, LLVMContext &context, StringRef name) {
  std::unique_ptr<Module> translated = mlir::translateModuleToLLVMIR(module, context, name);
  if (!translated)
    return createStringError("the kernels do not translate to LLVM IR");
  return translated;
}

/// Declared functions become `.extern .func` in PTX, which nothing would ever define.
static Error checkSelfContained(StringRef ptx) {
  SmallVector<StringRef> lines;
  ptx.split(lines, '\n');
  for (StringRef line : lines) {
    if (!line.contains(".extern .func"))
      continue;
    StringRef name = line.substr(line.find(".func") + 5).ltrim();
    if (name.consume_front("("))
      name = name.split(')').second.ltrim();
    name = name.take_while([](char c) { return isAlnum(c) || c == '_' || c == '$'; });
    return createStringError("the kernels call '%s', expected no calls of functions outside of them%s", name.str().c_str(),
                             name.starts_with("__nv_") ? " (libdevice is not linked)" : "");
  }
  return Error::success();
}

/// As on a CPU (CpuCode.cpp): a quarter of what LLVM's O3 does, in less than half of its time, for kernels as fast. Reassociation and the
/// last unrolling are worth a tenth to kernels of f32, and constants that are known along branches some fifty registers.
static constexpr char kKernelPasses[] =
    "function(early-cse<memssa>,correlated-propagation,simplifycfg,instcombine<no-verify-fixpoint>,loop-mssa(loop-rotate,licm),simplifycfg,"
    "loop(indvars),gvn,sccp,dse,instcombine<no-verify-fixpoint>,correlated-propagation,reassociate,simplifycfg,loop-unroll<O3>,"
    "instcombine<no-verify-fixpoint>)";

Expected<std::string> mixc::generatePtx(Module &module, StringRef arch) {
  if (Error error = checkLegal(module, arch))
    return error;
  // PTX 8.0 came with CUDA 12.0; sm_100 and later need 8.6.
  StringRef version = splitArch(arch).first >= 100 ? "+ptx86" : "+ptx80";
  Expected<std::unique_ptr<TargetMachine>> machine = createTargetMachine(kNvptxTriple, arch, version);
  if (!machine)
    return machine.takeError();
  optimise(module, **machine, kKernelPasses);
  Expected<std::string> ptx = generateCode(module, **machine, CodeGenFileType::AssemblyFile);
  if (!ptx)
    return ptx.takeError();
  if (Error error = checkSelfContained(*ptx))
    return error;
  return ptx;
}

/// What follows version, target and address size.
static StringRef codeOf(StringRef ptx) {
  StringRef tail = ptx.substr(ptx.find(".address_size"));
  return tail.substr(tail.find('\n') + 1);
}

std::string mixc::joinPtx(StringRef first, StringRef second) {
  std::string joined = first.str();
  SmallVector<StringRef> lines;
  codeOf(second).split(lines, '\n');
  for (StringRef line : lines)
    if (!line.starts_with(".extern .shared") || !first.contains(line)) // shared memory, declared once
      joined += (line + "\n").str();
  return joined;
}
