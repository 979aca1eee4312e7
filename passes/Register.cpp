// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "mixc/passes/Register.h"
#include "mixc/dialect/GpuTile.h"
#include "mixc/dialect/Mixer.h"
#include "mixc/dialect/TextLimits.h"
#include "mixc/dialect/Tile.h"
#include "mixc/passes/Cost.h"
#include "mixc/passes/Cpu.h"
#include "mixc/passes/Decompose.h"
#include "mixc/passes/Gpu.h"
#include "mixc/passes/Pipelines.h"
#include "mixc/passes/Select.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/SourceMgr.h"

void mixc::registerAllDialects(mlir::DialectRegistry &registry) {
  registry.insert<mlir::affine::AffineDialect, mlir::arith::ArithDialect, mlir::cf::ControlFlowDialect, mlir::func::FuncDialect,
                  mlir::gpu::GPUDialect, mlir::LLVM::LLVMDialect, mlir::linalg::LinalgDialect, mlir::math::MathDialect,
                  mlir::memref::MemRefDialect, mlir::NVVM::NVVMDialect, mlir::scf::SCFDialect, mlir::tensor::TensorDialect,
                  mlir::ub::UBDialect, mlir::vector::VectorDialect>();
  registry.insert<mixer::MixerDialect, tile::TileDialect, gpu_tile::GpuTileDialect>();
  registerCpuPipelineDialects(registry);
  registerGpuPipelineDialects(registry);
}

mlir::LogicalResult mixc::checkTextLimits(llvm::MemoryBufferRef text) {
  const bool isBytecode = text.getBuffer().starts_with("ML\xefR");
  std::optional<BeyondLimit> beyond = isBytecode ? std::nullopt : findBeyondLimit(text.getBuffer());
  if (!beyond)
    return mlir::success();
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBuffer(text, /*RequiresNullTerminator=*/false), llvm::SMLoc());
  sources.PrintMessage(llvm::SMLoc::getFromPointer(beyond->at), llvm::SourceMgr::DK_Error, beyond->message);
  return mlir::failure();
}

void mixc::registerAllPasses() {
  mlir::registerTransformsPasses();
  registerCostPasses();
  registerSelectPasses();
  registerDecomposePasses();
  registerCpuPasses();
  registerCpuPipelines();
  registerGpuPasses();
  registerGpuPipelines();
  registerPipelines();
}
