// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The images that an object embeds: cubins of each architecture, by ptxas, and the PTX for others.
#pragma once

#include "GpuCode.h"
#include "Ptxas.h"

namespace mixc {

struct GpuImages {
  std::vector<ImageInfo> images;      ///< cubins in the order of the architectures, then PTX
  std::vector<std::string> notices;   ///< what ptxas complained about
  llvm::StringMap<KernelUsage> usage; ///< of the kernels of the last architecture
};

/// Runs ptxas for each architecture that has kernels, beside each other; without ptxas (empty) there is PTX alone. Kernels that spill
/// are compiled again with more registers, each architecture by itself: what one needs makes another spill. PTX for other
/// architectures allows the registers that the oldest one took.
llvm::Expected<GpuImages> assemble(GpuPtx ptx, llvm::StringRef ptxas, llvm::ArrayRef<GpuArch> archs, unsigned timeoutSeconds);

} // namespace mixc
