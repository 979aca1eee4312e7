// Part of mixc, under the Apache License v2.0 with LLVM Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Barriers in shared memory, and what orders launches and memory.
#pragma once

#include "SharedCode.h"

namespace mixc::gpu {

class BarrierEmitter : protected SharedCode {
public:
  explicit BarrierEmitter(KernelState &state) : SharedCode(state) {}
  mlir::LogicalResult emit(gpu_tile::MbarriersOp op);
  mlir::LogicalResult emit(gpu_tile::ArriveOp op);
  mlir::LogicalResult emit(gpu_tile::ExpectOp op);
  mlir::LogicalResult emit(gpu_tile::AwaitOp op);
  mlir::LogicalResult emit(gpu_tile::FenceOp op);
  mlir::LogicalResult emit(gpu_tile::AwaitLaunchOp op);

protected:
  mlir::Value barrierPointer(mlir::Value barriers, mlir::Value index, int64_t *constant = nullptr);
};

} // namespace mixc::gpu
