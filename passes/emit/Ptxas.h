// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ptxas as a child process: PTX in, cubin out, and what it says about each kernel.
#pragma once

#include "mixc/passes/Compiler.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/Program.h"
#include <chrono>

namespace mixc {

/// Finds ptxas: `given` (--ptxas), $MIXC_PTXAS, $CUDA_HOME, $CUDA_PATH, the build tree's own, $PATH, /usr/local/cuda.
/// Empty if there is none, or if `given` is "none"; an error if `given` or $MIXC_PTXAS names something that cannot be run.
llvm::Expected<std::string> findPtxas(llvm::StringRef given);

struct PtxasOutput {
  std::string cubin;
  llvm::StringMap<KernelUsage> usage; ///< by kernel
  std::vector<std::string> notices;   ///< spills, performance notices (C75..) and warnings; one line each
};

/// Reads what `ptxas -v` prints.
void parsePtxasLog(llvm::StringRef log, PtxasOutput &output);

/// The most registers that a thread of each kernel can have, so that a block of as many threads as the PTX says can start.
llvm::StringMap<int> registerLimits(llvm::StringRef ptx);
/// ptxas gives up a few registers for more blocks on a multiprocessor, and then spills. Names the kernels in `usage` that
/// spill below their limit, with how many each should be allowed at the `attempt`-th time (from 0). Kernels without a
/// limit are left alone.
llvm::StringMap<int> registersToAllow(const llvm::StringMap<KernelUsage> &usage, const llvm::StringMap<int> &limits, int attempt);
/// The PTX with `.maxnreg` on the named kernels: the least that each may use, whatever the number of blocks.
std::string allowRegisters(llvm::StringRef ptx, const llvm::StringMap<int> &registers);

/// One run. Started by `start`, so that several runs and other work go on side by side; ended by `finish`.
class PtxasRun {
public:
  static llvm::Expected<std::unique_ptr<PtxasRun>> start(llvm::StringRef ptxas, llvm::StringRef ptx, llvm::StringRef arch,
                                                         unsigned timeoutSeconds);
  llvm::Expected<PtxasOutput> finish();
  /// Ends the child if it still runs, and removes the temporary files.
  ~PtxasRun();

private:
  PtxasRun() = default;
  std::string arch, ptxas;
  std::string input, output, log; ///< temporary files
  llvm::sys::ProcessInfo process;
  std::chrono::steady_clock::time_point deadline;
  unsigned timeoutSeconds = 0;
};

} // namespace mixc
