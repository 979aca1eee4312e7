// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The object, header and manifest of one spec or of several.
#pragma once

#include "CpuCode.h"
#include "mixc/passes/Compiler.h"
#include "mlir/IR/Location.h"

namespace mixc {

/// What the compilation of a spec leaves for an object.
struct SpecCode {
  SpecInfo info;
  std::vector<CpuAssembly> assemblies; ///< of each CPU level
  mlir::Location location;             ///< of the spec, for diagnostics
};

/// Each spec has an interface, kernels and GPU images of its own in the object, a part of the header, and a part of the manifest. Emits an
/// error where names collide, or where there is no code for the object.
CompileResult bundle(std::vector<SpecCode> codes, const CompileOptions &options);

} // namespace mixc
