// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Cubins.h"
#include <thread>

using namespace mixc;

namespace {
/// The runs of ptxas for one architecture, one after another.
struct Assembly {
  GpuArch arch;
  const std::string &text;
  llvm::StringMap<int> registers; ///< that kernels were allowed, so as not to spill
  PtxasOutput output;
  std::string error;

  Assembly(GpuArch arch, const std::string &text) : arch(arch), text(text) {}
  void run(llvm::StringRef ptxas, const llvm::StringMap<int> &limits, unsigned timeoutSeconds);
};
} // namespace

void Assembly::run(llvm::StringRef ptxas, const llvm::StringMap<int> &limits, unsigned timeoutSeconds) {
  constexpr int kAttempts = 3;
  for (int attempt = 0;; ++attempt) {
    auto started = PtxasRun::start(ptxas, registers.empty() ? text : allowRegisters(text, registers), arch.name(), timeoutSeconds);
    llvm::Expected<PtxasOutput> finished = started ? (*started)->finish() : started.takeError();
    if (!finished) {
      error = llvm::toString(finished.takeError());
      return;
    }
    output = std::move(*finished);
    llvm::StringMap<int> more = registersToAllow(output.usage, limits, attempt);
    if (more.empty() || attempt == kAttempts)
      return;
    for (const auto &entry : more)
      registers[entry.first()] = entry.second;
  }
}

/// Each on a thread of its own: the work is done by child processes.
static void runAll(llvm::MutableArrayRef<Assembly> assemblies, llvm::StringRef ptxas, const llvm::StringMap<int> &limits,
                   unsigned timeoutSeconds) {
  std::vector<std::thread> threads;
  for (Assembly &assembly : assemblies)
    threads.emplace_back([&] { assembly.run(ptxas, limits, timeoutSeconds); });
  for (std::thread &thread : threads)
    thread.join();
}

llvm::Expected<GpuImages> mixc::assemble(GpuPtx ptx, llvm::StringRef ptxas, llvm::ArrayRef<GpuArch> archs, unsigned timeoutSeconds) {
  std::vector<Assembly> assemblies;
  for (const GpuArch &arch : archs)
    if (const std::string &text = arch.specific && !ptx.specific.empty() ? ptx.specific : ptx.portable; !ptxas.empty() && !text.empty())
      assemblies.emplace_back(arch, text);
  // Kernels for one architecture divide registers among their warps themselves.
  runAll(assemblies, ptxas, registerLimits(ptx.portable), timeoutSeconds);
  GpuImages result;
  for (Assembly &assembly : assemblies) {
    if (!assembly.error.empty())
      return llvm::createStringError(assembly.error);
    for (const std::string &notice : assembly.output.notices)
      result.notices.push_back(assembly.arch.name() + ": " + notice);
    result.usage = std::move(assembly.output.usage);
    result.images.push_back({assembly.arch.number, assembly.arch.specific, MIXC_IMAGE_CUBIN, std::move(assembly.output.cubin)});
  }
  if (ptxas.empty() && !ptx.specific.empty())
    result.images.push_back({kSpecificArch.number, true, MIXC_IMAGE_PTX, std::move(ptx.specific)});
  if (!assemblies.empty() && !ptx.portable.empty())
    ptx.portable = allowRegisters(ptx.portable, assemblies.front().registers);
  if (!ptx.portable.empty())
    result.images.push_back({kBaseArch.number, false, MIXC_IMAGE_PTX, std::move(ptx.portable)});
  return result;
}
