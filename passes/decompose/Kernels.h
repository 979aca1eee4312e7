// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The kernels of a program for one direction, by algorithm: a file for each.
#pragma once

#include "Recurrence.h"

namespace mixc {
void addChunkedKernels(ProgramBuilder &program);
void addQuadraticKernels(ProgramBuilder &program);
void addScanKernels(ProgramBuilder &program);
/// Of running sums and maxima, whatever the algorithm; after the others, which they run before.
void addRunningKernels(ProgramBuilder &program);
} // namespace mixc
