// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The kernels of a program for one direction, by algorithm: a file for each.
#pragma once

#include "Recurrence.h"

namespace mixc {
void addChunkedKernels(ProgramBuilder &program);
void addQuadraticKernels(ProgramBuilder &program);
void addScanKernels(ProgramBuilder &program);

/// Whatever the algorithm. That of a running sum or maximum, and of a sum over heads of operands; added after all others, which they run
/// before.
void addKernelBefore(ProgramBuilder &program, mixer::RunningOp op);
void addKernelBefore(ProgramBuilder &program, mixer::SumOp op);
/// Whatever the algorithm. Of the smallest decays, for what the call checks (tile.buffer).
void addBoundKernels(ProgramBuilder &program);
/// Whatever the algorithm. Of copies of what sequences begin with, for results that take its place; added last, as all run after it.
void addCopyKernel(ProgramBuilder &program);
/// Of sums over heads of results and what follows from them.
void addFinishKernels(ProgramBuilder &program);
} // namespace mixc
