// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Machine descriptions: the files under targets/, what they hold, and the attribute that carries them through the IR.
#pragma once

#include "mixc/dialect/Mixer.h"
#include "mixc/runtime/cost.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace mixc {

struct Target {
  std::string name;       ///< of the machine: "h100"
  std::string arch;       ///< of its code: "x86-64", "sm_80", "sm_90a"
  std::string file;       ///< where it was read, for messages
  std::string source;     ///< where its numbers come from; may be empty
  mixc_machine machine{}; ///< its `name` is null here: a Target can be copied

  bool isGpu() const { return machine.kind == MIXC_DEVICE_CUDA; }
};

/// Reads a machine description. The error names file and key, what was expected and what came.
llvm::Expected<Target> parseTarget(llvm::StringRef json, llvm::StringRef file);

/// Finds a description: a path that ends in .json, the name of a file in a target directory, or an architecture.
/// x86-64 is its own file; for sm_NN, it is the file with the highest sm number not above NN (a suffix such as the a of sm_90a
/// does not count), and `arch` is what was asked for.
llvm::Expected<Target> loadTarget(llvm::StringRef nameOrPath);

/// Directories that hold descriptions, in the order of search: $MIXC_TARGETS, those of an installed or built tree
/// found from the program's path, the source tree.
std::vector<std::string> targetDirectories();

/// Sets the number that a description has under that key, which it must know.
void setNumber(Target &target, llvm::StringRef key, double value);

/// The text of the file that parseTarget reads back.
std::string printTarget(const Target &target);

mixer::TargetAttr targetToAttr(mlir::MLIRContext *context, const Target &target);
/// The error names the key that is missing, unknown or no number.
llvm::Expected<Target> targetFromAttr(mixer::TargetAttr attr);

} // namespace mixc
