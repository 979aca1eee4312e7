// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What --target asks for.
#pragma once

#include "mixc/passes/Compiler.h"
#include "mixc/passes/Target.h"

namespace mixc {

/// An architecture to compile for.
struct GpuArch {
  int number = 0;        ///< 80, 90, ...
  bool specific = false; ///< sm_90a: with kernels for it alone, in an image for it alone

  std::string name() const { return "sm_" + std::to_string(number) + (specific ? "a" : ""); }
  bool operator==(const GpuArch &other) const { return number == other.number && specific == other.specific; }
  bool operator<(const GpuArch &other) const { return number != other.number ? number < other.number : specific < other.specific; }
  bool runs(const VariantInfo &variant) const { return variant.archSpecific ? specific && number == variant.arch : variant.arch <= number; }
};

struct Goals {
  std::optional<Target> cpu;   ///< machine that the CPU variants are chosen for
  std::optional<Target> gpu;   ///< machine that the GPU variants are chosen for: the highest architecture named
  std::string gpuName;         ///< what loadTarget found it by
  std::vector<GpuArch> cubins; ///< architectures to run ptxas for, ascending

  /// Whether kernels for sm_90a alone are of use.
  bool specialised() const;
};

/// The error names the target.
llvm::Expected<Goals> resolveGoals(const CompileOptions &options);

} // namespace mixc
