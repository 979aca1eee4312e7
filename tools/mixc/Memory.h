// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How much memory a run takes, and how much there is: asked before anything is allocated.
#pragma once

#include "Sequences.h"
#include "mixc/passes/Compiler.h"
#include <optional>

namespace mixc {

/// Bytes, capped at the largest number.
struct MemoryNeed {
  uint64_t host = 0;   ///< tensors as f32, and those of the evaluator if results are checked
  uint64_t device = 0; ///< tensors in their dtypes
};
MemoryNeed memoryNeed(mixer::SpecOp spec, const std::map<std::string, int64_t> &sizes, const Sequences &sequences,
                      const CompileOptions &options, bool checked);

/// Bytes that this process can still allocate: what the machine has free, less where a control group or a limit of the process is
/// tighter.
uint64_t availableMemory();

/// An error of the code not_enough_memory if fewer bytes are there than wanted: "WHAT: expected at most .. bytes of .., got ..".
llvm::Error checkFits(const llvm::Twine &what, uint64_t wanted, uint64_t available, llvm::StringRef memory);

} // namespace mixc
