// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From tile programs to NVVM kernels. GpuPasses.td describes the passes.
#pragma once

#include "mixc/dialect/GpuTile.h"
#include "mixc/dialect/Tile.h"
#include "mixc/passes/Family.h"
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

/// What a kernel reads and writes by TMA: an array of {tensor = i32, box = array<i64>, swizzle = i32}, one for each
/// CUtensorMap (128 bytes by value, aligned to 64) that the kernel takes after its other parameters, in this order.
/// `tensor` counts the spec's arguments, then its results; `box` is in elements, one for each dimension in the tensor's
/// own order; `swizzle` is 0, 32, 64 or 128 bytes.
inline constexpr const char kTensorMapsAttr[] = "mixc.tensor_maps";

/// A unit attribute of kernels that may start before the launch before them is complete: they wait for it themselves.
inline constexpr const char kOverlapsAttr[] = "mixc.overlaps";

/// A unit attribute of kernels that do the work of all blocks however few are launched. They take the number of blocks of which they
/// do the work, an i64, after all other parameters.
inline constexpr const char kPersistentAttr[] = "mixc.persistent";

/// As --tile-to-gpu: puts a gpu_tile.program in the place of the tile.program.
llvm::LogicalResult lowerToGpuTile(tile::ProgramOp program, llvm::StringRef arch);

/// Lowers a copy of the program to find out. Diagnostics are those of the lowering.
mlir::FailureOr<BlockNeeds> measureBlocks(tile::ProgramOp program, llvm::StringRef arch);

/// The dialects and interfaces that `buildGpuPipeline` needs in the context.
void registerGpuPipelineDialects(mlir::DialectRegistry &registry);

/// From the gpu.modules of --gpu-tile-to-nvvm to the LLVM and NVVM dialects.
void buildGpuPipeline(mlir::OpPassManager &pm);

#define GEN_PASS_REGISTRATION
#include "mixc/passes/GpuPasses.h.inc"

/// The pipeline's name on the command line: --gpu-to-llvm-pipeline.
void registerGpuPipelines();

} // namespace mixc
