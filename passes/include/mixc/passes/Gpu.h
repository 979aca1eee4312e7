// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From tile programs to NVVM kernels. GpuPasses.td describes the passes.
#pragma once

#include "mixc/dialect/GpuTile.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mixc {

#define GEN_PASS_DECL
#include "mixc/passes/GpuPasses.h.inc"

/// How to launch a kernel: i32 attributes of its llvm.func.
inline constexpr const char kThreadsAttr[] = "mixc.threads";
inline constexpr const char kSharedBytesAttr[] = "mixc.shared_bytes";

/// The dialects and interfaces that `buildGpuPipeline` needs in the context.
void registerGpuPipelineDialects(mlir::DialectRegistry &registry);

/// From the gpu.modules of --gpu-tile-to-nvvm to the LLVM and NVVM dialects.
void buildGpuPipeline(mlir::OpPassManager &pm);

#define GEN_PASS_REGISTRATION
#include "mixc/passes/GpuPasses.h.inc"

/// The pipeline's name on the command line: --gpu-to-llvm-pipeline.
void registerGpuPipelines();

} // namespace mixc
