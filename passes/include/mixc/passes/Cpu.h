// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From tile programs to code for x86-64. CpuPasses.td describes the passes.
#pragma once

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mixc {

#define GEN_PASS_DECL
#include "mixc/passes/CpuPasses.h.inc"

/// Bytes of `scratch` that a kernel needs: an i64 attribute of the function.
inline constexpr const char kScratchBytesAttr[] = "mixc.scratch_bytes";

/// The dialects and interfaces that `buildCpuPipeline` needs in the context.
void registerCpuPipelineDialects(mlir::DialectRegistry &registry);

/// From the functions of --tile-to-cpu to the LLVM dialect. The module must hold nothing else by then.
void buildCpuPipeline(mlir::OpPassManager &pm);

/// Registers it as --cpu-to-llvm.
void registerCpuPipelines();

#define GEN_PASS_REGISTRATION
#include "mixc/passes/CpuPasses.h.inc"

} // namespace mixc
